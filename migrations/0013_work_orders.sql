-- migrate:up
-- Work orders. Their moves are in lifecycle, their crew and checklist in crew_and_checklist.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create domain public.work_order_type as text check (value in ('preventive', 'corrective', 'emergency'));
create domain public.work_order_status as text check (value in ('new', 'assigned', 'in_progress', 'on_hold', 'completed', 'verified', 'closed', 'cancelled'));
create type public.hold_reason as enum ('parts', 'vendor', 'access', 'approval', 'other');

create sequence private.work_order_numbers;
grant usage on sequence private.work_order_numbers to authenticated;

-- Words for sets of statuses. They are inlined where they are used, so no index is lost. A constraint or an index must keep
-- a literal list: it would not follow a function that changes.
--
-- Nobody has begun.
create function private.is_untouched(p_status public.work_order_status) returns boolean language sql immutable parallel safe
  return p_status in ('new', 'assigned');
grant execute on function private.is_untouched(public.work_order_status) to authenticated;

-- There is work to do.
create function private.is_open(p_status public.work_order_status) returns boolean language sql immutable parallel safe
  return p_status in ('new', 'assigned', 'in_progress', 'on_hold');
grant execute on function private.is_open(public.work_order_status) to authenticated;

-- The work was done.
create function private.is_done(p_status public.work_order_status) returns boolean language sql immutable parallel safe
  return p_status in ('completed', 'verified', 'closed');
grant execute on function private.is_done(public.work_order_status) to authenticated;

-- No move leads on from here.
create function private.is_ended(p_status public.work_order_status) returns boolean language sql immutable parallel safe
  return p_status in ('closed', 'cancelled');
grant execute on function private.is_ended(public.work_order_status) to authenticated;

-- Nothing but comments and files is added to it, changed or removed.
create function private.is_frozen(p_status public.work_order_status) returns boolean language sql immutable parallel safe
  return p_status in ('verified', 'closed', 'cancelled');
grant execute on function private.is_frozen(public.work_order_status) to authenticated;

-- Work that waits for nothing.
create function private.is_urgent(p_type public.work_order_type, p_priority public.priority) returns boolean
language sql immutable parallel safe
  return p_type = 'emergency' or p_priority = 'critical';
grant execute on function private.is_urgent(public.work_order_type, public.priority) to authenticated;

