//! `state recover`: rebuilds a lost state from the marks that the objects carry.

use std::collections::BTreeSet;

use rbacform_core::plan::Mode;
use rbacform_core::{Semantics, StateSnapshot, Text};
use rbacform_kubernetes::KubernetesSemantics;
use rbacform_planner::{PlanInput, Recovered, check_worlds, recover};
use rbacform_provider::{Observation, Query};
use rbacform_state::{Intent, LockInfo, Remains, Verb};

use crate::again;
use crate::args::StateRecoverArgs;
use crate::connect::Connection;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::load::{Known, LoadedStack, SEMANTICS, load};
use crate::planning::{KUBERNETES, Request};
use crate::render::text::{count, safe};
use crate::session::Session;
use crate::store::store;

pub(crate) fn run(args: &StateRecoverArgs, session: &Session) -> Result<Exit, Failure> {
    let loaded = load(
        &args.dir,
        &args.inputs,
        &session.environment,
        Known::Nothing,
    )?;
    let stack = &loaded.stack;
    let store = store(
        &loaded.place,
        &stack.name,
        stack.env.as_deref(),
        args.state.state.as_deref(),
        args.world.sandbox,
    );
    let _lock = store.lock(lock_info(session))?;
    let remains = store.remains()?;
    refuse_what_is_not_lost(args, &remains)?;
    let request = Request::to_look(Mode::Apply, &loaded, &store, &args.world);
    let seen = session.read(|| observe(&request, session))?;
    let known = remains.current.clone().or(remains.backup.clone());
    let known = known.unwrap_or_else(|| StateSnapshot::empty(&stack.name, stack.env.clone()));
    let mut recovered = rebuild(args, &loaded, &seen, &known)?;
    recovered.snapshot.worlds.extend(seen.worlds.clone());
    let bridges = bridges(&recovered);
    store.rebuild(&mut recovered.snapshot, &remains, &bridges)?;
    tell(args, &seen, &recovered, session);
    Ok(Exit::Done)
}

fn lock_info(session: &Session) -> LockInfo {
    let environment = &session.environment;
    LockInfo {
        id: rbacform_state::new_lineage(),
        operation: "state recover".to_owned(),
        who: environment.who(),
        host: environment.host(),
        pid: std::process::id(),
        created: environment.now.to_string(),
    }
}

fn refuse_what_is_not_lost(args: &StateRecoverArgs, remains: &Remains) -> Result<(), Failure> {
    match &remains.current {
        Some(current) if !current.resources.is_empty() && !args.force => Err(Failure::error(
            "state-not-lost",
            format!(
                "there is a state, serial {}, with {}",
                current.serial,
                count(current.resources.len(), "resource", "resources")
            ),
        )
        .help(
            "a plan adopts by itself what carries this state's mark and is missing in it; to rebuild \
             the state all the same, `--force`: this one becomes a backup",
        )),
        _ => Ok(()),
    }
}

/// Reads every kind whole, and which world it is.
async fn observe(request: &Request<'_>, session: &Session) -> Result<Observation, Failure> {
    let instances = BTreeSet::from([KUBERNETES]);
    let connection = Connection::open(request, &instances, session).await?;
    let Some(provider) = connection.providers.get(KUBERNETES) else {
        return Ok(Observation::default());
    };
    let declared = &request.loaded.stack.resources;
    let types = KubernetesSemantics.types().iter();
    let query = Query {
        kinds: types.map(|schema| Text::from(schema.kind)).collect(),
        objects: declared.iter().map(|known| known.object.clone()).collect(),
        world: true,
        ..Query::default()
    };
    let seen = provider.read(&query).await?;
    let worlds = seen.worlds.into_iter();
    Ok(Observation {
        worlds: worlds
            .map(|(key, world)| (key, connection.steady(world)))
            .collect(),
        ..seen
    })
}

fn rebuild(
    args: &StateRecoverArgs,
    loaded: &LoadedStack,
    seen: &Observation,
    known: &StateSnapshot,
) -> Result<Recovered, Failure> {
    let of_stack = |error| Failure::of_stack(vec![error], loaded.sources.clone());
    let input = PlanInput {
        desired: &loaded.stack.resources,
        expired: &loaded.stack.expired,
        prior: known,
        no_state: true,
        observed: &seen.observed,
        semantics: &SEMANTICS,
        mode: Mode::Apply,
        adopt: false,
        targets: &[],
    };
    let recovered = recover(&input, args.lineage.as_deref()).map_err(of_stack)?;
    match check_worlds(known, &seen.worlds).into_iter().next() {
        Some(error) if !args.force && recovered.snapshot.lineage == known.lineage => {
            Err(of_stack(error.help(
                "what is left of the state knows another cluster: check the context. If this one has \
                 taken its place, `--force`",
            )))
        }
        _ => Ok(recovered),
    }
}

fn bridges(recovered: &Recovered) -> Vec<Intent> {
    let bridge = |(address, object): &(_, _)| Intent {
        seq: 0,
        address: Clone::clone(address),
        object: Clone::clone(object),
        verb: Verb::Create,
        records: None,
        transient: true,
    };
    recovered.bridges.iter().map(bridge).collect()
}

fn tell(args: &StateRecoverArgs, seen: &Observation, recovered: &Recovered, session: &Session) {
    let ui = &session.ui;
    for note in &seen.notes {
        ui.talk(&format!("note: {}\n", safe(note)));
    }
    if seen.observed.complete.len() < KubernetesSemantics.types().len() {
        ui.talk(
            "note: what may not be listed and is not declared was not looked for; who may list it \
             finds it by its mark\n",
        );
    }
    let state = &recovered.snapshot;
    ui.talk(&format!(
        "Recovered {} of stack {} from their marks: lineage {}, serial {}.\n",
        count(state.resources.len(), "resource", "resources"),
        state.stack,
        safe(&state.lineage),
        state.serial
    ));
    if !recovered.undeclared.is_empty() {
        ui.talk(&format!(
            "Of these the files do not declare {}; the next apply lets go of what they do not \
             declare by then:\n",
            recovered.undeclared.len()
        ));
        for address in &recovered.undeclared {
            ui.talk(&format!("  {}\n", safe(&address.to_string())));
        }
    }
    let plan = again::command(
        "plan",
        &args.dir,
        &args.inputs,
        args.state.state.as_deref(),
        &args.world,
    );
    ui.talk(&format!("Read the plan before you apply:\n  {plan}\n"));
}
