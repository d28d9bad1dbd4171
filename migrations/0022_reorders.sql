-- migrate:up
-- Reorders: drafts, one for each vendor, and their lines.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create type public.reorder_status as enum ('draft', 'ordered', 'received', 'cancelled');

create sequence private.reorder_draft_numbers;
create table public.reorder_drafts (
  id uuid primary key default private.uuidv7(),
  number text not null unique default 'RO-' || to_char(nextval('private.reorder_draft_numbers'), 'FM999999000000'),
  warehouse_id uuid not null references public.warehouses (id),
  -- Null for parts without a vendor.
  vendor_id uuid references public.vendors (id),
  status public.reorder_status not null default 'draft',
  notes text not null default '' check (private.is_prose(notes, 10000)),
  expected_on date check (private.is_day(expected_on)),
  created_by uuid references public.profiles (id) default auth.uid(),
  ordered_by uuid references public.profiles (id),
  ordered_at timestamptz,
  received_by uuid references public.profiles (id),
  received_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- The target of foreign keys that must not leave the warehouse.
  unique (id, warehouse_id)
);
-- One open draft for each vendor, also when many callers open one at once.
create unique index reorder_drafts_open on public.reorder_drafts (warehouse_id, vendor_id) nulls not distinct
  where status = 'draft';
create index reorder_drafts_by_warehouse on public.reorder_drafts (warehouse_id);
create index reorder_drafts_by_vendor on public.reorder_drafts (vendor_id) where vendor_id is not null;

-- No policy for inserts: `public.reorder` alone opens drafts.
alter table public.reorder_drafts enable row level security;
create trigger touch before update on public.reorder_drafts for each row execute function private.touch();
create policy reorder_drafts_read on public.reorder_drafts for select to authenticated
  using ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse())
      and private.sees_own_warehouse((select private.my_role()))));
create policy reorder_drafts_change on public.reorder_drafts for update to authenticated
  using (private.is_one_of(warehouse_id, 'inventory_clerk'));
grant select, update (status, notes, expected_on) on public.reorder_drafts to authenticated;

create table public.reorder_lines (
  id uuid primary key default private.uuidv7(),
  draft_id uuid not null,
  part_id uuid not null,
  quantity numeric not null check (quantity > 0 and private.is_amount(quantity, 1000000, 3)),
  unit_cost numeric check (private.is_amount(unit_cost, 999999999, 6)),
  -- The quantity that arrived; null: all that was ordered. What came beyond that is booked by itself.
  received_quantity numeric constraint reorder_lines_received_quantity_check
    check (private.is_amount(received_quantity, 1000000, 3) and received_quantity <= quantity),
  note text not null default '' check (private.is_prose(note, 1000)),
  warehouse_id uuid not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (draft_id, part_id),
  constraint reorder_lines_draft_id_fkey foreign key (draft_id, warehouse_id)
    references public.reorder_drafts (id, warehouse_id),
  constraint reorder_lines_part_id_fkey foreign key (part_id, warehouse_id) references public.parts (id, warehouse_id)
);
create index reorder_lines_by_part on public.reorder_lines (part_id);

call private.serve('public.reorder_lines');
create policy reorder_lines_read on public.reorder_lines for select to authenticated
  using ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse())
      and private.sees_own_warehouse((select private.my_role()))));
create policy reorder_lines_add on public.reorder_lines for insert to authenticated
  with check (private.is_one_of(warehouse_id, 'inventory_clerk'));
create policy reorder_lines_change on public.reorder_lines for update to authenticated
  using (private.is_one_of(warehouse_id, 'inventory_clerk'));
create policy reorder_lines_remove on public.reorder_lines for delete to authenticated
  using (private.is_one_of(warehouse_id, 'inventory_clerk'));
grant insert (id, draft_id, part_id, quantity, unit_cost, note), update (quantity, unit_cost, received_quantity, note), delete
  on public.reorder_lines to authenticated;
call private.fence('public.reorder_lines');

-- ------------------------------------------------------------------ moves and bookings

-- Lines are written while their draft is a draft; afterwards only the received quantity. The draft is locked until the
-- end, so that it is not ordered meanwhile.
create function private.reorder_line_is_open() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  draft public.reorder_drafts;
begin
  select * into draft from public.reorder_drafts
    where id = case when tg_op = 'DELETE' then old.draft_id else new.draft_id end for share;
  if draft.id is null then
    perform private.no_such('reorder_lines', 'draft_id');
  elsif draft.status = 'draft' then
    if tg_op <> 'DELETE' and new.received_quantity is not null then
      perform private.refuse('reorder_not_ordered', 'nothing comes of what is not ordered yet');
    end if;
  elsif draft.status <> 'ordered' or tg_op <> 'UPDATE'
      or (to_jsonb(new) - 'received_quantity') is distinct from (to_jsonb(old) - 'received_quantity') then
    perform private.refuse('reorder_frozen', format('the draft is %s', draft.status));
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;
  new.warehouse_id := draft.warehouse_id;
  return new;
end $$;

-- Named so that it fires before `touch`, which counts the version.
create trigger is_open before insert or update or delete on public.reorder_lines for each row
  execute function private.reorder_line_is_open();

create function private.reorder_moves() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if (old.status, new.status) not in (('draft', 'ordered'), ('draft', 'cancelled'), ('ordered', 'received'),
      ('ordered', 'cancelled')) then
    perform private.refuse('reorder_move_not_open', format('from %s it cannot become %s', old.status, new.status));
  elsif new.status = 'ordered' then
    if not exists (select from public.reorder_lines l where l.draft_id = new.id) then
      perform private.refuse('nothing_to_order', 'the draft has no lines');
    end if;
    new.ordered_at := now();
    new.ordered_by := auth.uid();
  elsif new.status = 'received' then
    new.received_at := now();
    new.received_by := auth.uid();
  end if;
  return new;
