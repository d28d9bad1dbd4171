-- migrate:up
-- Work orders, their checklists, and the outbox that tells of every change someone should hear of.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create type public.work_order_type as enum ('preventive', 'corrective', 'emergency');
create type public.work_order_status as enum
  ('new', 'assigned', 'in_progress', 'on_hold', 'completed', 'verified', 'closed', 'cancelled');
create type public.hold_reason as enum ('parts', 'vendor', 'access', 'approval', 'other');
create type public.checklist_state as enum ('pending', 'done', 'skipped', 'issue');
create type public.event_kind as enum ('wo_assigned', 'wo_escalation', 'wo_overdue', 'wo_completed', 'wo_comment',
  'missed_pm', 'part_low_stock', 'part_out_of_stock', 'document_expiring', 'request_received', 'system_alert');

create table public.work_orders (
  id uuid primary key default private.uuidv7(),
  seq bigint generated always as identity unique,
  number text not null generated always as ('WO-' || lpad(seq::text, greatest(6, length(seq::text)), '0')) stored,
  fo_number text,
  type public.work_order_type not null,
  title text not null check (length(title) between 1 and 200),
  description text not null default '' check (length(description) <= 10000),
  area text,
  asset_model text,
  equipment_id uuid,
  status public.work_order_status not null default 'new',
  priority public.priority not null default 'medium',
  requested_by uuid references public.profiles (id),
  assigned_to uuid references public.profiles (id),
  warehouse_id uuid not null references public.warehouses (id),
  due_at timestamptz,
  response_due_at timestamptz,
  resolution_due_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  completed_by uuid references public.profiles (id),
  verified_by uuid references public.profiles (id),
  hold_reason public.hold_reason,
  follow_up boolean not null default false,
  parent_id uuid,
  escalated boolean not null default false,
  escalation_level smallint not null default 0 check (escalation_level >= 0),
  escalated_at timestamptz,
  acknowledged_by uuid references public.profiles (id),
  -- Until then escalation waits: someone has seen it.
  acknowledged_until timestamptz,
  last_activity_at timestamptz not null default now(),
  archived_at timestamptz,
  custom_fields jsonb not null default '{}' check (jsonb_typeof(custom_fields) = 'object'),
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
  constraint work_orders_escalated_to_a_level check
    (escalated = (escalation_level > 0) and escalated = (escalated_at is not null))
);
create index work_orders_by_assignee on public.work_orders (assigned_to, status)
  where status not in ('closed', 'cancelled');
create index work_orders_by_warehouse on public.work_orders (warehouse_id, id desc) where archived_at is null;
create index work_orders_by_requester on public.work_orders (requested_by);
create index work_orders_by_equipment on public.work_orders (equipment_id);
create index work_orders_by_parent on public.work_orders (parent_id);
-- What the archive sweep reads.
create index work_orders_ended on public.work_orders (updated_at)
  where status in ('closed', 'cancelled') and archived_at is null;

create table public.checklist_items (
  id uuid primary key default private.uuidv7(),
  work_order_id uuid not null references public.work_orders (id) on delete cascade,
  position smallint not null check (position > 0),
  component text not null,
  action text not null check (action <> ''),
  state public.checklist_state not null default 'pending',
  notes text not null default '',
  custom_fields jsonb not null default '{}' check (jsonb_typeof(custom_fields) = 'object'),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (work_order_id, position)
);

-- The outbox: written in the transaction of the change it tells of, turned into notifications afterwards.
create table public.events (
  id uuid primary key default private.uuidv7(),
  kind public.event_kind not null,
  warehouse_id uuid references public.warehouses (id),
  work_order_id uuid references public.work_orders (id) on delete cascade,
  actor_id uuid references public.profiles (id),
  details jsonb not null default '{}',
  created_at timestamptz not null default now(),
  expanded_at timestamptz
);
create index events_by_work_order on public.events (work_order_id);
create index events_waiting on public.events (id) where expanded_at is null;
alter table public.events enable row level security;

