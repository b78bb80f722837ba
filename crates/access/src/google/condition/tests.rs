//! Cases of Google's own pages, and what cannot be told.

use super::*;

/// Wednesday, 2027-03-03T08:30:00Z.
const NOW: i64 = 1_804_062_600;

fn object(names: &[&str]) -> Moment {
    Moment {
        now: Some(NOW),
        resource: Some(Attributes {
            service: "storage.googleapis.com",
            kind: Some("storage.googleapis.com/Object"),
            names: names.iter().map(ToString::to_string).collect(),
            within: false,
        }),
    }
}

fn holds(expression: &str, moment: &Moment) -> Verdict {
    let condition = Condition {
        title: "t".to_owned(),
        expression: expression.to_owned(),
    };
    condition.holds(moment)
}

/// What is missing of a condition that cannot be told.
fn needs(expression: &str, moment: &Moment) -> Vec<String> {
    match holds(expression, moment) {
        Verdict::Unknown(missing) => missing
            .into_iter()
            .map(|missing| match missing {
                Missing::Condition { needs, .. } => needs,
                other => other.to_string(),
            })
            .collect(),
        known => panic!("{expression}: {known:?}"),
    }
}

/// `iam/docs/conditions-overview`, `iam/docs/configuring-temporary-access`,
/// `iam/docs/configuring-resource-based-access`, `iam/docs/conditions-attribute-reference`.
#[test]
fn examples_of_the_documentation_hold_when_they_say() {
    let at = object(&["projects/_/buckets/exampleco-site-assets/objects/a.png"]);
    for (expression, expected) in [
        ("request.time < timestamp('2028-01-01T00:00:00.000Z')", true),
        ("request.time < timestamp('2027-03-03T08:30:00Z')", false),
        (
            "request.time > timestamp('2027-01-01T00:00:00Z') && request.time < timestamp('2028-01-01T00:00:00Z')",
            true,
        ),
        (
            "request.time <= timestamp('2027-01-01T00:00:00Z') + duration('1h')",
            false,
        ),
        (
            "timestamp('2027-03-04T00:00:00Z') - request.time < duration('24h')",
            true,
        ),
        // 09:30 in Berlin, 00:30 in Los Angeles.
        (
            "request.time.getHours('Europe/Berlin') >= 9 && request.time.getHours('Europe/Berlin') <= 17",
            true,
        ),
        ("request.time.getHours('America/Los_Angeles') >= 9", false),
        ("request.time.getHours('+01:00') == 9", true),
        // Days of the week range from 0 to 6, where 0 is Sunday.
        (
            "request.time.getDayOfWeek('Europe/Berlin') >= 1 && request.time.getDayOfWeek() <= 5",
            true,
        ),
        (
            "request.time.getFullYear() == 2027 && request.time.getMonth() == 2 && request.time.getDate() == 3",
            true,
        ),
        (
            "request.time.getDayOfMonth() == 2 && request.time.getDayOfYear() == 61",
            true,
        ),
        ("resource.type == 'storage.googleapis.com/Object'", true),
        ("resource.service != 'compute.googleapis.com'", true),
        (
            "resource.type == 'storage.googleapis.com/Object' && resource.name.startsWith('projects/_/buckets/exampleco-site-assets/')",
            true,
        ),
        (
            "resource.name.endsWith('.png') && !resource.name.contains('secret')",
            true,
        ),
        (
            "resource.name.startsWith('projects/_/buckets/exampleco-site-assets-1')",
            false,
        ),
        (
            "resource.type != 'storage.googleapis.com/Object' || resource.name.extract('/objects/{name}') == 'a.png'",
            true,
        ),
        (
            "resource.name.extract('buckets/{b}/objects') == 'exampleco-site-assets'",
            true,
        ),
        ("resource.name.extract('projects/{p}/zones/') == ''", true),
        (
            "resource.type in ['storage.googleapis.com/Bucket', 'storage.googleapis.com/Object']",
            true,
        ),
        ("true ? false : true", false),
    ] {
        assert_eq!(holds(expression, &at), expected.into(), "{expression}");
    }
}

#[test]
fn what_nobody_here_knows_is_said_unless_the_rest_decides() {
    let at = object(&[]);
    for (expression, wanted) in [
        ("resource.matchTag('123/env', 'prod')", "`resource`"),
        (
            "request.auth.claims.email == 'a@example.com'",
            "`request.auth.claims.email`",
        ),
        (
            "'levels/x' in request.auth.access_levels",
            "`request.auth.access_levels`",
        ),
        ("resource.name == 'x'", "`resource.name` of this resource"),
        ("request.time.getHours('Mars/Olympus') > 1", "`getHours`"),
        ("api.getAttribute('x', []).hasOnly(['y'])", "`api`"),
        ("request.time <", "what it means"),
        ("[1].exists(x, x == 1)", "a part that is not modelled"),
        ("1 == 'one'", "`_==_`"),
    ] {
        assert_eq!(needs(expression, &at), [wanted], "{expression}");
    }
    for (expression, expected) in [
        (
            "request.time < timestamp('2020-01-01T00:00:00Z') && resource.matchTag('1/e', 'p')",
            false,
        ),
        (
            "resource.matchTag('1/e', 'p') && request.time < timestamp('2020-01-01T00:00:00Z')",
            false,
        ),
        (
            "request.time > timestamp('2020-01-01T00:00:00Z') || destination.port == 22",
            true,
        ),
    ] {
        assert_eq!(holds(expression, &at), expected.into(), "{expression}");
    }
}