end $$;
create trigger moves before update of status on public.reorder_drafts for each row
  when (old.status is distinct from new.status) execute function private.reorder_moves();

-- Books the received lines. They go in the order of part numbers, as in an import, so that two transactions wait for
-- each other and do not deadlock.
create function private.reorder_is_received() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  headers constant text := coalesce(current_setting('request.headers', true), '');
begin
  -- The request's key is for the whole request, not for each movement.
  perform set_config('request.headers', '', true);
  insert into public.part_transactions (part_id, type, quantity, unit_cost, note, reorder_line_id)
    select l.part_id, 'inbound', coalesce(l.received_quantity, l.quantity), l.unit_cost, new.number, l.id
    from public.reorder_lines l join public.parts p on p.id = l.part_id
    where l.draft_id = new.id and coalesce(l.received_quantity, l.quantity) > 0 order by p.part_number;
  perform set_config('request.headers', headers, true);
  return null;
end $$;
create trigger is_received after update of status on public.reorder_drafts for each row
  when (old.status is distinct from new.status and new.status = 'received')
  execute function private.reorder_is_received();

-- ------------------------------------------------------------------ parts that are short

-- Puts every part that a warehouse is short of into drafts, one for each vendor, and answers with the open drafts:
-- `{"lines_added", "lines_raised", "drafts": [{…, "lines": [{…}]}]}`. A part is short when on hand −
-- reserved + drafted or ordered is below its reorder point. Lines of open drafts count, so a second call adds nothing.
-- `p_warehouse` is null for the caller's own.
create function public.reorder(p_warehouse uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  home constant uuid := coalesce(p_warehouse, private.my_warehouse());
  headers constant text := coalesce(current_setting('request.headers', true), '');
  needed jsonb;
  drafts uuid[];
  added integer;
  raised integer;
  told jsonb;
begin
  if not private.is_one_of(home, 'inventory_clerk') then
    raise insufficient_privilege using message = 'permission denied to reorder';
  elsif home is null then
    raise not_null_violation
      using message = 'null value in column "warehouse_id" of relation "reorder_drafts" violates not-null constraint';
  end if;
  perform private.take_key();
  perform set_config('request.headers', '', true);
  -- One call at a time: the second one finds the drafts of the first one.
  perform from public.warehouses where id = home for no key update;
  if not found then
    perform private.no_such('reorder_drafts', 'warehouse_id');
  end if;
  needed := (
    select coalesce(jsonb_agg(jsonb_build_object('part_id', p.id, 'part_number', p.part_number, 'vendor_id', p.vendor_id,
      'unit_cost', p.unit_cost, 'quantity', trim_scale(least(1000000, coalesce(
        p.reorder_quantity * ceil((p.reorder_point - s.there) / p.reorder_quantity), 2 * p.reorder_point - s.there))))), '[]')
    from public.parts p
    left join (select l.part_id, sum(coalesce(l.received_quantity, l.quantity)) as pieces
      from public.reorder_drafts d join public.reorder_lines l on l.draft_id = d.id
      where d.warehouse_id = home and d.status in ('draft', 'ordered') group by 1) coming on coming.part_id = p.id
    cross join lateral (select p.on_hand - p.reserved + coalesce(coming.pieces, 0) as there) s
    where p.warehouse_id = home and p.archived_at is null and s.there < p.reorder_point);
  loop
    insert into public.reorder_drafts (warehouse_id, vendor_id)
      select distinct home, n.vendor_id from jsonb_to_recordset(needed) n (vendor_id uuid) on conflict do nothing;
    -- Locked until the end. If one of them was ordered at this moment, the loop opens another draft.
    drafts := array(select d.id from public.reorder_drafts d
      where d.warehouse_id = home and d.status = 'draft' and exists (
        select from jsonb_to_recordset(needed) n (vendor_id uuid) where n.vendor_id is not distinct from d.vendor_id)
      for share);
    exit when cardinality(drafts) = (select count(*) from (
      select distinct n.vendor_id from jsonb_to_recordset(needed) n (vendor_id uuid)) v);
  end loop;
  with written as (
    insert into public.reorder_lines as l (draft_id, part_id, quantity, unit_cost)
      select d.id, n.part_id, n.quantity, n.unit_cost
      from jsonb_to_recordset(needed) n (part_id uuid, part_number text, vendor_id uuid, quantity numeric, unit_cost numeric)
      join public.reorder_drafts d on d.id = any (drafts) and d.vendor_id is not distinct from n.vendor_id
      order by n.part_number
      on conflict (draft_id, part_id) do update set quantity = least(1000000, l.quantity + excluded.quantity)
      returning l.version)
  select count(*) filter (where version = 1), count(*) filter (where version > 1) into added, raised from written;
  told := jsonb_build_object('lines_added', added, 'lines_raised', raised, 'drafts', (
    select coalesce(jsonb_agg(to_jsonb(d) || jsonb_build_object('lines', (
        select coalesce(jsonb_agg(to_jsonb(l) order by l.id), '[]') from public.reorder_lines l where l.draft_id = d.id))
      order by d.id desc), '[]')
    from public.reorder_drafts d where d.warehouse_id = home and d.status = 'draft'));
  perform set_config('request.headers', headers, true);
  perform private.keep_answer(told);
  return told;
end $$;
grant execute on function public.reorder(uuid) to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop table public.reorder_lines;
drop table public.reorder_drafts;
drop sequence private.reorder_draft_numbers;
drop function public.reorder(uuid);
drop function private.reorder_is_received();
drop function private.reorder_moves();
drop function private.reorder_line_is_open();
drop type public.reorder_status;
