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

-- ------------------------------------------------------------------ search

-- All that a row is found by: its words, and of its codes every end. The beginning of an end is a part of the code, so looking up
-- beginnings finds words by their beginning and codes by any part. Immutable, so that an index holds them and no table has to.
create function private.words(p_codes text[], p_texts text[]) returns tsvector
language plpgsql immutable parallel safe cost 2000 as $$
declare
  code text;
  ends text[] := '{}';
begin
  foreach code in array string_to_array(private.without_marks(private.folded(array_to_string(p_codes, E'\x01')), ''), E'\x01') loop
    for start in 1 .. least(length(code), 100) loop
      ends := ends || substr(code, start);
    end loop;
  end loop;
  -- Folding makes of some characters eighteen: what is longer than any text by then is not looked at.
  return to_tsvector('pg_catalog.simple', left(private.without_marks(private.folded(array_to_string(p_texts || p_codes, ' ')), ' '), 20000))
    || array_to_tsvector(ends);
end $$;
grant execute on function private.words(text[], text[]) to authenticated;

-- The words of a search, in their order: of so many characters as a list takes, and ten at most.
create function private.asked_words(p_q text) returns text[] language sql immutable parallel safe as $$
  select (regexp_split_to_array(trim(private.folded(left(p_q, 200))), '\s+'))[1:10]
$$;
grant execute on function private.asked_words(text) to authenticated;

-- The question of a search: each of its words is in a row, as the beginning of a word or as a part of a code; `or` stands between
-- alternatives, and `-` before what is not in it. Null where nothing is asked for. A single character and zeros alone are a whole word or the end of a code: too much begins with them.
create function private.sought(p_q text) returns tsquery language plpgsql immutable parallel safe as $$
declare
  asked tsquery;
  alternatives tsquery;
  one tsquery;
  word text;
  bare text;
  pieces text[];
begin
  foreach word in array private.asked_words(p_q) loop
    if word = 'or' then
      alternatives := coalesce(alternatives || asked, asked, alternatives);
      asked := null;
      continue;
    end if;
    bare := private.without_marks(word, '');
    if bare = '' then
      continue;
    end if;
    one := (quote_literal(bare) || case when bare ~ '^(.|0+)$' then '' else ':*' end)::tsquery;
    pieces := array_remove(string_to_array(private.without_marks(word, ' '), ' '), '');
    if cardinality(pieces) > 1 then
      one := one || (select string_agg(
          quote_literal(p) || case when n = cardinality(pieces) and p !~ '^(.|0+)$' then ':*' else '' end, ' & ')
        from unnest(pieces) with ordinality u (p, n))::tsquery;
    end if;
    one := case when word ~ '^-[^-]' then !! one else one end;
    asked := coalesce(asked && one, one);
  end loop;
  return coalesce(alternatives || asked, asked, alternatives);
end $$;
grant execute on function private.sought(text) to authenticated;

-- A column that a list is asked by, or a function of the row that the gateway takes for one, as a piece of a statement.
create function private.asked_column(p_table regclass, p_name text) returns text language sql stable set search_path = '' as $$
  select format('w.%I', a.attname) from pg_catalog.pg_attribute a
    where a.attrelid = p_table and a.attname = p_name and a.attnum > 0 and not a.attisdropped
  union all
  select format('public.%I(w)', f.proname) from pg_catalog.pg_proc f join pg_catalog.pg_class c on c.reltype = f.proargtypes[0]
    where c.oid = p_table and f.proname = p_name and f.pronargs = 1
      and (f.provolatile = 'i' or f.prorettype = 'boolean'::regtype) and f.pronamespace = 'public'::regnamespace and not f.proretset
$$;

