-- migrate:up
-- The ground that all later migrations stand on: schemas, roles, the caller's identity, and ids.
--
--   public      what clients see through the gateway, always behind row level security
--   functions   what only our own five functions may call, each function with its own role
--   private     never exposed by the gateway: credentials and the helpers of policies and triggers
--
-- Runs on plain Postgres and on hosted Supabase: what Supabase brings along is created only where it is missing.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

alter table schema_migrations add column if not exists rollback_sql text;

create schema if not exists extensions;
create extension if not exists pgcrypto with schema extensions;
create extension if not exists btree_gin with schema extensions;
-- Time logs of one person must not overlap.
create extension if not exists btree_gist with schema extensions;
create schema functions;
create schema private;

do $$
declare
  name text;
begin
  foreach name in array array['anon', 'authenticated', 'millwright_request_api', 'millwright_escalation_checker',
    'millwright_notification_sender', 'millwright_pm_scheduler', 'millwright_file_processor'] loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I nologin', name);
    end if;
  end loop;
  if not exists (select from pg_roles where rolname = 'authenticator') then
    create role authenticator noinherit nologin;
  end if;
end $$;

grant anon, authenticated, millwright_request_api, millwright_escalation_checker, millwright_notification_sender,
  millwright_pm_scheduler, millwright_file_processor to authenticator;

-- No statement goes on after its asker has left: a client waits 5 s at the most, and our own functions give the gateway up
-- after 10 s (shared/edge/src/transport.rs). What is as it should be is not written again: roles are the whole cluster's, and
-- two of its databases may be migrated at the same moment.
do $$
declare
  bounded record;
begin
  for bounded in
    select r.rolname as name, p.patience
    from pg_roles r
    cross join lateral (select case when r.rolname in ('anon', 'authenticated') then '5s' else '9s' end) p(patience)
    where (r.rolname in ('anon', 'authenticated') or starts_with(r.rolname, 'millwright_'))
      and not coalesce(r.rolconfig @> array['statement_timeout=' || p.patience], false)
  loop
    execute format('alter role %I set statement_timeout = %L', bounded.name, bounded.patience);
  end loop;
end $$;

grant usage on schema public to anon, authenticated;
-- Functions that clients call run with the client's rights, and call helpers by name. The request API speaks for clients, and
-- the gateway lets everyone in by a helper (cost).
grant usage on schema private to authenticated, millwright_request_api, millwright_escalation_checker,
  millwright_notification_sender, millwright_pm_scheduler, millwright_file_processor;
grant usage on schema functions to millwright_request_api, millwright_escalation_checker,
  millwright_notification_sender, millwright_pm_scheduler, millwright_file_processor;

-- Nothing is open unless a migration opens it. Supabase grants new objects to its client roles by default.
alter default privileges in schema public revoke all on tables from anon, authenticated;
alter default privileges in schema public revoke all on sequences from anon, authenticated;
alter default privileges revoke execute on functions from public;
alter default privileges in schema public revoke execute on functions from anon, authenticated;

-- `schema_migrations` was made before these defaults, so it is closed here. Its owner, who migrates, still reads and
-- writes it.
alter table schema_migrations enable row level security;
revoke all on schema_migrations from anon, authenticated;

-- The caller's id, from the token that the gateway has verified.
do $$
begin
  if to_regprocedure('auth.uid()') is null then
    create schema if not exists auth;
    create function auth.uid() returns uuid language sql stable set search_path = '' as
      $f$ select (nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub')::uuid $f$;
    grant usage on schema auth to anon, authenticated;
    grant execute on function auth.uid() to anon, authenticated;
  end if;
end $$;

-- The calling function's name, from the role in its token: no function can write in another's name.
create function private.calling_function() returns text language sql stable set search_path = '' as $$
  select replace(substring(nullif(current_setting('request.jwt.claims', true), '')::json ->> 'role'
    from '^millwright_(.*)$'), '_', '-')
$$;

-- A UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then randomness, so that ids sort by their time of birth.
create function private.uuidv7() returns uuid language sql volatile parallel safe set search_path = '' as $$
  select encode(
    set_bit(set_bit(
      overlay(
        uuid_send(gen_random_uuid())
        placing substring(int8send(floor(extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
        from 1 for 6),
      52, 1), 53, 1), 'hex')::uuid
$$;
grant execute on function private.uuidv7() to authenticated;

create function private.is_time_zone(name text) returns boolean language plpgsql stable set search_path = '' as $$
begin
  perform now() at time zone name;
  return true;
exception when invalid_parameter_value then
  return false;
end $$;
-- The check of `warehouses.time_zone` calls it, with the rights of the person who writes.
grant execute on function private.is_time_zone(text) to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop function private.is_time_zone(text);
drop function private.uuidv7();
drop function private.calling_function();
drop schema private;
drop schema functions;
alter role anon reset statement_timeout;
alter role authenticated reset statement_timeout;
alter default privileges grant execute on functions to public;
do $$
declare
  name text;
begin
  foreach name in array array['millwright_request_api', 'millwright_escalation_checker',
    'millwright_notification_sender', 'millwright_pm_scheduler', 'millwright_file_processor'] loop
    execute format('drop owned by %I', name);
    execute format('drop role %I', name);
  end loop;
end $$;
alter table schema_migrations disable row level security;
-- The client roles, the `auth` schema and the extension stay: on hosted Supabase they are not ours.
