//! Two years of firings, one a night, half an hour before midnight in winter and half an hour after it in summer: the database says
//! which day it is there, and every date of every rule is generated once.

use anyhow::{Context, Result, ensure};
use chrono::{Days, NaiveDate, TimeDelta};
use millwright_domain::recurrence::Recurrence;
use serde_json::{Value, json};

use crate::isolated_scheduler::{IsolatedScheduler, at, fire};

/// 23:30 in Amsterdam; in summer that is half past midnight on the next day.
const FIRST_NIGHT: &str = "2027-01-01T22:30:00Z";
/// A leap day and four changes of clocks are among them.
const NIGHTS: u32 = 731;

/// Rules with their first dates.
const RULES: [(&str, &str); 6] = [
    ("daily", "2027-01-01"),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU", "2027-01-04"),
    ("monthly", "2027-01-31"),
    ("FREQ=MONTHLY;BYMONTHDAY=-1", "2027-01-01"),
    ("quarterly", "2027-05-31"),
    ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2027-01-01"),
];

#[test]
fn two_years_of_nights_generate_every_date_once() -> Result<()> {
    let mut isolated = IsolatedScheduler::start("pm_years")?;
    let warehouse = isolated.world.warehouse("Europe/Amsterdam")?;
    isolated.world.machine(warehouse)?;
    for (rrule, starts_on) in RULES {
        let template = json!({"title": rrule, "equipment_model": isolated.world.name, "warehouse_id": warehouse, "rrule": rrule,
            "starts_on": starts_on, "lead_time_days": 0, "overlap": "generate"});
        isolated.world.insert("pm_templates", &template)?;
    }
    let scheduler = isolated.scheduler()?;
    for night in 0..NIGHTS {
        fire(&scheduler, at(FIRST_NIGHT)? + TimeDelta::days(night.into()))?;
    }

    let generated = isolated.world.value(
        "select jsonb_object_agg(title, dates) from (
           select t.title, jsonb_agg(o.occurs_on order by o.occurs_on) as dates from public.pm_occurrences o
           join public.work_orders w on w.id = o.work_order_id and w.due_at
             = (o.occurs_on + 1)::timestamp at time zone 'Europe/Amsterdam'
           join public.pm_schedules s on s.id = o.schedule_id join public.pm_templates t on t.id = s.template_id
           where o.decision = 'generated' and t.warehouse_id = $1 group by t.title) t",
        &[&warehouse],
    )?;
    let first: NaiveDate = "2027-01-01".parse()?;
    // The last night is one in winter.
    let last = first.checked_add_days(Days::new((NIGHTS - 1).into())).context("a date")?;
    for (rrule, starts_on) in RULES {
        let rule: Recurrence = rrule.parse()?;
        let dates = rule.dates(starts_on.parse()?, first).take_while(|date| *date <= last);
        let dates: Vec<Value> = dates.map(|date| json!(date)).collect();
        ensure!(!dates.is_empty(), "{rrule} has dates");
        assert_eq!(generated[rrule], json!(dates), "{rrule}");
    }
    let all =
        "select count(*) from public.pm_occurrences o join public.pm_schedules s on s.id = o.schedule_id
        join public.pm_templates t on t.id = s.template_id where t.warehouse_id = $1";
    let of_rules: usize =
        RULES.iter().filter_map(|(rrule, _)| generated[rrule].as_array()).map(Vec::len).sum();
    assert_eq!(isolated.world.value(all, &[&warehouse])?, json!(of_rules), "and nothing else was decided");
    Ok(())
}
