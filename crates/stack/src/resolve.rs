//! Resolving: the steps from files to a stack, in order.

use std::collections::hash_map::Entry as Slot;
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use rbacform_core::{Diagnostic, FileId, Node, SourceMap};

use crate::blocks::{self, Declared};
use crate::document::Document;
use crate::files::{Folder, unread};
use crate::link::Known;
use crate::stack::{digest, prune_dependencies};
use crate::store::Store;
use crate::workbench::Workbench;
use crate::{LoadInput, Loaded, Stack, toml_tree};
use crate::{
    assertions, given, identity, manifests, outputs, policy, providers, resources, variables,
};

/// Resolves a stack; on a thread with enough stack.
pub(crate) fn resolve(input: &LoadInput<'_>) -> Loaded {
    let mut bench = Workbench::new();
    let stack = stack(input, &mut bench);
    Loaded {
        sources: bench.sources,
        diagnostics: bench.diagnostics,
        stack,
    }
}

fn stack(input: &LoadInput<'_>, bench: &mut Workbench) -> Option<Stack> {
    let folder = Folder {
        root: input.root,
        dir: input.dir,
    };
    let document = read(input, &folder, bench)?;
    let identity = identity::read(&document.stack, &bench.sources, &mut bench.diagnostics);
    let mut known = Known::default();
    let mut store = Store::default();

    let variables = variables::declare(document.variables, &mut bench.diagnostics);
    let assigned = given::assign(input, &folder, &variables, bench);
    variables::publish(&variables, &assigned, &mut store, &mut known);
    variables::validate(&variables, &assigned, &store, &known, bench);

    let resources = resources::declare(document.resources, input.semantics, &mut bench.diagnostics);
    let mut settings = providers::declare(document.providers, input.semantics, bench);
    let used = resources.iter().filter_map(|resource| resource.known);
    let used: BTreeSet<&str> = used.map(|known| known.semantics.provider()).collect();
    let completed = providers::complete(&mut settings, &used, input, &mut bench.sources);
    let declared = Declared {
        locals: document.locals,
        resources,
        settings,
        outputs: outputs::declare(document.outputs, &mut bench.diagnostics),
        manifests: document.manifests,
        assertions: assertions::declare(document.assertions, &mut bench.diagnostics),
        policy: document
            .policy
            .into_iter()
            .map(|entry| entry.node)
            .collect(),
    };
    let resolved = blocks::resolve(declared, input, &mut store, &mut known, bench);
    let policy = policy::read(&resolved.policy, &mut bench.diagnostics);

    let blocks = manifests::read(&resolved.manifests, &mut bench.diagnostics);
    let manifests = manifests::resolve(&blocks, &folder, input.semantics, input.now, bench);

    let mut resources = resolved.resources;
    resources.extend(manifests.resources);
    // They are held as long as the run takes.
    resources.shrink_to_fit();
    check_objects(&mut resources, bench);
    resources.sort_by(|a, b| a.address.cmp(&b.address));
    prune_dependencies(&mut resources);
    let mut expired = resolved.expired;
    expired.extend(manifests.expired);
    expired.sort();
    let identity = identity?;
    let inputs_digest = digest(
        &resources,
        &resolved.outputs,
        &resolved.providers,
        &resolved.assertions,
    );
    Some(Stack {
        name: identity.name,
        name_span: identity.span,
        env: input.env.map(str::to_owned),
        providers: resolved.providers,
        policy,
        assertions: resolved.assertions,
        resources,
        expired,
        temporary: resolved.temporary,
        outputs: resolved.outputs,
        inputs: assigned.inputs(input, completed),
        inputs_digest,
    })
}

/// Reads and parses every file. `None` where there is nothing to go on with: what a broken file
/// declares is not known, and to go on would report it as missing.
fn read(input: &LoadInput<'_>, folder: &Folder<'_>, bench: &mut Workbench) -> Option<Document> {
    let saved = input.saved.map_or(&[][..], |saved| &saved.vars_files);
    let saved = saved.iter().map(|path| input.root.join(path));
    let variables: Vec<PathBuf> = input.vars_files.iter().cloned().chain(saved).collect();
    let paths = match folder.stack_files(&variables) {
        Ok(paths) => paths,
        Err(error) => {
            bench.diagnostics.push(error);
            return None;
        }
    };
    if paths.is_empty() {
        let message = "there are no stack files here".to_owned();
        let error = unread(folder.shown(input.dir), "no-stack", message);
        let help = "a stack is a directory with `*.toml` files; `rbacform init` writes one";
        bench.diagnostics.push(error.help(help));
        return None;
    }
    let mut document = Document::default();
    let mut whole = true;
    for path in paths {
        match folder.read(&path, &mut bench.sources) {
            Err(error) => {
                bench.diagnostics.push(error);
                whole = false;
            }
            Ok(file) => {
                let (root, errors) = parse(file, &bench.sources);
                whole &= errors.is_empty();
                bench.diagnostics.extend(errors);
                document.add(root, &mut bench.diagnostics);
            }
        }
    }
    whole.then_some(document)
}

/// Parses a file of the source map.
pub(crate) fn parse(file: FileId, sources: &SourceMap) -> (Node, Vec<Diagnostic>) {
    let text = sources.file(file).map(|file| file.text.as_ref());
    toml_tree::parse(file, text.unwrap_or_default())
}

/// Two addresses for one object are an error that shows both places.
fn check_objects(resources: &mut [rbacform_core::DesiredResource], bench: &mut Workbench) {
    resources.sort_by_key(|resource| resource.span);
    let mut seen = HashMap::with_capacity(resources.len());
    for resource in resources.iter() {
        match seen.entry(&resource.object) {
            Slot::Vacant(slot) => {
                slot.insert(resource);
            }
            Slot::Occupied(first) => {
                let first = first.get();
                let object = format!("the {} `{}`", resource.object.kind, resource.object.ident);
                let message = if first.address == resource.address {
                    format!("{object} is declared twice")
                } else {
                    let (a, b) = (&first.address, &resource.address);
                    format!("`{a}` and `{b}` are the same object, {object}")
                };
                bench.diagnostics.push(
                    Diagnostic::error("duplicate-object", message)
                        .at(resource.span)
                        .address(&resource.address)
                        .related(first.span, "first declared here")
                        .help("declare it once, or give one of them another name"),
                );
            }
        }
    }
}
