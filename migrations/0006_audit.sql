-- migrate:up
-- The audit log: every change of people, places, rules and settings, written by the database in the transaction of the
-- change.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- The difference between two rows, field by field: `{"status": {"from": "new", "to": "assigned"}}`.
create function private.changes(p_old jsonb, p_new jsonb, p_ignored text[]) returns jsonb
language sql immutable set search_path = '' as $$
  select coalesce(jsonb_object_agg(key, jsonb_build_object('from', p_old -> key, 'to', p_new -> key)), '{}')
  from jsonb_object_keys(coalesce(p_old, '{}') || coalesce(p_new, '{}')) key
  where coalesce(p_old -> key, 'null') <> coalesce(p_new -> key, 'null') and key <> all (p_ignored)
$$;

create table public.audit_log (
  id uuid primary key default private.uuidv7(),
  subject text not null,
  subject_id uuid not null,
  action text not null check (action in ('insert', 'update', 'delete')),
  changes jsonb not null,
  actor_id uuid references public.profiles (id),
  happened_at timestamptz not null default clock_timestamp()
);
create index audit_log_by_subject on public.audit_log (subject, subject_id);

alter table public.audit_log enable row level security;
create policy audit_log_read on public.audit_log for select to authenticated
  using ((select private.sees_every_warehouse()));
grant select on public.audit_log to authenticated;
create trigger stays_as_it_is before update or delete on public.audit_log for each row
  execute function private.stays_as_it_is();

-- Leaves out secrets, and columns that change by themselves.
create function private.audit() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  known constant jsonb := to_jsonb(case when tg_op = 'DELETE' then old else new end);
  told constant jsonb := private.changes(
    case when tg_op <> 'INSERT' then to_jsonb(old) end, case when tg_op <> 'DELETE' then to_jsonb(new) end,
    array['id', 'version', 'created_at', 'updated_at', 'last_used_at', 'secret']);
begin
  if told <> '{}' then
    insert into public.audit_log (subject, subject_id, action, changes, actor_id)
      values (tg_table_name, (known ->> 'id')::uuid, lower(tg_op), told, auth.uid());
  end if;
  return null;
end $$;

create procedure private.audit_all_of(p_table regclass) language plpgsql set search_path = '' as $$
begin
  execute format('create trigger audit after insert or update or delete on %s for each row execute function private.audit()',
    p_table);
end $$;

-- These two tables are older than the log. Every later table that is audited calls this in its own file.
call private.audit_all_of('public.warehouses');
call private.audit_all_of('public.profiles');

-- migrate:down
set local lock_timeout = '5s';
drop trigger audit on public.profiles;
drop trigger audit on public.warehouses;
drop table public.audit_log;
drop procedure private.audit_all_of(regclass);
drop function private.audit();
drop function private.changes(jsonb, jsonb, text[]);
