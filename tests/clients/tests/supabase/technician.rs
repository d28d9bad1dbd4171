//! A technician who comes both ways: through the API, and with Supabase's client past it.

use millwright_clients_tests::{node, run};
use millwright_domain::resource::{RESOURCES, Resource};
use millwright_stack_tests::{Answer, Api};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use ureq::http::Method;

const LIMIT: Duration = Duration::from_mins(5);

/// The most rows of a table that are tried, of those that the technician sees and of the others each.
const ROWS: usize = 2;

/// A row as the database has it.
pub(crate) type Row = Map<String, Value>;

/// These tests look at the same rows, so one comes after the other.
static TURN: Mutex<()> = Mutex::new(());

/// Someone with a token, and both ways.
pub(crate) struct Technician {
    pub(crate) api: Api,
    token: String,
    pub(crate) id: String,
    _turn: MutexGuard<'static, ()>,
}

/// A table behind the API.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// The API's resources on this table.
    pub(crate) resources: Vec<&'static Resource>,
    /// Some rows that the technician sees, as the database has them.
    pub(crate) seen: Vec<Row>,
    /// Some that are there for others.
    pub(crate) others: Vec<Row>,
    /// Every column, without a value.
    pub(crate) empty: Row,
}

impl Table {
    /// Its rows, and whether the technician sees each.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&Row, bool)> {
        self.seen.iter().map(|row| (row, true)).chain(self.others.iter().map(|row| (row, false)))
    }
}

/// The answer to Supabase's client.
#[derive(Debug, Deserialize)]
pub(crate) struct Told {
    pub(crate) code: Option<String>,
    pub(crate) rows: Vec<Value>,
}

impl Told {
    /// Nothing was written: it was refused, or there was no row that it could be written to.
    pub(crate) fn wrote_nothing(&self) -> bool {
        self.code.is_some() || self.rows.is_empty()
    }
}

impl Technician {
    pub(crate) fn come() -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let api = Api::open();
        let token = api.token("technician");
        let id = api.get(&token, "/api/auth/me").expect(200)["id"].as_str().unwrap().to_owned();
        Self { api, token, id, _turn: turn }
    }

    /// Does something through the API.
    pub(crate) fn ask(&self, method: &Method, path: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("authorization", &*bearer), ("content-type", "application/json")];
        self.api.send(method, path, &headers, body.to_string().as_bytes())
    }

    /// Reads something of the gateway itself.
    pub(crate) fn gateway(&self, path: &str) -> Value {
        let bearer = format!("Bearer {}", self.token);
        self.api
            .send_to(&self.api.stack.gateway, &Method::GET, path, &[("authorization", &bearer)], &[])
            .expect(200)
    }

    /// All rows of a list of the API, page by page. None when there is nothing that they could be under.
    pub(crate) fn list(&self, path: &str) -> Option<Vec<Value>> {
        let mut rows = Vec::new();
        let mut next = Some(format!("{path}?limit=200"));
        while let Some(page) = next {
            let answer = self.api.get(&self.token, &page);
            if answer.status == 404 {
                return None;
            }
            let link = answer.header("link").strip_suffix(">; rel=\"next\"");
            next = link.and_then(|link| link.strip_prefix('<')).map(str::to_owned);
            rows.extend(answer.expect(200).as_array().unwrap().clone());
        }
        Some(rows)
    }

    /// The answers to Supabase's client, one for each wish.
    pub(crate) fn wish(&self, name: &str, wishes: &[Value]) -> Vec<Told> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("supabase");
        fs::create_dir_all(&folder).unwrap();
        let of = |kind: &str| folder.join(format!("{name}.{kind}"));
        fs::write(of("wishes.json"), json!(wishes).to_string()).unwrap();
        let input = json!({"gateway": self.api.stack.gateway, "token": self.token});
        let mut client = node("supabase/client.mjs");
        client.env("MILLWRIGHT_INPUT", input.to_string()).arg(of("wishes.json")).arg(of("answers.json"));
        let said = run(&mut client, &of("log"), LIMIT);
        assert!(said.well, "{}", said.text);
        let answers: Vec<Told> = serde_json::from_slice(&fs::read(of("answers.json")).unwrap()).unwrap();
        assert_eq!(answers.len(), wishes.len());
        answers
    }

    /// Every table behind the API, with some of its rows.
    pub(crate) fn tables(&self) -> Vec<Table> {
        // All rows are read before the technician's own: what another test writes meanwhile is then in neither.
        let all = |(name, resources)| {
            let all = format!("select coalesce(json_agg(to_json(t)), '[]') from public.{name} t");
            (name, resources, serde_json::from_str::<Vec<Row>>(&self.api.ask(&all)).unwrap())
        };
        let tables: Vec<_> = tables().into_iter().map(all).collect();
        let ids = |name: &str| json!({"verb": "select", "table": name, "columns": "id"});
        let seen = self.wish("ids", &tables.iter().map(|(name, ..)| ids(name)).collect::<Vec<_>>());
        let table = |((name, resources, all), seen): ((&'static str, _, Vec<Row>), Told)| {
            let seen: BTreeSet<_> = seen.rows.iter().map(|row| row["id"].to_string()).collect();
            let (seen, others) = all.into_iter().partition(|row| seen.contains(&row["id"].to_string()));
            let empty = format!(
                "select json_object_agg(column_name, null) from information_schema.columns
                 where table_schema = 'public' and table_name = '{name}'"
            );
            let empty = serde_json::from_str(&self.api.ask(&empty)).unwrap();
            Table { name, resources, seen: self.some(seen), others: self.some(others), empty }
        };
        tables.into_iter().zip(seen).map(table).collect()
    }

    /// The first [`ROWS`] rows, the technician's own before the others.
    fn some(&self, mut rows: Vec<Row>) -> Vec<Row> {
        rows.sort_by_key(|row| !row.values().any(|value| value == &self.id));
        rows.truncate(ROWS);
        rows
    }

    /// Which transaction wrote each row of a table last.
    pub(crate) fn writers(&self, table: &str) -> BTreeMap<String, String> {
        let question =
            format!("select coalesce(json_object_agg(id, xmin::text), '{{}}') from public.{table}");
        serde_json::from_str(&self.api.ask(&question)).unwrap()
    }
}

/// The tables behind the API, and the resources that each is told as.
pub(crate) fn tables() -> BTreeMap<&'static str, Vec<&'static Resource>> {
    let mut tables = BTreeMap::<_, Vec<_>>::new();
    for resource in RESOURCES {
        tables.entry(resource.table).or_default().push(resource);
    }
    tables
}

/// The address of a resource's list. `row` is one of it, for the id of what it lies under.
pub(crate) fn address(resource: &Resource, row: &Row) -> String {
    let under = resource.parent.and_then(|parent| row.get(parent.field)?.as_str()).unwrap_or_default();
    format!("/api/v1/{}", resource.path.replace("{id}", under))
}
