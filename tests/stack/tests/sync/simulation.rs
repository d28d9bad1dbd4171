//! Twenty phones, many times: offline for a while, clocks a day off, replies lost, batches sent twice and in the
//! wrong order. In the end all hold the same, and nothing that was typed is lost.

use std::collections::{BTreeMap, HashMap};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::phone::{Phone, results};
use chrono::TimeDelta;
use millwright_stack_tests::{Api, Dice, Site, is_long};
use serde_json::{Value, json};
use uuid::Uuid;

/// The number of all plays, and of those that are quick enough for every run.
const ALL_SEEDS: u64 = 200;
const SOME_SEEDS: u64 = 25;
/// The roles that carry phones, and the number of phones of each.
const CARRIERS: [(&str, usize); 3] = [("technician", 10), ("supervisor", 6), ("contractor", 4)];
const STEPS: usize = 60;

#[test]
fn twenty_phones_come_to_the_same() {
    let seeds: Vec<u64> = match std::env::var("MILLWRIGHT_SEED") {
        Ok(seed) => vec![seed.parse().expect("a number")],
        Err(_) => (0..if is_long() { ALL_SEEDS } else { SOME_SEEDS }).collect(),
    };
    let next = AtomicU64::new(0);
    let seen = thread::scope(|scope| {
        let play_some = || {
            let api = Api::open();
            let mut seen = BTreeMap::<String, usize>::new();
            while let Some(seed) = seeds.get(usize::try_from(next.fetch_add(1, Ordering::SeqCst)).unwrap()) {
                let told = std::panic::catch_unwind(AssertUnwindSafe(|| Play::set(&api, *seed).run()));
                let told = told.unwrap_or_else(|_| panic!("play it again with MILLWRIGHT_SEED={seed}"));
                for outcome in told {
                    *seen.entry(outcome).or_default() += 1;
                }
            }
            seen
        };
        let threads: Vec<_> = (0..3).map(|_| scope.spawn(play_some)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).fold(BTreeMap::new(), |mut all, seen| {
            for (outcome, times) in seen {
                *all.entry(outcome).or_insert(0) += times;
            }
            all
        })
    });
    println!("what became of mutations: {seen:?}");
    if seeds.len() > 1 {
        for outcome in ["applied", "merged", "conflict", "needs_review", "rejected", "duplicate"] {
            assert!(
                seen.get(outcome).is_some_and(|times| *times > seeds.len() / 10),
                "{outcome} is not tried: {seen:?}"
            );
        }
    }
}

/// A text that was typed on top of what a phone held.
struct Typed {
    text: String,
    mutation: String,
}

