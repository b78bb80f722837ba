//! Servers for transcripts: the sandbox, and servers that are no API servers.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use rbacform_sandbox::{Fault, Sandbox};

/// Somebody who answers, or nobody.
pub struct Server {
    url: String,
    sandbox: Option<Sandbox>,
}

impl Server {
    /// `sandbox`, `nobody`, or one that gives the same wrong answer to every request.
    pub fn start(kind: &str) -> Self {
        if kind == "sandbox" {
            return Self::sandbox();
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let scheme = if kind == "plain-for-https" {
            "https"
        } else {
            "http"
        };
        if kind != "nobody" {
            let answer = answer(kind);
            std::thread::spawn(move || listener.incoming().for_each(|it| reply(it, &answer)));
        }
        Self {
            url: format!("{scheme}://{address}"),
            sandbox: None,
        }
    }

    /// Tokens: `admin-canary` may do everything, `nobody-canary` nothing.
    fn sandbox() -> Self {
        let sandbox = Sandbox::builder()
            .identity("admin-canary", "ada", &["system:masters"])
            .identity("nobody-canary", "noel", &[])
            .start()
            .unwrap();
        Self {
            url: sandbox.url(),
            sandbox: Some(sandbox),
        }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Injects a fault, written as JSON.
    pub fn fault(&self, fault: &str) {
        let fault: Fault = serde_json::from_str(fault).unwrap();
        self.sandbox
            .as_ref()
            .expect("a sandbox")
            .faults()
            .add(fault);
    }
}

fn answer(kind: &str) -> Vec<u8> {
    let json = "application/json";
    match kind {
        "html" | "plain-for-https" => http("200 OK", "text/html", "<html>Sign in</html>"),
        "html-404" => http("404 Not Found", "text/html", "<html>Nothing here</html>"),
        "html-401" => http("401 Unauthorized", "text/html", "<html>Who are you</html>"),
        "redirect" => {
            b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/login\r\nContent-Length: 0\r\n\r\n"
                .to_vec()
        }
        "noise" => b"220 mail.example.com ESMTP ready\r\n".to_vec(),
        "silence" => Vec::new(),
        "empty" => http("200 OK", json, ""),
        "other-json" => http("200 OK", json, r#"{"kind":"Pizza","toppings":["ham"]}"#),
        "list-json" => http("200 OK", json, r"[1,2,3]"),
        "wrong-items" => http(
            "200 OK",
            json,
            r#"{"kind":"RoleList","metadata":{},"items":[{"metadata":7}]}"#,
        ),
        "items-without-names" => http(
            "200 OK",
            json,
            r#"{"kind":"RoleList","metadata":{},"items":[{"metadata":{}}]}"#,
        ),
        "half-json" => http(
            "200 OK",
            json,
            r#"{"kind":"RoleList","metadata":{},"items":[{"meta"#,
        ),
        "deep-json" => http("200 OK", json, &"[".repeat(100_000)),
        "bad-length" => b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"kind\":".to_vec(),
        "escape-codes" => http(
            "400 Bad Request",
            json,
            r#"{"kind":"Status","status":"Failure","reason":"BadRequest","code":400,"message":"\u001b[31mred\u0007\u009b2J"}"#,
        ),
        _ => panic!("no such server: {kind}"),
    }
}

fn http(status: &str, content_type: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

fn reply(stream: std::io::Result<TcpStream>, answer: &[u8]) {
    let Ok(mut stream) = stream else { return };
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            // A TLS client's first words have no empty line: they are answered at once.
            Ok(read) if read > 0 && buffer[0] != 0x16 => head.extend_from_slice(&buffer[..read]),
            _ => break,
        }
    }
    // The client may have left.
    let _ = stream.write_all(answer).and_then(|()| stream.flush());
}
