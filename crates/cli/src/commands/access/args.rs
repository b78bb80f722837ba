//! The grammar of `access`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use rbacform_access::Version;

use crate::args::{InputArgs, StateArgs, WorldArgs};

/// Questions about who may do what, answered without asking the cluster's authorizer.
#[derive(Debug, Subcommand)]
pub(crate) enum AccessCommand {
    /// Whether somebody may do something: yes (exit 0), no (1) or cannot tell (2)
    CanI(CanIArgs),
    /// The same with everything that bears on the answer
    Explain(QuestionArgs),
    /// Everybody who may do something
    WhoCan(WhoCanArgs),
    /// Everything somebody may do
    WhatCan(WhatCanArgs),
    /// What anybody may do in one world and not in another
    Diff(DiffArgs),
}

impl AccessCommand {
    /// How the worlds are read.
    pub(crate) fn settings_mut(&mut self) -> &mut SettingArgs {
        match self {
            Self::CanI(args) => &mut args.from.settings,
            Self::Explain(args) => &mut args.from.settings,
            Self::WhoCan(args) => &mut args.from.settings,
            Self::WhatCan(args) => &mut args.from.settings,
            Self::Diff(args) => &mut args.settings,
        }
    }
}

/// Which world is asked.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "World")]
pub(crate) struct FromArgs {
    /// What to ask: a stack's directory, `live` for the cluster, `state` for what this directory's
    /// stack has applied, a file of Kubernetes objects in YAML or JSON (`-` for stdin), or a
    /// directory of such files; may be repeated. The stack in this directory if left out; with a
    /// flag that names a cluster, as it will stand there once applied
    #[arg(long, value_name = "DIR|live|state|FILE")]
    pub(crate) from: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) settings: SettingArgs,
}

/// How a world is read.
#[derive(Clone, Debug, Args)]
pub(crate) struct SettingArgs {
    /// The version of Kubernetes that is meant, e.g. 1.34; the newest known if left out
    #[arg(long, value_name = "VERSION")]
    pub(crate) kubernetes_version: Option<Version>,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) world: WorldArgs,
}

/// Who asks.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Who")]
pub(crate) struct WhoArgs {
    /// A user, `serviceaccount:NAMESPACE/NAME`, or `group:NAME` for any member of a group; to Google
    /// a member as policies write it, `serviceAccount:EMAIL`
    #[arg(long = "as", value_name = "WHO")]
    pub(crate) who: Option<String>,
    /// A group, `NAME` or `group:NAME`, beside those that the name implies; may be repeated
    #[arg(long, value_name = "GROUP")]
    pub(crate) as_group: Vec<String>,
    /// Ask while acting as somebody else (Impersonate-User, `kubectl --as`): whether that is allowed,
    /// and what that one may do
    #[arg(long, value_name = "WHO")]
    pub(crate) impersonate: Option<String>,
    /// Groups to act as, `NAME` or `group:NAME` (Impersonate-Group); may be repeated
    #[arg(long, value_name = "GROUP", requires = "impersonate")]
    pub(crate) impersonate_group: Vec<String>,
}

/// What is asked for.
#[derive(Clone, Debug, Args)]
pub(crate) struct WhatArgs {
    /// The namespace; `default` where it is left out
    #[arg(short, long, value_name = "NAME")]
    pub(crate) namespace: Option<String>,
    /// The whole cluster, instead of one namespace
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    pub(crate) all_namespaces: bool,
    /// The subresource, such as log
    #[arg(long, value_name = "NAME")]
    pub(crate) subresource: Option<String>,
    /// The API group; that of the resource where it is well known, else the core group
    #[arg(long, value_name = "GROUP")]
    pub(crate) api_group: Option<String>,
    /// A resource of Google by its full name, e.g. `//storage.googleapis.com/projects/_/buckets/B`:
    /// asks about a permission there, `get storage.objects` or `storage.objects.get`
    #[arg(long = "resource", value_name = "//SERVICE/NAME", conflicts_with_all = ["namespace", "all_namespaces", "subresource", "api_group"])]
    pub(crate) on: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct QuestionArgs {
    /// The verb: get, list, create, ...; or a permission of Google
    pub(crate) verb: String,
    /// The resource, with an object's name behind a slash; or a URL path
    #[arg(value_name = "RESOURCE[/NAME]|/PATH")]
    pub(crate) resource: Option<String>,
    /// Print `rbacform.access/1`
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) what: WhatArgs,
    #[command(flatten)]
    pub(crate) who: WhoArgs,
    #[command(flatten)]
    pub(crate) from: FromArgs,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct CanIArgs {
    /// The verb: get, list, create, ...; or a permission of Google
    #[arg(required_unless_present = "batch")]
    pub(crate) verb: Option<String>,
    /// The resource, with an object's name behind a slash; or a URL path
    #[arg(value_name = "RESOURCE[/NAME]|/PATH")]
    pub(crate) resource: Option<String>,
    /// Answer many questions: one SubjectAccessReview spec in JSON a line, `-` for stdin
    #[arg(long, value_name = "FILE", conflicts_with_all = ["verb", "resource", "on", "who", "as_group", "impersonate"])]
    pub(crate) batch: Option<PathBuf>,
    /// Print `rbacform.access/1`
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) what: WhatArgs,
    #[command(flatten)]
    pub(crate) who: WhoArgs,
    #[command(flatten)]
    pub(crate) from: FromArgs,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct WhoCanArgs {
    /// The verb: get, list, create, ...; or a permission of Google
    pub(crate) verb: String,
    /// The resource, with an object's name behind a slash; or a URL path
    #[arg(value_name = "RESOURCE[/NAME]|/PATH")]
    pub(crate) resource: Option<String>,
    /// Print `rbacform.access/1`
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) what: WhatArgs,
    #[command(flatten)]
    pub(crate) from: FromArgs,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct WhatCanArgs {
    /// A user, `serviceaccount:NAMESPACE/NAME`, or `group:NAME`
    #[arg(value_name = "SUBJECT")]
    pub(crate) subject: String,
    /// Only in this namespace, with what holds in every namespace
    #[arg(short, long, value_name = "NAME")]
    pub(crate) namespace: Option<String>,
    /// Print `rbacform.access/1`
    #[arg(long)]
    pub(crate) json: bool,
    /// A group, `NAME` or `group:NAME`, beside those that the name implies; may be repeated
    #[arg(long, value_name = "GROUP")]
    pub(crate) as_group: Vec<String>,
    #[command(flatten)]
    pub(crate) from: FromArgs,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct DiffArgs {
    /// The one world: a stack's directory, `live`, `state`, or a file of Kubernetes objects
    #[arg(value_name = "A")]
    pub(crate) before: PathBuf,
    /// The other
    #[arg(value_name = "B")]
    pub(crate) after: PathBuf,
    /// Print `rbacform.access/1`
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) settings: SettingArgs,
}
