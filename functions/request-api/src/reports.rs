//! Figures about the work, the machines and the people.

use millwright_domain::kpi::{REPORTS, Report};
use millwright_edge::{Problem, Response, pass_through};
use millwright_store::reports as store;

use crate::routes::Call;

/// `GET /api/v1/reports/NAME`, and `GET /api/v1/pm/compliance`: about what the caller may see.
pub(crate) async fn report(call: &Call, name: &str) -> Result<Response, Problem> {
    let caller = call.caller()?;
    let report = Report::named(name).ok_or_else(|| {
        let known: Vec<_> = REPORTS.iter().map(Report::path).collect();
        Problem::not_found(format!("there is no such report; known are: {}", known.join(", ")))
    })?;
    let given = report.read(call.info.url.query_pairs()).map_err(Problem::invalid)?;
    let session = call.on_behalf_of(&caller);
    Ok(pass_through(200, &store::report(&session, report, &given).await?))
}
