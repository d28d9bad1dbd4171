-- migrate:up
-- Machines: where they are, which machine they are part of, and the label that is stuck on them.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create domain public.priority as text check (value in ('low', 'medium', 'high', 'critical'));
-- The rank of a priority, from 0 for the least pressing. Words have no order of their own.
create function private.urgency(p_priority public.priority) returns integer
language sql immutable parallel safe as $$
  select case p_priority when 'low' then 0 when 'medium' then 1 when 'high' then 2 when 'critical' then 3 end
$$;
grant execute on function private.urgency(public.priority) to authenticated;

create domain public.equipment_status as text check (value in ('active', 'inactive', 'maintenance', 'retired', 'disposed'));

-- It is there to work, even if it is being maintained now.
create function private.is_in_service(p_status public.equipment_status) returns boolean language sql immutable parallel safe
  return p_status in ('active', 'maintenance');
grant execute on function private.is_in_service(public.equipment_status) to authenticated;

-- 128 random bits, in 22 characters that need no escaping in a URL.
create function private.scan_token() returns text language sql volatile set search_path = '' as $$
  select rtrim(translate(encode(extensions.gen_random_bytes(16), 'base64'), '+/', '-_'), '=')
$$;

-- Other triggers on it: schedules that follow it (pm_schedule_upkeep), changes of status (machine_history), sync (sync_changes).
create table public.equipment (
  id uuid primary key default private.uuidv7(),
  asset_tag text not null check (private.is_line(asset_tag, 50) and asset_tag <> ''),
  fo_number text check (private.is_line(fo_number, 50)),
  name text not null check (private.is_line(name, 100) and name <> ''),
  model text not null check (private.is_line(model, 100) and model <> ''),
  manufacturer text check (private.is_line(manufacturer, 100)),
  serial_number text check (private.is_line(serial_number, 100)),
  area text check (private.is_line(area, 100)),
  warehouse_id uuid not null references public.warehouses (id),
  status public.equipment_status not null default 'active',
  criticality public.priority not null default 'medium',
  parent_id uuid,
  -- The number of machines around it.
  depth smallint not null default 0 check (depth between 0 and 9),
  installed_on date check (private.is_day(installed_on)),
  purchased_on date check (private.is_day(purchased_on)),
  purchase_cost numeric check (private.is_amount(purchase_cost, 999999999, 6)),
  warranty_until date check (private.is_day(warranty_until)),
  custom_fields jsonb not null default '{}'
    check (private.is_json(custom_fields) and jsonb_typeof(custom_fields) = 'object'),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- The target of foreign keys that must not leave the warehouse.
  unique (id, warehouse_id),
  constraint equipment_parent_id_fkey foreign key (parent_id, warehouse_id)
    references public.equipment (id, warehouse_id)
);
-- In its warehouse: a tag that is refused would tell what another one has.
create unique index equipment_warehouse_id_asset_tag_key on public.equipment (warehouse_id, asset_tag collate private.alike);
create index equipment_by_model on public.equipment (model);
create index equipment_by_parent on public.equipment (parent_id) where parent_id is not null;
-- The orders and filters of lists, in one warehouse and in all.
create index equipment_by_warehouse on public.equipment (warehouse_id, id);
create index equipment_by_tag on public.equipment (asset_tag, id);
create index equipment_by_tag_there on public.equipment (warehouse_id, asset_tag, id);
create index equipment_by_tag_alike on public.equipment (asset_tag collate private.alike);
create index equipment_by_name on public.equipment (name, id);
create index equipment_by_name_there on public.equipment (warehouse_id, name, id);
create index equipment_by_status on public.equipment (status, id);
create index equipment_by_criticality on public.equipment (criticality, id);
create index equipment_by_area on public.equipment (area);
create index equipment_by_fo_number on public.equipment (fo_number) where fo_number is not null;
create index equipment_by_serial_number on public.equipment (serial_number) where serial_number is not null;
create index equipment_by_warranty on public.equipment (warranty_until) where warranty_until is not null;
create index equipment_by_words on public.equipment using gin (warehouse_id,
  private.words(array[asset_tag, model, serial_number, fo_number], array[name, manufacturer, area]));

-- Work orders come later, so the body of this function is checked when it first runs.
set local check_function_bodies = off;

