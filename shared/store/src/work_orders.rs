//! Work orders, as clients see them.

use millwright_domain::id::WorkOrderId;
use millwright_domain::work_order::NewWorkOrder;

use crate::error::StoreError;
use crate::gateway::{ONE, Session, found};
use crate::transport::{Reply, Transport};

/// What a client sees of a work order. The gateway writes the JSON, so that we need not.
const COLUMNS: &str = "id,number,fo_number,type,title,description,area,asset_model,equipment_id,status,priority,\
requested_by,assigned_to,warehouse_id,due_at,response_due_at,resolution_due_at,started_at,completed_at,completed_by,\
verified_by,hold_reason,follow_up,parent_id,escalated,escalation_level,escalated_at,last_activity_at,archived_at,custom_fields,\
version,created_at,updated_at";

/// The children that one work order is told with.
const CHILDREN: &str = ",checklist:checklist_items(id,position,component,action,state,notes,version),\
attachments(id,file_name,content_type,size_bytes,state,reason,width,height,created_at)";

/// Which work orders a list holds, newest first.
#[derive(Debug, Clone, Default)]
pub struct ListFilter {
    /// `column = value` each; the columns are those of the work order that a client may filter by.
    pub equal: Vec<(&'static str, String)>,
    /// At most so many, 1 or more.
    pub limit: usize,
}

/// Those of the caller's work orders that match, as a JSON array that has not been read.
///
/// # Errors
/// When the gateway refuses or does not answer.
pub async fn list<T: Transport>(
    session: &Session<'_, T>,
    filter: &ListFilter,
) -> Result<Reply<T::Body>, StoreError> {
    let mut request = session.table("work_orders").select(COLUMNS).is("archived_at", "null");
    for (column, value) in &filter.equal {
        request = request.eq(column, value);
    }
    session.send(request.order("id.desc").limit(filter.limit), &[]).await
}

/// One work order with its children, as a JSON object that has not been read. `None` when there is none that the caller
/// may see.
///
/// # Errors
/// When the gateway refuses or does not answer.
pub async fn get<T: Transport>(
    session: &Session<'_, T>,
    id: WorkOrderId,
) -> Result<Option<Reply<T::Body>>, StoreError> {
    let request = session
        .table("work_orders")
        .select(format!("{COLUMNS}{CHILDREN}"))
        .eq("id", id.to_string())
        .order_with_options("position", Some("checklist_items"), true, false);
    found(session.send(request, &[ONE]).await)
}

/// Opens a work order and answers with it, as a JSON object that has not been read.
///
/// # Errors
/// When the gateway refuses (the caller may not, or what it names is not there) or does not answer.
pub async fn open<T: Transport>(
    session: &Session<'_, T>,
    order: &NewWorkOrder,
) -> Result<Reply<T::Body>, StoreError> {
    let body = serde_json::to_string(order).map_err(|error| StoreError::Disagreement(error.to_string()))?;
    let request = session.table("work_orders").select(COLUMNS).insert(body);
    session.send(request, &[ONE]).await
}
