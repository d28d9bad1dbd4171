-- migrate:up
-- The clocks of escalation: one row for each work order that has not ended, with when to look at it next. So a sweep costs
-- what is due, not what is stored, and the row of the work order is written only when something happens to it.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create table private.escalation_clocks (
  work_order_id uuid primary key references public.work_orders (id) on delete cascade,
  -- The last activity that counts. To put work on hold, or to go on, is none.
  counts_from timestamptz not null,
  -- When it was on hold since then, `[[from, until], …]`, and since when it is.
  held jsonb not null default '[]' check (jsonb_typeof(held) = 'array'),
  held_since timestamptz,
  urgent boolean not null,
  -- The escalations that have begun, each with the rule as it was then.
  chains jsonb not null default '[]' check (jsonb_typeof(chains) = 'array'),
  -- `epoch`: something has changed, and it has not been looked at since.
  check_at timestamptz not null default 'epoch',
  -- A decision names the version that it was made on.
  version integer not null default 1
);
create index escalation_clocks_due on private.escalation_clocks (check_at, work_order_id);
create index escalation_clocks_due_urgent on private.escalation_clocks (check_at, work_order_id) where urgent;
alter table private.escalation_clocks enable row level security;

create function private.is_urgent(p_type public.work_order_type, p_priority public.priority) returns boolean
language sql immutable set search_path = '' as $$
  select p_type = 'emergency' or p_priority = 'critical'
$$;

insert into private.escalation_clocks (work_order_id, counts_from, held_since, urgent)
  select w.id, w.last_activity_at, case when w.status = 'on_hold' then w.updated_at end, private.is_urgent(w.type, w.priority)
  from public.work_orders w where w.status in ('new', 'assigned', 'in_progress', 'on_hold');

-- ------------------------------------------------------------------ in step with the work

create function private.escalation_clocks_start() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.escalation_clocks (work_order_id, counts_from, held_since, urgent)
    select o.id, o.last_activity_at, case when o.status = 'on_hold' then now() end, private.is_urgent(o.type, o.priority)
    from opened o where o.status in ('new', 'assigned', 'in_progress', 'on_hold');
  return null;
end $$;
create trigger clocks_start after insert on public.work_orders
  referencing new table as opened for each statement execute function private.escalation_clocks_start();

create function private.escalation_clock_changes() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  is_held constant boolean := new.status = 'on_hold';
  was_held constant boolean := old.status = 'on_hold';
  counts constant boolean := new.last_activity_at is distinct from old.last_activity_at and is_held = was_held;
begin
  if new.status in ('completed', 'verified', 'closed', 'cancelled') then
    delete from private.escalation_clocks where work_order_id = new.id;
    return null;
  end if;
  insert into private.escalation_clocks as c (work_order_id, counts_from, held_since, urgent)
    values (new.id, new.last_activity_at, case when is_held then now() end, private.is_urgent(new.type, new.priority))
    on conflict (work_order_id) do update set
      counts_from = case when counts then new.last_activity_at else c.counts_from end,
      held = case
        when counts then '[]'
        when was_held and not is_held then c.held || jsonb_build_array(jsonb_build_array(c.held_since, now()))
        else c.held end,
      held_since = case when is_held then coalesce(c.held_since, now()) end,
      urgent = excluded.urgent, check_at = 'epoch', version = c.version + 1;
  return null;
end $$;
create trigger clock_changes after update on public.work_orders for each row
  when ((old.status, old.last_activity_at, old.type, old.priority, old.warehouse_id, old.due_at, old.acknowledged_until)
    is distinct from
    (new.status, new.last_activity_at, new.type, new.priority, new.warehouse_id, new.due_at, new.acknowledged_until))
  execute function private.escalation_clock_changes();

-- What is judged by a rule is looked at again when the rule changes: the next firing shows the new deadlines. What is
-- escalated already keeps the rule as it was. One change after the other, so that two never wait for each other.
create function private.escalation_looks_again(p_warehouse uuid, p_type public.work_order_type, p_priority public.priority)
returns void language plpgsql security definer set search_path = '' as $$
begin
  perform pg_advisory_xact_lock(hashtext('private.escalation_looks_again'));
  update private.escalation_clocks c set check_at = 'epoch', version = c.version + 1
    from public.work_orders w
    where w.id = c.work_order_id
      and (p_warehouse is null or w.warehouse_id = p_warehouse)
      and (p_type is null or w.type = p_type)
      and (p_priority is null or w.priority = p_priority);
