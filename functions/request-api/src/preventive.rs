//! Planned maintenance: the dates of a rule before it is saved, those of a schedule, and all between two days.

mod description;

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use millwright_domain::id::ScheduleId;
use millwright_domain::input::FieldError;
use millwright_domain::parameters::{self, Given, Parameter};
use millwright_domain::resource::{Kind, MAX_PREVIEW, PM_SCHEDULES, PREVIEW, Row};
use millwright_domain::schedule::ahead::{self, Ahead};
use millwright_domain::schedule::{
    CalendarState, DueSchedule, Lookup, OccurrenceDecision, Rules, ScheduleError, Timing, Warehouse,
};
use millwright_edge::{Problem, Response, clock, json, read_json};
use millwright_store::preventive::{Asked, Scheduled, planned};
use serde::Deserialize;
use serde_json::{Map, Value, json as value};

use crate::call::{Call, Signed};
use crate::endpoint::{Api, Endpoint, Handler, Method};
use crate::pasted::{and_also, written_out};
use crate::resources::{no_such, one_of, read_id};

/// Dates of a preview when no `count` is given.
const USUAL_DATES: usize = 10;
/// The most days of a calendar.
const MAX_DAYS: u64 = 366;
/// Schedules on a page of the calendar when no `limit` is given, and at most.
const USUAL_SCHEDULES: usize = 200;
const MAX_SCHEDULES: i64 = 500;
/// A page of the calendar ends after the schedule with which it has so many entries.
const MAX_ENTRIES: usize = 5_000;

/// The parameters of a schedule's preview.
const PREVIEW_PARAMETERS: [Parameter; 1] = [Parameter {
    name: "count",
    kind: Kind::Integer(1, MAX_PREVIEW),
    required: false,
    about: "How many dates; 10 when nothing is said",
}];

/// The parameters of the calendar.
const CALENDAR_PARAMETERS: [Parameter; 6] = [
    Parameter {
        name: "from",
        kind: Kind::Date,
        required: true,
        about: "The first day, local to each warehouse",
    },
    Parameter { name: "to", kind: Kind::Date, required: true, about: "The last day, within 366 days" },
    Parameter { name: "warehouse_id", kind: Kind::Id, required: false, about: "Only this warehouse" },
    Parameter { name: "equipment_id", kind: Kind::Id, required: false, about: "Only this machine" },
    Parameter {
        name: "limit",
        kind: Kind::Integer(1, MAX_SCHEDULES),
        required: false,
        about: "How many schedules on a page; 200 when nothing is said",
    },
    Parameter {
        name: "cursor",
        kind: Kind::Id,
        required: false,
        about: "Goes on after this schedule: the `next` of the answer before",
    },
];

/// The endpoints.
pub(crate) fn declare(api: &mut Api) {
    let rule = Endpoint::at("/api/v1/pm/preview");
    api.add(rule.on(Method::Post, Handler::person(preview_rule), description::preview_rule));
    let schedule = one_of(&PM_SCHEDULES, "/preview");
    api.add(schedule.on(Method::Get, Handler::person(preview_schedule), description::preview_schedule));
    let days = Endpoint::at("/api/v1/pm/calendar");
    api.add(days.on(Method::Get, Handler::person(calendar), description::calendar));
    api.schemas(description::schemas);
}

