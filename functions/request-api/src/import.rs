//! `POST /api/v1/RESOURCE/import`: a CSV file, of which each line opens or changes one.

mod description;

use millwright_domain::import::{
    CellError, IMPORTS, Import, ImportError, Line, LineOutcome, MAX_BYTES, MAX_LINES, Plan, Reading, text_of,
};
use millwright_domain::input::FieldError;
use millwright_domain::parameters::{self, Given, Parameter};
use millwright_domain::resource::{Kind, LOCALES};
use millwright_edge::{Problem, Response, json, read_bytes, refused_fields};
use millwright_store::resources::import::{self as store, Imported, LineRow, Lines, Verdict};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::call::Signed;
use crate::endpoint::{Api, Endpoint, Handler, Method};
use crate::idempotency::{self, Written, settle};
use crate::resources::nudge_sender;

/// Told of a line that names one which cannot be changed and cannot be opened either.
const TAKEN: &str = "is taken by one that is not yours to see, or that was opened at the same moment";

/// The way in which it is done.
#[derive(Debug, Clone, Copy, Default)]
struct Mode {
    /// Only say what would be done.
    dry_run: bool,
    /// All lines or none.
    atomic: bool,
}

/// The parameters of an import.
const PARAMETERS: [Parameter; 4] = [
    Parameter {
        name: "dry_run",
        kind: Kind::Boolean,
        required: false,
        about: "Only say what would be done; false when nothing is said",
    },
    Parameter {
        name: "atomic",
        kind: Kind::Boolean,
        required: false,
        about: "All lines or none; when nothing is said, those that are right",
    },
    Parameter {
        name: "locale",
        kind: Kind::Word(LOCALES),
        required: false,
        about: "How the file writes numbers and dates; when nothing is said, what has two meanings is refused",
    },
    Parameter {
        name: "raw",
        kind: Kind::Boolean,
        required: false,
        about: "Take texts as they are, also a ' before what looks like a formula",
    },
];

impl Mode {
    fn of(given: &Given) -> Self {
        Self { dry_run: is(given, "dry_run"), atomic: is(given, "atomic") }
    }
}

fn is(given: &Given, name: &str) -> bool {
    given.get(name).is_some_and(|value| value == "true")
}

/// The answer: what was done, or would be.
#[derive(Serialize)]
struct Report {
    applied: bool,
    dry_run: bool,
    atomic: bool,
    totals: Totals,
    ignored_columns: Vec<&'static str>,
    lines: Vec<Told>,
}

#[derive(Serialize, Default)]
struct Totals {
    lines: usize,
    created: usize,
    updated: usize,
    unchanged: usize,
    rejected: usize,
}

/// The result of a line.
#[derive(Serialize)]
struct Told {
    line: u64,
    outcome: LineOutcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Uuid>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changed: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<CellError>,
}

