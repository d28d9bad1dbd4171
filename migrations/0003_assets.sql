-- migrate:up
-- What is maintained, and what it is maintained with.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create type public.priority as enum ('low', 'medium', 'high', 'critical');
create type public.equipment_status as enum ('active', 'inactive', 'maintenance', 'retired', 'disposed');

create table public.equipment (
  id uuid primary key default private.uuidv7(),
  asset_tag text not null unique check (asset_tag <> ''),
  fo_number text,
  name text not null check (name <> ''),
  model text not null,
  manufacturer text,
  serial_number text,
  area text,
  warehouse_id uuid not null references public.warehouses (id),
  status public.equipment_status not null default 'active',
  criticality public.priority not null default 'medium',
  installed_on date,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- The target of foreign keys that must not leave the warehouse.
  unique (id, warehouse_id)
);
create index equipment_in_service on public.equipment (warehouse_id, status) where status = 'active';
create index equipment_by_model on public.equipment (model);

create table public.parts (
  id uuid primary key default private.uuidv7(),
  warehouse_id uuid not null references public.warehouses (id),
  part_number text not null check (part_number <> ''),
  name text not null check (name <> ''),
  bin text,
  on_hand integer not null default 0 check (on_hand >= 0),
  reserved integer not null default 0 check (reserved between 0 and on_hand),
  reorder_point integer not null default 0 check (reorder_point >= 0),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (warehouse_id, part_number)
);

create trigger touch before update on public.equipment for each row execute function private.touch();
create trigger touch before update on public.parts for each row execute function private.touch();

alter table public.equipment enable row level security;
create policy equipment_read on public.equipment for select to authenticated
  using ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse())
      and (select private.my_role()) in ('technician', 'supervisor', 'inventory_clerk')));
grant select on public.equipment to authenticated;

alter table public.parts enable row level security;
create policy parts_read on public.parts for select to authenticated
  using ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse())
      and (select private.my_role()) in ('technician', 'supervisor', 'inventory_clerk')));
grant select on public.parts to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop table public.parts;
drop table public.equipment;
drop type public.equipment_status;
drop type public.priority;
