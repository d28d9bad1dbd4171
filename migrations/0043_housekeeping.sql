-- migrate:up
-- Housekeeping, run once a day by the scheduler: expired rows are deleted, and old work orders leave the lists.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create function private.write_archived(p_now timestamptz, p_ids jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  archived integer;
begin
  update public.work_orders set archived_at = p_now
    where id in (select i::uuid from jsonb_array_elements_text(p_ids) i);
  get diagnostics archived = row_count;
  return jsonb_build_object('archived', archived);
end $$;

-- Work orders that ended long ago leave the lists, not the database: after the days that their warehouse sets, at most
-- `p_limit` a call. One that the database refuses to change is put aside alone, until the next day: `{"counts",
-- "problems"}`.
create function functions.archive_work_orders(p_now timestamptz, p_limit integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  ids jsonb;
  told jsonb;
  problems jsonb;
begin
  with kept as (
    select w.id as warehouse_id,
      p_now - make_interval(days => private.number_setting('auto_archive_completed_wo_days', w.id, 90)) as since
    from public.warehouses w),
  old as (
    select o.id from public.work_orders o join kept on kept.warehouse_id = o.warehouse_id
    where private.is_ended(o.status) and o.archived_at is null and o.updated_at < kept.since
      and not exists (select from public.dead_letters d
        where d.source = private.calling_function() and d.reference = 'work order ' || o.id and private.is_put_aside(d.last_seen_at))
    order by o.updated_at limit p_limit for update of o skip locked)
  select coalesce(jsonb_agg(id), '[]') into ids from old;
  told := private.write_apart('write_archived', p_now, ids);
  problems := (
    select coalesce(jsonb_agg(jsonb_build_object('subject', 'work order ' || (r ->> 'row'), 'reason', r -> 'reason')), '[]')
    from jsonb_array_elements(told -> 'refused') r);
  perform private.keep_problems(problems);
  return jsonb_build_object('counts', told -> 'counts', 'problems', problems);
end $$;
grant execute on function functions.archive_work_orders(timestamptz, integer) to millwright_pm_scheduler;

-- Keys are valid for a week, which is longer than a phone stays offline.
create function functions.forget_keys(p_now timestamptz) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  forgotten integer;
begin
  delete from private.idempotency_keys where created_at < p_now - interval '7 days';
  get diagnostics forgotten = row_count;
  return forgotten;
end $$;
grant execute on function functions.forget_keys(timestamptz) to millwright_pm_scheduler;

-- Deletes spans of rate limits that have ended, the oldest first: no more in one night than it has time for, so that whoever
-- makes up many does not keep it from ending.
create function functions.forget_rates(p_now timestamptz) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  forgotten integer;
begin
  delete from private.rates where ctid = any (array(
    select r.ctid from private.rates r where r.ends_at <= p_now order by r.ends_at limit 500000));
  get diagnostics forgotten = row_count;
  return forgotten;
end $$;
grant execute on function functions.forget_rates(timestamptz) to millwright_pm_scheduler;

-- Deletes removals that are half a year old; a cursor from before then starts again.
create function functions.forget_changes(p_now timestamptz) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  forgotten integer;
begin
  with went as (
    delete from public.changes where gone and changed_at < p_now - interval '180 days' returning changed_in)
  insert into private.forgotten_changes as f (changed_in) select max(changed_in) from went having count(*) > 0
    on conflict (only_one) do update set changed_in = greatest(f.changed_in, excluded.changed_in);
  get diagnostics forgotten = row_count;
  return forgotten;
end $$;
grant execute on function functions.forget_changes(timestamptz) to millwright_pm_scheduler;

-- Deletes mutations that are half a year old; a phone that was away for longer starts again.
create function functions.forget_mutations(p_now timestamptz) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  forgotten integer;
begin
  delete from private.sync_mutations where created_at < p_now - interval '180 days';
  get diagnostics forgotten = row_count;
  return forgotten;
end $$;
grant execute on function functions.forget_mutations(timestamptz) to millwright_pm_scheduler;

create function functions.forget_problems(p_now timestamptz) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  forgotten integer;
begin
  delete from public.dead_letters
    where private.is_of_a_problem(source) and last_seen_at < p_now - interval '2 days';
  get diagnostics forgotten = row_count;
  return forgotten;
end $$;
grant execute on function functions.forget_problems(timestamptz) to millwright_pm_scheduler;

-- migrate:down
set local lock_timeout = '5s';
drop function functions.forget_problems(timestamptz);
drop function functions.forget_mutations(timestamptz);
drop function functions.forget_changes(timestamptz);
drop function functions.forget_rates(timestamptz);
drop function functions.forget_keys(timestamptz);
drop function functions.archive_work_orders(timestamptz, integer);
drop function private.write_archived(timestamptz, jsonb);
