-- migrate:up
-- Preventive maintenance: templates say what and how often, a schedule ties one to a machine, and every
-- occurrence keeps its decision. The rules themselves are evaluated in the domain crate, not here.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create type public.pm_basis as enum ('fixed', 'floating');
create type public.occurrence_decision as enum ('generated', 'skipped', 'missed', 'superseded');

create table public.pm_templates (
  id uuid primary key default private.uuidv7(),
  title text not null check (length(title) between 1 and 200),
  description text not null default '',
  -- Every machine of this model, or this one machine; in one warehouse, or (null) in all.
  equipment_model text,
  equipment_id uuid references public.equipment (id),
  warehouse_id uuid references public.warehouses (id),
  priority public.priority not null default 'medium',
  estimated_minutes integer check (estimated_minutes > 0),
  default_assignee_id uuid references public.profiles (id),
  rrule text not null,
  starts_on date not null,
  basis public.pm_basis not null default 'fixed',
  lead_time_days smallint not null default 7 check (lead_time_days between 0 and 365),
  active boolean not null default true,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint pm_templates_for_a_model_or_a_machine check (num_nonnulls(equipment_model, equipment_id) = 1)
);
create index pm_templates_by_model on public.pm_templates (equipment_model) where active;

create table public.pm_template_items (
  id uuid primary key default private.uuidv7(),
  template_id uuid not null references public.pm_templates (id) on delete cascade,
  position smallint not null check (position > 0),
  component text not null,
  action text not null check (action <> ''),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (template_id, position)
);

create table public.pm_schedules (
  id uuid primary key default private.uuidv7(),
  template_id uuid not null references public.pm_templates (id),
  equipment_id uuid not null references public.equipment (id),
  -- The first local date that counts: occurrences before the schedule existed were nobody's duty.
  since date not null,
  -- The next occurrence that has no decision yet, and the local date from which it is generated.
  next_due_on date not null,
  generate_on date not null,
  -- Whether it generates: its template is active, its machine in service, and nobody has paused it.
  active boolean not null default true,
  paused boolean not null default false,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint pm_schedules_rest_while_paused check (not (active and paused)),
  unique (template_id, equipment_id)
);
create index pm_schedules_waiting on public.pm_schedules (generate_on, id) where active;

-- At most one decision per occurrence, ever: the key says so, whatever fires twice.
create table public.pm_occurrences (
  id uuid primary key default private.uuidv7(),
  schedule_id uuid not null references public.pm_schedules (id),
  due_on date not null,
  decision public.occurrence_decision not null,
  reason text not null,
  work_order_id uuid unique references public.work_orders (id),
  decided_for timestamptz not null,
  created_at timestamptz not null default now(),
  unique (schedule_id, due_on),
  constraint pm_occurrences_generated_have_a_work_order check ((decision = 'generated') = (work_order_id is not null))
);

create trigger touch before update on public.pm_templates for each row execute function private.touch();
create trigger touch before update on public.pm_schedules for each row execute function private.touch();

alter table public.pm_templates enable row level security;
create policy pm_templates_read on public.pm_templates for select to authenticated
  using ((select private.sees_every_warehouse())
    or ((select private.my_role()) in ('technician', 'supervisor')
      and (warehouse_id is null or warehouse_id = (select private.my_warehouse()))));
alter table public.pm_template_items enable row level security;
create policy pm_template_items_read on public.pm_template_items for select to authenticated
  using (exists (select from public.pm_templates t where t.id = template_id));
alter table public.pm_schedules enable row level security;
create policy pm_schedules_read on public.pm_schedules for select to authenticated
  using ((select private.my_role()) in ('technician', 'supervisor', 'manager', 'admin')
    and exists (select from public.equipment e where e.id = equipment_id));
alter table public.pm_occurrences enable row level security;
create policy pm_occurrences_read on public.pm_occurrences for select to authenticated
  using (exists (select from public.pm_schedules s where s.id = schedule_id));
grant select on public.pm_templates, public.pm_template_items, public.pm_schedules, public.pm_occurrences
  to authenticated;

-- Gives every active machine of a template's model its schedule, and rests those of machines out of service.
create function functions.pm_sync_schedules(p_now timestamptz) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  opened integer;
  changed integer;
begin
  with wanted as (
    select t.id as template_id, e.id as equipment_id,
      greatest(t.starts_on, (p_now at time zone w.time_zone)::date) as since, t.lead_time_days
    from public.pm_templates t
    join public.equipment e on (e.model = t.equipment_model or e.id = t.equipment_id)
      and (t.warehouse_id is null or t.warehouse_id = e.warehouse_id)
    join public.warehouses w on w.id = e.warehouse_id
    where t.active and e.status in ('active', 'maintenance'))
  insert into public.pm_schedules (template_id, equipment_id, since, next_due_on, generate_on)
    select template_id, equipment_id, since, since, since - lead_time_days from wanted
    on conflict (template_id, equipment_id) do nothing;
  get diagnostics opened = row_count;
  update public.pm_schedules s set active = wanted.active
    from (select s2.id, t.active and not s2.paused and e.status in ('active', 'maintenance') as active
      from public.pm_schedules s2
      join public.pm_templates t on t.id = s2.template_id
      join public.equipment e on e.id = s2.equipment_id) wanted
    where wanted.id = s.id and wanted.active <> s.active;
  get diagnostics changed = row_count;
  return jsonb_build_object('schedules_opened', opened, 'schedules_switched', changed);
