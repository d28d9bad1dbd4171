-- migrate:up
-- The documents that changed since a client's cursor.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- The document of a change, as far as the caller may see it. The gateway embeds it.
do $$
declare
  of_table text;
begin
  foreach of_table in array array['work_orders', 'equipment', 'parts', 'profiles', 'warehouses', 'vendors'] loop
    execute format('create function public.%I(public.changes) returns setof public.%I rows 1 language sql stable
      as $f$ select d.* from public.%2$I d where d.id = $1.id and $1.entity = %2$L and not $1.gone $f$',
      'changed_' || of_table, of_table);
    execute format('grant execute on function public.%I(public.changes) to authenticated', 'changed_' || of_table);
  end loop;
end $$;

-- The documents of someone who sees only what is theirs, as they are now.
create function private.my_documents() returns table (entity text, id uuid)
language sql stable security definer set search_path = '' rows 1000 as $$
  select 'work_orders', w.id from public.own_work_orders() w where w.archived_at is null
  union all
  select 'equipment', m from private.my_machines() m where private.my_role() = 'contractor'
  union all
  select 'profiles', auth.uid()
  union all
  select 'warehouses', private.my_warehouse()
  union all
  select 'vendors', private.my_vendor()
$$;
grant execute on function private.my_documents() to authenticated;

-- True if a removal was forgotten that this snapshot did not see.
create function private.is_too_old(p_told pg_snapshot) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select from private.forgotten_changes f where not pg_visible_in_snapshot(f.changed_in, p_told))
$$;
grant execute on function private.is_too_old(pg_snapshot) to authenticated;

-- About as many bytes as a document is told in: its rows and those under it, which `bound_children` bounds, with the names of
-- their columns.
create function private.document_size(p_entity text, p_id uuid) returns bigint
language sql stable security definer set search_path = '' as $$
  select coalesce(sum(d.bytes), 0) from (
    select octet_length(w::text) + 1500 as bytes from public.work_orders w where p_entity = 'work_orders' and w.id = p_id
    union all
    select octet_length(i::text) + 500 from public.checklist_items i where p_entity = 'work_orders' and i.work_order_id = p_id
    union all
    select octet_length(a::text) + 500 from public.attachments a where p_entity = 'work_orders' and a.work_order_id = p_id
    union all
    select octet_length(c::text) + 500 from public.work_order_crew c where p_entity = 'work_orders' and c.work_order_id = p_id
    union all
    select octet_length(t::text) + 500 from public.time_logs t where p_entity = 'work_orders' and t.work_order_id = p_id
    union all
    select octet_length(c::text) + 500 from public.comments c where p_entity = 'work_orders' and c.work_order_id = p_id
    union all
    select octet_length(t::text) + 500 from public.part_transactions t
      where p_entity = 'work_orders' and t.work_order_id = p_id
    union all
    select octet_length(r::text) + 500 from public.part_reservations r
      where p_entity = 'work_orders' and r.work_order_id = p_id
    union all
    select octet_length(r::text) + 500 from public.work_order_relations r
      where p_entity = 'work_orders' and r.work_order_id = p_id
    union all
    select octet_length(e::text) + 1500 from public.equipment e where p_entity = 'equipment' and e.id = p_id
    union all
    select octet_length(m::text) + 500 from public.meters m where p_entity = 'equipment' and m.equipment_id = p_id
    union all
    select octet_length(p::text) + 1000 from public.parts p where p_entity = 'parts' and p.id = p_id
    union all
    select octet_length(p::text) + 1000 from public.profiles p where p_entity = 'profiles' and p.id = p_id
    union all
    select octet_length(w::text) + 1000 from public.warehouses w where p_entity = 'warehouses' and w.id = p_id
    union all
    select octet_length(v::text) + 1000 from public.vendors v where p_entity = 'vendors' and v.id = p_id) d
$$;
grant execute on function private.document_size(text, uuid) to authenticated;

