//! `sandbox`: serves both halves of the sandbox until stopped. Prints what points others at it.

use std::path::Path;
use std::sync::Arc;

use rbacform_sandbox::{Fault, OnFirstUse, Sandbox, SandboxBuilder};
use serde::Deserialize;

use crate::args::SandboxArgs;
use crate::connect::{GoogleRoles, sandbox_failure};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::place::Place;
use crate::session::Session;

pub(crate) fn run(args: &SandboxArgs, session: &Session) -> Result<Exit, Failure> {
    let faults = args.faults.as_deref().map(faults).transpose()?;
    let folder = Place::of(Path::new("."))?.sandbox();
    if args.reset {
        reset(&folder)?;
    }
    let sandbox = builder(args, &folder)
        .start()
        .map_err(|error| sandbox_failure(&error))?;
    for fault in faults.unwrap_or_default() {
        sandbox.faults().add(fault);
    }
    session.ui.data(&lines(&sandbox));
    session.ui.talk(&format!(
        "Serving Kubernetes and Google on {}; its world is kept in {}. Ctrl-C ends it.\n",
        sandbox.url(),
        folder.display()
    ));
    session.block_on(|cancel| async move {
        cancel.cancelled().await;
        Ok(())
    })?;
    let requests = sandbox.requests().total();
    sandbox.shutdown();
    let words = crate::render::text::count(
        usize::try_from(requests).unwrap_or(usize::MAX),
        "request",
        "requests",
    );
    session.ui.talk(&format!("Stopped after {words}.\n"));
    Ok(Exit::Done)
}

/// Whatever is asked for of Google exists: nobody says here what is there.
fn builder(args: &SandboxArgs, folder: &Path) -> SandboxBuilder {
    let builder = Sandbox::builder()
        .persist(folder)
        .listen(args.listen)
        .admin_without_token()
        .google_roles(Arc::new(GoogleRoles))
        .google_on_first_use(OnFirstUse::CreateAll);
    match &args.kubernetes_version {
        Some(version) => builder.version(version),
        None => builder,
    }
}

/// Removes the world with the state of stacks in it, unless somebody uses it.
fn reset(folder: &Path) -> Result<(), Failure> {
    if !folder.exists() {
        return Ok(());
    }
    let in_use = Sandbox::builder().persist(folder).start();
    if let Err(error) = in_use.map(Sandbox::shutdown) {
        let failure = sandbox_failure(&error);
        // A world that cannot be read is just what is to be forgotten.
        if failure.exit == Exit::Stale {
            return Err(failure);
        }
    }
    std::fs::remove_dir_all(folder).map_err(|error| {
        let message = format!("cannot remove `{}`: {error}", folder.display());
        Failure::error("sandbox", message)
    })
}

/// The file of `--faults`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultFile {
    #[serde(default)]
    faults: Vec<Fault>,
}

fn faults(path: &Path) -> Result<Vec<Fault>, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::error(
            "faults",
            format!("cannot read the faults `{shown}`: {error}"),
        )
    })?;
    let file: FaultFile = toml::from_str(&text).map_err(|error| {
        let message = format!("`{shown}` holds no faults: {}", error.message());
        Failure::error("faults", message).help(
            "write `[[faults]]`, and in it `on = { verb = \"setIamPolicy\" }`, \
             `when = { first = 3 }` and `effect = { status = { code = 503 } }`",
        )
    })?;
    Ok(file.faults)
}

/// Lines for a POSIX shell: files are written by the shell that reads them, not by us.
fn lines(sandbox: &Sandbox) -> String {
    let exports: String = sandbox
        .google_environment()
        .iter()
        .map(|(variable, value)| format!("export {variable}={value}\n"))
        .collect();
    let (url, token) = (sandbox.url(), sandbox.admin_token());
    format!(
        "# gcloud and rbacform\n{exports}\
         # kubectl and rbacform\n\
         export KUBECONFIG=\"$(mktemp)\"\n\
         cat > \"$KUBECONFIG\" <<'END'\n\
         apiVersion: v1\n\
         kind: Config\n\
         current-context: sandbox\n\
         clusters: [{{name: sandbox, cluster: {{server: \"{url}\"}}}}]\n\
         users: [{{name: sandbox-admin, user: {{token: \"{token}\"}}}}]\n\
         contexts: [{{name: sandbox, context: {{cluster: sandbox, user: sandbox-admin}}}}]\n\
         END\n\
         # a stack with `gke = {{ ... }}` in `[providers.kubernetes]`\n\
         export CLOUDSDK_AUTH_ACCESS_TOKEN_FILE=\"$(mktemp)\"\n\
         echo {token} > \"$CLOUDSDK_AUTH_ACCESS_TOKEN_FILE\"\n"
    )
}
