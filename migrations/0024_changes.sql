-- migrate:up
-- What a phone has to hear of: which document changed in which transaction. A phone keeps a cursor; what it has not seen
-- yet is what was written by transactions that had not ended when its cursor was made.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- A document is a work order with all that belongs to it, a machine with its meters, a part, or a person. One row each,
-- and one more for each place it left.
create table public.changes (
  entity text not null check (entity in ('work_orders', 'equipment', 'parts', 'profiles')),
  id uuid not null,
  -- The warehouse it is in; the nil UUID for what is in none.
  place uuid not null,
  -- The transaction that changed it last. Not the time: one that commits late would have an earlier one than what was read.
  changed_in xid8 not null default pg_current_xact_id(),
  changed_at timestamptz not null default now(),
  -- It is archived, removed, or somewhere else now.
  gone boolean not null default false,
  -- Who saw it only because it was theirs, and no longer do.
  lost_by uuid[] not null default '{}',
  primary key (entity, id, place)
);
create index changes_in_order on public.changes (place, changed_in, id, entity);
-- What was forgotten: a cursor that has not seen this transaction is too old to be told what went.
create table private.forgotten_changes (
  only_one boolean primary key default true check (only_one),
  changed_in xid8 not null
);
alter table private.forgotten_changes enable row level security;

alter table public.changes enable row level security;
create policy changes_read on public.changes for select to authenticated
  using ((select private.sees_every_warehouse())
    or (place = (select private.my_warehouse()) and case
      when (select private.my_role()) in ('technician', 'supervisor', 'inventory_clerk') then true
      when (select auth.uid()) = any (lost_by) then true
      when entity = 'work_orders' then exists (select from public.work_orders w where w.id = changes.id)
      when entity = 'equipment' then exists (select from public.equipment e where e.id = changes.id)
      when entity = 'profiles' then id = (select auth.uid())
      else false end));
grant select on public.changes to authenticated;

-- ------------------------------------------------------------------ written with every change

-- Notes these documents as changed by this transaction, as they are now.
create function private.note_changes(p_entity text, p_ids uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
begin
  -- In the order of their ids, so that two transactions never wait for each other.
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
    ) d order by d.id
  on conflict (entity, id, place) do update
    set changed_in = excluded.changed_in, changed_at = excluded.changed_at, gone = excluded.gone
    where c.changed_in <> excluded.changed_in or c.gone <> excluded.gone;
end $$;

-- Arguments: the document, and the column that holds its id.
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
call private.note_changes_of('public.work_order_relations', 'work_orders', 'work_order_id');
call private.note_changes_of('public.attachments', 'work_orders', 'work_order_id');
call private.note_changes_of('public.equipment', 'equipment', 'id');
call private.note_changes_of('public.meters', 'equipment', 'equipment_id');
call private.note_changes_of('public.parts', 'parts', 'id');
call private.note_changes_of('public.profiles', 'profiles', 'id');

-- Those who see a document only because it is theirs (contractors) lose it with the work order, and gain its machine.
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

-- Once per statement, like everything that a job's thousand work orders set off.
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

-- What moved is gone from where it was.
create function private.document_moves() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  update public.changes set gone = true, changed_in = pg_current_xact_id(), changed_at = now()
    where entity = tg_argv[0] and id = new.id
      and place = coalesce(old.warehouse_id, '00000000-0000-0000-0000-000000000000');
  return null;
end $$;
create trigger leaves after update of warehouse_id on public.profiles for each row
  when (new.warehouse_id is distinct from old.warehouse_id) execute function private.document_moves('profiles');

-- What went half a year ago; a cursor from before then starts again.
create function functions.forget_changes(p_now timestamptz) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  forgotten integer;
begin
  with went as (
    delete from public.changes where gone and changed_at < p_now - interval '180 days' returning changed_in)
  insert into private.forgotten_changes as f (changed_in) select max(changed_in) from went having count(*) > 0
    on conflict (only_one) do update set changed_in = greatest(f.changed_in, excluded.changed_in);
  get diagnostics forgotten = row_count;
  return forgotten;
