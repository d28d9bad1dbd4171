-- migrate:up
-- Machines: where they are, which machine they are part of, and the label that is stuck on them.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create type public.priority as enum ('low', 'medium', 'high', 'critical');
create type public.equipment_status as enum ('active', 'inactive', 'maintenance', 'retired', 'disposed');

-- It is there to work, even if it is being maintained now.
create function private.is_in_service(p_status public.equipment_status) returns boolean language sql immutable parallel safe
  return p_status in ('active', 'maintenance');
grant execute on function private.is_in_service(public.equipment_status) to authenticated;

-- 128 random bits, in 22 characters that need no escaping in a URL.
create function private.scan_token() returns text language sql volatile security definer set search_path = '' as $$
  select rtrim(translate(encode(extensions.gen_random_bytes(16), 'base64'), '+/', '-_'), '=')
$$;
grant execute on function private.scan_token() to authenticated;

-- Other triggers on it: schedules that follow it (pm_schedule_upkeep), changes of status (machine_history), sync (sync_changes).
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
  parent_id uuid,
  -- The number of machines around it.
  depth smallint not null default 0 check (depth between 0 and 9),
  installed_on date,
  purchased_on date,
  purchase_cost numeric(14, 2) check (purchase_cost >= 0),
  warranty_until date,
  custom_fields jsonb not null default '{}' check (jsonb_typeof(custom_fields) = 'object'),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- The token in its label's address. Only the database makes one, so no client is granted to write it.
  scan_token text not null unique default private.scan_token() check (scan_token ~ '^[A-Za-z0-9_-]{22}$'),
  search tsvector not null generated always as (to_tsvector('simple',
    asset_tag || ' ' || name || ' ' || model || ' ' || coalesce(manufacturer, '') || ' ' || coalesce(serial_number, '')
    || ' ' || coalesce(fo_number, '') || ' ' || coalesce(area, ''))) stored,
  -- The target of foreign keys that must not leave the warehouse.
  unique (id, warehouse_id),
  constraint equipment_parent_id_fkey foreign key (parent_id, warehouse_id)
    references public.equipment (id, warehouse_id)
);
create index equipment_in_service on public.equipment (warehouse_id, status) where status = 'active';
create index equipment_by_model on public.equipment (model);
create index equipment_by_parent on public.equipment (parent_id) where parent_id is not null;
create index equipment_by_words on public.equipment using gin (search);

-- Work orders come later, so the body of this function is checked when it first runs.
set local check_function_bodies = off;

-- True if a work order of this machine is assigned to the caller, or the caller is in its crew.
create function private.is_my_machine(p_equipment uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select from public.work_orders w where w.equipment_id = p_equipment
    and (w.assigned_to = (select auth.uid()) or private.is_in_crew(w.id)))
$$;
grant execute on function private.is_my_machine(uuid) to authenticated;
set local check_function_bodies = on;

call private.serve('public.equipment');
create policy equipment_read on public.equipment for select to authenticated
  using ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse()) and case (select private.my_role())
      when 'technician' then true
      when 'supervisor' then true
      when 'inventory_clerk' then true
      when 'contractor' then private.is_my_machine(id)
      else false end));
create policy equipment_open on public.equipment for insert to authenticated
  with check ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse()) and (select private.my_role()) = 'supervisor'));
create policy equipment_change on public.equipment for update to authenticated
  using (private.is_one_of(warehouse_id, 'supervisor', 'technician'));
create trigger at_home before insert on public.equipment for each row execute function private.at_home();
grant insert (id, asset_tag, fo_number, name, model, manufacturer, serial_number, area, warehouse_id, status,
  criticality, parent_id, installed_on, purchased_on, purchase_cost, warranty_until, custom_fields)
  on public.equipment to authenticated;
grant update (asset_tag, fo_number, name, model, manufacturer, serial_number, area, status, criticality, parent_id,
  installed_on, purchased_on, purchase_cost, warranty_until, custom_fields) on public.equipment to authenticated;
create trigger technicians_change_status after update on public.equipment for each row
  when (auth.uid() is not null) execute function private.only_columns('technician', 'status');

-- ------------------------------------------------------------------ machines inside machines

create function private.equipment_depth() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  new.depth := coalesce((select p.depth + 1 from public.equipment p where p.id = new.parent_id), 0);
  return new;
end $$;
create trigger depth before insert or update of parent_id on public.equipment
  for each row execute function private.equipment_depth();

-- Sets the depth of all machines inside, and refuses a machine inside of itself.
create function private.equipment_moves() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if exists (
    with recursive above (id, parent_id) as (
      select e.id, e.parent_id from public.equipment e where e.id = new.parent_id
      union
      select e.id, e.parent_id from public.equipment e join above on e.id = above.parent_id)
    select from above where id = new.id) then
    perform private.refuse('inside_itself', 'a machine cannot be inside of itself');
  end if;
  with recursive inside (id, depth) as (
    select e.id, new.depth + 1 from public.equipment e where e.parent_id = new.id
    union all
    select e.id, inside.depth + 1 from public.equipment e join inside on e.parent_id = inside.id)
  update public.equipment e set depth = inside.depth from inside where e.id = inside.id and e.depth <> inside.depth;
  return null;
end $$;
create trigger moves after update of parent_id on public.equipment for each row
  when (new.parent_id is distinct from old.parent_id) execute function private.equipment_moves();

-- ------------------------------------------------------------------ meters and stops

-- A meter or a stop belongs to the warehouse of its machine.
create function private.at_machine() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  new.warehouse_id := (select e.warehouse_id from public.equipment e where e.id = new.equipment_id);
  if new.warehouse_id is null then
    perform private.no_such(tg_table_name, 'equipment_id');
  end if;
  return new;
end $$;

-- migrate:down
set local lock_timeout = '5s';
drop table public.equipment;
drop function private.at_machine();
drop function private.equipment_moves();
drop function private.equipment_depth();
drop function private.is_my_machine(uuid);
drop function private.scan_token();
drop function private.is_in_service(public.equipment_status);
drop type public.equipment_status;
drop type public.priority;