#[test]
fn a_name_with_two_spellings_must_agree() {
    let secret = Moment {
        now: Some(NOW),
        resource: Some(Attributes {
            service: "secretmanager.googleapis.com",
            kind: Some("secretmanager.googleapis.com/Secret"),
            names: vec![
                "projects/acme-ml/secrets/s".into(),
                "projects/42/secrets/s".into(),
            ],
            within: false,
        }),
    };
    assert_eq!(
        holds("resource.name.endsWith('/secrets/s')", &secret),
        Verdict::Yes
    );
    assert_eq!(
        needs("resource.name.startsWith('projects/42/')", &secret),
        ["how the resource's name spells its project"]
    );
    let elsewhere = Moment {
        now: Some(NOW),
        resource: None,
    };
    assert_eq!(
        needs("resource.type == 'x'", &elsewhere),
        ["`resource.type` of this resource"]
    );
}

#[test]
fn what_asked_for_a_time_that_is_past_is_over() {
    let past = "request.time < timestamp('2020-01-01T00:00:00Z')";
    let ahead = "request.time < timestamp('2090-01-01T00:00:00Z')";
    let prod = "resource.name.startsWith('projects/_/buckets/prod-')";
    for (expression, expected) in [
        (past.to_owned(), true),
        (ahead.to_owned(), false),
        (
            "timestamp('2020-01-01T00:00:00Z') >= request.time".to_owned(),
            true,
        ),
        (
            "timestamp('2020-01-01T00:00:00Z') < request.time".to_owned(),
            false,
        ),
        (
            "request.time > timestamp('2090-01-01T00:00:00Z')".to_owned(),
            false,
        ),
        (format!("{prod} && {past}"), true),
        (format!("{prod} || {past}"), false),
        (format!("{past} || {past}"), true),
        (format!("!({past})"), false),
        ("false".to_owned(), true),
        (prod.to_owned(), false),
        ("request.time <".to_owned(), false),
    ] {
        let condition = Condition {
            title: "t".to_owned(),
            expression: expression.clone(),
        };
        assert_eq!(condition.is_over(NOW), expected, "{expression}");
    }
}

/// Of what is in a bucket the beginning of the name is known, and the service.
#[test]
fn what_is_in_a_resource_is_known_by_the_beginning_of_its_name() {
    let mut moment = object(&["projects/_/buckets/data"]);
    if let Some(resource) = &mut moment.resource {
        resource.within = true;
    }
    let told = |expression: &str| match holds(expression, &moment) {
        Verdict::Yes => "yes",
        Verdict::No => "no",
        Verdict::Unknown(_) => "unknown",
    };
    for (expression, expected) in [
        (
            "resource.name.startsWith('projects/_/buckets/data/')",
            "yes",
        ),
        ("resource.name.startsWith('projects/_/buckets/da')", "yes"),
        (
            "resource.name.startsWith('projects/_/buckets/data/objects/in/')",
            "unknown",
        ),
        ("resource.name.startsWith('projects/_/buckets/prod-')", "no"),
        (
            "!resource.name.startsWith('projects/_/buckets/prod-')",
            "yes",
        ),
        ("resource.name == 'projects/_/buckets/data'", "no"),
        ("resource.name != 'projects/_/buckets/data'", "yes"),
        (
            "resource.name == 'projects/_/buckets/data/objects/a'",
            "unknown",
        ),
        (
            "resource.name in ['projects/_/buckets/prod', 'projects/_/buckets/data']",
            "no",
        ),
        (
            "resource.name in ['x', 'projects/_/buckets/data/objects/a']",
            "unknown",
        ),
        ("'x' in [resource.name]", "no"),
        (
            "'projects/_/buckets/data/objects/a' in [resource.name]",
            "unknown",
        ),
        ("resource.name.endsWith('data')", "unknown"),
        ("resource.name.extract('buckets/{b}/') == 'data'", "unknown"),
        ("resource.type == 'storage.googleapis.com/Object'", "yes"),
        ("resource.service == 'storage.googleapis.com'", "yes"),
        ("resource.service == 'compute.googleapis.com'", "no"),
    ] {
        assert_eq!(told(expression), expected, "{expression}");
    }
}
