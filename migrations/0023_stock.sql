-- migrate:up
-- Stock moves by a ledger alone, and never below zero, even when many callers take the last piece at once.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create type public.stock_movement as enum ('inbound', 'used', 'adjustment', 'returned');

-- The ledger. Another trigger on it: sync, for movements of a work order (sync_changes).
create table public.part_transactions (
  id uuid primary key default private.uuidv7(),
  part_id uuid not null references public.parts (id),
  type public.stock_movement not null,
  -- Only an adjustment may be negative.
  quantity numeric not null check (quantity <> 0 and private.is_amount(abs(quantity), 1000000, 3)),
  work_order_id uuid,
  unit_cost numeric check (private.is_amount(unit_cost, 999999999, 6)),
  note text not null default '' check (private.is_prose(note, 1000)),
  reorder_line_id uuid references public.reorder_lines (id),
  -- On hand after this movement.
  balance numeric not null check (balance >= 0),
  performed_by uuid references public.profiles (id) default auth.uid(),
  warehouse_id uuid not null references public.warehouses (id),
  created_at timestamptz not null default clock_timestamp(),
  constraint part_transactions_work_order_id_fkey foreign key (work_order_id, warehouse_id)
    references public.work_orders (id, warehouse_id),
  constraint part_transactions_are_counted check (quantity > 0 or type = 'adjustment')
);
create index part_transactions_newest on public.part_transactions (created_at desc);
create index part_transactions_by_part on public.part_transactions (part_id, id desc);
create index part_transactions_by_work_order on public.part_transactions (work_order_id) where work_order_id is not null;
-- Each reorder line is booked once.
create unique index part_transactions_by_reorder_line on public.part_transactions (reorder_line_id)
  where reorder_line_id is not null;

call private.serve('public.part_transactions');
call private.freeze_with_work('public.part_transactions');
create policy part_transactions_read on public.part_transactions for select to authenticated
  using ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse())
      and private.sees_own_warehouse((select private.my_role()))));
create policy part_transactions_add on public.part_transactions for insert to authenticated
  with check (performed_by = (select auth.uid()) and (private.is_one_of(warehouse_id, 'inventory_clerk')
    or (type in ('used', 'returned') and private.is_one_of(warehouse_id, 'supervisor', 'technician')
      and private.works_on(work_order_id))));
grant insert (id, part_id, type, quantity, work_order_id, unit_cost, note) on public.part_transactions to authenticated;
call private.fence('public.part_transactions');
call private.bound_children('public.part_transactions', 'work_order_id');
call private.count_each_row('public.part_transactions');
create trigger stays_as_it_is before update or delete on public.part_transactions for each row
  execute function private.stays_as_it_is();

-- Parts that a work order will need. Taking the part for it uses the reservation up.
create table public.part_reservations (
  id uuid primary key default private.uuidv7(),
  part_id uuid not null,
  work_order_id uuid not null,
  quantity numeric not null check (quantity > 0 and private.is_amount(quantity, 1000000, 3)),
  reserved_by uuid references public.profiles (id) default auth.uid(),
  warehouse_id uuid not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (work_order_id, part_id),
  constraint part_reservations_part_id_fkey foreign key (part_id, warehouse_id)
    references public.parts (id, warehouse_id),
  constraint part_reservations_work_order_id_fkey foreign key (work_order_id, warehouse_id)
    references public.work_orders (id, warehouse_id)
);
create index part_reservations_by_part on public.part_reservations (part_id);

call private.serve('public.part_reservations');
call private.freeze_with_work('public.part_reservations', 'done');
create policy part_reservations_read on public.part_reservations for select to authenticated
  using ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse())
      and private.sees_own_warehouse((select private.my_role()))));
create policy part_reservations_add on public.part_reservations for insert to authenticated
  with check (private.is_one_of(warehouse_id, 'inventory_clerk')
    or (private.is_one_of(warehouse_id, 'supervisor', 'technician') and private.works_on(work_order_id)));
create policy part_reservations_change on public.part_reservations for update to authenticated
  using (private.is_one_of(warehouse_id, 'inventory_clerk')
    or (private.is_one_of(warehouse_id, 'supervisor', 'technician') and private.works_on(work_order_id)));
create policy part_reservations_remove on public.part_reservations for delete to authenticated
  using (private.is_one_of(warehouse_id, 'inventory_clerk')
    or (private.is_one_of(warehouse_id, 'supervisor', 'technician') and private.works_on(work_order_id)));
grant insert (id, part_id, work_order_id, quantity), update (quantity), delete
  on public.part_reservations to authenticated;
call private.fence('public.part_reservations');
call private.bound_children('public.part_reservations', 'work_order_id');
call private.count_each_row('public.part_reservations');

-- The pieces of a part that a work order took and has not given back, and the average that they cost: rounded down, so that
-- no more is given back than was booked. Without a work order, those that were taken for none.
create function private.stock_out_there(p_part uuid, p_work_order uuid, out pieces numeric, out unit_cost numeric)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  select coalesce(sum(m.pieces), 0), trunc(sum(m.pieces * m.unit_cost) / nullif(sum(m.pieces), 0), 6)
    into stock_out_there.pieces, stock_out_there.unit_cost
    from (select case x.type when 'used' then x.quantity else -x.quantity end as pieces, x.unit_cost
      from public.part_transactions x
      where x.part_id = p_part and x.type in ('used', 'returned')
        and (x.work_order_id = p_work_order or (p_work_order is null and x.work_order_id is null))) m;
