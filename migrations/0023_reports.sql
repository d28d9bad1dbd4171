-- migrate:up
-- Figures about the work, the machines and the people, each with its formula and what it was counted from.
--
-- A report runs with the rights of whoever asks, so that everyone's is about what they may see. Both days of a period are
-- in it, as local days of the warehouse; what has not happened yet is not counted. The names and formulas are also in the
-- domain crate, for the documentation; a test finds that they agree. Where a machine can be named (`p_machine`), a report is
-- about that one alone: the figures of a machine are made from these.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- ------------------------------------------------------------------ what they are made from

-- The warehouses of a report, and when the period begins and ends there; it ends now at the latest.
create function private.report_places(p_from date, p_until date, p_warehouse uuid)
returns table (warehouse_id uuid, code text, time_zone text, starts timestamptz, ends timestamptz, days integer)
language sql stable set search_path = '' as $$
  select w.id, w.code, w.time_zone, s.starts, greatest(s.starts, least(now(), (p_until + 1)::timestamp at time zone w.time_zone)),
    greatest(0, least(p_until, (now() at time zone w.time_zone)::date) - p_from + 1)
  from public.warehouses w, lateral (select p_from::timestamp at time zone w.time_zone as starts) s
  where p_warehouse is null or w.id = p_warehouse
$$;

-- The work orders that were there in the period; with a machine, those of it alone. What was reopened counts with its final
-- completion alone.
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
    from (select case when w.status in ('completed', 'verified', 'closed') then w.completed_at end as completed_at) c) t
  where t.ended_at is null or t.ended_at >= p.starts
$$;

create function private.hours_of(p_times tstzmultirange) returns numeric
language sql immutable set search_path = '' as $$
  select coalesce(sum(extract(epoch from upper(t) - lower(t))), 0) / 3600 from unnest(p_times) t
$$;

-- The machines in service, or one of them, how many hours of the period they were there, and how many of these they stood still: times
-- that overlap are merged, so that no hour counts twice. A failure is an unplanned stop that began in the period.
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
    join public.equipment e on e.warehouse_id = p.warehouse_id and e.status in ('active', 'maintenance')
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

-- Hours of a repair: from its start to its completion, without the time on hold, and without the time between a completion
-- and the reopening after it, as the history tells them.
create function private.repair_hours(p_work_order uuid, p_started timestamptz, p_completed timestamptz) returns numeric
language sql stable set search_path = '' as $$
  select (extract(epoch from p_completed - p_started)
    - coalesce(sum(extract(epoch from least(h.until, p_completed) - greatest(h.since, p_started))), 0)) / 3600
  from (select happened_at as since, lead(happened_at) over (order by position) as until, changes -> 'status' ->> 'to' as status
    from public.work_order_history
    where work_order_id = p_work_order and subject = 'work_order' and changes ? 'status') h
  where h.status in ('on_hold', 'completed', 'verified') and h.until > p_started and h.since < p_completed
$$;

-- What a row is about, besides its warehouse.
create function private.report_key(p_by text, p_model text, p_machine uuid, p_person uuid) returns text
language sql immutable set search_path = '' as $$
  select case p_by when 'model' then p_model when 'machine' then p_machine::text when 'technician' then p_person::text end
$$;

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

-- `time_zone` is null where the rows have more than one.
create function private.report(p_name text, p_from date, p_until date, p_formula text, p_rows jsonb) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('report', p_name, 'from', p_from, 'until', p_until, 'formula', p_formula,
    'time_zone', (select case when count(distinct r ->> 'time_zone') = 1 then min(r ->> 'time_zone') end
      from jsonb_array_elements(p_rows) r),
    'rows', coalesce(p_rows, '[]'))
$$;

-- ------------------------------------------------------------------ work

