-- A monthly template with a checklist of three items and an assignee, and its schedule for so many of the machines, which
-- is looked at on a day so many days from today.
with template as (
  insert into public.pm_templates (title, description, equipment_model, warehouse_id, default_assignee_id, rrule, starts_on, lead_time_days)
    select 'Look after the conveyor', 'Listen to the bearings, measure the belt, and write down what was found.', 'Conveyor PM', w.id,
      '01900000-0000-7000-8000-000000000101', 'FREQ=MONTHLY', current_date, 0
    from public.warehouses w where w.code = 'RTM' returning id),
item as (
  insert into public.pm_template_items (template_id, position, component, action)
    select template.id, i, format('Component %s', i), 'Look, measure, and write down what was found'
    from template cross join generate_series(1, 3) i)
insert into public.pm_schedules (template_id, equipment_id, since, next_due_on, generate_on)
  select template.id, e.id, current_date, current_date + $2::integer, current_date + $2::integer
  from template cross join (
    select id from public.equipment where model = 'Conveyor PM' order by id limit $1::bigint) e;
