//! Pictures at addresses that an `<img>` can show, and those addresses in the rows of attachments.

mod description;
mod told;

use millwright_domain::attachment::FileForm;
use millwright_edge::{Problem, Response};

use crate::call::Call;
use crate::endpoint::{Api, Endpoint, Handler, Method};
use crate::picture_address::{Picture, Refused};
use crate::stored::stored;

pub(crate) use told::Teller;

/// The endpoint.
pub(crate) fn declare(api: &mut Api) {
    let picture = Endpoint::at("/api/v1/pictures/{warehouse}/{id}/{variant}");
    let picture = picture.with_parameters(description::parameters);
    api.add(picture.on(Method::Get, Handler::stranger(picture_at), description::picture).giving(None));
    api.schemas(description::schemas);
}

/// `GET /api/v1/pictures/{warehouse}/{id}/{variant}?until=…&signature=…`: no one is asked but the bucket.
async fn picture_at(call: &Call) -> Result<Response, Problem> {
    let id = |name: &str| call.path.get(name).parse().map_err(|_| no_such_picture());
    let variant = call.path.get("variant");
    let form = FileForm::served_as(variant).ok_or_else(no_such_picture)?;
    let picture = Picture { warehouse: id("warehouse")?, id: id("id")?, variant };
    let said = |wanted: &str| {
        let mut values = call.info.query_pairs().filter(|(name, _)| name == wanted).map(|(_, value)| value);
        values.next().unwrap_or_default()
    };
    let judged = call.app.pictures.judge(&picture, &said("until"), &said("signature"), call.info.started);
    match judged {
        Ok(()) => {}
        Err(Refused::Forged) => return Err(no_such_picture()),
        Err(Refused::Ended) => {
            return Err(Problem::forbidden("this address has ended; its attachment tells the next one"));
        }
    }
    let mut response = stored(call, form, &format!("{}/{}", picture.warehouse, picture.id)).await?;
    // Whoever shows it, it is the same.
    response.set("vary", "origin");
    response.set("cross-origin-resource-policy", "cross-origin");
    Ok(response)
}

fn no_such_picture() -> Problem {
    Problem::not_found("there is no picture at this address")
}