create function public.report_backlog(p_from date, p_until date, p_warehouse uuid default null, p_by text default 'warehouse')
returns jsonb language plpgsql stable set search_path = '' as $$
begin
  return (with sums as (
    select p.warehouse_id, p.code, p.time_zone, p.days, private.report_key(p_by, w.model, w.equipment_id, w.assigned_to) as key,
      count(w.id) filter (where w.ended_at is null or w.ended_at >= p.ends) as open,
      count(w.id) filter (where w.completed_at < p.ends) as completed,
      count(w.id) filter (where w.created_at >= p.starts) as opened
    from private.report_places(p_from, p_until, p_warehouse) p
    left join private.report_work(p_from, p_until, p_warehouse) w using (warehouse_id)
    where p_by = 'warehouse' or w.id is not null group by 1, 2, 3, 4, 5)
  select private.report('backlog', p_from, p_until,
    'work orders open at the end of the period ÷ work orders completed per week of it = weeks of work',
    jsonb_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, open, completed * 7.0 / nullif(days, 0),
      jsonb_build_object('open', open, 'completed', completed, 'opened', opened, 'days', days)) order by code, key)) from sums);
end $$;

create function public.report_overdue(p_from date, p_until date, p_warehouse uuid default null, p_by text default 'warehouse')
returns jsonb language plpgsql stable set search_path = '' as $$
begin
  return (with sums as (
    select p.warehouse_id, p.code, p.time_zone, private.report_key(p_by, w.model, w.equipment_id, w.assigned_to) as key,
      count(w.id) as open, count(w.id) filter (where w.due_at <= p.ends) as overdue,
      count(w.id) filter (where w.due_at is null) as without_due
    from private.report_places(p_from, p_until, p_warehouse) p
    left join private.report_work(p_from, p_until, p_warehouse) w
      on w.warehouse_id = p.warehouse_id and (w.ended_at is null or w.ended_at >= p.ends)
    where p_by = 'warehouse' or w.id is not null group by 1, 2, 3, 4)
  select private.report('overdue', p_from, p_until,
    'open work orders whose due time has passed ÷ open work orders, both at the end of the period',
    jsonb_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, overdue, open,
      jsonb_build_object('open', open, 'overdue', overdue, 'without_due', without_due)) order by code, key)) from sums);
end $$;

create function public.report_mttr(p_from date, p_until date, p_warehouse uuid default null,
  p_by text default 'warehouse', p_machine uuid default null) returns jsonb language plpgsql stable set search_path = '' as $$
begin
  return (with repairs as (
    select w.*, private.repair_hours(w.id, w.started_at, w.completed_at) as hours
    from private.report_work(p_from, p_until, p_warehouse, p_machine) w
    where w.type in ('corrective', 'emergency') and w.completed_at < w.ends),
  sums as (
    select p.warehouse_id, p.code, p.time_zone, private.report_key(p_by, r.model, r.equipment_id, r.assigned_to) as key,
      coalesce(sum(r.hours), 0) as hours, count(r.hours) as repairs, count(r.hours) filter (where r.type = 'corrective') as corrective,
      count(r.hours) filter (where r.type = 'emergency') as emergency,
      count(r.id) filter (where r.started_at is null) as without_start
    from private.report_places(p_from, p_until, p_warehouse) p left join repairs r using (warehouse_id)
    where p_by = 'warehouse' or r.id is not null group by 1, 2, 3, 4)
  select private.report('mttr', p_from, p_until,
    'hours of repair ÷ corrective and emergency work orders completed in the period; hours of repair run from start to final completion, without time on hold and without time between a completion and the reopening after it',
    jsonb_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, hours, repairs, jsonb_build_object('repairs', repairs,
      'corrective', corrective, 'emergency', emergency, 'without_start', without_start)) order by code, key)) from sums);
end $$;

create function public.report_planned_work(p_from date, p_until date, p_warehouse uuid default null,
  p_by text default 'warehouse') returns jsonb language plpgsql stable set search_path = '' as $$
begin
  return (with sums as (
    select p.warehouse_id, p.code, p.time_zone, private.report_key(p_by, w.model, w.equipment_id, w.assigned_to) as key,
      count(w.id) as completed, count(w.id) filter (where w.type = 'preventive') as preventive,
      count(w.id) filter (where w.type = 'corrective') as corrective, count(w.id) filter (where w.type = 'emergency') as emergency
    from private.report_places(p_from, p_until, p_warehouse) p
    left join private.report_work(p_from, p_until, p_warehouse) w
      on w.warehouse_id = p.warehouse_id and w.completed_at < p.ends
    where p_by = 'warehouse' or w.id is not null group by 1, 2, 3, 4)
  select private.report('planned_work', p_from, p_until,
    'preventive work orders completed in the period ÷ all work orders completed in it',
    jsonb_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, preventive, completed, jsonb_build_object(
      'preventive', preventive, 'corrective', corrective, 'emergency', emergency)) order by code, key)) from sums);
