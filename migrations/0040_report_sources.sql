-- migrate:up
-- The rows that reports are made from.
--
-- A report runs with the rights of the caller, so it counts only rows that the caller may see. Both days of a period
-- belong to it, as local days of the warehouse; the future is not counted. The names and formulas are also in the
-- domain crate, for the documentation; a test finds that they agree. With a machine (`p_machine`), a report is about
-- that one alone: the figures of a machine are made this way.
--
-- A period is judged by what was true in it, not by what is true now: by the status that a machine had (equipment_status_changes),
-- its model and what someone was (private.past_states), and who had a work order until when (its history). Each of these tells
-- what was true until a moment, so only changes since the beginning of the period are read; before the first of them it was as that
-- one tells, and after the last it is as it is now.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- Functions of this file that are plain SQL have no `set`, so that the planner puts them in the place of their calls: a
-- report over a year then reads each table once, by the index that fits.

-- The warehouses of a report, with the beginning and the end of the period there, which is at most now. `offset 0` keeps the
-- planner from computing these times row by row; as plain values they may be looked up in an index of a table with row
-- level security.
create function private.report_places(p_from date, p_until date, p_warehouse uuid)
returns table (warehouse_id uuid, code text, time_zone text, starts timestamptz, ends timestamptz, days integer)
language sql stable as $$
  select w.id, w.code, w.time_zone, s.starts, greatest(s.starts, least(now(), (p_until + 1)::timestamp at time zone w.time_zone)),
    greatest(0, least(p_until, (now() at time zone w.time_zone)::date) - p_from + 1)
  from public.warehouses w, lateral (select p_from::timestamp at time zone w.time_zone as starts) s
  where p_warehouse is null or w.id = p_warehouse offset 0
$$;
grant execute on function private.report_places(date, date, uuid) to authenticated;

-- ------------------------------------------------------------------ read past row level security

-- These read rows for a report, all that there are: to judge row by row if the caller sees the
-- work order would cost more than the report. A report joins them with the work orders and machines that the caller sees, which is
-- what the policies of these tables demand, too. No client can call them. Their bounds are two days wider than the period,
-- so that they hold in every time zone; the report cuts them to its own.
--
-- The planner takes the work orders of a period for far fewer than they are. Where `rows` is low, it is lower than that: so the
-- hash table is made of these rows, and the work orders pass by.

-- The last cancellation of work orders, as the history tells it.
create function private.report_cancellations() returns table (work_order_id uuid, cancelled_at timestamptz)
language sql stable security definer set search_path = '' rows 100 as $$
  select h.work_order_id, max(h.happened_at) from public.work_order_history h
  where h.changes -> 'status' ->> 'to' = 'cancelled' group by 1
$$;
grant execute on function private.report_cancellations() to authenticated;

-- The time that people logged in the period, or a little before or after it; with a machine, only on its work orders.
create function private.report_time(p_from date, p_until date, p_machine uuid default null)
returns table (work_order_id uuid, profile_id uuid, started_at timestamptz, stopped_at timestamptz)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_custom_plan' rows 500000 as $$
#variable_conflict use_column
begin
  return query select l.work_order_id, l.profile_id, l.started_at, l.stopped_at from public.time_logs l
    where l.annulled_at is null and l.started_at < (p_until + 3)::timestamp at time zone 'UTC'
      and (l.stopped_at is null or l.stopped_at > (p_from - 2)::timestamp at time zone 'UTC')
      and (p_machine is null
        or l.work_order_id = any (array(select w.id from public.work_orders w where w.equipment_id = p_machine)));
end $$;
grant execute on function private.report_time(date, date, uuid) to authenticated;

