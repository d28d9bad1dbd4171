-- migrate:up
-- Files: a row per upload with its kind and its progress; the bytes are in a bucket.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create type public.attachment_state as enum ('uploaded', 'processing', 'ready', 'quarantined', 'failed');

-- Another trigger on it: sync (sync_changes).
create table public.attachments (
  id uuid primary key default private.uuidv7(),
  work_order_id uuid not null references public.work_orders (id),
  file_name text not null check (private.is_line(file_name, 255) and file_name <> ''),
  content_type text not null check (private.is_line(content_type, 100) and content_type <> ''),
  size_bytes bigint not null check (size_bytes > 0),
  state public.attachment_state not null default 'uploaded',
  reason text,
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  width integer check (width > 0),
  height integer check (height > 0),
  has_renditions boolean not null default false,
  -- Work was completed with it.
  is_signature boolean not null default false,
  -- Null for the photo of a reporter without an account.
  uploaded_by uuid references public.profiles (id),
  warehouse_id uuid not null references public.warehouses (id),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- The target of a foreign key that must not leave the work order.
  unique (id, work_order_id),
  constraint attachments_say_why check ((state in ('quarantined', 'failed')) <= (reason is not null)),
  constraint attachments_ready_are_known check (state <> 'ready' or sha256 is not null)
);
create index attachments_by_work_order on public.attachments (work_order_id);
create index attachments_by_warehouse on public.attachments (warehouse_id, id desc);
create index attachments_by_uploader on public.attachments (uploaded_by, id desc);
create index attachments_waiting on public.attachments (created_at) where state in ('uploaded', 'processing');

alter table public.attachments enable row level security;
create trigger touch before update on public.attachments for each row execute function private.touch();
create policy attachments_read on public.attachments for select to authenticated
  using ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse())
      and (private.sees_own_warehouse((select private.my_role()))
        or exists (select from public.work_orders w where w.id = work_order_id))));
create policy attachments_add on public.attachments for insert to authenticated
  with check ((select private.my_role()) <> 'inventory_clerk'
    and exists (select from public.work_orders w where w.id = work_order_id));
-- Only for taking back an upload whose bytes never arrived. A signature stays, also once its work is taken up again.
create policy attachments_withdraw on public.attachments for delete to authenticated
  using (uploaded_by = (select auth.uid()) and state = 'uploaded' and not is_signature
    and exists (select from public.work_orders w where w.id = work_order_id));
grant select, delete on public.attachments to authenticated;
grant insert (id, work_order_id, file_name, content_type, size_bytes) on public.attachments to authenticated;
call private.fence('public.attachments');
call private.bound_children('public.attachments', 'work_order_id');

-- The list of a contractor or a requester.
create function public.own_attachments() returns setof public.attachments language sql stable as $$
  select a.* from public.attachments a where a.work_order_id in (select private.my_work())
$$;
grant execute on function public.own_attachments() to authenticated;

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

-- ------------------------------------------------------------------ signatures

-- Whoever takes work over may sign for it when it is completed: with a name, and with a picture of what they drew, which was
-- uploaded to the same work order before. The moment and the account are those of the completion.

alter table public.work_orders add constraint work_orders_signature_id_fkey foreign key (signature_id, id)
  references public.attachments (id, work_order_id);

-- As `fence` does it, and with the work order: one that is elsewhere, or is not the caller's to see, is not there.
create trigger a_seen_signature_id_later before update of signature_id on public.work_orders for each row
  when (new.signature_id is distinct from old.signature_id and new.signature_id is not null
    and row_security_active('public.work_orders'::regclass))
  execute function private.reference_is_seen('signature_id',
    'select exists (select from public.attachments a where a.id = ($1).signature_id and a.work_order_id = ($1).id
      and a.warehouse_id = ($1).warehouse_id)');

create function private.work_is_signed() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  asked public.signature_rule;
  drawn public.attachments;
  unusable text;
begin
  if new.status <> 'completed' or old.status = 'completed' then
    if (new.signature_name, new.signature_id) is distinct from (old.signature_name, old.signature_id) then
      perform private.refuse('signed_at_completion', 'it is signed when it is completed, neither before nor after');
    elsif private.is_open(new.status) then
      -- Taken up again: its history keeps the signature, and the next completion has its own.
      new.signature_name := null;
      new.signature_id := null;
    end if;
    return new;
  end if;
  select h.completion_signature into asked from public.warehouses h where h.id = new.warehouse_id;
  if asked <> 'optional' and new.signature_name is null or asked = 'drawn' and new.signature_id is null then
    perform private.refuse('signature_needed', case asked
      when 'drawn' then 'work is completed here with a name and a drawn signature'
      else 'work is completed here with the name of whoever signs' end);
  end if;
  if new.signature_id is not null then
    select * into drawn from public.attachments a where a.id = new.signature_id for no key update;
    unusable := case
      when drawn.is_signature then 'work was completed with it before: a signature is used once'
      when drawn.state in ('quarantined', 'failed') then format('it cannot be read: it is %s', drawn.state)
      when drawn.content_type not in ('image/jpeg', 'image/png', 'image/webp') then 'it is no picture' end;
    if unusable is not null then
      perform private.refuse('signature_unusable', unusable);
    end if;
    update public.attachments set is_signature = true where id = drawn.id;
  end if;
  return new;
