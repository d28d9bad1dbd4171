-- migrate:up
-- Time logs and comments of work orders, and the relations between work orders.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- ------------------------------------------------------------------ time

-- Other triggers on it: time runs only during work (lifecycle), history (history), sync (sync_changes).
create table public.time_logs (
  id uuid primary key default private.uuidv7(),
  work_order_id uuid not null references public.work_orders (id),
  profile_id uuid not null references public.profiles (id) default auth.uid(),
  started_at timestamptz not null default now()
    check (private.is_moment(started_at) and private.has_happened(started_at)),
  -- Null while the time is running.
  stopped_at timestamptz check (private.is_moment(stopped_at) and private.has_happened(stopped_at)),
  note text not null default '' check (private.is_prose(note, 1000)),
  -- Struck through: when, by whom, and why.
  annulled_at timestamptz,
  annulled_by uuid references public.profiles (id),
  annulled_reason text check (private.is_prose(annulled_reason, 1000) and annulled_reason <> ''),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint time_logs_are_annulled_with_a_reason check ((annulled_at is null) = (annulled_reason is null)),
  constraint time_logs_stop_after_they_start check (stopped_at > started_at),
  -- Nobody works on two things at once.
  constraint time_logs_do_not_overlap exclude using gist
    (profile_id with =, tstzrange(started_at, stopped_at) with &&) where (annulled_at is null)
);
create index time_logs_by_work_order on public.time_logs (work_order_id);
create index time_logs_running on public.time_logs (profile_id) where stopped_at is null;

call private.serve('public.time_logs');
create policy time_logs_read on public.time_logs for select to authenticated
  using (exists (select from public.work_orders w where w.id = work_order_id));
create policy time_logs_start on public.time_logs for insert to authenticated
  with check (private.leads(work_order_id)
    or (profile_id = (select auth.uid()) and private.works_on(work_order_id)));
create policy time_logs_change on public.time_logs for update to authenticated
  using (private.leads(work_order_id)
    or (profile_id = (select auth.uid()) and private.works_on(work_order_id)));
grant insert (id, work_order_id, profile_id, started_at, stopped_at, note), update (started_at, stopped_at, note, annulled_reason)
  on public.time_logs to authenticated;
call private.let_annul('public.time_logs', 'work_orders', 'work_order_id');
call private.fence('public.time_logs');
call private.bound_children('public.time_logs', 'work_order_id');
-- Time that was logged stays when its person moves; new time is logged by and for those who can be given work here.
create trigger worker_fits after insert on public.time_logs for each row
  when (row_security_active('public.time_logs'::regclass)) execute function private.worker_fits();
-- Nor is it made longer, or put elsewhere, when its person has moved: it would stand in the way of what they log there, and tell of it.
create trigger worker_fits_later after update of started_at, stopped_at on public.time_logs for each row
  when (row_security_active('public.time_logs'::regclass)
    and not tstzrange(old.started_at, old.stopped_at) @> tstzrange(new.started_at, new.stopped_at))
  execute function private.worker_fits();
create trigger work_is_done_on_it after insert or update on public.time_logs for each row
  when (auth.uid() is not null) execute function private.work_is_done_on_it();

-- A clock that was wrong from the start does not run on.
create function private.annulled_clock_stops() returns trigger language plpgsql set search_path = '' as $$
begin
  new.stopped_at := greatest(now(), new.started_at + interval '1 microsecond');
  return new;
end $$;
create trigger annulled_clock_stops before update on public.time_logs for each row
  when (new.annulled_reason is not null and new.stopped_at is null) execute function private.annulled_clock_stops();

-- ------------------------------------------------------------------ comments

-- Comments are never edited. Another trigger on it: sync (sync_changes).
create table public.comments (
  id uuid primary key default private.uuidv7(),
  work_order_id uuid not null references public.work_orders (id),
  author_id uuid not null references public.profiles (id) default auth.uid(),
  body text not null check (private.is_prose(body, 10000) and body <> ''),
  created_at timestamptz not null default now()
);
create index comments_by_work_order on public.comments (work_order_id);

call private.serve('public.comments');
create policy comments_read on public.comments for select to authenticated
  using (exists (select from public.work_orders w where w.id = work_order_id));
create policy comments_add on public.comments for insert to authenticated
  with check (author_id = (select auth.uid()) and (select private.my_role()) <> 'inventory_clerk'
    and exists (select from public.work_orders w where w.id = work_order_id));
grant insert (id, work_order_id, body) on public.comments to authenticated;
call private.fence('public.comments');
call private.bound_children('public.comments', 'work_order_id');
create trigger stays_as_it_is before update or delete on public.comments for each row
  execute function private.stays_as_it_is();
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
create trigger tell after insert on public.comments
  referencing new table as said for each statement execute function private.comments_tell();

-- ------------------------------------------------------------------ relations

create type public.relation_kind as enum ('duplicate_of', 'related_to', 'split_from', 'blocks');
-- Other triggers on it: history (history), sync (sync_changes).
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
-- A pair of work orders has at most one relation of a kind, whichever side it was made from; so neither can block the
-- other both ways.
create unique index work_order_relations_once on public.work_order_relations
  (least(work_order_id, other_id), greatest(work_order_id, other_id), kind);
create index work_order_relations_from on public.work_order_relations (work_order_id);
create index work_order_relations_to on public.work_order_relations (other_id);

call private.serve('public.work_order_relations');
create policy work_order_relations_read on public.work_order_relations for select to authenticated
  using (exists (select from public.work_orders w where w.id = work_order_id));
create policy work_order_relations_add on public.work_order_relations for insert to authenticated
  with check (private.leads(work_order_id) and exists (select from public.work_orders w where w.id = other_id));
create policy work_order_relations_remove on public.work_order_relations for delete to authenticated
  using (private.leads(work_order_id));
grant insert (id, work_order_id, kind, other_id), delete on public.work_order_relations to authenticated;
call private.fence('public.work_order_relations');
call private.bound_children('public.work_order_relations', 'work_order_id');

create function private.relation_opens() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  new.warehouse_id := (select w.warehouse_id from public.work_orders w where w.id = new.work_order_id);
  return new;
end $$;
create trigger opens before insert on public.work_order_relations
  for each row execute function private.relation_opens();

-- migrate:down
set local lock_timeout = '5s';
drop table public.work_order_relations;
drop table public.comments;
drop table public.time_logs;
drop function private.annulled_clock_stops();
drop function private.relation_opens();
drop function private.comments_tell();
drop type public.relation_kind;
