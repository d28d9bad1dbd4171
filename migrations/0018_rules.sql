-- migrate:up
-- How the place is run: settings, opening hours, people, templates and rules, written by those who may.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- ------------------------------------------------------------------ settings

create type public.setting_key as enum
  ('file_upload_max_size', 'auto_archive_completed_wo_days', 'default_pm_lead_time_days', 'qr_code_base_url',
   'escalation_max_open_work_orders');

create table public.settings (
  id uuid primary key default private.uuidv7(),
  key public.setting_key not null,
  -- Null for what holds wherever a warehouse has none of its own.
  warehouse_id uuid references public.warehouses (id),
  value jsonb not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (warehouse_id, key),
  constraint settings_hold_what_they_should check (case key
    -- In bytes; the platform takes no more than 100 MB at once.
    when 'file_upload_max_size' then jsonb_typeof(value) = 'number' and value::text ~ '^[0-9]{1,9}$'
      and value::text::integer between 1 and 104857600
    when 'auto_archive_completed_wo_days' then jsonb_typeof(value) = 'number' and value::text ~ '^[0-9]{1,5}$'
      and value::text::integer between 1 and 36500
    when 'default_pm_lead_time_days' then jsonb_typeof(value) = 'number' and value::text ~ '^[0-9]{1,3}$'
      and value::text::integer between 0 and 365
    when 'escalation_max_open_work_orders' then jsonb_typeof(value) = 'number' and value::text ~ '^[0-9]{1,5}$'
      and value::text::integer between 1 and 10000
    when 'qr_code_base_url' then jsonb_typeof(value) = 'string' and value #>> '{}' ~ '^https?://'
    else false end)
);

-- What holds in a warehouse: its own, else everyone's, else the default.
create function private.setting(p_key public.setting_key, p_warehouse uuid, p_default jsonb) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce((select s.value from public.settings s
    where s.key = p_key and (s.warehouse_id is null or s.warehouse_id = p_warehouse)
    order by s.warehouse_id nulls last limit 1), p_default)
$$;
revoke execute on function private.setting(public.setting_key, uuid, jsonb) from public;

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

-- The settings at work. An upload is judged by its own warehouse's limit.
create function private.attachment_is_small_enough() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  allowed constant bigint := private.setting('file_upload_max_size', new.warehouse_id, '5242880')::text::bigint;
begin
  if new.size_bytes > allowed then
    raise exception using errcode = 'PT413', message = 'too_large', detail = allowed::text;
  end if;
  return null;
end $$;
revoke execute on function private.attachment_is_small_enough() from public;
create trigger is_small_enough after insert on public.attachments for each row
  execute function private.attachment_is_small_enough();

-- A template's lead time is the setting's, unless it has its own.
create function private.template_opens() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  new.warehouse_id := coalesce(new.warehouse_id, private.my_warehouse());
  new.lead_time_days := coalesce(new.lead_time_days,
    private.setting('default_pm_lead_time_days', new.warehouse_id, '7')::text::smallint);
  return new;
end $$;
revoke execute on function private.template_opens() from public;
alter table public.pm_templates alter column lead_time_days drop default;
create trigger opens before insert on public.pm_templates for each row execute function private.template_opens();

-- Work orders that ended long ago leave the lists, not the database: after as many days as their warehouse says. At most
-- `p_limit` a call.
create function functions.archive_work_orders(p_now timestamptz, p_limit integer) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  archived integer;
begin
  with kept as (
    select w.id as warehouse_id,
      p_now - make_interval(days => private.setting('auto_archive_completed_wo_days', w.id, '90')::text::integer) as since
    from public.warehouses w)
  update public.work_orders set archived_at = p_now where id in (
    select o.id from public.work_orders o join kept on kept.warehouse_id = o.warehouse_id
    where o.status in ('closed', 'cancelled') and o.archived_at is null and o.updated_at < kept.since
    order by o.updated_at limit p_limit for update of o skip locked);
  get diagnostics archived = row_count;
  return archived;
end $$;
revoke execute on function functions.archive_work_orders(timestamptz, integer) from public;
grant execute on function functions.archive_work_orders(timestamptz, integer) to millwright_pm_scheduler;

-- ------------------------------------------------------------------ warehouses

