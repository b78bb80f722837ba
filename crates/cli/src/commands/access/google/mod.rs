//! Questions about Google: a permission on a resource, and everybody in clusters who gets there.

mod answer;
mod chain;
mod decision;
mod diff;
mod live;
mod question;
mod what;
mod who;
mod world;

pub(super) use decision::{can_i, explain};
pub(super) use diff::change;
pub(super) use live::{Live, has_cluster, read};
pub(super) use question::is_asked;
pub(super) use what::{Held, held, words as held_words};
pub(super) use who::run as who_can;
pub(super) use world::{Google, Layers};
