-- migrate:up
-- The rows that reports are made from.
--
-- A report runs with the rights of the caller, so it counts only rows that the caller may see. Both days of a period
-- belong to it, as local days of the warehouse; the future is not counted. The names and formulas are also in the
-- domain crate, for the documentation; a test finds that they agree. With a machine (`p_machine`), a report is about
-- that one alone: the figures of a machine are made this way.
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

-- The next three read rows of work orders for a report, all that there are: to judge row by row if the caller sees the
-- work order would cost more than the report. A report joins them with the work orders that the caller sees, which is
-- what the policies of these tables demand, too. No client can call them. Their bounds are two days wider than the period,
-- so that they hold in every time zone; the report cuts them to its own.

-- The last cancellation of work orders, as the history tells it.
create function private.report_cancellations() returns table (work_order_id uuid, cancelled_at timestamptz)
language sql stable security definer set search_path = '' rows 50000 as $$
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
    where l.started_at < (p_until + 3)::timestamp at time zone 'UTC'
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

-- Technicians and contractors, also those whose profile the caller does not see, because they have left or moved.
create function private.report_technicians() returns setof uuid
language sql stable security definer set search_path = '' as $$
  select f.id from public.profiles f where f.role in ('technician', 'contractor')
$$;
grant execute on function private.report_technicians() to authenticated;

-- ------------------------------------------------------------------ work

-- The work orders that were completed in the period; with a machine, only its own. A reopened one counts with its final
-- completion: while work is open, `completed_at` is null.
create function private.report_completions(p_from date, p_until date, p_warehouse uuid, p_machine uuid default null)
returns table (warehouse_id uuid, id uuid, type public.work_order_type, equipment_id uuid, model text, assigned_to uuid,
  started_at timestamptz, completed_at timestamptz)
language sql stable as $$
  select p.warehouse_id, w.id, w.type, w.equipment_id, coalesce(e.model, w.asset_model), w.assigned_to, w.started_at, w.completed_at
  from private.report_places(p_from, p_until, p_warehouse) p
  -- The index of reports serves a period, and that of machines a machine.
  join public.work_orders w on w.warehouse_id = p.warehouse_id and w.created_at < p.ends and private.is_done(w.status)
    and ((p_machine is null and private.or_never(w.completed_at) >= p.starts and private.or_never(w.completed_at) < p.ends)
      or (w.equipment_id = p_machine and w.completed_at >= p.starts and w.completed_at < p.ends))
  left join public.equipment e on e.id = w.equipment_id
$$;
grant execute on function private.report_completions(date, date, uuid, uuid) to authenticated;

-- The work orders that existed in the period.
create function private.report_work(p_from date, p_until date, p_warehouse uuid)
returns table (warehouse_id uuid, starts timestamptz, ends timestamptz, id uuid, equipment_id uuid, model text, assigned_to uuid,
  created_at timestamptz, due_at timestamptz, completed_at timestamptz, ended_at timestamptz)
language sql stable as $$
  select p.warehouse_id, p.starts, p.ends, w.id, w.equipment_id, coalesce(e.model, w.asset_model), w.assigned_to,
    w.created_at, w.due_at, t.completed_at, t.ended_at
  from private.report_places(p_from, p_until, p_warehouse) p
  join public.work_orders w on w.warehouse_id = p.warehouse_id and private.or_never(w.completed_at) >= p.starts
    and w.created_at < p.ends
  left join public.equipment e on e.id = w.equipment_id
  left join private.report_cancellations() c on c.work_order_id = w.id and w.status = 'cancelled'
  cross join lateral (select d.completed_at,
      case when w.status = 'cancelled' then coalesce(c.cancelled_at, w.updated_at) else d.completed_at end as ended_at
    from (select case when private.is_done(w.status) then w.completed_at end as completed_at) d) t
  where t.ended_at is null or t.ended_at >= p.starts
$$;
grant execute on function private.report_work(date, date, uuid) to authenticated;

-- ------------------------------------------------------------------ machines

create function private.hours_of(p_times tstzmultirange) returns table (hours numeric)
language sql immutable as $$
  select coalesce(sum(extract(epoch from upper(t) - lower(t))), 0) / 3600 from unnest(p_times) t
