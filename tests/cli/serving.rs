//! `rbacform sandbox`: served to others until stopped, by the lines it prints.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::support::repo::{Ran, Repo};

const STACK: &str = r#"
[providers.gcp]
project = "acme-ml"
[providers.kubernetes]
gke = { project = "acme-ml", location = "us-central1", cluster = "train" }
[gcp.service_account.trainer]
account_id = "trainer"
[gcp.iam_member.trains]
resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "${gcp.service_account.trainer.member}"
[kubernetes.namespace.train]
name = "train"
"#;

/// A served sandbox, and the lines it printed.
struct Served {
    child: Child,
    lines: String,
}

impl Served {
    fn start(repo: &Repo, args: &[&str]) -> Self {
        let mut child = repo
            .command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        // The last line puts the token into its file.
        while !lines
            .lines()
            .last()
            .is_some_and(|line| line.starts_with("echo "))
        {
            assert_ne!(stdout.read_line(&mut lines).unwrap(), 0, "{lines}");
        }
        Self { child, lines }
    }

    /// Runs rbacform in a shell that has read the lines.
    fn run(&self, repo: &Repo, args: &[&str]) -> Ran {
        let script = format!("{}exec \"$RBACFORM\" \"$@\"\n", self.lines);
        let output = Command::new("sh")
            .args(["-c", &script, "sh"])
            .args(args)
            .current_dir(repo.root())
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", repo.home())
            .env("TMPDIR", repo.everything())
            .env("RBACFORM", env!("CARGO_BIN_EXE_rbacform"))
            .output()
            .unwrap();
        Ran::of(args, output)
    }

    /// Presses Ctrl-C; gives the exit code.
    fn stop(mut self) -> Option<i32> {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::INT).unwrap();
        self.child.wait().unwrap().code()
    }
}

#[test]
fn the_printed_lines_lead_to_both_halves() {
    let repo = Repo::new("main", &Value::Null);
    repo.stack(STACK);
    let served = Served::start(&repo, &["sandbox"]);
    let applied = served
        .run(&repo, &["apply", "stacks/main", "--yes", "--json"])
        .exits(0)
        .json();
    assert_eq!(applied["done"].as_array().unwrap().len(), 3, "{applied}");
    // The cluster was found through Google: its name says so, and it cost a request.
    let planned = served
        .run(&repo, &["plan", "stacks/main", "--json"])
        .exits(0)
        .json();
    assert_eq!(planned["changes"], json!([]));
    assert_eq!(
        planned["world"]["kubernetes"][0]["context"],
        "gke_acme-ml_us-central1_train"
    );
    assert_eq!(planned["world"]["gcp"][0]["project"], "acme-ml");
    assert_eq!(planned["requests"]["gcp"], 3, "cluster, accounts, policy");
    assert_eq!(served.stop(), Some(0));

    // Its world is kept, unless it is to be forgotten.
    let served = Served::start(&repo, &["sandbox"]);
    served
        .run(&repo, &["plan", "stacks/main", "--detailed-exitcode"])
        .exits(0);
    assert_eq!(served.stop(), Some(0));
    let served = Served::start(&repo, &["sandbox", "--reset"]);
    let refused = served.run(&repo, &["plan", "stacks/main"]).exits(1);
    assert!(
        refused.stderr.contains("another-world"),
        "{}",
        refused.told()
    );
    assert_eq!(served.stop(), Some(0));
}

#[test]
fn workloads_of_another_or_a_shared_pool_are_told() {
    let repo = Repo::new("main", &Value::Null);
    let stack = |cluster: &str, pool: &str| {
        format!(
            r#"
[providers.gcp]
project = "acme-ml"
[providers.kubernetes]
gke = {{ project = "acme-ml", location = "us-central1", cluster = "{cluster}" }}
[kubernetes.namespace.train]
name = "train"
[gcp.service_account.trainer]
account_id = "trainer"
[kubernetes.service_account.trainer]
name = "trainer"
namespace = "train"
gcp_service_account = "${{gcp.service_account.trainer.email}}"
[gcp.iam_member.acts]
resource = "${{gcp.service_account.trainer.name}}"
role = "roles/iam.workloadIdentityUser"
member = "serviceAccount:{pool}.svc.id.goog[train/trainer]"
"#
        )
    };
    let served = Served::start(&repo, &["sandbox"]);
    let codes = |planned: &Value| -> Vec<Value> {
        let findings = planned["findings"].as_array().unwrap();
        findings.iter().map(|it| it["code"].clone()).collect()
    };
    repo.stack(&stack("train", "acme-ml"));
    let plan = ["plan", "stacks/main", "--json"];
    let alone = served.run(&repo, &plan).exits(0).json();
    assert_eq!(codes(&alone), [] as [Value; 0], "{alone}");
    // A second cluster of the project, in the same pool.
    repo.stack(&stack("serve", "acme-ml"));
    let shared = served.run(&repo, &plan).exits(0).json();
    assert_eq!(codes(&shared), ["shared-pool"], "{shared}");
    let told = shared["findings"][0]["message"].as_str().unwrap();
    assert!(told.contains("`us-central1/train`"), "{told}");
    assert_eq!(shared["findings"][0]["line"], 16, "{shared}");
    assert_eq!(
        shared["requests"]["gcp"].as_u64(),
        alone["requests"]["gcp"].as_u64(),
        "one list of clusters, however many there are"
    );
    repo.stack(&stack("train", "other-project"));
    let wrong = served.run(&repo, &plan).exits(1);
    assert_eq!(wrong.codes(), ["wrong-pool"], "{}", wrong.told());
    assert_eq!(served.stop(), Some(0));
}

#[test]
fn faults_are_injected_and_what_are_none_is_told() {
    let repo = Repo::new("main", &Value::Null);
    repo.stack(STACK);
    repo.write(
        "faults.toml",
        "[[faults]]\non = { verb = \"setIamPolicy\" }\neffect = { status = { code = 403 } }\n",
    );
    repo.write("none.toml", "[[faults]]\neffect = \"flood\"\n");
    let refused = repo.run(&["sandbox", "--faults", "none.toml"]).exits(1);
    assert!(
        refused.stderr.contains("error[faults]"),
        "{}",
        refused.told()
    );
    let served = Served::start(&repo, &["sandbox", "--faults", "faults.toml"]);
    let ran = served.run(&repo, &["apply", "stacks/main", "--yes", "--json"]);
    let applied = ran.exits(3).json();
    assert_eq!(
        applied["failed"][0]["address"], "gcp.iam_member.trains",
        "{applied}"
    );
    assert_eq!(applied["failed"][0]["line"], 10, "{applied}");
    assert_eq!(applied.get("in_effect"), None, "no grant was written");
    // Somebody else may not use its world meanwhile.
    let busy = repo.run(&["sandbox"]).exits(4);
    assert!(busy.stderr.contains("sandbox-in-use"), "{}", busy.told());
    assert_eq!(served.stop(), Some(0));
}