alter table public.warehouses
  -- Whether anyone with a machine's link may report a problem there.
  add column public_reports boolean not null default false,
  -- `[{"day": 1, "from": "07:00", "until": "17:00"}, …]`, days from Monday = 1, on local time. Empty: always open.
  add column operating_hours jsonb not null default '[]' check (jsonb_typeof(operating_hours) = 'array');

create table public.holidays (
  id uuid primary key default private.uuidv7(),
  warehouse_id uuid not null references public.warehouses (id),
  on_date date not null,
  name text not null check (name <> ''),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (warehouse_id, on_date)
);

call private.take_keys('public.warehouses');
create policy warehouses_open on public.warehouses for insert to authenticated
  with check ((select private.my_role()) = 'admin');
create policy warehouses_change on public.warehouses for update to authenticated
  using (private.is_one_of(id, 'supervisor'));
create trigger supervisors_run_it after update on public.warehouses for each row
  when (auth.uid() is not null) execute function private.only_columns('supervisor', 'public_reports operating_hours');
grant insert (id, code, name, time_zone, public_reports, operating_hours),
  update (name, time_zone, public_reports, operating_hours) on public.warehouses to authenticated;
-- The table's own check asks it, with the rights of whoever writes.
grant execute on function private.is_time_zone(text) to authenticated;

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

-- ------------------------------------------------------------------ people

-- Service accounts belong to their API tokens, and are made and ended with them.
call private.take_keys('public.profiles');
create policy profiles_open on public.profiles for insert to authenticated
  with check ((select private.my_role()) = 'admin' and not service_account);
create policy profiles_change on public.profiles for update to authenticated
  using ((select private.my_role()) = 'admin' and not service_account);
grant insert (id, email, full_name, role, warehouse_id, vendor_id, active),
  update (full_name, role, warehouse_id, vendor_id, active) on public.profiles to authenticated;

-- There is always someone who can let others in again.
create function private.an_admin_stays() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  -- One after the other, so that the last two cannot end each other at once.
  perform pg_advisory_xact_lock(hashtext('private.an_admin_stays'));
  if not exists (select from public.profiles where role = 'admin' and active and not service_account) then
    perform private.refuse('last_admin', 'someone must stay an active administrator');
  end if;
  return null;
end $$;
revoke execute on function private.an_admin_stays() from public;
create trigger an_admin_stays after update of role, active on public.profiles for each row
  when (auth.uid() is not null and old.role = 'admin' and old.active and (new.role <> 'admin' or not new.active))
  execute function private.an_admin_stays();

-- ------------------------------------------------------------------ templates and rules

call private.take_keys('public.pm_templates');
create policy pm_templates_open on public.pm_templates for insert to authenticated
  with check (private.is_one_of(warehouse_id, 'supervisor'));
create policy pm_templates_change on public.pm_templates for update to authenticated
  using (private.is_one_of(warehouse_id, 'supervisor'));
grant insert (id, title, description, equipment_model, equipment_id, warehouse_id, priority, estimated_minutes,
  default_assignee_id, rrule, starts_on, basis, lead_time_days, exdates, tolerance_days, season_from, season_until,
  weekends, holidays, catch_up, overlap, rests_in_maintenance, meter_name, meter_every, meter_at, active)
  on public.pm_templates to authenticated;
grant update (title, description, priority, estimated_minutes, default_assignee_id, rrule, starts_on, basis,
  lead_time_days, exdates, tolerance_days, season_from, season_until, weekends, holidays, catch_up, overlap,
  rests_in_maintenance, meter_name, meter_every, meter_at, active) on public.pm_templates to authenticated;

call private.serve('public.pm_template_items');
create policy pm_template_items_open on public.pm_template_items for insert to authenticated
  with check (exists (select from public.pm_templates t where t.id = template_id
    and private.is_one_of(t.warehouse_id, 'supervisor')));
create policy pm_template_items_change on public.pm_template_items for update to authenticated
  using (exists (select from public.pm_templates t where t.id = template_id
    and private.is_one_of(t.warehouse_id, 'supervisor')));
create policy pm_template_items_remove on public.pm_template_items for delete to authenticated
  using (exists (select from public.pm_templates t where t.id = template_id
    and private.is_one_of(t.warehouse_id, 'supervisor')));