end $$;

-- ------------------------------------------------------------------ machines

create function public.report_mtbf(p_from date, p_until date, p_warehouse uuid default null,
  p_by text default 'warehouse', p_machine uuid default null) returns jsonb language plpgsql stable set search_path = '' as $$
begin
  return (with sums as (
    select p.warehouse_id, p.code, p.time_zone, private.report_key(p_by, m.model, m.equipment_id, null) as key,
      count(m.equipment_id) as machines, coalesce(sum(m.hours), 0) as hours, coalesce(sum(m.down), 0) as down,
      coalesce(sum(m.failures), 0) as failures
    from private.report_places(p_from, p_until, p_warehouse) p
    left join private.report_machines(p_from, p_until, p_warehouse, p_machine) m using (warehouse_id)
    where p_by = 'warehouse' or m.equipment_id is not null group by 1, 2, 3, 4)
  select private.report('mtbf', p_from, p_until,
    'hours of operation ÷ failures; hours of operation are those of the period without downtime, a failure is an unplanned stop that began in the period, and stops that overlap are one',
    jsonb_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, hours - down, failures, jsonb_build_object('machines', machines,
      'failures', failures, 'period_hours', trim_scale(round(hours, 4)), 'downtime_hours', trim_scale(round(down, 4)))) order by code, key)) from sums);
end $$;

create function public.report_availability(p_from date, p_until date, p_warehouse uuid default null,
  p_by text default 'warehouse', p_machine uuid default null) returns jsonb language plpgsql stable set search_path = '' as $$
begin
  return (with sums as (
    select p.warehouse_id, p.code, p.time_zone, private.report_key(p_by, m.model, m.equipment_id, null) as key,
      count(m.equipment_id) as machines, coalesce(sum(m.hours), 0) as hours, coalesce(sum(m.down), 0) as down,
      coalesce(sum(m.planned), 0) as planned, coalesce(sum(m.unplanned), 0) as unplanned
    from private.report_places(p_from, p_until, p_warehouse) p
    left join private.report_machines(p_from, p_until, p_warehouse, p_machine) m using (warehouse_id)
    where p_by = 'warehouse' or m.equipment_id is not null group by 1, 2, 3, 4)
  select private.report('availability', p_from, p_until,
    '(hours of the period − hours of downtime) ÷ hours of the period; planned and unplanned downtime, what overlaps counts once',
    jsonb_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, hours - down, hours, jsonb_build_object(
      'machines', machines, 'downtime_hours', trim_scale(round(down, 4)), 'planned_hours', trim_scale(round(planned, 4)),
      'unplanned_hours', trim_scale(round(unplanned, 4)))) order by code, key)) from sums);
end $$;

create function public.report_machine_costs(p_from date, p_until date, p_warehouse uuid default null,
  p_by text default 'machine', p_machine uuid default null) returns jsonb language plpgsql stable set search_path = '' as $$
begin
  return (with machines as (
    select p.warehouse_id, e.id, e.model, c.cost, c.uncosted, t.hours
    from private.report_places(p_from, p_until, p_warehouse) p
    join public.equipment e using (warehouse_id)
    cross join lateral (
      select coalesce(sum(case x.type when 'used' then x.quantity else -x.quantity end * x.unit_cost), 0) as cost,
        count(*) filter (where x.unit_cost is null) as uncosted, count(*) as moves
      from public.work_orders w join public.part_transactions x on x.work_order_id = w.id
      where w.equipment_id = e.id and x.type in ('used', 'returned') and x.created_at >= p.starts and x.created_at < p.ends) c
    cross join lateral (
      select coalesce(sum(extract(epoch from least(l.stopped_at, p.ends) - greatest(l.started_at, p.starts))), 0) / 3600 as hours
      from public.work_orders w join public.time_logs l on l.work_order_id = w.id
      where w.equipment_id = e.id and l.started_at < p.ends and (l.stopped_at is null or l.stopped_at > p.starts)) t
    where (p_machine is null or e.id = p_machine) and (e.status in ('active', 'maintenance') or c.moves > 0 or t.hours > 0)),
  sums as (
    select p.warehouse_id, p.code, p.time_zone, private.report_key(p_by, m.model, m.id, null) as key, count(m.id) as machines,
      coalesce(sum(m.cost), 0) as cost, coalesce(sum(m.hours), 0) as hours, coalesce(sum(m.uncosted), 0) as uncosted
    from private.report_places(p_from, p_until, p_warehouse) p left join machines m using (warehouse_id)
    where p_by = 'warehouse' or m.id is not null group by 1, 2, 3, 4)
  select private.report('machine_costs', p_from, p_until,
    'cost of parts used in the period, less those returned ÷ machines; beside it the hours that people logged',
    jsonb_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, cost, machines, jsonb_build_object('machines', machines,
      'hours', trim_scale(round(hours, 4)), 'hours_per_machine', trim_scale(round(hours / nullif(machines, 0), 4)),
      'movements_without_cost', uncosted)) order by code, key)) from sums);
