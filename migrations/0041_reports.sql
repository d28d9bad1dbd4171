-- migrate:up
-- Reports on work, machines and people, each with its formula and its counts.
-- Their hash tables need more than the default work_mem. They are planned anew with each call, because a plan made for
-- every machine is slow for one.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- ------------------------------------------------------------------ work

create function public.report_backlog(p_from date, p_until date, p_warehouse uuid default null, p_by text default 'warehouse')
returns json language plpgsql stable set search_path = '' set work_mem = '64MB' set plan_cache_mode = 'force_custom_plan' as $$
begin
  return (with sums as (
    select p.warehouse_id, p.code, p.time_zone, p.days, private.report_key(p_by, w.model, w.equipment_id, w.assigned_to) as key,
      count(w.id) filter (where w.ended_at is null or w.ended_at >= p.ends) as open,
      count(w.id) filter (where w.completed_at < p.ends) as completed,
      count(w.id) filter (where w.created_at >= p.starts) as opened
    from private.report_places(p_from, p_until, p_warehouse) p
    left join private.report_work(p_from, p_until, p_warehouse, p_by) w using (warehouse_id)
    where p_by = 'warehouse' or w.id is not null group by 1, 2, 3, 4, 5)
  select private.report('backlog', p_from, p_until,
    'work orders open at the end of the period ÷ work orders completed per week of it = weeks of work',
    case when min(time_zone) = max(time_zone) then min(time_zone) end,
    json_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, name, open, completed * 7.0 / nullif(days, 0),
      json_build_object('open', open, 'completed', completed, 'opened', opened, 'days', days)) order by code, key))
    from sums left join private.report_names(p_by) using (key));
end $$;
grant execute on function public.report_backlog(date, date, uuid, text) to authenticated;

create function public.report_overdue(p_from date, p_until date, p_warehouse uuid default null, p_by text default 'warehouse')
returns json language plpgsql stable set search_path = '' set work_mem = '64MB' set plan_cache_mode = 'force_custom_plan' as $$
begin
  return (with sums as (
    select p.warehouse_id, p.code, p.time_zone, private.report_key(p_by, w.model, w.equipment_id, w.assigned_to) as key,
      count(w.id) as open, count(w.id) filter (where t.due_at <= p.ends) as overdue,
      count(w.id) filter (where t.due_at is null) as without_due
    from private.report_places(p_from, p_until, p_warehouse) p
    left join private.report_work(p_from, p_until, p_warehouse, p_by) w
      on w.warehouse_id = p.warehouse_id and (w.ended_at is null or w.ended_at >= p.ends)
    left join private.report_given(p_until, 'due_at') d on d.work_order_id = w.id and d.since <= p.ends and p.ends < d.until
    cross join lateral (select case when d.work_order_id is null then w.due_at else d.was::timestamptz end as due_at) t
    where p_by = 'warehouse' or w.id is not null group by 1, 2, 3, 4)
  select private.report('overdue', p_from, p_until,
    'open work orders whose due time has passed ÷ open work orders, both at the end of the period',
    case when min(time_zone) = max(time_zone) then min(time_zone) end,
    json_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, name, overdue, open,
      json_build_object('open', open, 'overdue', overdue, 'without_due', without_due)) order by code, key))
    from sums left join private.report_names(p_by) using (key));
end $$;
grant execute on function public.report_overdue(date, date, uuid, text) to authenticated;

create function public.report_mttr(p_from date, p_until date, p_warehouse uuid default null,
  p_by text default 'warehouse', p_machine uuid default null)
returns json language plpgsql stable set search_path = '' set work_mem = '64MB' set plan_cache_mode = 'force_custom_plan' as $$
begin
  return (with repairs as (
    select w.*, w.completed_at - w.started_at - coalesce(b.duration, '0') as duration
    from private.report_completions(p_from, p_until, p_warehouse, p_by, p_machine) w
    left join private.report_pauses(p_from, p_until, p_machine) b on b.work_order_id = w.id
    where w.type in ('corrective', 'emergency')),
  sums as (
    select p.warehouse_id, p.code, p.time_zone, private.report_key(p_by, r.model, r.equipment_id, r.assigned_to) as key,
      coalesce(extract(epoch from sum(r.duration)) / 3600, 0) as hours, count(r.duration) as repairs,
      count(r.duration) filter (where r.type = 'corrective') as corrective,
      count(r.duration) filter (where r.type = 'emergency') as emergency,
      count(r.id) filter (where r.started_at is null) as without_start
    from private.report_places(p_from, p_until, p_warehouse) p left join repairs r using (warehouse_id)
    where p_by = 'warehouse' or r.id is not null group by 1, 2, 3, 4)
  select private.report('mttr', p_from, p_until,
    'hours of repair ÷ corrective and emergency work orders completed in the period; hours of repair run from start to final completion, without time on hold and without time between a completion and the reopening after it',
    case when min(time_zone) = max(time_zone) then min(time_zone) end,
    json_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, name, hours, repairs, json_build_object('repairs', repairs,
      'corrective', corrective, 'emergency', emergency, 'without_start', without_start)) order by code, key))
    from sums left join private.report_names(p_by) using (key));
