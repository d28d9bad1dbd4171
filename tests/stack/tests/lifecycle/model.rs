//! The pure machine: what a work order with its checklist and its clocks becomes when someone does something, and what they
//! are told when they may not. Who leads and who works on it, and which moves are open, the domain says.

use std::collections::BTreeSet;

use millwright_domain::access::Role;
use millwright_domain::id::ProfileId;
use millwright_domain::lifecycle::Standing;
use millwright_domain::signature::SignatureRule;
use millwright_domain::work_order::Status;
use millwright_stack_tests::{Api, Site};
use serde_json::{Value, json};

pub(crate) struct Person {
    pub(crate) role: Role,
    pub(crate) id: ProfileId,
    pub(crate) token: String,
    pub(crate) at_home: bool,
}

/// Everyone who may try something: the people of a site, two who see all, and one of another site.
pub(crate) fn cast(api: &Api, site: &Site, elsewhere: &Site) -> Vec<Person> {
    let person = |email: &str, at_home| {
        let known =
            api.ask(&format!("select role || ' ' || id from public.profiles where email = '{email}'"));
        let (role, id) = known.split_once(' ').unwrap();
        let role = serde_json::from_value(role.into()).unwrap();
        Person { role, id: id.parse().unwrap(), token: api.token(email), at_home }
    };
    let here = ["technician", "supervisor", "requester", "contractor", "inventory_clerk"];
    let mut cast: Vec<_> = here.iter().map(|role| person(&site.email(role), true)).collect();
    cast.push(person("manager@demo.test", true));
    cast.push(person("admin@demo.test", true));
    cast.push(person(&elsewhere.email("supervisor"), false));
    cast
}

/// A deed that someone tries. Items and clocks are told by their place.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Deed {
    Move {
        to: Status,
        given_to: ProfileId,
        note: &'static str,
    },
    /// Adds an item to the checklist.
    Add,
    /// Decides an item, or undecides it.
    Decide {
        item: usize,
        state: &'static str,
    },
    /// Makes an item an issue that opens a work order.
    Raise {
        item: usize,
    },
    /// Starts their own clock.
    Start,
    /// Stops a clock, which may be someone else's.
    Stop {
        clock: usize,
    },
}

/// A refusal: the status, and the code.
pub(crate) type Refused = (u16, &'static str);

#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) state: &'static str,
    pub(crate) follow_up: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Clock {
    pub(crate) id: String,
    pub(crate) of: ProfileId,
    pub(crate) runs: bool,
}

/// A work order as the pure machine knows it.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    pub(crate) status: Status,
    pub(crate) assigned_to: Option<ProfileId>,
    pub(crate) requested_by: ProfileId,
    pub(crate) completed_by: Option<ProfileId>,
    /// Who did work that was taken up again or given to others since.
    pub(crate) hands: BTreeSet<ProfileId>,
    pub(crate) items: Vec<Item>,
    pub(crate) clocks: Vec<Clock>,
}

impl Model {
    /// One that this person has asked for just now.
    pub(crate) fn asked_for_by(requester: &Person) -> Self {
        Self {
            status: Status::New,
            assigned_to: None,
            requested_by: requester.id,
            completed_by: None,
            hands: BTreeSet::new(),
            items: Vec::new(),
            clocks: Vec::new(),
        }
    }

    pub(crate) fn standing(&self, who: &Person) -> Standing {
        let count = |times: usize| u32::try_from(times).unwrap();
        Standing {
            status: self.status,
            version: 0,
            me: who.id,
            role: who.role,
            at_home: who.at_home,
            assigned_to: self.assigned_to,
            requested_by: Some(self.requested_by),
            had_a_hand: [self.completed_by, self.assigned_to].contains(&Some(who.id))
                || self.hands.contains(&who.id)
                || self.clocks.iter().any(|clock| clock.of == who.id),
            signature: SignatureRule::Optional,
            undecided_items: count(self.items.iter().filter(|item| item.state == "pending").count()),
            running_clocks: count(self.clocks.iter().filter(|clock| clock.runs).count()),
        }
    }

