//! What a request asks for, read off its method and URL
//! (`apiserver/pkg/endpoints/request/requestinfo.go`).

use rbacform_access::{NonResourceRequest, Request, ResourceRequest};

use crate::query::Query;

/// A request as the authorizer sees it, and the API version of its path.
#[derive(Debug, Clone)]
pub(crate) struct RequestInfo {
    pub(crate) request: Request,
    pub(crate) version: String,
}

/// `path` is percent-decoded, without the query.
pub(crate) fn request_info(method: &str, path: &str, query: &Query) -> RequestInfo {
    resource_request(method, path, query).unwrap_or_else(|| RequestInfo {
        request: Request::NonResource(NonResourceRequest {
            verb: method.to_lowercase(),
            path: path.to_owned(),
        }),
        version: String::new(),
    })
}

fn resource_request(method: &str, path: &str, query: &Query) -> Option<RequestInfo> {
    let trimmed = path.trim_matches('/');
    let mut parts = trimmed.split('/').peekable();
    let api_group = match parts.next()? {
        "api" => String::new(),
        "apis" => parts.next()?.to_owned(),
        _ => return None,
    };
    let version = parts.next()?.to_owned();
    let mut verb = verb_of(method).to_owned();
    if parts.peek() == Some(&"watch") {
        parts.next();
        verb = "watch".to_owned();
    }
    let mut parts: Vec<&str> = parts.collect();
    let first = *parts.first()?;
    let mut namespace = String::new();
    if first == "namespaces" && parts.len() > 1 {
        namespace = parts.get(1).copied().unwrap_or_default().to_owned();
        let own = parts
            .get(2)
            .is_none_or(|part| matches!(*part, "status" | "finalize"));
        if !own {
            parts.drain(..2);
        }
    }
    let part = |index: usize| parts.get(index).copied().unwrap_or_default().to_owned();
    let mut request = ResourceRequest {
        verb,
        api_group,
        resource: part(0),
        subresource: part(2),
        namespace,
        name: part(1),
    };
    if request.name.is_empty() {
        adjust_collection(&mut request, query);
    }
    Some(RequestInfo {
        request: Request::Resource(request),
        version,
    })
}

fn verb_of(method: &str) -> &'static str {
    match method {
        "POST" => "create",
        "GET" | "HEAD" => "get",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => "delete",
        _ => "",
    }
}

fn adjust_collection(request: &mut ResourceRequest, query: &Query) {
    match request.verb.as_str() {
        "get" => {
            request.verb = if query.is_watch() { "watch" } else { "list" }.to_owned();
        }
        "delete" => request.verb = "deletecollection".to_owned(),
        _ => {}
    }
    if matches!(request.verb.as_str(), "list" | "watch")
        && let Some(name) = query.pinned_name()
    {
        request.name = name;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(method: &str, path: &str, query: &str) -> String {
        match request_info(method, path, &Query::parse(query)).request {
            Request::NonResource(request) => format!("{} {}", request.verb, request.path),
            Request::Resource(r) => format!(
                "{} {}/{} in {:?} named {:?}",
                r.verb,
                r.api_group,
                r.full_resource(),
                r.namespace,
                r.name
            ),
        }
    }

    #[test]
    fn urls_become_what_the_authorizer_sees() {
        for (method, path, query, expected) in [
            ("GET", "/version", "", "get /version"),
            ("HEAD", "/healthz", "", "head /healthz"),
            ("GET", "/api/v1", "", "get /api/v1"),
            ("GET", "/apis/apps/v1", "", "get /apis/apps/v1"),
            (
                "GET",
                "/api/v1/namespaces",
                "",
                r#"list /namespaces in "" named """#,
            ),
            (
                "GET",
                "/api/v1/namespaces/n",
                "",
                r#"get /namespaces in "n" named "n""#,
            ),
            (
                "PUT",
                "/api/v1/namespaces/n/finalize",
                "",
                r#"update /namespaces/finalize in "n" named "n""#,
            ),
            (
                "GET",
                "/api/v1/namespaces/n/pods/p/log",
                "",
                r#"get /pods/log in "n" named "p""#,
            ),
            (
                "GET",
                "/api/v1/secrets",
                "watch=no",
                r#"watch /secrets in "" named """#,
            ),
            (
                "GET",
                "/api/v1/secrets",
                "watch=False",
                r#"list /secrets in "" named """#,
            ),
            (
                "GET",
                "/api/v1/watch/secrets",
                "",
                r#"watch /secrets in "" named """#,
            ),
            (
                "GET",
                "/apis/rbac.authorization.k8s.io/v1/namespaces/n/roles",
                "fieldSelector=a%3Db,metadata.name%3D%3Dr",
                r#"list rbac.authorization.k8s.io/roles in "n" named "r""#,
            ),
            (
                "GET",
                "/apis/rbac.authorization.k8s.io/v1/roles",
                "fieldSelector=metadata.name!%3Dr",
                r#"list rbac.authorization.k8s.io/roles in "" named """#,
            ),
            (
                "DELETE",
                "/api/v1/namespaces/n/secrets",
                "fieldSelector=metadata.name%3Dr",
                r#"deletecollection /secrets in "n" named """#,
            ),
        ] {
            assert_eq!(
                parsed(method, path, query),
                expected,
                "{method} {path}?{query}"
            );
        }
    }
}