-- The time within a repair in which nobody repaired: on hold, and from a completion to the reopening after it. Only
-- work that was taken up again has such; the rest of the history need not be read.
create function private.report_pauses(p_from date, p_until date, p_machine uuid default null)
returns table (work_order_id uuid, duration interval)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_custom_plan' rows 50000 as $$
#variable_conflict use_column
begin
  return query
    with repairs as materialized (
      select w.id, w.started_at, w.completed_at
      from (select distinct h.work_order_id from public.work_order_history h
        where h.subject = 'work_order' and h.changes -> 'status' ->> 'to' = 'in_progress'
          and h.changes -> 'status' ->> 'from' in ('on_hold', 'completed', 'verified')
          and (p_machine is null
            or h.work_order_id = any (array(select w.id from public.work_orders w where w.equipment_id = p_machine)))) r
      join public.work_orders w on w.id = r.work_order_id
      where w.type in ('corrective', 'emergency') and private.or_never(w.completed_at) >= (p_from - 2)::timestamp at time zone 'UTC'
        and private.or_never(w.completed_at) < (p_until + 3)::timestamp at time zone 'UTC')
    select s.id, sum(least(s.until, s.completed_at) - greatest(s.since, s.started_at))
    from (select r.id, r.started_at, r.completed_at, h.happened_at as since, h.changes -> 'status' ->> 'to' as status,
        lead(h.happened_at) over (partition by r.id order by h.position) as until
      from repairs r join public.work_order_history h on h.work_order_id = r.id
      where h.subject = 'work_order' and h.changes ? 'status') s
    where s.status in ('on_hold', 'completed', 'verified') and s.until > s.started_at and s.since < s.completed_at
    group by 1;
end $$;
grant execute on function private.report_pauses(date, date, uuid) to authenticated;

-- What machines and people were, from when until when, as far as it has changed since a day.
create function private.report_past(p_table text, p_since date) returns table (subject uuid, since timestamptz, until timestamptz, was jsonb)
language sql stable security definer set search_path = '' rows 100 as $$
  select s.subject, lag(s.until, 1, '-infinity') over (partition by s.subject order by s.until), s.until, s.was
  from private.past_states s where s.of_table = p_table and s.until > (p_since - 2)::timestamp at time zone 'UTC'
$$;
grant execute on function private.report_past(text, date) to authenticated;

-- What everyone is and was, also those whose profile the caller does not see, because they have left or moved.
create function private.report_people(p_since date)
returns table (profile_id uuid, role text, warehouse_id uuid, active boolean, since timestamptz, until timestamptz)
language sql stable security definer set search_path = '' as $$
  with past as materialized (select * from private.report_past('profiles', p_since))
  select p.subject, p.was ->> 'role', (p.was ->> 'warehouse_id')::uuid, (p.was ->> 'active')::boolean, p.since, p.until
  from past p join public.profiles f on f.id = p.subject
  union all
  select f.id, f.role::text, f.warehouse_id, f.active,
    coalesce((select max(p.until) from past p where p.subject = f.id), '-infinity'), 'infinity'
  from public.profiles f
$$;
grant execute on function private.report_people(date) to authenticated;

-- From when until when machines were in service or not, as far as it has changed since a day.
create function private.report_status(p_since date, p_machine uuid default null)
returns table (equipment_id uuid, since timestamptz, until timestamptz, in_service boolean)
language sql stable security definer set search_path = '' rows 1000 as $$
  select c.equipment_id, lag(c.happened_at, 1, '-infinity') over (partition by c.equipment_id order by c.happened_at, c.id),
    c.happened_at, private.is_in_service(c.from_status)
  from public.equipment_status_changes c
  where c.happened_at > (p_since - 2)::timestamp at time zone 'UTC' and (p_machine is null or c.equipment_id = p_machine)
$$;
grant execute on function private.report_status(date, uuid) to authenticated;

-- Who had a work order, or by when it was due, until it was changed after a day: `p_field` is assigned_to or due_at.
create function private.report_given(p_until date, p_field text)
returns table (work_order_id uuid, since timestamptz, until timestamptz, was text)
language sql stable security definer set search_path = '' rows 100 as $$
  select h.work_order_id, lag(h.happened_at, 1, '-infinity') over (partition by h.work_order_id order by h.position),
    h.happened_at, h.changes -> p_field ->> 'from'
  from public.work_order_history h
  where h.subject = 'work_order' and (h.changes ? 'assigned_to' or h.changes ? 'due_at') and h.changes ? p_field
    and h.happened_at > (p_until - 1)::timestamp at time zone 'UTC'