end $$;
grant execute on function public.report_mttr(date, date, uuid, text, uuid) to authenticated;

create function public.report_planned_work(p_from date, p_until date, p_warehouse uuid default null,
  p_by text default 'warehouse')
returns json language plpgsql stable set search_path = '' set work_mem = '64MB' set plan_cache_mode = 'force_custom_plan' as $$
begin
  return (with sums as (
    select p.warehouse_id, p.code, p.time_zone, private.report_key(p_by, w.model, w.equipment_id, w.assigned_to) as key,
      count(w.id) as completed, count(w.id) filter (where w.type = 'preventive') as preventive,
      count(w.id) filter (where w.type = 'corrective') as corrective, count(w.id) filter (where w.type = 'emergency') as emergency
    from private.report_places(p_from, p_until, p_warehouse) p
    left join private.report_completions(p_from, p_until, p_warehouse, p_by) w using (warehouse_id)
    where p_by = 'warehouse' or w.id is not null group by 1, 2, 3, 4)
  select private.report('planned_work', p_from, p_until,
    'preventive work orders completed in the period ÷ all work orders completed in it',
    case when min(time_zone) = max(time_zone) then min(time_zone) end,
    json_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, name, preventive, completed, json_build_object(
      'preventive', preventive, 'corrective', corrective, 'emergency', emergency)) order by code, key))
    from sums left join private.report_names(p_by) using (key));
end $$;
grant execute on function public.report_planned_work(date, date, uuid, text) to authenticated;

-- ------------------------------------------------------------------ machines

create function public.report_mtbf(p_from date, p_until date, p_warehouse uuid default null,
  p_by text default 'warehouse', p_machine uuid default null)
returns json language plpgsql stable set search_path = '' set work_mem = '64MB' set plan_cache_mode = 'force_custom_plan' as $$
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
    case when min(time_zone) = max(time_zone) then min(time_zone) end,
    json_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, name, hours - down, failures, json_build_object('machines', machines,
      'failures', failures, 'period_hours', private.rounded(hours), 'downtime_hours', private.rounded(down))) order by code, key))
    from sums left join private.report_names(p_by) using (key));
end $$;
grant execute on function public.report_mtbf(date, date, uuid, text, uuid) to authenticated;

create function public.report_availability(p_from date, p_until date, p_warehouse uuid default null,
  p_by text default 'warehouse', p_machine uuid default null)
returns json language plpgsql stable set search_path = '' set work_mem = '64MB' set plan_cache_mode = 'force_custom_plan' as $$
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
    case when min(time_zone) = max(time_zone) then min(time_zone) end,
    json_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, name, hours - down, hours, json_build_object(
      'machines', machines, 'downtime_hours', private.rounded(down), 'planned_hours', private.rounded(planned),
      'unplanned_hours', private.rounded(unplanned))) order by code, key))
    from sums left join private.report_names(p_by) using (key));
end $$;
grant execute on function public.report_availability(date, date, uuid, text, uuid) to authenticated;

create function public.report_machine_costs(p_from date, p_until date, p_warehouse uuid default null,
  p_by text default 'machine', p_machine uuid default null)
