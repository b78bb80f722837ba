//! Decisions and their reasons: access reviews, asked of the server and of `access can-i --batch`.

use std::time::Instant;

use rbacform_access::Evaluator;
use serde_json::Value;

use crate::coverage::Coverage;
use crate::plane::Plane;
use crate::questions::question;
use crate::scale::Scale;
use crate::support::repo::Repo;
use crate::worlds::world;

/// How many questions a world is asked.
fn per_world(questions: usize) -> usize {
    match questions {
        0..=20_000 => 1_250,
        _ => 2_500,
    }
}

#[test]
fn the_server_decides_as_we_do_and_its_reason_is_one_of_ours() {
    let Some(mut plane) = Plane::begin() else {
        return;
    };
    let scale = Scale::of_environment();
    let login = plane.server.admin_login();
    let repo = Repo::new("access", &plane.server.kubeconfig(&[&login]));
    let (mut asked, mut allowed, mut reasoned, mut round) = (0, 0, 0, 0);
    let mut coverage = Coverage::default();
    let mut asking = std::time::Duration::ZERO;
    let began = Instant::now();
    while asked < scale.questions {
        let mut chance = scale.chance(1, round);
        round += 1;
        let objects = world(&mut chance, round);
        let listed = plane.become_world(&objects);
        let count = per_world(scale.questions).min(scale.questions - asked);
        let specs: Vec<Value> = (0..count)
            .map(|_| question(&mut chance, &objects))
            .collect();
        repo.write("world.json", &listed.text());
        let ours = answers(&repo, "world.json", &specs);
        let live = answers(&repo, "live", &specs);
        let since = Instant::now();
        let theirs = plane
            .clients
            .each(&specs, |client, spec| plane.review(client, spec));
        asking += since.elapsed();
        let facts = listed.facts();
        let evaluator = Evaluator::new(&facts);
        for ((spec, ours), live) in specs.iter().zip(&ours).zip(&live) {
            assert_eq!(
                ours["allowed"], live["allowed"],
                "read live otherwise: {spec}"
            );
            // A cluster's own order of subjects is not kept: each may be the one that is named.
            let reasons = live["reasons"].as_array().unwrap();
            assert!(reasons.contains(&ours["reason"]), "{ours} {live}: {spec}");
        }
        for ((spec, ours), theirs) in specs.iter().zip(&ours).zip(&theirs) {
            let told = || format!("{} world {round}: {spec}\n{ours}\n{theirs}", scale.told());
            assert_eq!(ours["allowed"], theirs["allowed"], "{}", told());
            let reason = theirs["reason"].as_str().unwrap_or_default();
            let reasons = ours["reasons"].as_array().unwrap();
            assert!(reasons.iter().any(|one| one == reason), "{}", told());
            assert!(reasons.contains(&ours["reason"]), "{}", told());
            assert_eq!(ours.get("cannot_tell"), None, "{}", told());
            allowed += usize::from(ours["allowed"] == true);
            reasoned += usize::from(!reason.is_empty());
            coverage.count(&facts, &evaluator, spec, ours);
        }
        asked += count;
    }
    eprintln!(
        "{} decisions in {round} worlds alike, {allowed} allowed, {reasoned} with a reason; {:.0} s, \
         of which {:.0} s access reviews; {}\n{}",
        asked,
        began.elapsed().as_secs_f64(),
        asking.as_secs_f64(),
        scale.told(),
        coverage.told()
    );
    // Neither answer is rare, and no way to it is left out.
    assert!(
        allowed * 4 > asked && allowed * 4 < asked * 3,
        "{allowed} of {asked}"
    );
    coverage.suffices(asked);
}

fn answers(repo: &Repo, from: &str, specs: &[Value]) -> Vec<Value> {
    let questions: String = specs.iter().map(|spec| format!("{spec}\n")).collect();
    repo.write("questions.jsonl", &questions);
    let args = [
        "access",
        "can-i",
        "--batch",
        "questions.jsonl",
        "--from",
        from,
    ];
    let ran = repo.run(&args).exits(0);
    let answers: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), specs.len());
    answers
}
