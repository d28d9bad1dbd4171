-- migrate:up
-- Keeps schedules in step with machines and templates: every machine in service has the schedules of its templates.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- Machines and templates that have changed since schedules were last in step with them.
create table private.pm_stale (
  id bigint generated always as identity primary key,
  template_id uuid,
  equipment_id uuid,
  -- True if the template's dates have changed.
  retimed boolean not null default false,
  -- The firing that last began to work on it.
  taken_by bigint
);

alter table private.pm_stale enable row level security;

-- A machine in service has schedules, except in maintenance where the template says so.
create function private.runs_schedules(p_status public.equipment_status, p_rests_in_maintenance boolean) returns boolean
language sql immutable parallel safe
  return private.is_in_service(p_status) and not (p_status = 'maintenance' and p_rests_in_maintenance);

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

-- Opens the schedules of machines in service, rests those of the others, and restarts those of templates with new dates
-- from today: for everything stale, `p_limit` machines a call. Stale rows are deleted with the last page. A new firing
-- takes over from one that has not finished, which then finds nothing left. `p_taken_by` and `p_after` are null at
-- first, then the answer's `further`.
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
  -- Reduced to this page: the list may be long, and is searched for each machine.
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
    select t.id as template_id, e.id as equipment_id, e.warehouse_id, t.rrule, t.lead_time_days, m.id as meter_id,
      coalesce(m.total, 0) as base, coalesce(t.meter_at, m.total + t.meter_every) as meter_due_at, today,
      greatest(t.starts_on, today) as since
    from pair
    join public.pm_templates t on t.id = pair.template_id
      and (t.id = any (templates) or pair.equipment_id in (select unnest(stale_machines)))
    join public.equipment e on e.id = pair.equipment_id and (t.warehouse_id is null or t.warehouse_id = e.warehouse_id)
    join public.warehouses w on w.id = e.warehouse_id
    left join public.meters m on m.equipment_id = e.id and m.name = t.meter_name
    cross join lateral (select coalesce(private.local_date(p_now, w.time_zone), (p_now at time zone 'UTC')::date) as today) d
    where t.active and private.runs_schedules(e.status, t.rests_in_maintenance))
  insert into public.pm_schedules (template_id, equipment_id, warehouse_id, since, next_due_on, generate_on, meter_id,
      meter_base, meter_due_at)
    select template_id, equipment_id, warehouse_id, since, case when rrule is not null then since end,
      case when base >= meter_due_at then least(today, since - lead_time_days)
        when rrule is not null then since - lead_time_days end,
      meter_id, base, case when meter_id is not null then meter_due_at end
    from wanted
    on conflict (template_id, equipment_id) do nothing;
  get diagnostics opened = row_count;

  with known as (
    select s.id, s.active as was_active, t.active and not s.paused
        and private.runs_schedules(e.status, t.rests_in_maintenance)
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
    -- Looked at today, even if it waits for something: its plan says how it goes on.
    generate_on = case when k.is_active then least(s.generate_on, k.today) else s.generate_on end,
    next_due_on = case when not k.retimed then s.next_due_on
      when k.rrule is null or (k.basis = 'floating' and s.anchor_on is not null) then null
      -- Dates that are decided are not decided again.
      else greatest(s.since, k.today,
        (select max(o.occurs_on) + 1 from public.pm_occurrences o where o.schedule_id = s.id)) end,
    meter_id = k.meter_id,
    meter_base = case when k.meter_changed then coalesce(k.total, 0) else s.meter_base end,
    meter_due_at = case when not (k.retimed or k.meter_changed) then s.meter_due_at
      when k.meter_id is null then null
      when k.meter_every is not null then case when k.meter_changed then k.total else s.meter_base end + k.meter_every
      else (select k.meter_at where not exists (
        select from public.pm_occurrences o where o.schedule_id = s.id and o.meter_step = k.meter_at and o.annulled_at is null)) end
    from known k
    where k.id = s.id and (k.is_active <> k.was_active or k.retimed or k.meter_changed);
  get diagnostics changed = row_count;
  return jsonb_build_object(
    'counts', jsonb_build_object('schedules_opened', opened, 'schedules_switched', changed),
    'further', case when not is_last then
      jsonb_build_object('taken_by', taker, 'after', machines[cardinality(machines)]) end);
end $$;
grant execute on function functions.pm_sync_schedules(timestamptz, integer, bigint, uuid) to millwright_pm_scheduler;

-- migrate:down
set local lock_timeout = '5s';
drop trigger is_stale on public.pm_templates;
drop trigger is_stale on public.meters;
drop trigger is_stale_later on public.equipment;
drop trigger is_stale on public.equipment;
drop table private.pm_stale;
drop function functions.pm_sync_schedules(timestamptz, integer, bigint, uuid);
drop function private.template_is_stale();
drop function private.machine_is_stale();
drop function private.runs_schedules(public.equipment_status, boolean);
