//! What the gateway offers, as the database itself tells it.

use millwright_stack_tests::Api;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A row as the database has it.
pub(crate) type Row = Map<String, Value>;

/// Tables with their rows, and functions.
pub(crate) struct Catalog {
    pub(crate) tables: Vec<Table>,
    pub(crate) functions: Vec<Function>,
    /// By table, every row that there is.
    pub(crate) rows: BTreeMap<String, Vec<Row>>,
}

/// A table that people may read.
#[derive(Deserialize)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
    pub(crate) deleted: bool,
}

/// A column, or an argument of a function.
#[derive(Deserialize)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// The name of its type; of a domain, of the type below it.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) inserted: bool,
    #[serde(default)]
    pub(crate) updated: bool,
    /// The table that it points to.
    #[serde(default)]
    pub(crate) target: Option<String>,
    /// The words of an enum.
    #[serde(default)]
    pub(crate) words: Vec<String>,
}

/// A function that people may call.
#[derive(Deserialize)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) arguments: Vec<Column>,
}

const TABLES: &str = "coalesce(jsonb_agg(t order by t ->> 'name'), '[]') from (
    select jsonb_build_object('name', c.relname,
      'deleted', has_table_privilege('authenticated', c.oid, 'delete'),
      'columns', (select jsonb_agg(jsonb_build_object('name', a.attname,
          'type', format_type(case when t.typtype = 'd' then t.typbasetype else t.oid end, null),
          'inserted', has_column_privilege('authenticated', c.oid, a.attnum, 'insert'),
          'updated', has_column_privilege('authenticated', c.oid, a.attnum, 'update'),
          'target', (select k.confrelid::regclass::text from pg_constraint k
            where k.contype = 'f' and k.conrelid = c.oid and k.conkey[1] = a.attnum limit 1),
          'words', (select coalesce(jsonb_agg(e.enumlabel order by e.enumsortorder), '[]') from pg_enum e where e.enumtypid = t.oid))
          order by a.attnum)
        from pg_attribute a join pg_type t on t.oid = a.atttypid where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)) as t
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'p')
      and has_any_column_privilege('authenticated', c.oid, 'select')) s";

const FUNCTIONS: &str = "coalesce(jsonb_agg(f order by f ->> 'name', f), '[]') from (
    select jsonb_build_object('name', p.proname, 'arguments', (select coalesce(jsonb_agg(jsonb_build_object('name', a.name,
        'type', format_type(a.type, null)) order by a.nth), '[]')
      from unnest(p.proargnames, p.proargtypes::oid[]) with ordinality a (name, type, nth) where a.nth <= p.pronargs)) as f
    from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prorettype <> 'trigger'::regtype
      and has_function_privilege('authenticated', p.oid, 'execute')
      -- Without names of arguments it is a column of its table.
      and (p.pronargs = 0 or p.proargnames is not null)) s";

impl Catalog {
    /// Reads it, with all rows, as the owner of the database.
    pub(crate) fn read(api: &Api) -> Self {
        let ask = |question: &str| api.ask(&format!("(select {question})"));
        let tables: Vec<Table> = serde_json::from_str(&ask(TABLES)).expect("tables");
        let functions = serde_json::from_str(&ask(FUNCTIONS)).expect("functions");
        let rows = tables.iter().map(|table| (table.name.clone(), rows(api, &table.name))).collect();
        Self { tables, functions, rows }
    }

    pub(crate) fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }
}

/// In the order of their ids, which is that in which they were made.
pub(crate) fn rows(api: &Api, table: &str) -> Vec<Row> {
    let question = format!(
        "(select coalesce(jsonb_agg(to_jsonb(t) order by to_jsonb(t) ->> 'id'), '[]') from public.{table} t)"
    );
    serde_json::from_str(&api.ask(&question)).expect("rows")
}