/// By row and field: a value, and the version that it was typed over.
type Shown = HashMap<(String, &'static str), (Value, i64)>;

struct Play<'a> {
    api: &'a Api,
    dice: Dice,
    site: Site,
    phones: Vec<(&'static str, Phone)>,
    /// By phone, the value shown in each field that it has changed, and the version that was typed over.
    shown: Vec<Shown>,
    typed: Vec<Typed>,
    moves: Vec<String>,
    became: HashMap<String, Value>,
    duplicates: usize,
}

impl<'a> Play<'a> {
    fn set(api: &'a Api, seed: u64) -> Self {
        let site = Site::build(api);
        let (technician, contractor) = (site.person(api, "technician"), site.person(api, "contractor"));
        api.tell(&format!(
            "with o as (insert into public.work_orders (type, title, status, assigned_to, started_at, warehouse_id)
               select 'corrective', 'Order ' || n, case n when 1 then 'assigned' else 'in_progress' end::public.work_order_status,
                 case n when 3 then '{contractor}' else '{technician}' end::uuid, now(), '{}'
               from generate_series(1, 3) n returning id)
             insert into public.checklist_items (work_order_id, position, component, action)
               select o.id, n, 'Part ' || n, 'Look' from o, generate_series(1, 3) n",
            site.warehouse
        ));
        let mut dice = Dice::of(seed);
        let mut phones = Vec::new();
        for (role, how_many) in CARRIERS {
            let token = site.token(api, role);
            let mut first = Phone::new(token.clone());
            first.pull(api);
            for _ in 0..how_many {
                let mut phone = Phone::new(token.clone());
                phone.cursor.clone_from(&first.cursor);
                phone.documents.clone_from(&first.documents);
                phone.skew = TimeDelta::seconds(i64::try_from(dice.below(172_800)).unwrap() - 86_400);
                phones.push((role, phone));
            }
        }
        let shown = phones.iter().map(|_| HashMap::new()).collect();
        let (typed, moves, became) = (vec![], vec![], HashMap::new());
        Self { api, dice, site, phones, shown, typed, moves, became, duplicates: 0 }
    }

    /// Plays to the end. The outcomes of the mutations, a word for each.
    fn run(mut self) -> Vec<String> {
        for _ in 0..STEPS {
            let which = self.dice.below(self.phones.len());
            if *self.dice.throw(&[true, true, true, false]) { self.edit(which) } else { self.sync(which) }
        }
        for which in 0..self.phones.len() {
            while !self.phones[which].1.queue.is_empty() {
                let told = self.phones[which].1.push(self.api);
                self.hear(told);
            }
        }
        for (_, phone) in &mut self.phones {
            phone.pull(self.api);
        }
        self.all_hold_the_same();
        self.nothing_typed_is_lost();
        self.no_move_is_made_in_silence();
        let mut outcomes: Vec<_> =
            self.became.values().map(|told| told["outcome"].as_str().unwrap().to_owned()).collect();
        outcomes.extend(std::iter::repeat_n("duplicate".to_owned(), self.duplicates));
        outcomes
    }

    /// Something is done on a phone.
    fn edit(&mut self, which: usize) {
        let (role, phone) = &self.phones[which];
        let orders: Vec<_> =
            phone.documents.iter().filter(|((entity, _), _)| entity == "work_orders").collect();
        if orders.is_empty() {
            return;
        }
        let ((_, id), order) = *self.dice.throw(&orders);
        let (id, order, role) = (id.clone(), order.clone(), *role);
        let item = self.dice.throw(order["checklist"].as_array().unwrap()).clone();
        let word = format!("{}-{}", self.site.mark, self.typed.len());
        match self.dice.below(9) {
            0 | 1 => self.types(which, "checklist_items", &item, "notes", &word),
            2 => self.types(which, "work_orders", &order, "description", &word),
            3 => {
                let state = *self.dice.throw(&["done", "skipped", "issue", "done"]);
                self.changes(which, "checklist_items", &item, "state", json!(state));
            }
            4 => {
                self.changes(which, "work_orders", &order, "area", json!(word));
            }
            5 => {
                let key = *self.dice.throw(&["a", "b", "c"]);
                let mut fields = self.shows(which, &order, "custom_fields").0;
                fields[key] = json!(word);
                self.changes(which, "work_orders", &order, "custom_fields", fields);
            }
            6 => {
                let comment = json!({"work_order_id": id, "body": word});
                let phone = &mut self.phones[which].1;
                let mutation = phone.does("comments", &Uuid::now_v7().to_string(), None, &comment);
                self.typed.push(Typed { text: word, mutation });
            }
            7 if role == "supervisor" => {
                let to = *self.dice.throw(&["technician", "contractor"]);
                let to = self.site.person(self.api, to);
                self.changes(which, "work_orders", &order, "assigned_to", json!(to));
            }
            _ => {
                let (shown, base) = self.shows(which, &order, "status");
                let open: &[&str] = match shown.as_str().unwrap() {
                    "in_progress" => &["on_hold", "completed", "completed"],
                    "completed" => &["verified", "in_progress"],
                    "verified" => &["closed", "in_progress"],
                    "closed" => return,
                    _ => &["in_progress"],
                };
                let to = *self.dice.throw(open);
                let mut changes = json!({"status": to, "status_note": "seen"});
                if to == "on_hold" {
                    changes["hold_reason"] = json!("parts");
                }
                let mutation = self.phones[which].1.does("work_orders", &id, Some(base), &changes);
                self.shown[which].insert((id, "status"), (json!(to), base));
                self.moves.push(mutation);
            }
        }
    }

    /// The value that a phone shows in a field, and the version that it was typed over.
    fn shows(&self, which: usize, row: &Value, field: &'static str) -> (Value, i64) {
        let key = (row["id"].as_str().unwrap().to_owned(), field);
        let fresh = || (row[field].clone(), row["version"].as_i64().unwrap());
        self.shown[which].get(&key).cloned().unwrap_or_else(fresh)
    }

    fn changes(
        &mut self,
        which: usize,
        entity: &str,
        row: &Value,
        field: &'static str,
        value: Value,
    ) -> String {
        let (_, base) = self.shows(which, row, field);
        let id = row["id"].as_str().unwrap().to_owned();
        let mutation = self.phones[which].1.does(entity, &id, Some(base), &json!({field: value}));
        self.shown[which].insert((id, field), (value, base));
        mutation
    }

    /// A line is added to what the phone shows.
    fn types(&mut self, which: usize, entity: &str, row: &Value, field: &'static str, word: &str) {
        let (before, _) = self.shows(which, row, field);
        let text = format!("{}\n{word}", before.as_str().unwrap()).trim().to_owned();
        let mutation = self.changes(which, entity, row, field, json!(text));
        self.typed.push(Typed { text: word.to_owned(), mutation });
    }

    /// A phone comes back, over a bad line.
    fn sync(&mut self, which: usize) {
        let (api, phone) = (self.api, &mut self.phones[which].1);
        if !phone.queue.is_empty() {
            match self.dice.below(6) {
                // Nothing arrives.
                0 => return,
                // It arrives, and the reply is lost.
                1 => {
                    results(phone.send(api, &phone.queue));
                    return;
                }
                // It arrives twice.
                2 => {
                    results(phone.send(api, &phone.queue));
                    let told = phone.push(api);
                    self.hear(told);
                }
                // Later mutations arrive first.
                3 => {
                    let (earlier, later) = phone.queue.split_at(phone.queue.len() / 2);
                    let mut told = results(phone.send(api, later));
                    if !earlier.is_empty() {
                        told.extend(results(phone.send(api, earlier)));
                    }
                    phone.heard(&told);
                    self.hear(told);
                }
                _ => {
                    let told = phone.push(api);
                    self.hear(told);
                }
            }
        }
        let phone = &mut self.phones[which].1;
        phone.pull(api);
        if phone.queue.is_empty() {
            self.shown[which].clear();
        }
    }

    fn hear(&mut self, told: Vec<Value>) {
        for result in told {
            let id = result["id"].as_str().unwrap().to_owned();
            if result["outcome"] == "duplicate" {
                self.duplicates += 1;
                self.became.insert(id, result["first"].clone());
            } else {
                self.became.insert(id, result);
            }
        }
    }

    fn all_hold_the_same(&self) {
        for (role, _) in CARRIERS {
            let mut fresh = Phone::new(self.site.token(self.api, role));
            fresh.pull(self.api);
            for (_, phone) in self.phones.iter().filter(|(carrier, _)| *carrier == role) {
                assert_eq!(phone.documents, fresh.documents, "a {role}'s phone, and what is there");
            }
        }
    }

    fn nothing_typed_is_lost(&self) {
        let all = self.api.ask(&format!(
            "select string_agg(concat_ws(E'\\n', w.description,
               (select string_agg(notes, E'\\n') from public.checklist_items where work_order_id = w.id),
               (select string_agg(body, E'\\n') from public.comments where work_order_id = w.id)), E'\\n')
             from public.work_orders w where w.warehouse_id = '{}'",
            self.site.warehouse
        ));
        let lines: Vec<_> = all.lines().collect();
        for Typed { text, mutation } in &self.typed {
            let told = &self.became[mutation];
            let kept = lines.contains(&text.as_str());
            assert!(kept || told["outcome"] == "rejected", "{text} is lost: {told}\n{all}");
        }
    }

    fn no_move_is_made_in_silence(&self) {
        let made = self.api.ask(&format!(
            "select coalesce(json_agg(h.mutation_id), '[]') from public.work_order_history h
             join public.work_orders w on w.id = h.work_order_id
             where w.warehouse_id = '{}' and h.changes ? 'status' and h.mutation_id is not null",
            self.site.warehouse
        ));
        let made: Vec<String> = serde_json::from_str(&made).unwrap();
        for mutation in &self.moves {
            let told = &self.became[mutation];
            let made = made.iter().filter(|made| *made == mutation).count();
            match told["outcome"].as_str().unwrap() {
                // None: it was so already, or the phone itself had moved on.
                "applied" | "merged" => assert!(made <= 1, "{told}"),
                "conflict" | "needs_review" => {
                    let status =
                        told["fields"].as_array().unwrap().iter().find(|field| field["field"] == "status");
                    let status = status.expect("which status");
                    assert_ne!(status["yours"], status["theirs"], "{told}");
                    assert_eq!((&status["kept"], made), (&json!("theirs"), 0), "{told}");
                }
                _ => assert_eq!(made, 0, "{told}"),
            }
        }
    }
}