-- Other triggers on it: the outbox (events), moves and time that stops (lifecycle), history (history), signatures
-- (attachments), schedules (pm_schedules), escalation (escalation_clocks), sync (sync_changes).
create table public.work_orders (
  id uuid primary key default private.uuidv7(),
  number text not null unique default 'WO-' || to_char(nextval('private.work_order_numbers'), 'FM999999000000'),
  fo_number text check (private.is_line(fo_number, 50)),
  type public.work_order_type not null,
  title text not null check (private.is_line(title, 200) and title <> ''),
  description text not null default '' check (private.is_prose(description, 10000)),
  area text check (private.is_line(area, 100)),
  asset_model text check (private.is_line(asset_model, 100)),
  equipment_id uuid,
  status public.work_order_status not null default 'new',
  priority public.priority not null default 'medium',
  requested_by uuid references public.profiles (id),
  -- The name and contact of a reporter without an account, in their own words.
  reporter_name text check (private.is_line(reporter_name, 100) and reporter_name <> ''),
  reporter_contact text check (private.is_line(reporter_contact, 200) and reporter_contact <> ''),
  assigned_to uuid references public.profiles (id),
  vendor_id uuid references public.vendors (id),
  warehouse_id uuid not null references public.warehouses (id),
  due_at timestamptz check (private.is_moment(due_at)),
  response_due_at timestamptz,
  resolution_due_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  completed_by uuid references public.profiles (id),
  -- Who signed for it when it was completed, perhaps someone without an account, and the attachment that they drew
  -- (attachments).
  signature_name text check (private.is_line(signature_name, 100) and signature_name <> ''),
  signature_id uuid,
  verified_by uuid references public.profiles (id),
  hold_reason public.hold_reason,
  -- The note of the last move: the reason for reopening, cancelling or holding it.
  status_note text not null default '' check (private.is_prose(status_note, 1000)),
  follow_up boolean not null default false,
  parent_id uuid,
  escalated boolean not null default false,
  escalation_level smallint not null default 0 check (escalation_level >= 0),
  escalated_at timestamptz,
  acknowledged_by uuid references public.profiles (id),
  -- Escalation waits until then.
  acknowledged_until timestamptz check (private.is_moment(acknowledged_until)),
  last_activity_at timestamptz not null default now(),
  archived_at timestamptz,
  custom_fields jsonb not null default '{}'
    check (private.is_json(custom_fields) and jsonb_typeof(custom_fields) = 'object'),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint work_orders_equipment_id_fkey foreign key (equipment_id, warehouse_id)
    references public.equipment (id, warehouse_id),
  -- The target of foreign keys that must not leave the warehouse.
  unique (id, warehouse_id),
  constraint work_orders_parent_id_fkey foreign key (parent_id, warehouse_id)
    references public.work_orders (id, warehouse_id),
  constraint work_orders_assigned_to_someone check
    (assigned_to is not null or status not in ('assigned', 'in_progress', 'on_hold')),
  constraint work_orders_held_for_a_reason check ((status = 'on_hold') = (hold_reason is not null)),
  constraint work_orders_completed_by_someone check
    (status not in ('completed', 'verified', 'closed') or (completed_at is not null and completed_by is not null)),
  constraint work_orders_signed_when_done check
    (signature_name is null or status in ('completed', 'verified', 'closed')),
  constraint work_orders_signatures_have_a_name check (signature_id is null or signature_name is not null),
  constraint work_orders_escalated_to_a_level check
    (escalated = (escalation_level > 0) and escalated = (escalated_at is not null))
);
create index work_orders_by_assignee on public.work_orders (assigned_to, status)
  where status not in ('closed', 'cancelled');
-- The orders and filters of lists, in one warehouse and in all.
create index work_orders_by_warehouse on public.work_orders (warehouse_id, id desc) where archived_at is null;
create index work_orders_newest on public.work_orders (id desc) where archived_at is null;
create index work_orders_by_due on public.work_orders (private.or_never(due_at), id) where archived_at is null;
create index work_orders_by_due_there on public.work_orders (warehouse_id, private.or_never(due_at), id)
  where archived_at is null;
-- What is to be done, the most urgent date first: few among all that has one.
create index work_orders_open_by_due_there on public.work_orders (warehouse_id, private.or_never(due_at), id)
  where archived_at is null and status in ('new', 'assigned', 'in_progress', 'on_hold');
create index work_orders_open_by_due on public.work_orders (private.or_never(due_at), id)
  where archived_at is null and status in ('new', 'assigned', 'in_progress', 'on_hold');
-- The same of one person, for what they do next.
create index work_orders_open_of_assignee on public.work_orders (assigned_to, private.or_never(due_at), id)
  where archived_at is null and status in ('new', 'assigned', 'in_progress', 'on_hold');
create index work_orders_by_status on public.work_orders (status, id desc) where archived_at is null;
create index work_orders_by_status_there on public.work_orders (warehouse_id, status, id desc) where archived_at is null;
create index work_orders_by_urgency on public.work_orders (private.urgency(priority), id) where archived_at is null;
create index work_orders_by_urgency_there on public.work_orders (warehouse_id, private.urgency(priority), id)
  where archived_at is null;
-- A person's own, newest first. `archived_at is null` is a column of its own: after a null in `archived_at` itself the
-- planner does not see that the rows are in the order of `id`.
create index work_orders_of_assignee on public.work_orders (assigned_to, (archived_at is null), id desc)
  include (equipment_id);
