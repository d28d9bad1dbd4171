-- migrate:up
-- Templates of preventive maintenance: the work, its checklist and its recurrence. The domain crate evaluates the
-- rules.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create type public.pm_basis as enum ('fixed', 'floating');
create type public.on_free_day as enum ('keep', 'skip', 'before', 'after');
create type public.catch_up as enum ('latest', 'all', 'none');
create type public.overlap as enum ('skip', 'generate', 'replace');

-- Other triggers on it: schedules that follow it (pm_schedule_upkeep), the list of problems (problems).
create table public.pm_templates (
  id uuid primary key default private.uuidv7(),
  title text not null check (private.is_line(title, 200) and title <> ''),
  description text not null default '' check (private.is_prose(description, 10000)),
  -- Either every machine of this model or this one machine; a null warehouse means all of them.
  equipment_model text check (private.is_line(equipment_model, 100) and equipment_model <> ''),
  equipment_id uuid references public.equipment (id),
  warehouse_id uuid references public.warehouses (id),
  priority public.priority not null default 'medium',
  estimated_minutes integer check (estimated_minutes > 0),
  default_assignee_id uuid references public.profiles (id),
  -- An RFC 5545 rule on local dates, and the dates that are excluded from it; null if only a meter counts.
  rrule text check (private.is_line(rrule, 500) and rrule <> ''),
  exdates date[] not null default '{}' check (private.are_days(exdates, 100)),
  starts_on date not null check (private.is_day(starts_on)),
  basis public.pm_basis not null default 'fixed',
  -- The default is the setting's (`template_opens`).
  lead_time_days smallint not null check (lead_time_days between 0 and 365),
  -- An occurrence is in time until this many days after its due date.
  tolerance_days smallint not null default 7 check (tolerance_days between 0 and 365),
  -- The first and the last day of the season, like 05-01; it may span the new year.
  season_from text check (private.is_day_of_year(season_from)),
  season_until text check (private.is_day_of_year(season_until)),
  weekends public.on_free_day not null default 'keep',
  holidays public.on_free_day not null default 'keep',
  catch_up public.catch_up not null default 'latest',
  overlap public.overlap not null default 'skip',
  -- If true, schedules also rest while their machine is in maintenance.
  rests_in_maintenance boolean not null default false,
  -- The machine's meter of this name: work is due every so many units, or once at a total.
  meter_name text check (private.is_line(meter_name, 100) and meter_name <> ''),
  meter_every numeric check (meter_every > 0 and private.is_amount(meter_every, 1000000000, 3)),
  meter_at numeric check (meter_at > 0 and private.is_amount(meter_at, 1000000000, 3)),
  active boolean not null default true,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint pm_templates_for_a_model_or_a_machine check (num_nonnulls(equipment_model, equipment_id) = 1),
  constraint pm_templates_have_a_rule check (num_nonnulls(rrule, meter_every, meter_at) > 0),
  constraint pm_templates_season_has_two_ends check (num_nonnulls(season_from, season_until) <> 1),
  constraint pm_templates_meter_has_a_name check ((meter_name is null) = (num_nonnulls(meter_every, meter_at) = 0)),
  constraint pm_templates_meter_counts_one_way check (num_nonnulls(meter_every, meter_at) <= 1)
);
create index pm_templates_by_model on public.pm_templates (equipment_model) where active;
create index pm_templates_by_machine on public.pm_templates (equipment_id) where equipment_id is not null;

call private.serve('public.pm_templates');
call private.audit_all_of('public.pm_templates');
create policy pm_templates_read on public.pm_templates for select to authenticated
  using ((select private.sees_every_warehouse())
    or ((select private.my_role()) in ('technician', 'supervisor')
      and (warehouse_id is null or warehouse_id = (select private.my_warehouse()))));
create policy pm_templates_open on public.pm_templates for insert to authenticated
  with check (private.is_one_of(warehouse_id, 'supervisor'));
create policy pm_templates_change on public.pm_templates for update to authenticated
  using (private.is_one_of(warehouse_id, 'supervisor'));
grant insert (id, title, description, equipment_model, equipment_id, warehouse_id, priority, estimated_minutes,
  default_assignee_id, rrule, starts_on, basis, lead_time_days, exdates, tolerance_days, season_from, season_until,
  weekends, holidays, catch_up, overlap, rests_in_maintenance, meter_name, meter_every, meter_at, active)
  on public.pm_templates to authenticated;
grant update (title, description, priority, estimated_minutes, default_assignee_id, rrule, starts_on, basis,
  lead_time_days, exdates, tolerance_days, season_from, season_until, weekends, holidays, catch_up, overlap,
  rests_in_maintenance, meter_name, meter_every, meter_at, active) on public.pm_templates to authenticated;
