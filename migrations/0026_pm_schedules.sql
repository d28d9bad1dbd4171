-- migrate:up
-- Schedules: each ties a template to a machine, and keeps a decision for every occurrence. A firing of the scheduler
-- costs as much as is due: a schedule that waits for something has no date to be looked at, until a trigger sets one.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- ------------------------------------------------------------------ schedules

create table public.pm_schedules (
  id uuid primary key default private.uuidv7(),
  template_id uuid not null references public.pm_templates (id),
  equipment_id uuid not null,
  -- Its machine's.
  warehouse_id uuid not null,
  -- The first local date that counts: earlier occurrences were nobody's duty.
  since date not null,
  -- The next date without a decision, and the local date on which the scheduler looks at it. Null where there is no
  -- further date, or something else has to happen first: completed work, a meter reading.
  next_due_on date,
  generate_on date,
  -- The due date of the last decided occurrence.
  last_due_on date,
  -- A floating schedule counts from here: the local day on which its last work was completed.
  anchor_on date,
  -- Its last work order, which the next one may have to wait for. No foreign key: work orders are never deleted, and it
  -- would be checked a hundred thousand times a night.
  last_work_order_id uuid,
  -- The first day of a rest, the first day after it, and its reason, until the scheduler has decided the dates between.
  rested_from date,
  rested_until date,
  rest_reason text,
  -- The meter, its total when the steps began, the total at which the next step is due, and the day of the last step.
  meter_id uuid references public.meters (id),
  meter_base numeric(16, 3) not null default 0,
  meter_due_at numeric(16, 3),
  meter_fired_on date,
  -- True if it generates: its template is active, its machine in service, and it is not paused.
  active boolean not null default true,
  paused boolean not null default false,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint pm_schedules_equipment_id_fkey foreign key (equipment_id, warehouse_id)
    references public.equipment (id, warehouse_id),
  constraint pm_schedules_rest_while_paused check (not (active and paused)),
  unique (template_id, equipment_id)
);
create index pm_schedules_by_warehouse on public.pm_schedules (warehouse_id, id);
create index pm_schedules_waiting on public.pm_schedules (generate_on, id) where active;
create index pm_schedules_by_meter on public.pm_schedules (meter_id, meter_due_at) where meter_due_at is not null;

-- Finds the schedules of a machine that changes.
create index pm_schedules_by_machine on public.pm_schedules (equipment_id);

alter table public.pm_schedules enable row level security;
create trigger touch before update on public.pm_schedules for each row execute function private.touch();
create policy pm_schedules_read on public.pm_schedules for select to authenticated
  using ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse())
      and (select private.my_role()) in ('technician', 'supervisor')));
create policy pm_schedules_change on public.pm_schedules for update to authenticated
  using (private.is_one_of(warehouse_id, 'supervisor'));
grant select, update (paused) on public.pm_schedules to authenticated;

-- ------------------------------------------------------------------ occurrences

create type public.occurrence_decision as enum ('generated', 'skipped', 'missed', 'superseded');

-- At most one decision per occurrence, ever: the unique keys guarantee it, however many firings there are.
create table public.pm_occurrences (
  id uuid primary key default private.uuidv7(),
  schedule_id uuid not null references public.pm_schedules (id),
  -- Its machine's.
  warehouse_id uuid not null references public.warehouses (id),
  -- The rule's local date, or the total of the meter; and the local date by which the work is to be done.
  occurs_on date,
  meter_step numeric(16, 3),
  due_on date not null,
  -- The days after that in which it is still in time.
  tolerance_days smallint not null default 7,
  decision public.occurrence_decision not null,
  reason text not null,
  work_order_id uuid unique references public.work_orders (id),
  decided_for timestamptz not null,
  -- Of a step: when the reading was annulled that reached it. The meter may reach it again.
  annulled_at timestamptz,
  created_at timestamptz not null default now(),
  unique (schedule_id, occurs_on),
  constraint pm_occurrences_are_a_date_or_a_step check (num_nonnulls(occurs_on, meter_step) = 1),
  constraint pm_occurrences_generated_have_a_work_order check (case decision
    when 'generated' then work_order_id is not null
    -- It may have had a work order, which was cancelled for a later one.
    when 'superseded' then true
    else work_order_id is null end)
);
create index pm_occurrences_by_warehouse on public.pm_occurrences (warehouse_id, id desc);
create unique index pm_occurrences_step_by_step on public.pm_occurrences (schedule_id, meter_step)
  where meter_step is not null and annulled_at is null;