    /// The model after a deed, or the refusal. A row that the deed opens has no id yet.
    pub(crate) fn after(&self, who: &Person, deed: Deed) -> Result<Self, Refused> {
        let standing = self.standing(who);
        let theirs = |may: bool| if may { Ok(()) } else { Err(self.not_theirs(who)) };
        let goes_on = |over: bool| if over { Err(ENDED) } else { Ok(()) };
        let over = self.status.is_frozen();
        let mut next = self.clone();
        match deed {
            Deed::Move { to, given_to, note } => {
                let moved = self.moved(who, to, given_to, note);
                return moved.map_err(|code| if self.is_seen_by(who) { (409, code) } else { NOT_THERE });
            }
            Deed::Add => {
                theirs(standing.leads())?;
                goes_on(self.work_is_done())?;
                next.items.push(Item { id: String::new(), state: "pending", follow_up: None });
            }
            Deed::Decide { item, state } => {
                theirs(standing.works())?;
                goes_on(self.work_is_done())?;
                next.items[item].state = state;
            }
            Deed::Raise { .. } if who.role == Role::Contractor => return Err(FORBIDDEN),
            Deed::Raise { .. } if !standing.works() => return Err(NOT_THERE),
            Deed::Raise { item } => {
                // An item that is raised already can be raised again.
                let is_so = self.items[item].state == "issue" && self.items[item].follow_up.is_some();
                goes_on(!is_so && self.work_is_done())?;
                next.items[item].state = "issue";
            }
            Deed::Start => {
                theirs(standing.works())?;
                goes_on(over)?;
                match self.status {
                    Status::InProgress if self.busy().contains(&who.id) => return Err((409, "overlaps")),
                    Status::InProgress => {}
                    _ => return Err((409, "not_in_progress")),
                }
                next.clocks.push(Clock { id: String::new(), of: who.id, runs: true });
            }
            Deed::Stop { clock } => {
                let own = standing.works() && self.clocks[clock].of == who.id;
                theirs(standing.leads() || own)?;
                goes_on(over)?;
                next.clocks[clock].runs = false;
            }
        }
        Ok(next)
    }

    /// The code of the refusal, or what the work order becomes.
    fn moved(&self, who: &Person, to: Status, given_to: ProfileId, note: &str) -> Result<Self, &'static str> {
        if let Some(refusal) = self.standing(who).refusal(to) {
            return Err(refusal.code());
        }
        let mut next = Self { status: to, ..self.clone() };
        if self.status.is_open() && [self.status, to].contains(&Status::InProgress) {
            let own = self.assigned_to == Some(who.id);
            next.hands.extend((to == Status::Completed || own).then_some(who.id));
            next.hands.extend(self.assigned_to.filter(|_| to == Status::Completed));
        }
        match to {
            Status::Assigned if who.role == Role::Technician && given_to != who.id => {
                return Err("move_not_open");
            }
            Status::Assigned => next.assigned_to = Some(given_to),
            Status::Completed => next.completed_by = Some(who.id),
            Status::InProgress if self.completed_by.is_some() && note.is_empty() => {
                return Err("reason_needed");
            }
            Status::InProgress => next.completed_by = None,
            // When work stops, the clocks stop.
            Status::OnHold => next.clocks.iter_mut().for_each(|clock| clock.runs = false),
            _ => {}
        }
        Ok(next)
    }

    /// Whose clock runs.
    fn busy(&self) -> BTreeSet<ProfileId> {
        self.clocks.iter().filter(|clock| clock.runs).map(|clock| clock.of).collect()
    }

    fn work_is_done(&self) -> bool {
        use Status::{Cancelled, Closed, Completed, Verified};
        matches!(self.status, Completed | Verified | Closed | Cancelled)
    }

    pub(crate) fn is_seen_by(&self, who: &Person) -> bool {
        who.at_home
            && match who.role {
                Role::Contractor => self.assigned_to == Some(who.id),
                Role::Requester => self.requested_by == who.id,
                _ => true,
            }
    }

    fn not_theirs(&self, who: &Person) -> Refused {
        if self.is_seen_by(who) { FORBIDDEN } else { NOT_THERE }
    }

    /// As the database is asked for it: the status, the items' states and whether a work order follows from each, and how
    /// many clocks run and stand.
    pub(crate) fn told(&self) -> Value {
        let items: Vec<_> = self.items.iter().map(|item| json!([item.state, item.follow_up])).collect();
        let running = self.busy().len();
        let follow_ups = self.items.iter().filter(|item| item.follow_up.is_some()).count();
        json!({
            "status": self.status, "assigned_to": self.assigned_to, "items": items,
            "clocks": [running, self.clocks.len() - running], "follow_ups": follow_ups,
        })
    }
}

const FORBIDDEN: Refused = (403, "forbidden");
const NOT_THERE: Refused = (404, "not_found");
const ENDED: Refused = (409, "work_has_ended");
