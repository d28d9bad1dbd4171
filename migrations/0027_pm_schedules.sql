-- migrate:up
-- Which machines have a schedule, and what wakes one. A firing of the scheduler costs what is due: whatever waits for
-- something else has no date on which it is looked at.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

alter table public.pm_schedules add column meter_id uuid references public.meters (id);
create index pm_schedules_by_meter on public.pm_schedules (meter_id, meter_due_at) where meter_due_at is not null;
-- A machine that changes is found among all schedules.
create index pm_schedules_by_machine on public.pm_schedules (equipment_id);

-- The date somewhere; null where nobody knows the time zone, so that one bad one does not stop the others.
create function private.local_date(p_at timestamptz, p_time_zone text) returns date
language plpgsql stable set search_path = '' as $$
begin
  return (p_at at time zone p_time_zone)::date;
exception when invalid_parameter_value then
  return null;
end $$;

-- ------------------------------------------------------------------ which machines have a schedule

-- What has changed since machines and schedules were last in step.
create table private.pm_stale (
  id bigint generated always as identity primary key,
  template_id uuid,
  equipment_id uuid,
  -- The template says other dates now.
  retimed boolean not null default false,
  -- The firing that last began to bring in step what it is about.
  taken_by bigint
);
alter table private.pm_stale enable row level security;

create function private.machine_is_stale() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into private.pm_stale (equipment_id)
    values ((to_jsonb(new) ->> case tg_table_name when 'equipment' then 'id' else 'equipment_id' end)::uuid);
  return null;
end $$;
create trigger is_stale after insert on public.equipment for each row execute function private.machine_is_stale();
create trigger is_stale_later after update of status, model on public.equipment for each row
  when (new.status <> old.status or new.model <> old.model) execute function private.machine_is_stale();
create trigger is_stale after insert or update of name on public.meters for each row
  execute function private.machine_is_stale();

create function private.template_is_stale() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  retimed constant boolean := tg_op = 'UPDATE' and
    (new.rrule, new.exdates, new.starts_on, new.basis, new.lead_time_days, new.season_from, new.season_until, new.weekends,
      new.holidays, new.catch_up, new.overlap, new.meter_name, new.meter_every, new.meter_at) is distinct from
    (old.rrule, old.exdates, old.starts_on, old.basis, old.lead_time_days, old.season_from, old.season_until, old.weekends,
      old.holidays, old.catch_up, old.overlap, old.meter_name, old.meter_every, old.meter_at);
begin
  if tg_op = 'INSERT' or retimed
      or (new.active, new.rests_in_maintenance) is distinct from (old.active, old.rests_in_maintenance) then
    insert into private.pm_stale (template_id, retimed) values (new.id, retimed);
  end if;
  return null;
end $$;
create trigger is_stale after insert or update on public.pm_templates for each row
  execute function private.template_is_stale();

-- A schedule that is paused rests at once; one that is not, from when the scheduler next looks at its machine.
create function private.schedule_rests() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if new.paused and not old.paused then
    new.active := false;
    new.rested_from := coalesce(old.rested_from, private.local_date(now(), (
      select w.time_zone from public.equipment e join public.warehouses w on w.id = e.warehouse_id
      where e.id = new.equipment_id)), current_date);
    new.rested_until := null;
    new.rest_reason := 'it was paused';
  elsif old.paused and not new.paused then
    insert into private.pm_stale (equipment_id) values (new.equipment_id);
  end if;
  return new;
end $$;
create trigger rests before update of paused on public.pm_schedules for each row execute function private.schedule_rests();

