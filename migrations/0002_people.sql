-- migrate:up
-- Warehouses, people, and how they prove who they are.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create type public.user_role as enum
  ('technician', 'supervisor', 'manager', 'inventory_clerk', 'contractor', 'requester', 'admin');

create table public.warehouses (
  id uuid primary key default private.uuidv7(),
  code text not null unique check (code ~ '^[A-Z0-9-]{2,12}$'),
  name text not null check (name <> ''),
  time_zone text not null check (private.is_time_zone(time_zone)),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table public.profiles (
  id uuid primary key default private.uuidv7(),
  email text not null unique check (email = lower(email) and email like '%_@_%'),
  full_name text not null check (full_name <> ''),
  role public.user_role not null,
  warehouse_id uuid references public.warehouses (id),
  active boolean not null default true,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- A machine's profile: row level security judges it as it judges a person, but it has no password and reads no mail.
  service_account boolean not null default false,
  constraint profiles_belong_somewhere check (warehouse_id is not null or role in ('manager', 'admin'))
);
create index profiles_by_warehouse on public.profiles (warehouse_id, role) where active;

create table private.credentials (
  profile_id uuid primary key references public.profiles (id) on delete cascade,
  password_hash text not null,
  failures smallint not null default 0,
  locked_until timestamptz,
  changed_at timestamptz not null default now()
);
alter table private.credentials enable row level security;

create trigger touch before update on public.warehouses for each row execute function private.touch();
create trigger touch before update on public.profiles for each row execute function private.touch();

-- The three questions that policies ask. Null for someone who is not, or no longer, one of us: then no policy matches.
create function private.my_role() returns public.user_role
language sql stable security definer set search_path = '' as
  $$ select role from public.profiles where id = (select auth.uid()) and active $$;

create function private.my_warehouse() returns uuid
language sql stable security definer set search_path = '' as
  $$ select warehouse_id from public.profiles where id = (select auth.uid()) and active $$;

create function private.sees_every_warehouse() returns boolean
language sql stable security definer set search_path = '' as
  $$ select exists (select from public.profiles where id = (select auth.uid()) and active and role in ('manager', 'admin')) $$;

grant execute on function private.my_role(), private.my_warehouse(), private.sees_every_warehouse() to authenticated;

alter table public.warehouses enable row level security;
create policy warehouses_read on public.warehouses for select to authenticated
  using ((select private.sees_every_warehouse()) or id = (select private.my_warehouse()));
grant select on public.warehouses to authenticated;

alter table public.profiles enable row level security;
create policy profiles_read on public.profiles for select to authenticated
  using ((select private.sees_every_warehouse())
    or (id = (select auth.uid()) and active)
    or (warehouse_id = (select private.my_warehouse())
      and (select private.my_role()) in ('technician', 'supervisor', 'inventory_clerk')));
grant select on public.profiles to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop table private.credentials;
drop policy profiles_read on public.profiles;
drop policy warehouses_read on public.warehouses;
drop function private.sees_every_warehouse();
drop function private.my_warehouse();
drop function private.my_role();
drop table public.profiles;
drop table public.warehouses;
drop type public.user_role;
