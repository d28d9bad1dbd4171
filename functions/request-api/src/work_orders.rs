//! What is special about opening a work order: someone hears of it at once.

use millwright_domain::resource::WORK_ORDERS;
use millwright_edge::{Problem, nudge};
use worker::Response;

use crate::app::FUNCTION;
use crate::resources;
use crate::routes::Call;

/// `POST /api/v1/work-orders`: opens one, and wakes the sender after the answer.
pub(crate) async fn open(call: &mut Call) -> Result<Response, Problem> {
    let response = resources::open(call, &WORK_ORDERS).await?;
    let env = call.env.clone();
    call.context.wait_until(async move { nudge::send(&env, FUNCTION).await });
    Ok(response)
}