$$;
grant execute on function private.report_given(date, text) to authenticated;

-- ------------------------------------------------------------------ work

-- The model is right only in rows about models, and who had it only in rows about technicians (`p_by`): the looking up costs as
-- much as the rest, and nothing else needs it.

-- The work orders that were completed in the period; with a machine, only its own. A reopened one counts with its final
-- completion: while work is open, `completed_at` is null.
create function private.report_completions(p_from date, p_until date, p_warehouse uuid, p_by text, p_machine uuid default null)
returns table (warehouse_id uuid, id uuid, type public.work_order_type, equipment_id uuid, model text, assigned_to uuid,
  started_at timestamptz, completed_at timestamptz)
language sql stable as $$
  select p.warehouse_id, w.id, w.type, w.equipment_id, coalesce(h.was ->> 'model', e.model, w.asset_model), w.assigned_to,
    w.started_at, w.completed_at
  from private.report_places(p_from, p_until, p_warehouse) p
  -- The index of reports serves a period, and that of machines a machine.
  join public.work_orders w on w.warehouse_id = p.warehouse_id and w.created_at < p.ends and private.is_done(w.status)
    and ((p_machine is null and private.or_never(w.completed_at) >= p.starts and private.or_never(w.completed_at) < p.ends)
      or (w.equipment_id = p_machine and w.completed_at >= p.starts and w.completed_at < p.ends))
  left join public.equipment e on p_by = 'model' and e.id = w.equipment_id
  left join private.report_past('equipment', p_from) h on p_by = 'model' and h.subject = e.id and h.since <= w.completed_at
    and w.completed_at < h.until
$$;
grant execute on function private.report_completions(date, date, uuid, text, uuid) to authenticated;

-- The work orders that existed in the period, as they were at its end, but for when they are due.
create function private.report_work(p_from date, p_until date, p_warehouse uuid, p_by text)
returns table (warehouse_id uuid, starts timestamptz, ends timestamptz, id uuid, equipment_id uuid, model text, assigned_to uuid,
  created_at timestamptz, due_at timestamptz, completed_at timestamptz, ended_at timestamptz)
language sql stable as $$
  select p.warehouse_id, p.starts, p.ends, w.id, w.equipment_id, coalesce(h.was ->> 'model', e.model, w.asset_model),
    case when g.work_order_id is null then w.assigned_to else g.was::uuid end, w.created_at,
    w.due_at, t.completed_at, t.ended_at
  from private.report_places(p_from, p_until, p_warehouse) p
  join public.work_orders w on w.warehouse_id = p.warehouse_id and private.or_never(w.completed_at) >= p.starts
    and w.created_at < p.ends
  left join public.equipment e on p_by = 'model' and e.id = w.equipment_id
  left join private.report_past('equipment', p_from) h on p_by = 'model' and h.subject = e.id and h.since <= p.ends and p.ends < h.until
  left join private.report_given(p_until, 'assigned_to') g on p_by = 'technician' and g.work_order_id = w.id
    and g.since <= p.ends and p.ends < g.until
  left join private.report_cancellations() c on c.work_order_id = w.id and w.status = 'cancelled'
  cross join lateral (select f.completed_at,
      case when w.status = 'cancelled' then coalesce(c.cancelled_at, w.updated_at) else f.completed_at end as ended_at
    from (select case when private.is_done(w.status) then w.completed_at end as completed_at) f) t
  where t.ended_at is null or t.ended_at >= p.starts
$$;
grant execute on function private.report_work(date, date, uuid, text) to authenticated;

-- ------------------------------------------------------------------ machines

create function private.hours_of(p_times tstzmultirange) returns table (hours numeric)
language sql immutable as $$
  select coalesce(sum(extract(epoch from upper(t) - lower(t))), 0) / 3600 from unnest(p_times) t
