-- migrate:up
-- What a client may cost: how much it may ask at once, how deep, and for how many rows. How long it may take stands beside
-- the roles, in the first migration.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- Lets a request in: the gateway calls it before each, with the rights of whoever asks. One person has at most eight at a
-- time (a browser opens six connections), so that nobody alone can hold all sessions of the gateway: each takes a place,
-- which its transaction gives back. It is no more than that, because every request pays for it: no table is read. Strangers
-- are refused by having no right to call it, and our own functions have no bound.
--
-- It is also where the time zone of a session is put right, for everyone: what is written as text or JSON (histories, audit,
-- answers that are kept, documents of sync) says moments in UTC, whatever zone a client prefers. No preference sets the styles
-- of dates or intervals.
create function private.admit() returns void language plpgsql volatile set search_path = '' as $$
declare
  places constant integer := 8;
  person constant integer :=
    hashtext(coalesce(nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub', ''));
begin
  if current_setting('TimeZone') <> 'UTC' then
    perform set_config('TimeZone', 'UTC', true);
  end if;
  if current_user <> 'authenticated' then
    return;
  end if;
  -- Kind refusals. Of several `Prefer` headers only the last is seen here; `is_bounded` and the zone above stop the others.
  if nullif(current_setting('request.headers', true), '')::json ->> 'prefer' ~* 'timezone *=' then
    raise exception using errcode = 'PT400', message = 'no_time_zones', detail = 'moments are told in UTC';
  end if;
  if nullif(current_setting('request.headers', true), '')::json ->> 'prefer' ~ 'count=planned' then
    perform private.refuse_estimate();
  end if;
  -- `count=estimated` counts the rows themselves up to `db_max_rows`, and only of more it asks the planner, which
  -- `is_bounded` refuses.
  for place in 1..places loop
    if pg_try_advisory_xact_lock(person, place) then
      return;
    end if;
  end loop;
  raise sqlstate 'PGRST' using
    message = json_build_object('code', 'PT429', 'message', 'too_many_at_once', 'details', '1')::text,
    detail = json_build_object('status', 429, 'headers', json_build_object('Retry-After', '1'))::text;
end $$;
grant execute on function private.admit() to authenticated, millwright_request_api, millwright_escalation_checker,
  millwright_notification_sender, millwright_pm_scheduler, millwright_file_processor;

create function private.refuse_estimate() returns void language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = 'PT400', message = 'no_estimates',
    detail = 'an estimate counts rows that are not yours to see: ask for count=exact';
end $$;
grant execute on function private.refuse_estimate() to authenticated;

-- True, or refused: judges the whole statement that a client's request became, at the moment it is planned. What is
-- embedded costs its rows times those it is embedded in, so it may lie two levels deep (the children of a work order in a
-- change; the names of whoever wrote them): the gateway numbers the aliases of what it joins by that level. Nor is it wider than a
-- work order with all that belongs to it, and no column is told over and over. And nothing is planned only to be counted.
--
-- It is called immutable so that the planner calls it and keeps `true` of it: no row ever pays for it. Each table of a statement has
-- it planned: what was judged once in a transaction is not judged again.
create function private.is_bounded() returns boolean language plpgsql immutable set search_path = '' as $$
declare
  asked constant text := current_query();
  judged constant text := md5(asked);
begin
  if current_setting('millwright.judged', true) = judged then
    return true;
  end if;
  if starts_with(asked, 'EXPLAIN') then
    perform private.refuse_estimate();
  end if;
  -- `vendors.json_agg` is a call of that function with the row: an aggregate past the setting that forbids them.
  if asked ~ '"\."(count|any_value|(array|jsonb?)_agg(_strict)?)"' then
    raise exception using errcode = 'PT400', message = 'no_aggregates', detail = 'rows are answered one by one';
  end if;
  if strpos(asked, ' JOIN LATERAL ') > 0 and asked ~ '_([3-9]|[1-9][0-9]+)" ON ' then
    raise exception using errcode = 'PT400', message = 'too_deep',
      detail = 'what is embedded may lie two levels deep';
  end if;
  -- An order names a column, too. A path into JSON tells a part of it.
  if (length(asked) - length(replace(asked, ' JOIN LATERAL ', ''))) / 14 > 60 or exists (
      select from regexp_matches(asked, '(?:SELECT |, )(?:CAST\( )?((?:"[^"]+"\.)+"[^"]+")(->)?', 'g') m (told)
      group by m.told having count(*) > case when m.told[2] is null then 3 else 20 end) then
    raise exception using errcode = 'PT400', message = 'too_wide', detail = 'each column is told once';
  end if;
  perform set_config('millwright.judged', judged, true);
  return true;
end $$;
grant execute on function private.is_bounded() to authenticated;

-- Every table that clients read.
do $$
declare
  readable regclass;
begin
  for readable in
    select distinct p.polrelid::regclass from pg_policy p join pg_class t on t.oid = p.polrelid
    where t.relnamespace = 'public'::regnamespace and p.polcmd in ('r', '*')
  loop
    execute format('create policy is_bounded on %s as restrictive for select to authenticated using (private.is_bounded())',
      readable);
  end loop;
end $$;

-- The gateway's own settings. A page has at most 200 rows and an answer of sync 1,000 documents, so neither is ever cut.
-- The role is the whole cluster's, and what is as it should be is not written again: two of its databases may be migrated at
-- the same moment.
do $$
declare
  setting record;
begin
  for setting in
    select s.name, s.value
    from (values
      ('pgrst.db_schemas', 'public, functions'),
      ('pgrst.db_extra_search_path', 'public'),
      ('pgrst.db_pre_request', 'private.admit'),
      ('pgrst.db_max_rows', '1000'),
      ('pgrst.db_aggregates_enabled', 'false'),
      ('pgrst.db_plan_enabled', 'false')) s(name, value)
    join pg_roles r on r.rolname = 'authenticator'
    where not coalesce(r.rolconfig @> array[s.name || '=' || s.value], false)
  loop
    execute format('alter role authenticator set %s = %L', setting.name, setting.value);
  end loop;
end $$;

-- migrate:down
set local lock_timeout = '5s';
alter role authenticator reset pgrst.db_schemas;
alter role authenticator reset pgrst.db_extra_search_path;
alter role authenticator reset pgrst.db_pre_request;
alter role authenticator reset pgrst.db_max_rows;
alter role authenticator reset pgrst.db_aggregates_enabled;
alter role authenticator reset pgrst.db_plan_enabled;
do $$
declare
  readable regclass;
begin
  for readable in select polrelid::regclass from pg_policy where polname = 'is_bounded' loop
    execute format('drop policy is_bounded on %s', readable);
  end loop;
end $$;
drop function private.is_bounded();
drop function private.refuse_estimate();
drop function private.admit();
