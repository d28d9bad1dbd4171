-- migrate:up
-- The clocks of escalation: one row for each open work order, with the time to look at it next. A sweep costs as much
-- as is due, not as is stored, and a work order's row is written only when something happens to it.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create table private.escalation_clocks (
  work_order_id uuid primary key references public.work_orders (id) on delete cascade,
  -- The last activity that counts. Going on hold, or off it, does not.
  counts_from timestamptz not null,
  -- The times on hold since then, `[[from, until], …]`, and the beginning of the present one. However often work is put on
  -- hold, they are no more than this.
  held jsonb not null default '[]' check (jsonb_typeof(held) = 'array' and jsonb_array_length(held) <= 100),
  held_since timestamptz,
  urgent boolean not null,
  -- The escalations that have begun, each with a copy of its rule.
  chains jsonb not null default '[]' check (jsonb_typeof(chains) = 'array'),
  -- `epoch`: it has changed, and has not been looked at since.
  check_at timestamptz not null default 'epoch',
  -- A decision names the version that it was made on.
  version integer not null default 1
);
create index escalation_clocks_due on private.escalation_clocks (check_at, work_order_id);
create index escalation_clocks_due_urgent on private.escalation_clocks (check_at, work_order_id) where urgent;

alter table private.escalation_clocks enable row level security;

-- ------------------------------------------------------------------ in step with the work

create function private.escalation_clocks_start() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.escalation_clocks (work_order_id, counts_from, held_since, urgent)
    select o.id, o.last_activity_at, case when o.status = 'on_hold' then now() end, private.is_urgent(o.type, o.priority)
    from opened o where private.is_open(o.status);
  return null;
end $$;
create trigger clocks_start after insert on public.work_orders
  referencing new table as opened for each statement execute function private.escalation_clocks_start();

-- Times on hold, at most a hundred: of more, the two with the least between them become one that is as long as both. So the
-- clock stands still for as long as before, and the moments at which it did are off by what lay between these two.
create function private.fold_held(p_held jsonb) returns jsonb language plpgsql stable set search_path = '' as $$
begin
  if jsonb_array_length(p_held) <= 100 then
    return p_held;
  end if;
  return (
    with held as (
      select nth, (h ->> 0)::timestamptz as began, (h ->> 1)::timestamptz as ended
      from jsonb_array_elements(p_held) with ordinality e (h, nth)),
    pairs as (select h.*, lead(began) over w as next_began, lead(ended) over w as next_ended from held h window w as (order by nth)),
    nearest as (select nth from pairs where next_began is not null order by next_began - ended, nth limit 1)
    select jsonb_agg(case when p.nth = n.nth then jsonb_build_array(p.next_began - (p.ended - p.began), p.next_ended)
      else jsonb_build_array(p.began, p.ended) end order by p.nth)
    from pairs p cross join nearest n where p.nth <> n.nth + 1);
end $$;

create function private.escalation_clock_changes() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  is_held constant boolean := new.status = 'on_hold';
  was_held constant boolean := old.status = 'on_hold';
  counts constant boolean := new.last_activity_at is distinct from old.last_activity_at and is_held = was_held;
begin
  if not private.is_open(new.status) then
    delete from private.escalation_clocks where work_order_id = new.id;
    return null;
  end if;
  insert into private.escalation_clocks as c (work_order_id, counts_from, held_since, urgent)
    values (new.id, new.last_activity_at, case when is_held then now() end, private.is_urgent(new.type, new.priority))
    on conflict (work_order_id) do update set
      counts_from = case when counts then new.last_activity_at else c.counts_from end,
      held = case
        when counts then '[]'
        when was_held and not is_held then private.fold_held(c.held || jsonb_build_array(jsonb_build_array(c.held_since, now())))
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

-- ------------------------------------------------------------------ in step with the rules

-- The clocks of a rule's work orders are looked at again when the rule changes, so that the next firing shows the new
-- deadlines. Chains that have begun keep the rule as it was. It runs once for all rows of a statement: `[{"warehouse_id",
-- "wo_type", "priority"}, …]`, where null stands for every one. The clocks are locked in the order of their work orders, as
-- everywhere, so that two changes cannot deadlock; no lock is wider than the work that is concerned.
create function private.escalation_looks_again(p_concerned jsonb) returns void
language plpgsql security definer set search_path = '' as $$
begin
  with concerned as materialized (
    select c.work_order_id from private.escalation_clocks c join public.work_orders w on w.id = c.work_order_id
    where exists (
      select from jsonb_to_recordset(p_concerned) as r(warehouse_id uuid, wo_type public.work_order_type, priority public.priority)
      where (r.warehouse_id is null or w.warehouse_id = r.warehouse_id)
        and (r.wo_type is null or w.type = r.wo_type)
        and (r.priority is null or w.priority = r.priority))
    order by c.work_order_id for no key update of c)
  update private.escalation_clocks c set check_at = 'epoch', version = c.version + 1
    from concerned where c.work_order_id = concerned.work_order_id;
