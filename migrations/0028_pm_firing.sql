-- migrate:up
-- A firing of the scheduler: the reading of due schedules, and the writing of decisions. The domain crate computes the
-- dates.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- The next page of schedules that may have something to generate, in the order of the index, with everything that the
-- decision needs. Templates and warehouses come once each.
create function functions.pm_due(p_now timestamptz, p_after_date date, p_after_id uuid, p_limit integer) returns json
language plpgsql security definer set search_path = '' as $$
begin
  return (with place as materialized (
    select w.id, w.time_zone, private.local_date(p_now, w.time_zone) as today,
      coalesce(private.local_date(p_now, w.time_zone), (p_now at time zone 'UTC')::date) as today_or_so
    from public.warehouses w),
  due as materialized (
    select s.* from public.pm_schedules s join place on place.id = s.warehouse_id
    where s.active
      and s.generate_on <= (p_now + interval '14 hours')::date
      and s.generate_on <= place.today_or_so
      and (s.generate_on, s.id) > (coalesce(p_after_date, '-infinity'), coalesce(p_after_id, '00000000-0000-0000-0000-000000000000'))
    order by s.generate_on, s.id limit p_limit),
  schedule as (
    select d.id, d.version, d.template_id, d.warehouse_id, d.since, d.next_due_on, d.generate_on, d.last_due_on, d.anchor_on,
      case when d.rested_until > d.rested_from then
        json_build_object('from', d.rested_from, 'until', d.rested_until, 'reason', d.rest_reason) end as rest,
      case when w.id is not null then
        json_build_object('number', w.number, 'untouched', private.is_untouched(w.status)) end as open,
      case when d.meter_id is not null then (
        select json_build_object('total', m.total, 'base', d.meter_base, 'due_at', d.meter_due_at, 'fired_on', d.meter_fired_on)
        from public.meters m where m.id = d.meter_id) end as meter,
      case when d.anchor_on is not null then array(
        select o.occurs_on from public.pm_occurrences o where o.schedule_id = d.id and o.occurs_on >= d.anchor_on) else '{}' end
        as decided,
      -- A date is moved by 31 days at most.
      array(select o.due_on from public.pm_occurrences o
        where o.schedule_id = d.id and o.decision = 'generated' and o.due_on >= d.next_due_on - 31
          and o.occurs_on between d.next_due_on - 62 and d.next_due_on - 1) as taken
    from due d left join public.work_orders w on w.id = d.last_work_order_id
      and private.is_open(w.status)
    order by d.generate_on, d.id)
  select json_build_object(
    'schedules', (select coalesce(json_agg(s), '[]') from schedule s),
    'templates', private.pm_timings(array(select distinct template_id from due), true),
    'places', (select coalesce(json_agg(json_build_object('id', p.id, 'time_zone', p.time_zone, 'today', p.today, 'holidays', (
        select coalesce(json_agg(json_build_object('on_date', h.on_date, 'name', h.name)), '[]')
        from public.holidays h where h.warehouse_id = p.id))), '[]') from place p
      where p.id in (select warehouse_id from due))));
end $$;
grant execute on function functions.pm_due(timestamptz, date, uuid, integer) to millwright_pm_scheduler;

