-- migrate:up
-- Settings, each for everyone or for one warehouse, and the days on which a warehouse rests.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create type public.setting_key as enum
  ('file_upload_max_size', 'auto_archive_completed_wo_days', 'default_pm_lead_time_days', 'qr_code_base_url',
   'escalation_max_open_work_orders');

create table public.settings (
  id uuid primary key default private.uuidv7(),
  key public.setting_key not null,
  -- Null: holds for every warehouse that has no setting of its own.
  warehouse_id uuid references public.warehouses (id),
  value jsonb not null check (private.is_json(value)),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (warehouse_id, key),
  constraint settings_hold_what_they_should check (case key
    -- In bytes; the platform accepts at most 100 MB in one request.
    when 'file_upload_max_size' then jsonb_typeof(value) = 'number' and value::text ~ '^[0-9]{1,9}$'
      and value::text::integer between 1 and 104857600
    when 'auto_archive_completed_wo_days' then jsonb_typeof(value) = 'number' and value::text ~ '^[0-9]{1,5}$'
      and value::text::integer between 1 and 36500
    when 'default_pm_lead_time_days' then jsonb_typeof(value) = 'number' and value::text ~ '^[0-9]{1,3}$'
      and value::text::integer between 0 and 365
    when 'escalation_max_open_work_orders' then jsonb_typeof(value) = 'number' and value::text ~ '^[0-9]{1,5}$'
      and value::text::integer between 1 and 10000
    when 'qr_code_base_url' then jsonb_typeof(value) = 'string' and value #>> '{}' ~ '^https?://'
      and private.is_line(value #>> '{}', 500)
    else false end)
);

call private.serve('public.settings');
call private.audit_all_of('public.settings');
create policy settings_read on public.settings for select to authenticated
  using ((select private.sees_every_warehouse())
    or ((warehouse_id is null or warehouse_id = (select private.my_warehouse()))
      and (select private.my_role()) = 'supervisor'));
create policy settings_open on public.settings for insert to authenticated
  with check (private.is_one_of(warehouse_id, 'supervisor'));
create policy settings_change on public.settings for update to authenticated
  using (private.is_one_of(warehouse_id, 'supervisor'));
create policy settings_remove on public.settings for delete to authenticated
  using (private.is_one_of(warehouse_id, 'supervisor'));
grant insert (id, key, warehouse_id, value), update (value), delete on public.settings to authenticated;
create trigger at_home before insert on public.settings for each row execute function private.at_home();

-- The value for a warehouse: its own, else the one for all, else the default.
create function private.setting(p_key public.setting_key, p_warehouse uuid, p_default jsonb) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce((select s.value from public.settings s
    where s.key = p_key and (s.warehouse_id is null or s.warehouse_id = p_warehouse)
    order by s.warehouse_id nulls last limit 1), p_default)
$$;

-- The same for a whole number. One that got past the check of the table counts as if it were not there: it must not stop
-- the other warehouses.
create function private.number_setting(p_key public.setting_key, p_warehouse uuid, p_default integer) returns integer
language sql stable security definer set search_path = '' as $$
  select case when said::text ~ '^[0-9]{1,9}$' then said::text::integer else p_default end
  from private.setting(p_key, p_warehouse, to_jsonb(p_default)) as said
$$;

-- ------------------------------------------------------------------ holidays

-- A change wakes schedules (pm_schedules) and escalation clocks (escalation_clocks).
create table public.holidays (
  id uuid primary key default private.uuidv7(),
  warehouse_id uuid not null references public.warehouses (id),
  on_date date not null check (private.is_day(on_date)),
  name text not null check (private.is_line(name, 100) and name <> ''),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (warehouse_id, on_date)
);

call private.serve('public.holidays');
call private.audit_all_of('public.holidays');
create policy holidays_read on public.holidays for select to authenticated
  using (exists (select from public.warehouses w where w.id = warehouse_id));
create policy holidays_open on public.holidays for insert to authenticated
  with check (private.is_one_of(warehouse_id, 'supervisor'));
create policy holidays_change on public.holidays for update to authenticated
  using (private.is_one_of(warehouse_id, 'supervisor'));
create policy holidays_remove on public.holidays for delete to authenticated
  using (private.is_one_of(warehouse_id, 'supervisor'));
grant insert (id, warehouse_id, on_date, name), update (on_date, name), delete on public.holidays to authenticated;
create trigger at_home before insert on public.holidays for each row execute function private.at_home();
-- Jobs read all of them.
call private.bound_children('public.holidays', 'warehouse_id');

-- migrate:down
set local lock_timeout = '5s';
drop table public.holidays;
drop table public.settings;
drop function private.number_setting(public.setting_key, uuid, integer);
drop function private.setting(public.setting_key, uuid, jsonb);
drop type public.setting_key;
