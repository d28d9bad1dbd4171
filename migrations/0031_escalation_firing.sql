-- migrate:up
-- A firing of escalation: the reading of due work orders, the writing of decisions, and the dry run.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- The active rules, and the opening hours of warehouses that are not always open: those that count in one warehouse, or
-- all of them where it is null.
create function private.escalation_rulebook(p_warehouse uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'rules', (select coalesce(jsonb_agg(to_jsonb(r) order by r.id), '[]') from (
      select id, name, warehouse_id, wo_type, priority, clock, timeout_minutes, hours, steps, repeat_count
      from public.escalation_rules
      where active and (p_warehouse is null or warehouse_id is null or warehouse_id = p_warehouse)) r),
    'places', (select coalesce(jsonb_agg(to_jsonb(p) order by p.warehouse_id), '[]') from (
      select w.id as warehouse_id, w.time_zone, w.operating_hours, h.holidays
      from public.warehouses w, lateral (
        select coalesce(jsonb_agg(d.on_date order by d.on_date), '[]') as holidays
        from public.holidays d where d.warehouse_id = w.id) h
      where (p_warehouse is null or w.id = p_warehouse) and (w.operating_hours <> '[]' or h.holidays <> '[]')) p))
$$;

-- These work orders with their clocks, in the order of the index, and, where a rule reassigns, the people who could
-- take the work.
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
  -- Only by the rules that count for these work orders: a dry run must not tell of those of other warehouses.
  reassigns := exists (select from public.escalation_rules r where r.active and r.steps @> '[{"action": "auto_reassign"}]'
      and (r.warehouse_id is null
        or r.warehouse_id in (select (o ->> 'warehouse_id')::uuid from jsonb_array_elements(orders) o)))
    or exists (select from private.escalation_clocks c where c.work_order_id = any (p_ids)
      and c.chains @> '[{"rule": {"steps": [{"action": "auto_reassign"}]}}]');
  return jsonb_build_object('work_orders', orders, 'people', case when reassigns then (
    select coalesce(jsonb_agg(to_jsonb(p) order by p.id), '[]') from (
      select p.id, p.warehouse_id, p.full_name,
        (select count(*) from public.work_orders w
          where w.assigned_to = p.id and w.warehouse_id = p.warehouse_id and private.is_open(w.status)) as open_work_orders,
        private.number_setting('escalation_max_open_work_orders', p.warehouse_id, 20) as most
      from public.profiles p
      where p.role = 'technician' and p.active and not p.service_account
        and p.warehouse_id in (select distinct (o ->> 'warehouse_id')::uuid from jsonb_array_elements(orders) o)) p)
    else '[]' end);
end $$;

create function functions.escalation_book() returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  return private.escalation_rulebook(null);
end $$;
grant execute on function functions.escalation_book() to millwright_escalation_checker;

-- The next page of due work orders. A firing for urgent work only also reads the changed ones among the others, so that
-- their deadlines are shown soon.
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
grant execute on function functions.escalation_page(timestamptz, boolean, timestamptz, uuid, integer) to
  millwright_escalation_checker;

-- Writes decisions: escalations with their events, visible deadlines, and the time to look again. A decision on a row
-- that has changed, or that someone is writing at this moment, changes nothing.
create function private.write_decisions(p_now timestamptz, p_decisions jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  locked uuid[];
  taken uuid[];
  counts jsonb;
  given integer;
begin
  -- Work orders are locked before their clocks, as everywhere.
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
  -- A statement of its own, so that the triggers on `assigned_to` run only for the reassigned work orders.
  update public.work_orders w set assigned_to = d.assignee,
      status = case when w.status = 'new' then 'assigned' else w.status end
    from (select d.work_order_id, (d.step ->> 'assignee')::uuid as assignee, (d.step ->> 'level')::smallint as level
      from jsonb_to_recordset(p_decisions) as d(work_order_id uuid, step jsonb)) d
    where w.id = d.work_order_id and w.id = any (taken) and w.escalation_level = d.level
      and w.assigned_to is distinct from d.assignee and private.can_be_assigned(d.assignee, w.warehouse_id);
  get diagnostics given = row_count;
  return counts || jsonb_build_object('reassigned', given);
end $$;

-- Work orders that cannot be decided on are looked at again tomorrow, or once they change, so that they do not delay the
-- others at every firing. Putting them off and reporting the problem is one transaction.
create function functions.escalation_put_off(p_now timestamptz, p_problems jsonb) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  put_off integer;
begin
  perform private.keep_problems(p_problems);
  with stuck as (
    select c.work_order_id from jsonb_to_recordset(p_problems) as p(work_order_id uuid, clock_version integer)
    join private.escalation_clocks c on c.work_order_id = p.work_order_id and c.version = p.clock_version
    order by c.work_order_id for update of c)
  update private.escalation_clocks c set check_at = p_now + interval '1 day'
    from stuck where stuck.work_order_id = c.work_order_id;
  get diagnostics put_off = row_count;
  return put_off;
end $$;
grant execute on function functions.escalation_put_off(timestamptz, jsonb) to millwright_escalation_checker;

-- Writes a batch of decisions in one transaction. One that the database refuses is put off alone: `{"counts",
-- "problems"}`.
create function functions.escalation_apply(p_now timestamptz, p_decisions jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  told constant jsonb := private.write_apart('write_decisions', p_now, p_decisions);
  problems constant jsonb := (
    select coalesce(jsonb_agg(jsonb_build_object('work_order_id', r -> 'row' -> 'work_order_id',
      'clock_version', r -> 'row' -> 'clock_version', 'subject', 'work order ' || (r -> 'row' ->> 'work_order_id'),
      'reason', r -> 'reason')), '[]')
    from jsonb_array_elements(told -> 'refused') r);
begin
  return jsonb_build_object('problems', problems,
    'counts', (told -> 'counts') || case when problems <> '[]' then
      jsonb_build_object('put_off', functions.escalation_put_off(p_now, problems)) else '{}' end);
end $$;
grant execute on function functions.escalation_apply(timestamptz, jsonb) to millwright_escalation_checker;

-- The data of a dry run at `p_at`, for people who lead: rules, places, and the work orders they may see that are due by
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
  return private.escalation_rulebook(case when everywhere then p_warehouse else mine end) || private.escalation_orders(ids);
end $$;
grant execute on function public.escalation_dry_run(timestamptz, uuid, uuid, integer) to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop function public.escalation_dry_run(timestamptz, uuid, uuid, integer);
drop function functions.escalation_apply(timestamptz, jsonb);
drop function functions.escalation_put_off(timestamptz, jsonb);
drop function private.write_decisions(timestamptz, jsonb);
drop function functions.escalation_page(timestamptz, boolean, timestamptz, uuid, integer);
drop function functions.escalation_book();
drop function private.escalation_orders(uuid[]);
drop function private.escalation_rulebook(uuid);
