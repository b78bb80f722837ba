//! Two writers at once, each with compare-and-swap: whatever the interleaving, both get what they
//! wanted.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rbacform_core::{Edit, Value};
use rbacform_gcp::policy::{Grant, fold, grants};

use crate::fold::{add, any_grant, any_policy, remove};

/// A server that keeps one policy and refuses what was read before the last write.
struct Server {
    policy: Value,
    etag: u64,
}

impl Server {
    fn get(&self) -> (Value, u64) {
        (self.policy.clone(), self.etag)
    }

    fn set(&mut self, policy: Value, etag: u64) -> bool {
        let current = etag == self.etag;
        if current {
            self.policy = policy;
            self.etag += 1;
        }
        current
    }
}

/// A writer: reads, folds, sets, and begins again when it was too late.
#[derive(Default)]
struct Writer {
    edits: Vec<Edit>,
    read: Option<(Value, u64)>,
    done: bool,
}

impl Writer {
    fn step(&mut self, server: &mut Server) {
        match self.read.take() {
            _ if self.done => {}
            None => self.read = Some(server.get()),
            Some((policy, etag)) => self.done = server.set(fold(&policy, &self.edits), etag),
        }
    }
}

proptest! {
    #[test]
    fn two_writers_end_with_the_union_of_their_intents(
        policy in any_policy(),
        first in proptest::collection::btree_map(any_grant(), any::<bool>(), 0..6),
        second in proptest::collection::btree_map(any_grant(), any::<bool>(), 0..6),
        turns in proptest::collection::vec(any::<bool>(), 0..12),
    ) {
        // Where they contradict, the later writer wins: that is no loss, so only the first keeps it.
        let second: Vec<(Grant, bool)> = second
            .into_iter()
            .filter(|(grant, _)| !first.contains_key(grant))
            .collect();
        let edits = |intents: &mut dyn Iterator<Item = (&Grant, &bool)>| -> Vec<Edit> {
            intents.map(|(grant, wanted)| if *wanted { add(grant) } else { remove(grant) }).collect()
        };
        let mut writers = [
            Writer { edits: edits(&mut first.iter()), ..Writer::default() },
            Writer { edits: edits(&mut second.iter().map(|(a, b)| (a, b))), ..Writer::default() },
        ];
        let mut server = Server { policy: policy.clone(), etag: 0 };
        for turn in turns {
            writers[usize::from(turn)].step(&mut server);
        }
        for _ in 0..4 {
            writers.iter_mut().for_each(|writer| writer.step(&mut server));
        }
        prop_assert!(writers.iter().all(|writer| writer.done));
        let mut expected: BTreeSet<Grant> = grants(&policy);
        for (grant, wanted) in first.iter().chain(second.iter().map(|(a, b)| (a, b))) {
            match wanted {
                true => expected.insert(grant.clone()),
                false => expected.remove(grant),
            };
        }
        prop_assert_eq!(grants(&server.policy), expected);
    }
}