-- The ids of the rows that `p_q` is found in, of those for which `p_seen` holds, and that are among `p_own` where that is said.
-- Row level security keeps an index of words from being used for a caller's own question, so functions with the owner's rights
-- ask this one, with what the caller sees.
--
-- `p_first` says which page of the list is wanted: `{"filters": [{"column", "op", "values", "or_missing"}], "sort", "descending", "after":
-- [value, id], "limit"}`. The list itself asks for the same again, so nothing depends on it but how much has to be read. A word
-- that is in very many rows is in many of the first ones, too: of those alone a page is filled, and only if they do not
-- fill it the rest is looked through. So neither a common nor a rare word takes long. The first ones are a thousand, or fewer if
-- their texts are long: their words are taken from them anew, at about 0.5 ms for each 1,000 characters.
create function private.found(p_table regclass, p_words text, p_seen text, p_own text, p_q text, p_first jsonb)
returns setof uuid
language plpgsql stable set search_path = '' set work_mem = '16MB' set enable_indexscan = on set enable_seqscan = on as $$
declare
  sought constant tsquery := private.sought(p_q);
  wanted constant integer := (p_first ->> 'limit')::integer;
  is_falling constant boolean := coalesce((p_first ->> 'descending')::boolean, false);
  place constant text := coalesce(private.asked_column(p_table, p_first ->> 'sort'), 'w.id');
  -- Of someone's own there may be thousands: then the index of words is asked first.
  own text := case when p_own is null then '' else format('where f.id in (select * from %s)', p_own) end;
  ordering constant text := format(case when is_falling then '%s desc, w.id desc' else '%s, w.id' end, place);
  asked text := p_seen;
  after text := 'true';
  few uuid[];
  filter record;
  edge_place text;
  edge_id uuid;
  found_ahead bigint := 0;
begin
  if sought is null then
    return;
  elsif octet_length(p_first::text) > 32768 then
    raise invalid_parameter_value using message = 'these are more filters than a list has';
  end if;
  for filter in select *, private.asked_column(p_table, f."column") as place,
      (select string_agg(quote_literal(v), ', ') from unnest(f."values") v) as list
    from jsonb_to_recordset(p_first -> 'filters') f ("column" text, op text, "values" text[], or_missing boolean) loop
    asked := asked || ' and (' || filter.place || case
      when filter.list is null then
        case when filter.op = 'in' and filter.or_missing then ' is null' when filter.op = 'not in' then ' is not null' end
      when filter.op in ('in', 'not in') then format(' %s (%s)', filter.op, filter.list)
        || case when filter.or_missing then format(' or %s is null', filter.place) else '' end
      when filter.op = 'gte' then ' >= ' || filter.list
      when filter.op = 'gt' then ' > ' || filter.list
      when filter.op = 'lte' then ' <= ' || filter.list
      when filter.op = 'lt' then ' < ' || filter.list end || ')';
  end loop;
  if asked is null then
    raise invalid_parameter_value using message = 'a filter that there is none of';
  end if;
  if p_first -> 'after' ->> 1 is not null then
    after := private.up_to(place, is_falling, p_first -> 'after' ->> 0, (p_first -> 'after' ->> 1)::uuid, false);
  end if;
  if p_own is not null then
    execute format('select array(select * from %s limit 51)', p_own) into few;
  end if;
  if cardinality(few) <= 50 then
    asked := asked || format(' and w.id = any (%L)', few);
    own := '';
  end if;
  if p_own is null and wanted is not null then
    execute format(
      'select f.place::text, f.id from (select %1$s as place, w.id, row_number() over first, sum(%2$s) over first as bytes
         from %3$s w where %4$s and %6$s window first as (order by %5$s rows unbounded preceding) order by %5$s limit 1001) f
       where f.row_number = 1001 or f.bytes > 200000 order by f.row_number limit 1',
      place, (select string_agg(format('coalesce(octet_length(%s), 0)', piece[1]), ' + ') from regexp_matches(p_words, 'w\.\w+', 'g') piece),
      p_table, asked, ordering, after) into edge_place, edge_id;
  end if;
  if edge_id is not null then
    return query execute format('select w.id from %s w where %s and %s and %s and %s @@ $1 order by %s limit %s',
      p_table, asked, after, private.up_to(place, is_falling, edge_place, edge_id, true), p_words, ordering, wanted) using sought;
    get diagnostics found_ahead = row_count;
    if found_ahead = wanted then
      return;
    end if;
    after := private.up_to(place, is_falling, edge_place, edge_id, false);
  end if;
  if few is null or own <> '' then
    perform private.by_words_alone();
  end if;
  -- `case` keeps the indexes of the order from being asked: how many rows lie beyond a place of one warehouse is guessed badly.
  return query execute format(
    'with f as materialized (select w.id, %1$s as place from %2$s w where %3$s and %4$s @@ $1 and case when %8$s then true end)
     select f.id from f %5$s order by %6$s limit %7$L',
    place, p_table, asked, p_words, own, case when is_falling then 'f.place desc, f.id desc' else 'f.place, f.id' end,
    wanted - found_ahead, after) using sought;
