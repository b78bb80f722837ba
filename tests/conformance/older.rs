//! A server that says it is of another version than it is.

use std::io::{BufRead, BufReader, Read, Write, copy};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use serde_json::json;

/// Stands before a server on plain HTTP, and answers `/version` in its place; its URL. It stops with
/// the test.
pub(crate) fn before(server: &str, version: &'static str) -> String {
    let server: SocketAddr = server.trim_start_matches("http://").parse().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || pass(&client, server, version));
        }
    });
    url
}

/// Passes one request on, for a connection that ends with it.
fn pass(mut client: &TcpStream, server: SocketAddr, version: &str) -> Option<()> {
    let mut reader = BufReader::new(client);
    let mut head = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let lower = line.to_lowercase();
        if let Some(text) = lower.strip_prefix("content-length:") {
            length = text.trim().parse().unwrap();
        }
        match line.as_str() {
            "\r\n" => break,
            _ if lower.starts_with("connection:") => {}
            line => head.push_str(line),
        }
    }
    if head.starts_with("GET /version ") {
        let body = json!({"major": "1", "gitVersion": version}).to_string();
        let length = body.len();
        let reply = format!(
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n\r\n{body}"
        );
        return client.write_all(reply.as_bytes()).ok();
    }
    let mut upstream = TcpStream::connect(server).ok()?;
    let head = format!("{head}connection: close\r\n\r\n");
    upstream.write_all(head.as_bytes()).ok()?;
    copy(&mut reader.take(length), &mut upstream).ok()?;
    copy(&mut upstream, &mut client).ok()?;
    Some(())
}
