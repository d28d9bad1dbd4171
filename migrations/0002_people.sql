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

-- Checks a password. Answers `{"outcome": "ok", "profile": {…}}`, `{"outcome": "invalid"}`, or
-- `{"outcome": "locked", "retry_after": seconds}` after five failures in a row. An unknown address costs
-- the same time as a wrong password, so that the answer does not tell who has an account.
create function functions.sign_in(p_email text, p_password text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  allowed_failures constant smallint := 5;
  lockout constant interval := '15 minutes';
  person record;
  given text;
begin
  select p.id, p.email, p.full_name, p.role, p.warehouse_id, c.password_hash, c.failures, c.locked_until
    into person
    from public.profiles p join private.credentials c on c.profile_id = p.id
    where p.email = lower(p_email) and p.active
    for update of c;
  given := extensions.crypt(p_password,
    coalesce(person.password_hash, '$2a$08$abcdefghijklmnopqrstuuWNtVPr0sYhbC9JKlO1Y8vqZVUgPk2xe'));
  if person.id is null then
    return jsonb_build_object('outcome', 'invalid');
  elsif person.locked_until > now() then
    return jsonb_build_object('outcome', 'locked',
      'retry_after', ceil(extract(epoch from person.locked_until - now())));
  elsif given is distinct from person.password_hash then
    update private.credentials set
      failures = case when person.failures + 1 >= allowed_failures then 0 else person.failures + 1 end,
      locked_until = case when person.failures + 1 >= allowed_failures then now() + lockout end
      where profile_id = person.id;
    return jsonb_build_object('outcome', 'invalid');
  end if;
  update private.credentials set failures = 0, locked_until = null
    where profile_id = person.id and (failures > 0 or locked_until is not null);
  return jsonb_build_object('outcome', 'ok', 'profile', jsonb_build_object(
    'id', person.id, 'email', person.email, 'full_name', person.full_name,
    'role', person.role, 'warehouse_id', person.warehouse_id));
end $$;
revoke execute on function functions.sign_in(text, text) from public;
grant execute on function functions.sign_in(text, text) to millwright_request_api;

-- migrate:down
set local lock_timeout = '5s';
drop function functions.sign_in(text, text);
drop table private.credentials;
drop policy profiles_read on public.profiles;
drop policy warehouses_read on public.warehouses;
drop function private.sees_every_warehouse();
drop function private.my_warehouse();
drop function private.my_role();
drop table public.profiles;
drop table public.warehouses;
drop type public.user_role;
