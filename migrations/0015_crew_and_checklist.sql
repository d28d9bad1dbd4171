-- migrate:up
-- The crew of a work order, and its checklist.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- ------------------------------------------------------------------ activity

-- Activity of those who do or lead the work restarts the clocks of escalation.
create function private.note_activity(p_work_order uuid) returns void
language sql security definer set search_path = '' as $$
  update public.work_orders set last_activity_at = now()
    where id = p_work_order and private.my_role() in ('technician', 'supervisor', 'contractor', 'manager', 'admin')
$$;

create function private.work_is_done_on_it() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.note_activity(new.work_order_id);
  return null;
end $$;

-- ------------------------------------------------------------------ crew

-- Other triggers on it: history (history), sync (sync_changes).
create table public.work_order_crew (
  id uuid primary key default private.uuidv7(),
  work_order_id uuid not null references public.work_orders (id),
  profile_id uuid not null references public.profiles (id),
  created_at timestamptz not null default now(),
  unique (work_order_id, profile_id)
);
create index work_order_crew_by_person on public.work_order_crew (profile_id, id desc);

call private.serve('public.work_order_crew');
create policy work_order_crew_read on public.work_order_crew for select to authenticated
  using (exists (select from public.work_orders w where w.id = work_order_id));
create policy work_order_crew_add on public.work_order_crew for insert to authenticated
  with check (private.leads(work_order_id));
create policy work_order_crew_remove on public.work_order_crew for delete to authenticated
  using (private.leads(work_order_id));
grant insert (id, work_order_id, profile_id), delete on public.work_order_crew to authenticated;
call private.fence('public.work_order_crew');
call private.bound_children('public.work_order_crew', 'work_order_id');

-- As with the assignee: someone who does not fit is reported as someone who does not exist.
create function private.worker_fits() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if not private.can_be_assigned(new.profile_id,
      (select w.warehouse_id from public.work_orders w where w.id = new.work_order_id)) then
    perform private.no_such(tg_table_name, 'profile_id');
  end if;
  return null;
end $$;
create trigger worker_fits after insert on public.work_order_crew for each row execute function private.worker_fits();

-- ------------------------------------------------------------------ checklist

create type public.checklist_state as enum ('pending', 'done', 'skipped', 'issue');

-- Other triggers on it: work that has ended (lifecycle), history (history), sync (sync_changes).
create table public.checklist_items (
  id uuid primary key default private.uuidv7(),
  work_order_id uuid not null references public.work_orders (id) on delete cascade,
  position smallint not null check (position > 0),
  component text not null check (private.is_line(component, 200) and component <> ''),
  action text not null check (private.is_line(action, 1000) and action <> ''),
  state public.checklist_state not null default 'pending',
  notes text not null default '' check (private.is_prose(notes, 10000)),
  -- The work order that was opened for an issue. No foreign key: with a second one between the two tables the gateway
  -- could not tell which one a work order's checklist is embedded by. Only `checklist_issue` (lifecycle) writes it.
  follow_up_id uuid,
  custom_fields jsonb not null default '{}'
    check (private.is_json(custom_fields) and jsonb_typeof(custom_fields) = 'object'),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (work_order_id, position)
);

call private.serve('public.checklist_items');
create policy checklist_items_read on public.checklist_items for select to authenticated
  using (exists (select from public.work_orders w where w.id = work_order_id));
create policy checklist_items_add on public.checklist_items for insert to authenticated
  with check (private.leads(work_order_id));
create policy checklist_items_change on public.checklist_items for update to authenticated
  using (private.works_on(work_order_id));
create policy checklist_items_remove on public.checklist_items for delete to authenticated
  using (private.leads(work_order_id));
grant insert (id, work_order_id, position, component, action, custom_fields), delete,
  update (position, component, action, state, notes, custom_fields) on public.checklist_items to authenticated;
call private.fence('public.checklist_items');
call private.bound_children('public.checklist_items', 'work_order_id');

create function private.checklist_item_opens() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  -- One after the other, so that two at once do not take the same place.
  perform from public.work_orders w where w.id = new.work_order_id for no key update;
  new.position := coalesce(new.position, (select coalesce(max(i.position), 0) + 1
    from public.checklist_items i where i.work_order_id = new.work_order_id));
  return new;
end $$;
create trigger opens before insert on public.checklist_items for each row
  when (new.position is null) execute function private.checklist_item_opens();
create trigger workers_decide after update on public.checklist_items for each row
  when (auth.uid() is not null)
  execute function private.only_columns('technician contractor', 'state notes custom_fields follow_up_id');
create trigger work_is_done_on_it after insert or update on public.checklist_items for each row
  when (auth.uid() is not null) execute function private.work_is_done_on_it();

-- migrate:down
set local lock_timeout = '5s';
drop table public.checklist_items;
drop table public.work_order_crew;
drop function private.checklist_item_opens();
drop function private.worker_fits();
drop function private.work_is_done_on_it();
drop function private.note_activity(uuid);
drop type public.checklist_state;