create index work_orders_by_requester on public.work_orders (requested_by, (archived_at is null), id desc);
create index work_orders_by_equipment on public.work_orders (equipment_id);
create index work_orders_by_fo_number on public.work_orders (fo_number) where fo_number is not null;
create index work_orders_escalated on public.work_orders (id desc) where escalated and archived_at is null;
create index work_orders_escalated_there on public.work_orders (warehouse_id, id desc) where escalated and archived_at is null;
-- Escalated, and someone has to say that they know.
create index work_orders_escalated_open_there on public.work_orders (warehouse_id, id desc)
  where escalated and archived_at is null and status in ('new', 'assigned', 'in_progress');
create index work_orders_that_follow_up on public.work_orders (id desc) where follow_up and archived_at is null;
create index work_orders_that_follow_up_there on public.work_orders (warehouse_id, id desc)
  where follow_up and archived_at is null;
create index work_orders_by_parent on public.work_orders (parent_id);
create index work_orders_by_vendor on public.work_orders (vendor_id) where vendor_id is not null;

-- The archive sweep reads this one.
create index work_orders_ended on public.work_orders (updated_at)
  where status in ('closed', 'cancelled') and archived_at is null;
-- All that reports and row level security read, in the order of completion, with open work at the end: a report over a year
-- reads no row of the table itself.
create index work_orders_for_reports on public.work_orders (warehouse_id, private.or_never(completed_at))
  include (id, created_at, updated_at, type, status, requested_by, equipment_id, assigned_to, due_at, started_at, completed_at,
    asset_model);
create index work_orders_by_words on public.work_orders using gin (warehouse_id,
  private.words(array[number, fo_number, asset_model], array[title, description, area]))
  where archived_at is null;
-- How common a word is. Of an index over a part of the rows the planner does not know it.
create statistics public.work_orders_with_words on
  (private.words(array[number, fo_number, asset_model], array[title, description, area])) from public.work_orders;

-- Columns of work orders to the gateway, which lists are ordered by: one without a due date is due last.
create function public.due_or_never(public.work_orders) returns timestamptz
language sql immutable as $$ select private.or_never($1.due_at) $$;
create function public.urgency(public.work_orders) returns integer
language sql immutable as $$ select private.urgency($1.priority) $$;
-- True if there is work to do, and should be none any more.
create function public.overdue(public.work_orders) returns boolean language sql stable as $$
  select private.is_open($1.status) and private.or_never($1.due_at) < now()
$$;
grant execute on function public.due_or_never(public.work_orders), public.urgency(public.work_orders),
  public.overdue(public.work_orders) to authenticated;

-- ------------------------------------------------------------------ the caller's part in a work order

-- The crew comes later, so the bodies of these functions are checked when they first run.
set local check_function_bodies = off;

-- The work orders that the caller works along on; none for someone who is not active.
create function private.my_crews() returns setof uuid
language sql stable security definer set search_path = '' rows 10 as $$
  select c.work_order_id from public.work_order_crew c where private.my_role() is not null and c.profile_id = auth.uid()
$$;
grant execute on function private.my_crews() to authenticated;

-- The work orders of a contractor or a requester, archived ones too.
create function private.my_work() returns setof uuid
language sql stable security definer set search_path = '' rows 100 as $$
  select w.id from public.work_orders w
    where private.my_role() = 'requester' and w.requested_by = auth.uid()
  union
  select w.id from public.work_orders w
    where private.my_role() = 'contractor' and w.assigned_to = auth.uid()
  union
  select c.work_order_id from public.work_order_crew c where private.my_role() = 'contractor' and c.profile_id = auth.uid()
$$;
grant execute on function private.my_work() to authenticated;

-- True if the caller leads there, is assigned, or is in the crew.
create function private.works_on(p_work_order uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select from public.work_orders w where w.id = p_work_order
    and (private.is_one_of(w.warehouse_id, 'supervisor')
      or (private.is_one_of(w.warehouse_id, 'technician', 'contractor')
        and (w.assigned_to = (select auth.uid()) or exists (select from public.work_order_crew c
          where c.work_order_id = w.id and c.profile_id = (select auth.uid()))))))