end $$;
create index changes_gone on public.changes (changed_at) where gone;

-- ------------------------------------------------------------------ what a client asks

-- The document of a change, as the caller may see it: how the gateway embeds it.
create function public.changed_work_orders(public.changes) returns setof public.work_orders rows 1
language sql stable as $$
  select w.* from public.work_orders w where w.id = $1.id and $1.entity = 'work_orders' and not $1.gone
$$;
create function public.changed_equipment(public.changes) returns setof public.equipment rows 1
language sql stable as $$
  select e.* from public.equipment e where e.id = $1.id and $1.entity = 'equipment' and not $1.gone
$$;
create function public.changed_parts(public.changes) returns setof public.parts rows 1
language sql stable as $$
  select p.* from public.parts p where p.id = $1.id and $1.entity = 'parts' and not $1.gone
$$;
create function public.changed_profiles(public.changes) returns setof public.profiles rows 1
language sql stable as $$
  select p.* from public.profiles p where p.id = $1.id and $1.entity = 'profiles' and not $1.gone
$$;

-- Whether something went that this snapshot did not see, and that nobody remembers.
create function private.is_too_old(p_told pg_snapshot) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select from private.forgotten_changes f where not pg_visible_in_snapshot(f.changed_in, p_told))
$$;

-- What changed since a cursor, oldest first; since the beginning without one. The next cursor comes in the header
-- `sync-cursor`; `sync-more` says whether there is more by now, and `sync-reset` that the cursor was of no use (too old, or
-- the caller sees something else now) and that everything is told from the beginning.
--
-- A cursor is `who sees what . the snapshot that was told . the snapshot that is being told . last transaction . last id .
-- last place`, the last four only between two pages. All of this runs in the snapshot of the query that calls it.
create function public.changes_since(p_cursor text, p_limit integer, p_warehouse uuid) returns setof public.changes
language plpgsql stable set search_path = '' as $$
declare
  nil constant uuid := '00000000-0000-0000-0000-000000000000';
  nothing constant pg_snapshot := '3:3:';
  current constant pg_snapshot := pg_current_snapshot();
  sight constant text := left(md5(concat_ws(' ', auth.uid(), private.my_role(), private.my_warehouse(), p_warehouse)), 16);
  said constant text[] := string_to_array(p_cursor, '.');
  told pg_snapshot := nothing;
  telling pg_snapshot := current;
  last_one public.changes;
  change public.changes;
  -- Whoever has nothing yet has nothing to drop.
  first boolean := p_cursor is null;
  reset boolean := false;
  more boolean := false;
  many integer := 0;
