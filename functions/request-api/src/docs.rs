//! The API's description, as a document and as a page. Its files are static assets of the worker, not part of its module;
//! `cargo xtask build` puts them there.

use millwright_edge::{Problem, Response};
use worker::{Fetcher, Headers, RequestInit, ResponseBody};

use crate::call::Call;
use crate::endpoint::{Api, Endpoint, Handler, Method};

/// The binding of the assets.
const ASSETS: &str = "DOCS";

/// The path of the page; its files are below.
pub(crate) const PAGE: &str = "/api/docs";

/// The page may run and show its own files, and call this API. Its scripts set styles, and its style sheet has pictures as
/// `data:`.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The path of the document.
pub(crate) const DOCUMENT: &str = "/api/openapi.json";

/// The endpoints. The document of the API leaves them out.
pub(crate) fn declare(api: &mut Api) {
    api.add(Endpoint::at(DOCUMENT).undescribed(Method::Get, Handler::stranger(answer_with_document)));
    for path in [PAGE, "/api/docs/{file}"] {
        api.add(Endpoint::at(path).undescribed(Method::Get, Handler::stranger(answer)));
    }
}

/// `GET /api/openapi.json`: the OpenAPI document.
async fn answer_with_document(call: &Call) -> Result<Response, Problem> {
    stored(call, "openapi.json").await
}

/// `GET /api/docs`, and the files that the page names: `GET /api/docs/{file}`.
async fn answer(call: &Call) -> Result<Response, Problem> {
    let file = call.path.get("file");
    let is_page = file.is_empty();
    let mut response = stored(call, if is_page { "index.html" } else { file }).await?;
    if is_page {
        response.set("content-security-policy", PAGE_POLICY);
    }
    Ok(response)
}

async fn stored(call: &Call, file: &str) -> Result<Response, Problem> {
    let assets = call.env.assets(ASSETS).map_err(|error| Problem::internal(error.to_string()))?;
    let asset = fetch(call, &assets, file)
        .await
        .map_err(|error| Problem::unavailable("the documentation cannot be read", error.to_string()))?;
    // Here a file is there or not; everything else that the assets may answer (a redirect, a method) means that it is not.
    let status = asset.status_code();
    if !matches!(status, 200 | 304) {
        return Err(Problem::not_found("there is no such file of the documentation"));
    }
    let mut response = match asset.body() {
        ResponseBody::Stream(body) => Response::streamed(status, body.clone()),
        _ => Response::without_body(status),
    };
    for name in ["content-type", "etag", "cache-control"] {
        if let Ok(Some(value)) = asset.headers().get(name) {
            response.set(name, value);
        }
    }
    Ok(response)
}

async fn fetch(call: &Call, assets: &Fetcher, file: &str) -> worker::Result<worker::Response> {
    let headers = Headers::new();
    if let Some(known) = call.request.header("if-none-match") {
        headers.set("if-none-match", &known)?;
    }
    let mut init = RequestInit::new();
    init.with_headers(headers);
    // The host is of no account to the assets; the file is one segment of a path that was found.
    assets.fetch(format!("https://docs/{file}"), Some(init)).await
}
