-- migrate:up
-- What people do on work orders: who works along, what is decided, how long it takes, what is said.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- ------------------------------------------------------------------ crew

create table public.work_order_crew (
  id uuid primary key default private.uuidv7(),
  work_order_id uuid not null references public.work_orders (id),
  profile_id uuid not null references public.profiles (id),
  created_at timestamptz not null default now(),
  unique (work_order_id, profile_id)
);
create index work_order_crew_by_person on public.work_order_crew (profile_id);

create function private.is_in_crew(p_work_order uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select from public.work_order_crew c
    where c.work_order_id = p_work_order and c.profile_id = (select auth.uid()))
$$;

-- Whether the caller leads the place where the work order is.
create function private.leads(p_work_order uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select from public.work_orders w where w.id = p_work_order
    and private.is_one_of(w.warehouse_id, 'supervisor'))
$$;

-- Whether the caller leads there, or the work is theirs.
create function private.works_on(p_work_order uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select from public.work_orders w where w.id = p_work_order
    and (private.is_one_of(w.warehouse_id, 'supervisor')
      or (private.is_one_of(w.warehouse_id, 'technician', 'contractor')
        and (w.assigned_to = (select auth.uid()) or private.is_in_crew(w.id)))))
$$;
grant execute on function private.is_in_crew(uuid), private.leads(uuid), private.works_on(uuid) to authenticated;

drop policy work_orders_read on public.work_orders;
create policy work_orders_read on public.work_orders for select to authenticated
  using ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse()) and case (select private.my_role())
      when 'technician' then true
      when 'supervisor' then true
      when 'inventory_clerk' then true
      when 'contractor' then assigned_to = (select auth.uid()) or private.is_in_crew(id)
      when 'requester' then requested_by = (select auth.uid())
      else false end));

-- As with whoever is responsible: to the caller, there is no such person to give work to.
create function private.crew_fits() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if not private.can_be_assigned(new.profile_id,
      (select w.warehouse_id from public.work_orders w where w.id = new.work_order_id)) then
    perform private.no_such('work_order_crew', 'profile_id');
  end if;
  return null;
end $$;
create trigger crew_fits after insert on public.work_order_crew for each row execute function private.crew_fits();

call private.serve('public.work_order_crew');
create policy work_order_crew_read on public.work_order_crew for select to authenticated
  using (exists (select from public.work_orders w where w.id = work_order_id));
create policy work_order_crew_add on public.work_order_crew for insert to authenticated
  with check (private.leads(work_order_id));
create policy work_order_crew_remove on public.work_order_crew for delete to authenticated
  using (private.leads(work_order_id));
grant insert (id, work_order_id, profile_id), delete on public.work_order_crew to authenticated;

-- ------------------------------------------------------------------ the work order itself

create policy work_orders_change on public.work_orders for update to authenticated using (private.works_on(id));
grant update (fo_number, title, description, area, asset_model, equipment_id, priority, due_at, parent_id, vendor_id,
  custom_fields) on public.work_orders to authenticated;
grant insert (vendor_id) on public.work_orders to authenticated;
create trigger workers_describe after update on public.work_orders for each row
  when (auth.uid() is not null) execute function private.only_columns('technician contractor',
    'description area asset_model custom_fields last_activity_at');

-- Someone did something: the clocks of escalation start again. Whoever only asked for the work does not count.
create function private.note_activity(p_work_order uuid) returns void
language sql security definer set search_path = '' as $$
  update public.work_orders set last_activity_at = now()
    where id = p_work_order and private.my_role() in ('technician', 'supervisor', 'contractor', 'manager', 'admin')
$$;

-- That is no change of the work order, and neither are the deadlines that follow from it: whoever edits it need not read it
-- again. What the database generates is not filled in yet here.
create function private.touch_work_order() returns trigger language plpgsql set search_path = '' as $$
declare
  aside constant text[] := array['last_activity_at', 'response_due_at', 'resolution_due_at', 'search', 'number'];
begin
  if (new.last_activity_at, new.response_due_at, new.resolution_due_at)
      is distinct from (old.last_activity_at, old.response_due_at, old.resolution_due_at)
      and to_jsonb(new) - aside = to_jsonb(old) - aside then
    return new;
  end if;
  new.version := old.version + 1;
  new.updated_at := now();
  return new;
