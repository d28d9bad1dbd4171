-- migrate:up
-- More of a machine: what it is part of, what it cost, when it stood still, and what its meters say.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- ------------------------------------------------------------------ machines

alter table public.equipment
  add column parent_id uuid,
  -- How many machines it is inside of.
  add column depth smallint not null default 0 check (depth between 0 and 9),
  add column purchased_on date,
  add column purchase_cost numeric(14, 2) check (purchase_cost >= 0),
  add column warranty_until date,
  add column custom_fields jsonb not null default '{}' check (jsonb_typeof(custom_fields) = 'object'),
  add constraint equipment_parent_id_fkey foreign key (parent_id, warehouse_id)
    references public.equipment (id, warehouse_id);
create index equipment_by_parent on public.equipment (parent_id) where parent_id is not null;

create function private.equipment_depth() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  new.depth := coalesce((select p.depth + 1 from public.equipment p where p.id = new.parent_id), 0);
  return new;
end $$;
create trigger depth before insert or update of parent_id on public.equipment
  for each row execute function private.equipment_depth();

-- Moves what is inside along, and refuses a machine inside of itself.
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

-- Whether it is the machine of a work order that is the caller's.
create function private.is_my_machine(p_equipment uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select from public.work_orders w where w.equipment_id = p_equipment
    and (w.assigned_to = (select auth.uid()) or private.is_in_crew(w.id)))
$$;
grant execute on function private.is_my_machine(uuid) to authenticated;

drop policy equipment_read on public.equipment;
create policy equipment_read on public.equipment for select to authenticated
  using ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse()) and case (select private.my_role())
      when 'technician' then true
      when 'supervisor' then true
      when 'inventory_clerk' then true
      when 'contractor' then private.is_my_machine(id)
      else false end));
drop policy equipment_change on public.equipment;
create policy equipment_change on public.equipment for update to authenticated
  using (private.is_one_of(warehouse_id, 'supervisor', 'technician'));
create trigger technicians_change_status after update on public.equipment for each row
  when (auth.uid() is not null) execute function private.only_columns('technician', 'status');
grant insert (parent_id, purchased_on, purchase_cost, warranty_until, custom_fields) on public.equipment to authenticated;
grant update (parent_id, purchased_on, purchase_cost, warranty_until, custom_fields) on public.equipment to authenticated;

-- What hangs on a machine is where the machine is.
create function private.at_machine() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  new.warehouse_id := (select e.warehouse_id from public.equipment e where e.id = new.equipment_id);
  if new.warehouse_id is null then
    perform private.no_such(tg_table_name, 'equipment_id');
  end if;
  return new;
end $$;
revoke execute on function private.equipment_depth(), private.equipment_moves(), private.is_my_machine(uuid),
  private.at_machine() from public;

-- ------------------------------------------------------------------ downtime

create table public.downtime_intervals (
  id uuid primary key default private.uuidv7(),
  equipment_id uuid not null,
  warehouse_id uuid not null,
  work_order_id uuid,
  planned boolean not null default false,
  reason text not null default '',
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint downtime_intervals_equipment_id_fkey foreign key (equipment_id, warehouse_id)
    references public.equipment (id, warehouse_id),
  constraint downtime_intervals_work_order_id_fkey foreign key (work_order_id, warehouse_id)
    references public.work_orders (id, warehouse_id),
  constraint downtime_intervals_end_after_they_start check (ended_at > started_at)
);
create index downtime_intervals_by_machine on public.downtime_intervals (equipment_id, started_at desc);
create trigger at_machine before insert on public.downtime_intervals
  for each row execute function private.at_machine();
call private.serve('public.downtime_intervals');
create policy downtime_intervals_read on public.downtime_intervals for select to authenticated
  using (exists (select from public.equipment e where e.id = equipment_id));
create policy downtime_intervals_open on public.downtime_intervals for insert to authenticated
  with check (private.is_one_of(warehouse_id, 'supervisor', 'technician'));
create policy downtime_intervals_change on public.downtime_intervals for update to authenticated
  using (private.is_one_of(warehouse_id, 'supervisor', 'technician'));
grant insert (id, equipment_id, work_order_id, planned, reason, started_at, ended_at)
  on public.downtime_intervals to authenticated;
grant update (work_order_id, planned, reason, started_at, ended_at) on public.downtime_intervals to authenticated;

-- ------------------------------------------------------------------ meters

create type public.meter_unit as enum ('hours', 'cycles', 'km');