end $$;

-- ------------------------------------------------------------------ plans and people

-- Due is what was generated or missed. Whatever can still be done in time is not judged yet. The tolerance is that of the
-- template, as it was when the occurrence was decided, unless one is named.
create function public.report_pm_compliance(p_from date, p_until date, p_warehouse uuid default null,
  p_by text default 'warehouse', p_tolerance_days integer default null) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (with planned as (
    select p.warehouse_id, e.id as equipment_id, e.model, w.assigned_to, o.decision, o.due_on + coalesce(p_tolerance_days, o.tolerance_days) as until,
      (now() at time zone p.time_zone)::date as today, w.status = 'cancelled' as cancelled,
      case when w.status in ('completed', 'verified', 'closed') then (w.completed_at at time zone p.time_zone)::date end as done_on
    from private.report_places(p_from, p_until, p_warehouse) p
    join public.equipment e on e.warehouse_id = p.warehouse_id
    join public.pm_schedules s on s.equipment_id = e.id
    join public.pm_occurrences o on o.schedule_id = s.id and o.due_on between p_from and p_until
    left join public.work_orders w on w.id = o.work_order_id),
  judged as (
    select *, case
      when decision in ('skipped', 'superseded') then decision::text
      when decision = 'missed' then 'missed'
      when done_on <= until then 'in_time'
      when done_on is not null then 'late'
      when today <= until and not cancelled then 'pending'
      else 'not_done' end as fate from planned),
  sums as (
    select p.warehouse_id, p.code, p.time_zone, private.report_key(p_by, j.model, j.equipment_id, j.assigned_to) as key,
      count(*) filter (where fate = 'in_time') as in_time, count(*) filter (where fate = 'late') as late,
      count(*) filter (where fate = 'not_done') as not_done, count(*) filter (where fate = 'missed') as missed,
      count(*) filter (where fate = 'pending') as pending, count(*) filter (where fate = 'skipped') as skipped,
      count(*) filter (where fate = 'superseded') as superseded
    from private.report_places(p_from, p_until, p_warehouse) p left join judged j using (warehouse_id)
    where p_by = 'warehouse' or j.warehouse_id is not null group by 1, 2, 3, 4)
  select private.report('pm_compliance', p_from, p_until,
    'occurrences completed no later than the tolerance after their due date ÷ occurrences due in the period; due are those generated or missed, without those that can still be done in time',
    jsonb_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, in_time, in_time + late + not_done + missed,
      jsonb_build_object('in_time', in_time, 'late', late, 'not_done', not_done, 'missed', missed, 'pending', pending,
        'skipped', skipped, 'superseded', superseded)) order by code, key)) from sums);
end $$;

create function public.report_technician_load(p_from date, p_until date, p_warehouse uuid default null,
  p_by text default 'technician') returns jsonb language plpgsql stable set search_path = '' as $$