-- The machines of the caller's work orders; none for someone who is not active.
create function private.my_machines() returns setof uuid
language sql stable security definer set search_path = '' rows 100 as $$
  select w.equipment_id from public.work_orders w
    where private.my_role() is not null and w.assigned_to = auth.uid() and w.equipment_id is not null
  union
  select w.equipment_id from public.work_order_crew c join public.work_orders w on w.id = c.work_order_id
    where private.my_role() is not null and c.profile_id = auth.uid() and w.equipment_id is not null
$$;
grant execute on function private.my_machines() to authenticated;
set local check_function_bodies = on;

call private.serve('public.equipment');
create policy equipment_read on public.equipment for select to authenticated
  using ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse())
      and (private.sees_own_warehouse((select private.my_role()))
        or ((select private.my_role()) = 'contractor' and id in (select private.my_machines())))));
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
call private.fence('public.equipment');
call private.keep_past_of('public.equipment', 'model');
create trigger technicians_change_status after update on public.equipment for each row
  when (auth.uid() is not null) execute function private.only_columns('technician', 'status');

-- The machines that words are found in, as far as the caller works there.
create function private.equipment_with(q text, first jsonb) returns setof uuid
language plpgsql stable security definer set search_path = '' rows 100 as $$
begin
  return query select * from private.found('public.equipment',
    'private.words(array[w.asset_tag, w.model, w.serial_number, w.fo_number], array[w.name, w.manufacturer, w.area])',
    case when private.sees_every_warehouse() then 'true'
      else format('w.warehouse_id = %L', private.my_warehouse()) end,
    case when not private.sees_all(private.my_role()) and not private.sees_own_warehouse(private.my_role())
      then 'private.my_machines()' end,
    q, first);
end $$;
-- Not in SQL: that would be inlined into the gateway's statement, where the planner may look them up anew for each row of the table.
create function public.find_equipment(q text, first jsonb default '{}') returns setof public.equipment
language plpgsql stable set search_path = '' rows 100 as $$
begin
  return query select e.* from public.equipment e where e.id = any (array(select private.equipment_with(q, first)));
end $$;
-- A column of machines to the gateway, by which one is looked up.
create function public.asset_tag_alike(public.equipment) returns private.code
language sql immutable as $$ select $1.asset_tag $$;
grant execute on function private.equipment_with(text, jsonb), public.find_equipment(text, jsonb),
  public.asset_tag_alike(public.equipment) to authenticated;

-- ------------------------------------------------------------------ the label

-- The token that a machine's label leads to. Only the database makes one, so no client is granted to write it.
create table public.equipment_labels (
  equipment_id uuid primary key references public.equipment (id),
  token text not null unique default private.scan_token() check (token ~ '^[A-Za-z0-9_-]{22}$')
);
alter table public.equipment_labels enable row level security;
create policy equipment_labels_read on public.equipment_labels for select to authenticated
  using (exists (select from public.equipment e where e.id = equipment_id));
grant select on public.equipment_labels to authenticated;

create function private.equipment_gets_label() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.equipment_labels (equipment_id) values (new.id);
  return null;
end $$;
create trigger gets_label after insert on public.equipment for each row execute function private.equipment_gets_label();

-- ------------------------------------------------------------------ machines inside machines

create function private.equipment_depth() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  new.depth := coalesce((select p.depth + 1 from public.equipment p where p.id = new.parent_id), 0);
  return new;
end $$;
create trigger depth before insert or update of parent_id on public.equipment
  for each row execute function private.equipment_depth();

call private.forbid_circles('public.equipment', 'a machine cannot be inside of itself');

-- Sets the depth of all machines inside.
create function private.equipment_moves() returns trigger language plpgsql security definer set search_path = '' as $$
begin
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
drop table public.equipment_labels;
drop function public.asset_tag_alike(public.equipment);
drop function public.find_equipment(text, jsonb);
drop function private.equipment_with(text, jsonb);
drop table public.equipment;
drop function private.equipment_gets_label();
drop function private.at_machine();
drop function private.equipment_moves();
drop function private.equipment_depth();
drop function private.my_machines();
drop function private.scan_token();
drop function private.is_in_service(public.equipment_status);
drop domain public.equipment_status;
drop function private.urgency(public.priority);
drop domain public.priority;