returns json language plpgsql stable set search_path = '' set work_mem = '64MB' set plan_cache_mode = 'force_custom_plan' as $$
begin
  return (with spent as (
    select x.work_order_id, x.created_at as started_at, x.created_at as stopped_at, false as timed, x.unit_cost,
      case x.type when 'used' then x.quantity else -x.quantity end as pieces
    from public.part_transactions x
    where x.type in ('used', 'returned') and x.created_at >= (p_from - 2)::timestamp at time zone 'UTC'
      and x.created_at < (p_until + 3)::timestamp at time zone 'UTC'
      and (p_machine is null
        or x.work_order_id = any (array(select w.id from public.work_orders w where w.equipment_id = p_machine)))
    union all
    select l.work_order_id, l.started_at, coalesce(l.stopped_at, 'infinity'), true, null, null
    from private.report_time(p_from, p_until, p_machine) l),
  used as (
    select w.equipment_id, sum(s.pieces * s.unit_cost) as cost,
      count(*) filter (where not s.timed and s.unit_cost is null) as uncosted, count(*) filter (where not s.timed) as moves,
      extract(epoch from sum(least(s.stopped_at, p.ends) - greatest(s.started_at, p.starts)) filter (where s.timed)) / 3600 as hours
    from spent s
    join public.work_orders w on w.id = s.work_order_id
    join private.report_places(p_from, p_until, p_warehouse) p on p.warehouse_id = w.warehouse_id
    where w.equipment_id is not null and (p_machine is null or w.equipment_id = p_machine) and s.started_at < p.ends
      and case when s.timed then s.stopped_at > p.starts else s.started_at >= p.starts end group by 1),
  machines as (
    select e.warehouse_id, e.equipment_id as id, e.model, u.cost, u.uncosted, u.hours
    from private.report_service(p_from, p_until, p_warehouse, p_machine) e left join used u on u.equipment_id = e.equipment_id
    where not isempty(e.served) or u.moves > 0 or u.hours > 0),
  sums as (
    select p.warehouse_id, p.code, p.time_zone, private.report_key(p_by, m.model, m.id, null) as key, count(m.id) as machines,
      coalesce(sum(m.cost), 0) as cost, coalesce(sum(m.hours), 0) as hours, coalesce(sum(m.uncosted), 0) as uncosted
    from private.report_places(p_from, p_until, p_warehouse) p left join machines m using (warehouse_id)
    where p_by = 'warehouse' or m.id is not null group by 1, 2, 3, 4)
  select private.report('machine_costs', p_from, p_until,
    'cost of parts used in the period, less those returned ÷ machines; beside it the hours that people logged',
    case when min(time_zone) = max(time_zone) then min(time_zone) end,
    json_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, name, cost, machines, json_build_object('machines', machines,
      'hours', private.rounded(hours), 'hours_per_machine', private.rounded(hours / nullif(machines, 0)),
      'movements_without_cost', uncosted)) order by code, key))
    from sums left join private.report_names(p_by) using (key));
end $$;
grant execute on function public.report_machine_costs(date, date, uuid, text, uuid) to authenticated;

-- The figures of one machine, made by the reports: `{"equipment_id", "asset_tag", "from", "until", "time_zone", "kpis":
-- {NAME: {"formula", "numerator", "denominator", "value", "counts"}}}`. Null when the caller sees no such machine.
create function public.equipment_kpis(p_equipment uuid, p_from date, p_until date) returns jsonb
language plpgsql stable set search_path = '' set work_mem = '64MB'
set plan_cache_mode = 'force_custom_plan' as $$
declare
  machine public.equipment;
  reports jsonb[];
  standing jsonb;
