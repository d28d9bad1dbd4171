//! References stay on this side of the fence: whatever a client may refer to, a row of the other warehouse is refused as
//! one that does not exist. All foreign keys of the real catalog that a client writes are walked, with every role.

use crate::matrix::rule::{Line, OFFICE, Place, Rule, Who};
use crate::matrix::scene::Scene;
use crate::tables;
use anyhow::{Context, Result, ensure};
use millwright_contract_tests::{Answer, ROLES, World, with};
use reqwest::Method;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// A foreign key that a client writes.
struct Key {
    table: String,
    column: String,
    target: String,
    /// More columns of the same key: theirs, and those of the target that they equal.
    along: Vec<(String, String)>,
    inserted: bool,
    updated: bool,
}

/// What a row with such a reference has besides: `(table, column, values)`. Add to it where a right reference is refused for
/// another reason.
fn besides(key: &Key) -> Value {
    match (key.table.as_str(), key.column.as_str()) {
        // It is for a model or for a machine.
        ("pm_templates", "equipment_id") => json!({"equipment_model": null}),
        // It is signed for when it is completed.
        ("work_orders", "signature_id") => json!({"status": "completed", "signature_name": "Ada Op"}),
        _ => json!({}),
    }
}

fn keys(scene: &mut Scene) -> Result<Vec<Key>> {
    let rows = scene.world.sql.query(
        "select c.conrelid::regclass::text, a.attname::text, t.relname::text, to_jsonb(array(
             select array[o.attname, p.attname] from unnest(c.conkey, c.confkey) with ordinality k (own, other, nth)
             join pg_attribute o on o.attrelid = c.conrelid and o.attnum = k.own
             join pg_attribute p on p.attrelid = c.confrelid and p.attnum = k.other where k.nth > 1)),
           has_column_privilege('authenticated', c.conrelid, a.attnum, 'insert'),
           has_column_privilege('authenticated', c.conrelid, a.attnum, 'update')
         from pg_constraint c join pg_class t on t.oid = c.confrelid
         join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
         where c.contype = 'f' and c.connamespace = 'public'::regnamespace
           and has_column_privilege('authenticated', c.conrelid, a.attnum, 'insert, update') order by 1, 2",
        &[],
    )?;
    let key = |row: &postgres::Row| -> Result<Key> {
        let table: String = row.get(0);
        Ok(Key {
            table: table.trim_start_matches("public.").to_owned(),
            column: row.get(1),
            target: row.get(2),
            along: serde_json::from_value(row.get(3))?,
            inserted: row.get(4),
            updated: row.get(5),
        })
    };
    rows.iter().map(key).collect()
}

fn rules(table: &str) -> Vec<&'static Rule> {
    tables::rules().filter(|rule| rule.table() == table).collect()
}

/// The places of these rules on this side, those first where `may` says that the role may do it.
fn places(rules: &[&'static Rule], role: &str, may: fn(&Line) -> Who) -> Vec<(&'static Rule, Place)> {
    let mut found = Vec::new();
    for rule in rules {
        for line in rule.who {
            let place = line.0;
            if place.suits(role) && !matches!(place, Place::There | Place::Moved | Place::Everywhere) {
                found.push((may(line).has(role), *rule, place));
            }
        }
    }
    found.sort_by_key(|(may, ..)| !may);
    found.into_iter().map(|(_, rule, place)| (rule, place)).collect()
}

/// One way to write such a reference: with a new row, or into one that is there.
struct Attempt<'a> {
    key: &'a Key,
    rule: &'static Rule,
    place: Place,
    role: &'static str,
    verb: Method,
}

