//! Where members are written.

use rbacform_gcp::member_place;

use crate::source::node;

fn place<'t>(text: &'t str, role: &str, member: &str) -> Option<&'t str> {
    let place = member_place(&node(text), role, member)?;
    Some(&text[place.range()])
}

#[test]
fn a_member_is_found_in_a_binding_and_in_a_policy() {
    let ana = "user:ana@x.org";
    let binding = r#"members = ["user:bo@x.org", "user:ana@x.org", "${local.a}"]"#;
    assert_eq!(
        place(binding, "roles/viewer", ana),
        Some(r#""user:ana@x.org""#)
    );
    assert_eq!(
        place(binding, "roles/viewer", "user:c@x.org"),
        Some(r#""${local.a}""#)
    );
    assert_eq!(
        place(r#"members = "${local.a}""#, "", ana),
        Some(r#""${local.a}""#)
    );
    let policy = r#"bindings = [
  { role = "roles/editor", members = ["user:ana@x.org"] },
  { role = "roles/viewer", members = [ "user:ana@x.org" , "user:bo@x.org"] },
  { role = "roles/owner", members = ["user:bo@x.org"] },
  { role = "roles/owner", members = ["user:ana@x.org"], condition = "${local.c}" },
]"#;
    let found = member_place(&node(policy), "roles/viewer", ana).unwrap();
    assert!(policy[found.range().end..].starts_with(" , "));
    assert_eq!(
        place(policy, "roles/viewer", "user:c@x.org"),
        Some("members")
    );
    assert_eq!(
        place(policy, "roles/owner", ana),
        Some("bindings"),
        "either of two"
    );
    assert_eq!(
        place(r#"member = "user:ana@x.org""#, "roles/viewer", ana),
        None
    );
}
