//! The reports: each figure in the words of its answer and of the documentation. The database counts; a test
//! compares its answers with these words.

use chrono::NaiveDate;

use crate::input::FieldError;
use crate::parameters::{self, Given, Parameter};
use crate::resource::Kind;
use crate::words::words;

/// A figure about the work, the machines or the people.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    /// Its name in the path and in the answer.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// The formula of its value.
    pub formula: &'static str,
    /// The groups that its rows may be about. The first is usual.
    pub groups: &'static [&'static str],
    /// True if it knows a tolerance.
    pub has_tolerance: bool,
}

words! {
    /// A subject of a row of a report.
    pub enum Group in Apart("a test asks every report for every one of its groups") {
        /// A warehouse.
        Warehouse => "warehouse",
        /// All machines of a model.
        Model => "model",
        /// A machine.
        Machine => "machine",
        /// A technician.
        Technician => "technician",
    }
}

const WAREHOUSE: &str = Group::Warehouse.word();
const MODEL: &str = Group::Model.word();
const MACHINE: &str = Group::Machine.word();
const TECHNICIAN: &str = Group::Technician.word();

const ORDERS: &[&str] = &[WAREHOUSE, MODEL, MACHINE, TECHNICIAN];
const MACHINES: &[&str] = &[WAREHOUSE, MODEL, MACHINE];

/// All reports.
pub const REPORTS: [Report; 9] = [
    Report {
        name: "backlog",
        title: "Backlog",
        formula: "work orders open at the end of the period ÷ work orders completed per week of it = weeks of work",
        groups: ORDERS,
        has_tolerance: false,
    },
    Report {
        name: "overdue",
        title: "Overdue work",
        formula: "open work orders whose due time has passed ÷ open work orders, both at the end of the period",
        groups: ORDERS,
        has_tolerance: false,
    },
    Report {
        name: "mttr",
        title: "Mean time to repair, in hours",
        formula: "hours of repair ÷ corrective and emergency work orders completed in the period; hours of repair run from \
                  start to final completion, without time on hold and without time between a completion and the reopening \
                  after it",
        groups: ORDERS,
        has_tolerance: false,
    },
    Report {
        name: "mtbf",
        title: "Mean time between failures, in hours",
        formula: "hours of operation ÷ failures; hours of operation are those of the period without downtime, a failure is \
                  an unplanned stop that began in the period, and stops that overlap are one",
        groups: MACHINES,
        has_tolerance: false,
    },
    Report {
        name: "availability",
        title: "Availability",
        formula: "(hours of the period − hours of downtime) ÷ hours of the period; planned and unplanned downtime, what \
                  overlaps counts once",
        groups: MACHINES,
        has_tolerance: false,
    },
    Report {
        name: "planned_work",
        title: "Planned versus unplanned work",
        formula: "preventive work orders completed in the period ÷ all work orders completed in it",
        groups: ORDERS,
        has_tolerance: false,
    },
    Report {
        name: "pm_compliance",
        title: "Compliance with preventive maintenance",
        formula: "occurrences completed no later than the tolerance after their due date ÷ occurrences due in the period; due \
                  are those generated or missed, without those that can still be done in time",
        groups: ORDERS,
        has_tolerance: true,
    },
    Report {
        name: "machine_costs",
        title: "Cost and time per machine",
        formula: "cost of parts used in the period, less those returned ÷ machines; beside it the hours that people logged",
        groups: &[MACHINE, MODEL, WAREHOUSE],
        has_tolerance: false,
    },
    Report {
        name: "technician_load",
        title: "Load of technicians",
        formula: "hours logged in the period ÷ (technicians and contractors × weeks of the period) = hours a week",
        groups: &[TECHNICIAN, WAREHOUSE],
        has_tolerance: false,
    },
];

/// The longest period in days: ten years.
const MAX_DAYS: i64 = 3660;

impl Report {
    /// The report of this name. A path may say it with hyphens.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        let name = name.replace('-', "_");
        REPORTS.iter().find(|report| report.name == name)
    }

    /// Its name in a path.
    #[must_use]
    pub fn path(&self) -> String {
        self.name.replace('_', "-")
    }

    /// The group of its rows if nothing is said.
    #[must_use]
    pub fn usual_group(&self) -> &'static str {
        self.groups.first().copied().unwrap_or(WAREHOUSE)
    }

    /// The parameters of its query.
    #[must_use]
    pub fn parameters(&self) -> Vec<Parameter> {
        let parameter = |name, kind, about| Parameter { name, kind, required: false, about };
        let mut parameters = PERIOD.to_vec();
        parameters.push(parameter("warehouse_id", Kind::Id, "Only this warehouse"));
        parameters.push(parameter("by", Kind::Word(self.groups), "What a row is about"));
        if self.has_tolerance {
            let about = "How many days after its due date an occurrence is in time; its template's tolerance when nothing is said";
            parameters.push(parameter("tolerance_days", Kind::Integer(0, 365), about));
        }
        parameters
    }

    /// Reads its query.
    ///
    /// # Errors
    /// Every parameter that is wrong, unknown or missing.
    pub fn read<T: AsRef<str>>(&self, query: impl Iterator<Item = (T, T)>) -> Result<Given, Vec<FieldError>> {
        period_of(parameters::read(&self.parameters(), query)?)
    }
}