impl Attempt<'_> {
    /// Writes the reference. What the row says itself is left as it is where there is no other value.
    fn send(&self, scene: &mut Scene, value: Option<Uuid>) -> Result<Answer> {
        let insert = self.verb == Method::POST;
        let made = scene.make(self.rule, self.place, self.role, !insert)?;
        let mut said = Map::new();
        if let Some(value) = value {
            said.insert(self.key.column.clone(), json!(value));
            self.bring_along(scene, value, &made.row.said)?;
        }
        let said = with(with(json!({}), &besides(self.key)), &Value::Object(said));
        let table = &self.key.table;
        if insert {
            let row = with(made.row.said, &said);
            return scene.caller(self.role)?.send(Method::POST, "public", table, Some(&row), &[]);
        }
        let id = made.key.get("id").and_then(Value::as_str).with_context(|| format!("{table} without id"))?;
        if self.key.column == "signature_id" {
            scene.begin_work(id.parse()?)?;
        }
        let row = format!("{table}?id=eq.{id}&select=id");
        let shown = [("prefer", "return=representation")];
        scene.caller(self.role)?.send(Method::PATCH, "public", &row, Some(&said), &shown)
    }

    /// Makes the target fit where the key has more columns than one; one that does not exist stays so.
    fn bring_along(&self, scene: &mut Scene, target: Uuid, said: &Value) -> Result<()> {
        for (own, other) in self.key.along.iter().filter(|(own, _)| own != "warehouse_id") {
            let value: Uuid = said[own].as_str().with_context(|| format!("no {own}"))?.parse()?;
            let change = format!("update public.{} set {other} = $2 where id = $1", self.key.target);
            scene.world.sql.execute(&change, &[&target, &value])?;
        }
        Ok(())
    }

    /// A row of the other side is refused like one that does not exist. None if it is.
    fn is_fenced(&self, scene: &mut Scene) -> Result<Option<String>> {
        let foreign = made(scene, &self.key.target, Place::There, self.role)?;
        let unknown = Uuid::now_v7();
        let told = self.send(scene, Some(foreign))?;
        let told_of_nothing = self.send(scene, Some(unknown))?;
        let alike = told.body.to_string().replace(&foreign.to_string(), &unknown.to_string());
        let taken = told.status < 300 && !(self.verb == Method::PATCH && told.rows().is_empty());
        let same = (told.status, alike) == (told_of_nothing.status, told_of_nothing.body.to_string());
        Ok((taken || !same).then(|| format!("{self}: {told:?}, but of nothing {told_of_nothing:?}")))
    }

    /// What they see on this side is taken, in some place of it.
    fn takes_what_is_seen(&self, scene: &mut Scene) -> Result<(bool, String)> {
        let mut told = String::new();
        for (rule, place) in places(&rules(&self.key.target), self.role, |line| line.1) {
            let made = scene.make(rule, place, self.role, true)?;
            let Some(id) = made.key.get("id").and_then(Value::as_str) else { continue };
            let answer = self.send(scene, Some(id.parse()?))?;
            if answer.status == 201 || answer.rows().len() == 1 {
                return Ok((true, told));
            }
            told = format!("{self}, {place:?}: {answer:?}");
        }
        // What the row says itself.
        let taken = self.verb == Method::POST && self.send(scene, None)?.status == 201;
        Ok((taken, told))
    }
}

impl std::fmt::Display for Attempt<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { key, place, role, verb, .. } = self;
        write!(f, "{verb} {}.{} by {role} ({place:?})", key.table, key.column)
    }
}

fn made(scene: &mut Scene, table: &str, place: Place, role: &str) -> Result<Uuid> {
    let found = rules(table);
    let first = found.first().with_context(|| format!("no rule says who may do what with {table}"))?;
    let made = scene.make(first, place, role, true)?;
    Ok(made.key.get("id").and_then(Value::as_str).with_context(|| format!("{table} without id"))?.parse()?)
}

/// All ways to write such a reference.
fn attempts<'a>(scene: &mut Scene, key: &'a Key, verb: &Method) -> Result<Vec<Attempt<'a>>> {
    let may: fn(&Line) -> Who = if *verb == Method::POST { |line| line.2 } else { |line| line.3 };
    let mut found = Vec::new();
    for role in ROLES {
        let mut ways = places(&rules(&key.table), role, may);
        // Of several kinds of row, one that has such a reference.
        let mut says = |&(rule, place): &(&'static Rule, Place)| -> Result<bool> {
            Ok(scene.make(rule, place, role, false)?.row.said.get(&key.column).is_some())
        };
        let first = ways.first().copied();
        ways.retain(|way| says(way).unwrap_or_default());
        if let Some((rule, place)) = ways.first().copied().or(first) {
            found.push(Attempt { key, rule, place, role, verb: verb.clone() });
        }
    }
    ensure!(!found.is_empty(), "{}: add a place of here to its rule in tables/", key.table);
    Ok(found)
}

