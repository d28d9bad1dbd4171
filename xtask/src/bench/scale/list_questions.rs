//! The questions to a list: in every order from the beginning and from far down, filtered, searched, with children.

use super::collection::{Collection, Filter, Values};
use super::person::Person;
use super::question::{Allowance, Question, encoded};
use super::subjects::Subjects;
use anyhow::Result;

/// The end of the name of a page from far down the list.
pub(super) const FAR_DOWN: &str = ", far down";

/// Filters that clients use every day. The others are asked for when all are wanted.
const COMMON: [&str; 28] = [
    "active",
    "area",
    "asset_tag",
    "assigned_to",
    "decision",
    "due_at",
    "due_on",
    "email",
    "equipment_id",
    "function",
    "model",
    "name",
    "number",
    "part_id",
    "part_number",
    "priority",
    "read_at",
    "requested_by",
    "role",
    "schedule_id",
    "state",
    "status",
    "subject",
    "subject_id",
    "type",
    "vendor_id",
    "warehouse_id",
    "work_order_id",
];

/// Fields that hold someone; the questions are about the one who asks.
const SOMEONE: [&str; 7] =
    ["assigned_to", "author_id", "performed_by", "profile_id", "recipient_id", "requested_by", "uploaded_by"];

/// Fields that hold one of a list.
const ONE_OF: [(&str, &str); 7] = [
    ("equipment_id", "equipment"),
    ("part_id", "parts"),
    ("schedule_id", "pm/schedules"),
    ("template_id", "pm/templates"),
    ("vendor_id", "vendors"),
    ("warehouse_id", "warehouses"),
    ("work_order_id", "work-orders"),
];

/// A list, and what there is to know before it is asked.
pub(super) struct Asked<'a> {
    pub(super) list: &'a Collection,
    /// Its address, with the id of what it lies under.
    pub(super) address: &'a str,
    /// The table, or `rpc` and the function, that the gateway is asked for.
    pub(super) table: &'a str,
    pub(super) person: &'a Person,
    pub(super) all_filters: bool,
}

impl Asked<'_> {
    /// All questions but the plain one.
    pub(super) fn questions(&self, subjects: &mut Subjects) -> Result<Vec<Question>> {
        let mut questions = Vec::new();
        for sort in &self.list.sorts {
            questions.push(self.page(&format!("sort={sort}"), &format!("sort={sort}")));
            // A list under one thing has few pages.
            if self.list.parent().is_none()
                && let Some(middle) = subjects.middle(self.table, sort.trim_start_matches('-'))?
            {
                let name = format!("sort={sort}{FAR_DOWN}");
                questions.push(self.page(&name, &format!("sort={sort}&cursor={}", middle.cursor)));
            }
        }
        let common = |filter: &&Filter| self.all_filters || COMMON.contains(&filter.name.as_str());
        for filter in self.list.filters.iter().filter(common) {
            for (name, query) in self.filtered(filter, subjects)? {
                questions.push(self.page(&name, &query));
            }
        }
        questions.extend(self.work());
        for child in &self.list.children {
            questions.push(self.page(&format!("include={child}"), &format!("include={child}")));
        }
        if self.list.searched {
            questions.extend(self.searches(subjects));
        }
        Ok(questions)
    }

    fn page(&self, name: &str, query: &str) -> Question {
        let name = format!("{}?{name}", self.list.path);
        Question::new(name, format!("{}?{query}", self.address), Allowance::Page)
    }

    /// Each with its name.
    fn filtered(&self, filter: &Filter, subjects: &mut Subjects) -> Result<Vec<(String, String)>> {
        let field = filter.name.as_str();
        let plain = |value: &str| (format!("{field}={value}"), format!("{field}={}", encoded(value)));
        if SOMEONE.contains(&field) {
            return Ok(vec![(format!("{field}=me"), format!("{field}={}", self.person.id))]);
        }
        if let Values::Words(words) = &filter.values {
            return Ok(words.iter().map(|word| plain(word)).collect());
        }
        let known = ONE_OF.iter().find(|(name, _)| *name == field);
        if let Some(id) = known.and_then(|(_, list)| subjects.one_of(list)) {
            return Ok(vec![(format!("{field}={{id}}"), format!("{field}={id}"))]);
        }
        let Some(middle) = subjects.middle(self.table, field)? else {
            return Ok(Vec::new());
        };
        Ok(match filter.values {
            Values::Times => vec![
                (format!("{field}.lt={{middle}}"), format!("{field}.lt={}", encoded(&middle.value))),
                (format!("{field}.gte={{late}}"), format!("{field}.gte={}", encoded(&middle.late))),
            ],
            _ => vec![(format!("{field}={{middle}}"), format!("{field}={}", encoded(&middle.value)))],
        })
    }

    /// The questions of the work screens: by due date, of a status, of one person.
    fn work(&self) -> Vec<Question> {
        let has = |name: &str| self.list.filters.iter().any(|filter| filter.name == name);
        if !has("status") || !has("assigned_to") || !self.list.sorts.iter().any(|sort| sort == "due_at") {
            return Vec::new();
        }
        let open = "status=new,assigned,in_progress,on_hold";
        let mine = format!("assigned_to={}", self.person.id);
        vec![
            self.page("overdue=true&sort=due_at", "overdue=true&sort=due_at"),
            self.page("status=new&sort=due_at", "status=new&sort=due_at"),
            self.page("status=OPEN&sort=due_at", &format!("{open}&sort=due_at")),
            self.page("status=closed&sort=-due_at", "status=closed&sort=-due_at"),
            self.page("assigned_to=me&sort=due_at", &format!("{mine}&sort=due_at")),
            self.page("assigned_to=me&status=OPEN&sort=due_at", &format!("{mine}&{open}&sort=due_at")),
        ]
    }

    fn searches(&self, subjects: &Subjects) -> Vec<Question> {
        let words = subjects.words_of(&self.list.path).into_iter();
        let search = |(name, words): (String, String)| Question {
            allowance: Allowance::Search,
            ..self.page(&name, &format!("q={}", encoded(&words)))
        };
        words.map(search).collect()
    }
}
