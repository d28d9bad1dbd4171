-- migrate:up
-- Changes for sync: the transaction in which each document last changed. A phone keeps a cursor; it has not seen the
-- writes of transactions that were still running when its cursor was made.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- The vendor that the caller comes from; null for our own people.
create function private.my_vendor() returns uuid
language sql stable security definer set search_path = '' as $$ select (private.me()).vendor_id $$;
grant execute on function private.my_vendor() to authenticated;

-- A document is a work order with its children, a machine with its meters, a part, a person, a warehouse or a vendor. It has one
-- row, and one more for each warehouse it left.
create table public.changes (
  entity text not null check (entity in ('work_orders', 'equipment', 'parts', 'profiles', 'warehouses', 'vendors')),
  id uuid not null,
  -- The warehouse it is in; the nil UUID if it is in none.
  place uuid not null,
  -- The transaction that changed it last. A time would not do: a transaction that commits late has an earlier time than
  -- rows that were already read.
  changed_in xid8 not null default pg_current_xact_id(),
  changed_at timestamptz not null default now(),
  -- True if it was archived, removed, or moved elsewhere.
  gone boolean not null default false,
  -- People who saw it only because it was theirs, and no longer do.
  lost_by uuid[] not null default '{}',
  primary key (entity, id, place)
);
create index changes_in_order on public.changes (place, changed_in, id, entity);
create index changes_gone on public.changes (changed_at) where gone;

alter table public.changes enable row level security;
create policy changes_read on public.changes for select to authenticated
  using ((select private.sees_every_warehouse())
    -- Vendors of all warehouses.
    or (place = '00000000-0000-0000-0000-000000000000' and entity = 'vendors'
      and (private.sees_own_warehouse((select private.my_role())) or id = (select private.my_vendor())))
    or (place = (select private.my_warehouse()) and case
      when private.sees_own_warehouse((select private.my_role())) then true
      when (select auth.uid()) = any (lost_by) then true
      when entity = 'work_orders' then id in (select private.my_work())
      when entity = 'equipment' then (select private.my_role()) = 'contractor' and id in (select private.my_machines())
      when entity = 'profiles' then id = (select auth.uid())
      when entity = 'warehouses' then (select private.my_role()) is not null
      when entity = 'vendors' then id = (select private.my_vendor())
      else false end));
grant select on public.changes to authenticated;

-- The newest forgotten change: a cursor from before it is too old, because it would miss removals.
create table private.forgotten_changes (
  only_one boolean primary key default true check (only_one),
  changed_in xid8 not null
);

alter table private.forgotten_changes enable row level security;

-- ------------------------------------------------------------------ triggers

