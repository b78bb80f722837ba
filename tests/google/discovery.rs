//! Google's published descriptions of its APIs, as the judge of what is sent and received.
//!
//! The files of `discovery/` are cut out of them by `discovery/cut`, as JSON Schemas.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use boon::{Compiler, SchemaIndex, Schemas};
use regex::Regex;
use serde_json::{Value, json};

/// The descriptions, read once.
pub(crate) static DESCRIPTIONS: LazyLock<Descriptions> = LazyLock::new(Descriptions::read);

/// Every call of every API that rbacform uses.
pub(crate) struct Descriptions {
    methods: Vec<Method>,
    error: SchemaIndex,
    schemas: Schemas,
}

/// One call.
pub(crate) struct Method {
    /// E.g. `iam.v1`.
    api: String,
    /// E.g. `iam.projects.serviceAccounts.get`.
    pub(crate) id: String,
    pub(crate) verb: String,
    pattern: Regex,
    parameters: BTreeMap<String, Parameter>,
    sent: Option<SchemaIndex>,
    received: SchemaIndex,
}

struct Parameter {
    kind: String,
    required: bool,
    repeated: bool,
    schema: SchemaIndex,
}

/// One request and what was answered.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    /// E.g. `iam`.
    pub(crate) api: String,
    pub(crate) verb: String,
    /// Without host and query, e.g. `/v1/projects/p/serviceAccounts`.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    /// Null where there was no body.
    pub(crate) sent: Value,
    pub(crate) status: u16,
    pub(crate) received: Value,
}

impl Descriptions {
    /// The call that an exchange was, if both sides of it are as described.
    pub(crate) fn judge(&self, exchange: &Exchange) -> Result<&Method, String> {
        let method = self.find(exchange)?;
        self.judge_query(method, &exchange.query)?;
        match method.sent {
            Some(schema) => self.fits(schema, &exchange.sent, "sent")?,
            None if exchange.sent.is_null() => {}
            None if exchange.verb == "POST" && exchange.sent == json!({}) => {}
            None => return Err(format!("{} takes no body", method.id)),
        }
        let received = match exchange.status {
            200 => method.received,
            400..=599 => self.error,
            status => return Err(format!("status {status}")),
        };
        self.fits(received, &exchange.received, "received")?;
        let code = &exchange.received["error"]["code"];
        if exchange.status != 200 && *code != json!(exchange.status) {
            return Err(format!("status {}, but code {code}", exchange.status));
        }
        Ok(method)
    }

    /// The call of that id, e.g. `iam.v1` and `iam.projects.serviceAccounts.get`.
    pub(crate) fn method(&self, api: &str, id: &str) -> Option<&Method> {
        self.methods
            .iter()
            .find(|method| method.api == api && method.id == id)
    }

    /// Whether this may be sent to a call.
    pub(crate) fn may_be_sent(&self, method: &Method, body: &Value) -> Result<(), String> {
        let schema = method.sent.ok_or("it takes no body")?;
        self.fits(schema, body, "sent")
    }

    fn find(&self, exchange: &Exchange) -> Result<&Method, String> {
        let mut found = self.methods.iter().filter(|method| {
            method.api.split('.').next() == Some(&exchange.api)
                && method.verb == exchange.verb
                && method.pattern.is_match(&exchange.path)
        });
        match (found.next(), found.next()) {
            (Some(method), None) => Ok(method),
            (None, _) => Err("no such call".to_owned()),
            (Some(one), Some(other)) => Err(format!("both {} and {}", one.id, other.id)),
        }
    }

    fn judge_query(&self, method: &Method, query: &[(String, String)]) -> Result<(), String> {
        for (index, (name, value)) in query.iter().enumerate() {
            let parameter = method
                .parameters
                .get(name)
                .ok_or_else(|| format!("{} has no parameter `{name}`", method.id))?;
            if query[..index].iter().any(|(other, _)| other == name) && !parameter.repeated {
                return Err(format!("`{name}` twice"));
            }
            let value = match parameter.kind.as_str() {
                "integer" | "boolean" => {
                    serde_json::from_str(value).unwrap_or_else(|_| json!(value))
                }
                _ => json!(value),
            };
            self.fits(parameter.schema, &value, name)?;
        }
        let missing = method.parameters.iter().find(|(name, parameter)| {
            parameter.required && !query.iter().any(|(given, _)| given == *name)
        });
        match missing {
            Some((name, _)) => Err(format!("{} needs `{name}`", method.id)),
            None => Ok(()),
        }
    }

    fn fits(&self, schema: SchemaIndex, value: &Value, what: &str) -> Result<(), String> {
        self.schemas
            .validate(value, schema)
            .map_err(|error| format!("{what}: {error}\n{value:#}"))
    }