begin
  last_one.changed_in := '0';
  last_one.id := nil;
  last_one.place := nil;
  if p_cursor is not null then
    begin
      told := said[2]::pg_snapshot;
      if array_length(said, 1) = 6 then
        telling := said[3]::pg_snapshot;
        last_one.changed_in := said[4]::xid8;
        last_one.id := said[5]::uuid;
        last_one.place := said[6]::uuid;
      end if;
    exception when invalid_text_representation then
      told := null;
    end;
    if told is null or array_length(said, 1) not in (2, 6) then
      raise sqlstate 'PT400' using message = 'bad_cursor', detail = 'it is not one that was given out here';
    end if;
    -- Someone who sees something else now, a database that was restored, or too long ago.
    reset := said[1] <> sight or pg_snapshot_xmax(told) > pg_snapshot_xmax(current)
      or pg_snapshot_xmax(telling) > pg_snapshot_xmax(current)
      or (said[2] <> nothing::text and private.is_too_old(told));
    first := reset or said[2] = nothing::text;
    if reset then
      told := nothing;
      telling := current;
      last_one.changed_in := '0';
    end if;
  end if;
  for change in
    select c.* from (
        select p_warehouse as place where p_warehouse is not null
        union all
        select w.id from public.warehouses w where p_warehouse is null
        union all
        select nil where p_warehouse is null and private.sees_every_warehouse()
      ) p cross join lateral (
        select * from public.changes c
        where c.place = p.place and c.changed_in >= pg_snapshot_xmin(told)
          and (c.changed_in, c.id, c.place) > (last_one.changed_in, last_one.id, last_one.place)
          and not pg_visible_in_snapshot(c.changed_in, told) and pg_visible_in_snapshot(c.changed_in, telling)
          -- Whoever sees where it went keeps it.
          and not (c.gone and (first or exists (select from public.changes o
            where o.entity = c.entity and o.id = c.id and not o.gone and p_warehouse is null)))
        order by c.changed_in, c.id, c.place limit p_limit + 1) c
    order by c.changed_in, c.id, c.place limit p_limit + 1
  loop
    many := many + 1;
    more := many > p_limit;
    exit when more;
    last_one := change;
    return next change;
  end loop;
  perform set_config('response.headers', jsonb_build_array(
    jsonb_build_object('sync-cursor', case
      when more then concat_ws('.', sight, told, telling, last_one.changed_in, last_one.id, last_one.place)
      else concat_ws('.', sight, telling) end),
    jsonb_build_object('sync-more', more::text), jsonb_build_object('sync-reset', reset::text))::text, true);
end $$;

revoke execute on function private.note_changes(text, uuid[]), private.document_changes(),
  private.hands_change(uuid, uuid, uuid, uuid), private.work_changes_hands(), private.work_comes_to_hand(), private.crew_changes(),
  private.document_moves(), functions.forget_changes(timestamptz), private.is_too_old(pg_snapshot),
  public.changed_work_orders(public.changes), public.changed_equipment(public.changes),
  public.changed_parts(public.changes), public.changed_profiles(public.changes),
  public.changes_since(text, integer, uuid) from public;
revoke execute on procedure private.note_changes_of(regclass, text, text) from public;
grant execute on function private.is_too_old(pg_snapshot), public.changed_work_orders(public.changes),
  public.changed_equipment(public.changes), public.changed_parts(public.changes),
  public.changed_profiles(public.changes), public.changes_since(text, integer, uuid) to authenticated;
grant execute on function functions.forget_changes(timestamptz) to millwright_pm_scheduler;

-- What is there already.
select private.note_changes('work_orders', array(select id from public.work_orders)),
  private.note_changes('equipment', array(select id from public.equipment)),
  private.note_changes('parts', array(select id from public.parts)),
  private.note_changes('profiles', array(select id from public.profiles));

-- migrate:down
set local lock_timeout = '5s';
drop function public.changes_since(text, integer, uuid);
drop function private.is_too_old(pg_snapshot);
drop function public.changed_profiles(public.changes);
drop function public.changed_parts(public.changes);
drop function public.changed_equipment(public.changes);
drop function public.changed_work_orders(public.changes);
drop function functions.forget_changes(timestamptz);
do $$
declare
  noted record;
begin
  for noted in
    select t.tgname, t.tgrelid::regclass as place from pg_trigger t join pg_proc f on f.oid = t.tgfoid
    where f.pronamespace = 'private'::regnamespace
      and f.proname in ('document_changes', 'document_moves', 'work_changes_hands',
        'work_comes_to_hand', 'crew_changes')
  loop
    execute format('drop trigger %I on %s', noted.tgname, noted.place);
  end loop;
end $$;
drop function private.document_moves();
drop function private.crew_changes();
drop function private.work_comes_to_hand();
drop function private.work_changes_hands();
drop function private.hands_change(uuid, uuid, uuid, uuid);
drop procedure private.note_changes_of(regclass, text, text);
drop function private.document_changes();
drop function private.note_changes(text, uuid[]);
drop table private.forgotten_changes;
drop table public.changes;
