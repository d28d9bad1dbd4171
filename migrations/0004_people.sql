-- migrate:up
-- Warehouses, the firms we deal with, and people; and the facts about the caller that every policy compares.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create type public.user_role as enum
  ('technician', 'supervisor', 'manager', 'inventory_clerk', 'contractor', 'requester', 'admin');

-- Words for sets of roles. They are inlined where they are used, so no index is lost. A constraint or an index must keep a
-- literal list: it would not follow a function that changes.
create function private.sees_all(p_role public.user_role) returns boolean language sql immutable parallel safe
  return p_role in ('manager', 'admin');
grant execute on function private.sees_all(public.user_role) to authenticated;

-- These see everything in their own warehouse.
create function private.sees_own_warehouse(p_role public.user_role) returns boolean language sql immutable parallel safe
  return p_role in ('technician', 'supervisor', 'inventory_clerk');
grant execute on function private.sees_own_warehouse(public.user_role) to authenticated;

create type public.vendor_kind as enum ('supplier', 'contractor');
create type public.signature_rule as enum ('optional', 'name', 'drawn');

-- Opening hours, as the domain crate reads them: a span that ends before it begins goes on into the next day, and one that ends
-- when it begins is none. Postgres writes an object's fields in the order of their length, so the text of one has one form.
create function private.are_hours(jsonb) returns boolean language sql immutable parallel safe as $$
  select private.is_json($1)
    and $1::text ~ '^\[({"day": [1-7], "from": "([01]\d|2[0-3]):[0-5]\d", "until": "([01]\d|2[0-3]):[0-5]\d"}(, )?)*\]$'
    and jsonb_array_length($1) <= 50
    and not jsonb_path_exists($1, '$[*] ? (@.until != "00:00" && @.from == @.until)')
$$;
grant execute on function private.are_hours(jsonb) to authenticated;

