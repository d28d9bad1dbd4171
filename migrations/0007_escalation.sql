-- migrate:up
-- Escalation: which deadline applies is decided in the domain crate; here are the rules, what was done, and the guards.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create type public.escalation_clock as enum ('response', 'resolution');

create table public.escalation_rules (
  id uuid primary key default private.uuidv7(),
  name text not null check (name <> ''),
  -- Null matches everything; the rule that names most of the three wins.
  warehouse_id uuid references public.warehouses (id),
  wo_type public.work_order_type,
  priority public.priority,
  clock public.escalation_clock not null default 'response',
  timeout_minutes integer not null check (timeout_minutes > 0),
  -- `[{"action": "notify_supervisor", "wait_minutes": 0}, …]`: the wait is counted from the step before.
  steps jsonb not null check (jsonb_typeof(steps) = 'array' and jsonb_array_length(steps) > 0),
  repeat_count smallint not null default 0 check (repeat_count between 0 and 10),
  active boolean not null default true,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (warehouse_id, wo_type, priority, clock)
);

-- Once per (work order, rule, level): the key says so, whatever fires twice.
create table public.escalations (
  id uuid primary key default private.uuidv7(),
  work_order_id uuid not null references public.work_orders (id),
  rule_id uuid not null references public.escalation_rules (id),
  level smallint not null check (level > 0),
  action text not null,
  reason text not null,
  decided_for timestamptz not null,
  created_at timestamptz not null default now(),
  unique (work_order_id, rule_id, level)
);

create trigger touch before update on public.escalation_rules for each row execute function private.touch();

alter table public.escalation_rules enable row level security;
create policy escalation_rules_read on public.escalation_rules for select to authenticated
  using ((select private.sees_every_warehouse())
    or ((select private.my_role()) = 'supervisor'
      and (warehouse_id is null or warehouse_id = (select private.my_warehouse()))));
grant select on public.escalation_rules to authenticated;

alter table public.escalations enable row level security;
create policy escalations_read on public.escalations for select to authenticated
  using (exists (select from public.work_orders w where w.id = work_order_id));
grant select on public.escalations to authenticated;

-- The defaults: emergency or critical 4 h to the manager; high 12 h, medium 24 h, low 72 h to the supervisor;
-- three levels at most.
insert into public.escalation_rules (name, wo_type, priority, timeout_minutes, steps, repeat_count) values
  ('Emergency', 'emergency', null, 240, '[{"action": "notify_manager", "wait_minutes": 0}]', 2),
  ('Critical priority', null, 'critical', 240, '[{"action": "notify_manager", "wait_minutes": 0}]', 2),
  ('High priority', null, 'high', 720, '[{"action": "notify_supervisor", "wait_minutes": 0}]', 2),
  ('Medium priority', null, 'medium', 1440, '[{"action": "notify_supervisor", "wait_minutes": 0}]', 2),
  ('Low priority', null, 'low', 4320, '[{"action": "notify_supervisor", "wait_minutes": 0}]', 2);

create function functions.escalation_rules() returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  return (select coalesce(jsonb_agg(r order by r.id), '[]') from (
    select id, warehouse_id, wo_type, priority, clock, timeout_minutes, steps, repeat_count
    from public.escalation_rules where active) r);
end $$;

-- Work orders that wait for someone and were last touched before `p_untouched_since`, in the order of the index.
create function functions.escalation_candidates(p_untouched_since timestamptz, p_urgent_only boolean,
  p_after_activity timestamptz, p_after_id uuid, p_limit integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  return (select coalesce(jsonb_agg(c), '[]') from (
    select id, warehouse_id, type, priority, status, due_at, last_activity_at, escalation_level, escalated_at,
      acknowledged_until
    from public.work_orders
    where status in ('new', 'assigned', 'in_progress')
      and last_activity_at <= p_untouched_since
      and (not p_urgent_only or type = 'emergency' or priority = 'critical')
      and (p_after_id is null or (last_activity_at, id) > (p_after_activity, p_after_id))
    order by last_activity_at, id limit p_limit) c);
end $$;

-- Raises a batch by one level each, in one transaction with the escalation rows and their events. A step that was
-- decided on something that is no longer so (someone worked on it, another run was faster) changes nothing.
create function functions.escalation_apply(p_now timestamptz, p_steps jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  applied integer;
begin
  with step as (
    select * from jsonb_to_recordset(p_steps) as s(work_order_id uuid, rule_id uuid, level smallint,
      action text, reason text, last_activity_at timestamptz)),
  target as materialized (
    select w.id, w.warehouse_id, step.rule_id, step.level, step.action, step.reason
    from public.work_orders w join step on step.work_order_id = w.id
    where w.status in ('new', 'assigned', 'in_progress')
      and w.escalation_level = step.level - 1
      and w.last_activity_at = step.last_activity_at
    order by w.id for update of w),
  recorded as (
    insert into public.escalations (work_order_id, rule_id, level, action, reason, decided_for)
      select id, rule_id, level, action, reason, p_now from target
      on conflict (work_order_id, rule_id, level) do nothing
      returning work_order_id),
  raised as (
    update public.work_orders w set escalated = true, escalation_level = target.level, escalated_at = p_now
      from target join recorded on recorded.work_order_id = target.id
      where w.id = target.id
      returning w.id, w.warehouse_id, target.level, target.action, target.reason),
  told as (
    insert into public.events (kind, warehouse_id, work_order_id, details)
      select 'wo_escalation', warehouse_id, id,
        jsonb_build_object('level', level, 'action', action, 'reason', reason) from raised)
  select count(*) into applied from raised;
  return jsonb_build_object('escalated', applied);
end $$;

revoke execute on function functions.escalation_rules(),
  functions.escalation_candidates(timestamptz, boolean, timestamptz, uuid, integer),
  functions.escalation_apply(timestamptz, jsonb) from public;
grant execute on function functions.escalation_rules(),
  functions.escalation_candidates(timestamptz, boolean, timestamptz, uuid, integer),
  functions.escalation_apply(timestamptz, jsonb) to millwright_escalation_checker;

-- migrate:down
set local lock_timeout = '5s';
drop function functions.escalation_apply(timestamptz, jsonb);
drop function functions.escalation_candidates(timestamptz, boolean, timestamptz, uuid, integer);
drop function functions.escalation_rules();
drop table public.escalations;
drop table public.escalation_rules;
drop type public.escalation_clock;