call private.fence('public.pm_templates');
-- Each is a schedule of each of the machines, and the scheduler looks at all of those of a machine together.
call private.bound_children('public.pm_templates', 'warehouse_id', 'equipment_model');
call private.bound_children('public.pm_templates', 'equipment_id');

-- The default of a template's lead time is a setting.
create function private.template_opens() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  new.warehouse_id := coalesce(new.warehouse_id, private.my_warehouse());
  new.lead_time_days := coalesce(new.lead_time_days,
    private.setting('default_pm_lead_time_days', new.warehouse_id, '7')::text::smallint);
  return new;
end $$;
create trigger opens before insert on public.pm_templates for each row execute function private.template_opens();

-- The local time of moments where a template's work is done (that of the template, or of a new one's warehouse or machine, or
-- else the caller's own), or in the time zone of that name if there is one. Null where nobody knows the zone. It is `plpgsql`, so
-- that the gateway's roles cannot share a plan of it.
create function public.pm_local_times(p_template uuid, p_warehouse uuid, p_equipment uuid, p_time_zone text,
  p_times timestamptz[]) returns json
language plpgsql stable set search_path = '' as $$
declare
  place constant uuid := coalesce(
    (select coalesce(t.warehouse_id, e.warehouse_id) from public.pm_templates t
      left join public.equipment e on e.id = t.equipment_id where t.id = p_template),
    p_warehouse, (select e.warehouse_id from public.equipment e where e.id = p_equipment), private.my_warehouse());
  -- Postgres would read much as a time zone: `(UTC+01:00) Amsterdam` is west of Greenwich to it.
  zone constant text := case
    when p_time_zone ~ '^[A-Za-z_]+(/[A-Za-z_]+){1,2}$' and private.is_time_zone(p_time_zone) then p_time_zone
    else (select w.time_zone from public.warehouses w where w.id = place) end;
begin
  return (select coalesce(json_agg(to_char(x.at at time zone zone, 'YYYY-MM-DD"T"HH24:MI:SS') order by x.position), '[]')
    from unnest(p_times) with ordinality x (at, position));
end $$;
grant execute on function public.pm_local_times(uuid, uuid, uuid, text, timestamptz[]) to authenticated;

-- ------------------------------------------------------------------ the checklist of a template

create table public.pm_template_items (
  id uuid primary key default private.uuidv7(),
  template_id uuid not null references public.pm_templates (id) on delete cascade,
  position smallint not null check (position > 0),
  component text not null check (private.is_line(component, 200) and component <> ''),
  action text not null check (private.is_line(action, 1000) and action <> ''),
  custom_fields jsonb not null default '{}'
    check (private.is_json(custom_fields) and jsonb_typeof(custom_fields) = 'object'),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (template_id, position)
);

call private.serve('public.pm_template_items');
create policy pm_template_items_read on public.pm_template_items for select to authenticated
  using (exists (select from public.pm_templates t where t.id = template_id));
create policy pm_template_items_open on public.pm_template_items for insert to authenticated
  with check (exists (select from public.pm_templates t where t.id = template_id
    and private.is_one_of(t.warehouse_id, 'supervisor')));
create policy pm_template_items_change on public.pm_template_items for update to authenticated
  using (exists (select from public.pm_templates t where t.id = template_id
    and private.is_one_of(t.warehouse_id, 'supervisor')));
create policy pm_template_items_remove on public.pm_template_items for delete to authenticated
  using (exists (select from public.pm_templates t where t.id = template_id
    and private.is_one_of(t.warehouse_id, 'supervisor')));
grant insert (id, template_id, position, component, action, custom_fields),
  update (position, component, action, custom_fields), delete on public.pm_template_items to authenticated;
call private.fence('public.pm_template_items');
-- Jobs write them under every work order of the template, where there may be no more, either.
call private.bound_children('public.pm_template_items', 'template_id');

-- What dates follow from, of these templates, and no more: their texts would be too much for one answer. `items` are those of
-- their checklists, where that is asked for.
create function private.pm_timings(p_templates uuid[], p_with_items boolean) returns json
language sql stable set search_path = '' as $$
  select coalesce(json_agg(told), '[]') from (
    select t.id, t.rrule, t.exdates, t.starts_on, t.basis, t.lead_time_days, t.season_from, t.season_until, t.weekends, t.holidays,
      t.catch_up, t.overlap, t.meter_every, t.meter_at,
      case when p_with_items then (select count(*) from public.pm_template_items i where i.template_id = t.id) end as items
    from public.pm_templates t where t.id = any (p_templates)) told
$$;
grant execute on function private.pm_timings(uuid[], boolean) to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop function private.pm_timings(uuid[], boolean);
drop table public.pm_template_items;
drop function public.pm_local_times(uuid, uuid, uuid, text, timestamptz[]);
drop table public.pm_templates;
drop function private.template_opens();
drop type public.overlap;
drop type public.catch_up;
drop type public.on_free_day;
drop type public.pm_basis;
