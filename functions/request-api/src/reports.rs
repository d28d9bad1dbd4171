//! Figures about the work, the machines and the people.

mod description;

use millwright_domain::kpi::{REPORTS, Report};
use millwright_edge::{Problem, Response, pass_through};
use millwright_store::reports as store;

use crate::call::Signed;
use crate::endpoint::{Api, Endpoint, Handler, Method};

/// One endpoint for each report, and compliance at a second address. The last one tells the reports that there are.
pub(crate) fn declare(api: &mut Api) {
    for of in &REPORTS {
        let endpoint = Endpoint::at(format!("/api/v1/reports/{}", of.path()));
        let handler = Handler::person(async move |signed: &Signed<'_>| report(signed, of).await);
        api.add(endpoint.on(Method::Get, handler, || description::report(of)));
    }
    if let Some(of) = Report::named("pm_compliance") {
        let handler = Handler::person(async move |signed: &Signed<'_>| report(signed, of).await);
        let compliance = Endpoint::at("/api/v1/pm/compliance");
        api.add(compliance.on(Method::Get, handler, || description::compliance(of)));
    }
    let other = Endpoint::at("/api/v1/reports/{name}");
    api.add(other.undescribed(Method::Get, Handler::person(unknown)));
    api.schemas(description::schemas);
}

/// `GET /api/v1/reports/NAME`, and `GET /api/v1/pm/compliance`: about what the caller may see.
async fn report(signed: &Signed<'_>, report: &Report) -> Result<Response, Problem> {
    let given = report.read(signed.call.info.query_pairs()).map_err(Problem::invalid)?;
    Ok(pass_through(200, &store::report(&signed.session(), report, &given).await?))
}

/// `GET /api/v1/reports/{name}`: 404 with the reports that there are.
async fn unknown(_: &Signed<'_>) -> Result<Response, Problem> {
    let known: Vec<_> = REPORTS.iter().map(Report::path).collect();
    Err(Problem::not_found(format!("there is no such report; known are: {}", known.join(", "))))
}
