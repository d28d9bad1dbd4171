-- migrate:up
-- Documents of vendors and of their people, with the dates on which they expire.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create type public.document_kind as enum ('certification', 'insurance', 'contract', 'licence', 'other');

create table public.vendor_documents (
  id uuid primary key default private.uuidv7(),
  vendor_id uuid not null references public.vendors (id),
  -- The person whose document it is; null if it is the firm's.
  profile_id uuid,
  kind public.document_kind not null,
  title text not null check (private.is_line(title, 200) and title <> ''),
  number text check (private.is_line(number, 100)),
  issued_on date check (private.is_day(issued_on)),
  expires_on date check (private.is_day(expires_on)),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint vendor_documents_profile_id_fkey foreign key (profile_id, vendor_id)
    references public.profiles (id, vendor_id),
  constraint vendor_documents_expire_after_issue check (expires_on >= issued_on)
);
create index vendor_documents_by_vendor on public.vendor_documents (vendor_id);
create index vendor_documents_expiring on public.vendor_documents (expires_on) where expires_on is not null;

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
call private.fence('public.vendor_documents');

-- migrate:down
set local lock_timeout = '5s';
drop table public.vendor_documents;
drop type public.document_kind;