end $$;
drop trigger touch on public.work_orders;
create trigger touch before update on public.work_orders for each row execute function private.touch_work_order();

create function private.work_is_done_on_it() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.note_activity(new.work_order_id);
  return null;
end $$;
revoke execute on function private.is_in_crew(uuid), private.leads(uuid), private.works_on(uuid),
  private.crew_fits(), private.note_activity(uuid), private.touch_work_order(), private.work_is_done_on_it() from public;

-- ------------------------------------------------------------------ checklist

create function private.checklist_item_opens() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  new.position := coalesce(new.position, (select coalesce(max(i.position), 0) + 1
    from public.checklist_items i where i.work_order_id = new.work_order_id));
  return new;
end $$;
revoke execute on function private.checklist_item_opens() from public;
create trigger opens before insert on public.checklist_items for each row
  when (new.position is null) execute function private.checklist_item_opens();
create trigger workers_decide after update on public.checklist_items for each row
  when (auth.uid() is not null) execute function private.only_columns('technician contractor', 'state notes custom_fields');
create trigger work_is_done_on_it after insert or update on public.checklist_items for each row
  when (auth.uid() is not null) execute function private.work_is_done_on_it();
call private.take_keys('public.checklist_items');
create policy checklist_items_add on public.checklist_items for insert to authenticated
  with check (private.leads(work_order_id));
create policy checklist_items_change on public.checklist_items for update to authenticated
  using (private.works_on(work_order_id));
create policy checklist_items_remove on public.checklist_items for delete to authenticated
  using (private.leads(work_order_id));
grant insert (id, work_order_id, position, component, action, custom_fields), delete,
  update (position, component, action, state, notes, custom_fields) on public.checklist_items to authenticated;

-- ------------------------------------------------------------------ time

create extension if not exists btree_gist with schema extensions;

create table public.time_logs (
  id uuid primary key default private.uuidv7(),
  work_order_id uuid not null references public.work_orders (id),
  profile_id uuid not null references public.profiles (id) default auth.uid(),
  started_at timestamptz not null default now(),
  -- Null while the clock runs.
  stopped_at timestamptz,
  note text not null default '',
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint time_logs_stop_after_they_start check (stopped_at > started_at),
  -- Nobody works on two things at once.
  constraint time_logs_do_not_overlap exclude using gist
    (profile_id with =, tstzrange(started_at, stopped_at) with &&)
);
create index time_logs_by_work_order on public.time_logs (work_order_id);
create trigger work_is_done_on_it after insert or update on public.time_logs for each row
  when (auth.uid() is not null) execute function private.work_is_done_on_it();
call private.serve('public.time_logs');
create policy time_logs_read on public.time_logs for select to authenticated
  using (exists (select from public.work_orders w where w.id = work_order_id));
create policy time_logs_start on public.time_logs for insert to authenticated
  with check (private.leads(work_order_id)
    or (profile_id = (select auth.uid()) and private.works_on(work_order_id)));
create policy time_logs_change on public.time_logs for update to authenticated
  using (private.leads(work_order_id)
    or (profile_id = (select auth.uid()) and private.works_on(work_order_id)));
grant insert (id, work_order_id, profile_id, started_at, stopped_at, note), update (started_at, stopped_at, note)
  on public.time_logs to authenticated;

-- ------------------------------------------------------------------ comments

-- What was said stays as it was said.
create table public.comments (
  id uuid primary key default private.uuidv7(),
  work_order_id uuid not null references public.work_orders (id),
  author_id uuid not null references public.profiles (id) default auth.uid(),
  body text not null check (length(body) between 1 and 10000),
  created_at timestamptz not null default now()
);
create index comments_by_work_order on public.comments (work_order_id);
create trigger work_is_done_on_it after insert on public.comments for each row
  when (auth.uid() is not null) execute function private.work_is_done_on_it();

create function private.comments_tell() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.events (kind, warehouse_id, work_order_id, actor_id, details)
    select 'wo_comment', w.warehouse_id, w.id, n.author_id, jsonb_build_object('comment_id', n.id)
    from said n join public.work_orders w on w.id = n.work_order_id;
  return null;
end $$;
revoke execute on function private.comments_tell() from public;
create trigger tell after insert on public.comments
  referencing new table as said for each statement execute function private.comments_tell();

