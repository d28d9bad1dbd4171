//! Twenty thousand work orders, read page by page in several orders, while others write.
//!
//! Keyset pagination promises that a row whose place in the order does not change comes once. A row that is
//! moved meanwhile may come at its old place, at its new one, at both or at neither, because the reader is between two
//! pages when it jumps. Orders whose field never changes (`id`) have no such rows.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod crowd;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use crowd::{Crowd, WRITES};
use millwright_stack_tests::{Api, Site};
use postgres::SimpleQueryMessage;
use serde_json::Value;

pub(crate) const PATH: &str = "/api/v1/work-orders";

const WRITERS: usize = 3;

/// An order to read in.
#[derive(Clone, Copy)]
struct Order {
    sort: &'static str,
    /// True if the writes that move a row change its place in this order.
    moves: bool,
}

const fn by(sort: &'static str, moves: bool) -> Order {
    Order { sort, moves }
}

/// As it is when nothing is asked, and so on.
const ORDERS: [Order; 4] = [by("-id", false), by("id", false), by("due_at", true), by("-priority", true)];

/// All that a reader got: the versions in which each work order came, and how long each page took.
#[derive(Default)]
struct Read {
    came: BTreeMap<String, Vec<i64>>,
    took: Vec<Duration>,
}

/// Reads to the end. Each page lets the writers do two things; when they lag, the reader waits.
#[allow(clippy::disallowed_methods, reason = "how long a page takes is told, not judged")]
fn read(token: &str, sort: &str, turns: &SyncSender<()>) -> Read {
    let api = Api::open();
    let mut read = Read::default();
    let mut path = Some(format!("{PATH}?limit=100&sort={sort}&fields=version,title"));
    while let Some(page) = path {
        let asked = Instant::now();
        let answer = api.get(token, &page);
        read.took.push(asked.elapsed());
        path = answer.next_page();
        for row in answer.expect(200).as_array().unwrap() {
            let id = row["id"].as_str().unwrap().to_owned();
            read.came.entry(id).or_default().push(row["version"].as_i64().unwrap());
        }
        turns.send(()).and_then(|()| turns.send(())).unwrap();
    }
    read
}

/// Writes whenever a page was read, until nobody reads any more.
fn write(crowd: &Crowd<'_>, turns: &Mutex<Receiver<()>>) {
    let api = Api::open();
    let turn = || turns.lock().unwrap().recv();
    while turn().is_ok() {
        crowd.write(&api);
    }
}

fn judge(order: Order, read: &Read, crowd: &Crowd<'_>) {
    let Order { sort, moves } = order;
    let stood = crowd.untouched.iter().chain(&crowd.edited);
    let missing: Vec<_> = stood.filter(|id| !read.came.contains_key(*id)).collect();
    assert!(missing.is_empty(), "{sort}: {} that stood still are missing", missing.len());
    let mut again = 0;
    for (id, versions) in read.came.iter().filter(|(_, versions)| versions.len() > 1) {
        again += 1;
        let was_moved = moves && crowd.moved.contains(id);
        assert!(was_moved, "{sort}: {id} came in the versions {versions:?} and has not moved");
        assert!(versions.len() == 2 && versions[0] < versions[1], "{sort}: {id} came as {versions:?}");
    }
    let early: Duration = read.took.iter().take(10).sum();
    let late: Duration = read.took.iter().rev().take(10).sum();
    println!(
        "{sort:>11}: {} pages, {again} rows came again after they had moved; the first ten pages took {} ms each, the last ten {} ms",
        read.took.len(),
        early.as_millis() / 10,
        late.as_millis() / 10,
    );
}

#[test]
fn rows_that_stand_still_come_once_while_a_thousand_others_are_written() {
    let api = Api::open();
    let site = Site::build(&api);
    let crowd = Crowd::seed(&api, &site);
    let token = site.token(&api, "technician");
    let (turns, queue) = sync_channel(WRITERS);
    let queue = Mutex::new(queue);
    let reads: Vec<Read> = thread::scope(|scope| {
        for _ in 0..WRITERS {
            scope.spawn(|| write(&crowd, &queue));
        }
        let readers: Vec<_> = ORDERS
            .map(|order| {
                let (token, turns) = (&token, turns.clone());
                scope.spawn(move || read(token, order.sort, &turns))
            })
            .into_iter()
            .collect();
        // The writers end when the last reader's own sender is gone.
        drop(turns);
        readers.into_iter().map(|reader| reader.join().unwrap()).collect()
    });
    for (order, read) in ORDERS.into_iter().zip(&reads) {
        judge(order, read, &crowd);
    }
    assert_eq!(crowd.begun(), WRITES, "all was written while it was read");
    let again = |read: &Read| read.came.values().filter(|versions| versions.len() > 1).count();
    let moved_again: usize =
        ORDERS.iter().zip(&reads).filter(|(order, _)| order.moves).map(|(_, read)| again(read)).sum();
    assert!(moved_again > 0, "a row that moves on in the order comes again at its new place");
    the_newest_are_found_by_an_index(&api, &site);
}

/// The gateway's query for the default order, as the same person, after the ten-thousandth row.
fn the_newest_are_found_by_an_index(api: &Api, site: &Site) {
    let middle = api.ask(&format!(
        "select id from public.work_orders where warehouse_id = '{}' order by id desc offset 10000 limit 1",
        site.warehouse
    ));
    let claims = format!("{{\"sub\": \"{}\", \"role\": \"authenticated\"}}", site.person(api, "technician"));
    let mut database = api.stack.connect().unwrap();
    let mut transaction = database.transaction().unwrap();
    transaction
        .batch_execute(&format!("set local request.jwt.claims = '{claims}'; set local role authenticated"))
        .unwrap();
    let question = format!(
        "explain (analyze, format json) select * from public.work_orders
         where warehouse_id = '{}' and archived_at is null and id < '{middle}' order by id desc limit 200",
        site.warehouse
    );
    let answer = transaction.simple_query(&question).unwrap();
    let plan = answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    let plan: Value = serde_json::from_str(plan.unwrap()).unwrap();
    let mut nodes = Vec::new();
    collect(&plan[0]["Plan"], &mut nodes);
    let types: Vec<_> = nodes.iter().filter_map(|node| node["Node Type"].as_str()).collect();
    assert!(!types.iter().any(|kind| kind.contains("Sort") || kind.contains("Seq Scan")), "{plan}");
    let scan = nodes.iter().find(|node| node["Relation Name"] == "work_orders").unwrap();
    assert!(scan["Index Cond"].as_str().is_some_and(|condition| condition.contains("id <")), "{plan}");
    println!("{}: {} rows, {} ms", scan["Index Name"], scan["Actual Rows"], plan[0]["Execution Time"]);
}

fn collect<'p>(node: &'p Value, nodes: &mut Vec<&'p Value>) {
    nodes.push(node);
    for child in node["Plans"].as_array().into_iter().flatten() {
        collect(child, nodes);
    }
}
