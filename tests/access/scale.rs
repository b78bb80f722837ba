//! How much is tried, and with which seed.

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Access reviews asked where nothing else is said.
const QUESTIONS: usize = 5_000;
/// Writes tried where nothing else is said.
const WRITES: usize = 500;

/// What the environment asks for.
pub(crate) struct Scale {
    pub(crate) questions: usize,
    pub(crate) writes: usize,
    seed: u64,
}

impl Scale {
    pub(crate) fn of_environment() -> Self {
        Self {
            questions: number("RBACFORM_ACCESS_QUESTIONS").unwrap_or(QUESTIONS),
            writes: number("RBACFORM_ACCESS_WRITES").unwrap_or(WRITES),
            seed: number("RBACFORM_ACCESS_SEED").unwrap_or(1),
        }
    }

    /// A source of cases, the same ones each time for a round of a test.
    pub(crate) fn runner(&self, test: u64, round: usize) -> TestRunner {
        let round = u64::try_from(round).unwrap();
        let numbers = [self.seed, test, round, 0];
        let seed: Vec<u8> = numbers.iter().flat_map(|it| it.to_le_bytes()).collect();
        let random = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        TestRunner::new_with_rng(Config::default(), random)
    }

    /// What a failure has to tell.
    pub(crate) fn told(&self) -> String {
        format!("RBACFORM_ACCESS_SEED={}", self.seed)
    }
}

fn number<N: std::str::FromStr>(name: &str) -> Option<N> {
    let text = std::env::var(name).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{name} is to be a number, not `{text}`")))
}
