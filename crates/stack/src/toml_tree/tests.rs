use super::*;

fn names(root: &Node) -> Vec<String> {
    let kubernetes = root.get("kubernetes").unwrap();
    kubernetes
        .entries()
        .iter()
        .flat_map(|kind| kind.node.entries().iter().map(|e| e.key.to_string()))
        .collect()
}

fn large(count: usize) -> String {
    (0..count)
        .map(|n| {
            format!(
                "[kubernetes.role.r{n}]\nname = \"é{n}\"\nlabels = {{ a = \"{}\" }}\n\n",
                "x".repeat(40)
            )
        })
        .collect()
}

#[test]
fn a_large_file_parsed_in_sections_is_the_same_as_in_one_piece() {
    let text = large(5000);
    assert!(sections(&text).len() > 2, "it is cut");
    let sectioned = parse_sections(FileId(0), &text).unwrap();
    let (whole, errors) = parse_piece(FileId(0), &text, 0);
    assert!(errors.is_empty());
    let kinds = |node: &Node| node.get("kubernetes").unwrap().get("role").unwrap().clone();
    assert_eq!(kinds(&sectioned).entries(), kinds(&whole).entries());
    assert_eq!(names(&sectioned).len(), 5000);
}

#[test]
fn a_resource_said_twice_far_apart_is_still_an_error_of_the_whole() {
    let mut text = large(5000);
    text.push_str("[kubernetes.role.r1]\nname = \"again\"\n");
    let (_, errors) = parse(FileId(0), &text);
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].code, "syntax");
}

#[test]
fn a_table_within_a_resource_far_from_it_still_belongs_to_it() {
    let mut text = large(5000);
    text.push_str("[kubernetes.role.r1.lifecycle]\nprevent_destroy = true\n");
    let (root, errors) = parse(FileId(0), &text);
    assert!(errors.is_empty());
    let role = root.get("kubernetes").unwrap().get("role").unwrap();
    assert!(role.get("r1").unwrap().get("lifecycle").is_some());
}

#[test]
fn times_are_text_in_rfc_3339() {
    let (root, errors) = parse(FileId(0), "a = 2027-07-01 00:00:00Z\nb = 2027-07-01\n");
    assert!(errors.is_empty());
    assert_eq!(
        root.get("a").unwrap().as_str(),
        Some("2027-07-01T00:00:00Z")
    );
    assert_eq!(root.get("b").unwrap().as_str(), Some("2027-07-01"));
}

#[test]
fn one_error_a_line() {
    let (_, errors) = parse(FileId(0), "a = [1, ! ? 2]\nb = =\nc = 1\n");
    let lines: HashSet<u32> = errors
        .iter()
        .map(|error| error.span().unwrap().start / 15)
        .collect();
    assert_eq!(errors.len(), lines.len());
    assert!(errors.len() >= 2);
}

#[test]
fn deep_nesting_is_an_error_not_a_crash() {
    for text in [
        "a = ".to_owned() + &"[".repeat(100_000),
        "a.".repeat(100_000) + "b = 1",
    ] {
        let _ = parse(FileId(0), &text);
    }
}