begin
  return (with logged as (
    select p.warehouse_id, l.profile_id,
      sum(extract(epoch from least(l.stopped_at, p.ends) - greatest(l.started_at, p.starts))) / 3600 as hours
    from private.report_places(p_from, p_until, p_warehouse) p
    join public.work_orders w on w.warehouse_id = p.warehouse_id
    join public.time_logs l on l.work_order_id = w.id
      and l.started_at < p.ends and (l.stopped_at is null or l.stopped_at > p.starts)
    group by 1, 2),
  people as (
    select f.warehouse_id, f.id as profile_id from public.profiles f
      where f.active and f.role in ('technician', 'contractor') and f.warehouse_id is not null
    union select warehouse_id, profile_id from logged),
  orders as (
    select w.warehouse_id, w.assigned_to as profile_id,
      count(*) filter (where w.ended_at is null or w.ended_at >= w.ends) as open, count(*) filter (where w.completed_at < w.ends) as completed
    from private.report_work(p_from, p_until, p_warehouse) w group by 1, 2),
  sums as (
    select p.warehouse_id, p.code, p.time_zone, p.days, private.report_key(p_by, null, null, f.profile_id) as key,
      count(f.profile_id) as people, coalesce(sum(l.hours), 0) as hours, coalesce(sum(o.open), 0) as open,
      coalesce(sum(o.completed), 0) as completed
    from private.report_places(p_from, p_until, p_warehouse) p
    left join people f using (warehouse_id)
    left join logged l on l.warehouse_id = p.warehouse_id and l.profile_id = f.profile_id
    left join orders o on o.warehouse_id = p.warehouse_id and o.profile_id = f.profile_id
    where p_by = 'warehouse' or f.profile_id is not null group by 1, 2, 3, 4, 5)
  select private.report('technician_load', p_from, p_until,
    'hours logged in the period ÷ (technicians and contractors × weeks of the period) = hours a week',
    jsonb_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, hours, people * days / 7.0, jsonb_build_object('people', people,
      'open', open, 'completed', completed, 'days', days)) order by code, key)) from sums);
end $$;

revoke execute on function private.report_places(date, date, uuid), private.report_work(date, date, uuid, uuid),
  private.report_machines(date, date, uuid, uuid), private.hours_of(tstzmultirange),
  private.repair_hours(uuid, timestamptz, timestamptz), private.report_key(text, text, uuid, uuid),
  private.report_row(uuid, text, text, text, text, numeric, numeric, jsonb), private.report(text, date, date, text, jsonb),
  public.report_backlog(date, date, uuid, text), public.report_overdue(date, date, uuid, text),
  public.report_mttr(date, date, uuid, text, uuid), public.report_planned_work(date, date, uuid, text),
  public.report_mtbf(date, date, uuid, text, uuid), public.report_availability(date, date, uuid, text, uuid),
  public.report_machine_costs(date, date, uuid, text, uuid), public.report_pm_compliance(date, date, uuid, text, integer),
  public.report_technician_load(date, date, uuid, text) from public;
grant execute on function private.report_places(date, date, uuid), private.report_work(date, date, uuid, uuid),
  private.report_machines(date, date, uuid, uuid), private.hours_of(tstzmultirange),
  private.repair_hours(uuid, timestamptz, timestamptz), private.report_key(text, text, uuid, uuid),
  private.report_row(uuid, text, text, text, text, numeric, numeric, jsonb), private.report(text, date, date, text, jsonb),
  public.report_backlog(date, date, uuid, text), public.report_overdue(date, date, uuid, text),
  public.report_mttr(date, date, uuid, text, uuid), public.report_planned_work(date, date, uuid, text),
  public.report_mtbf(date, date, uuid, text, uuid), public.report_availability(date, date, uuid, text, uuid),
  public.report_machine_costs(date, date, uuid, text, uuid), public.report_pm_compliance(date, date, uuid, text, integer),
  public.report_technician_load(date, date, uuid, text) to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop function public.report_technician_load(date, date, uuid, text), public.report_pm_compliance(date, date, uuid, text, integer),
  public.report_machine_costs(date, date, uuid, text, uuid), public.report_availability(date, date, uuid, text, uuid),
  public.report_mtbf(date, date, uuid, text, uuid), public.report_planned_work(date, date, uuid, text),
  public.report_mttr(date, date, uuid, text, uuid), public.report_overdue(date, date, uuid, text),
  public.report_backlog(date, date, uuid, text), private.report(text, date, date, text, jsonb),
  private.report_row(uuid, text, text, text, text, numeric, numeric, jsonb), private.report_key(text, text, uuid, uuid),
  private.repair_hours(uuid, timestamptz, timestamptz), private.report_machines(date, date, uuid, uuid),
  private.hours_of(tstzmultirange), private.report_work(date, date, uuid, uuid), private.report_places(date, date, uuid);