/// An endpoint for each resource that can be imported.
pub(crate) fn declare(api: &mut Api) {
    for of in IMPORTS {
        let endpoint = Endpoint::at(format!("/api/v1/{}/import", of.resource.path));
        let handler = Handler::person(async move |signed: &Signed<'_>| import(signed, of).await);
        api.add(endpoint.on(Method::Post, handler, || description::import(of)));
    }
    api.schemas(description::schemas);
}

/// Imports a file. Lines that are right are taken and the others told, unless `atomic` is said.
async fn import(signed: &Signed<'_>, import: &Import) -> Result<Response, Problem> {
    let call = signed.call;
    let given = parameters::read(&PARAMETERS, call.info.query_pairs()).map_err(Problem::invalid)?;
    let mode = Mode::of(&given);
    let bytes = read_bytes(&call.request, "text/csv", MAX_BYTES).await?;
    let text = text_of(bytes).map_err(refused)?;
    let locale = given.get("locale").map(String::as_str);
    let reading = Reading { locale, raw: is(&given, "raw") };
    let plan = import.read(&text, reading).map_err(refused)?;
    let right = plan
        .lines
        .iter()
        .filter_map(|Line { number, row }| row.as_ref().ok().map(|row| LineRow { line: *number, row }));
    let lines: Vec<_> = right.collect();
    let is_wrong = lines.len() < plan.lines.len();
    // The database is asked even when no line is left: it alone knows whether the caller may import at all.
    let wanted = Lines {
        lines,
        lacks: &plan.lacks,
        dry_run: mode.dry_run || (mode.atomic && is_wrong),
        atomic: mode.atomic,
    };
    // A dry run leaves nothing behind, so a repeated one is done again.
    let asked = json!([text, mode.atomic, reading.locale, reading.raw]);
    let once = if mode.dry_run { None } else { idempotency::read(call, &asked)? };
    let imported = store::import(&signed.session(), import.resource, &wanted, once.as_ref()).await;
    let imported = match settle(signed, once.as_ref(), imported).await? {
        Written::Before(first) => {
            serde_json::from_value(first.into()).map_err(|error| Problem::internal(error.to_string()))?
        }
        Written::Now(imported) => imported?,
    };
    if imported.applied {
        nudge_sender(call, import.resource);
    }
    json(200, &report(import, plan, imported, mode))
}

fn report(import: &Import, plan: Plan, imported: Imported, mode: Mode) -> Report {
    let mut verdicts = imported.lines.into_iter();
    let told = plan.lines.into_iter().filter_map(|Line { number, row }| match row {
        Err(errors) => {
            Some(Told { line: number, outcome: LineOutcome::Rejected, id: None, changed: Vec::new(), errors })
        }
        Ok(row) => verdicts.next().map(|verdict| {
            let names_warehouse = row.contains_key("warehouse_id");
            tell_verdict(import, verdict, imported.applied, names_warehouse)
        }),
    });
    let lines: Vec<_> = told.collect();
    let count = |outcome| lines.iter().filter(|told| told.outcome == outcome).count();
    Report {
        applied: imported.applied,
        dry_run: mode.dry_run,
        atomic: mode.atomic,
        totals: Totals {
            lines: lines.len(),
            created: count(LineOutcome::Created),
            updated: count(LineOutcome::Updated),
            unchanged: count(LineOutcome::Unchanged),
            rejected: count(LineOutcome::Rejected),
        },
        ignored_columns: plan.ignored,
        lines,
    }
}

fn tell_verdict(import: &Import, verdict: Verdict, applied: bool, names_warehouse: bool) -> Told {
    let Verdict { line, outcome, id, .. } = verdict;
    // A row that was created and taken back has no id that anyone could use.
    let id = id.filter(|_| applied || outcome != LineOutcome::Created);
    match outcome {
        LineOutcome::Rejected => {
            let errors = why(import, &verdict, names_warehouse);
            Told { line, outcome, id: None, changed: Vec::new(), errors }
        }
        LineOutcome::Created | LineOutcome::Updated | LineOutcome::Unchanged => {
            Told { line, outcome, id, changed: verdict.columns, errors: Vec::new() }
        }
    }
}

/// The reasons why the database refused a line: in our own words, by column where one is at fault.
fn why(import: &Import, verdict: &Verdict, names_warehouse: bool) -> Vec<CellError> {
    let refusal = &verdict.refusal;
    let named: Vec<_> = verdict.columns.iter().map(|column| Some(column.as_str())).collect();
    let at = |usual: Option<&str>, message: &str| {
        let columns = if named.is_empty() { vec![usual] } else { named.clone() };
        let error = |column: Option<&str>| CellError {
            column: column.map(str::to_owned),
            message: message.to_owned(),
        };
        columns.into_iter().map(error).collect()
    };
    match refusal.code.as_str() {
        "42501" if !named.is_empty() => at(None, "cannot be changed"),
        "42501" => at(names_warehouse.then_some("warehouse_id"), "your role does not allow this"),
        "23505" => at(Some(import.key), TAKEN),
        // Raised by our own rules, in words that are for clients.
        "PT409" => at(None, refusal.details.as_deref().unwrap_or(&refusal.message)),
        _ => {
            let fields = refused_fields(refusal);
            match fields.first() {
                Some(field) if !named.is_empty() => at(None, &field.message),
                _ => fields
                    .into_iter()
                    .map(|FieldError { pointer, message }| CellError {
                        column: pointer.strip_prefix('/').map(str::to_owned),
                        message,
                    })
                    .collect(),
            }
        }
    }
}

fn refused(error: ImportError) -> Problem {
    match error {
        ImportError::Broken(words) => Problem::malformed(words),
        ImportError::TooLong => Problem::too_long(format!("a file may have at most {MAX_LINES} lines")),
        ImportError::Columns(errors) => Problem::invalid(errors),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use millwright_domain::import::{EQUIPMENT_IMPORT, PARTS_IMPORT};
    use serde_json::Value;

    #[test]
    fn the_mode_is_read_and_nothing_else() {
        let read =
            |query: &[(&'static str, &'static str)]| parameters::read(&PARAMETERS, query.iter().copied());
        let mode = Mode::of(&read(&[("dry_run", "true"), ("atomic", "false"), ("locale", "de")]).unwrap());
        assert_eq!((mode.dry_run, mode.atomic), (true, false));
        let wrong = read(&[("dry_run", "yes"), ("dryrun", "true"), ("locale", "xx")]).unwrap_err();
        let pointers: Vec<_> = wrong.into_iter().map(|error| error.pointer).collect();
        assert_eq!(pointers, ["?dry_run", "?dryrun", "?locale"]);
    }

    fn told(import: &Import, more: &Value) -> Value {
        let mut verdict = json!({"line": 2, "outcome": "rejected", "message": ""});
        verdict.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!(why(import, &serde_json::from_value(verdict).unwrap(), true))
    }

    #[test]
    fn each_refusal_is_told_at_its_column_and_nothing_inside_comes_out() {
        let one = |column: Value, message: &str| json!([{"column": column, "message": message}]);
        assert_eq!(
            told(&EQUIPMENT_IMPORT, &json!({"code": "42501", "message": "row-level security for secret"})),
            one(json!("warehouse_id"), "your role does not allow this")
        );
        assert_eq!(
            told(&EQUIPMENT_IMPORT, &json!({"code": "42501", "columns": ["warehouse_id"]})),
            one(json!("warehouse_id"), "cannot be changed")
        );
        let missing = told(&EQUIPMENT_IMPORT, &json!({"code": "23502", "columns": ["name", "model"]}));
        assert_eq!(missing[1], json!({"column": "model", "message": "is required"}));
        assert_eq!(
            told(&PARTS_IMPORT, &json!({"code": "23505", "message": "duplicate key in private.secret"})),
            one(json!("part_number"), TAKEN)
        );
        let message =
            "insert or update on table \"parts\" violates foreign key constraint \"parts_vendor_id_fkey\"";
        assert_eq!(
            told(&PARTS_IMPORT, &json!({"code": "23503", "message": message})),
            one(json!("vendor_id"), "names nothing that exists here")
        );
        assert_eq!(
            told(
                &EQUIPMENT_IMPORT,
                &json!({"code": "PT409", "message": "inside_itself", "details": "a machine cannot"})
            ),
            one(Value::Null, "a machine cannot")
        );
    }
}
