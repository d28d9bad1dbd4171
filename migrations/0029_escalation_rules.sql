-- migrate:up
-- Escalation rules, and the escalations that were made by them. The domain crate decides which deadline applies.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create type public.escalation_clock as enum ('response', 'resolution');
create type public.counted_hours as enum ('calendar', 'business');

-- The steps of a rule, as the domain crate reads them. Postgres writes an object's fields in the order of their length, so
-- the text of one has one form.
create function private.are_steps(jsonb) returns boolean language sql immutable parallel safe as $$
  select private.is_json($1)
    and $1::text ~ '^\[({"action": "[a-z_]+", "wait_minutes": \d{1,5}}(, )?)+\]$'
    and jsonb_array_length($1) <= 10
    and not jsonb_path_exists($1, '$[*] ? (@.wait_minutes > 43200 || !(@.action == "notify_supervisor"
      || @.action == "notify_manager" || @.action == "auto_reassign" || @.action == "webhook"))')
$$;
grant execute on function private.are_steps(jsonb) to authenticated;

-- Other triggers on it: clocks that follow it (escalation_clocks), the list of problems (problems).
create table public.escalation_rules (
  id uuid primary key default private.uuidv7(),
  name text not null check (private.is_line(name, 100) and name <> ''),
  -- Null matches everything; the rule that names most of the three applies.
  warehouse_id uuid references public.warehouses (id),
  wo_type public.work_order_type,
  priority public.priority,
  clock public.escalation_clock not null default 'response',
  timeout_minutes integer not null check (timeout_minutes between 1 and 525600),
  -- Business hours are the warehouse's operating hours, without its holidays.
  hours public.counted_hours not null default 'calendar',
  -- `[{"action": "notify_supervisor", "wait_minutes": 0}, …]`: the wait is counted from the step before.
  steps jsonb not null check (private.are_steps(steps)),
  repeat_count smallint not null default 0 check (repeat_count between 0 and 10),
  active boolean not null default true,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (warehouse_id, wo_type, priority, clock)
);

-- The defaults: emergency or critical 4 h to the manager; high 12 h, medium 24 h, low 72 h to the supervisor; three
-- levels at most. They are inserted before the table is audited, because no person wrote them.
insert into public.escalation_rules (name, wo_type, priority, timeout_minutes, steps, repeat_count) values
  ('Emergency', 'emergency', null, 240, '[{"action": "notify_manager", "wait_minutes": 0}]', 2),
  ('Critical priority', null, 'critical', 240, '[{"action": "notify_manager", "wait_minutes": 0}]', 2),
  ('High priority', null, 'high', 720, '[{"action": "notify_supervisor", "wait_minutes": 0}]', 2),
  ('Medium priority', null, 'medium', 1440, '[{"action": "notify_supervisor", "wait_minutes": 0}]', 2),
  ('Low priority', null, 'low', 4320, '[{"action": "notify_supervisor", "wait_minutes": 0}]', 2);

call private.serve('public.escalation_rules');
call private.audit_all_of('public.escalation_rules');
create policy escalation_rules_read on public.escalation_rules for select to authenticated
  using ((select private.sees_every_warehouse())
    or ((select private.my_role()) = 'supervisor'
      and (warehouse_id is null or warehouse_id = (select private.my_warehouse()))));
create policy escalation_rules_open on public.escalation_rules for insert to authenticated
  with check (private.is_one_of(warehouse_id, 'supervisor'));
create policy escalation_rules_change on public.escalation_rules for update to authenticated
  using (private.is_one_of(warehouse_id, 'supervisor'));
grant insert (id, name, warehouse_id, wo_type, priority, clock, timeout_minutes, hours, steps, repeat_count, active),
  update (name, timeout_minutes, hours, steps, repeat_count, active) on public.escalation_rules to authenticated;
create trigger at_home before insert on public.escalation_rules for each row execute function private.at_home();

-- Once per (work order, rule, level): the unique key guarantees it, however many firings there are.
create table public.escalations (
  id uuid primary key default private.uuidv7(),
  work_order_id uuid not null references public.work_orders (id),
  rule_id uuid not null references public.escalation_rules (id),
  level smallint not null check (level > 0),
  action text not null,
  reason text not null,
  -- The result, where the action alone does not say it.
  outcome text not null default '',
  decided_for timestamptz not null,
  created_at timestamptz not null default now(),
  unique (work_order_id, rule_id, level)
);

alter table public.escalations enable row level security;
create policy escalations_read on public.escalations for select to authenticated
  using (exists (select from public.work_orders w where w.id = work_order_id));
grant select on public.escalations to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop table public.escalations;
drop table public.escalation_rules;
drop function private.are_steps(jsonb);
drop type public.counted_hours;
drop type public.escalation_clock;
