//! Killed at random moments: 200, spread over the whole run.

use std::time::{Duration, Instant};

use rbacform_sandbox::{Effect, Fault, RequestMatch, When};

use crate::stage::{APPLY, Face, asked, converges, first_face};

/// How many requests an apply from one face to the other sends.
const REQUESTS: u64 = 21;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

fn killed_at_random_moments(test: &str, seed: u64, times: usize) {
    let scene = first_face(test);
    let sandbox = scene.world.as_sandbox();
    let mut random = Random(seed);
    let mut face = Face::One;
    let mut killed = 0;
    for time in 0..times {
        face = face.other();
        scene.repo.stack(&face.stack());
        // Requests take a while, so that moments lie within them too.
        sandbox.faults().add(Fault {
            on: RequestMatch {
                user_agent: Some("rbacform/".to_owned()),
                ..RequestMatch::any()
            },
            when: When::Always,
            effect: Effect::LatencyMs(2),
        });
        sandbox.reset_requests();
        let (requests, later) = (random.below(REQUESTS + 1), random.below(6_000));
        let mut child = scene.repo.command(&APPLY).spawn().unwrap();
        let running = |child: &mut std::process::Child| child.try_wait().unwrap().is_none();
        while asked(&scene) < requests && running(&mut child) {
            std::thread::yield_now();
        }
        let moment = Instant::now() + Duration::from_micros(later);
        while Instant::now() < moment {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        killed += usize::from(child.wait().unwrap().code().is_none());
        sandbox.faults().clear();
        converges(&scene, face);
        assert!(
            killed > time / 4,
            "moments that come too late show nothing: {killed} of {time}"
        );
    }
    scene.repo.is_settled();
    scene.repo.has_no_drift();
}

#[test]
fn first_50_random_moments() {
    killed_at_random_moments("random_moments_1", 1, 50);
}

#[test]
fn second_50_random_moments() {
    killed_at_random_moments("random_moments_2", 2, 50);
}

#[test]
fn third_50_random_moments() {
    killed_at_random_moments("random_moments_3", 3, 50);
}

#[test]
fn last_50_random_moments() {
    killed_at_random_moments("random_moments_4", 4, 50);
}