begin
  select * into machine from public.equipment e where e.id = p_equipment;
  if machine.id is null then
    return null;
  end if;
  reports := array[
    public.report_mtbf(p_from, p_until, machine.warehouse_id, 'warehouse', machine.id)::jsonb,
    public.report_mttr(p_from, p_until, machine.warehouse_id, 'warehouse', machine.id)::jsonb,
    public.report_availability(p_from, p_until, machine.warehouse_id, 'warehouse', machine.id)::jsonb,
    public.report_machine_costs(p_from, p_until, machine.warehouse_id, 'warehouse', machine.id)::jsonb];
  -- The complement of availability, with hours of downtime as its numerator.
  standing := private.report_row(null, null, null, null, null, null,
      (reports[3] #>> '{rows,0,counts,downtime_hours}')::numeric, (reports[3] #>> '{rows,0,denominator}')::numeric,
      ((reports[3] #> '{rows,0,counts}') - 'downtime_hours')::json)::jsonb
    || jsonb_build_object('report', 'downtime', 'formula',
      'hours of downtime ÷ hours of the period; planned and unplanned downtime, what overlaps counts once');
  return jsonb_build_object('equipment_id', machine.id, 'asset_tag', machine.asset_tag, 'from', p_from, 'until', p_until,
    'time_zone', reports[1] -> 'time_zone', 'kpis', (
      select jsonb_object_agg(k ->> 'report', k - '{report,warehouse_id,warehouse,time_zone}'::text[])
      from (select (r -> 'rows' -> 0) || jsonb_build_object('report', r -> 'report', 'formula', r -> 'formula') as k
        from unnest(reports) r union all select standing) told));
end $$;
grant execute on function public.equipment_kpis(uuid, date, date) to authenticated;

-- ------------------------------------------------------------------ plans and people

-- Due are occurrences that were generated or missed, unless they can still be done in time. The tolerance is the
-- template's at the time of the decision, unless one is named.
create function public.report_pm_compliance(p_from date, p_until date, p_warehouse uuid default null,
  p_by text default 'warehouse', p_tolerance_days integer default null) returns json
language plpgsql stable set search_path = '' set work_mem = '64MB'
set plan_cache_mode = 'force_custom_plan' as $$
begin
  return (with planned as (
    select p.warehouse_id, s.equipment_id, coalesce(h.was ->> 'model', e.model) as model,
      case when g.work_order_id is null then w.assigned_to else g.was::uuid end as assigned_to, o.decision, o.due_on + coalesce(p_tolerance_days, o.tolerance_days) as until,
      (now() at time zone p.time_zone)::date as today, w.status = 'cancelled' as cancelled,
      case when private.is_done(w.status) then (w.completed_at at time zone p.time_zone)::date end as done_on
    from private.report_places(p_from, p_until, p_warehouse) p
    join public.pm_occurrences o on o.warehouse_id = p.warehouse_id and o.due_on between p_from and p_until
    left join public.pm_schedules s on p_by in ('model', 'machine') and s.id = o.schedule_id
    left join public.equipment e on p_by = 'model' and e.id = s.equipment_id
    left join private.report_past('equipment', p_from) h on p_by = 'model' and h.subject = e.id and h.since <= (o.due_on + 1)::timestamp at time zone p.time_zone
      and (o.due_on + 1)::timestamp at time zone p.time_zone < h.until
    left join public.work_orders w on w.id = o.work_order_id
    left join private.report_given(p_until, 'assigned_to') g on p_by = 'technician' and g.work_order_id = w.id
      and g.since <= p.ends and p.ends < g.until),
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
    case when min(time_zone) = max(time_zone) then min(time_zone) end,
    json_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, name, in_time, in_time + late + not_done + missed,
      json_build_object('in_time', in_time, 'late', late, 'not_done', not_done, 'missed', missed, 'pending', pending,
        'skipped', skipped, 'superseded', superseded)) order by code, key))
    from sums left join private.report_names(p_by) using (key));
end $$;
grant execute on function public.report_pm_compliance(date, date, uuid, text, integer) to authenticated;

create function public.report_technician_load(p_from date, p_until date, p_warehouse uuid default null,
  p_by text default 'technician')
returns json language plpgsql stable set search_path = '' set work_mem = '64MB' set plan_cache_mode = 'force_custom_plan' as $$
begin
  return (with someone as materialized (select * from private.report_people(p_from)),
  logged as (
    select p.warehouse_id, l.profile_id,
      extract(epoch from sum(least(l.stopped_at, p.ends) - greatest(l.started_at, p.starts))) / 3600 as hours
    from (
      -- `offset 0` keeps the planner from looking up each work order by itself.
      select w.warehouse_id, t.* from private.report_time(p_from, p_until) t join public.work_orders w on w.id = t.work_order_id
        offset 0) l
    join private.report_places(p_from, p_until, p_warehouse) p on p.warehouse_id = l.warehouse_id
      and l.started_at < p.ends and (l.stopped_at is null or l.stopped_at > p.starts)
    join someone s on s.profile_id = l.profile_id and s.role in ('technician', 'contractor')
      and s.since <= l.started_at and l.started_at < s.until
    group by 1, 2),
  people as (
    select p.warehouse_id, s.profile_id from private.report_places(p_from, p_until, p_warehouse) p
      join someone s on s.warehouse_id = p.warehouse_id and s.active and s.role in ('technician', 'contractor')
        and s.since <= p.ends and p.ends < s.until
      where (select private.sees_every_warehouse()) or (select private.sees_own_warehouse(private.my_role()))
        or s.profile_id = (select auth.uid())
    union select warehouse_id, profile_id from logged),
  orders as (
    select w.warehouse_id, w.assigned_to as profile_id,
      count(*) filter (where w.ended_at is null or w.ended_at >= w.ends) as open, count(*) filter (where w.completed_at < w.ends) as completed
    from private.report_work(p_from, p_until, p_warehouse, 'technician') w group by 1, 2),
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
    case when min(time_zone) = max(time_zone) then min(time_zone) end,
    json_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, name, hours, people * days / 7.0, json_build_object('people', people,
      'open', open, 'completed', completed, 'days', days)) order by code, key))
    from sums left join private.report_names(p_by) using (key));
end $$;
grant execute on function public.report_technician_load(date, date, uuid, text) to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop function public.report_technician_load(date, date, uuid, text);
drop function public.report_pm_compliance(date, date, uuid, text, integer);
drop function public.equipment_kpis(uuid, date, date);
drop function public.report_machine_costs(date, date, uuid, text, uuid);
drop function public.report_availability(date, date, uuid, text, uuid);
drop function public.report_mtbf(date, date, uuid, text, uuid);
drop function public.report_planned_work(date, date, uuid, text);
drop function public.report_mttr(date, date, uuid, text, uuid);
drop function public.report_overdue(date, date, uuid, text);
drop function public.report_backlog(date, date, uuid, text);
