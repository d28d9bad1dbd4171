//! A rule that was pasted from a calendar, written out into the fields of a template.

use std::borrow::Cow;
use std::collections::HashMap;

use millwright_domain::input::FieldError;
use millwright_domain::recurrence::pasted::{Pasted, is_pasted};
use millwright_domain::resource::{Kind, Resource, spread};
use millwright_edge::Problem;
use millwright_store::preventive::{Local, local_times};
use serde_json::Value;
use uuid::Uuid;

use crate::call::Signed;

/// The body as if its rule had been written by hand, and what it says otherwise in fields of their own. What cannot be read stays
/// as it is: the reading of the fields says why. Only a time in UTC costs a question: its day depends on where the work is done.
pub(crate) async fn written_out<'b>(
    signed: &Signed<'_>,
    resource: &Resource,
    template: Option<Uuid>,
    body: &'b Value,
) -> Result<(Cow<'b, Value>, Vec<FieldError>), Problem> {
    let as_it_is = Ok((Cow::Borrowed(body), Vec::new()));
    let rule = resource.fields.iter().find(|field| field.kind == Kind::Recurrence);
    let text = rule.and_then(|field| body.get(field.name)).and_then(Value::as_str);
    let Some(pasted) = text.filter(|text| is_pasted(text)).and_then(|text| Pasted::read(text).ok()) else {
        return as_it_is;
    };
    let times = pasted.in_utc();
    let mut local = HashMap::new();
    if !times.is_empty() {
        let id = |name: &str| body.get(name).and_then(Value::as_str).and_then(|id| id.parse().ok());
        let (warehouse, equipment) = (id("warehouse_id"), id("equipment_id"));
        let asked =
            Local { template, warehouse, equipment, time_zone: pasted.time_zone.as_deref(), times: &times };
        let told = local_times(&signed.session(), &asked).await?;
        local = times.iter().copied().zip(told).collect();
    }
    let Ok(said) = pasted.said(|at| local.get(&at).copied().flatten()) else { return as_it_is };
    let mut body = body.clone();
    let wrong = body.as_object_mut().and_then(|fields| spread(&said, fields).err()).unwrap_or_default();
    Ok((Cow::Owned(body), wrong))
}

/// What was read, unless something is wrong besides.
pub(crate) fn and_also<T>(read: Result<T, Vec<FieldError>>, wrong: Vec<FieldError>) -> Result<T, Problem> {
    match read {
        Ok(read) if wrong.is_empty() => Ok(read),
        read => Err(Problem::invalid([read.err().unwrap_or_default(), wrong].concat())),
    }
}