$$;
grant execute on function private.hours_of(tstzmultirange) to authenticated;

-- The machines, or one of them, as they were: when each was in service in the period, since it was installed, and its model at
-- the end. `offset 0` keeps the planner from making a machine's times anew wherever they are used.
create function private.report_service(p_from date, p_until date, p_warehouse uuid, p_machine uuid default null)
returns table (warehouse_id uuid, code text, time_zone text, equipment_id uuid, model text, starts timestamptz, ends timestamptz,
  served tstzmultirange, always boolean)
language sql stable as $$
  select p.warehouse_id, p.code, p.time_zone, e.id, coalesce(h.was ->> 'model', e.model), t.starts, p.ends,
    case when c.equipment_id is not null then tstzmultirange(tstzrange(t.starts, p.ends)) * (coalesce(c.served, '{}')
        + case when private.is_in_service(e.status) then tstzmultirange(tstzrange(c.last, null)) else '{}' end)
      when private.is_in_service(e.status) then tstzmultirange(tstzrange(t.starts, p.ends)) else '{}' end,
    c.equipment_id is null and private.is_in_service(e.status)
  from private.report_places(p_from, p_until, p_warehouse) p
  join public.equipment e on e.warehouse_id = p.warehouse_id and (p_machine is null or e.id = p_machine)
  cross join lateral (
    select least(p.ends, greatest(p.starts, e.installed_on::timestamp at time zone p.time_zone)) as starts) t
  left join private.report_past('equipment', p_from) h on h.subject = e.id and h.since <= p.ends and p.ends < h.until
  left join (
    select s.equipment_id, range_agg(tstzrange(s.since, s.until)) filter (where s.in_service) as served, max(s.until) as last
    from private.report_status(p_from, p_machine) s group by 1) c on c.equipment_id = e.id offset 0
$$;
grant execute on function private.report_service(date, date, uuid, uuid) to authenticated;

-- Those that were in service in the period, with their hours of it and the hours they stood still: times that overlap are merged, so
-- that no hour counts twice. A failure is an unplanned stop that began in the period.
create function private.report_machines(p_from date, p_until date, p_warehouse uuid, p_machine uuid default null)
returns table (warehouse_id uuid, code text, time_zone text, equipment_id uuid, model text, hours numeric, down numeric,
  planned numeric, unplanned numeric, failures bigint)
language sql stable as $$
  select m.warehouse_id, m.code, m.time_zone, m.equipment_id, m.model,
    case when m.always then extract(epoch from m.ends - m.starts) / 3600 else (select s.hours from private.hours_of(m.served) s) end,
    a.hours, n.hours, u.hours,
    (select count(*) from unnest(d.failures) f where lower(f) >= m.starts and (m.always or m.served @> lower(f)))
  from private.report_service(p_from, p_until, p_warehouse, p_machine) m
  cross join lateral (
    select range_agg(c.clipped) as all_of_it, range_agg(c.clipped) filter (where i.planned) as planned,
      range_agg(c.clipped) filter (where not i.planned) as unplanned,
      range_agg(tstzrange(i.started_at, i.ended_at)) filter (where not i.planned) as failures
    from public.downtime_intervals i
    cross join lateral (select tstzrange(greatest(i.started_at, m.starts), least(i.ended_at, m.ends)) as clipped) c
    where i.equipment_id = m.equipment_id and i.annulled_at is null and i.started_at < m.ends
      and (i.ended_at is null or i.ended_at > m.starts)) d
  cross join lateral private.hours_of(case when m.always then d.all_of_it else d.all_of_it * m.served end) a
  cross join lateral private.hours_of(case when m.always then d.planned else d.planned * m.served end) n
  cross join lateral private.hours_of(case when m.always then d.unplanned else d.unplanned * m.served end) u
  where not isempty(m.served)
$$;
grant execute on function private.report_machines(date, date, uuid, uuid) to authenticated;

-- The subject of a row, besides its warehouse.
create function private.report_key(p_by text, p_model text, p_machine uuid, p_person uuid) returns text
language sql immutable as $$
  select case p_by when 'model' then p_model when 'machine' then p_machine::text when 'technician' then p_person::text end
