//! Google provider: service accounts, custom roles and IAM members, bindings and policies on every
//! supported resource.
//!
//! Two halves. The pure one says what the types mean, what Google would refuse, and what one policy
//! becomes when many grants are folded into it. The other half, `client`, talks to Google's APIs.
