//! Loads a stack and prints what it comes to, how long it took and how much memory: for measuring.
//!
//! `cargo run --release -p rbacform-stack --example load_stack -- DIR [k=v ...]`

#![allow(clippy::print_stdout)]

use std::path::Path;
use std::time::{Instant, SystemTime};

use rbacform_core::Semantics;
use rbacform_kubernetes::KubernetesSemantics;
use rbacform_stack::{LoadInput, load};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let dir = arguments.next().unwrap_or_else(|| ".".to_owned());
    let dir = std::path::absolute(Path::new(&dir)).unwrap_or_default();
    let vars: Vec<(String, String)> = arguments
        .filter_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            Some((key.to_owned(), value.to_owned()))
        })
        .collect();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let kubernetes: &dyn Semantics = &KubernetesSemantics;
    let begun = Instant::now();
    let loaded = load(&LoadInput {
        root: &dir,
        dir: &dir,
        vars_files: &[],
        vars: &vars,
        env_vars: &[],
        env_settings: &[],
        env: None,
        now: now.map_or(0, |now| now.as_secs() as i64),
        saved: None,
        ids: &|_| None,
        semantics: &[kubernetes],
    });
    let took = begun.elapsed();
    for diagnostic in loaded.diagnostics.iter().take(50) {
        let place = diagnostic.location(&loaded.sources);
        let place = place.map_or_else(String::new, |p| {
            format!("{}:{}:{} ", p.file, p.line, p.column)
        });
        println!("{place}{}: {}", diagnostic.code, diagnostic.message);
        if let Some(help) = &diagnostic.help {
            println!("    {help}");
        }
    }
    if let Some(stack) = &loaded.stack {
        if stack.resources.len() <= 50 {
            for resource in &stack.resources {
                println!(
                    "{} {} {}",
                    resource.address,
                    resource.object,
                    resource.attributes.to_json()
                );
                println!(
                    "    after {:?}",
                    resource
                        .depends_on
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                );
            }
        }
        println!(
            "{} resources, {}",
            stack.resources.len(),
            stack.inputs_digest
        );
    }
    println!("{} diagnostics, {took:?}", loaded.diagnostics.len());
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    for line in status
        .lines()
        .filter(|line| line.starts_with("VmHWM") || line.starts_with("VmRSS"))
    {
        println!("{line}");
    }
}
