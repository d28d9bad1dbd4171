-- migrate:up
-- The kit of the tables that follow: all that is the same for each of them, so that a table's file says only its own
-- rules.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- Gives a table the things that most tables with client writes share: a version, idempotency keys, and row level
-- security.
create procedure private.serve(p_table regclass) language plpgsql set search_path = '' as $$
begin
  execute format('alter table %s enable row level security', p_table);
  execute format('grant select on %s to authenticated', p_table);
  if exists (select from pg_attribute where attrelid = p_table and attname = 'version' and not attisdropped) then
    execute format('create trigger touch before update on %s for each row execute function private.touch()', p_table);
  end if;
  call private.take_keys(p_table);
end $$;

-- `version` counts the changes of a row; a client's If-Match names it.
create function private.touch() returns trigger language plpgsql set search_path = '' as $$
begin
  new.version := old.version + 1;
  new.updated_at := now();
  return new;
end $$;

-- A moment, or one after all others where there is none: so that rows without one come last, and an index goes on after any
-- of them. Not `coalesce`: Postgres takes it for something that may tell of rows which a policy hides, and then uses no index.
create function private.or_never(timestamptz) returns timestamptz
language sql immutable parallel safe as $$ select case when $1 is null then 'infinity'::timestamptz else $1 end $$;
grant execute on function private.or_never(timestamptz) to authenticated;

-- The words that a row is found by. Immutable, so that an index holds them and no table has to.
create function private.words(text, text, text default null, text default null, text default null, text default null,
  text default null) returns tsvector
language sql immutable parallel safe as $$
  select to_tsvector('simple'::regconfig, coalesce($1, '') || ' ' || coalesce($2, '') || ' ' || coalesce($3, '') || ' '
    || coalesce($4, '') || ' ' || coalesce($5, '') || ' ' || coalesce($6, '') || ' ' || coalesce($7, ''))
$$;
grant execute on function private.words(text, text, text, text, text, text, text) to authenticated;

-- Guards against edits by mistake, even by the owner of the table.
create function private.stays_as_it_is() returns trigger language plpgsql set search_path = '' as $$
begin
  raise insufficient_privilege using message = tg_table_name || ' is never edited';
end $$;

-- Callers with one warehouse need not name it; managers and admins, who see all, must.
create function private.at_home() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  new.warehouse_id := coalesce(new.warehouse_id, private.my_warehouse());
  return new;
end $$;

-- Lets the roles of the first argument change only the columns of the second. A policy judges rows and a grant holds
-- for every client, so neither can say this. It runs after the row is written, when generated columns have their
-- values.
create function private.only_columns() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  allowed constant text[] := string_to_array(tg_argv[1] || ' version updated_at', ' ');
begin
  if private.my_role()::text = any (string_to_array(tg_argv[0], ' '))
      and (to_jsonb(new) - allowed) is distinct from (to_jsonb(old) - allowed) then
    raise insufficient_privilege using message = 'permission denied for some of the columns of ' || tg_table_name;
  end if;
  return null;
end $$;

-- Answers the client with 409, this code, and a sentence that may be shown.
create function private.refuse(p_code text, p_detail text) returns void language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = 'PT409', message = p_code, detail = p_detail;
end $$;

-- Raises what a foreign key to nowhere would raise, because for this caller there is no such row.
create function private.no_such(p_table text, p_column text) returns void language plpgsql set search_path = '' as $$
declare
  name constant text := p_table || '_' || p_column || '_fkey';
begin
  raise foreign_key_violation using table = p_table, constraint = name, message =
    format('insert or update on table "%s" violates foreign key constraint "%s"', p_table, name);
end $$;

-- migrate:down
set local lock_timeout = '5s';
drop function private.no_such(text, text);
drop function private.refuse(text, text);
drop function private.only_columns();
drop function private.at_home();
drop function private.stays_as_it_is();
drop function private.touch();
drop procedure private.serve(regclass);
drop function private.or_never(timestamptz);
drop function private.words(text, text, text, text, text, text, text);
