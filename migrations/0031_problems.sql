-- migrate:up
-- What a job cannot use until someone changes it: a template without a date, a rule with an unknown step, a place whose time
-- zone nobody knows. It is kept beside the messages that were given up, where an administrator sees it. It leaves that list when
-- it is changed, and is back if a job still cannot use it; or when two days pass in which no job has met with it.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

alter table public.dead_letters add column last_seen_at timestamptz not null default now();

create function private.keep_problems(p_problems jsonb) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  reported integer;
begin
  -- In one order, so that two firings do not wait for each other.
  insert into public.dead_letters (source, reference, reason, body)
    select distinct on (p.subject) private.calling_function(), p.subject, left(p.reason, 1000), '{}'
      from jsonb_to_recordset(p_problems) as p(subject text, reason text) order by p.subject
    on conflict (source, reference) do update set reason = excluded.reason, last_seen_at = excluded.last_seen_at;
  get diagnostics reported = row_count;
  return reported;
end $$;

create function functions.report_problems(p_problems jsonb) returns integer
language plpgsql security definer set search_path = '' as $$
begin
  return private.keep_problems(p_problems);
end $$;

-- Schedules that cannot be planned are looked at again tomorrow, so that they do not stand in the way of the others at every
-- firing. What has to be changed is reported with them, or neither.
create function functions.pm_put_off(p_now timestamptz, p_problems jsonb) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  put_off integer;
begin
  perform private.keep_problems(p_problems);
  with stuck as (
    select s.id, coalesce(private.local_date(p_now, w.time_zone), (p_now at time zone 'UTC')::date) + 1 as tomorrow
    from jsonb_to_recordset(p_problems) as p(schedule_id uuid, version integer)
    join public.pm_schedules s on s.id = p.schedule_id and s.version = p.version
    join public.equipment e on e.id = s.equipment_id
    join public.warehouses w on w.id = e.warehouse_id
    order by s.id for update of s)
  update public.pm_schedules s set generate_on = stuck.tomorrow from stuck where stuck.id = s.id;
  get diagnostics put_off = row_count;
  return put_off;
end $$;

-- Somebody has changed what a job could not use. A template that says other dates wakes its schedules by itself, a place does
-- not.
create function private.is_mended() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from public.dead_letters
    where source in ('pm-scheduler', 'escalation-checker') and reference = tg_argv[0] || ' ' || old.id;
  if found and tg_table_name = 'warehouses' then
    update public.pm_schedules s set generate_on = least(s.generate_on, current_date)
      from public.equipment e where e.id = s.equipment_id and e.warehouse_id = old.id and s.active and s.generate_on is not null;
  end if;
  return null;
end $$;
create trigger is_mended after update or delete on public.pm_templates for each row
  execute function private.is_mended('template');
create trigger is_mended after update or delete on public.escalation_rules for each row
  execute function private.is_mended('escalation rule');
create trigger is_mended after update or delete on public.warehouses for each row
  execute function private.is_mended('warehouse');

create function functions.forget_problems(p_now timestamptz) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  forgotten integer;
begin
  delete from public.dead_letters
    where source in ('pm-scheduler', 'escalation-checker') and last_seen_at < p_now - interval '2 days';
  get diagnostics forgotten = row_count;
  return forgotten;
end $$;

revoke execute on function private.keep_problems(jsonb), private.is_mended(), functions.report_problems(jsonb),
  functions.pm_put_off(timestamptz, jsonb), functions.forget_problems(timestamptz) from public;
grant execute on function functions.report_problems(jsonb) to millwright_escalation_checker;
grant execute on function functions.pm_put_off(timestamptz, jsonb), functions.forget_problems(timestamptz)
  to millwright_pm_scheduler;

-- migrate:down
set local lock_timeout = '5s';
drop function functions.forget_problems(timestamptz);
drop trigger is_mended on public.warehouses;
drop trigger is_mended on public.escalation_rules;
drop trigger is_mended on public.pm_templates;
drop function private.is_mended();
drop function functions.pm_put_off(timestamptz, jsonb);
drop function functions.report_problems(jsonb);
drop function private.keep_problems(jsonb);
alter table public.dead_letters drop column last_seen_at;