end $$;

-- From here on the index of words is asked. The planner thinks that they are judged anew for each row, and would rather read all.
create function private.by_words_alone() returns text language sql as $$
  select set_config('enable_indexscan', 'off', true) || set_config('enable_seqscan', 'off', true)
$$;

-- The condition of rows up to one of them in an order, or beyond it.
create function private.up_to(p_place text, p_falling boolean, p_value text, p_id uuid, p_up_to boolean) returns text
language sql immutable as $$
  select format(case when p_place = 'w.id' then 'w.id %1$s %4$L' else '(%2$s, w.id) %1$s (%3$L, %4$L)' end,
    case when p_up_to then case when p_falling then '>=' else '<=' end else case when p_falling then '<' else '>' end end,
    p_place, p_value, p_id)
$$;

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

-- Answers the client with 409, this code, a sentence that may be shown, and what is true now as `{"name": value}`.
create function private.refuse(p_code text, p_detail text, p_now jsonb default null) returns void language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = 'PT409', message = p_code, detail = p_detail, hint = coalesce(p_now::text, '');
end $$;

-- Raises what a foreign key to nowhere raises, word for word, because for this caller there is no such row.
create function private.no_such(p_table text, p_column text) returns void language plpgsql set search_path = '' as $$
declare
  name constant text := p_table || '_' || p_column || '_fkey';
begin
  raise foreign_key_violation using schema = 'public', table = p_table, constraint = name,
    message = format('insert or update on table "%s" violates foreign key constraint "%s"', p_table, name),
    detail = (select format('Key is not present in table "%s".', t.relname) from pg_constraint c
      join pg_class t on t.oid = c.confrelid where c.conname = name and c.conrelid = to_regclass('public.' || p_table));
end $$;
grant execute on function private.no_such(text, text) to authenticated;

-- ------------------------------------------------------------------ references

-- Refuses a reference to a row that its writer does not see, or that belongs to another warehouse than the new row, as
-- one to nowhere. It runs with the writer's rights, so the policies of the other table judge. The arguments are the
-- column, and the question that `fence` made for it.
create function private.reference_is_seen() returns trigger language plpgsql set search_path = '' as $$
declare
  seen boolean;
begin
  execute tg_argv[1] into seen using new;
  if not seen then
    perform private.no_such(tg_table_name, tg_argv[0]);
  end if;
  return new;
end $$;

-- Keeps the references of a table's rows on this side of the fence: those of all foreign keys that clients write, but
-- `p_but`. It is called after the table's grants. Which warehouses clients name is judged by the policies of each table.
-- Whoever is not under row level security, as our own functions are, is not asked and pays nothing. The triggers are named
-- so that they fire before all others: those look up what is referenced, and would tell of it.
create procedure private.fence(p_table regclass, variadic p_but text[] default '{}')
language plpgsql set search_path = '' as $$
declare
  key record;
  question text;
