//! The smallest case of a difference, which a failure shows instead of a whole world.

use std::cell::RefCell;
use std::fmt::Debug;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestError, TestRunner, basic_result_cache};

use crate::worlds::Object;

/// Something drawn at random that can become simpler.
pub(crate) type Drawn<T> = Box<dyn ValueTree<Value = T>>;

/// How many simpler cases are tried of a difference.
pub(crate) const TRIES: usize = 500;

/// How often a case is made simpler; one that was seen before is not tried again.
const ROUNDS: u32 = 100_000;

/// A world, what was asked of it, and how the answers differ.
pub(crate) struct Smallest<Q> {
    pub(crate) world: Vec<Object>,
    pub(crate) case: Q,
    pub(crate) difference: String,
}

/// The smallest world, and in it the simplest case, whose answers still differ, as far as so many
/// tries find it. None where the answers do not differ a second time.
pub(crate) fn smallest<Q: Debug>(
    world: Drawn<Vec<Object>>,
    case: Drawn<Q>,
    tries: usize,
    differs: impl FnMut(&[Object], &Q) -> Option<String>,
) -> Option<Smallest<Q>> {
    let differs = RefCell::new((tries, differs));
    let try_it = |world: &[Object], case: &Q| {
        let (left, differs) = &mut *differs.borrow_mut();
        *left = left.checked_sub(1)?;
        differs(world, case)
    };
    let first = case.current();
    let (world, difference) = least(world, |world| try_it(world, &first))?;
    let (case, difference) =
        least(case, |case| try_it(&world, case)).unwrap_or((first, difference));
    Some(Smallest {
        world,
        case,
        difference,
    })
}

fn least<T: Debug>(drawn: Drawn<T>, differs: impl Fn(&T) -> Option<String>) -> Option<(T, String)> {
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        max_shrink_iters: ROUNDS,
        result_cache: basic_result_cache,
        ..Config::default()
    });
    let outcome = runner.run_one(drawn, |it| match differs(&it) {
        None => Ok(()),
        Some(difference) => Err(TestCaseError::fail(difference)),
    });
    match outcome {
        Err(TestError::Fail(difference, it)) => Some((it, difference.message().to_owned())),
        _ => None,
    }
}

impl<Q> Smallest<Q> {
    /// The world as YAML, what was asked in these words, and the answers.
    fn told(&self, asked: &str) -> String {
        let documents = self.world.iter().map(|object| {
            let yaml = serde_saphyr::to_string(&object.body).unwrap();
            format!("---\n{yaml}")
        });
        let yaml: String = documents.collect();
        format!("{yaml}---\n{asked}\n{}", self.difference)
    }
}

/// What a failure shows of a difference: the smallest case of it, or the first where it does not come
/// a second time.
pub(crate) fn shown<Q>(
    smallest: Option<Smallest<Q>>,
    first: &str,
    say: impl Fn(&Q) -> String,
) -> String {
    match smallest {
        Some(smallest) => {
            let told = smallest.told(&say(&smallest.case));
            format!("the smallest case that differs:\n{told}")
        }
        None => format!("it did not come a second time: {first}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::test_runner::{RngAlgorithm, TestRng};
    use serde_json::{Value, json};

    use super::*;
    use crate::questions::question;
    use crate::worlds::world;

    /// What a made-up server gets wrong: a binding of somebody to a cluster role with a URL, where
    /// somebody asks by name.
    fn made_up(world: &[Object], question: &Value) -> Option<String> {
        let has_url = |role: &Object| {
            let rules = role.body["rules"].as_array();
            rules.is_some_and(|rules| rules.iter().any(|it| it.get("nonResourceURLs").is_some()))
        };
        let binding = world.iter().find(|binding| {
            let subjects = binding.body["subjects"].as_array();
            let has_user = subjects.is_some_and(|all| all.iter().any(|it| it["kind"] == "User"));
            let role = world
                .iter()
                .find(|role| role.name() == binding.body["roleRef"]["name"]);
            has_user && role.is_some_and(has_url)
        })?;
        let name = question["resourceAttributes"]["name"].as_str()?;
        (!name.is_empty()).then(|| format!("{} {name:?}", binding.name()))
    }

    /// The first case of a seed that the made-up server gets wrong.
    fn wrong() -> (Drawn<Vec<Object>>, Drawn<Value>) {
        let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let mut runner = TestRunner::new_with_rng(Config::default(), random);
        for _ in 0..100 {
            let world = world().boxed().new_tree(&mut runner).unwrap();
            let objects = world.current();
            for _ in 0..20 {
                let case = question(&objects).new_tree(&mut runner).unwrap();
                if made_up(&objects, &case.current()).is_some() {
                    return (world, case);
                }
            }
        }
        panic!("no case is wrong");
    }

    #[test]
    fn what_has_nothing_to_do_with_a_difference_goes() {
        let (world, case) = wrong();
        let whole = world.current().len();
        assert!(whole > 100, "{whole}");
        let mut tried = 0;
        let smallest = smallest(world, case, usize::MAX, |world, case| {
            tried += 1;
            made_up(world, case)
        });
        let smallest = smallest.unwrap();
        let [role, binding] = smallest.world.as_slice() else {
            panic!("{}", smallest.told(""));
        };
        let rules = &role.body["rules"];
        assert_eq!(rules.as_array().unwrap().len(), 1, "{rules}");
        let urls = json!({"verbs": ["get"], "nonResourceURLs": ["/healthz"]});
        assert_eq!(rules[0], urls);
        let subjects = binding.body["subjects"].as_array().unwrap();
        assert_eq!(subjects.len(), 1, "{subjects:?}");
        assert_eq!(subjects[0]["name"], "ana");
        assert_ne!(smallest.case["resourceAttributes"]["name"], "");
        assert_eq!(smallest.case.get("extra"), None);
        assert!(smallest.told("").contains("nonResourceURLs:"));
        assert!(tried < TRIES, "{tried}");
    }

    #[test]
    fn when_the_tries_run_out_the_smallest_so_far_is_shown() {
        let (world, case) = wrong();
        let whole = world.current().len();
        let mut tried = 0;
        let smallest = smallest(world, case, 40, |world, case| {
            tried += 1;
            made_up(world, case)
        });
        let smallest = smallest.unwrap();
        assert_eq!(tried, 40);
        assert!(made_up(&smallest.world, &smallest.case).is_some());
        let left = smallest.world.len();
        assert!(left < whole && left > 2, "{left} of {whole}");
    }

    #[test]
    fn what_differs_only_once_has_no_smallest_case() {
        let (world, case) = wrong();
        assert!(smallest(world, case, TRIES, |_, _| None).is_none());
    }
}