    fn read() -> Self {
        let mut reader = Reader::default();
        let mut methods = Vec::new();
        for path in files() {
            let text = std::fs::read_to_string(&path).unwrap();
            let document: Value = serde_json::from_str(&text).unwrap();
            let name = path.file_stem().unwrap().to_str().unwrap();
            reader.add(name, &document);
            let ids = document["methods"].as_object();
            let ids = ids.into_iter().flat_map(|all| all.keys());
            methods.extend(ids.map(|id| reader.method(name, id, &document)));
        }
        Self {
            methods,
            error: reader.schema("error", ""),
            schemas: reader.schemas,
        }
    }
}

impl Method {
    pub(crate) fn has_parameter(&self, name: &str) -> bool {
        self.parameters.contains_key(name)
    }

    pub(crate) fn has_body(&self) -> bool {
        self.sent.is_some()
    }

    pub(crate) fn is_at(&self, path: &str) -> bool {
        self.pattern.is_match(path)
    }
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/google/discovery");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    files.sort();
    files
}

#[derive(Default)]
struct Reader {
    schemas: Schemas,
    compiler: Compiler,
}

impl Reader {
    fn add(&mut self, name: &str, document: &Value) {
        self.compiler
            .add_resource(&url(name), document.clone())
            .unwrap();
    }

    fn schema(&mut self, name: &str, pointer: &str) -> SchemaIndex {
        self.compiler
            .compile(&format!("{}#{pointer}", url(name)), &mut self.schemas)
            .unwrap_or_else(|error| panic!("{error:#}"))
    }

    fn method(&mut self, name: &str, id: &str, document: &Value) -> Method {
        let method = &document["methods"][id];
        let text = |key: &str| method[key].as_str().unwrap().to_owned();
        let mut body = |direction: &str| {
            let reference = method[direction]["$ref"].as_str()?;
            Some(self.schema(name, reference.trim_start_matches('#')))
        };
        let (sent, received) = (body("sent"), body("received").unwrap());
        let common = self.parameters(name, "/parameters", &document["parameters"]);
        let at = format!("/methods/{id}/parameters");
        let own = self.parameters(name, &at, &method["parameters"]);
        Method {
            api: name.to_owned(),
            id: id.to_owned(),
            verb: text("http_method"),
            pattern: Regex::new(&text("pattern")).unwrap(),
            parameters: common.into_iter().chain(own).collect(),
            sent,
            received,
        }
    }

    fn parameters(&mut self, name: &str, at: &str, all: &Value) -> Vec<(String, Parameter)> {
        let all = all.as_object().unwrap().iter();
        all.map(|(key, it)| {
            let parameter = Parameter {
                kind: it["schema"]["type"].as_str().unwrap().to_owned(),
                required: it["required"] == true,
                repeated: it["repeated"] == true,
                schema: self.schema(name, &format!("{at}/{key}/schema")),
            };
            (key.clone(), parameter)
        })
        .collect()
    }
}

fn url(name: &str) -> String {
    format!("http://descriptions.invalid/{name}.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange() -> Exchange {
        Exchange {
            api: "iam".to_owned(),
            verb: "POST".to_owned(),
            path: "/v1/projects/acme/serviceAccounts/a@acme.iam.gserviceaccount.com:getIamPolicy"
                .to_owned(),
            query: vec![("options.requestedPolicyVersion".to_owned(), "3".to_owned())],
            sent: Value::Null,
            status: 200,
            received: json!({"version": 3, "etag": "BwYAAAAAAAE="}),
        }
    }

    #[track_caller]
    fn refused(change: impl FnOnce(&mut Exchange), word: &str) {
        let mut changed = exchange();
        change(&mut changed);
        let error = DESCRIPTIONS.judge(&changed).err().expect("a refusal");
        assert!(error.contains(word), "{error}");
    }

    #[test]
    fn what_is_described_passes() {
        let method = DESCRIPTIONS.judge(&exchange()).unwrap();
        assert_eq!(method.id, "iam.projects.serviceAccounts.getIamPolicy");
    }

    #[test]
    fn what_is_not_described_is_told() {
        refused(|it| it.path.push('x'), "no such call");
        refused(|it| it.verb = "GET".to_owned(), "no such call");
        refused(|it| it.api = "pubsub".to_owned(), "no such call");
        refused(|it| it.query[0].0.push('x'), "no parameter");
        refused(|it| it.query[0].1.push('x'), "want integer");
        refused(|it| it.query.extend(exchange().query), "twice");
        refused(|it| it.sent = json!({"options": {}}), "takes no body");
        refused(|it| it.received = json!({"etags": ""}), "etags");
        refused(|it| it.received = json!({"etag": "not base64"}), "etag");
        refused(|it| it.received = json!({"version": "3"}), "version");
        refused(|it| it.received = json!({"bindings": {}}), "bindings");
        refused(|it| it.status = 404, "error");
        refused(
            |it| {
                it.status = 404;
                it.received = json!({"error": {"code": 403, "message": "no"}});
            },
            "code 403",
        );
    }
}