grant insert (id, template_id, position, component, action, custom_fields),
  update (position, component, action, custom_fields), delete on public.pm_template_items to authenticated;

create policy pm_schedules_change on public.pm_schedules for update to authenticated
  using (exists (select from public.equipment e where e.id = equipment_id
    and private.is_one_of(e.warehouse_id, 'supervisor')));
grant update (paused) on public.pm_schedules to authenticated;

call private.take_keys('public.escalation_rules');
create policy escalation_rules_open on public.escalation_rules for insert to authenticated
  with check (private.is_one_of(warehouse_id, 'supervisor'));
create policy escalation_rules_change on public.escalation_rules for update to authenticated
  using (private.is_one_of(warehouse_id, 'supervisor'));
grant insert (id, name, warehouse_id, wo_type, priority, clock, timeout_minutes, hours, steps, repeat_count, active),
  update (name, timeout_minutes, hours, steps, repeat_count, active) on public.escalation_rules to authenticated;
create trigger at_home before insert on public.escalation_rules for each row execute function private.at_home();

-- migrate:down
set local lock_timeout = '5s';
drop trigger at_home on public.escalation_rules;
revoke update (paused) on public.pm_schedules from authenticated;
drop policy pm_schedules_change on public.pm_schedules;
revoke insert (id, name, warehouse_id, wo_type, priority, clock, timeout_minutes, hours, steps, repeat_count, active),
  update (name, timeout_minutes, hours, steps, repeat_count, active) on public.escalation_rules from authenticated;
drop policy escalation_rules_change on public.escalation_rules;
drop policy escalation_rules_open on public.escalation_rules;
revoke insert (id, template_id, position, component, action, custom_fields),
  update (position, component, action, custom_fields), delete on public.pm_template_items from authenticated;
drop policy pm_template_items_remove on public.pm_template_items;
drop policy pm_template_items_change on public.pm_template_items;
drop policy pm_template_items_open on public.pm_template_items;
revoke insert (id, title, description, equipment_model, equipment_id, warehouse_id, priority, estimated_minutes,
  default_assignee_id, rrule, starts_on, basis, lead_time_days, exdates, tolerance_days, season_from, season_until,
  weekends, holidays, catch_up, overlap, rests_in_maintenance, meter_name, meter_every, meter_at, active)
  on public.pm_templates from authenticated;
revoke update (title, description, priority, estimated_minutes, default_assignee_id, rrule, starts_on, basis,
  lead_time_days, exdates, tolerance_days, season_from, season_until, weekends, holidays, catch_up, overlap,
  rests_in_maintenance, meter_name, meter_every, meter_at, active) on public.pm_templates from authenticated;
drop policy pm_templates_change on public.pm_templates;
drop policy pm_templates_open on public.pm_templates;
drop trigger an_admin_stays on public.profiles;
drop function private.an_admin_stays();
revoke insert (id, email, full_name, role, warehouse_id, vendor_id, active),
  update (full_name, role, warehouse_id, vendor_id, active) on public.profiles from authenticated;
drop policy profiles_change on public.profiles;
drop policy profiles_open on public.profiles;
drop table public.holidays;
drop trigger supervisors_run_it on public.warehouses;
revoke execute on function private.is_time_zone(text) from authenticated;
revoke insert (id, code, name, time_zone, public_reports, operating_hours),
  update (name, time_zone, public_reports, operating_hours) on public.warehouses from authenticated;
drop policy warehouses_change on public.warehouses;
drop policy warehouses_open on public.warehouses;
alter table public.warehouses drop column operating_hours, drop column public_reports;
drop trigger touch on public.pm_template_items;
do $$
declare
  served text;
begin
  foreach served in array array['warehouses', 'profiles', 'pm_templates', 'pm_template_items', 'escalation_rules'] loop
    execute format('drop trigger _take_key on public.%I', served);
    execute format('drop trigger keep_answer on public.%I', served);
  end loop;
end $$;
drop function functions.archive_work_orders(timestamptz, integer);
drop trigger opens on public.pm_templates;
alter table public.pm_templates alter column lead_time_days set default 7;
drop function private.template_opens();
drop trigger is_small_enough on public.attachments;
drop function private.attachment_is_small_enough();
drop table public.settings;
drop function private.setting(public.setting_key, uuid, jsonb);
drop type public.setting_key;