end $$;

create function private.escalation_rule_changes() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  rule constant public.escalation_rules := case when tg_op = 'DELETE' then old else new end;
begin
  perform private.escalation_looks_again(rule.warehouse_id, rule.wo_type, rule.priority);
  return null;
end $$;
create trigger rule_changes after insert or update or delete on public.escalation_rules
  for each row execute function private.escalation_rule_changes();

create function private.opening_hours_change() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  known constant jsonb := to_jsonb(case when tg_op = 'DELETE' then old else new end);
begin
  perform private.escalation_looks_again(coalesce(known ->> 'warehouse_id', known ->> 'id')::uuid, null, null);
  return null;
end $$;
create trigger opening_hours_change after update of time_zone, operating_hours on public.warehouses
  for each row execute function private.opening_hours_change();
create trigger opening_hours_change after insert or update or delete on public.holidays
  for each row execute function private.opening_hours_change();

-- ------------------------------------------------------------------ what decisions need

-- The active rules, and when each place is open that is not always.
create function private.escalation_rulebook() returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'rules', (select coalesce(jsonb_agg(to_jsonb(r) order by r.id), '[]') from (
      select id, name, warehouse_id, wo_type, priority, clock, timeout_minutes, hours, steps, repeat_count
      from public.escalation_rules where active) r),
    'places', (select coalesce(jsonb_agg(to_jsonb(p) order by p.warehouse_id), '[]') from (
      select w.id as warehouse_id, w.time_zone, w.operating_hours, h.holidays
      from public.warehouses w, lateral (
        select coalesce(jsonb_agg(d.on_date order by d.on_date), '[]') as holidays
        from public.holidays d where d.warehouse_id = w.id) h
      where w.operating_hours <> '[]' or h.holidays <> '[]') p))
$$;

-- These work orders with their clocks, in the order of the index, and those whom their work could be given to, where a rule
-- says so.
create function private.escalation_orders(p_ids uuid[]) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  orders jsonb;
  reassigns boolean;
begin
  select coalesce(jsonb_agg(to_jsonb(o) order by o.check_at, o.id), '[]') into orders from (
    select w.id, coalesce(c.version, 0) as clock_version, w.number, w.title, w.warehouse_id, w.type, w.priority, w.status,
      w.due_at, coalesce(c.counts_from, w.last_activity_at) as counts_from,
      coalesce(c.held, '[]') || case when c.held_since is null then '[]'
        else jsonb_build_array(jsonb_build_array(c.held_since, null)) end as held,
      w.escalation_level, w.escalated_at, w.acknowledged_until, w.assigned_to, w.response_due_at, w.resolution_due_at,
      coalesce(c.chains, '[]') as chains, coalesce(c.check_at, 'epoch') as check_at
    from public.work_orders w left join private.escalation_clocks c on c.work_order_id = w.id
    where w.id = any (p_ids)) o;
  reassigns := exists (select from public.escalation_rules r where r.active and r.steps @> '[{"action": "auto_reassign"}]')
    or exists (select from private.escalation_clocks c where c.work_order_id = any (p_ids)
      and c.chains @> '[{"rule": {"steps": [{"action": "auto_reassign"}]}}]');
  return jsonb_build_object('work_orders', orders, 'people', case when reassigns then (
    select coalesce(jsonb_agg(to_jsonb(p) order by p.id), '[]') from (
      select p.id, p.warehouse_id, p.full_name,
        (select count(*) from public.work_orders w
          where w.assigned_to = p.id and w.status in ('assigned', 'in_progress', 'on_hold')) as open_work_orders,
        private.setting('escalation_max_open_work_orders', p.warehouse_id, '20')::text::integer as most
      from public.profiles p
      where p.role = 'technician' and p.active and not p.service_account
        and p.warehouse_id in (select distinct (o ->> 'warehouse_id')::uuid from jsonb_array_elements(orders) o)) p)
    else '[]' end);
end $$;

create function functions.escalation_book() returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  return private.escalation_rulebook();
end $$;

-- The next work orders to look at, after the one given: those whose moment has come, and those that have changed. Where only
-- what is urgent is raised, the others are looked at when they have changed, so that their deadlines are seen soon.
create function functions.escalation_page(p_now timestamptz, p_urgent_only boolean, p_after_at timestamptz, p_after_id uuid,
  p_limit integer) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  ids uuid[];
  after_at constant timestamptz := coalesce(p_after_at, '-infinity');
  after_id constant uuid := coalesce(p_after_id, '00000000-0000-0000-0000-000000000000');