end $$;

-- The next schedules that may have something to generate, in the order of the index, after a given one.
create function functions.pm_due(p_now timestamptz, p_after_date date, p_after_id uuid, p_limit integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  return (select coalesce(jsonb_agg(due), '[]') from (
    select s.id as schedule_id, s.version, t.rrule, t.starts_on, s.since, s.next_due_on, s.generate_on,
      t.lead_time_days, (p_now at time zone w.time_zone)::date as today
    from public.pm_schedules s
    join public.pm_templates t on t.id = s.template_id
    join public.equipment e on e.id = s.equipment_id
    join public.warehouses w on w.id = e.warehouse_id
    where s.active
      and s.generate_on <= (p_now + interval '14 hours')::date
      and s.generate_on <= (p_now at time zone w.time_zone)::date
      and (p_after_id is null or (s.generate_on, s.id) > (p_after_date, p_after_id))
    order by s.generate_on, s.id limit p_limit) due);
end $$;

-- Writes a batch of decisions in one transaction: occurrences, work orders with their checklists, and how far each
-- schedule got. A plan made from a row that has changed since names a stale version, and changes nothing.
create function functions.pm_apply(p_now timestamptz, p_plans jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  applied jsonb;
begin
  with plan as (
    select * from jsonb_to_recordset(p_plans)
      as p(schedule_id uuid, version integer, next_due_on date, occurrences jsonb)),
  schedule as materialized (
    select s.id, s.template_id, s.equipment_id, plan.next_due_on, plan.occurrences
    from public.pm_schedules s join plan on plan.schedule_id = s.id and plan.version = s.version
    where s.active order by s.id for update of s),
  decided as materialized (
    select schedule.id as schedule_id, schedule.template_id, schedule.equipment_id, o.due_on, o.decision, o.reason,
      case when o.decision = 'generated' then private.uuidv7() end as work_order_id
    from schedule, jsonb_to_recordset(schedule.occurrences)
      as o(due_on date, decision public.occurrence_decision, reason text)),
  occurrence as (
    insert into public.pm_occurrences (schedule_id, due_on, decision, reason, work_order_id, decided_for)
      select schedule_id, due_on, decision, reason, work_order_id, p_now from decided
      on conflict (schedule_id, due_on) do nothing
      returning schedule_id, decision, work_order_id),
  opened as (
    insert into public.work_orders (id, type, title, description, area, asset_model, equipment_id, priority,
        assigned_to, warehouse_id, due_at, last_activity_at)
      select d.work_order_id, 'preventive', t.title, t.description, e.area, e.model, e.id, t.priority,
        a.id, e.warehouse_id, (d.due_on + 1)::timestamp at time zone w.time_zone, p_now
      from occurrence o
      join decided d on d.work_order_id = o.work_order_id
      join public.pm_templates t on t.id = d.template_id
      join public.equipment e on e.id = d.equipment_id
      join public.warehouses w on w.id = e.warehouse_id
      left join public.profiles a on a.id = t.default_assignee_id and private.can_be_assigned(a.id, e.warehouse_id)
      returning id),
  checklist as (
    insert into public.checklist_items (work_order_id, position, component, action)
      select opened.id, i.position, i.component, i.action
      from opened
      join decided d on d.work_order_id = opened.id
      join public.pm_template_items i on i.template_id = d.template_id),
  advanced as (
    update public.pm_schedules s
      set next_due_on = schedule.next_due_on, generate_on = schedule.next_due_on - t.lead_time_days
      from schedule join public.pm_templates t on t.id = schedule.template_id
      where s.id = schedule.id
      returning s.id)
  select jsonb_build_object(
    'schedules', (select count(*) from advanced),
    'generated', (select count(*) from opened),
    'missed', (select count(*) from occurrence where decision = 'missed')) into applied;
  return applied;
end $$;

revoke execute on function functions.pm_sync_schedules(timestamptz),
  functions.pm_due(timestamptz, date, uuid, integer), functions.pm_apply(timestamptz, jsonb) from public;
grant execute on function functions.pm_sync_schedules(timestamptz),
  functions.pm_due(timestamptz, date, uuid, integer), functions.pm_apply(timestamptz, jsonb) to millwright_pm_scheduler;

-- migrate:down
set local lock_timeout = '5s';
drop function functions.pm_apply(timestamptz, jsonb);
drop function functions.pm_due(timestamptz, date, uuid, integer);
drop function functions.pm_sync_schedules(timestamptz);
drop table public.pm_occurrences;
drop table public.pm_schedules;
drop table public.pm_template_items;
drop table public.pm_templates;
drop type public.occurrence_decision;
drop type public.pm_basis;
