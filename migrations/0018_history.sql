-- migrate:up
-- The history of work orders: every changed field with its old and new value. The database writes it in the transaction
-- of the change, and nobody edits it.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- Each entry carries the hash of the one before it, so that a removed or altered entry shows.
create table public.work_order_history (
  id uuid primary key default private.uuidv7(),
  work_order_id uuid not null references public.work_orders (id),
  position integer not null check (position > 0),
  -- The part that was changed: the work order itself, or one of its children.
  subject text not null,
  subject_id uuid not null,
  -- The subject's version afterwards; null for children without a version.
  version integer,
  changes jsonb not null check (jsonb_typeof(changes) = 'object'),
  -- The phone's mutation, for changes that were made offline.
  mutation_id uuid,
  actor_id uuid references public.profiles (id),
  -- The function that made the change, if no person did.
  actor_function text,
  happened_at timestamptz not null default clock_timestamp(),
  previous_hash text not null,
  hash text not null check (hash ~ '^[0-9a-f]{64}$'),
  unique (work_order_id, position)
);

-- What a phone's mutations are decided on.
create index work_order_history_by_subject on public.work_order_history (subject_id, position);

-- The few entries that reports need: cancellations, and work that was taken up again.
create index work_order_history_cancelled on public.work_order_history (work_order_id, happened_at)
  where changes -> 'status' ->> 'to' = 'cancelled';
create index work_order_history_resumed on public.work_order_history (work_order_id)
  where subject = 'work_order' and changes -> 'status' ->> 'to' = 'in_progress'
    and changes -> 'status' ->> 'from' in ('on_hold', 'completed', 'verified');

-- Who had it, and by when it was due, at the end of a period that has passed.
create index work_order_history_given on public.work_order_history (happened_at)
  where subject = 'work_order' and (changes ? 'assigned_to' or changes ? 'due_at');

alter table public.work_order_history enable row level security;
create policy work_order_history_read on public.work_order_history for select to authenticated
  using (exists (select from public.work_orders w where w.id = work_order_id));
grant select on public.work_order_history to authenticated;
create trigger stays_as_it_is before update or delete on public.work_order_history for each row
  execute function private.stays_as_it_is();

-- The length and the last hash of each history, so that a cut-off end shows, too.
create table private.history_heads (
  work_order_id uuid primary key references public.work_orders (id),
  length integer not null,
  hash text not null
);

alter table private.history_heads enable row level security;

-- The hash of an entry: of all its fields as JSON, with keys in Postgres's order, and of the hash before it.
create function private.history_hash(p public.work_order_history) returns text
language sql immutable set search_path = '' as $$
  select encode(sha256(convert_to(p.previous_hash || jsonb_build_object(
    'id', p.id, 'work_order_id', p.work_order_id, 'position', p.position, 'subject', p.subject,
    'subject_id', p.subject_id, 'version', p.version, 'changes', p.changes, 'mutation_id', p.mutation_id, 'actor_id', p.actor_id, 'actor_function', p.actor_function,
    'happened_at', extract(epoch from p.happened_at))::text, 'UTF8')), 'hex')
$$;

create function private.write_history(p_work_order uuid, p_subject text, p_subject_id uuid, p_version integer, p_changes jsonb)
returns void language plpgsql security definer set search_path = '' as $$
declare
  head private.history_heads;
  entry public.work_order_history;
begin
  if p_changes = '{}' then
    return;
  end if;
  -- Locks the head, so that entries of one work order are written one after the other.
  insert into private.history_heads as h (work_order_id, length, hash) values (p_work_order, 0, '')
    on conflict (work_order_id) do update set length = h.length returning * into head;
  entry.id := private.uuidv7();
  entry.work_order_id := p_work_order;
  entry.position := head.length + 1;
  entry.subject := p_subject;
  entry.subject_id := p_subject_id;
  entry.version := p_version;
  entry.changes := p_changes;
  entry.mutation_id := nullif(current_setting('millwright.mutation', true), '')::uuid;
  entry.actor_id := auth.uid();
  -- A function that speaks for a person is not the actor.
  entry.actor_function := case when entry.actor_id is null then private.calling_function() end;
  entry.happened_at := clock_timestamp();
  entry.previous_hash := head.hash;
  entry.hash := private.history_hash(entry);
  insert into public.work_order_history select entry.*;
  update private.history_heads set length = entry.position, hash = entry.hash where work_order_id = p_work_order;
end $$;

-- ------------------------------------------------------------------ triggers

create function private.work_order_is_changed() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.write_history(new.id, 'work_order', new.id, new.version, private.changes(to_jsonb(old), to_jsonb(new),
    array['version', 'updated_at', 'last_activity_at', 'response_due_at', 'resolution_due_at']));
  return null;
end $$;
create trigger is_changed after update on public.work_orders for each row execute function private.work_order_is_changed();

-- A child of a work order was added, changed or removed. The argument is its subject.
create function private.part_of_work_is_changed() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  known constant jsonb := to_jsonb(case when tg_op = 'DELETE' then old else new end);
begin
  perform private.write_history((known ->> 'work_order_id')::uuid, tg_argv[0], (known ->> 'id')::uuid,
    (known ->> 'version')::integer, private.changes(
    case when tg_op <> 'INSERT' then to_jsonb(old) end, case when tg_op <> 'DELETE' then to_jsonb(new) end,
    array['id', 'work_order_id', 'warehouse_id', 'version', 'created_at', 'updated_at']));
  return null;
end $$;

-- A job's checklist comes with the work order and is not history; items that people add are.
create trigger is_changed after insert on public.checklist_items for each row
  when (auth.uid() is not null) execute function private.part_of_work_is_changed('checklist_item');
create trigger is_changed_later after update or delete on public.checklist_items for each row
  execute function private.part_of_work_is_changed('checklist_item');
create trigger is_changed after insert or delete on public.work_order_crew for each row
  execute function private.part_of_work_is_changed('crew');
create trigger is_changed after insert or update on public.time_logs for each row
  execute function private.part_of_work_is_changed('time_log');
create trigger is_changed after insert or delete on public.work_order_relations for each row
  execute function private.part_of_work_is_changed('relation');

-- migrate:down
set local lock_timeout = '5s';
drop trigger is_changed on public.work_order_relations;
drop trigger is_changed on public.time_logs;
drop trigger is_changed on public.work_order_crew;
drop trigger is_changed_later on public.checklist_items;
drop trigger is_changed on public.checklist_items;
drop trigger is_changed on public.work_orders;
drop function private.history_hash(public.work_order_history);
drop table private.history_heads;
drop table public.work_order_history;
drop function private.part_of_work_is_changed();
drop function private.work_order_is_changed();
drop function private.write_history(uuid, text, uuid, integer, jsonb);
