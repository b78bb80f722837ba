//! The way to Google's APIs: which endpoints, and whose credentials.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use rbacform_core::ObjectId;
use rbacform_gcp::ident::Ident;
use rbacform_gcp::target::Api;
use rbacform_gcp::{ConnectOptions, GcpProvider, Settings};
use rbacform_sandbox::Sandbox;
use rbacform_stack::Stack;

use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::planning::{GOOGLE, Request, asserted_resources};
use crate::session::Session;

/// Connects. Nothing is sent yet.
pub(super) fn connect(
    request: &Request<'_>,
    sandbox: Option<&Sandbox>,
    session: &Session,
) -> Result<GcpProvider, Failure> {
    let settings = settings(request)?;
    let environment = &session.environment;
    let options = match sandbox {
        Some(sandbox) => ConnectOptions {
            endpoints: sandbox_endpoints(&sandbox.url()),
            ..common(request)
        },
        None => ConnectOptions {
            quota_project: settings.quota_project,
            impersonate: settings.impersonate,
            universe_domain: settings.universe_domain,
            access_token: settings.access_token,
            access_token_file: path(environment, "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"),
            credentials_file: path(environment, "GOOGLE_APPLICATION_CREDENTIALS"),
            gcloud_config: path(environment, "CLOUDSDK_CONFIG"),
            home: environment.home(),
            metadata_host: environment.get("GCE_METADATA_HOST").map(str::to_owned),
            endpoints: overrides(environment),
            iam_credentials_endpoint: environment
                .get(&overriding("IAMCREDENTIALS"))
                .map(str::to_owned),
            proxy: either(environment, "HTTPS_PROXY", "https_proxy"),
            no_proxy: either(environment, "NO_PROXY", "no_proxy"),
            ..common(request)
        },
    };
    GcpProvider::connect(&options).map_err(|diagnostic| Failure::new(Exit::Failed, diagnostic))
}

/// What `[providers.gcp]` says.
fn settings(request: &Request<'_>) -> Result<Settings, Failure> {
    let Some(given) = request.loaded.stack.providers.get(GOOGLE) else {
        return Ok(Settings::default());
    };
    Settings::read(&given.settings)
        .map_err(|problems| Failure::of_stack(problems, request.loaded.sources.clone()))
}

fn common(request: &Request<'_>) -> ConnectOptions {
    ConnectOptions {
        instance: GOOGLE.to_owned(),
        parallelism: usize::from(request.world.parallelism),
        timeout: Duration::from_secs(request.world.timeout),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..ConnectOptions::default()
    }
}

/// Where the sandbox serves each of Google's APIs.
fn sandbox_endpoints(url: &str) -> BTreeMap<Api, String> {
    Api::ALL
        .into_iter()
        .map(|api| (api, format!("{url}/google/{}/", api.name())))
        .collect()
}

/// The variable that stands for an API's host, as gcloud reads it.
fn overriding(api: &str) -> String {
    format!("CLOUDSDK_API_ENDPOINT_OVERRIDES_{}", api.to_uppercase())
}

fn overrides(environment: &Environment) -> BTreeMap<Api, String> {
    Api::ALL
        .into_iter()
        .filter_map(|api| {
            let url = environment.get(&overriding(api.name()))?;
            Some((api, url.to_owned()))
        })
        .collect()
}

fn path(environment: &Environment, name: &str) -> Option<PathBuf> {
    environment.get(name).map(PathBuf::from)
}

fn either(environment: &Environment, upper: &str, lower: &str) -> Option<String> {
    let found = environment.get(upper).or_else(|| environment.get(lower));
    found.map(str::to_owned)
}

/// The project of an object at Google; none of others.
pub(crate) fn project_of(object: &ObjectId) -> Option<String> {
    if object.instance != GOOGLE {
        return None;
    }
    project_in(resource_of(object)).map(str::to_owned)
}

/// The project that a resource is in or is, by id or number, where its name tells.
pub(crate) fn project_in(resource: &str) -> Option<&str> {
    resource.strip_prefix("projects/")?.split('/').next()
}

/// The name of the resource that an object is, or whose policy it is in.
fn resource_of(object: &ObjectId) -> &str {
    Ident::of(object).map_or(object.ident.as_str(), |about| about.resource)
}

/// The resources that a stack names and does not declare: they exist in the sandbox. Service
/// accounts are told of where their policies are granted, GKE clusters where they give a login.
/// An assertion about an account makes none: that it exists is part of what it says.
pub(super) fn named(stack: &Stack) -> BTreeSet<String> {
    let ours = || {
        let objects = stack.resources.iter().map(|resource| &resource.object);
        objects.filter(|object| object.instance == GOOGLE)
    };
    let declared: BTreeSet<&str> = ours()
        .filter(|object| Ident::of(object).is_none())
        .map(|object| object.ident.as_str())
        .collect();
    let mut named: BTreeSet<String> = ours()
        .map(resource_of)
        .filter(|resource| !declared.contains(resource))
        .map(str::to_owned)
        .collect();
    named.extend(ours().filter_map(|object| Some(format!("projects/{}", project_of(object)?))));
    let asserted = asserted_resources(&stack.assertions).into_iter();
    let holders = asserted.flat_map(|resource| resource.holders());
    named.extend(holders.filter(|name| !name.contains("/serviceAccounts/")));
    let settings = stack.providers.get(GOOGLE).map(|given| &given.settings);
    let own = settings.and_then(|settings| Settings::read(settings).ok()?.project);
    named.extend(own.map(|id| format!("projects/{id}")));
    named.retain(|resource| !declared.contains(resource.as_str()));
    named
}
