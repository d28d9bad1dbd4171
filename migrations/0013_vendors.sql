-- migrate:up
-- Who sells to us and who works for us, and the papers of theirs that expire.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- What most tables that clients write have in common: a version, idempotency keys, and row level security.
create procedure private.serve(p_table regclass) language plpgsql set search_path = '' as $$
begin
  execute format('alter table %s enable row level security', p_table);
  execute format('grant select on %s to authenticated', p_table);
  if exists (select from pg_attribute where attrelid = p_table and attname = 'version' and not attisdropped) then
    execute format('create trigger touch before update on %s for each row execute function private.touch()', p_table);
  end if;
  call private.take_keys(p_table);
end $$;
revoke execute on procedure private.serve(regclass) from public;

-- Whether the caller has one of these roles in that warehouse. Managers and admins are at home everywhere; what belongs
-- to no warehouse (null) is theirs alone.
create function private.is_one_of(p_warehouse uuid, variadic p_roles public.user_role[]) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select from public.profiles p where p.id = (select auth.uid()) and p.active
    and (p.role in ('manager', 'admin') or (p.warehouse_id = p_warehouse and p.role = any (p_roles))))
$$;
revoke execute on function private.is_one_of(uuid, public.user_role[]) from public;
grant execute on function private.is_one_of(uuid, public.user_role[]) to authenticated;

-- Raised as an answer to the client: 409 with this code, and a sentence that may be shown.
create function private.refuse(p_code text, p_detail text) returns void language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = 'PT409', message = p_code, detail = p_detail;
end $$;
revoke execute on function private.refuse(text, text) from public;

-- Lets these roles (first argument) change these columns (second one) and no other ones: a policy judges rows, a grant
-- everyone. Asked after the row is written, so that generated columns have their values.
create function private.only_columns() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  allowed constant text[] := string_to_array(tg_argv[1] || ' search version updated_at', ' ');
begin
  if private.my_role()::text = any (string_to_array(tg_argv[0], ' '))
      and (to_jsonb(new) - allowed) is distinct from (to_jsonb(old) - allowed) then
    raise insufficient_privilege using message = 'permission denied for some of the columns of ' || tg_table_name;
  end if;
  return null;
end $$;
revoke execute on function private.only_columns() from public;

create type public.vendor_kind as enum ('supplier', 'contractor');
create type public.document_kind as enum ('certification', 'insurance', 'contract', 'licence', 'other');

create table public.vendors (
  id uuid primary key default private.uuidv7(),
  name text not null check (name <> ''),
  kind public.vendor_kind not null,
  contact_name text,
  email text,
  phone text,
  address text,
  notes text not null default '',
  -- Null for one that every warehouse deals with.
  warehouse_id uuid references public.warehouses (id),
  active boolean not null default true,
  search tsvector not null generated always as (to_tsvector('simple', name || ' ' || coalesce(contact_name, ''))) stored,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (warehouse_id, name)
);
create index vendors_by_words on public.vendors using gin (search);

alter table public.profiles add column vendor_id uuid references public.vendors (id);
alter table public.profiles add constraint profiles_id_vendor_id_key unique (id, vendor_id);
alter table public.work_orders add column vendor_id uuid references public.vendors (id);
create index work_orders_by_vendor on public.work_orders (vendor_id) where vendor_id is not null;

create table public.vendor_documents (
  id uuid primary key default private.uuidv7(),
  vendor_id uuid not null references public.vendors (id),
  -- A paper of one of their people; null for one of the firm.
  profile_id uuid,
  kind public.document_kind not null,
  title text not null check (title <> ''),
  number text,
  issued_on date,
  expires_on date,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint vendor_documents_profile_id_fkey foreign key (profile_id, vendor_id)
    references public.profiles (id, vendor_id),
  constraint vendor_documents_expire_after_issue check (expires_on >= issued_on)
);
create index vendor_documents_by_vendor on public.vendor_documents (vendor_id);
create index vendor_documents_expiring on public.vendor_documents (expires_on) where expires_on is not null;

call private.serve('public.vendors');
create policy vendors_read on public.vendors for select to authenticated
  using ((select private.sees_every_warehouse())
    or ((warehouse_id is null or warehouse_id = (select private.my_warehouse()))
      and (select private.my_role()) in ('technician', 'supervisor', 'inventory_clerk'))
    or (select p.vendor_id from public.profiles p where p.id = (select auth.uid())) = id);
create policy vendors_open on public.vendors for insert to authenticated
  with check (private.is_one_of(warehouse_id, 'supervisor', 'inventory_clerk'));
create policy vendors_change on public.vendors for update to authenticated
  using (private.is_one_of(warehouse_id, 'supervisor', 'inventory_clerk'));
grant insert (id, name, kind, contact_name, email, phone, address, notes, warehouse_id, active)
  on public.vendors to authenticated;
grant update (name, kind, contact_name, email, phone, address, notes, active) on public.vendors to authenticated;
create trigger at_home before insert on public.vendors for each row execute function private.at_home();

call private.serve('public.vendor_documents');
create policy vendor_documents_read on public.vendor_documents for select to authenticated
  using (exists (select from public.vendors v where v.id = vendor_id));
create policy vendor_documents_open on public.vendor_documents for insert to authenticated
  with check (exists (select from public.vendors v where v.id = vendor_id
    and private.is_one_of(v.warehouse_id, 'supervisor', 'inventory_clerk')));
create policy vendor_documents_change on public.vendor_documents for update to authenticated
  using (exists (select from public.vendors v where v.id = vendor_id
    and private.is_one_of(v.warehouse_id, 'supervisor', 'inventory_clerk')));
create policy vendor_documents_remove on public.vendor_documents for delete to authenticated
  using (exists (select from public.vendors v where v.id = vendor_id
    and private.is_one_of(v.warehouse_id, 'supervisor', 'inventory_clerk')));
grant insert (id, vendor_id, profile_id, kind, title, number, issued_on, expires_on)
  on public.vendor_documents to authenticated;
grant update (profile_id, kind, title, number, issued_on, expires_on) on public.vendor_documents to authenticated;
grant delete on public.vendor_documents to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop table public.vendor_documents;
drop policy vendors_read on public.vendors;
alter table public.work_orders drop column vendor_id;
alter table public.profiles drop column vendor_id;
drop table public.vendors;
drop type public.document_kind;
drop type public.vendor_kind;
drop function private.only_columns();
drop function private.refuse(text, text);
drop function private.is_one_of(uuid, public.user_role[]);
drop procedure private.serve(regclass);