begin
  if p_urgent_only then
    ids := array(select d.work_order_id from (
      (select c.check_at, c.work_order_id from private.escalation_clocks c
        where c.urgent and c.check_at <= p_now and (c.check_at, c.work_order_id) > (after_at, after_id)
        order by c.check_at, c.work_order_id limit p_limit)
      union all
      (select c.check_at, c.work_order_id from private.escalation_clocks c
        where not c.urgent and c.check_at = 'epoch' and (c.check_at, c.work_order_id) > (after_at, after_id)
        order by c.check_at, c.work_order_id limit p_limit)) d
      order by d.check_at, d.work_order_id limit p_limit);
  else
    ids := array(select c.work_order_id from private.escalation_clocks c
      where c.check_at <= p_now and (c.check_at, c.work_order_id) > (after_at, after_id)
      order by c.check_at, c.work_order_id limit p_limit);
  end if;
  return private.escalation_orders(ids);
end $$;

-- ------------------------------------------------------------------ what is decided

-- Writes a batch of decisions in one transaction: escalations with their events, deadlines that people see, and when to look
-- again. A decision on something that is no longer so, or that someone is writing at this moment, changes nothing.
create function functions.escalation_apply(p_now timestamptz, p_decisions jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  locked uuid[];
  taken uuid[];
  counts jsonb;
  given integer;
begin
  -- The work orders before their clocks, as everyone else does.
  locked := array(select w.id
    from jsonb_to_recordset(p_decisions) as d(work_order_id uuid, shows boolean, step jsonb)
    join public.work_orders w on w.id = d.work_order_id
    where d.shows or jsonb_typeof(d.step) = 'object'
    order by w.id for no key update of w skip locked);
  taken := array(select c.work_order_id
    from jsonb_to_recordset(p_decisions) as d(work_order_id uuid, clock_version integer, shows boolean, step jsonb)
    join private.escalation_clocks c on c.work_order_id = d.work_order_id
    where c.version = d.clock_version
      and (c.work_order_id = any (locked) or not (d.shows or coalesce(jsonb_typeof(d.step) = 'object', false)))
    order by c.work_order_id for update of c skip locked);
  with decision as materialized (
    select d.work_order_id, d.next_look, d.chains, d.response_due_at, d.resolution_due_at, d.shows, s.rule_id, s.level,
      s.action, s.reason, case when s.assignee is null or private.can_be_assigned(s.assignee, w.warehouse_id) then s.outcome
        else 'nobody to give it to: whom it was meant for may not have it any more' end as outcome
    from jsonb_to_recordset(p_decisions) as d(work_order_id uuid, next_look timestamptz, chains jsonb,
        response_due_at timestamptz, resolution_due_at timestamptz, shows boolean, step jsonb)
      join public.work_orders w on w.id = d.work_order_id
      left join lateral jsonb_to_record(d.step) as s(rule_id uuid, level smallint, action text, reason text, assignee uuid,
        outcome text) on true
    where d.work_order_id = any (taken) and (s.level is null or w.escalation_level = s.level - 1)),
  recorded as (
    insert into public.escalations (work_order_id, rule_id, level, action, reason, outcome, decided_for)
      select work_order_id, rule_id, level, action, reason, outcome, p_now from decision where rule_id is not null
      on conflict (work_order_id, rule_id, level) do nothing
      returning work_order_id),
  written as (
    update public.work_orders w set response_due_at = d.response_due_at, resolution_due_at = d.resolution_due_at,
        escalated = w.escalated or d.rule_id is not null, escalation_level = coalesce(d.level, w.escalation_level),
        escalated_at = case when d.rule_id is null then w.escalated_at else p_now end
      from decision d
      where w.id = d.work_order_id
        and case when d.rule_id is null then d.shows else d.work_order_id in (select r.work_order_id from recorded r) end
      returning w.id, w.warehouse_id, d.rule_id, d.level, d.action, d.reason, d.outcome),
  told as (
    insert into public.events (kind, warehouse_id, work_order_id, details)
      select 'wo_escalation', warehouse_id, id, jsonb_strip_nulls(jsonb_build_object('rule_id', rule_id, 'level', level,
        'action', action, 'reason', reason, 'outcome', nullif(outcome, '')))
      from written where rule_id is not null),
  looked as (
    update private.escalation_clocks c set check_at = coalesce(d.next_look, 'infinity'), chains = d.chains,
        version = c.version + 1
      from decision d
      where c.work_order_id = d.work_order_id
        and (d.rule_id is null or d.work_order_id in (select r.work_order_id from recorded r))
      returning c.work_order_id)
  select jsonb_build_object('escalated', (select count(*) from recorded),
    'deadlines', (select count(*) from decision where shows),
    'stale', jsonb_array_length(p_decisions) - (select count(*) from looked)) into counts;
  -- On its own: who has a work order is asked of whom it is given to, and of nobody else.
  update public.work_orders w set assigned_to = d.assignee,
      status = case when w.status = 'new' then 'assigned' else w.status end
    from (select d.work_order_id, (d.step ->> 'assignee')::uuid as assignee, (d.step ->> 'level')::smallint as level
      from jsonb_to_recordset(p_decisions) as d(work_order_id uuid, step jsonb)) d
    where w.id = d.work_order_id and w.id = any (taken) and w.escalation_level = d.level
      and w.assigned_to is distinct from d.assignee and private.can_be_assigned(d.assignee, w.warehouse_id);
  get diagnostics given = row_count;
  return counts || jsonb_build_object('reassigned', given);
end $$;

-- ------------------------------------------------------------------ what would be decided

-- What a decision about `p_at` needs, for who leads: rules, places, and the work orders they may see whose moment has come by
-- then, or the one that is asked for.
create function public.escalation_dry_run(p_at timestamptz, p_warehouse uuid, p_work_order uuid, p_limit integer)
returns jsonb language plpgsql stable security definer set search_path = '' as $$
declare
  everywhere constant boolean := private.sees_every_warehouse();
  mine constant uuid := private.my_warehouse();
  ids uuid[];
begin
  if not everywhere and private.my_role() is distinct from 'supervisor' then
    raise insufficient_privilege using message = 'only those who lead may ask what would escalate';
  end if;
  if p_work_order is not null then
    ids := array(select w.id from public.work_orders w where w.id = p_work_order
      and (everywhere or w.warehouse_id = mine) and (p_warehouse is null or w.warehouse_id = p_warehouse));
  else
    ids := array(select c.work_order_id from private.escalation_clocks c join public.work_orders w on w.id = c.work_order_id
      where c.check_at <= p_at and (everywhere or w.warehouse_id = mine)
        and (p_warehouse is null or w.warehouse_id = p_warehouse)
      order by c.check_at, c.work_order_id limit p_limit);
  end if;
  return private.escalation_rulebook() || private.escalation_orders(ids);
end $$;

revoke execute on function private.is_urgent(public.work_order_type, public.priority), private.escalation_clocks_start(),
  private.escalation_clock_changes(), private.escalation_looks_again(uuid, public.work_order_type, public.priority),
  private.escalation_rule_changes(), private.opening_hours_change(), private.escalation_rulebook(),
  private.escalation_orders(uuid[]), functions.escalation_book(),
  functions.escalation_page(timestamptz, boolean, timestamptz, uuid, integer),
  functions.escalation_apply(timestamptz, jsonb), public.escalation_dry_run(timestamptz, uuid, uuid, integer) from public;
grant execute on function functions.escalation_book(),
  functions.escalation_page(timestamptz, boolean, timestamptz, uuid, integer),
  functions.escalation_apply(timestamptz, jsonb) to millwright_escalation_checker;
grant execute on function public.escalation_dry_run(timestamptz, uuid, uuid, integer) to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop function public.escalation_dry_run(timestamptz, uuid, uuid, integer);
drop function functions.escalation_apply(timestamptz, jsonb);
drop function functions.escalation_page(timestamptz, boolean, timestamptz, uuid, integer);
drop function functions.escalation_book();
drop function private.escalation_orders(uuid[]);
drop function private.escalation_rulebook();
drop trigger opening_hours_change on public.holidays;
drop trigger opening_hours_change on public.warehouses;
drop function private.opening_hours_change();
drop trigger rule_changes on public.escalation_rules;
drop function private.escalation_rule_changes();
drop function private.escalation_looks_again(uuid, public.work_order_type, public.priority);
drop trigger clock_changes on public.work_orders;
drop function private.escalation_clock_changes();
drop trigger clocks_start on public.work_orders;
drop function private.escalation_clocks_start();
drop table private.escalation_clocks;
drop function private.is_urgent(public.work_order_type, public.priority);