-- Writes plans: occurrences, work orders with their checklists, events for missed ones, and the progress of each schedule.
-- A plan that was made from an older version of its schedule changes nothing.
create function private.write_plans(p_now timestamptz, p_plans jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  applied jsonb;
  replaceable uuid[];
begin
  -- Work orders are locked before schedules, as on completion. A work order that somebody has begun is not replaced.
  select coalesce(array_agg(id), '{}') into replaceable from (
    select w.id from jsonb_to_recordset(p_plans) as p(schedule_id uuid, replaced text)
    join public.pm_schedules s on s.id = p.schedule_id
    join public.work_orders w on w.id = s.last_work_order_id
    where p.replaced is not null and private.is_untouched(w.status) order by w.id for no key update of w) locked;
  -- The planner cannot know the number of plans, so no step joins two sets that were read: each goes from a row it has
  -- to one that an index finds.
  with plan as materialized (
    select s.id, s.template_id, s.equipment_id, s.warehouse_id, s.last_work_order_id, s.rested_until, p.*
    from jsonb_to_recordset(p_plans) as p(schedule_id uuid, version integer, next_due_on date, generate_on date,
      last_due_on date, meter_base numeric, meter_due_at numeric, meter_fired boolean, replaced text, occurrences jsonb)
    join public.pm_schedules s on s.id = p.schedule_id and s.version = p.version
    where s.active and (p.replaced is null or s.last_work_order_id = any (replaceable))
    order by s.id for update of s),
  decided as materialized (
    select plan.*, o.*, case when o.decision = 'generated' then private.uuidv7() end as work_order_id
    from plan left join lateral (
      select x.* from jsonb_to_recordset(plan.occurrences) as x(occurs_on date, meter_step numeric, due_on date,
        decision public.occurrence_decision, reason text)
      -- A decided occurrence stays as it is. The schedule is locked, so nobody else decides meanwhile; the unique keys
      -- guarantee it.
      where (select true from public.pm_occurrences k where k.schedule_id = plan.id and k.occurs_on = x.occurs_on) is null
        and (select true from public.pm_occurrences k where k.schedule_id = plan.id and k.meter_step = x.meter_step
          and k.annulled_at is null) is null) o
      on true),
  occurrence as (
    insert into public.pm_occurrences (schedule_id, warehouse_id, occurs_on, meter_step, due_on, tolerance_days, decision,
        reason, work_order_id, decided_for)
      select d.id, d.warehouse_id, d.occurs_on, d.meter_step, d.due_on, t.tolerance_days, d.decision, d.reason, d.work_order_id, p_now
      from decided d join public.pm_templates t on t.id = d.template_id where d.decision is not null),
  opened as (
    insert into public.work_orders (id, type, title, description, area, asset_model, equipment_id, priority,
        assigned_to, warehouse_id, due_at, last_activity_at)
      select d.work_order_id, 'preventive', t.title, t.description, e.area, e.model, e.id, t.priority,
        a.id, e.warehouse_id, (d.due_on + 1)::timestamp at time zone w.time_zone, p_now
      from decided d
      join public.pm_templates t on t.id = d.template_id
      join public.equipment e on e.id = d.equipment_id
      join public.warehouses w on w.id = e.warehouse_id
      left join public.profiles a on a.id = t.default_assignee_id and private.can_be_assigned(a.id, e.warehouse_id)
      where d.work_order_id is not null),
  checklist as (
    insert into public.checklist_items (work_order_id, position, component, action, custom_fields)
      select d.work_order_id, i.position, i.component, i.action, i.custom_fields
      from decided d join public.pm_template_items i on i.template_id = d.template_id
      where d.work_order_id is not null),
  missed as (
    insert into public.events (kind, warehouse_id, details)
      select 'missed_pm', e.warehouse_id, jsonb_build_object('schedule_id', d.id, 'title', t.title,
        'asset_tag', e.asset_tag, 'missed', count(*), 'from', min(d.due_on), 'until', max(d.due_on))
      from decided d
      join public.pm_templates t on t.id = d.template_id
      join public.equipment e on e.id = d.equipment_id
      where d.decision = 'missed' group by e.warehouse_id, d.id, t.title, e.asset_tag),
  advanced as (
    update public.pm_schedules s set
        next_due_on = d.next_due_on, generate_on = d.generate_on, last_due_on = d.last_due_on,
        last_work_order_id = coalesce(d.work_order_id, s.last_work_order_id),
        rested_from = case when coalesce(d.next_due_on, 'infinity') >= d.rested_until then null else s.rested_from end,
        rested_until = case when coalesce(d.next_due_on, 'infinity') >= d.rested_until then null else s.rested_until end,
        meter_base = coalesce(d.meter_base, s.meter_base), meter_due_at = d.meter_due_at,
        meter_fired_on = coalesce(case when d.meter_fired then d.fired_on end, s.meter_fired_on)
      -- For each schedule, the work order that is due last.
      from (select distinct on (id) *, max(due_on) filter (where meter_step is not null) over (partition by id) as fired_on
        from decided order by id, work_order_id is null, due_on desc) d
      where s.id = d.id
      returning s.id),
  superseded as (
    update public.pm_occurrences o set decision = 'superseded', reason = plan.replaced
      from plan where plan.replaced is not null and o.work_order_id = plan.last_work_order_id
      returning o.id)
  select jsonb_build_object(
    'schedules', (select count(*) from advanced),
    'generated', count(*) filter (where d.decision = 'generated'),
    'skipped', count(*) filter (where d.decision = 'skipped'),
    'missed', count(*) filter (where d.decision = 'missed'),
    'superseded', (select count(*) from superseded) + count(*) filter (where d.decision = 'superseded'))
    into applied from decided d;
  -- Last, when they are no longer the last work orders of their schedules.
  if replaceable <> '{}' then
    update public.work_orders w set status = 'cancelled', status_note = o.reason
      from public.pm_occurrences o
      where w.id = any (replaceable) and o.work_order_id = w.id and o.decision = 'superseded';
  end if;
  return applied;
end $$;

-- Writes a batch of decisions in one transaction. A plan that the database refuses is put off alone, and reported as a
-- problem of its template, which the other schedules of the template most likely share: `{"counts", "problems"}`.
create function functions.pm_apply(p_now timestamptz, p_plans jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  told constant jsonb := private.write_apart('write_plans', p_now, p_plans);
  problems constant jsonb := (
    select coalesce(jsonb_agg(jsonb_build_object('schedule_id', s.id, 'version', s.version,
      'subject', 'template ' || s.template_id, 'reason', format('schedule %s: %s', s.id, r ->> 'reason'))), '[]')
    from jsonb_array_elements(told -> 'refused') r
    join public.pm_schedules s on s.id = (r -> 'row' ->> 'schedule_id')::uuid);
begin
  return jsonb_build_object('problems', problems,
    'counts', (told -> 'counts') || case when problems <> '[]' then
      jsonb_build_object('put_off', functions.pm_put_off(p_now, problems)) else '{}' end);
end $$;
grant execute on function functions.pm_apply(timestamptz, jsonb) to millwright_pm_scheduler;

-- Schedules that cannot be planned are looked at again tomorrow, so that they do not delay the others at every firing.
-- Putting them off and reporting the problem is one transaction.
create function functions.pm_put_off(p_now timestamptz, p_problems jsonb) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  put_off integer;
begin
  perform private.keep_problems(p_problems);
  with stuck as (
    select s.id, coalesce(private.local_date(p_now, w.time_zone), (p_now at time zone 'UTC')::date) + 1 as tomorrow
    from jsonb_to_recordset(p_problems) as p(schedule_id uuid, version integer)
    join public.pm_schedules s on s.id = p.schedule_id and s.version = p.version
    join public.warehouses w on w.id = s.warehouse_id
    order by s.id for update of s)
  update public.pm_schedules s set generate_on = stuck.tomorrow from stuck where stuck.id = s.id;
  get diagnostics put_off = row_count;
  return put_off;
end $$;
grant execute on function functions.pm_put_off(timestamptz, jsonb) to millwright_pm_scheduler;

-- ------------------------------------------------------------------ the calendar

-- One schedule, or a page of schedules with something planned until a day, in the order of their ids. It is `plpgsql`,
-- so that the gateway's roles cannot share a plan of it.
create function public.pm_planned(p_schedule uuid, p_from date, p_until date, p_warehouse uuid, p_equipment uuid,
  p_after uuid, p_limit integer) returns json
language plpgsql stable set search_path = '' as $$
begin
  return (with wanted as materialized (
    select s.id, s.version, s.template_id, s.warehouse_id, s.since, s.next_due_on,
      coalesce(s.generate_on, s.since) as generate_on, s.last_due_on, s.anchor_on, s.active, s.paused, s.rest_reason,
      s.meter_due_at, s.equipment_id, e.asset_tag, t.title,
      case when w.id is not null then
        json_build_object('number', w.number, 'untouched', private.is_untouched(w.status)) end as open,
      array(select o.due_on from public.pm_occurrences o
        where o.schedule_id = s.id and o.decision = 'generated' and o.due_on >= s.next_due_on - 31
          and o.occurs_on between s.next_due_on - 62 and s.next_due_on - 1) as taken
    from public.pm_schedules s
    join public.pm_templates t on t.id = s.template_id
    join public.equipment e on e.id = s.equipment_id
    left join public.work_orders w on w.id = s.last_work_order_id
      and private.is_open(w.status)
    where (p_schedule is null or s.id = p_schedule) and (p_equipment is null or s.equipment_id = p_equipment)
      and (p_warehouse is null or s.warehouse_id = p_warehouse) and (p_after is null or s.id > p_after)
    order by s.id limit p_limit)
  select json_build_object(
    'schedules', (select coalesce(json_agg(s order by s.id), '[]') from wanted s),
    'templates', private.pm_timings(array(select distinct template_id from wanted), false),
    'places', (select coalesce(json_agg(json_build_object('id', p.id, 'time_zone', p.time_zone,
        'today', (now() at time zone p.time_zone)::date, 'holidays', (
        select coalesce(json_agg(json_build_object('on_date', h.on_date, 'name', h.name)), '[]')
        from public.holidays h where h.warehouse_id = p.id))), '[]') from public.warehouses p
      where p.id in (select warehouse_id from wanted) or p.id = p_warehouse),
    'decided', (select coalesce(json_agg(o order by o.due_on), '[]') from (
      select d.id, d.schedule_id, d.occurs_on, d.meter_step, d.due_on, d.decision, d.reason, d.work_order_id,
        w.number, w.status
      from public.pm_occurrences d left join public.work_orders w on w.id = d.work_order_id
      where d.schedule_id in (select id from wanted) and d.due_on between p_from and p_until) o)));
end $$;
grant execute on function public.pm_planned(uuid, date, date, uuid, uuid, uuid, integer) to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop function public.pm_planned(uuid, date, date, uuid, uuid, uuid, integer);
drop function functions.pm_put_off(timestamptz, jsonb);
drop function functions.pm_apply(timestamptz, jsonb);
drop function private.write_plans(timestamptz, jsonb);
drop function functions.pm_due(timestamptz, date, uuid, integer);
