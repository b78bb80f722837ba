//! Bad inputs too large to keep: what matters is that each ends with a diagnostic, and soon.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::repo::{Ran, Repo};
use crate::transcript::is_sane;

/// No answer is longer than a person reads.
const LONGEST_ANSWER: usize = 20_000;

fn repo(stack: &str) -> Repo {
    let repo = Repo::new("main", &Value::Null);
    repo.write("stacks/main/stack.toml", stack);
    repo
}

fn validate(repo: &Repo) -> Ran {
    let ran = repo.run(&["validate", "stacks/main"]);
    is_sane(&ran).unwrap();
    ran
}

/// That a stack is refused in few words that hold this one.
#[track_caller]
fn refused(stack: &str, word: &str) {
    let ran = validate(&repo(stack));
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stdout.len() < LONGEST_ANSWER,
        "{} bytes",
        ran.stdout.len()
    );
    assert!(ran.stdout.contains(word), "{}", ran.told());
}

fn output(expression: &str) -> String {
    format!(
        "[stack]\nname = \"main\"\n[variables.x]\ndefault = 1\n[outputs.o]\nvalue = '${{{expression}}}'\n"
    )
}

#[test]
fn twenty_megabytes_of_toml() {
    let mut stack = "[stack]\nname = \"main\"\n[locals]\nwords = [\n".to_owned();
    let line = format!("  \"{}\",\n", "x".repeat(1_000));
    stack.push_str(&line.repeat(20_000));
    stack.push_str("]\n[kubernetes.rle.x]\nname = \"x\"\n");
    refused(&stack, "did you mean `kubernetes.role`?");
}

#[test]
fn one_line_of_five_megabytes() {
    let long = "x".repeat(5_000_000);
    refused(
        &format!("[stack]\nname = \"main\"\nnme = \"{long}\"\n"),
        "nme",
    );
    refused(&format!("[stack]\nname = \"{long}\"\n"), "stack.toml:2:");
    refused(&format!("[stack]\nname = \"{long}\n"), "stack.toml:2:");
}

#[test]
fn deep_toml() {
    for (open, close) in [("[", "]"), ("{a=", "}")] {
        let deep = format!("{}1{}", open.repeat(50_000), close.repeat(50_000));
        refused(
            &format!("[stack]\nname = \"main\"\n[locals]\nx = {deep}\n"),
            "stack.toml:4:",
        );
        refused(
            &format!(
                "[stack]\nname = \"main\"\n[locals]\nx = {}",
                open.repeat(50_000)
            ),
            "stack.toml:4:",
        );
    }
    let path = vec!["a"; 20_000].join(".");
    refused(&format!("{path} = 1\n"), "stack.toml:1:");
    refused(&format!("[{path}]\nx = 1\n"), "stack.toml:1:");
}

#[test]
fn nested_parentheses() {
    for depth in [3_000, 100_000] {
        let expression = format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
        refused(&output(&expression), "stack.toml:6:");
    }
}

/// How an expression of each shape begins, goes on, ends its middle, and closes.
const SHAPES: [(&str, &str, &str); 24] = [
    ("(", "1", ")"),
    ("[", "1", "]"),
    ("{'a': ", "1", "}"),
    ("!", "true", ""),
    ("-", "1", ""),
    ("- -", "1", ""),
    ("1 + ", "1", ""),
    ("", "1", " + 1"),
    ("1 - (", "1", ")"),
    ("true ? 1 : ", "1", ""),
    ("true ? ", "1", " : 1"),
    ("true && ", "true", ""),
    ("false || ", "true", ""),
    ("size([", "", "])"),
    ("string(", "1", ")"),
    ("[1].map(i, ", "1", ")"),
    ("[1].filter(i, ", "true", ")"),
    ("[1].exists(i, ", "true", ")"),
    ("1 in [", "1", "]"),
    ("'a' + ", "'a'", ""),
    ("vars", ".x", ""),
    ("[0][", "0", "]"),
    ("", "vars.x", ".a"),
    ("", "[[0]]", "[0]"),
];

#[test]
fn every_shape_of_expression_at_its_limit() {
    let mut all = Vec::new();
    for (begin, middle, end) in SHAPES {
        for length in [500, 1_000, 2_000, 2_048, 2_049] {
            let times = (length - middle.len()) / (begin.len() + end.len());
            all.push(format!(
                "{}{middle}{}",
                begin.repeat(times),
                end.repeat(times)
            ));
            all.push(format!("{}{middle}", begin.repeat(times)));
        }
    }
    // Text without an end, without a beginning, and of nothing but signs.
    all.extend(
        [
            "'", "\"", "((", "))", "''", "'''", "\\", "..", "?:", "&&", "1.", "0x", "1e",
        ]
        .map(|sign| sign.repeat(1_000)),
    );
    for expressions in all.chunks(20) {
        let mut stack = "[stack]\nname = \"main\"\n[variables.x]\ndefault = 1\n".to_owned();
        for (number, expression) in expressions.iter().enumerate() {
            write!(
                stack,
                "[outputs.o{number}]\nvalue = '''${{{expression}}}'''\n"
            )
            .unwrap();
        }
        let ran = validate(&repo(&stack));
        assert!(matches!(ran.code, Some(0 | 1)), "{}", ran.told());
    }
}

#[test]
fn a_thousand_mistakes_are_all_told() {
    let mut stack = "[stack]\nname = \"main\"\n".to_owned();
    for number in 0..1_000 {
        write!(stack, "[kubernetes.rle.r{number}]\nname = \"r\"\n").unwrap();
    }
    let repo = repo(&stack);
    let ran = repo.run(&["validate", "stacks/main", "--json"]).exits(1);
    assert_eq!(ran.codes().len(), 1_000);
}

#[test]
fn yaml_that_explodes() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let before = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{before}]").unwrap();
    }
    let deep = format!("kind: {}1{}\n", "[".repeat(50_000), "]".repeat(50_000));
    let indented: String = (0..3_000)
        .map(|depth| format!("{}a:\n", " ".repeat(depth)))
        .collect();
    let stack = "[stack]\nname = \"main\"\n[[manifests]]\nname = \"m\"\nfiles = [\"*.yaml\"]\n";
    for yaml in [
        bomb,
        deep,
        indented,
        "- ".repeat(50_000),
        "? ".repeat(50_000),
        "---\n".repeat(50_000),
    ] {
        let repo = repo(stack);
        repo.write("stacks/main/m.yaml", &yaml);
        let ran = validate(&repo);
        assert!(
            ran.stdout.len() < LONGEST_ANSWER,
            "{} bytes",
            ran.stdout.len()
        );
        // Empty documents are no mistake.
        let bad = !yaml.starts_with("---");
        assert_eq!(ran.code, Some(i32::from(bad)), "{}", ran.told());
    }
}
