-- The seed of `cargo xtask bench scale`: a company with as many work orders as the setting `scale.work_orders` says. The
-- files of this folder are run in the order of their names, in one session, on an empty database that has the migrations:
--
--   (echo 'set scale.work_orders = 100000;'; cat tests/bench/scale/seed/*.sql; echo 'vacuum analyze;') | psql DATABASE
--
-- All of it follows from that number, but for the secrets that the database makes itself: nothing is drawn by chance, and the
-- last day is always the same.

-- Neither triggers nor foreign keys: what follows from a write is written here as well.
set session_replication_role = replica;
set client_min_messages = warning;
set work_mem = '256MB';
set maintenance_work_mem = '512MB';

create function pg_temp.work_orders() returns bigint language sql stable as
  $$ select current_setting('scale.work_orders')::bigint $$;

-- The company lives for two years, up to this moment.
create function pg_temp.last_moment() returns timestamptz language sql immutable as
  $$ select timestamptz '2026-11-01 00:00:00+00' $$;
create function pg_temp.first_moment() returns timestamptz language sql immutable as
  $$ select timestamptz '2024-11-01 00:00:00+00' $$;

-- A number below `below` that looks like chance. `salt` makes decisions about the same thing independent of each other.
create function pg_temp.pick(n bigint, salt bigint, below bigint) returns bigint language sql immutable as
  $$ select (hashint8extended(n, salt) & 9223372036854775807) % below $$;

-- The same as a fraction.
create function pg_temp.chance(n bigint, salt bigint) returns float8 language sql immutable as
  $$ select (hashint8extended(n, salt) & 1099511627775)::float8 / 1099511627776 $$;

-- A UUIDv7 of that moment: ids sort by time, as those do that the database gives.
create function pg_temp.id(kind text, n bigint, at timestamptz) returns uuid language sql immutable as $$
  select overlay(overlay(md5(kind || n) placing
    lpad(to_hex(floor(date_part('epoch', at) * 1000)::bigint), 12, '0') || '7' from 1 for 13) placing '8' from 17 for 1)::uuid
$$;

-- Looks like a SHA-256; it is the hash of nothing.
create function pg_temp.sha256(kind text, n bigint) returns text language sql immutable as
  $$ select repeat(md5(kind || n), 2) $$;

-- Indexes that are built at the end take less time than those that grow with every row. What a foreign key refers to stays.
create temp table dropped_indexes (place regclass, definition text, undo text);
insert into dropped_indexes
  select i.indrelid, pg_get_indexdef(i.indexrelid), format('drop index %s', i.indexrelid::regclass)
  from pg_index i join pg_class c on c.oid = i.indexrelid
  where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
    and not exists (select from pg_constraint k where k.conindid = i.indexrelid)
  union all
  select k.conrelid, format('alter table %s add constraint %I %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid)),
    format('alter table %s drop constraint %I', k.conrelid::regclass, k.conname)
  from pg_constraint k
  where k.contype in ('p', 'u', 'x') and k.connamespace in ('public'::regnamespace, 'private'::regnamespace)
    and k.conrelid <> to_regclass('schema_migrations')
    and not exists (select from pg_constraint f where f.contype = 'f' and f.conindid = k.conindid);
do $$
declare
  index record;
begin
  for index in select * from dropped_indexes loop
    execute index.undo;
  end loop;
end $$;
