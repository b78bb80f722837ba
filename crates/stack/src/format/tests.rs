use proptest::prelude::*;

use super::*;

fn formatted(text: &str) -> String {
    let once = format(text).unwrap();
    assert_eq!(format(&once).unwrap(), once, "formatting is stable");
    once
}

#[test]
fn spaces_blank_lines_and_comments() {
    let text = "\n\n# top\n[stack]\nname=\"x\"   # the name\n\n\n\n  required_version = \">=0.1\"\n[ locals ] # here\n\n# about a\na  =  [1,2,  3]\n\n# end\n\n";
    assert_eq!(
        formatted(text),
        "# top\n[stack]\nname = \"x\" # the name\n\nrequired_version = \">=0.1\"\n\n[locals] # here\n# about a\na = [1, 2, 3]\n\n# end\n"
    );
}

#[test]
fn a_long_list_takes_a_line_for_each_item() {
    let rule =
        "{api_groups=[\"\"],resources=[\"pods\",\"pods/log\"],verbs=[\"get\",\"list\",\"watch\"]}";
    let text = format!("[kubernetes.role.r]\nrules = [{rule}, {rule}]\n");
    let item = "{ api_groups = [\"\"], resources = [\"pods\", \"pods/log\"], verbs = [\"get\", \"list\", \"watch\"] }";
    assert_eq!(
        formatted(&text),
        format!("[kubernetes.role.r]\nrules = [\n  {item},\n  {item},\n]\n")
    );
    let short = "a = [\n  1,\n  2,\n]\n";
    assert_eq!(formatted(short), "a = [1, 2]\n");
}

#[test]
fn comments_in_lists_stay_with_their_items() {
    let text = "a = [\n 1, # one\n   # before two\n 2 # two\n]\n";
    assert_eq!(
        formatted(text),
        "a = [\n  1, # one\n  # before two\n  2, # two\n]\n"
    );
    let odd = "a = [\n 1 # one\n , 2]\n";
    assert_eq!(formatted(odd), odd);
}

#[test]
fn dotted_keys_and_tables_of_tables() {
    let text = "a . b = 1\na.\"c d\"=2\n[[manifests]]\nname=\"x\"\n[[manifests]]\nname=\"y\"\n";
    assert_eq!(
        formatted(text),
        "a.b = 1\na.\"c d\" = 2\n\n[[manifests]]\nname = \"x\"\n\n[[manifests]]\nname = \"y\"\n"
    );
}

#[test]
fn strings_keep_the_way_they_are_written() {
    let text =
        "a = 'x\\y'\nb = \"\"\"\n  two\n  lines # no comment\n\"\"\"\nc = { d = '#', e = 0x10 }\n";
    assert_eq!(formatted(text), text);
}

#[test]
fn broken_files_are_errors_with_places() {
    let errors = format("[stack]\nname = \n").unwrap_err();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].code, "syntax");
    assert!(errors[0].span().unwrap().start >= 8);
    assert_eq!(format("").unwrap(), "");
}

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("1".to_owned()),
        Just("true".to_owned()),
        "[a-z#\\[\\]{},=. ]{0,30}".prop_map(|s| format!("\"{s}\"")),
        Just("'''\n a # b\n'''".to_owned()),
        Just("2027-07-01T00:00:00Z".to_owned()),
    ]
}

fn space() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just(""), Just(" "), Just("  "), Just("\t")]
}

fn line_break() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just(""),
        Just(" "),
        Just("\n"),
        Just(" # c\n"),
        Just("\n\n  # d\n # e\n  ")
    ]
}

fn value() -> impl Strategy<Value = String> {
    scalar().prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            (
                prop::collection::vec((line_break(), inner.clone(), line_break()), 0..5),
                any::<bool>()
            )
                .prop_map(|(items, comma)| {
                    let items: Vec<String> =
                        items.iter().map(|(a, v, b)| format!("{a}{v}{b}")).collect();
                    let comma = if comma && !items.is_empty() { "," } else { "" };
                    format!("[{}{comma}]", items.join(","))
                }),
            prop::collection::vec((space(), inner, space()), 0..4).prop_map(|items| {
                let items: Vec<String> = items
                    .iter()
                    .enumerate()
                    .map(|(n, (a, v, b))| format!("{a}k{n}{b}={a}{v}"))
                    .collect();
                format!("{{{}}}", items.join(","))
            }),
        ]
    })
}

fn file() -> impl Strategy<Value = String> {
    let line = (line_break(), space(), value(), space());
    let table = (line_break(), prop::collection::vec(line, 0..5));
    prop::collection::vec(table, 0..4).prop_map(|tables| {
        let mut text = String::new();
        for (n, (before, lines)) in tables.into_iter().enumerate() {
            text.push_str(&format!("\n{before}\n[ t{n} . x]\n"));
            for (k, (before, a, value, b)) in lines.into_iter().enumerate() {
                text.push_str(&format!("\n{before}\n{a}k{k}{b}={a}{value}{b}\n"));
            }
        }
        text
    })
}

proptest! {
    #[test]
    fn stable_and_with_the_same_meaning_and_comments(text in file()) {
        let once = format(&text).unwrap();
        prop_assert_eq!(format(&once).unwrap(), once.clone());
        let comments = |text: &str| text.matches("# c").count() + text.matches("# d").count();
        prop_assert_eq!(comments(&once), comments(&text));
    }
}

#[test]
fn a_blank_line_stands_before_each_table_also_where_parents_are_written_nowhere() {
    let squeezed = "[stack]\nname = \"s\"\n[a.b]\nx = 1\n[a.c]\n[[d.e]]\ny = 1\n[[d.e]]\n";
    let laid_out = "[stack]\nname = \"s\"\n\n[a.b]\nx = 1\n\n[a.c]\n\n[[d.e]]\ny = 1\n\n[[d.e]]\n";
    assert_eq!(format(squeezed).unwrap(), laid_out);
    assert_eq!(format(laid_out).unwrap(), laid_out);
}