/// `POST /api/v1/pm/preview`: the dates of a rule that is not saved. Changes nothing.
async fn preview_rule(signed: &Signed<'_>) -> Result<Response, Problem> {
    let body = read_json(&signed.call.request).await?;
    let (body, contradictions) = written_out(signed, &PREVIEW, None, &body).await?;
    let row = and_also(PREVIEW.read_new(&body), contradictions)?;
    let said = |name: &str| row.get(name).and_then(Value::as_str);
    let mut warehouse = None;
    if let Some(id) = said("warehouse_id").and_then(|id| id.parse().ok()) {
        let today = clock::now().date_naive();
        let asked = Asked { warehouse: Some(id), limit: 0, ..everything(today, today) };
        let found = planned(&signed.session(), &asked).await?.warehouses.read.into_iter().next();
        warehouse = Some(found.ok_or_else(|| wrong("/warehouse_id", "names nothing that exists here"))?);
    }
    let rules = rules_of(&row)?;
    let from = said("from").or(said("starts_on")).and_then(|date| date.parse().ok()).unwrap_or_default();
    let count = row.get("count").and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok());
    let holidays = warehouse.map(|warehouse: Warehouse| warehouse.holidays).unwrap_or_default();
    let dates: Vec<_> = ahead::of_rule(&rules, &holidays, from).take(count.unwrap_or(USUAL_DATES)).collect();
    json(200, &value!({"dates": dates}))
}

/// `GET /api/v1/pm/schedules/{id}/preview`: the next dates of a schedule that have no decision yet.
async fn preview_schedule(signed: &Signed<'_>) -> Result<Response, Problem> {
    let id = read_id(signed.call, &PM_SCHEDULES)?;
    let given = read(signed.call, &PREVIEW_PARAMETERS)?;
    let count = given.get("count").and_then(|count| count.parse().ok()).unwrap_or(USUAL_DATES);
    let today = clock::now().date_naive();
    let asked = Asked { schedule: Some(ScheduleId(id)), limit: 1, ..everything(today, today) };
    let page = planned(&signed.session(), &asked).await?;
    let known = Lookup::of(page.templates, page.warehouses);
    let scheduled = page.schedules.read.first().ok_or_else(|| no_such(&PM_SCHEDULES))?;
    let (dates, problem) = match ahead_of(&scheduled.schedule, &known) {
        Ok(dates) => (dates.take(count).collect(), None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    json(
        200,
        &value!({
            "schedule_id": id, "active": scheduled.shown.active, "rest_reason": resting(scheduled), "problem": problem,
            "meter_due_at": scheduled.shown.meter_due_at, "dates": dates,
        }),
    )
}

/// `GET /api/v1/pm/calendar`: what is planned between two days, and what was decided of it.
async fn calendar(signed: &Signed<'_>) -> Result<Response, Problem> {
    let given = read(signed.call, &CALENDAR_PARAMETERS)?;
    let day = |name| given.get(name).and_then(|day| day.parse::<NaiveDate>().ok()).unwrap_or_default();
    let (from, to) = (day("from"), day("to"));
    if to < from {
        return Err(wrong("?to", "must not be before from"));
    }
    if from.checked_add_days(Days::new(MAX_DAYS)).is_some_and(|end| to >= end) {
        return Err(wrong("?to", "must be less than 366 days after from"));
    }
    let id = |name| given.get(name).and_then(|id| id.parse().ok());
    let limit = given.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(USUAL_SCHEDULES);
    let asked = Asked {
        warehouse: id("warehouse_id"),
        equipment: id("equipment_id"),
        after: id("cursor"),
        limit,
        ..everything(from, to)
    };
    let page = planned(&signed.session(), &asked).await?;
    let mut next = page.end(limit);
    let known = Lookup::of(page.templates, page.warehouses);
    let mut decided = by_schedule(page.decided);
    // Weekends and holidays move dates, but never by more than a month or so.
    let far = to.checked_add_days(Days::new(40)).unwrap_or(NaiveDate::MAX);
    let mut entries = Vec::new();
    for scheduled in &page.schedules.read {
        let schedule = &scheduled.schedule;
        let told = decided.remove(&schedule.id).unwrap_or_default();
        entries.extend(told.into_iter().map(|told| entry(scheduled, of_decided(told))));
        if scheduled.shown.active {
            let ahead =
                ahead_of(schedule, &known).into_iter().flatten().take_while(|ahead| ahead.occurs_on <= far);
            let planned = ahead.filter(|ahead| (from..=to).contains(&ahead.due_on));
            entries.extend(planned.map(|ahead| entry(scheduled, of_ahead(&ahead))));
        }
        if entries.len() >= MAX_ENTRIES {
            next = Some(schedule.id);
            break;
        }
    }
    entries.sort_by(|one, other| key(one).cmp(&key(other)));
    json(200, &value!({"from": from, "to": to, "entries": entries, "next": next}))
}

/// The decisions of a page, by their schedules.
fn by_schedule(decided: Vec<Map<String, Value>>) -> HashMap<ScheduleId, Vec<Map<String, Value>>> {
    let mut sorted: HashMap<_, Vec<_>> = HashMap::new();
    for row in decided {
        let of = row.get("schedule_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        if let Some(of) = of {
            sorted.entry(of).or_default().push(row);
        }
    }
    sorted
}

/// The dates of a schedule that have no decision yet.
fn ahead_of<'a>(
    schedule: &'a DueSchedule,
    known: &'a Lookup,
) -> Result<impl Iterator<Item = Ahead> + 'a, ScheduleError> {
    let (rules, warehouse) = known.needs(schedule)?;
    Ok(ahead::of_schedule(schedule, rules, warehouse))
}

