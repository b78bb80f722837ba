//! Kubernetes provider: namespaces, service accounts, roles and bindings.
