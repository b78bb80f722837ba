//! The grammar of `access`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::args::InputArgs;

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

/// Which world is asked.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "World")]
pub(crate) struct FromArgs {
    /// A stack's directory, `state`, or a file of Kubernetes objects in YAML or JSON; may be
    /// repeated. A stack stands for what it declares, beside the roles of the platform
    #[arg(long, value_name = "DIR|state|FILE", default_value = ".")]
    pub(crate) from: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
}

/// Who asks.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Who")]
pub(crate) struct WhoArgs {
    /// A user, `serviceaccount:NAMESPACE/NAME`, or `group:NAME` for any member of a group
    #[arg(long = "as", value_name = "WHO")]
    pub(crate) who: Option<String>,
    /// A group, beside those that the name implies; may be repeated
    #[arg(long, value_name = "GROUP")]
    pub(crate) as_group: Vec<String>,
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
}

#[derive(Clone, Debug, Args)]
pub(crate) struct QuestionArgs {
    /// The verb: get, list, create, ...
    pub(crate) verb: String,
    /// The resource, with an object's name behind a slash; or a URL path
    #[arg(value_name = "RESOURCE[/NAME]|/PATH")]
    pub(crate) resource: String,
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
    /// The verb: get, list, create, ...
    #[arg(required_unless_present = "batch")]
    pub(crate) verb: Option<String>,
    /// The resource, with an object's name behind a slash; or a URL path
    #[arg(
        value_name = "RESOURCE[/NAME]|/PATH",
        required_unless_present = "batch"
    )]
    pub(crate) resource: Option<String>,
    /// Answer many questions: one SubjectAccessReview spec in JSON a line, `-` for stdin
    #[arg(long, value_name = "FILE", conflicts_with_all = ["verb", "resource", "who", "as_group"])]
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
    /// The verb: get, list, create, ...
    pub(crate) verb: String,
    /// The resource, with an object's name behind a slash; or a URL path
    #[arg(value_name = "RESOURCE[/NAME]|/PATH")]
    pub(crate) resource: String,
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
    /// A group, beside those that the name implies; may be repeated
    #[arg(long, value_name = "GROUP")]
    pub(crate) as_group: Vec<String>,
    #[command(flatten)]
    pub(crate) from: FromArgs,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct DiffArgs {
    /// The one world: a stack's directory, or a file of Kubernetes objects
    #[arg(value_name = "A")]
    pub(crate) before: PathBuf,
    /// The other
    #[arg(value_name = "B")]
    pub(crate) after: PathBuf,
    /// Print `rbacform.access/1`
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
}