/// Whoever sees every warehouse is kept only from mixing them, and only where a row says where it belongs.
fn is_judged(scene: &mut Scene, attempt: &Attempt<'_>) -> Result<bool> {
    if !OFFICE.has(attempt.role) {
        return Ok(true);
    }
    let said = scene.make(attempt.rule, attempt.place, attempt.role, false)?.row.said;
    let column = "exists (select from pg_attribute where attrelid = to_regclass('public.' || $1) and attname = 'warehouse_id')";
    let has_home = scene.world.value(column, &[&attempt.key.target])? == json!(true);
    Ok(has_home && attempt.key.column != "warehouse_id" && said.get("warehouse_id").is_some())
}

fn wrong_with(scene: &mut Scene, key: &Key, verb: &Method) -> Result<Vec<String>> {
    let (mut wrong, mut taken, mut told) = (Vec::new(), false, Vec::new());
    for attempt in attempts(scene, key, verb)? {
        if is_judged(scene, &attempt)? {
            wrong.extend(attempt.is_fenced(scene)?);
        }
        if !taken {
            let refused;
            (taken, refused) = attempt.takes_what_is_seen(scene)?;
            told.push(refused);
        }
    }
    if !taken {
        let Key { table, column, .. } = key;
        wrong.push(format!(
            "{verb} {table}.{column}: nobody's right reference is taken; say in `besides` what such a row has, or in tables/ how \
             its target is made: {told:#?}"
        ));
    }
    Ok(wrong)
}

#[test]
fn what_is_beyond_the_fence_is_refused_like_what_does_not_exist() -> Result<()> {
    let mut scene = Scene::open("references")?;
    let keys = keys(&mut scene)?;
    ensure!(keys.len() > 30, "there are more references than {}", keys.len());
    let mut wrong = Vec::new();
    for key in &keys {
        for (verb, may) in [(Method::POST, key.inserted), (Method::PATCH, key.updated)] {
            if may {
                let found = wrong_with(&mut scene, key, &verb);
                wrong.extend(found.with_context(|| format!("{verb} {}.{}", key.table, key.column))?);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// Unique in all warehouses: written by the office alone, which sees all of them.
const OF_THE_OFFICE: [(&str, &str); 2] = [("profiles", "{email}"), ("warehouses", "{code}")];

/// Unique in all warehouses, and nobody is refused: a browser passes from whoever had it to whoever says its address.
const HANDED_ON: [(&str, &str); 1] = [("push_subscriptions", "{endpoint}")];

/// A client may choose an id. One that is in use elsewhere is refused, which tells nobody anything: it has 74 random bits or
/// more, so whoever can say one knows it already.
#[test]
fn what_is_unique_is_so_within_a_warehouse() -> Result<()> {
    let rows = World::open()?.sql.query(
        "with uniques as (
           select t.oid, t.relname::text as table, array(
             select a.attname::text from pg_attribute a where a.attrelid = t.oid and (a.attnum = any (x.indkey) or exists (
               select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = x.indexrelid
                 and d.refobjid = t.oid and d.refobjsubid = a.attnum)) order by a.attname) as columns
           from pg_index x join pg_class t on t.oid = x.indrelid
           where t.relnamespace = 'public'::regnamespace and (x.indisunique or x.indisexclusion))
         select u.table, u.columns::text from uniques u
         where u.columns <> '{id}'
           and exists (select from unnest(u.columns) c where has_column_privilege('authenticated', u.oid, c, 'insert, update'))
           and not 'warehouse_id' = any (u.columns)
           -- What belongs to a row of one warehouse is in it, too.
           and not exists (select from pg_constraint f join pg_attribute a on a.attrelid = u.oid and a.attnum = any (f.conkey)
             where f.conrelid = u.oid and f.contype = 'f' and a.attname = any (u.columns))
         order by 1, 2",
        &[],
    )?;
    let mut found: Vec<(&str, &str)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    found.retain(|unique| !HANDED_ON.contains(unique));
    assert_eq!(found, OF_THE_OFFICE, "these tell what other warehouses have");
    for (table, _) in found {
        let lines = rules(table).into_iter().flat_map(|rule| rule.who);
        let writers = lines.fold(OFFICE, |all, &(_, _, insert, ..)| all.and(insert));
        assert_eq!(writers, OFFICE, "{table}: others write it, too");
    }
    Ok(())
}
