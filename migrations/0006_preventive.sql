-- migrate:up
-- Preventive maintenance: templates say what and how often, a schedule ties one to a machine, and every
-- occurrence keeps its decision. The rules themselves are evaluated in the domain crate, not here; what the scheduler
-- reads and writes follows where meters and holidays are there (0027, 0028).
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create type public.pm_basis as enum ('fixed', 'floating');
create type public.on_free_day as enum ('keep', 'skip', 'before', 'after');
create type public.catch_up as enum ('latest', 'all', 'none');
create type public.overlap as enum ('skip', 'generate', 'replace');
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
  -- An RFC 5545 rule on local dates, and the dates that are taken out of it; none where only a meter counts.
  rrule text,
  exdates date[] not null default '{}',
  starts_on date not null,
  basis public.pm_basis not null default 'fixed',
  lead_time_days smallint not null default 7 check (lead_time_days between 0 and 365),
  -- How long after its due date an occurrence is still done in time.
  tolerance_days smallint not null default 7 check (tolerance_days between 0 and 365),
  -- The first and the last day of each year with anything to do, like 05-01; may wrap the year.
  season_from text check (season_from ~ '^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'),
  season_until text check (season_until ~ '^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'),
  weekends public.on_free_day not null default 'keep',
  holidays public.on_free_day not null default 'keep',
  catch_up public.catch_up not null default 'latest',
  overlap public.overlap not null default 'skip',
  -- Whether it also rests while its machine is in maintenance.
  rests_in_maintenance boolean not null default false,
  -- The machine's meter of this name: every so many units of it, or once when it has counted so many.
  meter_name text check (meter_name <> ''),
  meter_every numeric(14, 3) check (meter_every > 0),
  meter_at numeric(14, 3) check (meter_at > 0),
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

create table public.pm_template_items (
  id uuid primary key default private.uuidv7(),
  template_id uuid not null references public.pm_templates (id) on delete cascade,
  position smallint not null check (position > 0),
  component text not null,
  action text not null check (action <> ''),
  custom_fields jsonb not null default '{}' check (jsonb_typeof(custom_fields) = 'object'),
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
  -- The next date that has no decision yet, and the local date on which the scheduler looks at it. Null where there is
  -- no further one, or where something else has to happen first: work to be completed, a meter to be read.
  next_due_on date,
  generate_on date,
  -- When the last date that was decided is due.
  last_due_on date,
  -- A floating one counts from here: the local day on which its last work was done.
  anchor_on date,
  -- Its last work order, which the next one may have to wait for. No foreign key: work orders never go, and it would be
  -- looked up a hundred thousand times a night.
  last_work_order_id uuid,
  -- From when to when (that day not) it was at rest, and why. Until the scheduler has decided these dates.
  rested_from date,
  rested_until date,
  rest_reason text,
  -- What the meter had counted when the steps began, what it must have for the next one, and when one was last reached.
  meter_base numeric(16, 3) not null default 0,
  meter_due_at numeric(16, 3),
  meter_fired_on date,
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

-- At most one decision per occurrence, ever: the keys say so, whatever fires twice.
create table public.pm_occurrences (
  id uuid primary key default private.uuidv7(),
  schedule_id uuid not null references public.pm_schedules (id),
  -- The rule's own local date, or what the meter had to count; and the local date by which it is to be done.
  occurs_on date,
  meter_step numeric(16, 3),
  due_on date not null,
  -- How long after that it was still done in time.
  tolerance_days smallint not null default 7,
  decision public.occurrence_decision not null,
  reason text not null,
  work_order_id uuid unique references public.work_orders (id),
  decided_for timestamptz not null,
  created_at timestamptz not null default now(),
  unique (schedule_id, occurs_on),
  constraint pm_occurrences_are_a_date_or_a_step check (num_nonnulls(occurs_on, meter_step) = 1),
  constraint pm_occurrences_generated_have_a_work_order check (case decision
    when 'generated' then work_order_id is not null
    -- One whose work order was there already, and was cancelled for a later one.
    when 'superseded' then true
    else work_order_id is null end)
);
create unique index pm_occurrences_step_by_step on public.pm_occurrences (schedule_id, meter_step)
  where meter_step is not null;

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

-- migrate:down
set local lock_timeout = '5s';
drop table public.pm_occurrences;
drop table public.pm_schedules;
drop table public.pm_template_items;
drop table public.pm_templates;
drop type public.occurrence_decision;
drop type public.overlap;
drop type public.catch_up;
drop type public.on_free_day;
drop type public.pm_basis;