alter table public.pm_occurrences enable row level security;
create policy pm_occurrences_read on public.pm_occurrences for select to authenticated
  using ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse())
      and (select private.my_role()) in ('technician', 'supervisor')));
grant select on public.pm_occurrences to authenticated;

-- ------------------------------------------------------------------ triggers that wake a schedule

-- The local date; null for an unknown time zone, so that one bad zone does not stop the other warehouses.
create function private.local_date(p_at timestamptz, p_time_zone text) returns date
language plpgsql stable set search_path = '' as $$
begin
  return (p_at at time zone p_time_zone)::date;
exception when invalid_parameter_value then
  return null;
end $$;

-- A paused schedule rests at once; it goes on when the scheduler next looks at its machine.
create function private.schedule_rests() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if new.paused and not old.paused then
    new.active := false;
    new.rested_from := coalesce(old.rested_from, private.local_date(now(), (
      select w.time_zone from public.warehouses w where w.id = new.warehouse_id)), current_date);
    new.rested_until := null;
    new.rest_reason := 'it was paused';
  elsif old.paused and not new.paused then
    insert into private.pm_stale (equipment_id) values (new.equipment_id);
  end if;
  return new;
end $$;
create trigger rests before update of paused on public.pm_schedules for each row execute function private.schedule_rests();

-- Runs when a schedule's work order ends, or is taken up again. A floating schedule counts from the day of completion,
-- or from the planned day if the work was cancelled; any other schedule may have waited for the end.
create function private.schedule_goes_on() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  update public.pm_schedules s set
    generate_on = case
      when t.basis = 'fixed' then least(s.generate_on, s.next_due_on - t.lead_time_days)
      when not private.is_open(new.status) then p.today end,
    next_due_on = case when t.basis = 'fixed' then s.next_due_on end,
    anchor_on = case when t.basis = 'floating' and not private.is_open(new.status) then
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
  when (new.type = 'preventive' and private.is_open(old.status) <> private.is_open(new.status))
  execute function private.schedule_goes_on();

-- Wakes the schedules whose next step the meter has reached.
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

-- The steps that an annulled reading reached are undone, with all that were decided along with them: they are reached again when
-- they are. Work that nobody has begun is cancelled; other work stands, and the steps begin anew from it. What was decided before the
-- reading was taken has nothing to do with it.

-- Work orders are locked before meters, as in sync.
create function private.reading_locks_work() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  perform from public.work_orders w
    where private.is_untouched(w.status) and w.id = any (array(
      select o.work_order_id from public.meters m
      join public.pm_schedules s on s.equipment_id = m.equipment_id and s.meter_id = m.id
      join public.pm_occurrences o on o.schedule_id = s.id and o.meter_step is not null and o.created_at >= new.created_at
      where m.id = new.meter_id))
    order by w.id for no key update;
  return new;
end $$;
create trigger locks_work before update on public.meter_readings for each row
  when (old.annulled_reason is null and new.annulled_reason is not null) execute function private.reading_locks_work();

create function private.readings_undo_steps() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  gone record;
  schedules uuid[];
  undone uuid[];
begin
  for gone in select m.id, m.total, m.equipment_id, a.since, case a.readings when 1 then format('the reading of %s was annulled', a.most)
        else format('readings of %s and less were annulled', a.most) end as why
      from (select n.meter_id, min(n.created_at) as since, count(*) as readings, trim_scale(max(n.value)) as most
        from after_it n join before_it o on o.id = n.id
        where o.annulled_at is null and n.annulled_at is not null group by 1) a
      join public.meters m on m.id = a.meter_id order by m.id loop
    -- Nobody plans meanwhile.
    schedules := array(select s.id from public.pm_schedules s
      where s.equipment_id = gone.equipment_id and s.meter_id = gone.id order by s.id for update);
    undone := array(
      select o.id from public.pm_occurrences o
      where o.schedule_id = any (schedules) and o.meter_step is not null and o.annulled_at is null and o.created_at >= gone.since
        and exists (select from public.pm_occurrences j where j.schedule_id = o.schedule_id and j.created_at = o.created_at
          and j.meter_step > gone.total and j.annulled_at is null));
    update public.work_orders w set status = 'cancelled', status_note = gone.why
      from public.pm_occurrences o
      where o.id = any (undone) and w.id = o.work_order_id and private.is_untouched(w.status);
    update public.pm_occurrences o set annulled_at = now(),
        decision = case when w.status <> 'cancelled' then o.decision else 'superseded' end,
        reason = case when w.status <> 'cancelled' then o.reason || '; ' else '' end || gone.why
      from public.pm_occurrences p left join public.work_orders w on w.id = p.work_order_id
      where o.id = any (undone) and p.id = o.id;
    -- All of them are written, so that a plan that was made of the wrong count is not.
    update public.pm_schedules s set
        meter_base = n.base,
        meter_due_at = case when not n.affected then s.meter_due_at when n.every is not null then n.base + n.every
          when n.undone then n.meter_at else s.meter_due_at end,
        meter_fired_on = case when n.undone then (
            select max(o.due_on) from public.pm_occurrences o where o.schedule_id = s.id and o.meter_step is not null
              and o.decision = 'generated' and o.annulled_at is null) else s.meter_fired_on end,
        generate_on = case when n.affected and n.base + n.every <= gone.total then least(s.generate_on, n.today)
          else s.generate_on end
      from (select x.id, t.meter_every as every, t.meter_at, u.step is not null and not u.stands as undone,
          u.step is not null or x.meter_base > gone.total as affected,
          least(x.meter_base, gone.total, case when not u.stands then u.step - coalesce(t.meter_every, 0) end) as base,
          coalesce(private.local_date(now(), w.time_zone), current_date) as today
        from public.pm_schedules x
        join public.pm_templates t on t.id = x.template_id
        join public.warehouses w on w.id = x.warehouse_id
        cross join lateral (select min(o.meter_step) as step, coalesce(bool_or(o.decision = 'generated'), false) as stands
          from public.pm_occurrences o where o.id = any (undone) and o.schedule_id = x.id) u
        where x.id = any (schedules)) n
      where s.id = n.id;
  end loop;
  return null;