-- Gives every machine in service the schedules of its templates, rests those of the others, and lets those whose template
-- says other dates begin anew from today: for all that has changed since the last time, so many machines a call. What was
-- changed is forgotten with the last of them. A firing that begins takes over from one that has not come to its end, which then
-- finds nothing left. `p_taken_by` and `p_after` are null at first, then what the last call answered with.
create function functions.pm_sync_schedules(p_now timestamptz, p_limit integer, p_taken_by bigint, p_after uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  taker constant bigint := coalesce(p_taken_by, pg_current_xact_id()::text::bigint);
  is_last boolean;
  templates uuid[];
  stale_machines uuid[];
  retimed_templates uuid[];
  machines uuid[];
  opened integer;
  changed integer;
begin
  if p_taken_by is null then
    update private.pm_stale set taken_by = taker where id in (select id from private.pm_stale order by id for update);
  end if;
  select coalesce(array_agg(distinct template_id) filter (where template_id is not null), '{}'),
    coalesce(array_agg(distinct equipment_id) filter (where equipment_id is not null), '{}'),
    coalesce(array_agg(distinct template_id) filter (where retimed), '{}')
    into templates, stale_machines, retimed_templates
    from (select * from private.pm_stale where taken_by = taker order by id for update) stale;
  machines := array(select m.id from (
      select unnest(stale_machines) as id
      union select e.id from public.pm_templates t join public.equipment e on e.model = t.equipment_model
        where t.id = any (templates)
      union select t.equipment_id from public.pm_templates t where t.id = any (templates) and t.equipment_id is not null
      union select s.equipment_id from public.pm_schedules s where s.template_id = any (templates)) m
    where p_after is null or m.id > p_after order by m.id limit p_limit);
  is_last := cardinality(machines) < p_limit;
  if is_last then
    delete from private.pm_stale where taken_by = taker;
  end if;
  -- Of these only. It may be long, and is looked through for each machine.
  stale_machines := array(select unnest(stale_machines) intersect select unnest(machines));
  if machines = '{}' then
    return jsonb_build_object('counts', jsonb_build_object('schedules_opened', 0, 'schedules_switched', 0));
  end if;

  with pair as (
    select t.id as template_id, e.id as equipment_id from unnest(machines) as machine(id)
      join public.equipment e on e.id = machine.id join public.pm_templates t on t.equipment_model = e.model
    union
    select t.id, t.equipment_id from unnest(machines) as machine(id) join public.pm_templates t on t.equipment_id = machine.id),
  wanted as (
    select t.id as template_id, e.id as equipment_id, t.rrule, t.lead_time_days, m.id as meter_id,
      coalesce(m.total, 0) as base, coalesce(t.meter_at, m.total + t.meter_every) as meter_due_at, today,
      greatest(t.starts_on, today) as since
    from pair
    join public.pm_templates t on t.id = pair.template_id
      and (t.id = any (templates) or pair.equipment_id in (select unnest(stale_machines)))
    join public.equipment e on e.id = pair.equipment_id and (t.warehouse_id is null or t.warehouse_id = e.warehouse_id)
    join public.warehouses w on w.id = e.warehouse_id
    left join public.meters m on m.equipment_id = e.id and m.name = t.meter_name
    cross join lateral (select coalesce(private.local_date(p_now, w.time_zone), (p_now at time zone 'UTC')::date) as today) d
    where t.active and (e.status = 'active' or (e.status = 'maintenance' and not t.rests_in_maintenance)))
  insert into public.pm_schedules (template_id, equipment_id, since, next_due_on, generate_on, meter_id, meter_base, meter_due_at)
    select template_id, equipment_id, since, case when rrule is not null then since end,
      case when base >= meter_due_at then least(today, since - lead_time_days)
        when rrule is not null then since - lead_time_days end,
      meter_id, base, case when meter_id is not null then meter_due_at end
    from wanted
    on conflict (template_id, equipment_id) do nothing;
  get diagnostics opened = row_count;

  with known as (
    select s.id, s.active as was_active, t.active and not s.paused
        and (e.status = 'active' or (e.status = 'maintenance' and not t.rests_in_maintenance))
        and (e.model is not distinct from t.equipment_model or e.id is not distinct from t.equipment_id) as is_active,
      coalesce(private.local_date(p_now, w.time_zone), (p_now at time zone 'UTC')::date) as today,
      case when s.paused then 'it was paused' when not t.active then 'its template was not active'
        when e.model <> t.equipment_model then 'its machine was of another model'
        else 'its machine was out of service (' || e.status || ')' end as why,
      t.id = any (retimed_templates) as retimed, t.basis, t.rrule, t.meter_every, t.meter_at,
      m.id as meter_id, m.total, m.id is distinct from s.meter_id as meter_changed
    from public.pm_schedules s
    join public.pm_templates t on t.id = s.template_id
    join public.equipment e on e.id = s.equipment_id
    join public.warehouses w on w.id = e.warehouse_id
    left join public.meters m on m.equipment_id = e.id and m.name = t.meter_name
    where s.equipment_id in (select unnest(machines))
      and (t.id = any (templates) or s.equipment_id in (select unnest(stale_machines))))
  update public.pm_schedules s set
    active = k.is_active,
    rested_from = case when k.was_active and not k.is_active then coalesce(s.rested_from, k.today) else s.rested_from end,
    rested_until = case when k.is_active and not k.was_active then k.today when not k.is_active then null else s.rested_until end,
    rest_reason = case when k.was_active and not k.is_active then k.why else s.rest_reason end,
    -- Looked at today, whatever it waits for: its plan says how it goes on.
    generate_on = case when k.is_active then least(s.generate_on, k.today) else s.generate_on end,
    next_due_on = case when not k.retimed then s.next_due_on
      when k.rrule is null or (k.basis = 'floating' and s.anchor_on is not null) then null
      -- What has been decided stays decided.
      else greatest(s.since, k.today,
        (select max(o.occurs_on) + 1 from public.pm_occurrences o where o.schedule_id = s.id)) end,
    meter_id = k.meter_id,
    meter_base = case when k.meter_changed then coalesce(k.total, 0) else s.meter_base end,
    meter_due_at = case when not (k.retimed or k.meter_changed) then s.meter_due_at
      when k.meter_id is null then null
      when k.meter_every is not null then case when k.meter_changed then k.total else s.meter_base end + k.meter_every
      else (select k.meter_at where not exists (
        select from public.pm_occurrences o where o.schedule_id = s.id and o.meter_step = k.meter_at)) end
    from known k
    where k.id = s.id and (k.is_active <> k.was_active or k.retimed or k.meter_changed);
  get diagnostics changed = row_count;
  return jsonb_build_object(
    'counts', jsonb_build_object('schedules_opened', opened, 'schedules_switched', changed),
    'further', case when not is_last then
      jsonb_build_object('taken_by', taker, 'after', machines[cardinality(machines)]) end);
end $$;

-- ------------------------------------------------------------------ what wakes a schedule

-- A work order of a schedule ends, or is taken up again. A floating schedule counts from the day on which its last work
-- was done, from the planned one where it was cancelled; any other one may have waited for the end.
create function private.schedule_goes_on() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  open constant public.work_order_status[] := '{new,assigned,in_progress,on_hold}';
begin
  update public.pm_schedules s set
    generate_on = case
      when t.basis = 'fixed' then least(s.generate_on, s.next_due_on - t.lead_time_days)
      when new.status <> all (open) then p.today end,
    next_due_on = case when t.basis = 'fixed' then s.next_due_on end,
    anchor_on = case when t.basis = 'floating' and new.status <> all (open) then
      case when new.status = 'cancelled' then o.due_on else coalesce(private.local_date(new.completed_at, p.time_zone), p.today) end
      else s.anchor_on end,
    meter_base = case when t.basis = 'floating' and m.id is not null then m.total else s.meter_base end,
    meter_due_at = case when t.basis = 'floating' and t.meter_every is not null then null else s.meter_due_at end
  from public.pm_occurrences o, public.pm_templates t,
    (select w.time_zone, coalesce(private.local_date(now(), w.time_zone), current_date) as today
      from public.warehouses w where w.id = new.warehouse_id) p,
    (select 1) one left join public.meters m on m.id = (
      select x.meter_id from public.pm_occurrences y join public.pm_schedules x on x.id = y.schedule_id
      where y.work_order_id = new.id)
  where o.work_order_id = new.id and s.id = o.schedule_id and s.last_work_order_id = new.id and t.id = s.template_id
    and (t.basis = 'floating' or s.generate_on > s.next_due_on - t.lead_time_days);
  return null;
end $$;
create trigger schedule_goes_on after update of status on public.work_orders for each row
  when (new.type = 'preventive' and (old.status in ('new', 'assigned', 'in_progress', 'on_hold'))
    <> (new.status in ('new', 'assigned', 'in_progress', 'on_hold')))
  execute function private.schedule_goes_on();

-- A meter has reached the next step of a schedule.
create function private.meter_wakes_schedules() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  update public.pm_schedules s set generate_on = p.today
    from (select coalesce(private.local_date(now(), w.time_zone), current_date) as today
      from public.warehouses w where w.id = new.warehouse_id) p
    where s.meter_id = new.id and s.meter_due_at <= new.total and (s.generate_on is null or s.generate_on > p.today);
  return null;
end $$;
create trigger wakes_schedules after update of total on public.meters for each row
  when (new.total > old.total) execute function private.meter_wakes_schedules();

-- A holiday comes or goes, and may move the next date of schedules there, which are then looked at anew.
create function private.holiday_wakes_schedules() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  known constant public.holidays := case when tg_op = 'DELETE' then old else new end;
begin
  update public.pm_schedules s set generate_on = p.today
    from public.pm_templates t, public.equipment e,
      (select coalesce(private.local_date(now(), w.time_zone), current_date) as today
        from public.warehouses w where w.id = known.warehouse_id) p
    where t.id = s.template_id and t.holidays <> 'keep' and e.id = s.equipment_id and e.warehouse_id = known.warehouse_id
      and s.generate_on > p.today and s.next_due_on between known.on_date - 31 and known.on_date + 31;
  return null;
end $$;
create trigger wakes_schedules after insert or update of on_date or delete on public.holidays for each row
  execute function private.holiday_wakes_schedules();

revoke execute on function private.local_date(timestamptz, text), private.machine_is_stale(), private.template_is_stale(),
  private.schedule_rests(), private.schedule_goes_on(), private.meter_wakes_schedules(), private.holiday_wakes_schedules(),
  functions.pm_sync_schedules(timestamptz, integer, bigint, uuid) from public;
grant execute on function functions.pm_sync_schedules(timestamptz, integer, bigint, uuid) to millwright_pm_scheduler;

-- migrate:down
set local lock_timeout = '5s';
drop function functions.pm_sync_schedules(timestamptz, integer, bigint, uuid);
drop trigger wakes_schedules on public.holidays;
drop function private.holiday_wakes_schedules();
drop trigger wakes_schedules on public.meters;
drop function private.meter_wakes_schedules();
drop trigger schedule_goes_on on public.work_orders;
drop function private.schedule_goes_on();
drop trigger rests on public.pm_schedules;
drop function private.schedule_rests();
drop trigger is_stale on public.pm_templates;
drop function private.template_is_stale();
drop trigger is_stale on public.meters;
drop trigger is_stale_later on public.equipment;
drop trigger is_stale on public.equipment;
drop function private.machine_is_stale();
drop table private.pm_stale;
drop function private.local_date(timestamptz, text);
drop index public.pm_schedules_by_machine;
alter table public.pm_schedules drop column meter_id;