$$;
grant execute on function private.works_on(uuid) to authenticated;
set local check_function_bodies = on;

-- True if the caller leads in the warehouse of the work order.
create function private.leads(p_work_order uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select from public.work_orders w where w.id = p_work_order
    and private.is_one_of(w.warehouse_id, 'supervisor'))
$$;
grant execute on function private.leads(uuid) to authenticated;

alter table public.work_orders enable row level security;
call private.take_keys('public.work_orders');
create policy work_orders_read on public.work_orders for select to authenticated
  using ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse())
      and (private.sees_own_warehouse((select private.my_role()))
        or ((select private.my_role()) = 'requester' and requested_by = (select auth.uid()))
        or ((select private.my_role()) = 'contractor'
          and (assigned_to = (select auth.uid()) or id in (select private.my_crews()))))));
create policy work_orders_open on public.work_orders for insert to authenticated
  with check (requested_by = (select auth.uid()) and ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse()) and case (select private.my_role())
      when 'supervisor' then true
      when 'technician' then assigned_to is null or assigned_to = (select auth.uid())
      -- They report what broke; work is planned by others.
      when 'requester' then assigned_to is null and type <> 'preventive'
      else false end)));
create policy work_orders_change on public.work_orders for update to authenticated
  using (private.works_on(id)
    or (status = 'new' and warehouse_id = (select private.my_warehouse()) and case (select private.my_role())
      when 'technician' then assigned_to is null
      when 'requester' then requested_by = (select auth.uid())
      else false end))
  -- People who do not work on it may only take it, or cancel their own request.
  with check (private.works_on(id) or assigned_to = (select auth.uid())
    or (status = 'cancelled' and requested_by = (select auth.uid())));
grant select on public.work_orders to authenticated;
-- Listed column by column: a write that names any other column is refused, not ignored.
grant insert (id, fo_number, type, title, description, area, asset_model, equipment_id, priority, assigned_to, vendor_id,
  warehouse_id, due_at, parent_id, custom_fields) on public.work_orders to authenticated;
grant update (fo_number, title, description, area, asset_model, equipment_id, status, priority, assigned_to, vendor_id,
  due_at, signature_name, signature_id, hold_reason, status_note, parent_id, acknowledged_until, custom_fields) on public.work_orders to authenticated;
-- Requesters know a machine by its label, and see none: the key alone keeps it in the warehouse.
call private.fence('public.work_orders', 'equipment_id');
call private.forbid_circles('public.work_orders', 'a work order cannot be part of itself');
create trigger workers_describe after update on public.work_orders for each row
  when (auth.uid() is not null) execute function private.only_columns('technician contractor',
    'description area asset_model custom_fields last_activity_at status status_note assigned_to hold_reason started_at '
    'completed_at completed_by signature_name signature_id verified_by acknowledged_by acknowledged_until');
create trigger requesters_cancel after update on public.work_orders for each row
  when (auth.uid() is not null) execute function private.only_columns('requester',
    'status status_note acknowledged_by acknowledged_until');

-- ------------------------------------------------------------------ ways into the list

-- The list of a contractor or a requester, who see few of the work orders of their warehouse. Each part is read from an
-- index, in the usual order of the list, so a page of that needs no more than its own rows.
create function public.own_work_orders() returns setof public.work_orders language sql stable as $$
  (select w.* from public.work_orders w
    where (select private.my_role()) = 'requester' and w.requested_by = auth.uid() order by w.id desc)
  union all
  (select w.* from public.work_orders w
    where (select private.my_role()) = 'contractor' and w.assigned_to = auth.uid() order by w.id desc)
  union all
  (select w.* from public.work_orders w
    where (select private.my_role()) = 'contractor' and w.assigned_to is distinct from auth.uid()
      and w.id = any (array(select private.my_crews())) order by w.id desc)
$$;

