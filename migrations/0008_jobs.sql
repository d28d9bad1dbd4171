-- migrate:up
-- The background functions' record: one row per firing, and one for each thing that could not be done at all.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create domain public.run_outcome as text check (value in ('running', 'done', 'out_of_time', 'failed'));

create table public.job_runs (
  id uuid primary key default private.uuidv7(),
  function text not null,
  trigger text not null,
  scheduled_for timestamptz not null,
  outcome public.run_outcome not null default 'running',
  counts jsonb not null default '{}',
  -- Failures of single rows, in words: `[{"subject": …, "reason": …}]`. The other rows were processed.
  problems jsonb not null default '[]',
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz
);
create index job_runs_newest on public.job_runs (function, started_at desc);

alter table public.job_runs enable row level security;
create policy job_runs_read on public.job_runs for select to authenticated
  using ((select private.sees_every_warehouse()));
grant select on public.job_runs to authenticated;

-- Messages that were given up, and rows that a job cannot use until someone changes them (problems).
create table public.dead_letters (
  id uuid primary key default private.uuidv7(),
  source text not null,
  reference text not null,
  reason text not null,
  body jsonb not null,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  unique (source, reference)
);

alter table public.dead_letters enable row level security;
create policy dead_letters_read on public.dead_letters for select to authenticated
  using ((select private.sees_every_warehouse()));
grant select on public.dead_letters to authenticated;

create function functions.job_start(p_trigger text, p_scheduled_for timestamptz) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  run uuid;
begin
  insert into public.job_runs (function, trigger, scheduled_for)
    values (private.calling_function(), p_trigger, p_scheduled_for) returning id into run;
  return run;
end $$;
grant execute on function functions.job_start(text, timestamptz) to millwright_escalation_checker,
  millwright_file_processor, millwright_notification_sender, millwright_pm_scheduler;

create function functions.job_finish(p_run uuid, p_outcome public.run_outcome, p_counts jsonb, p_problems jsonb)
returns boolean language plpgsql security definer set search_path = '' as $$
begin
  update public.job_runs
    set outcome = p_outcome, counts = p_counts, problems = p_problems, finished_at = clock_timestamp()
    where id = p_run and function = private.calling_function() and outcome = 'running';
  return found;
end $$;
grant execute on function functions.job_finish(uuid, public.run_outcome, jsonb, jsonb) to
  millwright_escalation_checker, millwright_file_processor, millwright_notification_sender, millwright_pm_scheduler;

create function functions.dead_letter(p_source text, p_reference text, p_reason text, p_body jsonb) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.dead_letters (source, reference, reason, body)
    values (p_source, p_reference, p_reason, p_body) on conflict do nothing;
  return found;
end $$;
grant execute on function functions.dead_letter(text, text, text, jsonb) to millwright_file_processor;

-- ------------------------------------------------------------------ one row stops nobody

-- True if a refusal comes from what a row holds: another row may pass. A lock, a timeout or a function that is missing
-- stops whatever is written.
create function private.is_of_a_row(p_state text) returns boolean language sql immutable parallel safe
  return left(p_state, 2) in ('21', '22', '23', '44', '54', 'P0', 'PT');

-- The sums of two objects of numbers.
create function private.added(p_one jsonb, p_other jsonb) returns jsonb language sql immutable parallel safe
  set search_path = '' as $$
  select coalesce(jsonb_object_agg(key, total), '{}') from (
    select key, sum(value::text::bigint) as total
    from (select * from jsonb_each(p_one) union all select * from jsonb_each(p_other)) each group by key) totals
$$;

-- Writes a batch by a function of the moment and the rows, which answers with counts. A batch that is refused for a row
-- in it is halved until the row stands alone: `{"counts": {…}, "refused": [{"row": …, "reason": …}, …]}`.
create function private.write_apart(p_write text, p_now timestamptz, p_rows jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  many constant integer := jsonb_array_length(p_rows);
  told jsonb;
  state text;
  words text;
  half jsonb;
  counts jsonb := '{}';
  refused jsonb := '[]';
begin
  begin
    execute format('select private.%I($1, $2)', p_write) into told using p_now, p_rows;
    return jsonb_build_object('counts', told, 'refused', refused);
  exception when others then
    get stacked diagnostics state = returned_sqlstate, words = message_text;
    if not private.is_of_a_row(state) then
      raise;
    end if;
  end;
  if many = 1 then
    return jsonb_build_object('counts', counts, 'refused',
      jsonb_build_array(jsonb_build_object('row', p_rows -> 0, 'reason', words)));
  end if;
  for half in select jsonb_agg(r.value order by r.nth) from jsonb_array_elements(p_rows) with ordinality r (value, nth)
    group by r.nth > many / 2 order by r.nth > many / 2
  loop
    told := private.write_apart(p_write, p_now, half);
    counts := private.added(counts, told -> 'counts');
    refused := refused || (told -> 'refused');
  end loop;
  return jsonb_build_object('counts', counts, 'refused', refused);
end $$;

-- All that readiness and health need, in one call.
create function functions.health() returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  return jsonb_build_object(
    'schema_version', (select max(version) from public.schema_migrations),
    'events_waiting', (select count(*) from public.events where expanded_at is null),
    'dead_letters', (select count(*) from public.dead_letters),
    'last_runs', (select coalesce(jsonb_object_agg(r.function, r.row), '{}') from (
      select distinct on (function) function,
        jsonb_build_object('outcome', outcome, 'started_at', started_at, 'finished_at', finished_at) as row
      from public.job_runs order by function, started_at desc) r));
end $$;
grant execute on function functions.health() to millwright_request_api;

-- migrate:down
set local lock_timeout = '5s';
drop table public.dead_letters;
drop table public.job_runs;
drop function functions.health();
drop function private.write_apart(text, timestamptz, jsonb);
drop function private.added(jsonb, jsonb);
drop function private.is_of_a_row(text);
drop function functions.dead_letter(text, text, text, jsonb);
drop function functions.job_finish(uuid, public.run_outcome, jsonb, jsonb);
drop function functions.job_start(text, timestamptz);
drop domain public.run_outcome;