begin
  for key in
    select a.attname as name, c.confrelid::regclass as target, (
        select count(*) = 2 from pg_attribute w
        where w.attrelid in (c.conrelid, c.confrelid) and w.attname = 'warehouse_id') or c.conrelid = c.confrelid as at_home
    from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
    where c.contype = 'f' and c.conrelid = p_table and c.confrelid <> 'public.warehouses'::regclass
      and has_column_privilege('authenticated', p_table, a.attnum, 'insert, update') and a.attname <> all (p_but)
  loop
    question := format('select exists (select from %s r where r.id = ($1).%I', key.target, key.name)
      -- What belongs to no warehouse serves all, and a row of no warehouse may be about any.
      || case when key.at_home then
        ' and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))' else ')' end;
    execute format('create trigger %I before insert on %s for each row
      when (new.%I is not null and row_security_active(%L::regclass))
      execute function private.reference_is_seen(%L, %L)', 'a_seen_' || key.name, p_table, key.name, p_table, key.name, question);
    if has_column_privilege('authenticated', p_table, key.name, 'update') then
      execute format('create trigger %I before update of %I on %s for each row
        when (new.%2$I is distinct from old.%2$I and new.%2$I is not null and row_security_active(%3$L::regclass))
        execute function private.reference_is_seen(%4$L, %5$L)',
        'a_seen_' || key.name || '_later', key.name, p_table, key.name, question);
    end if;
  end loop;
end $$;

-- ------------------------------------------------------------------ rows that book something

-- For a table whose triggers write elsewhere before the row is there, as a movement changes the stock: refuses inserts that pass
-- over rows which are there already, or change those instead. The booking would stay, and the row would not. What the gateway
-- runs is told by its text; what a client writes is in the parameters, so it cannot look like that.
create function private.each_row_counts() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if current_query() ~* '\mon conflict\M' then
    perform private.refuse('only_added', 'each of these rows is booked: they are added, and none is passed over');
  end if;
  return null;
end $$;

create procedure private.count_each_row(p_table regclass) language plpgsql set search_path = '' as $$
begin
  execute format('create trigger each_row_counts before insert on %s for each statement
    execute function private.each_row_counts()', p_table);
end $$;

-- ------------------------------------------------------------------ rows that are struck through

-- A row of a record that was wrong from the start is not removed. Someone who leads there annuls it and says why: it stays where
-- it was, counts for nothing, and is not changed again. The table has the columns `annulled_reason`, which clients write,
-- `annulled_at` and `annulled_by`. Where more people change rows than lead, the arguments are the table that knows the warehouse, and
-- the column that refers to it; elsewhere the policy judges alone.
create function private.annuls() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  home uuid;
begin
  if old.annulled_at is not null then
    perform private.refuse('annulled', 'it was annulled, and stays as it is');
  end if;
  if tg_nargs > 0 and auth.uid() is not null then
    execute format('select t.warehouse_id from public.%I t where t.id = ($1).%I', tg_argv[0], tg_argv[1]) into home using new;
    if not private.is_one_of(home, 'supervisor') then
      raise insufficient_privilege using message = 'permission denied to annul a row of ' || tg_table_name;
    end if;
  end if;
  new.annulled_at := now();
  new.annulled_by := auth.uid();
  return new;
end $$;

create procedure private.let_annul(p_table regclass, variadic p_above text[] default '{}') language plpgsql set search_path = '' as $$
begin
  execute format('create trigger annuls before update on %s for each row
    when (old.annulled_reason is not null or new.annulled_reason is not null) execute function private.annuls(%s)',
    p_table, (select string_agg(quote_literal(a), ', ') from unnest(p_above) a));
end $$;

-- ------------------------------------------------------------------ what was true before

-- What some columns of a row held until a moment: a report judges a period by what was true in it.
create table private.past_states (
  -- Ids are of their table alone: clients make them.
  of_table text not null,
  subject uuid not null,
  until timestamptz not null default clock_timestamp(),
  was jsonb not null,
  primary key (of_table, subject, until)
);
create index past_states_by_time on private.past_states (until);
alter table private.past_states enable row level security;

create function private.state_passes() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into private.past_states (of_table, subject, was)
    select tg_table_name, old.id, jsonb_object_agg(c, to_jsonb(old) -> c) from unnest(tg_argv) c;
  return null;
end $$;

-- Keeps what these columns of a table held. Its key is `id`.
create procedure private.keep_past_of(p_table regclass, variadic p_columns text[]) language plpgsql set search_path = '' as $$
begin
  execute format('create trigger state_passes after update of %1$s on %2$s for each row when (%3$s)
    execute function private.state_passes(%4$s)',
    (select string_agg(quote_ident(c), ', ') from unnest(p_columns) c), p_table,
    (select string_agg(format('old.%1$I is distinct from new.%1$I', c), ' or ') from unnest(p_columns) c),
    (select string_agg(quote_literal(c), ', ') from unnest(p_columns) c));
end $$;

-- ------------------------------------------------------------------ rows under rows

-- Bounds what lies under one row: at most 1,000 rows and about 2 MB. Whoever reads a row with its children reads all of them,
-- and a page of such rows must not take anyone's time. The arguments are the columns that name the row.
create function private.children_are_bounded() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  too_many boolean;
begin
  execute format('select exists (select from (select distinct %1$s from written w) p,
      lateral (select count(*) as many, case when count(*) > 50 then sum(octet_length(c::text)) end as bytes
        from public.%2$I c where %3$s) held
    where held.many > 1000 or held.bytes > 2097152)',
    (select string_agg(format('w.%I', a), ', ') from unnest(tg_argv) a), tg_table_name,
    (select string_agg(format('c.%1$I = p.%1$I', a), ' and ') from unnest(tg_argv) a)) into too_many;
  if too_many then
    perform private.refuse('too_many_there', 'there are 1000 of these already, or 2 MB of them');
  end if;
  return null;
end $$;

-- Holds a table to that: what people write under the row that a column names, or several together.
create procedure private.bound_children(p_table regclass, variadic p_columns text[]) language plpgsql set search_path = '' as $$
declare
  event text;
begin
  foreach event in array array['insert', 'update'] loop
    execute format('create trigger %1$I after %2$s on %3$s referencing new table as written
      for each statement when (auth.uid() is not null) execute function private.children_are_bounded(%4$s)',
      concat_ws('_', 'bounded_by', array_to_string(p_columns, '_'), event), event, p_table,
      (select string_agg(quote_literal(c), ', ') from unnest(p_columns) c));
  end loop;
end $$;

-- ------------------------------------------------------------------ rows inside rows

-- One change of parents at a time, so that two at once cannot make a circle: each caller's warehouse by itself, and those
-- who see all of them alone. It is taken before any row is locked, because whoever locks a row first would wait crosswise.
-- What all share is taken last, by one person of a warehouse at a time: many of its people who wait for each other would
-- keep those who see all waiting for every one of them.
create function private.take_turn(p_table text) returns void language plpgsql security definer set search_path = '' as $$
declare
  home constant uuid := case when not private.sees_every_warehouse() then private.my_warehouse() end;
begin
  if home is null then
    perform pg_advisory_xact_lock(hashtextextended('private.take_turn ' || p_table, 0));
  else
    perform pg_advisory_xact_lock(hashtextextended('private.take_turn ' || p_table || home, 0));
    perform pg_advisory_xact_lock_shared(hashtextextended('private.take_turn ' || p_table, 0));
  end if;
end $$;
grant execute on function private.take_turn(text) to authenticated;

create function private.parents_take_turns() returns trigger language plpgsql set search_path = '' as $$
begin
  perform private.take_turn(tg_table_name);
  return null;
end $$;

-- Refuses a row inside of itself. The argument is the sentence that may be shown.
create function private.is_not_inside_itself() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  circle boolean;
begin
  execute format('with recursive above (id, parent_id) as (
      select t.id, t.parent_id from public.%1$I t where t.id = ($1).parent_id
      union
      select t.id, t.parent_id from public.%1$I t join above on t.id = above.parent_id)
    select exists (select from above where id = ($1).id)', tg_table_name) into circle using new;
  if circle then
    perform private.refuse('inside_itself', tg_argv[0]);
  end if;
  return null;
end $$;

-- For a table with a `parent_id`.
create procedure private.forbid_circles(p_table regclass, p_sentence text) language plpgsql set search_path = '' as $$
begin
  execute format('create trigger parents_take_turns before update of parent_id on %s for each statement
    execute function private.parents_take_turns()', p_table);
  -- Named so that it fires before `moves`, which walks down from the row.
  execute format('create trigger is_not_inside_itself after insert or update of parent_id on %s for each row
    when (new.parent_id is not null) execute function private.is_not_inside_itself(%L)', p_table, p_sentence);
end $$;

-- migrate:down
set local lock_timeout = '5s';
drop procedure private.bound_children(regclass, text[]);
drop function private.children_are_bounded();
drop procedure private.keep_past_of(regclass, text[]);
drop function private.state_passes();
drop table private.past_states;
drop procedure private.let_annul(regclass, text[]);
drop function private.annuls();
drop procedure private.count_each_row(regclass);
drop function private.each_row_counts();
drop procedure private.forbid_circles(regclass, text);
drop function private.is_not_inside_itself();
drop function private.parents_take_turns();
drop function private.take_turn(text);
drop procedure private.fence(regclass, text[]);
drop function private.reference_is_seen();
drop function private.no_such(text, text);
drop function private.refuse(text, text, jsonb);
drop function private.only_columns();
drop function private.at_home();
drop function private.stays_as_it_is();
drop function private.touch();
drop procedure private.serve(regclass);
drop function private.or_never(timestamptz);
drop function private.by_words_alone();
drop function private.up_to(text, boolean, text, uuid, boolean);
drop function private.found(regclass, text, text, text, text, jsonb);
drop function private.asked_column(regclass, text);
drop function private.sought(text);
drop function private.asked_words(text);
drop function private.words(text[], text[]);