/// The parameters that say which period a figure is about.
pub const PERIOD: [Parameter; 2] = [
    Parameter {
        name: "from",
        kind: Kind::Date,
        required: true,
        about: "The first day of the period, as a local day of the warehouse",
    },
    Parameter {
        name: "until",
        kind: Kind::Date,
        required: true,
        about: "Its last day; what has not happened yet is not counted",
    },
];

/// Reads a query that says a period and nothing else.
///
/// # Errors
/// Every parameter that is wrong, unknown or missing.
pub fn read_period<T: AsRef<str>>(query: impl Iterator<Item = (T, T)>) -> Result<Given, Vec<FieldError>> {
    period_of(parameters::read(&PERIOD, query)?)
}

fn period_of(given: Given) -> Result<Given, Vec<FieldError>> {
    let day = |name| given.get(name).and_then(|day| day.parse::<NaiveDate>().ok());
    let message = match (day("from"), day("until")) {
        (Some(from), Some(until)) if until < from => "must not be before from".to_owned(),
        (Some(from), Some(until)) if (until - from).num_days() >= MAX_DAYS => {
            format!("must be less than {MAX_DAYS} days after from")
        }
        _ => return Ok(given),
    };
    Err(vec![FieldError::parameter("until", message)])
}

/// The figures of one machine, by name and formula: those of the reports that are about machines, and the other side of
/// availability.
#[must_use]
pub fn of_a_machine() -> Vec<(&'static str, &'static str)> {
    let reports = ["mtbf", "mttr", "availability", "machine_costs"].into_iter().filter_map(Report::named);
    let mut figures: Vec<_> = reports.map(|report| (report.name, report.formula)).collect();
    figures.push(("downtime", DOWNTIME));
    figures
}

const DOWNTIME: &str =
    "hours of downtime ÷ hours of the period; planned and unplanned downtime, what overlaps counts once";

/// A value as its report has it: rounded to four digits, and none where there is nothing to divide by.
#[must_use]
pub fn value(numerator: f64, denominator: f64) -> Option<f64> {
    (denominator != 0.0).then(|| (numerator / denominator * 10_000.0).round() / 10_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_divided_by_nothing() {
        assert_eq!(value(4.0, 0.0), None);
        assert_eq!(value(0.0, 0.0), None);
        assert_eq!(value(10.0, 3.0), Some(3.3333));
    }

    #[test]
    fn a_report_is_found_by_the_name_in_its_path() {
        for report in &REPORTS {
            assert_eq!(Report::named(&report.path()).map(|found| found.name), Some(report.name));
        }
        assert!(Report::named("gossip").is_none());
    }

    #[test]
    fn a_period_has_an_end_after_its_beginning_and_not_too_far_from_it() {
        let wrong = |name, until| {
            let read =
                Report::named(name).unwrap().read([("from", "2025-03-24"), ("until", until)].into_iter());
            read.err().map(|errors| errors.into_iter().map(|error| error.pointer).collect::<Vec<_>>())
        };
        assert_eq!(wrong("mttr", "2025-03-24"), None);
        assert_eq!(wrong("mttr", "2025-03-23"), Some(vec!["?until".to_owned()]));
        assert_eq!(wrong("mttr", "2035-03-31"), None);
        assert_eq!(wrong("mttr", "2035-04-01"), Some(vec!["?until".to_owned()]));
    }

    #[test]
    fn only_what_a_report_knows_can_be_said() {
        let pointers = |name, more| {
            let period = [("from", "2025-03-24"), ("until", "2025-04-06"), more];
            let read = Report::named(name).unwrap().read(period.into_iter());
            read.err().map(|errors| errors.into_iter().map(|error| error.pointer).collect::<Vec<_>>())
        };
        assert_eq!(pointers("mtbf", ("by", "machine")), None);
        assert_eq!(pointers("mtbf", ("by", "technician")), Some(vec!["?by".to_owned()]));
        assert_eq!(pointers("pm-compliance", ("tolerance_days", "0")), None);
        assert_eq!(pointers("mtbf", ("tolerance_days", "0")), Some(vec!["?tolerance_days".to_owned()]));
    }

    #[test]
    fn a_report_is_about_its_first_group_if_nothing_is_said() {
        let usual = |name| Report::named(name).map(Report::usual_group);
        assert_eq!((usual("backlog"), usual("machine-costs")), (Some("warehouse"), Some("machine")));
    }

    #[test]
    fn a_machine_has_the_figures_that_are_about_machines() {
        let figures: Vec<_> = of_a_machine().into_iter().map(|(name, _)| name).collect();
        assert_eq!(figures, ["mtbf", "mttr", "availability", "machine_costs", "downtime"]);
        assert!(of_a_machine().iter().all(|(_, formula)| formula.contains('÷')));
    }

    #[test]
    fn a_period_alone_is_read_like_that_of_a_report() {
        let read = |until: &'static str| {
            let read = read_period([("from", "2025-03-24"), ("until", until)].into_iter());
            read.map(|given| given["until"].clone()).map_err(|errors| errors[0].pointer.clone())
        };
        assert_eq!(read("2025-03-24"), Ok("2025-03-24".to_owned()));
        assert_eq!(read("2025-03-23"), Err("?until".to_owned()));
    }
}
