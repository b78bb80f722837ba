//! Deep, long and large inputs: answered, never a crash. Test threads have small stacks.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fmt::Write as _;

use support::load_text;

/// An expression of about `length` bytes in each shape that can nest or chain, around `core`.
fn shapes(length: usize, core: &str) -> Vec<(&'static str, String)> {
    let around = |open: &str, close: &str| {
        let count = (length.saturating_sub(core.len())) / (open.len() + close.len());
        format!("{}{core}{}", open.repeat(count), close.repeat(count))
    };
    vec![
        ("parentheses", around("(", ")")),
        ("lists", around("[", "]")),
        ("maps", around("{'a':", "}")),
        ("not", around("!", "")),
        ("minus", around("-", "")),
        ("minus spaced", around("- ", "")),
        ("sum", around("1+", "")),
        ("sum after", around("", "+1")),
        ("product", around("1*", "")),
        ("and", around("true&&", "")),
        ("or", around("false||", "")),
        ("equal", around("1==", "")),
        ("less", around("1<", "")),
        ("in", around("1 in ", "")),
        ("ternary else", around("true?1:", "")),
        ("ternary then", around("true?", ":1")),
        ("ternary condition", around("", "?true:false")),
        ("members", around("", ".a")),
        ("indexes", around("", "[0]")),
        ("indexes within", around("[0][", "]")),
        ("calls", around("size(", ")")),
        ("methods", around("", ".size()")),
        ("strings", around("string(", ")")),
        ("macros", around("[1].map(x,", ")")),
        ("macro chains", around("", ".map(x,x)")),
        ("filters", around("[1].filter(x,", ")")),
        ("existence", around("[1].exists(x,", ")")),
        ("presence", around("has(", ".a)")),
        ("list items", around("", ",1")),
        ("structs", around("a{b:", "}")),
        ("open parentheses", around("(", "")),
        ("open lists", around("[", "")),
        ("open maps", around("{", "")),
        ("quotes", around("'", "")),
        ("commas", around(",", "")),
        ("dots", around(".", "")),
        ("questions", around("?", "")),
        ("characters", around("é", "")),
    ]
}

#[test]
fn every_shape_at_the_limit_is_answered() {
    for length in [2040, 6000] {
        for core in ["1", "vars.none", "vars.list", "'x'"] {
            for (name, expression) in shapes(length, core) {
                let text = format!(
                    "[variables.list]\ndefault = [1]\n[locals]\na = '''\n${{{expression}}}'''\n"
                );
                let loaded = load_text(&text);
                let wrong = loaded.diagnostics.iter().find(|d| d.span().is_none());
                assert!(
                    wrong.is_none(),
                    "{name} of {length} around {core}: {wrong:?}"
                );
                if length > 2048 {
                    assert!(loaded.stack.is_none(), "{name} is longer than allowed");
                }
            }
        }
    }
}

#[test]
fn nested_comprehensions_end() {
    let nested = "[1,2,3,4].map(a,".repeat(5) + "1" + &")".repeat(5);
    let loaded = load_text(&format!("[locals]\na = \"${{{nested}}}\"\n"));
    assert!(loaded.diagnostics.is_empty());
}

#[test]
fn a_long_chain_of_locals_and_of_resources() {
    let mut text = "[locals]\nl0 = \"x\"\n".to_owned();
    for n in 1..5000 {
        writeln!(text, "l{n} = \"${{local.l{}}}\"", n - 1).unwrap();
    }
    for n in 1..2000 {
        writeln!(
            text,
            "[kubernetes.namespace.n{n}]\nname = \"n{n}\"\nlabels = {{ before = \"${{kubernetes.namespace.n{}.name}}\" }}",
            n - 1
        )
        .unwrap();
    }
    text.push_str("[kubernetes.namespace.n0]\nname = \"${local.l4999}\"\n");
    let stack = load_text(&text).stack.unwrap();
    assert_eq!(stack.resources.len(), 2000);
}

#[test]
fn a_circle_through_thousands_is_said_shortly() {
    let mut text = "[locals]\n".to_owned();
    for n in 0..5000 {
        writeln!(text, "l{n} = \"${{local.l{}}}\"", (n + 1) % 5000).unwrap();
    }
    let loaded = load_text(&text);
    assert_eq!(loaded.diagnostics.len(), 1);
    assert!(loaded.diagnostics[0].message.len() < 500);
}

#[test]
fn twenty_megabytes_of_one_broken_thing_are_answered() {
    for (begin, part, count) in [
        ("a = ", "[", 1_000_000),
        ("a = [", "1,", 1_000_000),
        ("", "a = \n", 20_000),
        ("", "x.", 500_000),
        ("a = \"", "${", 1_000_000),
    ] {
        let loaded = load_text(&format!("{begin}{}", part.repeat(count)));
        assert!(!loaded.diagnostics.is_empty());
    }
}

#[test]
fn ten_thousand_instances_know_their_own_keys() {
    let keys: Vec<String> = (0..10_000).map(|n| format!("k{n} = \"u{n}\"")).collect();
    let text = format!(
        "[variables.people]\ndefault = {{ {} }}\n\
         [kubernetes.namespace.t]\nfor_each = \"${{vars.people}}\"\nname = \"t-${{each.key}}\"\n\
         labels = {{ of = \"${{each.value}}\" }}\n",
        keys.join(", ")
    );
    let stack = load_text(&text).stack.unwrap();
    assert_eq!(stack.resources.len(), 10_000);
}

#[test]
fn as_many_problems_as_there_are_do_not_take_for_ever() {
    let text: String = (0..3000)
        .map(|n| format!("[kubernetes.role.r{n}]\nname = {n}\nnam = 1\n"))
        .collect();
    assert_eq!(load_text(&text).diagnostics.len(), 3000 * 3);
}
