-- migrate:up
-- The rows that reports are made from.
--
-- A report runs with the rights of the caller, so it counts only rows that the caller may see. Both days of a period
-- belong to it, as local days of the warehouse; the future is not counted. The names and formulas are also in the
-- domain crate, for the documentation; a test finds that they agree. With a machine (`p_machine`), a report is about
-- that one alone: the figures of a machine are made this way.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- The warehouses of a report, with the beginning and the end of the period there, which is at most now.
create function private.report_places(p_from date, p_until date, p_warehouse uuid)
returns table (warehouse_id uuid, code text, time_zone text, starts timestamptz, ends timestamptz, days integer)
language sql stable set search_path = '' as $$
  select w.id, w.code, w.time_zone, s.starts, greatest(s.starts, least(now(), (p_until + 1)::timestamp at time zone w.time_zone)),
    greatest(0, least(p_until, (now() at time zone w.time_zone)::date) - p_from + 1)
  from public.warehouses w, lateral (select p_from::timestamp at time zone w.time_zone as starts) s
  where p_warehouse is null or w.id = p_warehouse
$$;
grant execute on function private.report_places(date, date, uuid) to authenticated;

-- The work orders that existed in the period; with a machine, only its own. A reopened one counts with its final
-- completion.
create function private.report_work(p_from date, p_until date, p_warehouse uuid, p_machine uuid default null)
returns table (warehouse_id uuid, code text, time_zone text, starts timestamptz, ends timestamptz, days integer, id uuid,
  type public.work_order_type, equipment_id uuid, model text, assigned_to uuid, created_at timestamptz, due_at timestamptz,
  started_at timestamptz, completed_at timestamptz, ended_at timestamptz)
language sql stable set search_path = '' as $$
  select p.*, w.id, w.type, w.equipment_id, coalesce(e.model, w.asset_model), w.assigned_to, w.created_at, w.due_at,
    w.started_at, t.completed_at, t.ended_at
  from private.report_places(p_from, p_until, p_warehouse) p
  join public.work_orders w on w.warehouse_id = p.warehouse_id and w.created_at < p.ends
    and (p_machine is null or w.equipment_id = p_machine)
  left join public.equipment e on e.id = w.equipment_id
  cross join lateral (select c.completed_at, case when w.status = 'cancelled' then coalesce(
      (select max(h.happened_at) from public.work_order_history h
        where h.work_order_id = w.id and h.changes -> 'status' ->> 'to' = 'cancelled'), w.updated_at)
      else c.completed_at end as ended_at
    from (select case when private.is_done(w.status) then w.completed_at end as completed_at) c) t
  where t.ended_at is null or t.ended_at >= p.starts
$$;
grant execute on function private.report_work(date, date, uuid, uuid) to authenticated;

create function private.hours_of(p_times tstzmultirange) returns numeric
language sql immutable set search_path = '' as $$
  select coalesce(sum(extract(epoch from upper(t) - lower(t))), 0) / 3600 from unnest(p_times) t
$$;
grant execute on function private.hours_of(tstzmultirange) to authenticated;

-- The machines in service, or one of them, with their hours in the period and the hours they stood still: times that
-- overlap are merged, so that no hour counts twice. A failure is an unplanned stop that began in the period.
create function private.report_machines(p_from date, p_until date, p_warehouse uuid, p_machine uuid default null)
returns table (warehouse_id uuid, code text, time_zone text, equipment_id uuid, model text, hours numeric, down numeric,
  planned numeric, unplanned numeric, failures bigint)
language sql stable set search_path = '' as $$
  select m.warehouse_id, m.code, m.time_zone, m.id, m.model, extract(epoch from m.ends - m.starts) / 3600,
    private.hours_of(d.all_of_it), private.hours_of(d.planned), private.hours_of(d.unplanned),
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
  where m.ends > m.starts
$$;
grant execute on function private.report_machines(date, date, uuid, uuid) to authenticated;

-- Hours of a repair: from its start to its completion, without the time on hold, and without the time between a
-- completion and the reopening after it, as the history tells them.
create function private.repair_hours(p_work_order uuid, p_started timestamptz, p_completed timestamptz) returns numeric
language sql stable set search_path = '' as $$
  select (extract(epoch from p_completed - p_started)
    - coalesce(sum(extract(epoch from least(h.until, p_completed) - greatest(h.since, p_started))), 0)) / 3600
  from (select happened_at as since, lead(happened_at) over (order by position) as until, changes -> 'status' ->> 'to' as status
    from public.work_order_history
    where work_order_id = p_work_order and subject = 'work_order' and changes ? 'status') h
  where h.status in ('on_hold', 'completed', 'verified') and h.until > p_started and h.since < p_completed
$$;
grant execute on function private.repair_hours(uuid, timestamptz, timestamptz) to authenticated;

-- The subject of a row, besides its warehouse.
create function private.report_key(p_by text, p_model text, p_machine uuid, p_person uuid) returns text
language sql immutable set search_path = '' as $$
  select case p_by when 'model' then p_model when 'machine' then p_machine::text when 'technician' then p_person::text end
$$;
grant execute on function private.report_key(text, text, uuid, uuid) to authenticated;

create function private.report_row(p_warehouse uuid, p_code text, p_time_zone text, p_by text, p_key text,
  p_numerator numeric, p_denominator numeric, p_counts jsonb) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('warehouse_id', p_warehouse, 'warehouse', p_code, 'time_zone', p_time_zone,
    'numerator', trim_scale(round(p_numerator, 4)), 'denominator', trim_scale(round(p_denominator, 4)),
    'value', trim_scale(round(p_numerator / nullif(p_denominator, 0), 4)), 'counts', p_counts)
    || case p_by
      when 'model' then jsonb_build_object('model', p_key)
      when 'machine' then jsonb_build_object('equipment_id', p_key,
        'asset_tag', (select e.asset_tag from public.equipment e where e.id = p_key::uuid))
      when 'technician' then jsonb_build_object('profile_id', p_key,
        'full_name', (select p.full_name from public.profiles p where p.id = p_key::uuid))
      else '{}' end
$$;
grant execute on function private.report_row(uuid, text, text, text, text, numeric, numeric, jsonb) to authenticated;

-- `time_zone` is null if the rows have several.
create function private.report(p_name text, p_from date, p_until date, p_formula text, p_rows jsonb) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('report', p_name, 'from', p_from, 'until', p_until, 'formula', p_formula,
    'time_zone', (select case when count(distinct r ->> 'time_zone') = 1 then min(r ->> 'time_zone') end
      from jsonb_array_elements(p_rows) r),
    'rows', coalesce(p_rows, '[]'))
$$;
grant execute on function private.report(text, date, date, text, jsonb) to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop function private.report(text, date, date, text, jsonb);
drop function private.report_row(uuid, text, text, text, text, numeric, numeric, jsonb);
drop function private.report_key(text, text, uuid, uuid);
drop function private.repair_hours(uuid, timestamptz, timestamptz);
drop function private.report_machines(date, date, uuid, uuid);
drop function private.hours_of(tstzmultirange);
drop function private.report_work(date, date, uuid, uuid);
drop function private.report_places(date, date, uuid);