end $$;
-- Named so that it fires after `are_annulled`, by which the meter counts again.
create trigger undo_steps after update on public.meter_readings referencing old table as before_it new table as after_it
  for each statement execute function private.readings_undo_steps();

-- A holiday that is added, moved or removed may move the next date of schedules in its warehouse, so they are looked at again:
-- once for all holidays of a statement, and in the order of ids, so that two changes cannot deadlock.
create function private.holidays_wake_schedules() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  days jsonb;
begin
  if tg_op = 'UPDATE' then
    days := (select jsonb_agg(moved) from (
      (select n.warehouse_id, n.on_date from changed n except select o.warehouse_id, o.on_date from previous o)
      union all
      (select o.warehouse_id, o.on_date from previous o except select n.warehouse_id, n.on_date from changed n)) moved);
  else
    days := (select jsonb_agg(jsonb_build_object('warehouse_id', n.warehouse_id, 'on_date', n.on_date)) from changed n);
  end if;
  if days is null then
    return null;
  end if;
  with place as (
    select w.id, coalesce(private.local_date(now(), w.time_zone), current_date) as today
    from public.warehouses w where w.id in (select (d ->> 'warehouse_id')::uuid from jsonb_array_elements(days) d)),
  near as materialized (
    select s.id, place.today from public.pm_schedules s
      join place on place.id = s.warehouse_id join public.pm_templates t on t.id = s.template_id
    where t.holidays <> 'keep' and s.generate_on > place.today and exists (
      select from jsonb_to_recordset(days) as d(warehouse_id uuid, on_date date)
      where d.warehouse_id = s.warehouse_id and s.next_due_on between d.on_date - 31 and d.on_date + 31)
    order by s.id for no key update of s)
  update public.pm_schedules s set generate_on = near.today from near where s.id = near.id;
  return null;
end $$;
create trigger holidays_wake after insert on public.holidays
  referencing new table as changed for each statement execute function private.holidays_wake_schedules();
create trigger holidays_wake_later after update on public.holidays
  referencing old table as previous new table as changed for each statement execute function private.holidays_wake_schedules();
create trigger holidays_wake_at_last after delete on public.holidays
  referencing old table as changed for each statement execute function private.holidays_wake_schedules();

-- migrate:down
set local lock_timeout = '5s';
drop trigger holidays_wake_at_last on public.holidays;
drop trigger holidays_wake_later on public.holidays;
drop trigger holidays_wake on public.holidays;
drop trigger undo_steps on public.meter_readings;
drop trigger locks_work on public.meter_readings;
drop trigger wakes_schedules on public.meters;
drop trigger schedule_goes_on on public.work_orders;
drop table public.pm_occurrences;
drop table public.pm_schedules;
drop function private.holidays_wake_schedules();
drop function private.readings_undo_steps();
drop function private.reading_locks_work();
drop function private.meter_wakes_schedules();
drop function private.schedule_goes_on();
drop function private.schedule_rests();
drop function private.local_date(timestamptz, text);
drop type public.occurrence_decision;