create table public.meters (
  id uuid primary key default private.uuidv7(),
  equipment_id uuid not null,
  warehouse_id uuid not null,
  name text not null check (name <> ''),
  unit public.meter_unit not null,
  -- What it showed last, and when.
  last_value numeric(14, 3) not null default 0 check (last_value >= 0),
  last_read_at timestamptz,
  -- What it has counted in all, whatever it was set back to in between.
  total numeric(16, 3) not null default 0 check (total >= 0),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint meters_equipment_id_fkey foreign key (equipment_id, warehouse_id)
    references public.equipment (id, warehouse_id),
  unique (equipment_id, name)
);
create trigger at_machine before insert on public.meters for each row execute function private.at_machine();
call private.serve('public.meters');
create policy meters_read on public.meters for select to authenticated
  using (exists (select from public.equipment e where e.id = equipment_id));
create policy meters_open on public.meters for insert to authenticated
  with check (private.is_one_of(warehouse_id, 'supervisor'));
create policy meters_change on public.meters for update to authenticated
  using (private.is_one_of(warehouse_id, 'supervisor'));
grant insert (id, equipment_id, name, unit) on public.meters to authenticated;
grant update (name) on public.meters to authenticated;

create table public.meter_readings (
  id uuid primary key default private.uuidv7(),
  meter_id uuid not null references public.meters (id),
  value numeric(14, 3) not null check (value >= 0),
  -- The meter was set back, or replaced: it counts from nothing to this value.
  is_reset boolean not null default false,
  note text not null default '',
  read_at timestamptz not null default now(),
  read_by uuid references public.profiles (id) default auth.uid(),
  created_at timestamptz not null default now(),
  unique (meter_id, read_at)
);

-- A meter only counts up. A reading that comes late, from a phone that was offline, is judged between its neighbours.
create function private.meter_is_read() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  meter public.meters;
  earlier public.meter_readings;
  later public.meter_readings;
  shown numeric;
begin
  select * into meter from public.meters where id = new.meter_id for update;
  if meter.id is null then
    perform private.no_such('meter_readings', 'meter_id');
  end if;
  select * into earlier from public.meter_readings
    where meter_id = new.meter_id and read_at <= new.read_at order by read_at desc limit 1;
  select * into later from public.meter_readings
    where meter_id = new.meter_id and read_at > new.read_at order by read_at limit 1;
  shown := coalesce(earlier.value, 0);
  if new.value < shown and not new.is_reset then
    perform private.refuse('reading_below_last',
      format('the meter showed %s before; a lower reading must be marked as a reset', shown));
  elsif later.value < new.value and not later.is_reset then
    perform private.refuse('reading_above_next', format('the meter showed %s later', later.value));
  end if;
  update public.meters set
    total = total + case
      when later.id is null and new.is_reset then new.value
      when later.id is null then new.value - shown
      -- Between two readings nothing is added, unless the meter was set back there.
      when new.is_reset and not later.is_reset then shown
      when new.is_reset then new.value
      when later.is_reset then new.value - shown
      else 0 end,
    last_value = case when later.id is null then new.value else last_value end,
    last_read_at = case when later.id is null then new.read_at else last_read_at end
    where id = meter.id;
  return new;
end $$;
revoke execute on function private.meter_is_read() from public;
create trigger is_read before insert on public.meter_readings for each row execute function private.meter_is_read();

call private.serve('public.meter_readings');
create policy meter_readings_read on public.meter_readings for select to authenticated
  using (exists (select from public.meters m where m.id = meter_id));
create policy meter_readings_add on public.meter_readings for insert to authenticated
  with check (read_by = (select auth.uid()) and exists (select from public.meters m where m.id = meter_id
    and private.is_one_of(m.warehouse_id, 'supervisor', 'technician')));
grant insert (id, meter_id, value, is_reset, note, read_at) on public.meter_readings to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop table public.meter_readings;
drop function private.meter_is_read();
drop table public.meters;
drop type public.meter_unit;
drop table public.downtime_intervals;
drop function private.at_machine();
drop trigger technicians_change_status on public.equipment;
drop policy equipment_change on public.equipment;
create policy equipment_change on public.equipment for update to authenticated
  using ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse()) and (select private.my_role()) = 'supervisor'));
drop policy equipment_read on public.equipment;
create policy equipment_read on public.equipment for select to authenticated
  using ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse())
      and (select private.my_role()) in ('technician', 'supervisor', 'inventory_clerk')));
drop function private.is_my_machine(uuid);
drop trigger moves on public.equipment;
drop trigger depth on public.equipment;
drop function private.equipment_moves();
drop function private.equipment_depth();
alter table public.equipment drop column custom_fields, drop column warranty_until, drop column purchase_cost,
  drop column purchased_on, drop column depth, drop column parent_id;