end $$;
-- Named so that it fires after `moves`, which judges whether the caller may complete it at all, and before the triggers that
-- write the version and the history.
create trigger moves_signed before update of status, signature_name, signature_id on public.work_orders for each row
  when (auth.uid() is not null) execute function private.work_is_signed();

-- ------------------------------------------------------------------ processing

-- The attempt that processes an upload, and the end of its lease.
create table private.attachment_leases (
  attachment_id uuid primary key references public.attachments (id) on delete cascade,
  attempt smallint not null,
  lease_until timestamptz not null
);
alter table private.attachment_leases enable row level security;

-- The key of an upload in the bucket: its renditions lie beside the original, `…/clean`, `…/display`, `…/thumbnail`.
create function private.key_prefix(p_attachment public.attachments) returns text
language sql immutable set search_path = '' as
  $$ select p_attachment.warehouse_id::text || '/' || p_attachment.id::text $$;

-- The upload that lies there; null when there is none.
create function private.attachment_at(p_key_prefix text) returns uuid language plpgsql stable set search_path = '' as $$
begin
  return (select a.id from public.attachments a
    where a.id = substring(p_key_prefix from '^[0-9a-f-]{36}/([0-9a-f-]{36})$')::uuid
      and private.key_prefix(a) = p_key_prefix);
exception when invalid_text_representation then
  return null;
end $$;

-- Claims the upload that an event names, unless it is finished or someone else holds it. Null when there is nothing to
-- do.
create function functions.attachment_claim(p_key_prefix text, p_lease_seconds integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  upload public.attachments;
  taken smallint;
begin
  select * into upload from public.attachments a where a.id = private.attachment_at(p_key_prefix) for update;
  if upload.state is null or upload.state not in ('uploaded', 'processing') then
    return null;
  end if;
  insert into private.attachment_leases as l (attachment_id, attempt, lease_until)
    values (upload.id, 1, clock_timestamp() + make_interval(secs => p_lease_seconds))
    on conflict (attachment_id) do update set attempt = l.attempt + 1, lease_until = excluded.lease_until
      where upload.state = 'uploaded' or l.lease_until < clock_timestamp()
    returning l.attempt into taken;
  if taken is null then
    return null;
  end if;
  update public.attachments set state = 'processing' where id = upload.id and state = 'uploaded';
  return jsonb_build_object('id', upload.id, 'attempt', taken, 'content_type', upload.content_type,
    'size_bytes', upload.size_bytes);
end $$;
grant execute on function functions.attachment_claim(text, integer) to millwright_file_processor;

-- The state of an upload, for an event that found nothing to claim; `unknown` if there is no such upload.
create function functions.attachment_state(p_key_prefix text) returns text
language plpgsql stable security definer set search_path = '' as $$
begin
  return coalesce((select state::text from public.attachments where id = private.attachment_at(p_key_prefix)), 'unknown');
end $$;
grant execute on function functions.attachment_state(text) to millwright_file_processor;

-- Records the end of an attempt. False for a stale attempt, which changes nothing.
create function functions.attachment_finish(p_id uuid, p_attempt smallint, p_result jsonb) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update public.attachments a set state = r.state, reason = r.reason, sha256 = r.sha256, width = r.width,
      height = r.height, has_renditions = coalesce(r.has_renditions, false)
    from private.attachment_leases l, jsonb_to_record(p_result) as r(state public.attachment_state, reason text, sha256 text,
      width integer, height integer, has_renditions boolean)
    where a.id = p_id and l.attachment_id = a.id and l.attempt = p_attempt and a.state = 'processing';
  return found;
end $$;
grant execute on function functions.attachment_finish(uuid, smallint, jsonb) to millwright_file_processor;

-- Gives up on an upload that failed in all its attempts.
create function functions.attachment_fail(p_key_prefix text, p_reason text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update public.attachments set state = 'failed', reason = p_reason
    where id = private.attachment_at(p_key_prefix) and state in ('uploaded', 'processing');
  return found;
end $$;
grant execute on function functions.attachment_fail(text, text) to millwright_file_processor, millwright_request_api;

-- migrate:down
set local lock_timeout = '5s';
drop trigger moves_signed on public.work_orders;
drop trigger a_seen_signature_id_later on public.work_orders;
drop function private.work_is_signed();
alter table public.work_orders drop constraint work_orders_signature_id_fkey;
drop function private.attachment_at(text);
drop function private.key_prefix(public.attachments);
drop table private.attachment_leases;
drop function public.own_attachments();
drop table public.attachments;
drop function functions.attachment_fail(text, text);
drop function functions.attachment_finish(uuid, smallint, jsonb);
drop function functions.attachment_state(text);
drop function functions.attachment_claim(text, integer);
drop function private.attachment_is_small_enough();
drop function private.attachment_opens();
drop type public.attachment_state;