end $$;

-- A new name of a rule changes no deadline.
create function private.escalation_rules_change() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  concerned jsonb;
begin
  if tg_op = 'UPDATE' then
    concerned := (select jsonb_agg(distinct jsonb_build_object(
        'warehouse_id', r.warehouse_id, 'wo_type', r.wo_type, 'priority', r.priority))
      from changed n join previous o on o.id = n.id, lateral (
        values (n.warehouse_id, n.wo_type, n.priority), (o.warehouse_id, o.wo_type, o.priority)) r(warehouse_id, wo_type, priority)
      where (to_jsonb(n) - '{name,version,updated_at}'::text[]) is distinct from (to_jsonb(o) - '{name,version,updated_at}'::text[]));
  else
    concerned := (select jsonb_agg(distinct jsonb_build_object(
        'warehouse_id', n.warehouse_id, 'wo_type', n.wo_type, 'priority', n.priority)) from changed n);
  end if;
  if concerned is not null then
    perform private.escalation_looks_again(concerned);
  end if;
  return null;
end $$;
create trigger rules_open after insert on public.escalation_rules
  referencing new table as changed for each statement execute function private.escalation_rules_change();
create trigger rules_change after update on public.escalation_rules
  referencing old table as previous new table as changed for each statement execute function private.escalation_rules_change();
create trigger rules_go after delete on public.escalation_rules
  referencing old table as changed for each statement execute function private.escalation_rules_change();

create function private.opening_hours_change() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  concerned constant jsonb := (select jsonb_agg(jsonb_build_object('warehouse_id', n.id)) from changed n join previous o on o.id = n.id
    where (n.time_zone, n.operating_hours) is distinct from (o.time_zone, o.operating_hours));
begin
  if concerned is not null then
    perform private.escalation_looks_again(concerned);
  end if;
  return null;
end $$;
create trigger opening_hours_change after update on public.warehouses
  referencing old table as previous new table as changed for each statement execute function private.opening_hours_change();

create function private.holidays_change() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  concerned jsonb;
begin
  if tg_op = 'UPDATE' then
    concerned := (select jsonb_agg(distinct jsonb_build_object('warehouse_id', warehouse_id)) from (
      (select n.warehouse_id, n.on_date from changed n except select o.warehouse_id, o.on_date from previous o)
      union all
      (select o.warehouse_id, o.on_date from previous o except select n.warehouse_id, n.on_date from changed n)) moved);
  else
    concerned := (select jsonb_agg(distinct jsonb_build_object('warehouse_id', n.warehouse_id)) from changed n);
  end if;
  if concerned is not null then
    perform private.escalation_looks_again(concerned);
  end if;
  return null;
end $$;
create trigger holidays_open after insert on public.holidays
  referencing new table as changed for each statement execute function private.holidays_change();
create trigger holidays_change after update on public.holidays
  referencing old table as previous new table as changed for each statement execute function private.holidays_change();
create trigger holidays_go after delete on public.holidays
  referencing old table as changed for each statement execute function private.holidays_change();

-- migrate:down
set local lock_timeout = '5s';
drop trigger holidays_go on public.holidays;
drop trigger holidays_change on public.holidays;
drop trigger holidays_open on public.holidays;
drop trigger opening_hours_change on public.warehouses;
drop trigger rules_go on public.escalation_rules;
drop trigger rules_change on public.escalation_rules;
drop trigger rules_open on public.escalation_rules;
drop trigger clock_changes on public.work_orders;
drop trigger clocks_start on public.work_orders;
drop table private.escalation_clocks;
drop function private.holidays_change();
drop function private.opening_hours_change();
drop function private.escalation_rules_change();
drop function private.escalation_looks_again(jsonb);
drop function private.escalation_clock_changes();
drop function private.fold_held(jsonb);
drop function private.escalation_clocks_start();
