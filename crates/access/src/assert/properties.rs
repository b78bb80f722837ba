//! Assertions compared with asking for everything, one request at a time.

use proptest::prelude::*;
use rbacform_core::assertion::Target;
use rbacform_core::{Asker, Claim, Deed, Holders, Limit, Text};

use super::tests::{asker, assertion, texts, whole};
use super::*;
use crate::arbitrary::{facts, requests};
use crate::{PolicyRule, Request, ResourceRequest, matching, who_can};

const SUBJECTS: [&str; 4] = [
    "user:ana",
    "serviceaccount:a/x",
    "group:dev",
    "group:system:serviceaccounts:a",
];

fn sight() -> Sight {
    let mut sight = whole();
    sight.namespaces.insert("c".to_owned());
    sight
}

fn status(claim: Claim, planned: &Planned<'_>) -> Status {
    let mut assertion = assertion(claim);
    (assertion.known, assertion.custom) = (true, true);
    check(&assertion, planned).status
}

/// One request as an assertion says it: every part given.
fn exactly(asked: &ResourceRequest) -> Deed {
    let full = match asked.subresource.as_str() {
        "" => asked.resource.clone(),
        sub => format!("{}/{sub}", asked.resource),
    };
    Deed {
        verbs: texts(&[&asked.verb]),
        resources: vec![Target {
            name: full.into(),
            api_group: Some(asked.api_group.as_str().into()),
        }],
        names: texts(&[&asked.name]),
        namespaces: texts(&[&asked.namespace]),
        on_policies: false,
    }
}

fn is_specific(request: &Request) -> Option<&ResourceRequest> {
    match request {
        Request::Resource(asked) if !asked.name.is_empty() && !asked.namespace.is_empty() => {
            Some(asked)
        }
        _ => None,
    }
}

fn limits() -> impl Strategy<Value = Vec<Limit>> {
    let some = |items: &'static [&'static str]| {
        proptest::sample::subsequence(items, 1..=2).prop_map(|items| texts(&items))
    };
    let namespaces = prop_oneof![Just(Vec::<Text>::new()), some(&["a", "b"])];
    let limit = (
        some(&["get", "list", "*"]),
        some(&["", "apps", "*"]),
        some(&["pods", "secrets", "pods/log", "*", "*/log"]),
        namespaces,
    );
    let limit = limit.prop_map(|(verbs, api_groups, resources, namespaces)| Limit {
        verbs,
        api_groups,
        resources,
        namespaces,
        ..Limit::default()
    });
    let urls = Limit {
        verbs: texts(&["get"]),
        non_resource_urls: texts(&["/healthz*"]),
        ..Limit::default()
    };
    proptest::collection::vec(limit, 0..4).prop_map(move |mut limits| {
        if limits.len() % 2 == 1 {
            limits.push(urls.clone());
        }
        limits
    })
}

fn rule(limit: &Limit) -> PolicyRule {
    let strings = |items: &[Text]| items.iter().map(ToString::to_string).collect();
    PolicyRule {
        verbs: strings(&limit.verbs),
        api_groups: strings(&limit.api_groups),
        resources: strings(&limit.resources),
        resource_names: Vec::new(),
        non_resource_urls: strings(&limit.non_resource_urls),
    }
}

