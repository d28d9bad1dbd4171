//! People.

use millwright_domain::access::{Reach, Role};
use millwright_domain::id::{ProfileId, WarehouseId};
use millwright_domain::resource::Row;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::gateway::{GatewaySession, ONE, found, written};
use crate::transport::{Reply, Transport};

/// A person, as they may see themselves.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Profile {
    /// Their id.
    pub id: ProfileId,
    /// Their address, in lower case.
    pub email: String,
    /// Their name.
    pub full_name: String,
    /// Their role.
    pub role: Role,
    /// Their warehouse; managers and administrators may belong to none.
    pub warehouse_id: Option<WarehouseId>,
}

impl Profile {
    /// The scope of what they see.
    #[must_use]
    pub fn reach(&self) -> Reach {
        Reach { role: self.role, warehouse_id: self.warehouse_id }
    }
}

/// What people are told of themselves.
const MYSELF: &str = "id,email,full_name,role,warehouse_id,phone,locale,time_zone,permissions";

/// Changes what people may change of themselves, and answers as [`with_permissions`]. `None` for whoever is no person, or not active.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn change_own<T: Transport>(
    session: &GatewaySession<'_, T>,
    id: ProfileId,
    changes: &Row,
) -> Result<Option<Reply<T::Body>>, StoreError> {
    let request = session.table("profiles").select(MYSELF).eq("id", id.to_string()).update(written(changes)?);
    found(session.send(request, &[ONE]).await)
}

/// The person with this id and what their role may do, as a JSON object; `None` if the caller may not see them or they are not
/// active.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn with_permissions<T: Transport>(
    session: &GatewaySession<'_, T>,
    id: ProfileId,
) -> Result<Option<Reply<T::Body>>, StoreError> {
    let request = session.table("profiles").select(MYSELF).eq("id", id.to_string()).is("active", "true");
    found(session.send(request, &[ONE]).await)
}

/// The person with this id, if the caller may see them and they are active.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn profile<T: Transport>(
    session: &GatewaySession<'_, T>,
    id: ProfileId,
) -> Result<Option<Profile>, StoreError> {
    let request = session
        .table("profiles")
        .select("id,email,full_name,role,warehouse_id")
        .eq("id", id.to_string())
        .is("active", "true");
    session.fetch::<Vec<Profile>>(request).await.map(|mut rows| rows.pop())
}
