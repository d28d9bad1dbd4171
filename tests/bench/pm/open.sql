-- The bad ones: a rule without a date, a warehouse with an unknown time zone, and a machine that is disposed of. Each has
-- a schedule that is at rest until bad.sql wakes it. The demo's own templates have no schedules, and get none.
alter table public.warehouses drop constraint warehouses_time_zone_check;
insert into public.warehouses (code, name, time_zone) values ('MARS', 'Olympus Mons', 'Mars/Olympus');

with bad (tag, code, status, rrule) as (values
  ('BAD-RULE', 'RTM', 'active', 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'),
  ('BAD-ZONE', 'MARS', 'active', 'FREQ=MONTHLY'),
  ('BAD-MACHINE', 'RTM', 'disposed', 'FREQ=MONTHLY')),
machine as (
  insert into public.equipment (asset_tag, name, model, area, warehouse_id, status)
    select tag, tag, tag, 'Sorting hall', w.id, status::public.equipment_status
    from bad join public.warehouses w on w.code = bad.code returning id, model, warehouse_id),
template as (
  insert into public.pm_templates (title, equipment_model, rrule, starts_on, lead_time_days)
    select tag, tag, rrule, current_date, 0 from bad returning id, equipment_model)
insert into public.pm_schedules (template_id, equipment_id, warehouse_id, since, next_due_on, generate_on, active)
  select template.id, machine.id, machine.warehouse_id, current_date, current_date, current_date, false
  from template join machine on machine.model = template.equipment_model;
delete from private.pm_stale
