-- migrate:up
-- The outbox: a row for every change that someone should hear of, written in the transaction of the change, and turned
-- into notifications afterwards.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create type public.event_kind as enum ('wo_assigned', 'wo_escalation', 'wo_overdue', 'wo_completed', 'wo_comment',
  'missed_pm', 'part_low_stock', 'part_out_of_stock', 'document_expiring', 'request_received', 'system_alert');

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

-- migrate:down
set local lock_timeout = '5s';
drop trigger tell_changes on public.work_orders;
drop trigger tell on public.work_orders;
drop table public.events;
drop function private.work_orders_tell_changes();
drop function private.work_orders_tell();
drop type public.event_kind;