end $$;

-- Books a movement. It locks the part's row, so that takers come one after the other, and before it the work order's, as
-- when work ends; before both what is reserved there, as whoever changes that. Pieces that are reserved for other work orders cannot be taken, and no more come back than were taken.
create function private.stock_moves() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  part public.parts;
  own numeric := 0;
  out_there record;
  change constant numeric := case new.type when 'used' then -new.quantity else new.quantity end;
begin
  perform from public.part_reservations r where r.work_order_id = new.work_order_id and r.part_id = new.part_id for update;
  perform from public.work_orders where id = new.work_order_id for no key update;
  select * into part from public.parts where id = new.part_id for update;
  if part.id is null then
    perform private.no_such('part_transactions', 'part_id');
  end if;
  new.warehouse_id := part.warehouse_id;
  -- A quantity that is none is left to the check of its column.
  if private.is_amount(abs(new.quantity), 1000000, 3) is not true then
    new.balance := 0;
    return new;
  end if;
  if new.type = 'used' and new.work_order_id is not null then
    own := coalesce((select r.quantity from public.part_reservations r
      where r.part_id = new.part_id and r.work_order_id = new.work_order_id), 0);
  end if;
  -- An adjustment may be negative, and uses no reservation up.
  if part.on_hand + change < part.reserved - least(own, greatest(new.quantity, 0)) then
    perform private.refuse('insufficient_stock',
      format('%s are on hand, %s of them reserved for other work', part.on_hand, trim_scale(part.reserved - own)),
      jsonb_build_object('on_hand', part.on_hand, 'available', trim_scale(part.on_hand - part.reserved + own), 'needed', -change));
  elsif part.on_hand + change > 2147483647 then
    perform private.refuse('stock_is_full', 'of a part at most 2147483647 are on hand');
  end if;
  if own > new.quantity then
    update public.part_reservations set quantity = quantity - new.quantity
      where part_id = new.part_id and work_order_id = new.work_order_id;
  elsif own > 0 then
    delete from public.part_reservations where part_id = new.part_id and work_order_id = new.work_order_id;
  end if;
  if new.type = 'returned' then
    select * into out_there from private.stock_out_there(new.part_id, new.work_order_id);
    if new.quantity > out_there.pieces then
      perform private.refuse('not_taken', format('%s were taken there and have not come back', trim_scale(out_there.pieces)));
    end if;
    new.unit_cost := out_there.unit_cost;
  else
    new.unit_cost := coalesce(new.unit_cost, part.unit_cost);
  end if;
  update public.parts set on_hand = trim_scale(on_hand + change) where id = new.part_id returning on_hand into new.balance;
  return new;
end $$;
create trigger moves before insert on public.part_transactions for each row execute function private.stock_moves();

-- Keeps the sum of the reservations at the part, which is locked after the work order.
create function private.stock_is_reserved() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  part public.parts;
  change constant numeric := case when tg_op = 'DELETE' then 0 else new.quantity end
    - case when tg_op = 'INSERT' then 0 else old.quantity end;
begin
  perform from public.work_orders w where w.id in (old.work_order_id, new.work_order_id) for no key update;
  select * into part from public.parts
    where id = case when tg_op = 'DELETE' then old.part_id else new.part_id end for update;
  if part.id is null then
    perform private.no_such('part_reservations', 'part_id');
  elsif tg_op <> 'DELETE' and private.is_amount(new.quantity, 1000000, 3) is not true then
    -- Left to the check of its column.
    new.warehouse_id := part.warehouse_id;
    return new;
  elsif part.reserved + change > part.on_hand then
    perform private.refuse('insufficient_stock',
      format('%s are on hand, %s of them reserved already', part.on_hand, part.reserved),
      jsonb_build_object('on_hand', part.on_hand, 'available', trim_scale(part.on_hand - part.reserved), 'needed', change));
  end if;
  update public.parts set reserved = trim_scale(reserved + change) where id = part.id;
  if tg_op = 'DELETE' then
    return old;
  end if;
  new.warehouse_id := part.warehouse_id;
  return new;
end $$;
create trigger reserves before insert or update of quantity or delete on public.part_reservations
  for each row execute function private.stock_is_reserved();

-- What was reserved is free again when work ends. Parts are locked in the order of their numbers, as in an import.
create function private.reservations_end() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  perform from public.parts p
    where p.id in (select r.part_id from public.part_reservations r where r.work_order_id = new.id)
    order by p.part_number for update;
  delete from public.part_reservations where work_order_id = new.id;
  return null;
end $$;
create trigger reservations_end after update of status on public.work_orders for each row
  when (private.is_open(old.status) and not private.is_open(new.status)) execute function private.reservations_end();

-- migrate:down
set local lock_timeout = '5s';
drop trigger reservations_end on public.work_orders;
drop table public.part_reservations;
drop table public.part_transactions;
drop function private.reservations_end();
drop function private.stock_out_there(uuid, uuid);
drop function private.stock_is_reserved();
drop function private.stock_moves();
drop type public.stock_movement;
