-- migrate:up
-- The kit of the tables that follow: what is the same for each of them, so that each says only what is its own.
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

-- `version` counts the changes of a row: it is what a client's If-Match names.
create function private.touch() returns trigger language plpgsql set search_path = '' as $$
begin
  new.version := old.version + 1;
  new.updated_at := now();
  return new;
end $$;

-- The words that a row is found by. Immutable, so that an index holds them and no table has to.
create function private.words(text, text, text default null, text default null, text default null, text default null,
  text default null) returns tsvector
language sql immutable parallel safe as $$
  select to_tsvector('simple'::regconfig, coalesce($1, '') || ' ' || coalesce($2, '') || ' ' || coalesce($3, '') || ' '
    || coalesce($4, '') || ' ' || coalesce($5, '') || ' ' || coalesce($6, '') || ' ' || coalesce($7, ''))
$$;

-- Not even by whoever owns the tables, by mistake.
create function private.stays_as_it_is() returns trigger language plpgsql set search_path = '' as $$
begin
  raise insufficient_privilege using message = tg_table_name || ' is never edited';
end $$;

-- Whoever has one warehouse need not say which; whoever has all must.
create function private.at_home() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  new.warehouse_id := coalesce(new.warehouse_id, private.my_warehouse());
  return new;
end $$;

-- Lets these roles (first argument) change these columns (second one) and no other ones: a policy judges rows, a grant
-- everyone. Asked after the row is written, so that generated columns have their values.
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

-- Raised as an answer to the client: 409 with this code, and a sentence that may be shown.
create function private.refuse(p_code text, p_detail text) returns void language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = 'PT409', message = p_code, detail = p_detail;
end $$;

-- Raised as a foreign key would be that leads nowhere, which is how it is for the caller.
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
drop function private.words(text, text, text, text, text, text, text);
