//! Reading: one LIST per kind, and less where the identity may not.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::join_all;
use http::StatusCode;
use rbacform_core::{ObjectId, ObservedObject, Text};
use rbacform_provider::{ErrorKind, ProviderError};

use super::errors::{Subject, refused, unreadable};
use super::http::{Call, Http};
use super::retry;
use crate::decode::Listed;
use crate::request::{collection_path, object_path};
use crate::types::Kind;

/// Pages are only followed: the limit is the server's own, as none is asked for.
const PAGES: usize = 10_000;

/// The read side of one provider instance.
#[derive(Clone)]
pub(crate) struct Reader {
    pub(super) http: Arc<Http>,
    instance: Text,
}

/// What was read of one kind.
#[derive(Default)]
pub(crate) struct KindRead {
    pub(crate) objects: Vec<ObservedObject>,
    /// Whether the whole cluster was listed.
    pub(crate) whole: bool,
    /// The namespaces that were listed whole, where the whole cluster could not be.
    pub(crate) namespaces: Vec<Text>,
    pub(crate) notes: Vec<String>,
}

impl Reader {
    pub(crate) fn new(http: Arc<Http>, instance: Text) -> Self {
        Self { http, instance }
    }

    /// Reads a kind: the whole cluster's, else that of the namespaces that `objects` are in, else
    /// the objects themselves.
    pub(crate) async fn kind(
        &self,
        kind: &'static Kind,
        objects: &BTreeSet<ObjectId>,
    ) -> Result<KindRead, ProviderError> {
        let mut read = KindRead::default();
        let own = || objects.iter().filter(|object| object.kind == kind.name);
        if let Some(listed) = self.list(kind, None).await? {
            read.whole = read.take(kind, listed);
            if !read.whole {
                self.get_all(kind, own(), &mut read).await?;
            }
            return Ok(read);
        }
        if !kind.namespaced {
            read.notes.push(format!(
                "`{}` may not be listed by this identity: only those of the stack were read",
                kind.plural
            ));
            self.get_all(kind, own(), &mut read).await?;
            return Ok(read);
        }
        read.notes.push(format!(
            "`{}` may not be listed over the whole cluster by this identity: only the namespaces of \
             the stack were read",
            kind.plural
        ));
        let namespaces = namespaces(objects);
        let lists = namespaces
            .iter()
            .map(|namespace| self.list(kind, Some(namespace)));
        let mut closed = Vec::new();
        let mut unseen = BTreeSet::new();
        for (namespace, listed) in namespaces.iter().zip(join_all(lists).await) {
            let seen = match listed? {
                Some(listed) => read.take(kind, listed),
                None => {
                    closed.push(*namespace);
                    false
                }
            };
            match seen {
                true => read.namespaces.push(Text::from(*namespace)),
                false => {
                    unseen.insert(*namespace);
                }
            }
        }
        if !closed.is_empty() {
            read.notes.push(format!(
                "`{}` may not be listed in `{}` by this identity: only those of the stack were read",
                kind.plural,
                closed.join("`, `")
            ));
        }
        let own =
            own().filter(|object| object.namespace().is_some_and(|name| unseen.contains(name)));
        self.get_all(kind, own, &mut read).await?;
        Ok(read)
    }

    /// Lists a kind, in one namespace or all; `None` where the identity may not.
    async fn list(
        &self,
        kind: &'static Kind,
        namespace: Option<&str>,
    ) -> Result<Option<Listed>, ProviderError> {
        let subject = Subject::Kind(kind.plural);
        let path = collection_path(kind, namespace);
        let mut whole = Listed::default();
        let mut next: Option<String> = None;
        for _ in 0..PAGES {
            let page = match &next {
                None => path.clone(),
                Some(token) => format!("{path}?continue={}", crate::request::escape(token)),
            };
            let call = Call {
                large: true,
                ..Call::get(page)
            };
            let reply = retry::read(&self.http, &call).await?;
            match reply.status {
                StatusCode::OK => {}
                StatusCode::FORBIDDEN => return Ok(None),
                // The snapshot that the pages were of is gone: begin again.
                StatusCode::GONE if next.take().is_some() => {
                    whole = Listed::default();
                    continue;
                }
                _ => return Err(refused(&reply, &subject, self.http.access())),
            }
            let listed = (kind.decode_list)(kind, &self.instance, &reply.body)
                .map_err(|_| unreadable(&subject))?;
            drop(reply);
            whole.malformed += listed.malformed;
            match whole.objects.is_empty() {
                true => whole.objects = listed.objects,
                false => whole.objects.extend(listed.objects),
            }
            next = listed.continues;
            if next.is_none() {
                return Ok(Some(whole));
            }
        }
        Err(unreadable(&subject))
    }

    /// Reads those of the objects that no list has shown.
    async fn get_all(
        &self,
        kind: &'static Kind,
        objects: impl Iterator<Item = &ObjectId>,
        read: &mut KindRead,
    ) -> Result<(), ProviderError> {
        let known: BTreeSet<&ObjectId> = read.objects.iter().map(|known| &known.object).collect();
        let gets: Vec<_> = objects
            .filter(|object| !known.contains(object))
            .map(|object| self.get(kind, object))
            .collect();
        for object in join_all(gets).await {
            read.objects.extend(object?);
        }
        Ok(())
    }

    /// Reads one object; `None` where it does not exist.
    pub(crate) async fn get(
        &self,
        kind: &Kind,
        object: &ObjectId,
    ) -> Result<Option<ObservedObject>, ProviderError> {
        let subject = Subject::Object(object);
        let call = Call::get(object_path(kind, object));
        let reply = retry::read(&self.http, &call).await?;
        match reply.status {
            StatusCode::OK => self.decode(kind, object, &reply.body).map(Some),
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(refused(&reply, &subject, self.http.access())),
        }
    }

    /// Reads the object that a reply shows.
    pub(crate) fn decode(
        &self,
        kind: &Kind,
        object: &ObjectId,
        body: &[u8],
    ) -> Result<ObservedObject, ProviderError> {
        match (kind.decode)(kind, &self.instance, body) {
            Ok(observed) if observed.object == *object && !observed.uid.is_empty() => Ok(observed),
            _ => Err(unreadable(&Subject::Object(object))),
        }
    }

    /// The uid of `kube-system`, which tells clusters apart; `None` where it may not be read.
    pub(crate) async fn world(&self) -> Result<Option<Text>, ProviderError> {
        let kind = crate::types::namespace();
        let object = kind.object(&self.instance, None, "kube-system");
        match self.get(kind, &object).await {
            Ok(found) => Ok(found.map(|namespace| namespace.uid)),
            Err(error) if error.kind == ErrorKind::Forbidden => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl KindRead {
    /// Takes in a list; false where it holds what cannot be read. That is there nevertheless:
    /// whatever the list does not show may be it.
    fn take(&mut self, kind: &Kind, listed: Listed) -> bool {
        if listed.malformed > 0 {
            self.notes.push(format!(
                "{} of `{}` could not be read and are left out",
                listed.malformed, kind.plural
            ));
        }
        self.objects.extend(listed.objects);
        listed.malformed == 0
    }
}

/// The namespaces that objects are in, or are.
fn namespaces(objects: &BTreeSet<ObjectId>) -> BTreeSet<&str> {
    objects
        .iter()
        .filter_map(|object| match object.kind.as_str() {
            "Namespace" => Some(object.name()),
            _ => object.namespace(),
        })
        .collect()
}
