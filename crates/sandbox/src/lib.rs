//! Embedded Kubernetes API server for rehearsal, demos and tests.