call private.serve('public.comments');
create policy comments_read on public.comments for select to authenticated
  using (exists (select from public.work_orders w where w.id = work_order_id));
create policy comments_add on public.comments for insert to authenticated
  with check (author_id = (select auth.uid()) and (select private.my_role()) <> 'inventory_clerk'
    and exists (select from public.work_orders w where w.id = work_order_id));
grant insert (id, work_order_id, body) on public.comments to authenticated;

-- ------------------------------------------------------------------ relations

create type public.relation_kind as enum ('duplicate_of', 'related_to', 'split_from', 'blocks');

create table public.work_order_relations (
  id uuid primary key default private.uuidv7(),
  work_order_id uuid not null references public.work_orders (id),
  kind public.relation_kind not null,
  other_id uuid not null,
  warehouse_id uuid not null,
  created_by uuid references public.profiles (id) default auth.uid(),
  created_at timestamptz not null default now(),
  constraint work_order_relations_other_id_fkey foreign key (other_id, warehouse_id)
    references public.work_orders (id, warehouse_id),
  constraint work_order_relations_to_another check (work_order_id <> other_id)
);
-- Nothing blocks what it is blocked by, and no relation is said twice, from either side.
create unique index work_order_relations_once on public.work_order_relations
  (least(work_order_id, other_id), greatest(work_order_id, other_id), kind);
create index work_order_relations_from on public.work_order_relations (work_order_id);
create index work_order_relations_to on public.work_order_relations (other_id);

create function private.relation_opens() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  new.warehouse_id := (select w.warehouse_id from public.work_orders w where w.id = new.work_order_id);
  return new;
end $$;
revoke execute on function private.relation_opens() from public;
create trigger opens before insert on public.work_order_relations
  for each row execute function private.relation_opens();
call private.serve('public.work_order_relations');
create policy work_order_relations_read on public.work_order_relations for select to authenticated
  using (exists (select from public.work_orders w where w.id = work_order_id));
create policy work_order_relations_add on public.work_order_relations for insert to authenticated
  with check (private.leads(work_order_id) and exists (select from public.work_orders w where w.id = other_id));
create policy work_order_relations_remove on public.work_order_relations for delete to authenticated
  using (private.leads(work_order_id));
grant insert (id, work_order_id, kind, other_id), delete on public.work_order_relations to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop table public.work_order_relations;
drop function private.relation_opens();
drop type public.relation_kind;
drop table public.comments;
drop function private.comments_tell();
drop table public.time_logs;
drop policy checklist_items_remove on public.checklist_items;
drop policy checklist_items_change on public.checklist_items;
drop policy checklist_items_add on public.checklist_items;
revoke insert (id, work_order_id, position, component, action, custom_fields), delete,
  update (position, component, action, state, notes, custom_fields) on public.checklist_items from authenticated;
drop trigger keep_answer on public.checklist_items;
drop trigger _take_key on public.checklist_items;
drop trigger work_is_done_on_it on public.checklist_items;
drop trigger workers_decide on public.checklist_items;
drop trigger opens on public.checklist_items;
drop function private.checklist_item_opens();
drop function private.work_is_done_on_it();
drop trigger touch on public.work_orders;
create trigger touch before update on public.work_orders for each row execute function private.touch();
drop function private.touch_work_order();
drop function private.note_activity(uuid);
drop trigger workers_describe on public.work_orders;
revoke insert (vendor_id) on public.work_orders from authenticated;
revoke update (fo_number, title, description, area, asset_model, equipment_id, priority, due_at, parent_id, vendor_id,
  custom_fields) on public.work_orders from authenticated;
drop policy work_orders_change on public.work_orders;
drop policy work_orders_read on public.work_orders;
create policy work_orders_read on public.work_orders for select to authenticated
  using ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse()) and case (select private.my_role())
      when 'technician' then true
      when 'supervisor' then true
      when 'inventory_clerk' then true
      when 'contractor' then assigned_to = (select auth.uid())
      when 'requester' then requested_by = (select auth.uid())
      else false end));
drop table public.work_order_crew;
drop function private.crew_fits();
drop function private.works_on(uuid);
drop function private.leads(uuid);
drop function private.is_in_crew(uuid);
