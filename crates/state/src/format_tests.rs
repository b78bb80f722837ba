use std::path::Path;

use rbacform_core::Value;

use super::*;
use crate::fixtures;

const GOLDEN: &str = include_str!("../tests/formats/state-1.json");

fn decode_text(text: &str) -> Result<StateSnapshot, StateError> {
    decode(text.as_bytes(), Path::new("state/x.json"), None)
}

#[test]
fn a_kept_file_of_this_format_is_read_and_written_back_byte_for_byte() {
    let snapshot = decode_text(GOLDEN).unwrap();
    assert_eq!(snapshot.resources.len(), 2);
    assert_eq!(snapshot.serial, 7);
    let version = format!("\"{}\"", env!("CARGO_PKG_VERSION"));
    let expected = GOLDEN.replace("\"0.1.0\"", &version);
    assert_eq!(
        String::from_utf8(encode(&snapshot).unwrap()).unwrap(),
        expected
    );
}

#[test]
fn fields_of_a_later_version_are_passed_over() {
    let text = GOLDEN
        .replace("\"serial\": 7", "\"serial\": 7,\n  \"later\": {\"a\": [1]}")
        .replace("\"uid\":\"u-1\"", "\"uid\":\"u-1\",\"also\":true");
    assert_eq!(decode_text(&text).unwrap(), decode_text(GOLDEN).unwrap());
}

#[test]
fn a_newer_format_is_refused_by_name_whether_or_not_it_parses() {
    let newer = GOLDEN
        .replace("rbacform.state/1", "rbacform.state/2")
        .replace("0.1.0", "3.4.5");
    let other_shape =
        r#"{"format": "rbacform.state/2", "rbacform_version": "3.4.5", "objects": {}}"#;
    for text in [newer.as_str(), other_shape] {
        let error = decode_text(text).unwrap_err();
        let said = error.to_string();
        for part in [
            "state/x.json",
            "rbacform.state/2",
            "3.4.5",
            "rbacform.state/1",
        ] {
            assert!(said.contains(part), "{said} lacks {part}");
        }
        assert!(said.contains(env!("CARGO_PKG_VERSION")));
        assert_eq!(error.code(), "state-newer");
    }
}

#[test]
fn a_file_cut_anywhere_is_an_error_with_a_place() {
    let whole = GOLDEN.trim_end();
    for end in 0..whole.len() {
        let error = decode_text(&whole[..end]).unwrap_err();
        let StateError::Broken { line, why, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(*line as usize, whole[..end].split('\n').count(), "{why}");
        assert!(why.contains("truncated"), "{why}");
        assert!(error.diagnostic().help.unwrap().contains("state recover"));
    }
}

#[test]
fn what_is_wrong_is_said_with_its_line_and_the_backup() {
    let backup = Path::new("state/backups/x.6.json");
    for (from, to, line, said) in [
        ("\"serial\": 7", "\"serial\": seven", 7, "not JSON"),
        ("\"serial\": 7", "\"serial\": \"7\"", 7, "expected u64"),
        (
            "kubernetes/Role/bob/writer",
            "kubernetes/Role/bob/reader",
            12,
            "listed twice",
        ),
        ("kubernetes.role.writer", "writer", 11, "not an address"),
    ] {
        let text = GOLDEN.replace(from, to);
        let error = decode(text.as_bytes(), Path::new("x.json"), Some(backup)).unwrap_err();
        let place = error.diagnostic().place.unwrap();
        let rbacform_core::Place::File(place) = place else {
            panic!("{place:?}");
        };
        assert_eq!(
            (place.file.as_str(), place.line),
            ("x.json", line),
            "{error}"
        );
        assert!(error.to_string().contains(said), "{error}");
        assert!(error.help().contains("x.6.json"));
    }
}

#[test]
fn arbitrary_bytes_are_refused_without_a_panic() {
    for bytes in [
        &b""[..],
        b"\0\0\0\0",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{",
        b"\"x\"",
    ] {
        assert!(decode(bytes, Path::new("x"), None).is_err());
    }
    let deep = format!("{{\"format\":{}", "[".repeat(100_000));
    assert!(decode_text(&deep).is_err());
}

#[test]
fn a_sensitive_value_never_reaches_the_bytes() {
    let secret = || Value::Sensitive(Box::new("canary-hunter2".into()));
    let mut snapshot = fixtures::snapshot("s", &["reader"]);
    snapshot.outputs.insert("password".to_owned(), secret());
    for resource in snapshot.resources.values_mut() {
        resource.attributes = Value::from(vec![secret()]);
    }
    let text = String::from_utf8(encode(&snapshot).unwrap()).unwrap();
    assert!(!text.contains("canary"));
    assert_eq!(text.matches("{\"$sensitive\":true}").count(), 2);
    // What is read back is written the same: the bytes do not move by themselves.
    let again = encode(&decode_text(&text).unwrap()).unwrap();
    assert_eq!(String::from_utf8(again).unwrap(), text);
}

#[test]
fn what_could_not_be_read_back_is_not_written() {
    let mut value = Value::Null;
    for _ in 0..DEEPEST - 1 {
        value = Value::from(vec![value]);
    }
    let mut snapshot = fixtures::snapshot("s", &[]);
    snapshot.outputs.insert("deep".to_owned(), value.clone());
    let bytes = encode(&snapshot).unwrap();
    assert_eq!(decode(&bytes, Path::new("x"), None).unwrap(), snapshot);

    snapshot
        .outputs
        .insert("deep".to_owned(), Value::from(vec![value]));
    let error = encode(&snapshot).unwrap_err();
    assert!(error.to_string().contains("`deep`"), "{error}");
}

#[test]
fn size_grows_with_the_number_of_resources_and_no_faster() {
    let sized = |count: usize| {
        let names: Vec<String> = (0..count).map(|n| format!("role-{n:05}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        encode(&fixtures::snapshot("s", &names)).unwrap().len()
    };
    assert_eq!(sized(2000) - sized(1000), sized(3000) - sized(2000));
}
