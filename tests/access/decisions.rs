//! Decisions and their reasons: access reviews, asked of the server and of `access can-i --batch`.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use rbacform_access::{Evaluator, Facts};
use serde_json::Value;

use crate::coverage::Coverage;
use crate::plane::Plane;
use crate::questions::question;
use crate::scale::Scale;
use crate::smallest::{Drawn, TRIES, shown, smallest};
use crate::support::repo::Repo;
use crate::worlds::{Object, world};

/// How many questions a world is asked.
fn per_world(questions: usize) -> usize {
    match questions {
        0..=20_000 => 1_250,
        _ => 2_500,
    }
}

/// Two that answer the same questions.
struct Sides {
    plane: Plane,
    repo: Repo,
    /// How long the server took.
    asking: Duration,
}

/// The answers to one question.
#[derive(Debug)]
struct Answers {
    ours: Value,
    /// Ours again, of what we read of the server ourselves.
    live: Value,
    theirs: Value,
}

#[test]
fn the_server_decides_as_we_do_and_its_reason_is_one_of_ours() {
    let Some(plane) = Plane::begin() else {
        return;
    };
    let scale = Scale::of_environment();
    let login = plane.server.admin_login();
    let repo = Repo::new("access", &plane.server.kubeconfig(&[&login]));
    let mut sides = Sides {
        plane,
        repo,
        asking: Duration::ZERO,
    };
    let (mut asked, mut allowed, mut reasoned, mut round) = (0, 0, 0, 0);
    let mut coverage = Coverage::default();
    let began = Instant::now();
    while asked < scale.questions {
        let mut runner = scale.runner(1, round);
        round += 1;
        let drawn = world().boxed().new_tree(&mut runner).unwrap();
        let objects = drawn.current();
        let count = per_world(scale.questions).min(scale.questions - asked);
        let question = question(&objects);
        let mut cases: Vec<Drawn<Value>> = (0..count)
            .map(|_| question.new_tree(&mut runner).unwrap())
            .collect();
        let specs: Vec<Value> = cases.iter().map(|case| case.current()).collect();
        let (facts, answers) = sides.ask(&objects, &specs);
        let evaluator = Evaluator::new(&facts);
        for (number, (spec, answers)) in specs.iter().zip(&answers).enumerate() {
            if let Some(difference) = answers.difference() {
                let case = cases.swap_remove(number);
                let smallest = smallest(drawn, case, TRIES, |world, spec| {
                    sides.ask(world, std::slice::from_ref(spec)).1[0].difference()
                });
                let shown = shown(smallest, &format!("{spec}\n{difference}"), Value::to_string);
                panic!("{} world {round}: {shown}", scale.told());
            }
            allowed += usize::from(answers.ours["allowed"] == true);
            reasoned += usize::from(answers.theirs["reason"].is_string());
            coverage.count(&facts, &evaluator, spec, &answers.ours);
        }
        asked += count;
    }
    eprintln!(
        "{} decisions in {round} worlds alike, {allowed} allowed, {reasoned} with a reason; {:.0} s, \
         of which {:.0} s access reviews; {}\n{}",
        asked,
        began.elapsed().as_secs_f64(),
        sides.asking.as_secs_f64(),
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

impl Sides {
    /// What the server knows then, and everybody's answers in the order of the questions.
    fn ask(&mut self, world: &[Object], specs: &[Value]) -> (Facts, Vec<Answers>) {
        let listed = self.plane.become_world(world);
        self.repo.write("world.json", &listed.text());
        let ours = self.batch("world.json", specs);
        let live = self.batch("live", specs);
        let since = Instant::now();
        let plane = &self.plane;
        let theirs = plane
            .clients
            .each(specs, |client, spec| plane.review(client, spec));
        self.asking += since.elapsed();
        let answers = ours.into_iter().zip(live).zip(theirs);
        let answers = answers.map(|((ours, live), theirs)| Answers { ours, live, theirs });
        (listed.facts(), answers.collect())
    }

    fn batch(&self, from: &str, specs: &[Value]) -> Vec<Value> {
        let questions: String = specs.iter().map(|spec| format!("{spec}\n")).collect();
        self.repo.write("questions.jsonl", &questions);
        let args = [
            "access",
            "can-i",
            "--batch",
            "questions.jsonl",
            "--from",
            from,
        ];
        let ran = self.repo.run(&args).exits(0);
        let answers: Vec<Value> = ran
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(answers.len(), specs.len());
        answers
    }
}

impl Answers {
    fn difference(&self) -> Option<String> {
        let Self { ours, live, theirs } = self;
        let has = |reasons: &Value, reason: &str| {
            let reasons = reasons.as_array().unwrap();
            reasons.iter().any(|one| one == reason)
        };
        let own = ours["reason"].as_str().unwrap_or_default();
        let reason = theirs["reason"].as_str().unwrap_or_default();
        let what = if ours["allowed"] != theirs["allowed"] {
            "the decisions differ"
        } else if !has(&ours["reasons"], reason) {
            "the server's reason is none of ours"
        } else if ours["allowed"] != live["allowed"] {
            "read live it is decided otherwise"
        // A cluster's own order of subjects is not kept: each may be the one that is named.
        } else if !has(&live["reasons"], own) || !has(&ours["reasons"], own) {
            "our reason is not among all of ours"
        } else if ours.get("cannot_tell").is_some() {
            "we cannot tell"
        } else {
            return None;
        };
        Some(format!(
            "{what}:\nours   {ours}\nlive   {live}\ntheirs {theirs}"
        ))
    }
}