-- Audited (audit). A change wakes escalation clocks (escalation_clocks), and removes the warehouse from the list of
-- problems (problems).
create table public.warehouses (
  id uuid primary key default private.uuidv7(),
  code text not null unique check (private.is_line(code, 12) and code ~ '^[A-Z0-9-]{2,12}$'),
  name text not null check (private.is_line(name, 100) and name <> ''),
  time_zone text not null check (private.is_line(time_zone, 64) and private.is_time_zone(time_zone)),
  -- If true, anyone with a machine's link may report a problem there.
  public_reports boolean not null default false,
  -- `[{"day": 1, "from": "07:00", "until": "17:00"}, …]`, days from Monday = 1, in local time. A night (22:00 to 06:00) belongs
  -- to the day on which it begins. Empty: always open.
  operating_hours jsonb not null default '[]' check (private.are_hours(operating_hours)),
  -- The signature without which no work is completed there (attachments).
  completion_signature public.signature_rule not null default 'optional',
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- Firms that sell to us or work for us.
create table public.vendors (
  id uuid primary key default private.uuidv7(),
  name text not null check (private.is_line(name, 100) and name <> ''),
  kind public.vendor_kind not null,
  contact_name text check (private.is_line(contact_name, 100)),
  email text check (private.is_line(email, 254)),
  phone text check (private.is_line(phone, 50)),
  address text check (private.is_prose(address, 1000)),
  notes text not null default '' check (private.is_prose(notes, 10000)),
  -- Null: every warehouse deals with it.
  warehouse_id uuid references public.warehouses (id),
  active boolean not null default true,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index vendors_warehouse_id_name_key on public.vendors (warehouse_id, name collate private.alike)
  nulls not distinct;

-- Audited (audit). Other triggers on it: whoever leaves is signed out (sign_in), and the API tokens they made end
-- (api_tokens); sync (sync_changes).
create table public.profiles (
  id uuid primary key default private.uuidv7(),
  email text not null check (private.is_line(email, 254) and email = lower(email)
    -- One address, as mail takes it, and nothing that could be read as another one beside it.
    and email ~ '^[^@\s,;:<>()\[\]\\"]+@[^@\s,;:<>()\[\]\\"]+$'),
  full_name text not null check (private.is_line(full_name, 100) and full_name <> ''),
  role public.user_role not null,
  warehouse_id uuid references public.warehouses (id),
  vendor_id uuid references public.vendors (id),
  phone text check (private.is_line(phone, 50)),
  -- A language, and where it is spoken, as BCP 47 writes them: `nl`, `pt-BR`, `zh-Hant-TW`.
  locale text check (private.is_line(locale, 20) and locale ~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$'),
  -- Null: that of their warehouse.
  time_zone text check (private.is_line(time_zone, 64) and private.is_time_zone(time_zone)),
  active boolean not null default true,
  -- A profile of an API token: row level security judges it as it judges a person, but it has no password and gets no
  -- mail.
  service_account boolean not null default false,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- The target of foreign keys that must not leave the vendor.
  unique (id, vendor_id),
  constraint profiles_belong_somewhere check (warehouse_id is not null or role in ('manager', 'admin'))
);
create unique index profiles_email_key on public.profiles (email collate private.alike);
-- Signing in looks for the very address: guesses are counted by what is written.
create index profiles_by_email on public.profiles (email);
create index profiles_by_warehouse on public.profiles (warehouse_id, role) where active;

-- ------------------------------------------------------------------ the caller

-- The caller's profile; all null for someone who is not active. A token may say how far its bearer sees (`reach`), by which
-- the API narrows its lists: once that is no longer true, the token is refused, and its bearer gets a new one.
create function private.me() returns public.profiles
language plpgsql stable security definer set search_path = '' as $$
declare
  person public.profiles;
  reach constant jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb -> 'reach';
begin
  select * into person from public.profiles where id = auth.uid() and active;
  if reach is not null and found
      and (reach ->> 'role', reach ->> 'warehouse_id') is distinct from (person.role::text, person.warehouse_id::text) then
    raise sqlstate 'PT401' using message = 'token_outdated';
  end if;
  return person;
end $$;

-- The caller's role, warehouse and sight, which policies compare. For someone who is not active they are null or false, and
-- no policy matches.
create function private.my_role() returns public.user_role
language sql stable security definer set search_path = '' as $$ select (private.me()).role $$;
grant execute on function private.my_role() to authenticated;

create function private.my_warehouse() returns uuid
language sql stable security definer set search_path = '' as $$ select (private.me()).warehouse_id $$;
grant execute on function private.my_warehouse() to authenticated;

create function private.sees_every_warehouse() returns boolean
language sql stable security definer set search_path = '' as $$ select coalesce(private.sees_all((private.me()).role), false) $$;
grant execute on function private.sees_every_warehouse() to authenticated;

-- True if the caller has one of these roles in that warehouse. Managers and admins count in every warehouse; rows that
-- belong to no warehouse (null) are theirs alone.
create function private.is_one_of(p_warehouse uuid, variadic p_roles public.user_role[]) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select from public.profiles p where p.id = (select auth.uid()) and p.active
    and (private.sees_all(p.role) or (p.warehouse_id = p_warehouse and p.role = any (p_roles))))
$$;
grant execute on function private.is_one_of(uuid, public.user_role[]) to authenticated;

-- Work is given to people who do it or lead it, in the warehouse of the work.
create function private.can_be_assigned(p_profile uuid, p_warehouse uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select from public.profiles p where p.id = p_profile and p.active
    and (private.sees_all(p.role)
      or (p.warehouse_id = p_warehouse and p.role in ('technician', 'supervisor', 'contractor'))))
$$;

-- ------------------------------------------------------------------ the request API in a person's name

-- The request API, and it alone, goes on as this person until the end of the transaction: row level security judges them.
-- The role in the token stays what it was, so `only_the_request_api` still knows who speaks.
create function private.speak_for(p_person uuid) returns void language plpgsql set search_path = '' as $$
begin
  perform set_config('request.jwt.claims',
    (coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb
      || jsonb_build_object('sub', p_person))::text, true);
  perform set_config('role', 'authenticated', true);
  if private.my_role() is null then
    raise insufficient_privilege using message = 'nobody active has this id';
  end if;
end $$;
grant execute on function private.speak_for(uuid) to millwright_request_api;

-- Functions with the owner's rights that take decisions, and not wishes, ask this first. A person's token never makes it
-- true: the gateway acts in the role that a token names, and this is another one.
create function private.only_the_request_api() returns void language plpgsql stable set search_path = '' as $$
begin
  if private.calling_function() is distinct from 'request-api' then
    raise insufficient_privilege using message = 'only the request API may say so';
  end if;
end $$;

-- ------------------------------------------------------------------ warehouses

call private.serve('public.warehouses');
create policy warehouses_read on public.warehouses for select to authenticated
  using ((select private.sees_every_warehouse()) or id = (select private.my_warehouse()));
create policy warehouses_open on public.warehouses for insert to authenticated
  with check ((select private.my_role()) = 'admin');
create policy warehouses_change on public.warehouses for update to authenticated
  using (private.is_one_of(id, 'supervisor'));
grant insert (id, code, name, time_zone, public_reports, operating_hours, completion_signature),
  update (name, time_zone, public_reports, operating_hours, completion_signature) on public.warehouses to authenticated;
create trigger supervisors_run_it after update on public.warehouses for each row
  when (auth.uid() is not null)
  execute function private.only_columns('supervisor', 'public_reports operating_hours completion_signature');

-- ------------------------------------------------------------------ vendors

call private.serve('public.vendors');
create policy vendors_read on public.vendors for select to authenticated
  using ((select private.sees_every_warehouse())
    or ((warehouse_id is null or warehouse_id = (select private.my_warehouse()))
      and private.sees_own_warehouse((select private.my_role())))
    or (select p.vendor_id from public.profiles p where p.id = (select auth.uid())) = id);
create policy vendors_open on public.vendors for insert to authenticated
  with check (private.is_one_of(warehouse_id, 'supervisor', 'inventory_clerk'));
create policy vendors_change on public.vendors for update to authenticated
  using (private.is_one_of(warehouse_id, 'supervisor', 'inventory_clerk'));
grant insert (id, name, kind, contact_name, email, phone, address, notes, warehouse_id, active)
  on public.vendors to authenticated;
grant update (name, kind, contact_name, email, phone, address, notes, active) on public.vendors to authenticated;
create trigger at_home before insert on public.vendors for each row execute function private.at_home();

-- There are few, so they are looked through.
create function public.find_vendors(q text) returns setof public.vendors language sql stable as $$
  select v.* from public.vendors v where private.words(array[v.name], array[v.contact_name]) @@ private.sought(q)
$$;
create function public.name_alike(public.vendors) returns private.code language sql immutable as $$ select $1.name $$;
grant execute on function public.find_vendors(text), public.name_alike(public.vendors) to authenticated;

-- ------------------------------------------------------------------ people

call private.serve('public.profiles');
create policy profiles_read on public.profiles for select to authenticated
  using ((select private.sees_every_warehouse())
    or (id = (select auth.uid()) and active)
    or (warehouse_id = (select private.my_warehouse())
      and private.sees_own_warehouse((select private.my_role()))));
create policy profiles_open on public.profiles for insert to authenticated
  with check ((select private.my_role()) = 'admin' and not service_account);
create policy profiles_change on public.profiles for update to authenticated
  using (((select private.my_role()) = 'admin' or (id = (select auth.uid()) and active)) and not service_account);
grant insert (id, email, full_name, role, warehouse_id, vendor_id, phone, locale, time_zone, active),
  update (full_name, role, warehouse_id, vendor_id, phone, locale, time_zone, active) on public.profiles to authenticated;
-- Of themselves, people change no more than these. Judged by the role that they had: `my_role` would already tell the one that
-- they have just given themselves. Nobody has a right to `email`: it changes by a link (links_by_mail).
create function private.people_edit_themselves() returns trigger language plpgsql set search_path = '' as $$
declare
  own constant text[] := array['full_name', 'phone', 'locale', 'time_zone', 'email', 'version', 'updated_at'];
begin
  if (to_jsonb(new) - own) is distinct from (to_jsonb(old) - own) then
    raise insufficient_privilege using message = 'permission denied for some of the columns of profiles';
  end if;
  return null;
end $$;
create trigger people_edit_themselves after update on public.profiles for each row
  when (old.id = auth.uid() and old.role <> 'admin') execute function private.people_edit_themselves();
call private.fence('public.profiles');

-- A column of a person to the gateway, by which one is looked up.
create function public.email_alike(public.profiles) returns private.code language sql immutable as $$ select $1.email $$;
grant execute on function public.email_alike(public.profiles) to authenticated;
call private.keep_past_of('public.profiles', 'role', 'warehouse_id', 'active');

-- Keeps one administrator active, who can let others in again.
create function private.an_admin_stays() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  -- One at a time, so that the last two cannot deactivate each other at once.
  perform pg_advisory_xact_lock(hashtext('private.an_admin_stays'));
  if not exists (select from public.profiles where role = 'admin' and active and not service_account) then
    perform private.refuse('last_admin', 'someone must stay an active administrator');
  end if;
  return null;
end $$;
create trigger an_admin_stays after update of role, active on public.profiles for each row
  when (auth.uid() is not null and old.role = 'admin' and old.active and (new.role <> 'admin' or not new.active))
  execute function private.an_admin_stays();

-- migrate:down
set local lock_timeout = '5s';
drop function public.name_alike(public.vendors);
drop function public.find_vendors(text);
drop function public.email_alike(public.profiles);
drop policy vendors_read on public.vendors;
drop function private.me();
drop table public.profiles;
drop table public.vendors;
drop table public.warehouses;
drop function private.are_hours(jsonb);
drop function private.an_admin_stays();
drop function private.people_edit_themselves();
drop function private.only_the_request_api();
drop function private.speak_for(uuid);
drop function private.can_be_assigned(uuid, uuid);
drop function private.is_one_of(uuid, public.user_role[]);
drop function private.sees_every_warehouse();
drop function private.my_warehouse();
drop function private.my_role();
drop function private.sees_own_warehouse(public.user_role);
drop function private.sees_all(public.user_role);
drop type public.signature_rule;
drop type public.vendor_kind;
drop type public.user_role;
