//! The world a question is asked about: what a stack declares, its state, a cluster, or plain files.

use std::path::PathBuf;

use rbacform_access::Facts;
use rbacform_access::google::Resource;

use super::args::{FromArgs, SettingArgs};
use super::files;
use super::google::{self, Google};
use super::layers::{Layers, google_of};
use super::live;
use super::places::Places;
use super::unseen::Unseen;
use crate::failure::Failure;
use crate::load::LoadedStack;
use crate::planning::GOOGLE;
use crate::session::Session;

/// Facts, and where they were written.
#[derive(Default)]
pub(super) struct World {
    pub(super) facts: Facts,
    pub(super) places: Places,
    /// What may be there and was not seen.
    pub(super) unseen: Unseen,
    /// Whether it was read of a cluster, where nobody keeps the order of subjects.
    pub(super) is_live: bool,
    /// Whether it is only what files of ours declare: a cluster may hold more.
    pub(super) declared_only: bool,
    /// What is known about Google.
    pub(super) google: Google,
}

/// Everything that `--from` names. `namespace` is where the question is asked.
pub(super) fn world(
    args: &FromArgs,
    namespace: Option<&str>,
    session: &Session,
) -> Result<World, Failure> {
    of(&args.from, &args.settings, namespace, session)
}

/// The same with Google's policies, as far as they bear on a resource.
pub(super) fn with_google(
    args: &FromArgs,
    asked: Option<&Resource>,
    session: &Session,
) -> Result<World, Failure> {
    let settings = &args.settings;
    let mut layers = Layers::of(&args.from, settings, session)?;
    layers.read_google(settings, asked, session)?;
    // A question about Google alone needs no cluster.
    if layers.stacks.first().is_none_or(google::has_cluster) {
        layers.read_live(settings, None, session)?;
    }
    layers.settle(settings)
}

/// The same with what somebody gets at in Google, where a stack that is asked about says anything
/// of it; beside a cluster alone the stack here.
pub(super) fn followed(
    args: &FromArgs,
    namespace: Option<&str>,
    session: &Session,
) -> Result<World, Failure> {
    let settings = &args.settings;
    let mut layers = Layers::of(&args.from, settings, session)?;
    let speaks_of_google = match layers.stacks.as_slice() {
        [] if layers.wants_live => of_google(&live::stack_here(settings, session)?),
        stacks => stacks.iter().any(of_google),
    };
    if speaks_of_google {
        layers.read_google(settings, None, session)?;
    }
    layers.read_live(settings, namespace, session)?;
    layers.settle(settings)
}

/// Whether a stack has anything at Google.
fn of_google(loaded: &LoadedStack) -> bool {
    let mut resources = loaded.stack.resources.iter();
    resources.any(|resource| resource.object.instance == GOOGLE)
}

/// The world of some of the places that `--from` could name; of none, the stack in this directory.
pub(super) fn of(
    from: &[PathBuf],
    args: &SettingArgs,
    namespace: Option<&str>,
    session: &Session,
) -> Result<World, Failure> {
    let mut layers = Layers::of(from, args, session)?;
    layers.read_live(args, namespace, session)?;
    layers.settle(args)
}

/// Two worlds to be compared. What a cluster and Google say is read once for both, and with it on
/// either side a stack is what will stand there.
pub(super) fn pair(
    [before, after]: [&PathBuf; 2],
    args: &SettingArgs,
    session: &Session,
) -> Result<[World; 2], Failure> {
    files::read_stdin_once([before, after])?;
    let layers = |from: &PathBuf| Layers::of(std::slice::from_ref(from), args, session);
    let mut both = [layers(before)?, layers(after)?];
    if both.iter().any(|layers| layers.wants_live) {
        for layers in &mut both {
            layers.wants_live |= !layers.stacks.is_empty();
        }
        let [one, other] = &both;
        let stacks: Vec<&LoadedStack> = one.stacks.iter().chain(&other.stacks).collect();
        let stack = stacks.first().copied();
        let about = [one.google.about(), other.google.about()].concat();
        let google = match about.is_empty() {
            true => None,
            false => Some(google_of(stack, args, &about, session)?),
        };
        let cluster = match stack.is_none_or(google::has_cluster) {
            true => Some(live::read(args, &stacks, None, session)?),
            false => None,
        };
        for layers in both.iter_mut().filter(|layers| layers.wants_live) {
            layers.live = cluster.clone();
            if let Some(google) = &google {
                layers.lay_google(google.clone(), args)?;
            }
        }
    }
    let [before, after] = both;
    Ok([before.settle(args)?, after.settle(args)?])
}
