//! `destroy`: a plan of nothing, carried out.

use rbacform_core::plan::Mode;

use crate::again;
use crate::args::DestroyArgs;
use crate::commands::apply::{self, Job};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::load::{Known, load};
use crate::session::Session;

pub(crate) fn run(args: &DestroyArgs, session: &Session) -> Result<Exit, Failure> {
    let known = Known::of(&args.state, &args.world);
    let loaded = load(&args.dir, &args.inputs, &session.environment, known)?;
    apply::carry_out(
        &Job {
            loaded: &loaded,
            mode: Mode::Destroy,
            adopt: false,
            saved: None,
            run: &args.run,
            state: args.state.state.clone(),
            world: &args.world,
            again: again::command(
                "destroy",
                &args.dir,
                &args.inputs,
                args.state.state.as_deref(),
                &args.world,
            ),
        },
        session,
    )
}
