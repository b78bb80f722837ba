//! A proxy that writes down what passes: what rbacform sends to Google's APIs, and what comes back.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

use crate::discovery::Exchange;

/// The proxy; it stops with the test.
pub(crate) struct Wire {
    address: SocketAddr,
    passed: Arc<Mutex<Vec<Passed>>>,
    /// The token that is shown to the server for whoever shows none.
    token: Arc<Mutex<Option<String>>>,
}

/// One request to a Google API, with what is no part of its description.
#[derive(Clone, Debug)]
pub(crate) struct Passed {
    pub(crate) exchange: Exchange,
    headers: Vec<(String, String)>,
}

/// The head of a message, and its body.
struct Message {
    first: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Wire {
    /// A proxy before this server, `http://127.0.0.1:PORT`.
    pub(crate) fn before(server: &str) -> Self {
        let server: SocketAddr = server.trim_start_matches("http://").parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let passed = Arc::new(Mutex::new(Vec::new()));
        let token = Arc::new(Mutex::new(None));
        let (writer, shown) = (Arc::clone(&passed), Arc::clone(&token));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let writer = Arc::clone(&writer);
                let token = shown.lock().unwrap().clone();
                thread::spawn(move || pass(client, server, token, &writer));
            }
        });
        Self {
            address,
            passed,
            token,
        }
    }

    /// Shows this token to the server from now on.
    pub(crate) fn log_in(&self, token: &str) {
        *self.token.lock().unwrap() = Some(token.to_owned());
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What has passed since the last time.
    pub(crate) fn take(&self) -> Vec<Passed> {
        std::mem::take(&mut self.passed.lock().unwrap())
    }
}

impl Passed {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

/// Passes one request on, closes the connection, and writes down what it was. What is cut off
/// before an answer is cut off here too, and not written down.
fn pass(
    client: TcpStream,
    server: SocketAddr,
    token: Option<String>,
    writer: &Mutex<Vec<Passed>>,
) -> Option<()> {
    let request = Message::read(&client)?;
    let mut upstream = TcpStream::connect(server).ok()?;
    let login = token.map(|token| ("authorization".to_owned(), format!("Bearer {token}")));
    upstream
        .write_all(&request.forwarded(login.as_ref()))
        .ok()?;
    let reply = Message::read(&upstream)?;
    if let Some(passed) = written_down(&request, &reply) {
        writer.lock().unwrap().push(passed);
    }
    (&client).write_all(&reply.forwarded(None)).ok()
}

fn written_down(request: &Message, reply: &Message) -> Option<Passed> {
    let mut words = request.first.split(' ');
    let (verb, target) = (words.next()?, words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (api, path) = path.strip_prefix("/google/")?.split_once('/')?;
    let exchange = Exchange {
        api: api.to_owned(),
        verb: verb.to_owned(),
        path: format!("/{path}"),
        query: form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
        sent: request.json(),
        status: reply.first.split(' ').nth(1)?.parse().ok()?,
        received: reply.json(),
    };
    Some(Passed {
        exchange,
        headers: request.headers.clone(),
    })
}

impl Message {
    fn read(stream: &TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let first = lines.first()?.clone();
        let headers: Vec<(String, String)> = lines[1..]
            .iter()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        assert_eq!(
            header(&headers, "transfer-encoding"),
            None,
            "{first}: chunks are not read"
        );
        let length = header(&headers, "content-length").map_or(0, |text| text.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        Some(Self {
            first,
            headers,
            body,
        })
    }

    /// The same message, for a connection that ends with it and without compression.
    fn forwarded(&self, more: Option<&(String, String)>) -> Vec<u8> {
        let mut bytes = format!("{}\r\nconnection: close\r\n", self.first).into_bytes();
        for (name, value) in self.headers.iter().chain(more) {
            if !["connection", "accept-encoding"].contains(&name.to_lowercase().as_str()) {
                bytes.extend(format!("{name}: {value}\r\n").bytes());
            }
        }
        bytes.extend(b"\r\n");
        bytes.extend(&self.body);
        bytes
    }

    /// The body; text where it is no JSON, null where there is none.
    fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| String::from_utf8_lossy(&self.body).into())
    }
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}
