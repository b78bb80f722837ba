//! `drift`: what changed behind the stack's back, and what nobody manages. It has no write path:
//! not even state learns anything.

use rbacform_core::plan::{Drift, Mode, Requests, Unmanaged};
use serde::Serialize;

use crate::again;
use crate::args::{DriftArgs, FailOn};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::load::{Known, LoadedStack, load};
use crate::planning::{Planning, Request, make_plan};
use crate::render;
use crate::report;
use crate::session::Session;
use crate::store::store;

pub(crate) fn run(args: &DriftArgs, session: &Session) -> Result<Exit, Failure> {
    let known = Known::of(&args.state, &args.world);
    let loaded = load(&args.dir, &args.inputs, &session.environment, known)?;
    let stack = &loaded.stack;
    let store = store(
        &loaded.place,
        &stack.name,
        stack.env.as_deref(),
        args.state.state.as_deref(),
        args.world.sandbox,
    );
    // What would be done about it is the plan's business, and so are objects in the way.
    let request = Request::to_look(Mode::RefreshOnly, &loaded, &store, &args.world);
    let planning = session.read(|| make_plan(request, session))?;
    show(args, &loaded, &planning, session);
    let document = &planning.document;
    let unmanaged = args.fail_on == Some(FailOn::Unmanaged) && !document.unmanaged.is_empty();
    Ok(if !document.drift.is_empty() || unmanaged {
        Exit::Pending
    } else {
        Exit::Done
    })
}

/// `rbacform.drift/1`.
#[derive(Serialize)]
struct Report<'a> {
    format: &'static str,
    stack: &'a str,
    drifted: bool,
    drift: &'a [Drift],
    unmanaged: &'a [Unmanaged],
    #[serde(skip_serializing_if = "Option::is_none")]
    unmanaged_bootstrap: Option<usize>,
    requests: Requests,
}

fn show(args: &DriftArgs, loaded: &LoadedStack, planning: &Planning, session: &Session) {
    let (document, ui) = (&planning.document, &session.ui);
    report::notes(planning, ui);
    if args.json {
        ui.json(&Report {
            format: "rbacform.drift/1",
            stack: &document.stack,
            drifted: !document.drift.is_empty(),
            drift: &document.drift,
            unmanaged: &document.unmanaged,
            unmanaged_bootstrap: Some(document.unmanaged_bootstrap).filter(|own| *own > 0),
            requests: document.requests,
        });
        return;
    }
    if args.markdown {
        let mut text = format!("### rbacform drift: `{}`\n\n", document.stack);
        text.push_str(&render::markdown::worlds(
            document,
            planning.connection.user(),
        ));
        text.push_str(&render::markdown::drift(&document.drift));
        text.push_str(&render::markdown::unmanaged(
            &document.unmanaged,
            document.service_agents,
            document.unmanaged_bootstrap,
        ));
        if document.drift.is_empty() && document.unmanaged.is_empty() {
            text.push_str("\nNo drift.\n");
        }
        ui.data(&text);
        return;
    }
    let mut text = render::worlds::worlds(document, planning.connection.user());
    text.push_str(&render::drift::unmanaged(
        &document.unmanaged,
        document.service_agents,
        document.unmanaged_bootstrap,
    ));
    match document.drift.len() {
        0 => text.push_str("\nNo drift: everything is as it was last applied.\n"),
        drifted => {
            text.push_str("\nChanged outside of rbacform\n");
            text.push_str(&render::drift::drift(&document.drift));
            text.push_str(&format!(
                "\nDrift: {}. To see what would be done about it:\n  {}\n",
                render::text::count(drifted, "resource", "resources"),
                again::command(
                    "plan",
                    &args.dir,
                    &args.inputs,
                    args.state.state.as_deref(),
                    &args.world
                )
            ));
        }
    }
    ui.data(&text);
    report::warnings(planning, loaded, ui);
}
