-- migrate:up
-- Problems: rows that a job cannot use until someone changes them, like a template without a date, a rule with an
-- unknown step, a warehouse with an unknown time zone, and whatever cannot be read or is refused when it is written. They
-- are kept beside the messages that were given up, where an administrator sees them. A problem leaves the list when no job
-- has met it for two days. That of a template, a rule or a warehouse with its holidays leaves it already when one of them is
-- changed, and returns if a job still cannot use it.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- The functions that report problems: their dead letters are rows to change, not messages to replay.
create function private.is_of_a_problem(p_source text) returns boolean language sql immutable parallel safe
  return p_source in ('pm-scheduler', 'escalation-checker', 'notification-sender', 'request-api');

create function private.keep_problems(p_problems jsonb) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  reported integer;
begin
  -- In one order, so that two firings cannot deadlock.
  insert into public.dead_letters (source, reference, reason, body)
    select distinct on (p.subject) private.calling_function(), p.subject, left(p.reason, 1000), '{}'
      from jsonb_to_recordset(p_problems) as p(subject text, reason text) order by p.subject
    on conflict (source, reference) do update set reason = excluded.reason, last_seen_at = excluded.last_seen_at;
  get diagnostics reported = row_count;
  return reported;
end $$;

-- True until a job that comes every day should try again what it could not use. Less than a day, so that the same firing of
-- tomorrow does.
create function private.is_put_aside(p_last_seen_at timestamptz) returns boolean language sql stable
  return p_last_seen_at > now() - interval '20 hours';

create function functions.report_problems(p_problems jsonb) returns integer
language plpgsql security definer set search_path = '' as $$
begin
  return private.keep_problems(p_problems);
end $$;
grant execute on function functions.report_problems(jsonb) to millwright_escalation_checker,
  millwright_notification_sender, millwright_request_api;

-- Removes a problem when its row is changed. The arguments are the word for what has the problem, and the column with its
-- id. A template with new dates wakes its schedules by itself, a warehouse does not.
create function private.is_mended() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  subject constant uuid := to_jsonb(old) ->> tg_argv[1];
begin
  delete from public.dead_letters where private.is_of_a_problem(source) and reference = tg_argv[0] || ' ' || subject;
  if found and tg_argv[0] = 'warehouse' then
    update public.pm_schedules s set generate_on = least(s.generate_on, current_date)
      where s.warehouse_id = subject and s.active and s.generate_on is not null;
  end if;
  return null;
end $$;
create trigger is_mended after update or delete on public.pm_templates for each row
  execute function private.is_mended('template', 'id');
create trigger is_mended after update or delete on public.escalation_rules for each row
  execute function private.is_mended('escalation rule', 'id');
create trigger is_mended after update or delete on public.warehouses for each row
  execute function private.is_mended('warehouse', 'id');
-- A day on which a warehouse rests is a part of it.
create trigger is_mended after update or delete on public.holidays for each row
  execute function private.is_mended('warehouse', 'warehouse_id');

-- migrate:down
set local lock_timeout = '5s';
drop trigger is_mended on public.holidays;
drop trigger is_mended on public.warehouses;
drop trigger is_mended on public.escalation_rules;
drop trigger is_mended on public.pm_templates;
drop function private.is_mended();
drop function functions.report_problems(jsonb);
drop function private.is_put_aside(timestamptz);
drop function private.keep_problems(jsonb);
drop function private.is_of_a_problem(text);
