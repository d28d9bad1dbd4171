//! The sender of a request.

use std::rc::Rc;

use millwright_domain::access::Reach;
use millwright_domain::id::ProfileId;

/// Someone whose token has been verified: a person, or a service account.
#[derive(Clone)]
pub(crate) struct Caller {
    /// The id of their profile.
    pub(crate) id: ProfileId,
    /// The scope of what they see, as their token says.
    pub(crate) reach: Option<Reach>,
    /// The token that the gateway is asked with.
    pub(crate) token: Rc<str>,
}
