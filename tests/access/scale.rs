//! How much is tried, and with which seed.

use rand::SeedableRng;
use rand::rngs::StdRng;

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

    /// Chance, the same one each time for a round of a test.
    pub(crate) fn chance(&self, test: u64, round: usize) -> StdRng {
        let round = u64::try_from(round).unwrap();
        StdRng::seed_from_u64(self.seed.wrapping_mul(1_000_003) ^ (test << 32) ^ round)
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
