//! `[providers.gcp]`: which project, and as whom. Endpoints and credentials come from flags and the
//! environment, because a stack file may be a stranger's pull request.

use rbacform_core::{Argument, Diagnostic, Node, NodeKind, Span, Type};
use secrecy::SecretString;

use crate::member;
use crate::roles;
use crate::target::{is_domain, is_project_id, is_project_number};

/// The arguments.
pub(crate) static SETTINGS: [Argument; 6] = [
    Argument::optional(
        "project",
        Type::String,
        "The project that service accounts and custom roles belong to where they name none; \
         `GOOGLE_CLOUD_PROJECT` where left out.",
    ),
    Argument::optional(
        "quota_project",
        Type::String,
        "The project whose quota requests count against.",
    ),
    Argument::optional(
        "impersonate",
        Type::List(&Type::String),
        "Service accounts to act as: the last one does, each before it is asked for the next.",
    ),
    Argument::optional(
        "universe_domain",
        Type::String,
        "The domain of the Google Cloud universe; `googleapis.com` where left out.",
    ),
    Argument::optional(
        "access_token",
        Type::String,
        "A token, only as `${vars.NAME}` of a sensitive variable.",
    ),
    Argument::optional(
        "known_roles",
        Type::List(&Type::String),
        "Predefined roles that are newer than the table in this program: taken as they are.",
    ),
];

/// The settings of the provider.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The default project, an id.
    pub project: Option<String>,
    /// The project whose quota is used.
    pub quota_project: Option<String>,
    /// Whom to act as, by address; the last one acts.
    pub impersonate: Vec<String>,
    /// Another universe than `googleapis.com`.
    pub universe_domain: Option<String>,
    /// A token. Never shown.
    pub access_token: Option<SecretString>,
    /// Predefined roles to take as they are.
    pub known_roles: Vec<String>,
}

impl Settings {
    /// Reads a `[providers.gcp]` table that was checked against the schema.
    ///
    /// # Errors
    /// Everything that is wrong with it. A token is never quoted.
    pub fn read(node: &Node) -> Result<Self, Vec<Diagnostic>> {
        let mut reader = Reader::default();
        let settings = Self {
            project: reader.project(node, "project"),
            quota_project: reader.project(node, "quota_project"),
            impersonate: reader.list(node, "impersonate", |email| {
                (!member::is_service_account_email(email)).then(|| {
                    (
                        format!("`{email}` is no service account's e-mail address"),
                        "write `NAME@PROJECT.iam.gserviceaccount.com`".to_owned(),
                    )
                })
            }),
            universe_domain: reader.domain(node, "universe_domain"),
            access_token: reader.token(node),
            known_roles: reader.list(node, "known_roles", |role| {
                let message = format!("`{role}` is no predefined role's name");
                (!role.starts_with("roles/")).then(|| (message, "write `roles/NAME`".to_owned()))
            }),
        };
        if reader.diagnostics.iter().any(Diagnostic::is_error) {
            return Err(reader.diagnostics);
        }
        Ok(settings)
    }

    /// What is worth knowing about settings that are right: roles named in `known_roles` that the
    /// table knows by now.
    pub fn warnings(node: &Node) -> Vec<Diagnostic> {
        let known = node.get("known_roles").map(Node::items).unwrap_or_default();
        known
            .iter()
            .filter_map(|item| Some((item, item.as_str()?)))
            .filter(|(_, role)| roles::exists(role))
            .map(|(item, role)| {
                let message = format!("`{role}` is in the table of this version");
                Diagnostic::warning("known-role", message)
                    .at(item.span)
                    .help("take it out of `known_roles`")
            })
            .collect()
    }
}

/// The default project, where the settings give one that is right.
pub(crate) fn default_project(settings: Option<&Node>) -> Option<&str> {
    settings?
        .get("project")?
        .as_str()
        .filter(|project| is_project_id(project))
}

/// What is wrong with the project that the settings name, at that value; none where they name a right
/// one, or none.
pub(crate) fn wrong_project(settings: Option<&Node>) -> Option<Diagnostic> {
    let mut reader = Reader::default();
    reader.project(settings?, "project");
    reader.diagnostics.pop()
}

/// Whether the settings vouch for a role that the table does not know.
pub(crate) fn knows_role(settings: Option<&Node>, role: &str) -> bool {
    settings
        .and_then(|settings| settings.get("known_roles"))
        .is_some_and(|roles| roles.items().iter().any(|item| item.as_str() == Some(role)))
}

#[derive(Default)]
struct Reader {
    diagnostics: Vec<Diagnostic>,
}

impl Reader {
    fn error(&mut self, code: &'static str, span: Span, message: String, help: &str) {
        self.diagnostics
            .push(Diagnostic::error(code, message).at(span).help(help));
    }

    fn text(&mut self, node: &Node, name: &str) -> Option<(String, Span)> {
        let found = node.get(name)?;
        match &found.kind {
            NodeKind::Null => None,
            NodeKind::String(text) => Some((text.to_string(), found.span)),
            _ => {
                let message = format!("`{name}` must be a string, not {}", found.describe());
                self.error("wrong-type", found.span, message, "write it in quotes");
                None
            }
        }
    }

    fn project(&mut self, node: &Node, name: &str) -> Option<String> {
        let (text, span) = self.text(node, name)?;
        let number = is_project_number(&text);
        if is_project_id(&text) || (number && name == "quota_project") {
            return Some(text);
        }
        let (message, help) = match text.strip_prefix("projects/") {
            _ if number => (
                format!("`{text}` is a project's number"),
                "write its id: addresses of service accounts are made of it".to_owned(),
            ),
            Some(id) => (
                format!("`{text}` is no project's id"),
                format!("write `{id}`"),
            ),
            None => (
                format!("`{text}` is no project's id"),
                "an id is 6 to 30 lower-case letters, digits and `-`".to_owned(),
            ),
        };
        self.error("invalid-project", span, message, &help);
        None
    }

    fn domain(&mut self, node: &Node, name: &str) -> Option<String> {
        let (text, span) = self.text(node, name)?;
        if is_domain(&text) {
            return Some(text);
        }
        let message = format!("`{text}` is no domain");
        let help = "write it without scheme and path, e.g. `googleapis.com`";
        self.error("invalid-value", span, message, help);
        None
    }

    fn list(
        &mut self,
        node: &Node,
        name: &str,
        wrong: impl Fn(&str) -> Option<(String, String)>,
    ) -> Vec<String> {
        let items = node.get(name).map(Node::items).unwrap_or_default();
        let mut found = Vec::new();
        for item in items {
            let Some(text) = item.as_str() else {
                let message = format!("`{name}` has {}, not a string", item.describe());
                self.error("wrong-type", item.span, message, "write it in quotes");
                continue;
            };
            match wrong(text) {
                Some((message, help)) => self.error("invalid-value", item.span, message, &help),
                None => found.push(text.to_owned()),
            }
        }
        found
    }

    fn token(&mut self, node: &Node) -> Option<SecretString> {
        let found = node.get("access_token")?;
        match &found.kind {
            NodeKind::Null | NodeKind::Unknown => None,
            NodeKind::Sensitive(inner) => {
                let text = inner.as_str()?;
                Some(SecretString::from(text.to_owned()))
            }
            _ => {
                let message = "`access_token` is a credential, and those may not stand in a stack \
                               file"
                    .to_owned();
                let help = "write `${vars.NAME}` of a variable with `sensitive = true`; revoke \
                            this one if it was real";
                self.error("credential-in-stack", found.span, message, help);
                None
            }
        }
    }
}
