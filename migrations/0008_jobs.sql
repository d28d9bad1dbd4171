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
drop function functions.dead_letter(text, text, text, jsonb);
drop function functions.job_finish(uuid, public.run_outcome, jsonb, jsonb);
drop function functions.job_start(text, timestamptz);
drop domain public.run_outcome;
