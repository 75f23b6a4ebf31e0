//! Exports of teens: which one a teen waits for, and what seals its document. One at a time, in the item
//! `export` of the teen; ids and times only.

use std::sync::Arc;

use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::{ExportId, TeenId},
    secret::Text,
};

use crate::{
    dynamo::{Change, Committed, Condition, Item, Key, Table, Write},
    open::Aws,
    shared::Shared,
};

/// The teen's item.
const ITEM: &str = "export";
/// Where a sealed document belongs; the row is the export's id.
const PLACE: &str = "exports/document";
const ID: &str = "export_id";
const BEGUN: &str = "begun_at";
const FORM: &str = "form";

/// How the document of an export lies in the bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportForm {
    /// Sealed under the teen's key: it opens for whoever asks this deployment, and for nobody once
    /// the teen is erased.
    Sealed,
    /// Under the bucket's encryption by KMS alone: too large for an answer, it is fetched by address.
    Fetched,
}

const FORMS: [(ExportForm, &str); 2] = [
    (ExportForm::Sealed, "sealed"),
    (ExportForm::Fetched, "fetched"),
];

/// The export that a teen waits for, or has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportRow {
    /// Its id.
    pub export: ExportId,
    /// When it was asked for.
    pub begun_at: Timestamp,
    /// How its document lies there; `None` until it was made.
    pub form: Option<ExportForm>,
}

/// The exports of a deployment.
#[derive(Clone, Debug)]
pub struct ExportDesk {
    shared: Arc<Shared>,
}

impl Aws {
    /// Exports of teens.
    pub fn export_desk(&self) -> ExportDesk {
        ExportDesk {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl ExportDesk {
    /// Notes that a teen waits for this one, until `until`; it takes the place of an older one.
    /// `Denied` for a fenced teen.
    pub async fn begin(
        &self,
        teen: TeenId,
        export: ExportId,
        (now, until): (Timestamp, Timestamp),
    ) -> Result<(), PortError> {
        let item = Item::new()
            .with(ID, export.to_string())
            .with(BEGUN, now.as_millis())
            .until(until);
        let placed = (key(teen), item);
        let stored = self.shared.put_for(teen, "begin an export", placed, None);
        stored.await.map(|_stored| ())
    }

    /// What a teen waits for, or has; `None` if it is nothing, or has ended.
    pub async fn find(&self, teen: TeenId, now: Timestamp) -> Result<Option<ExportRow>, PortError> {
        const OPERATION: &str = "read an export";
        let found = self.shared.dynamo.get(OPERATION, &key(teen)).await?;
        let Some(item) = found.filter(|item| item.lives(now)) else {
            return Ok(None);
        };
        let corrupt = |cause| PortError::with_source(ErrorKind::Corrupt, OPERATION, cause);
        let form = item.maybe_text(FORM)?;
        let unknown = || PortError::new(ErrorKind::Corrupt, OPERATION);
        let known = |text: &str| {
            let found = FORMS.iter().find(|(_form, word)| *word == text);
            found.map(|(form, _word)| *form).ok_or_else(unknown)
        };
        Ok(Some(ExportRow {
            export: item.text(ID)?.parse().map_err(corrupt)?,
            begun_at: Timestamp::from_millis(item.number(BEGUN)?),
            form: form.map(known).transpose()?,
        }))
    }

    /// Notes that the document is there; `false` if the teen waits for another one by now, or for
    /// none. `Denied` for a fenced teen.
    pub async fn made(
        &self,
        teen: TeenId,
        export: ExportId,
        form: ExportForm,
    ) -> Result<bool, PortError> {
        let word = FORMS.iter().find(|(known, _word)| *known == form);
        let word = word.map_or("", |(_form, word)| *word);
        let ours = Condition::All(vec![
            Condition::Is(ID, export.to_string().into()),
            Condition::lives(self.shared.clock.now()),
        ]);
        let change = Change::new().set(FORM, word);
        let writes = vec![Write::Update(key(teen), change, Some(ours))];
        let committed = self.shared.commit_for(teen, "finish an export", writes);
        Ok(committed.await? == Committed::Yes)
    }

    /// Lets go of an export that cannot be made, unless the teen waits for another one by now.
    pub async fn drop(&self, teen: TeenId, export: ExportId) -> Result<(), PortError> {
        let ours = Condition::Is(ID, export.to_string().into());
        let dynamo = &self.shared.dynamo;
        dynamo
            .take("drop an export", &key(teen), Some(ours))
            .await
            .map(|_dropped| ())
    }

    /// Seals a document. `Denied` for a fenced teen.
    pub async fn seal(
        &self,
        teen: TeenId,
        export: ExportId,
        document: &Text,
    ) -> Result<Vec<u8>, PortError> {
        let seals = Box::pin(self.shared.teen_keys.for_writing(teen)).await?;
        let row = export.to_string();
        seals.seal(&*self.shared.ids, (PLACE, row.as_bytes()), document)
    }

    /// Opens a document. `NotFound` once the teen's key was destroyed.
    pub async fn open(
        &self,
        teen: TeenId,
        export: ExportId,
        sealed: &[u8],
    ) -> Result<Text, PortError> {
        let seals = self.shared.teen_keys.for_reading(teen).await?;
        let seals = seals.ok_or_else(|| PortError::new(ErrorKind::NotFound, "open an export"))?;
        seals.open((PLACE, export.to_string().as_bytes()), sealed)
    }
}

fn key(teen: TeenId) -> Key {
    Key::teen(Table::Teens, teen, ITEM)
}