-- Notes these documents as changed by this transaction.
create function private.note_changes(p_entity text, p_ids uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
begin
  -- In the order of ids, so that two transactions cannot deadlock.
  insert into public.changes as c (entity, id, place, gone)
    select p_entity, d.id, coalesce(d.warehouse_id, '00000000-0000-0000-0000-000000000000'), d.archived_at is not null
    from (
      select w.id, w.warehouse_id, w.archived_at from public.work_orders w
        where p_entity = 'work_orders' and w.id = any (p_ids)
      union all
      select e.id, e.warehouse_id, null from public.equipment e where p_entity = 'equipment' and e.id = any (p_ids)
      union all
      select p.id, p.warehouse_id, p.archived_at from public.parts p where p_entity = 'parts' and p.id = any (p_ids)
      union all
      select p.id, p.warehouse_id, null from public.profiles p where p_entity = 'profiles' and p.id = any (p_ids)
      union all
      select w.id, w.id, null from public.warehouses w where p_entity = 'warehouses' and w.id = any (p_ids)
      union all
      select v.id, v.warehouse_id, null from public.vendors v where p_entity = 'vendors' and v.id = any (p_ids)
    ) d order by d.id
  on conflict (entity, id, place) do update
    set changed_in = excluded.changed_in, changed_at = excluded.changed_at, gone = excluded.gone
    where c.changed_in <> excluded.changed_in or c.gone <> excluded.gone;
end $$;

-- Arguments: the document, and the column with its id.
create function private.document_changes() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  ids uuid[];
begin
  execute format('select array_agg(distinct %1$I) from written where %1$I is not null', tg_argv[1]) into ids;
  if ids is null then
    return null;
  elsif tg_op = 'DELETE' and tg_argv[1] = 'id' then
    update public.changes set gone = true, changed_in = pg_current_xact_id(), changed_at = now()
      where entity = tg_argv[0] and id = any (ids);
  else
    perform private.note_changes(tg_argv[0], ids);
  end if;
  return null;
end $$;

create procedure private.note_changes_of(p_table regclass, p_entity text, p_column text)
language plpgsql set search_path = '' as $$
begin
  execute format('create trigger note_new after insert on %s referencing new table as written
    for each statement execute function private.document_changes(%L, %L)', p_table, p_entity, p_column);
  execute format('create trigger note_changed after update on %s referencing new table as written
    for each statement execute function private.document_changes(%L, %L)', p_table, p_entity, p_column);
  execute format('create trigger note_removed after delete on %s referencing old table as written
    for each statement execute function private.document_changes(%L, %L)', p_table, p_entity, p_column);
end $$;
call private.note_changes_of('public.work_orders', 'work_orders', 'id');
call private.note_changes_of('public.checklist_items', 'work_orders', 'work_order_id');
call private.note_changes_of('public.work_order_crew', 'work_orders', 'work_order_id');
call private.note_changes_of('public.time_logs', 'work_orders', 'work_order_id');
call private.note_changes_of('public.comments', 'work_orders', 'work_order_id');
call private.note_changes_of('public.part_transactions', 'work_orders', 'work_order_id');
call private.note_changes_of('public.part_reservations', 'work_orders', 'work_order_id');
call private.note_changes_of('public.work_order_relations', 'work_orders', 'work_order_id');
call private.note_changes_of('public.attachments', 'work_orders', 'work_order_id');
call private.note_changes_of('public.equipment', 'equipment', 'id');
call private.note_changes_of('public.meters', 'equipment', 'equipment_id');
call private.note_changes_of('public.parts', 'parts', 'id');
call private.note_changes_of('public.profiles', 'profiles', 'id');
call private.note_changes_of('public.warehouses', 'warehouses', 'id');
call private.note_changes_of('public.vendors', 'vendors', 'id');

-- ------------------------------------------------------------------ documents of contractors

-- Contractors see a document only while it is theirs: they lose it with the work order, and gain its machine with it.
create function private.hands_change(p_work_order uuid, p_equipment uuid, p_from uuid, p_to uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from public.profiles p where p.id in (p_from, p_to) and p.role = 'contractor') then
    perform private.note_changes('work_orders', array[p_work_order]);
    perform private.note_changes('equipment', array[p_equipment]);
    update public.changes set lost_by = lost_by || p_from
      where ((entity = 'work_orders' and id = p_work_order) or (entity = 'equipment' and id = p_equipment))
        and p_from is not null and not (p_from = any (lost_by));
  end if;
end $$;

create function private.work_changes_hands() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  perform private.hands_change(new.id, new.equipment_id, old.assigned_to, new.assigned_to);
  return null;
end $$;
create trigger changes_hands after update of assigned_to, equipment_id on public.work_orders for each row
  when (new.assigned_to is distinct from old.assigned_to or new.equipment_id is distinct from old.equipment_id)
  execute function private.work_changes_hands();

-- Once per statement, so that a job's thousand work orders cost little here.
create function private.work_comes_to_hand() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  perform private.note_changes('equipment', array(select distinct w.equipment_id
    from written w join public.profiles p on p.id = w.assigned_to and p.role = 'contractor' where w.equipment_id is not null));
  return null;
end $$;
create trigger comes_to_hand after insert on public.work_orders referencing new table as written
  for each statement execute function private.work_comes_to_hand();

create function private.crew_changes() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  known constant public.work_order_crew := case when tg_op = 'DELETE' then old else new end;
begin
  perform private.hands_change(w.id, w.equipment_id, case when tg_op = 'DELETE' then known.profile_id end,
      case when tg_op = 'INSERT' then known.profile_id end)
    from public.work_orders w where w.id = known.work_order_id;
  return null;
end $$;
create trigger changes_hands after insert or delete on public.work_order_crew for each row
  execute function private.crew_changes();

-- A document that moved is gone from its old warehouse.
create function private.document_moves() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  update public.changes set gone = true, changed_in = pg_current_xact_id(), changed_at = now()
    where entity = tg_argv[0] and id = new.id
      and place = coalesce(old.warehouse_id, '00000000-0000-0000-0000-000000000000');
  return null;
end $$;
create trigger leaves after update of warehouse_id on public.profiles for each row
  when (new.warehouse_id is distinct from old.warehouse_id) execute function private.document_moves('profiles');

-- migrate:down
set local lock_timeout = '5s';
drop trigger leaves on public.profiles;
drop trigger changes_hands on public.work_order_crew;
drop trigger comes_to_hand on public.work_orders;
drop trigger changes_hands on public.work_orders;
drop trigger note_removed on public.vendors;
drop trigger note_changed on public.vendors;
drop trigger note_new on public.vendors;
drop trigger note_removed on public.warehouses;
drop trigger note_changed on public.warehouses;
drop trigger note_new on public.warehouses;
drop trigger note_removed on public.part_reservations;
drop trigger note_changed on public.part_reservations;
drop trigger note_new on public.part_reservations;
drop trigger note_removed on public.profiles;
drop trigger note_changed on public.profiles;
drop trigger note_new on public.profiles;
drop trigger note_removed on public.parts;
drop trigger note_changed on public.parts;
drop trigger note_new on public.parts;
drop trigger note_removed on public.meters;
drop trigger note_changed on public.meters;
drop trigger note_new on public.meters;
drop trigger note_removed on public.equipment;
drop trigger note_changed on public.equipment;
drop trigger note_new on public.equipment;
drop trigger note_removed on public.attachments;
drop trigger note_changed on public.attachments;
drop trigger note_new on public.attachments;
drop trigger note_removed on public.work_order_relations;
drop trigger note_changed on public.work_order_relations;
drop trigger note_new on public.work_order_relations;
drop trigger note_removed on public.part_transactions;
drop trigger note_changed on public.part_transactions;
drop trigger note_new on public.part_transactions;
drop trigger note_removed on public.comments;
drop trigger note_changed on public.comments;
drop trigger note_new on public.comments;
drop trigger note_removed on public.time_logs;
drop trigger note_changed on public.time_logs;
drop trigger note_new on public.time_logs;
drop trigger note_removed on public.work_order_crew;
drop trigger note_changed on public.work_order_crew;
drop trigger note_new on public.work_order_crew;
drop trigger note_removed on public.checklist_items;
drop trigger note_changed on public.checklist_items;
drop trigger note_new on public.checklist_items;
drop trigger note_removed on public.work_orders;
drop trigger note_changed on public.work_orders;
drop trigger note_new on public.work_orders;
drop table private.forgotten_changes;
drop table public.changes;
drop function private.my_vendor();
drop function private.document_moves();
drop function private.crew_changes();
drop function private.work_comes_to_hand();
drop function private.work_changes_hands();
drop function private.hands_change(uuid, uuid, uuid, uuid);
drop procedure private.note_changes_of(regclass, text, text);
drop function private.document_changes();
drop function private.note_changes(text, uuid[]);