$$;
grant execute on function private.hours_of(tstzmultirange) to authenticated;

-- The machines in service, or one of them, with their hours in the period and the hours they stood still: times that
-- overlap are merged, so that no hour counts twice. A failure is an unplanned stop that began in the period.
create function private.report_machines(p_from date, p_until date, p_warehouse uuid, p_machine uuid default null)
returns table (warehouse_id uuid, code text, time_zone text, equipment_id uuid, model text, hours numeric, down numeric,
  planned numeric, unplanned numeric, failures bigint)
language sql stable as $$
  select m.warehouse_id, m.code, m.time_zone, m.id, m.model, extract(epoch from m.ends - m.starts) / 3600,
    a.hours, n.hours, u.hours,
    (select count(*) from unnest(d.failures) f where lower(f) >= m.starts)
  from (select p.warehouse_id, p.code, p.time_zone, p.ends, e.id, e.model,
      greatest(p.starts, e.installed_on::timestamp at time zone p.time_zone) as starts
    from private.report_places(p_from, p_until, p_warehouse) p
    join public.equipment e on e.warehouse_id = p.warehouse_id and private.is_in_service(e.status)
      and (p_machine is null or e.id = p_machine)) m
  cross join lateral (
    select range_agg(c.clipped) as all_of_it, range_agg(c.clipped) filter (where i.planned) as planned,
      range_agg(c.clipped) filter (where not i.planned) as unplanned,
      range_agg(tstzrange(i.started_at, i.ended_at)) filter (where not i.planned) as failures
    from public.downtime_intervals i
    cross join lateral (select tstzrange(greatest(i.started_at, m.starts), least(i.ended_at, m.ends)) as clipped) c
    where i.equipment_id = m.id and i.started_at < m.ends and (i.ended_at is null or i.ended_at > m.starts)) d
  cross join lateral private.hours_of(d.all_of_it) a cross join lateral private.hours_of(d.planned) n
  cross join lateral private.hours_of(d.unplanned) u
  where m.ends > m.starts
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

create function private.report_row(p_warehouse uuid, p_code text, p_time_zone text, p_by text, p_key text, p_name text,
  p_numerator numeric, p_denominator numeric, p_counts jsonb) returns jsonb
language sql stable as $$
  select jsonb_build_object('warehouse_id', p_warehouse, 'warehouse', p_code, 'time_zone', p_time_zone,
    'numerator', trim_scale(round(p_numerator, 4)), 'denominator', trim_scale(round(p_denominator, 4)),
    'value', trim_scale(round(p_numerator / nullif(p_denominator, 0), 4)), 'counts', p_counts)
    || case p_by
      when 'model' then jsonb_build_object('model', p_key)
      when 'machine' then jsonb_build_object('equipment_id', p_key, 'asset_tag', p_name)
      when 'technician' then jsonb_build_object('profile_id', p_key, 'full_name', p_name)
      else '{}' end
$$;
grant execute on function private.report_row(uuid, text, text, text, text, text, numeric, numeric, jsonb) to authenticated;

-- `time_zone` is null if the rows have several.
create function private.report(p_name text, p_from date, p_until date, p_formula text, p_time_zone text, p_rows jsonb) returns jsonb
language sql stable as $$
  select jsonb_build_object('report', p_name, 'from', p_from, 'until', p_until, 'formula', p_formula,
    'time_zone', p_time_zone, 'rows', coalesce(p_rows, '[]'))
$$;
grant execute on function private.report(text, date, date, text, text, jsonb) to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop function private.report(text, date, date, text, text, jsonb);
drop function private.report_row(uuid, text, text, text, text, text, numeric, numeric, jsonb);
drop function private.report_names(text);
drop function private.report_key(text, text, uuid, uuid);
drop function private.report_machines(date, date, uuid, uuid);
drop function private.hours_of(tstzmultirange);
drop function private.report_work(date, date, uuid);
drop function private.report_completions(date, date, uuid, uuid);
drop function private.report_pauses(date, date, uuid);
drop function private.report_technicians();
drop function private.report_time(date, date, uuid);
drop function private.report_cancellations();
drop function private.report_places(date, date, uuid);