create trigger touch before update on public.work_orders for each row execute function private.touch();
create trigger touch before update on public.checklist_items for each row execute function private.touch();

-- Work is given to those who do it or lead it, where it is done.
create function private.can_be_assigned(p_profile uuid, p_warehouse uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select from public.profiles p where p.id = p_profile and p.active
    and (p.role in ('manager', 'admin')
      or (p.warehouse_id = p_warehouse and p.role in ('technician', 'supervisor', 'contractor'))))
$$;

-- What a client need not say, or may not: whose it is, where, and that assigning makes it `assigned`.
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

-- After the row, so that row level security is asked first. Told as what it is to the caller: here, there is no such
-- person to give work to.
create function private.assignee_fits() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if not private.can_be_assigned(new.assigned_to, new.warehouse_id) then
    perform private.no_such('work_orders', 'assigned_to');
  end if;
  return null;
end $$;
create trigger assignee_fits after insert or update of assigned_to on public.work_orders for each row
  when (new.assigned_to is not null) execute function private.assignee_fits();

-- Once per statement, so that a job's thousand work orders cost one insert here.
create function private.work_orders_tell() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.events (kind, warehouse_id, work_order_id, actor_id)
    select 'wo_assigned'::public.event_kind, n.warehouse_id, n.id, auth.uid() from opened n where n.assigned_to is not null
    union all
    select 'request_received', n.warehouse_id, n.id, auth.uid() from opened n
      where n.assigned_to is null and n.type <> 'preventive';
  return null;
end $$;
create trigger tell after insert on public.work_orders
  referencing new table as opened for each statement execute function private.work_orders_tell();

create function private.work_orders_tell_changes() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.events (kind, warehouse_id, work_order_id, actor_id)
    select 'wo_assigned'::public.event_kind, n.warehouse_id, n.id, auth.uid()
    from changed n join previous o on o.id = n.id
    where n.assigned_to is not null and n.assigned_to is distinct from o.assigned_to
    union all
    select 'wo_completed', n.warehouse_id, n.id, auth.uid()
    from changed n join previous o on o.id = n.id
    where n.status = 'completed' and o.status <> 'completed';
  return null;
end $$;
create trigger tell_changes after update on public.work_orders
  referencing old table as previous new table as changed
  for each statement execute function private.work_orders_tell_changes();

alter table public.work_orders enable row level security;
create policy work_orders_read on public.work_orders for select to authenticated
  using ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse()) and case (select private.my_role())
      when 'technician' then true
      when 'supervisor' then true
      when 'inventory_clerk' then true
      when 'contractor' then assigned_to = (select auth.uid())
      when 'requester' then requested_by = (select auth.uid())
      else false end));
create policy work_orders_open on public.work_orders for insert to authenticated
  with check (requested_by = (select auth.uid()) and ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse()) and case (select private.my_role())
      when 'supervisor' then true
      when 'technician' then assigned_to is null or assigned_to = (select auth.uid())
      when 'requester' then assigned_to is null
      else false end)));
grant select on public.work_orders to authenticated;
-- Column by column: to name any other one is refused, not ignored.
grant insert (id, fo_number, type, title, description, area, asset_model, equipment_id, priority, assigned_to,
  warehouse_id, due_at, parent_id, custom_fields) on public.work_orders to authenticated;

alter table public.checklist_items enable row level security;
create policy checklist_items_read on public.checklist_items for select to authenticated
  using (exists (select from public.work_orders w where w.id = work_order_id));
grant select on public.checklist_items to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop table public.events;
drop table public.checklist_items;
drop table public.work_orders;
drop function private.work_orders_tell_changes();
drop function private.work_orders_tell();
drop function private.assignee_fits();
drop function private.work_order_opens();
drop function private.can_be_assigned(uuid, uuid);
drop type public.event_kind;
drop type public.checklist_state;
drop type public.hold_reason;
drop type public.work_order_status;
drop type public.work_order_type;