-- The current work orders that words are found in, as far as the caller works there; as with machines (equipment).
create function private.work_orders_with(q text, first jsonb) returns setof uuid
language plpgsql stable security definer set search_path = '' rows 100 as $$
begin
  return query select * from private.found('public.work_orders',
    'private.words(array[w.number, w.fo_number, w.asset_model], array[w.title, w.description, w.area])',
    case when private.sees_every_warehouse() then 'w.archived_at is null'
      else format('w.archived_at is null and w.warehouse_id = %L', private.my_warehouse()) end,
    case when not private.sees_all(private.my_role()) and not private.sees_own_warehouse(private.my_role())
      then 'private.my_work()' end,
    q, first);
end $$;
create function public.find_work_orders(q text, first jsonb default '{}') returns setof public.work_orders
language plpgsql stable set search_path = '' rows 100 as $$
begin
  return query select w.* from public.work_orders w where w.id = any (array(select private.work_orders_with(q, first)));
end $$;
grant execute on function public.own_work_orders(), private.work_orders_with(text, jsonb),
  public.find_work_orders(text, jsonb) to authenticated;

-- ------------------------------------------------------------------ columns that the database fills in

-- Fills in the requester and the warehouse where the client may leave them out; assigning a new work order makes it
-- `assigned`.
create function private.work_order_opens() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  new.requested_by := coalesce(new.requested_by, auth.uid());
  new.warehouse_id := coalesce(new.warehouse_id, private.my_warehouse());
  if new.status = 'new' and new.assigned_to is not null then
    new.status := 'assigned';
  end if;
  return new;
end $$;
create trigger opens before insert on public.work_orders for each row execute function private.work_order_opens();

-- Runs after the row is written, so that row level security is asked first. An assignee who does not fit is reported as
-- one who does not exist, which is how it is for the caller.
create function private.assignee_fits() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if not private.can_be_assigned(new.assigned_to, new.warehouse_id) then
    perform private.no_such('work_orders', 'assigned_to');
  end if;
  return null;
end $$;
create trigger assignee_fits after insert or update of assigned_to on public.work_orders for each row
  when (new.assigned_to is not null) execute function private.assignee_fits();

-- A new `last_activity_at`, or a deadline that follows from it, is no new version: the person who edits the work order
-- need not read it again.
create function private.touch_work_order() returns trigger language plpgsql set search_path = '' as $$
declare
  aside constant text[] := array['last_activity_at', 'response_due_at', 'resolution_due_at'];
begin
  if (new.last_activity_at, new.response_due_at, new.resolution_due_at)
      is distinct from (old.last_activity_at, old.response_due_at, old.resolution_due_at)
      and to_jsonb(new) - aside = to_jsonb(old) - aside then
    return new;
  end if;
  new.version := old.version + 1;
  new.updated_at := now();
  return new;
end $$;
create trigger touch before update on public.work_orders for each row execute function private.touch_work_order();

-- migrate:down
set local lock_timeout = '5s';
drop function public.find_work_orders(text, jsonb);
drop function private.work_orders_with(text, jsonb);
drop function public.own_work_orders();
drop function public.overdue(public.work_orders);
drop function public.urgency(public.work_orders);
drop function public.due_or_never(public.work_orders);
drop policy work_orders_read on public.work_orders;
drop table public.work_orders;
drop sequence private.work_order_numbers;
drop function private.my_work();
drop function private.my_crews();
drop function private.touch_work_order();
drop function private.assignee_fits();
drop function private.work_order_opens();
drop function private.works_on(uuid);
drop function private.leads(uuid);
drop function private.is_urgent(public.work_order_type, public.priority);
drop function private.is_frozen(public.work_order_status);
drop function private.is_ended(public.work_order_status);
drop function private.is_done(public.work_order_status);
drop function private.is_open(public.work_order_status);
drop function private.is_untouched(public.work_order_status);
drop type public.hold_reason;
drop domain public.work_order_status;
drop domain public.work_order_type;
