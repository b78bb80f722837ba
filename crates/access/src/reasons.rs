//! Every reason the server could give. Its choice is not stable: bindings come in no order from the
//! caches that its authorizer reads.

use crate::authorize::join_errors;
use crate::{Decision, Evaluator, Grant, Request, User};

/// So many orders of missing roles are told, which are those of seven of them.
const MOST: usize = 5_040;

impl Evaluator<'_> {
    /// All reasons for which the server could decide as [`decide`](Evaluator::decide) does, that of
    /// `decide` first; one that is empty where it gives none.
    ///
    /// A role binding is never named while a cluster role binding allows. Of more than seven missing
    /// roles, which the server lists in any order, only one order is told.
    pub fn reasons(&self, user: &User, request: &Request) -> Vec<String> {
        self.reasons_of(user, request, Self::every_grant)
    }

    /// The same where the order of a binding's subjects is not known: the server names the first
    /// that matches, which may be any.
    pub fn reasons_in_any_order(&self, user: &User, request: &Request) -> Vec<String> {
        self.reasons_of(user, request, Self::every_grant_to_each)
    }

    fn reasons_of(
        &self,
        user: &User,
        request: &Request,
        grants: impl Fn(&Self, &User, &Request) -> Vec<Grant>,
    ) -> Vec<String> {
        let decision = self.decide(user, request);
        let reason = decision.reason();
        if reason.is_empty() {
            return vec![reason];
        }
        if !matches!(decision, Decision::Allowed { .. }) {
            return self.orders_of_missing(user, request, reason);
        }
        let grants = grants(self, user, request);
        let wide = grants
            .iter()
            .any(|grant| grant.binding_namespace.is_empty());
        grants
            .into_iter()
            .filter(|grant| !wide || grant.binding_namespace.is_empty())
            .map(|grant| grant.to_string())
            .collect()
    }

    fn orders_of_missing(&self, user: &User, request: &Request, reason: String) -> Vec<String> {
        let (mut wide, mut local) = (Vec::new(), Vec::new());
        for (namespace, role) in self.missing(user, request.namespace()) {
            let text = role.to_string();
            if !wide.contains(&text) && !local.contains(&text) {
                if namespace.is_empty() {
                    wide.push(text);
                } else {
                    local.push(text);
                }
            }
        }
        let count = |texts: &[String]| (1..=texts.len()).try_fold(1_usize, usize::checked_mul);
        let orders = count(&wide).zip(count(&local));
        if orders.is_none_or(|(wide, local)| wide.saturating_mul(local) > MOST) {
            return vec![reason];
        }
        let (wide, local) = (permutations(&wide), permutations(&local));
        wide.iter()
            .flat_map(|wide| local.iter().map(move |local| [&wide[..], local].concat()))
            .map(|errors| format!("RBAC: {}", join_errors(errors)))
            .collect()
    }
}

/// All orders of some texts, the given one first.
fn permutations(texts: &[String]) -> Vec<Vec<String>> {
    if texts.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (place, first) in texts.iter().enumerate() {
        let mut rest = texts.to_vec();
        rest.remove(place);
        for mut order in permutations(&rest) {
            order.insert(0, first.clone());
            all.push(order);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Facts;

    fn binding(kind: &str, namespace: &str, name: &str, role: (&str, &str)) -> serde_json::Value {
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
            "metadata": {"name": name, "namespace": namespace},
            "roleRef": {"kind": role.0, "name": role.1},
            "subjects": [{"kind": "User", "name": "ana"}],
        })
    }

    #[test]
    fn missing_roles_are_listed_in_every_order_of_their_kind_of_binding() {
        let mut facts = Facts::default();
        for object in [
            binding("RoleBinding", "a", "one", ("Role", "x")),
            binding("RoleBinding", "a", "two", ("ClusterRole", "y")),
            binding("RoleBinding", "a", "three", ("ClusterRole", "z")),
            binding("ClusterRoleBinding", "", "four", ("ClusterRole", "z")),
        ] {
            facts.put_manifest(&object).unwrap();
        }
        let evaluator = Evaluator::new(&facts);
        let user = User {
            name: "ana".to_owned(),
            groups: Vec::new(),
        };
        let request = Request::Resource(crate::ResourceRequest {
            namespace: "a".to_owned(),
            ..Default::default()
        });
        let [x, y, z] = ["role x", "clusterrole y", "clusterrole z"].map(|role| {
            let (kind, name) = role.split_once(' ').unwrap();
            format!("{kind}.rbac.authorization.k8s.io \"{name}\" not found")
        });
        let mut reasons = evaluator.reasons(&user, &request);
        assert_eq!(reasons[0], evaluator.decide(&user, &request).reason());
        reasons.sort();
        assert_eq!(
            reasons,
            [
                format!("RBAC: [{z}, {y}, {x}]"),
                format!("RBAC: [{z}, {x}, {y}]")
            ]
        );
    }
}
