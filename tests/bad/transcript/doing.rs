//! `% verb words`: what happens to files, servers and surroundings between two runs.

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use serde_json::json;

use super::server::Server;
use super::stage::{Stage, words};

/// The APIs that an endpoint override stands for.
const GOOGLE_APIS: [&str; 9] = [
    "IAM",
    "IAMCREDENTIALS",
    "CLOUDRESOURCEMANAGER",
    "AIPLATFORM",
    "CONTAINER",
    "STORAGE",
    "ARTIFACTREGISTRY",
    "SECRETMANAGER",
    "PUBSUB",
];

impl Stage {
    pub(super) fn act(&self, line: &str) {
        let words = words(&self.filled(line));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["cd", folder] => *self.folder.borrow_mut() = (*folder).to_owned(),
            ["env", setting] => {
                let (key, value) = setting.split_once('=').unwrap();
                self.environment
                    .borrow_mut()
                    .push((key.to_owned(), Some(value.to_owned())));
            }
            ["unset", key] => self
                .environment
                .borrow_mut()
                .push(((*key).to_owned(), None)),
            ["serve", kind] => *self.server.borrow_mut() = Some(Server::start(kind)),
            ["fault", fault] => self.server.borrow().as_ref().unwrap().fault(fault),
            ["log-in", token] => self.log_in(token),
            ["google"] => self.point_at_google(),
            _ => self.act_on_files(&words),
        }
    }

    /// A kubeconfig with one context for each, which is the current one.
    fn log_in(&self, token: &str) {
        self.repo.log_in(&json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "dev", "cluster": {"server": self.filled("SERVER")}}],
            "users": [{"name": "dev", "user": {"token": token}}],
            "contexts": [{"name": "dev", "context": {"cluster": "dev", "user": "dev"}}],
            "current-context": "dev",
        }));
    }

    /// Points rbacform at the server, as if it were Google.
    fn point_at_google(&self) {
        for api in GOOGLE_APIS {
            let url = format!("SERVER/google/{}/", api.to_lowercase());
            let variable = format!("CLOUDSDK_API_ENDPOINT_OVERRIDES_{api}");
            self.environment
                .borrow_mut()
                .push((variable, Some(self.filled(&url))));
        }
    }

    fn act_on_files(&self, words: &[&str]) {
        match words {
            ["mkdir", path] => fs::create_dir_all(self.path(path)).unwrap(),
            ["remove", path] => fs::remove_file(self.path(path)).unwrap(),
            ["copy", from, to] => {
                fs::copy(self.path(from), self.path(to)).unwrap();
            }
            ["move", from, to] => fs::rename(self.path(from), self.path(to)).unwrap(),
            ["link", path, target] => symlink(target, self.path(path)).unwrap(),
            ["mode", path, mode] => {
                let mode = u32::from_str_radix(mode, 8).unwrap();
                fs::set_permissions(self.path(path), PermissionsExt::from_mode(mode)).unwrap();
            }
            ["truncate", path, length] => {
                let file = File::options().write(true).open(self.path(path)).unwrap();
                let length: u64 = length.parse().unwrap();
                assert!(
                    length < file.metadata().unwrap().len(),
                    "{words:?} cuts nothing off"
                );
                file.set_len(length).unwrap();
            }
            ["replace", path, from, to] => {
                let text = fs::read_to_string(self.path(path)).unwrap();
                assert!(text.contains(from), "{words:?} in {text}");
                fs::write(self.path(path), text.replace(from, to)).unwrap();
            }
            ["bytes", path, hex] => fs::write(self.path(path), bytes(hex)).unwrap(),
            _ => panic!("no such thing to do: {words:?}"),
        }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.repo.root().join(path)
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().map(|c| c.to_digit(16).unwrap()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap())
        .collect()
}
