//! Through a proxy, from the kubeconfig or the environment.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

use rbacform_kubernetes::KubernetesProvider;
use rbacform_provider::Provider;
use serde_json::{Value as Json, json};

use crate::world::World;

/// A proxy that knows CONNECT; it tells of each tunnel's head.
fn proxy() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (tell, heads) = channel();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let mut lines = BufReader::new(client.try_clone().unwrap());
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                lines.read_line(&mut head).unwrap();
            }
            let target = head.split(' ').nth(1).unwrap().to_owned();
            let _ = tell.send(head);
            let server = TcpStream::connect(target).unwrap();
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            pump(&client, &server);
            pump(&server, &client);
        }
    });
    (address, heads)
}

fn pump(from: &TcpStream, to: &TcpStream) {
    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(std::net::Shutdown::Both);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_go_through_the_kubeconfigs_proxy() {
    for world in World::all() {
        let (address, heads) = proxy();
        let options = world.kubeconfig(&json!({"token": world.admin_token()}));
        let path = world.folder().join("kubeconfig");
        let mut config: Json = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        config["clusters"][0]["cluster"]["proxy-url"] =
            format!("http://ana:p%40ss@{address}").into();
        std::fs::write(&path, config.to_string()).unwrap();
        KubernetesProvider::connect(&options)
            .unwrap()
            .identity()
            .await
            .unwrap();
        let head = heads.recv().unwrap().to_lowercase();
        let server = world.url();
        let authority = server.split_once("://").unwrap().1;
        assert!(
            head.starts_with(&format!("connect {authority} http/1.1\r\n")),
            "{head}"
        );
        // base64 of `ana:p@ss`
        assert!(
            head.contains("proxy-authorization: basic yw5honbac3m="),
            "{head}"
        );
        assert!(!head.contains("bearer"), "{head}");
    }
}