-- Changes since a cursor, oldest first; without a cursor, since the beginning. The next cursor comes in the header
-- `sync-cursor`; `sync-more` says if there is more by now, and `sync-reset` that the cursor could not be used (too old,
-- or the caller's sight has changed) and everything comes from the beginning.
--
-- A cursor is `sight of the caller . snapshot already told . snapshot being told . last transaction . last id . last
-- place`, the last four only between two pages. All of this runs in the snapshot of the query that calls it.
create function public.changes_since(p_cursor text, p_limit integer, p_warehouse uuid) returns setof public.changes
language plpgsql stable set search_path = '' as $$
declare
  nil constant uuid := '00000000-0000-0000-0000-000000000000';
  nothing constant pg_snapshot := '3:3:';
  current constant pg_snapshot := pg_current_snapshot();
  sight constant text := left(md5(concat_ws(' ', auth.uid(), private.my_role(), private.my_warehouse(),
    private.my_vendor(), p_warehouse)), 16);
  said constant text[] := string_to_array(p_cursor, '.');
  told pg_snapshot := nothing;
  telling pg_snapshot := current;
  last_one public.changes;
  change public.changes;
  -- A client that has nothing yet has nothing to remove.
  first boolean := p_cursor is null;
  reset boolean := false;
  more boolean := false;
  many integer := 0;
  -- A page also ends before it holds more than this, but for its first document: that has at most 2 MB of each kind of child,
  -- 15 MB in all. So no answer is larger than about 20 MB, and most are small.
  room constant integer := 4194304;
  size bigint := 0;
  -- A page has an end, and goes on, whatever limit is asked for.
  page constant integer := least(greatest(coalesce(p_limit, 500), 1), 1000);
  -- Whoever sees only what is theirs, and has nothing yet, is told all of that: few of the changes of a warehouse.
  only_own boolean := not (private.sees_every_warehouse() or private.sees_own_warehouse(private.my_role()));
begin
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
    exception when invalid_text_representation or numeric_value_out_of_range then
      told := null;
    end;
    if told is null or array_length(said, 1) not in (2, 6) then
      raise sqlstate 'PT400' using message = 'bad_cursor', detail = 'it is not one that was given out here';
    end if;
    -- The caller's sight has changed, the database was restored, or the cursor is too old.
    reset := said[1] <> sight or pg_snapshot_xmax(told) > pg_snapshot_xmax(current)
      or pg_snapshot_xmax(telling) > pg_snapshot_xmax(current)
      or (said[2] <> nothing::text and private.is_too_old(told));
    first := reset or said[2] = nothing::text;
    if reset then
      told := nothing;
      telling := current;
      last_one := row(null, nil, nil, null, null, null, null);
    end if;
  end if;
  -- The oldest transaction that may not have been told. One bound, so that the index is entered there.
  last_one.changed_in := coalesce(last_one.changed_in, pg_snapshot_xmin(told));
  only_own := only_own and first;
  for change in
    select c.* from public.changes c
      where only_own and (c.entity, c.id) in (select d.entity, d.id from private.my_documents() d)
        and (p_warehouse is null or c.place = p_warehouse)
        and (c.changed_in, c.id, c.place) > (last_one.changed_in, last_one.id, last_one.place)
        and pg_visible_in_snapshot(c.changed_in, telling) and not c.gone
    union all
    select c.* from (
        select p_warehouse as place where p_warehouse is not null
        union all
        select w.id from public.warehouses w where p_warehouse is null
        union all
        select nil where p_warehouse is null
      ) p cross join lateral (
        select * from public.changes c
        where not only_own and c.place = p.place
          and (c.changed_in, c.id, c.place) > (last_one.changed_in, last_one.id, last_one.place)
          and not pg_visible_in_snapshot(c.changed_in, told) and pg_visible_in_snapshot(c.changed_in, telling)
          -- A caller who still sees the document elsewhere keeps it.
          and not (c.gone and (first or exists (select from public.changes o
            where o.entity = c.entity and o.id = c.id and not o.gone and p_warehouse is null)))
        order by c.changed_in, c.id, c.place limit page + 1) c
    order by changed_in, id, place limit page + 1
  loop
    many := many + 1;
    if not change.gone then
      size := size + private.document_size(change.entity, change.id);
    end if;
    more := many > page or (many > 1 and size > room);
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
grant execute on function public.changes_since(text, integer, uuid) to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop function public.changes_since(text, integer, uuid);
drop function private.document_size(text, uuid);
drop function private.is_too_old(pg_snapshot);
drop function private.my_documents();
drop function public.changed_vendors(public.changes);
drop function public.changed_warehouses(public.changes);
drop function public.changed_profiles(public.changes);
drop function public.changed_parts(public.changes);
drop function public.changed_equipment(public.changes);
drop function public.changed_work_orders(public.changes);
