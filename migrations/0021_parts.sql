-- migrate:up
-- Spare parts. Their stock moves by the ledger alone (stock).
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- Another trigger on it: sync (sync_changes).
create table public.parts (
  id uuid primary key default private.uuidv7(),
  part_number text not null check (private.is_line(part_number, 50) and part_number <> ''),
  name text not null check (private.is_line(name, 100) and name <> ''),
  bin text check (private.is_line(bin, 50)),
  warehouse_id uuid not null references public.warehouses (id),
  -- Pieces, litres, kilograms: all quantities have three decimals.
  on_hand numeric not null default 0 check (private.is_amount(on_hand, 2147483647, 3)),
  reserved numeric not null default 0 check (reserved <= on_hand and private.is_amount(reserved, 2147483647, 3)),
  reorder_point numeric not null default 0 check (private.is_amount(reorder_point, 2147483647, 3)),
  -- Orders are multiples of this; null: what is missing to twice the reorder point.
  reorder_quantity numeric check (reorder_quantity > 0 and private.is_amount(reorder_quantity, 1000000, 3)),
  vendor_id uuid references public.vendors (id),
  unit_cost numeric check (private.is_amount(unit_cost, 999999999, 6)),
  compatible_models text[] not null default '{}' check (private.are_lines(compatible_models, 100, 100)),
  archived_at timestamptz check (private.is_moment(archived_at) and private.has_happened(archived_at)),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- The target of foreign keys that must not leave the warehouse.
  unique (id, warehouse_id)
);
create unique index parts_warehouse_id_part_number_key on public.parts (warehouse_id, part_number collate private.alike);
create index parts_by_vendor on public.parts (vendor_id) where vendor_id is not null;
create index parts_by_number on public.parts (part_number, id) where archived_at is null;
create index parts_by_number_there on public.parts (warehouse_id, part_number, id) where archived_at is null;
create index parts_by_number_alike on public.parts (part_number collate private.alike) where archived_at is null;
create index parts_by_name on public.parts (name, id) where archived_at is null;
create index parts_by_name_there on public.parts (warehouse_id, name, id) where archived_at is null;
create index parts_by_bin on public.parts (bin) where archived_at is null;
-- Those of which too few are there.
create index parts_low on public.parts (id desc) where on_hand - reserved < reorder_point and archived_at is null;
create index parts_low_there on public.parts (warehouse_id, id desc)
  where on_hand - reserved < reorder_point and archived_at is null;
create index parts_by_words on public.parts using gin (warehouse_id, 
  private.words(array[part_number, bin], array[name]));

call private.serve('public.parts');
create policy parts_read on public.parts for select to authenticated
  using ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse())
      and private.sees_own_warehouse((select private.my_role()))));
create policy parts_open on public.parts for insert to authenticated
  with check ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse()) and (select private.my_role()) = 'inventory_clerk'));
create policy parts_change on public.parts for update to authenticated
  using ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse()) and (select private.my_role()) = 'inventory_clerk'));
create trigger at_home before insert on public.parts for each row execute function private.at_home();
-- Clients cannot write the stock: it moves by transactions alone.
grant insert (id, part_number, name, bin, warehouse_id, reorder_point, reorder_quantity, vendor_id, unit_cost,
  compatible_models) on public.parts to authenticated;
grant update (name, bin, reorder_point, reorder_quantity, vendor_id, unit_cost, compatible_models, archived_at)
  on public.parts to authenticated;
call private.fence('public.parts');

-- The parts that words are found in, as far as the caller works there; as with machines (equipment).
create function private.parts_with(q text, first jsonb) returns setof uuid
language plpgsql stable security definer set search_path = '' rows 100 as $$
begin
  return query select * from private.found('public.parts', 'private.words(array[w.part_number, w.bin], array[w.name])',
    case when private.sees_every_warehouse() then 'true'
      when private.sees_own_warehouse(private.my_role())
        then format('w.warehouse_id = %L', private.my_warehouse())
      else 'false' end,
    null, q, first);
end $$;
create function public.find_parts(q text, first jsonb default '{}') returns setof public.parts
language plpgsql stable set search_path = '' rows 100 as $$
begin
  return query select p.* from public.parts p where p.id = any (array(select private.parts_with(q, first)));
end $$;
-- A column of parts to the gateway, by which one is looked up.
create function public.part_number_alike(public.parts) returns private.code
language sql immutable as $$ select $1.part_number $$;
-- True if less than the reorder point is free.
create function public.low_stock(public.parts) returns boolean language sql immutable as $$
  select $1.on_hand - $1.reserved < $1.reorder_point
$$;
grant execute on function private.parts_with(text, jsonb), public.find_parts(text, jsonb),
  public.part_number_alike(public.parts), public.low_stock(public.parts) to authenticated;

-- One event per crossing of a threshold, not one per movement.
create function private.stock_runs_low() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  kind public.event_kind;
begin
  if new.on_hand = 0 and old.on_hand > 0 then
    kind := 'part_out_of_stock';
  elsif new.on_hand - new.reserved < new.reorder_point and old.on_hand - old.reserved >= old.reorder_point then
    kind := 'part_low_stock';
  else
    return null;
  end if;
  insert into public.events (kind, warehouse_id, actor_id, details) values (kind, new.warehouse_id, auth.uid(),
    jsonb_build_object('part_id', new.id, 'part_number', new.part_number, 'name', new.name,
      'on_hand', new.on_hand, 'reserved', new.reserved, 'reorder_point', new.reorder_point));
  return null;
end $$;
create trigger runs_low after update of on_hand, reserved, reorder_point on public.parts
  for each row execute function private.stock_runs_low();

-- migrate:down
set local lock_timeout = '5s';
drop function public.low_stock(public.parts);
drop function public.part_number_alike(public.parts);
drop function public.find_parts(text, jsonb);
drop function private.parts_with(text, jsonb);
drop table public.parts;
drop function private.stock_runs_low();
