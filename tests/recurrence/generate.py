"""Makes shared/domain/fixtures/recurrence/random.txt.gz: 10,000 recurrence rules, and what python-dateutil makes of each.

    python3 -m venv target/recurrence && . target/recurrence/bin/activate
    pip install --require-hashes -r tests/recurrence/requirements.txt
    python tests/recurrence/generate.py

Each line is RULE, first date, date from which dates are asked for, and the dates: the first as days after the last
column, each further one as days after the one before it, and a full stop where there are no more. The same program makes
the same file.

What RFC 5545 and python-dateutil answer differently is not asked:
- a day of the month that follows from the first date and is not in every month (ours is the month's last day then);
- a first week that begins in its middle, with BYSETPOS (theirs is the rest of the week);
- BYDAY with and without ordinals in one rule (theirs are the days that are both);
- the weeks around New Year (BYWEEKNO=1, 52 and 53 from either end) and a first date in them, where python-dateutil 2.9.0
  counts by the calendar's year and not the week's, and takes some days for the wrong week (1 January 1994 for one of week 53):
  weeks.mjs asks another library for these weeks.
"""

import datetime
import gzip
import itertools
import pathlib
import random

from dateutil.rrule import rrulestr

RULES = 10_000
DATES = 6
# Of a rule with more dates than this, the last ones may be missing.
LONGEST = 10_000
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
# On these days the week may be the other year's.
TURN_OF_THE_YEAR = {"1229", "1230", "1231", "0101", "0102", "0103"}
FIXTURE = pathlib.Path(__file__).parents[2] / "shared/domain/fixtures/recurrence/random.txt.gz"

chance = random.Random(5545)

# Where a rule has no date, python-dateutil looks for one until the end of the calendar: 8,000 years, day by day.
datetime.MAXYEAR = 2060


def some(values, most):
    return ",".join(map(str, sorted(chance.sample(list(values), chance.randint(1, most)))))


def either(limit):
    return [n for n in range(-limit, limit + 1) if n]


def maybe(probability):
    return chance.random() < probability


def rule():
    """A rule that RFC 5545 allows, as its parts."""
    frequency = chance.choice(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
    parts = {"FREQ": frequency}
    if maybe(0.6):
        parts["INTERVAL"] = chance.choice([2, 3, 4, 5, 6, 7, 10, 12, 13, 18, 26, 45])
    if maybe(0.3):
        parts["BYMONTH"] = some(range(1, 13), 4)
    if frequency != "WEEKLY" and maybe(0.35):
        parts["BYMONTHDAY"] = some(either(31), 5)
    if frequency == "YEARLY" and maybe(0.2):
        parts["BYYEARDAY"] = some(either(366), 6)
    if frequency == "YEARLY" and maybe(0.25):
        parts["BYWEEKNO"] = some([n for n in either(51) if abs(n) > 1], 5)
    if maybe(0.45):
        days = chance.sample(DAYS, chance.randint(1, 4))
        if frequency in ("MONTHLY", "YEARLY") and "BYWEEKNO" not in parts and maybe(0.6):
            weeks = 5 if frequency == "MONTHLY" or "BYMONTH" in parts else 53
            days = [f"{chance.choice(either(weeks))}{day}" for day in days]
        parts["BYDAY"] = ",".join(days)
    if any(name.startswith("BY") for name in parts) and maybe(0.25):
        parts["BYSETPOS"] = some(either(5 if frequency != "YEARLY" else 20), 3)
    if maybe(0.3):
        parts["WKST"] = chance.choice(DAYS)
    return parts


def first_date(parts):
    date = datetime.date(1990, 1, 1) + datetime.timedelta(chance.randrange(16_000))
    says_days = parts.keys() & {"BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYDAY"}
    if parts["FREQ"] in ("MONTHLY", "YEARLY") and not says_days:
        date = date.replace(day=min(date.day, 28))
    if "BYWEEKNO" in parts and f"{date:%m%d}" in TURN_OF_THE_YEAR:
        date += datetime.timedelta(7)
    if parts["FREQ"] == "WEEKLY" and "BYSETPOS" in parts:
        date -= datetime.timedelta((date.weekday() - DAYS.index(parts.get("WKST", "MO"))) % 7)
    return date


def line():
    parts = rule()
    first = first_date(parts)
    since = first + datetime.timedelta(chance.choice([0, 0, chance.randrange(400), chance.randrange(4_000)]))
    if maybe(0.15):
        parts["COUNT"] = chance.randint(1, 60)
    elif maybe(0.15):
        parts["UNTIL"] = f"{since + datetime.timedelta(chance.randrange(2_000)):%Y%m%d}"
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    dates = rrulestr(text, dtstart=datetime.datetime.combine(first, datetime.time()))
    every = list(itertools.islice((date.date() for date in dates), LONGEST))
    found = [date for date in every if date >= since]
    ended = "UNTIL" in parts or len(every) == int(parts.get("COUNT", -1))
    full_stop = "." if ended and len(found) <= DATES and len(every) < LONGEST else ""
    found = found[:DATES]
    steps = [(date - before).days for before, date in zip([since, *found], found)]
    return f"{text}\t{first:%Y%m%d}\t{since:%Y%m%d}\t{','.join(map(str, steps))}{full_stop}\n"


def main():
    lines = "".join(line() for _ in range(RULES))
    FIXTURE.parent.mkdir(parents=True, exist_ok=True)
    # Without a time, so that the same lines are the same bytes.
    FIXTURE.write_bytes(gzip.compress(lines.encode(), mtime=0))
    print(f"{FIXTURE}: {len(lines)} bytes, {FIXTURE.stat().st_size} compressed")


if __name__ == "__main__":
    main()
