//! The subjects of questions: ids, words and values that are there.

use anyhow::{Context, Result};
use millwright_harness::Project;
use postgres::Client;
use std::collections::BTreeMap;
use std::fs;

/// The table is looked at in a sample of about so many rows.
const SAMPLE: f64 = 5_000.0;

/// Finds them in the database, as superuser.
pub(super) struct Subjects {
    client: Client,
    /// `tests/bench/scale/subjects.sql`: by list, what there is to ask for.
    known: BTreeMap<String, Vec<(String, String)>>,
    /// By table and column, what lies in the middle.
    middles: BTreeMap<(String, String), Option<Middle>>,
    sampled: Option<String>,
}

/// A value in the middle of all that a column holds.
#[derive(Clone)]
pub(super) struct Middle {
    pub(super) value: String,
    /// One that only every twentieth value is beyond.
    pub(super) late: String,
    /// The cursor of the row that holds the value.
    pub(super) cursor: String,
}

impl Subjects {
    pub(super) fn of(project: &Project, mut client: Client) -> Result<Self> {
        let path = project.root().join("tests/bench/scale/subjects.sql");
        let sql = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let mut known: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for row in client.query(&sql, &[]).with_context(|| format!("running {}", path.display()))? {
            known.entry(row.get("list")).or_default().push((row.get("name"), row.get("value")));
        }
        Ok(Self { client, known, middles: BTreeMap::new(), sampled: None })
    }

    /// One of a list that much belongs to.
    pub(super) fn one_of(&self, list: &str) -> Option<&str> {
        let known = self.known.get(list)?;
        known.iter().find(|(name, _)| name == "id").map(|(_, value)| value.as_str())
    }

    /// The words that a list may be searched for, each with its name.
    pub(super) fn words_of(&self, list: &str) -> Vec<(String, String)> {
        let known = self.known.get(list).into_iter().flatten();
        known.filter(|(name, _)| name != "id").cloned().collect()
    }

    /// The middle of a column of a table, or of what `rpc/…` answers; none where it holds nothing.
    pub(super) fn middle(&mut self, target: &str, column: &str) -> Result<Option<Middle>> {
        let key = (target.to_owned(), column.to_owned());
        if let Some(middle) = self.middles.get(&key) {
            return Ok(middle.clone());
        }
        let table = match target.strip_prefix("rpc/") {
            Some(function) => self.answered_by(function)?,
            None => target.to_owned(),
        };
        self.sample(&table)?;
        let found = self.client.query_opt(
            &format!(
                "with held as (select {column} as value, id from sample where {column} is not null),
                 ranked as (select *, row_number() over (order by value, id) as nth, count(*) over () as held from held)
                 select to_jsonb(m.value) #>> '{{}}' as value, to_jsonb(l.value) #>> '{{}}' as late,
                   translate(encode(convert_to(json_build_array(to_jsonb(m.value) #>> '{{}}', m.id)::text, 'UTF8'), 'base64'),
                     E'+/=\\n', '-_') as cursor
                 from ranked m join ranked l on l.nth = 1 + l.held * 19 / 20 where m.nth = 1 + m.held / 2"
            ),
            &[],
        );
        let row = found.with_context(|| format!("looking at {table}.{column}"))?;
        let middle = row.map(|row| Middle {
            value: row.get("value"),
            late: row.get("late"),
            cursor: row.get("cursor"),
        });
        self.middles.insert(key, middle.clone());
        Ok(middle)
    }

    /// The table whose rows a function answers.
    fn answered_by(&mut self, function: &str) -> Result<String> {
        let sql = "select c.relname::text from pg_proc p join pg_class c on c.reltype = p.prorettype
            where p.pronamespace = 'public'::regnamespace and p.proname = $1";
        let row =
            self.client.query_one(sql, &[&function]).with_context(|| format!("looking at {function}"))?;
        Ok(row.get(0))
    }

    fn sample(&mut self, table: &str) -> Result<()> {
        if self.sampled.as_deref() == Some(table) {
            return Ok(());
        }
        // By its hash and not by `tablesample`: a view has no pages.
        self.client
            .batch_execute(&format!(
                "drop table if exists sample;
                 create temp table sample as select * from public.{table}
                   where abs(hashtext(id::text)) % (select 1 + (greatest(reltuples, 0) / {SAMPLE})::integer
                     from pg_class where oid = 'public.{table}'::regclass) = 0"
            ))
            .with_context(|| format!("sampling {table}"))?;
        self.sampled = Some(table.to_owned());
        Ok(())
    }
}