fn everything(from: NaiveDate, until: NaiveDate) -> Asked {
    Asked { schedule: None, from, until, warehouse: None, equipment: None, after: None, limit: 0 }
}

fn rules_of(row: &Row) -> Result<Rules, Problem> {
    let timing: Result<Timing, _> = serde_json::from_value(Value::Object(row.clone()));
    let timing = timing.map_err(|error| Problem::internal(error.to_string()))?;
    Rules::of(timing).map_err(|error| wrong("/rrule", &error.to_string()))
}

/// The reason why a schedule rests. `None` for an active one.
fn resting(scheduled: &Scheduled) -> Option<&str> {
    scheduled.shown.rest_reason.as_deref().filter(|_| !scheduled.shown.active)
}

fn of_ahead(ahead: &Ahead) -> Map<String, Value> {
    let state = if ahead.left_out.is_some() { CalendarState::LeftOut } else { CalendarState::Planned };
    let rest = [
        ("occurs_on", value!(ahead.occurs_on)),
        ("due_on", value!(ahead.due_on)),
        ("state", value!(state)),
        ("reason", value!(ahead.left_out)),
    ];
    let nothing = ["id", "meter_step", "work_order_id", "number", "status"].map(|name| (name, Value::Null));
    rest.into_iter().chain(nothing).map(|(name, value)| (name.to_owned(), value)).collect()
}

fn of_decided(mut row: Map<String, Value>) -> Map<String, Value> {
    let decision = row.remove("decision").and_then(|decision| OccurrenceDecision::deserialize(decision).ok());
    row.insert("state".to_owned(), value!(decision.map(CalendarState::from)));
    row
}

/// An entry of the calendar: what was decided or lies ahead, and what it is about.
fn entry(scheduled: &Scheduled, mut told: Map<String, Value>) -> Map<String, Value> {
    let schedule = &scheduled.schedule;
    let occurrence = told.remove("id").unwrap_or_default();
    let about = [
        ("occurrence_id", occurrence),
        ("schedule_id", value!(schedule.id)),
        ("template_id", value!(schedule.template_id)),
        ("title", value!(scheduled.shown.title)),
        ("equipment_id", value!(scheduled.shown.equipment_id)),
        ("asset_tag", value!(scheduled.shown.asset_tag)),
        ("warehouse_id", value!(schedule.warehouse_id)),
    ];
    told.extend(about.map(|(name, value)| (name.to_owned(), value)));
    told
}

fn key(entry: &Map<String, Value>) -> [Option<&str>; 3] {
    ["due_on", "asset_tag", "schedule_id"].map(|name| entry.get(name).and_then(Value::as_str))
}

fn read(call: &Call, declared: &[Parameter]) -> Result<Given, Problem> {
    parameters::read(declared, call.info.query_pairs()).map_err(Problem::invalid)
}

fn wrong(pointer: &str, message: &str) -> Problem {
    Problem::invalid(vec![FieldError { pointer: pointer.to_owned(), message: message.to_owned() }])
}
