use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use rbacform_core::{Adoption, ObjectId, ObservedObject, ObservedSet, Semantics, StateSnapshot};
use rbacform_provider::ProviderError;
use rbacform_state::{Intent, Leftover, Loaded, Version, settle};

use crate::Providers;
use crate::step::no_provider;

/// How many objects are read at once.
const PARALLELISM: usize = 16;

/// The state as it truly is, with nothing open: what a plan starts from.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The state. Before the first apply it has no lineage; mint one before planning.
    pub snapshot: StateSnapshot,
    /// The version of the file, for the commit.
    pub version: Version,
    /// Temporary objects of ours that earlier runs left in the world, each with an intent about
    /// it.
    pub bridges: BTreeMap<ObjectId, Intent>,
    /// The journals of killed runs, to be removed once `snapshot` is committed.
    pub leftovers: Vec<Leftover>,
    /// Whether `snapshot` is not what the file has.
    pub changed: bool,
}

/// An object with an open intent that could not be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("cannot find out what an interrupted apply did to `{object}`: {source}")]
pub struct SettleError {
    /// The object.
    pub object: ObjectId,
    /// Why not.
    #[source]
    pub source: ProviderError,
}

/// Settles what killed runs left open, by what is in the world. In memory only: an apply commits
/// it, a plan forgets it.
///
/// Objects that `observed` tells about are not read again; pass an empty set where nothing was
/// read. The caller has made sure that the providers speak to the pinned worlds: in another world
/// every object would look deleted.
pub async fn settle_open_intents(
    loaded: Loaded,
    observed: &ObservedSet,
    providers: &Providers,
    semantics: &[&dyn Semantics],
) -> Result<Settled, SettleError> {
    let Loaded {
        mut snapshot,
        version,
        open,
        mut bridges,
        leftovers,
        mut changed,
    } = loaded;
    let asked = open.iter().filter(|intent| !intent.transient);
    let answers: Vec<Option<ObservedObject>> = stream::iter(
        asked
            .clone()
            .map(|intent| live(&intent.object, observed, providers)),
    )
    .buffered(PARALLELISM)
    .try_collect()
    .await?;
    for (intent, answer) in asked.zip(&answers) {
        let adoption = adoption(&intent.object, semantics);
        changed |= settle(&mut snapshot, intent, answer.as_ref(), adoption);
    }
    let mark = snapshot.mark();
    for object in bridges.keys().cloned().collect::<Vec<_>>() {
        let found = live(&object, observed, providers).await?;
        if found.is_none_or(|found| found.mark.as_ref() != Some(&mark)) {
            bridges.remove(&object);
        }
    }
    Ok(Settled {
        snapshot,
        version,
        bridges,
        leftovers,
        changed,
    })
}

/// Whether a mark tells whose an object is; one that no provider here knows is taken for marked,
/// so that nothing is claimed without proof.
fn adoption(object: &ObjectId, semantics: &[&dyn Semantics]) -> Adoption {
    semantics
        .iter()
        .find(|semantics| object.instance == semantics.provider())
        .map_or(Adoption::Marked, |semantics| {
            semantics.adoption(&object.kind)
        })
}

async fn live(
    object: &ObjectId,
    observed: &ObservedSet,
    providers: &Providers,
) -> Result<Option<ObservedObject>, SettleError> {
    if let Some(known) = observed.get(object) {
        return Ok(Some(known.clone()));
    }
    let kind = (object.instance.clone(), object.kind.clone());
    if observed.complete.contains(&kind) {
        return Ok(None);
    }
    let failed = |source| SettleError {
        object: object.clone(),
        source,
    };
    let provider = providers
        .get(object.instance.as_str())
        .ok_or_else(|| failed(no_provider(&object.instance)))?;
    provider.read_one(object).await.map_err(failed)
}
