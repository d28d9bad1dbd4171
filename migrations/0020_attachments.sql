-- migrate:up
-- Files: a row per upload with its kind and its progress; the bytes are in a bucket.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create type public.attachment_state as enum ('uploaded', 'processing', 'ready', 'quarantined', 'failed');

-- Another trigger on it: sync (sync_changes).
create table public.attachments (
  id uuid primary key default private.uuidv7(),
  work_order_id uuid not null references public.work_orders (id),
  file_name text not null check (length(file_name) between 1 and 255),
  content_type text not null,
  size_bytes bigint not null check (size_bytes > 0),
  state public.attachment_state not null default 'uploaded',
  reason text,
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  width integer check (width > 0),
  height integer check (height > 0),
  has_renditions boolean not null default false,
  -- Null for the photo of a reporter without an account.
  uploaded_by uuid references public.profiles (id),
  warehouse_id uuid not null references public.warehouses (id),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  bucket text not null default 'wo-attachments',
  -- Renditions lie beside the original: `…/clean`, `…/display`, `…/thumbnail`.
  key_prefix text not null unique generated always as (warehouse_id::text || '/' || id::text) stored,
  attempt smallint not null default 0,
  lease_until timestamptz,
  constraint attachments_say_why check ((state in ('quarantined', 'failed')) <= (reason is not null)),
  constraint attachments_ready_are_known check (state <> 'ready' or sha256 is not null)
);
create index attachments_by_work_order on public.attachments (work_order_id);
create index attachments_waiting on public.attachments (created_at) where state in ('uploaded', 'processing');

alter table public.attachments enable row level security;
create trigger touch before update on public.attachments for each row execute function private.touch();
create policy attachments_read on public.attachments for select to authenticated
  using (exists (select from public.work_orders w where w.id = work_order_id));
create policy attachments_add on public.attachments for insert to authenticated
  with check ((select private.my_role()) <> 'inventory_clerk'
    and exists (select from public.work_orders w where w.id = work_order_id));
-- Only for taking back an upload whose bytes never arrived.
create policy attachments_withdraw on public.attachments for delete to authenticated
  using (uploaded_by = (select auth.uid()) and state = 'uploaded'
    and exists (select from public.work_orders w where w.id = work_order_id));
-- Progress of the processing and the place of the bytes are not granted to clients.
grant select (id, work_order_id, warehouse_id, file_name, content_type, size_bytes, state, reason, sha256, width, height,
  has_renditions, uploaded_by, version, created_at, updated_at), delete on public.attachments to authenticated;
grant insert (id, work_order_id, file_name, content_type, size_bytes) on public.attachments to authenticated;

-- The database fills in the warehouse (the work order's) and the uploader (the caller).
create function private.attachment_opens() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  new.warehouse_id := (select warehouse_id from public.work_orders where id = new.work_order_id);
  new.uploaded_by := auth.uid();
  return new;
end $$;
create trigger opens before insert on public.attachments for each row execute function private.attachment_opens();

-- Refuses an upload over the limit of its warehouse.
create function private.attachment_is_small_enough() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  allowed constant bigint := private.setting('file_upload_max_size', new.warehouse_id, '5242880')::text::bigint;
begin
  if new.size_bytes > allowed then
    raise exception using errcode = 'PT413', message = 'too_large', detail = allowed::text;
  end if;
  return null;
end $$;
create trigger is_small_enough after insert on public.attachments for each row
  execute function private.attachment_is_small_enough();

-- ------------------------------------------------------------------ processing

-- Claims the upload that an event names, unless it is finished or someone else holds it. Null when there is nothing to
-- do.
create function functions.attachment_claim(p_key_prefix text, p_lease_seconds integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  claimed jsonb;
begin
  update public.attachments a set state = 'processing', attempt = a.attempt + 1,
      lease_until = clock_timestamp() + make_interval(secs => p_lease_seconds)
    where a.key_prefix = p_key_prefix
      and (a.state = 'uploaded' or (a.state = 'processing' and a.lease_until < clock_timestamp()))
    returning jsonb_build_object('id', a.id, 'attempt', a.attempt, 'content_type', a.content_type,
      'size_bytes', a.size_bytes) into claimed;
  return claimed;
end $$;
grant execute on function functions.attachment_claim(text, integer) to millwright_file_processor;

-- The state of an upload, for an event that found nothing to claim; `unknown` if there is no such upload.
create function functions.attachment_state(p_key_prefix text) returns text
language plpgsql stable security definer set search_path = '' as $$
begin
  return coalesce((select state::text from public.attachments where key_prefix = p_key_prefix), 'unknown');
end $$;
grant execute on function functions.attachment_state(text) to millwright_file_processor;

-- Records the end of an attempt. False for a stale attempt, which changes nothing.
create function functions.attachment_finish(p_id uuid, p_attempt smallint, p_result jsonb) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update public.attachments a set state = r.state, reason = r.reason, sha256 = r.sha256, width = r.width,
      height = r.height, has_renditions = coalesce(r.has_renditions, false), lease_until = null
    from jsonb_to_record(p_result) as r(state public.attachment_state, reason text, sha256 text,
      width integer, height integer, has_renditions boolean)
    where a.id = p_id and a.attempt = p_attempt and a.state = 'processing';
  return found;
end $$;
grant execute on function functions.attachment_finish(uuid, smallint, jsonb) to millwright_file_processor;

-- Gives up on an upload that failed in all its attempts.
create function functions.attachment_fail(p_key_prefix text, p_reason text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update public.attachments set state = 'failed', reason = p_reason, lease_until = null
    where key_prefix = p_key_prefix and state in ('uploaded', 'processing');
  return found;
end $$;
grant execute on function functions.attachment_fail(text, text) to millwright_file_processor, millwright_request_api;

-- migrate:down
set local lock_timeout = '5s';
drop table public.attachments;
drop function functions.attachment_fail(text, text);
drop function functions.attachment_finish(uuid, smallint, jsonb);
drop function functions.attachment_state(text);
drop function functions.attachment_claim(text, integer);
drop function private.attachment_is_small_enough();
drop function private.attachment_opens();
drop type public.attachment_state;
