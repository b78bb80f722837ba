//! Where the rules of roles and the subjects of bindings are written.

use rbacform_access::PolicyRule;
use rbacform_core::{SourceMap, Span};
use rbacform_gcp::member_place;
use rbacform_kubernetes::{RuleLists, rule_place, subject_place};
use rbacform_stack::Reread;

/// Looks them up in the files of one source map, each of which is read again for it at most once.
#[derive(Default)]
pub(crate) struct Written {
    reread: Reread,
}

impl Written {
    /// The place of a rule of the role that is declared at `role`, else of the role.
    pub(crate) fn rule(&mut self, sources: &SourceMap, role: Span, rule: &PolicyRule) -> Span {
        let node = self.reread.resource(sources, role);
        let place = node.and_then(|node| rule_place(node, lists(rule)));
        place.map_or(role, |place| place.span)
    }

    /// The same of an item of one of its lists.
    pub(crate) fn item(
        &mut self,
        sources: &SourceMap,
        role: Span,
        rule: &PolicyRule,
        (list, item): (&str, &str),
    ) -> Span {
        let node = self.reread.resource(sources, role);
        let place = node.and_then(|node| rule_place(node, lists(rule)));
        place.map_or(role, |place| place.item(list, item))
    }

    /// The place of a subject of the binding that is declared at `binding`, else of the binding.
    /// `account` is the dotted name of the declaration where one of a service account is meant.
    pub(crate) fn subject(
        &mut self,
        sources: &SourceMap,
        binding: Span,
        subject: &str,
        account: Option<&str>,
    ) -> Span {
        let node = self.reread.resource(sources, binding);
        let place = node.and_then(|node| subject_place(node, subject, account));
        place.unwrap_or(binding)
    }

    /// The place of all the subjects of a binding.
    pub(crate) fn subjects(&mut self, sources: &SourceMap, binding: Span) -> Span {
        let node = self.reread.resource(sources, binding);
        let subjects = node.and_then(|node| node.entry("subjects"));
        subjects.map_or(binding, |subjects| subjects.key_span)
    }

    /// The place where a binding says which role it gives.
    pub(crate) fn role(&mut self, sources: &SourceMap, binding: Span) -> Span {
        let node = self.reread.resource(sources, binding);
        let keys = ["cluster_role", "role", "roleRef"];
        let role = node.and_then(|node| keys.iter().find_map(|key| node.entry(key)));
        role.map_or(binding, |role| role.key_span)
    }

    /// The place of a member of a whole binding or policy at Google, else of what is declared there.
    pub(crate) fn member(
        &mut self,
        sources: &SourceMap,
        declared: Span,
        (role, member): (&str, &str),
    ) -> Span {
        let node = self.reread.resource(sources, declared);
        let place = node.and_then(|node| member_place(node, role, member));
        place.unwrap_or(declared)
    }
}

fn lists(rule: &PolicyRule) -> RuleLists<'_> {
    RuleLists {
        verbs: &rule.verbs,
        api_groups: &rule.api_groups,
        resources: &rule.resources,
        resource_names: &rule.resource_names,
        non_resource_urls: &rule.non_resource_urls,
    }
}
