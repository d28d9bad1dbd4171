// Makes shared/domain/fixtures/recurrence/weeks.txt.gz: 1,000 rules with week numbers, most of them around New Year, and what
// rrule-temporal makes of each.
//
//     npm ci --prefix tests/recurrence && node tests/recurrence/weeks.mjs
//
// Each line is RULE, first date, dates. The same program makes the same file, in about
// a minute.
//
// Not asked is what it answers differently: a first date whose week belongs to another year than the date (it counts INTERVAL
// from the calendar year). python-dateutil 2.9.0, libical 3.0.16 and ical.js 2.2.1 are no judges here: see recurrence.rs.

import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { RRuleTemporal } from "rrule-temporal";

const RULES = 1000;
const DATES = 6;
const DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const WEEKS = [1, 1, 2, 20, 51, 52, 53, -1, -1, -2, -51, -52, -53];

// A small generator with a seed (mulberry32): the language has none.
let state = 5545;
function chance() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const below = (n) => Math.floor(chance() * n);
const one = (values) => values[below(values.length)];
const some = (values, most) => [...new Set(Array.from({ length: 1 + below(most) }, () => one(values)))].join(",");

function rule() {
  const parts = ["FREQ=YEARLY"];
  if (chance() < 0.6) parts.push(`INTERVAL=${one([2, 3, 4, 5, 7])}`);
  parts.push(`BYWEEKNO=${some(WEEKS, 3)}`, `BYDAY=${some(DAYS, 5)}`);
  if (chance() < 0.4) parts.push(`BYSETPOS=${some([1, 2, 3, -1, -2], 2)}`);
  if (chance() < 0.3) parts.push(`WKST=${one(DAYS)}`);
  return parts.join(";");
}

// The year of the week that a day is in, for weeks that begin on `start` (Monday is 0).
function weekYear(day, start) {
  const fourth = new Date(day);
  fourth.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6 - start) % 7) + 3);
  return fourth.getUTCFullYear();
}

const compact = (date) => date.replaceAll("-", "");

function line() {
  const text = rule();
  const first = new Date(Date.UTC(1990, 0, 1 + below(16000)));
  const start = DAYS.indexOf(/WKST=(..)/.exec(text)?.[1] ?? "MO");
  if (weekYear(first, start) !== first.getUTCFullYear()) return undefined;
  const day = compact(first.toISOString().slice(0, 10));
  try {
    const known = new RRuleTemporal({ rruleString: `DTSTART;TZID=UTC:${day}T000000\nRRULE:${text};COUNT=${DATES}` });
    const dates = known.all().map((date) => compact(date.toPlainDate().toString()));
    // A hundred years without a date are an end to us.
    const near = dates.length < DATES ? [] : dates.filter((date) => date < "2101");
    return near.length ? `${text}\t${day}\t${near.join(" ")}\n` : undefined;
  } catch {
    // It gives up where there is no date for a long time.
    return undefined;
  }
}

const lines = [];
while (lines.length < RULES) {
  const made = line();
  if (made) lines.push(made);
}
const fixture = new URL("../../shared/domain/fixtures/recurrence/weeks.txt.gz", import.meta.url);
writeFileSync(fixture, gzipSync(lines.join(""), { level: 9 }));
