//! Labels of machines: the text that is printed on them, and the address that they lead to.

use millwright_domain::resource::{EQUIPMENT, ListQuery, Narrowing};
use millwright_domain::scan;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::error::StoreError;
use crate::gateway::GatewaySession;
use crate::resources::{List, Once, question};
use crate::transport::Transport;

/// The address of a label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lead {
    /// Nobody can guess it, and another one takes its place when the label is renewed.
    pub scan_token: String,
    /// The address that its warehouse has set; nothing if labels lead to ourselves.
    pub qr_code_base_url: Option<String>,
}

impl Lead {
    /// The address in the code, below `our_own` where its warehouse has set none.
    #[must_use]
    pub fn address(&self, our_own: &str) -> String {
        scan::address(self.qr_code_base_url.as_deref().unwrap_or(our_own), &self.scan_token)
    }
}

/// The text that is printed on a label.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Label {
    /// The machine's asset tag.
    pub asset_tag: String,
    /// Its name.
    pub name: String,
    /// Its model.
    pub model: String,
    /// Its area.
    pub area: Option<String>,
    /// The address of the label.
    #[serde(flatten)]
    pub lead: Lead,
}

/// The columns of a machine, and what its label leads to. The token comes by a join: a function of each machine would ask
/// anew, for every label, what the caller may see.
const COLUMNS: &str = "*,...equipment_labels(scan_token:token),qr_code_base_url";

/// The label of a machine. `None` if there is none that the caller may see.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn get<T: Transport>(
    session: &GatewaySession<'_, T>,
    machine: Uuid,
) -> Result<Option<Label>, StoreError> {
    let request = session.table(EQUIPMENT.table).select(COLUMNS).eq("id", machine.to_string());
    session.fetch::<Vec<Label>>(request).await.map(|mut rows| rows.pop())
}

/// The labels of those machines that the caller may see and that the query asks for.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn list<T: Transport>(
    session: &GatewaySession<'_, T>,
    narrowing: &Narrowing,
    query: &ListQuery,
) -> Result<Vec<Label>, StoreError> {
    let list = List { resource: &EQUIPMENT, parent: None, narrowing, query };
    session.fetch(question(session, &list, COLUMNS)?).await
}

/// Renews the label of a machine: those that there are lead nowhere any more. `None` if there is none that the caller
/// manages.
///
/// # Errors
/// If the gateway refuses or does not answer. When `once` was used before, [`StoreError::is_repeated`] says so.
pub async fn renew<T: Transport>(
    session: &GatewaySession<'_, T>,
    machine: Uuid,
    once: Option<&Once>,
) -> Result<Option<Lead>, StoreError> {
    session.call_as_client("renew_label", &json!({"p_machine": machine}), &Once::headers(once)?).await
}