$$;
grant execute on function private.report_key(text, text, uuid, uuid) to authenticated;

-- The names of the subjects of rows, where they have one.
create function private.report_names(p_by text) returns table (key text, name text)
language sql stable as $$
  select e.id::text, e.asset_tag from public.equipment e where p_by = 'machine'
  union all
  select f.id::text, f.full_name from public.profiles f where p_by = 'technician'
$$;
grant execute on function private.report_names(text) to authenticated;

create function private.rounded(p_figure numeric) returns numeric language sql immutable as $$
  select trim_scale(round(p_figure, 4))
$$;
grant execute on function private.rounded(numeric) to authenticated;

-- Rows, and what they are put into, are JSON as text: a value of `jsonb` is taken apart and built anew at every step, and a
-- report by machine has many thousand rows. That is also why the fields are written out for each subject.
create function private.report_row(p_warehouse uuid, p_code text, p_time_zone text, p_by text, p_key text, p_name text,
  p_numerator numeric, p_denominator numeric, p_counts json) returns json
language sql stable as $$
  select case p_by
    when 'model' then json_build_object('warehouse_id', p_warehouse, 'warehouse', p_code, 'time_zone', p_time_zone,
      'model', p_key, 'numerator', private.rounded(p_numerator), 'denominator', private.rounded(p_denominator),
      'value', private.rounded(p_numerator / nullif(p_denominator, 0)), 'counts', p_counts)
    when 'machine' then json_build_object('warehouse_id', p_warehouse, 'warehouse', p_code, 'time_zone', p_time_zone,
      'equipment_id', p_key, 'asset_tag', p_name, 'numerator', private.rounded(p_numerator),
      'denominator', private.rounded(p_denominator), 'value', private.rounded(p_numerator / nullif(p_denominator, 0)),
      'counts', p_counts)
    when 'technician' then json_build_object('warehouse_id', p_warehouse, 'warehouse', p_code, 'time_zone', p_time_zone,
      'profile_id', p_key, 'full_name', p_name, 'numerator', private.rounded(p_numerator),
      'denominator', private.rounded(p_denominator),
      'value', private.rounded(p_numerator / nullif(p_denominator, 0)), 'counts', p_counts)
    else json_build_object('warehouse_id', p_warehouse, 'warehouse', p_code, 'time_zone', p_time_zone,
      'numerator', private.rounded(p_numerator), 'denominator', private.rounded(p_denominator),
      'value', private.rounded(p_numerator / nullif(p_denominator, 0)), 'counts', p_counts) end
$$;
grant execute on function private.report_row(uuid, text, text, text, text, text, numeric, numeric, json) to authenticated;

-- `time_zone` is null if the rows have several.
create function private.report(p_name text, p_from date, p_until date, p_formula text, p_time_zone text, p_rows json) returns json
language sql stable as $$
  select json_build_object('report', p_name, 'from', p_from, 'until', p_until, 'formula', p_formula,
    'time_zone', p_time_zone, 'rows', coalesce(p_rows, '[]'))
$$;
grant execute on function private.report(text, date, date, text, text, json) to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop function private.report(text, date, date, text, text, json);
drop function private.report_row(uuid, text, text, text, text, text, numeric, numeric, json);
drop function private.rounded(numeric);
drop function private.report_names(text);
drop function private.report_key(text, text, uuid, uuid);
drop function private.report_machines(date, date, uuid, uuid);
drop function private.report_service(date, date, uuid, uuid);
drop function private.hours_of(tstzmultirange);
drop function private.report_work(date, date, uuid, text);
drop function private.report_completions(date, date, uuid, text, uuid);
drop function private.report_pauses(date, date, uuid);
drop function private.report_given(date, text);
drop function private.report_status(date, uuid);
drop function private.report_people(date);
drop function private.report_past(text, date);
drop function private.report_time(date, date, uuid);
drop function private.report_cancellations();
drop function private.report_places(date, date, uuid);
