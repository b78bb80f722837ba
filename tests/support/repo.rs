//! A repository of stacks, and rbacform run in it as a person would.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A temporary repository with a home and a kubeconfig of its own.
pub struct Repo {
    folder: tempfile::TempDir,
    /// Stands for `TAG` in what is written.
    tag: String,
    environment: Vec<(String, String)>,
}

/// A run of rbacform that has ended.
pub struct Ran {
    pub args: String,
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Repo {
    /// An empty repository, whose kubeconfig is this.
    pub fn new(tag: &str, kubeconfig: &Value) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("rbacform-test-")
            .tempdir()
            .unwrap();
        let repo = Self {
            folder,
            tag: tag.to_owned(),
            environment: Vec::new(),
        };
        fs::create_dir_all(repo.root().join("stacks")).unwrap();
        fs::create_dir(repo.home()).unwrap();
        fs::write(repo.root().join("rbacform.toml"), "").unwrap();
        repo.log_in(kubeconfig);
        repo
    }

    /// The root of the repository.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    /// Everything: the repository, the home, the kubeconfig.
    pub fn everything(&self) -> &Path {
        self.folder.path()
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub fn kubeconfig(&self) -> PathBuf {
        self.folder.path().join("kubeconfig")
    }

    /// Sets a variable of every run from now on.
    pub fn set(&mut self, variable: &str, value: &str) {
        self.environment
            .push((variable.to_owned(), value.to_owned()));
    }

    /// Takes another kubeconfig from now on.
    pub fn log_in(&self, kubeconfig: &Value) {
        write_private(&self.kubeconfig(), &kubeconfig.to_string());
    }

    /// Writes the only file of `stacks/main`, whose stack is named by the tag.
    pub fn stack(&self, text: &str) {
        self.stack_at("main", &format!("[stack]\nname = \"TAG\"\n{text}"));
    }

    /// Writes the only file of a stack's folder.
    pub fn stack_at(&self, folder: &str, text: &str) {
        self.write(&format!("stacks/{folder}/stack.toml"), text);
    }

    /// Writes a file of the repository.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text.replace("TAG", &self.tag)).unwrap();
    }

    /// A file in `state/`, as text; empty where there is none.
    pub fn state_file(&self, name: &str) -> String {
        fs::read_to_string(self.root().join("state").join(name)).unwrap_or_default()
    }

    /// The state of `stacks/main`.
    pub fn state(&self) -> Value {
        let text = self.state_file(&format!("{}.json", self.tag));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("state `{text}`: {error}"))
    }

    /// Every file of `state/` with its bytes, in order of path.
    pub fn state_bytes(&self) -> Vec<(PathBuf, Vec<u8>)> {
        files_below(&self.root().join("state"))
    }

    /// Runs rbacform in the root.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, |_| {})
    }

    /// The same, once `prepare` has set up the command.
    pub fn run_with(&self, args: &[&str], prepare: impl FnOnce(&mut Command)) -> Ran {
        let mut command = self.command(args);
        prepare(&mut command);
        Ran::of(args, command.output().unwrap())
    }

    /// rbacform in the root, with nothing of this machine's environment.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rbacform"));
        command
            .args(args)
            .current_dir(self.root())
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", self.home())
            .env("USER", "tester")
            .env("HOSTNAME", "testhost")
            .env("KUBECONFIG", self.kubeconfig())
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// `apply stacks/main --yes --json`, which is to succeed.
    pub fn apply(&self) -> Value {
        self.run(&["apply", "stacks/main", "--yes", "--json"])
            .exits(0)
            .json()
    }

    /// `plan stacks/main --json`, which is to succeed.
    pub fn plan(&self) -> Value {
        self.run(&["plan", "stacks/main", "--json"]).exits(0).json()
    }

    /// That a plan has nothing to do.
    pub fn is_settled(&self) {
        let ran = self
            .run(&["plan", "stacks/main", "--json", "--detailed-exitcode"])
            .exits(0);
        assert_eq!(
            ran.json()["changes"],
            serde_json::json!([]),
            "{}",
            ran.told()
        );
    }

    /// What `drift stacks/main --json` finds; it is to find something.
    pub fn drifted(&self) -> Value {
        let found = self
            .run(&["drift", "stacks/main", "--json"])
            .exits(2)
            .json();
        assert_eq!(found["drifted"], true);
        found["drift"].clone()
    }

    /// That `drift` finds nothing.
    pub fn has_no_drift(&self) {
        let found = self
            .run(&["drift", "stacks/main", "--json"])
            .exits(0)
            .json();
        assert_eq!(
            (&found["drifted"], &found["drift"]),
            (&false.into(), &serde_json::json!([]))
        );
    }
}

impl Ran {
    pub fn of(args: &[&str], output: Output) -> Self {
        Self {
            args: args.join(" "),
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// That it ended with this exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.told());
        self
    }

    /// The document on stdout.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", self.told()))
    }

    /// The codes of the diagnostics on stdout.
    #[track_caller]
    pub fn codes(&self) -> Vec<String> {
        let diagnostics = &self.json()["diagnostics"];
        let all = diagnostics
            .as_array()
            .unwrap_or_else(|| panic!("{}", self.told()));
        all.iter()
            .map(|one| one["code"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Everything, for failures.
    pub fn told(&self) -> String {
        let Self {
            args,
            code,
            stdout,
            stderr,
        } = self;
        format!("`rbacform {args}` exited {code:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}")
    }
}

/// Writes a file that only its owner reads.
pub fn write_private(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// Every file below a folder with its bytes, in order of path.
pub fn files_below(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else {
        return found;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else if path.is_file() {
            found.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}
