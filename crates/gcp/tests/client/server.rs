//! A server with scripted replies that keeps what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, Response};
use serde_json::{Value as Json, json};

/// One request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

#[derive(Clone, Default)]
pub(crate) struct Server(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    address: String,
    replies: VecDeque<Response<Body>>,
    asked: Vec<Asked>,
}

impl Server {
    /// Starts it, on this test's runtime.
    pub(crate) async fn start() -> Self {
        let server = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        server.0.lock().unwrap().address = listener.local_addr().unwrap().to_string();
        let router = Router::new().fallback(answer).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        server
    }

    /// `HOST:PORT`.
    pub(crate) fn address(&self) -> String {
        self.0.lock().unwrap().address.clone()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// The next reply.
    pub(crate) fn reply(&self, code: u16, body: Json) {
        let reply = Response::builder()
            .status(code)
            .header("metadata-flavor", "Google");
        self.raw(reply.body(Body::from(body.to_string())).unwrap());
    }

    pub(crate) fn raw(&self, reply: Response<Body>) {
        self.0.lock().unwrap().replies.push_back(reply);
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.0.lock().unwrap().asked.clone()
    }
}

async fn answer(State(server): State<Server>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let mut inner = server.0.lock().unwrap();
    inner.asked.push(Asked {
        line: format!("{} {}", parts.method, parts.uri),
        headers: parts.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    let none = || Response::new(Body::from(json!({}).to_string()));
    inner.replies.pop_front().unwrap_or_else(none)
}