fn allows(limit: &Limit, request: &Request) -> bool {
    let here = limit.namespaces.is_empty()
        || limit
            .namespaces
            .iter()
            .any(|name| name == request.namespace());
    here && matching::rule_allows(&rule(limit), request)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn of_one_request_can_and_cannot_are_the_authorizers_yes_and_no(facts in facts()) {
        let sight = sight();
        let planned = Planned::new(&facts, &sight).unwrap();
        for subject in SUBJECTS {
            let user = user(&asker(subject));
            for request in requests() {
                let Some(asked) = is_specific(&request) else { continue };
                let allowed = planned.evaluator.allows(&user, &request);
                let can = status(Claim::Can(asker(subject), exactly(asked)), &planned);
                let cannot = status(Claim::Cannot(asker(subject), exactly(asked)), &planned);
                let (yes, no) = (Status::Pass, Status::Fail);
                let expected = if allowed { (yes, no) } else { (no, yes) };
                prop_assert_eq!((can, cannot), expected, "{} {:?}", subject, asked);
            }
        }
    }

    #[test]
    fn what_is_left_out_is_every_one_for_can_and_any_for_cannot(facts in facts()) {
        let sight = sight();
        let planned = Planned::new(&facts, &sight).unwrap();
        for subject in SUBJECTS {
            let user = user(&asker(subject));
            for verb in ["get", "list", "zap"] {
                let deed = Deed {
                    verbs: texts(&[verb]),
                    resources: vec![Target { name: "pods".into(), api_group: None }],
                    ..Deed::default()
                };
                let asked = |request: &&Request| matches!(request, Request::Resource(asked)
                    if asked.verb == verb && asked.api_group.is_empty() && asked.resource == "pods"
                        && asked.subresource.is_empty());
                let all = requests();
                let any = all.iter().filter(asked).any(|it| planned.evaluator.allows(&user, it));
                let cannot = status(Claim::Cannot(asker(subject), deed.clone()), &planned);
                prop_assert_eq!(cannot == Status::Pass, !any);
                if status(Claim::Can(asker(subject), deed), &planned) == Status::Pass {
                    let nameless = |it: &&Request| verb != "list" || !matches!(it,
                        Request::Resource(asked) if !asked.name.is_empty());
                    let mut meant = all.iter().filter(asked).filter(nameless);
                    prop_assert!(meant.all(|it| planned.evaluator.allows(&user, it)));
                }
            }
        }
    }

    #[test]
    fn a_ceiling_is_as_asking_for_everything_says(facts in facts(), limits in limits()) {
        let sight = sight();
        let planned = Planned::new(&facts, &sight).unwrap();
        for subject in SUBJECTS {
            let user = user(&asker(subject));
            let over = requests().into_iter().any(|request| {
                planned.evaluator.allows(&user, &request)
                    && !limits.iter().any(|limit| allows(limit, &request))
                    && !claims::everybodys(&planned.fresh, &user)
                        .iter()
                        .any(|rule| matching::rule_allows(rule, &request))
            });
            let told = status(Claim::CanOnly(asker(subject), limits.clone()), &planned);
            // Requests of the list may miss what lies beyond it; what they show is so.
            if over {
                prop_assert_eq!(told, Status::Fail, "{} {:?}", subject, &limits);
            }
            if told == Status::Pass {
                prop_assert!(!over);
            }
        }
    }

    #[test]
    fn nobody_else_can_when_a_set_of_holders_holds(facts in facts()) {
        let sight = sight();
        let planned = Planned::new(&facts, &sight).unwrap();
        for request in requests().into_iter().filter(|it| is_specific(it).is_some()).step_by(7) {
            let Some(asked) = is_specific(&request) else { continue };
            let listed = ["user:ana", "group:dev"];
            let at_most = Holders::AtMost(texts(&listed));
            let told = status(Claim::WhoCan(exactly(asked), at_most), &planned);
            let others = who_can(&facts, &request).into_iter().filter_map(|grant| {
                crate::delta::Who::of(&grant.subject, &grant.binding_namespace)
            });
            let others = others.filter(|who| !listed.contains(&who.spelled().as_str())).count();
            prop_assert_eq!(told == Status::Pass, others == 0, "{:?}", asked);
        }
    }
}

#[test]
fn an_asker_is_who_the_server_would_take_it_for() {
    let asker = Asker {
        subject: "serviceaccount:a/x".into(),
        groups: texts(&["dev"]),
    };
    let user = user(&asker);
    assert_eq!(user.name, "system:serviceaccount:a:x");
    let groups = [
        "system:serviceaccounts",
        "system:serviceaccounts:a",
        "system:authenticated",
        "dev",
    ];
    assert_eq!(user.groups, groups);
}
