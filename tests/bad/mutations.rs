//! The example stacks, damaged at random: whatever comes of it, no crash.

use std::path::Path;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rbacform_core::{Diagnostic, Semantics};
use rbacform_kubernetes::KubernetesSemantics;
use rbacform_stack::{LoadInput, load};
use serde_json::Value;

use crate::support::repo::{Repo, files_below};
use crate::transcript::is_sane;

/// How many damaged stacks are loaded in this process, and how many by the program.
const LOADED: u64 = 600;
const RUN: u64 = 50;

/// What is put into files: what the language is made of, and what it is not.
const WORDS: [&str; 40] = [
    "${",
    "}",
    "$${",
    "${vars.",
    "${each.key}",
    "each.value",
    "local.",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "\"",
    "'",
    "\"\"\"",
    "'''",
    "\n",
    "=",
    ",",
    ".",
    "#",
    "\\",
    "\\u0000",
    "\u{0}",
    "\u{1b}",
    "\u{202e}",
    "-1",
    "1e999",
    "inf",
    "true",
    "0x",
    "9223372036854775808",
    "for_each = ",
    "when = \"${false}\"\n",
    "name",
    "kubernetes.role",
    "depends_on = [\"kubernetes.namespace.tenant\"]\n",
    "😀",
    "&a *a",
    "---\n",
];

/// Damages a text in one to four places.
fn damage(text: &str, random: &mut StdRng) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..random.random_range(1..=4) {
        let at = random.random_range(0..=bytes.len());
        match random.random_range(0..7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.random_range(0..8),
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(at..bytes.len().min(at + random.random_range(1..40)))),
            3 => lines(&mut bytes, random, |lines, a, _| drop(lines.remove(a))),
            4 => lines(&mut bytes, random, |lines, a, b| lines.swap(a, b)),
            5 => lines(&mut bytes, random, |lines, a, b| {
                lines.insert(a, lines[b].clone())
            }),
            _ => {
                let word = WORDS.choose(random).unwrap();
                bytes.splice(at..at, word.bytes());
            }
        }
    }
    bytes
}

/// Changes the lines of a text, given two of them.
fn lines(
    bytes: &mut Vec<u8>,
    random: &mut StdRng,
    change: impl FnOnce(&mut Vec<Vec<u8>>, usize, usize),
) {
    let mut lines: Vec<Vec<u8>> = bytes
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    let (a, b) = (
        random.random_range(0..lines.len()),
        random.random_range(0..lines.len()),
    );
    change(&mut lines, a, b);
    *bytes = lines.join(&b'\n');
}

/// A repository with one example stack, one of its files damaged; that stack's folder.
fn damaged(seed: u64) -> (Repo, String) {
    let mut random = StdRng::seed_from_u64(seed);
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stacks");
    let files = files_below(&examples);
    let (victim, _) = files.choose(&mut random).unwrap();
    let folder = victim.parent().unwrap();
    let repo = Repo::new("main", &Value::Null);
    for (path, bytes) in files.iter().filter(|(path, _)| path.starts_with(folder)) {
        let to = repo
            .root()
            .join("stacks")
            .join(path.strip_prefix(&examples).unwrap());
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        let text = String::from_utf8_lossy(bytes);
        let bytes = if path == victim {
            damage(&text, &mut random)
        } else {
            bytes.clone()
        };
        std::fs::write(to, bytes).unwrap();
    }
    let folder = folder.strip_prefix(&examples).unwrap();
    (repo, format!("stacks/{}", folder.display()))
}

#[test]
fn damaged_stacks_load_or_say_why_not() {
    let kubernetes: &dyn Semantics = &KubernetesSemantics;
    let mut refused = 0;
    for seed in 0..LOADED {
        let (repo, folder) = damaged(seed);
        let root = repo.root();
        let loaded = load(&LoadInput {
            root: &root,
            dir: &root.join(folder),
            vars_files: &[],
            vars: &[],
            env_vars: &[],
            env_settings: &[],
            env: None,
            now: 1_795_219_200,
            saved: None,
            ids: &|_| None,
            semantics: &[kubernetes],
        });
        let errors = loaded.diagnostics.iter().any(Diagnostic::is_error);
        assert_eq!(loaded.stack.is_none(), errors, "seed {seed}");
        for diagnostic in loaded
            .diagnostics
            .iter()
            .filter(|found| found.span().is_some())
        {
            let place = diagnostic.location(&loaded.sources);
            assert!(
                place.is_some(),
                "seed {seed}: {diagnostic:?} points nowhere"
            );
        }
        refused += u64::from(errors);
    }
    assert!(refused > LOADED / 3, "only {refused} were damaged enough");
}

#[test]
fn damaged_stacks_are_told_of_by_the_program() {
    for seed in LOADED..LOADED + RUN {
        let (repo, folder) = damaged(seed);
        for args in [
            &["validate", &folder][..],
            &["fmt", "--check", &folder],
            &["plan", &folder, "--sandbox"],
        ] {
            let ran = repo.run(args);
            is_sane(&ran).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
            assert!(
                // A stack that asserts something may be broken so that it no longer holds.
                matches!(ran.code, Some(0 | 1 | 5)),
                "seed {seed}: {}",
                ran.told()
            );
        }
    }
}

const OBJECTS: &str = r#"apiVersion: v1
kind: List
items:
- apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: { name: r, labels: { a: "b" } }
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] }
  rules:
  - { apiGroups: [""], resources: [pods], verbs: [get], resourceNames: [x] }
  - nonResourceURLs: [/healthz]
    verbs: [get]
- apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: { name: b, namespace: team }
  roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r }
  subjects: [{ kind: User, name: ana }, { kind: ServiceAccount, name: ci }]
"#;
const REVIEW: &str = r#"{"user": "ana", "groups": ["dev"], "resourceAttributes": {"verb": "get"}}
{"user": "bo", "nonResourceAttributes": {"verb": "get", "path": "/healthz"}}
"#;

#[test]
fn damaged_files_and_questions_are_told_of_by_the_program() {
    let value: Value = serde_saphyr::from_str(OBJECTS).unwrap();
    let json = serde_json::to_string_pretty(&value).unwrap();
    let repo = Repo::new("main", &Value::Null);
    for seed in 0..RUN {
        let mut random = StdRng::seed_from_u64(seed);
        let mut write = |name: &str, text: &str, is_damaged: bool| {
            let bytes = match is_damaged {
                true => damage(text, &mut random),
                false => text.as_bytes().to_vec(),
            };
            std::fs::write(repo.root().join(name), bytes).unwrap();
        };
        let part = seed % 3;
        let objects = if part == 0 { &json } else { OBJECTS };
        write("objects", objects, part < 2);
        write("questions", REVIEW, part == 2);
        for args in [
            "access can-i --batch questions --from objects",
            "access explain get pods -n team --as ana --from objects",
            "access who-can get pods -n team --from objects --json",
        ] {
            let ran = repo.run(&args.split(' ').collect::<Vec<_>>());
            is_sane(&ran).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
            let told = ran.told();
            assert!(matches!(ran.code, Some(0 | 1)), "seed {seed}: {told}");
        }
    }
}
