-- A monthly template with a checklist of three items and an assignee, and its schedules for so many machines, whose next
-- date is the day of a moment. Machines of its model are added where there are too few. Past the triggers: what is measured
-- is the firing, not the seed.
--
--   $1  how many      $2  the moment
with known as (select count(*) as many from public.equipment where model = 'Conveyor PM'),
added as (
  insert into public.equipment (asset_tag, name, model, area, warehouse_id)
    select format('RTM-PM-%s', n), format('Conveyor %s', n), 'Conveyor PM', 'Sorting hall', w.id
    from known cross join public.warehouses w cross join lateral generate_series(known.many + 1, $1::bigint) n
    where w.code = 'RTM' returning id, warehouse_id),
template as (
  insert into public.pm_templates (title, description, equipment_model, warehouse_id, default_assignee_id, rrule, starts_on, lead_time_days)
    select format('Look after the conveyor, %s', $2::text),
      'Listen to the bearings, measure the belt, and write down what was found.', 'Conveyor PM', w.id,
      '01900000-0000-7000-8000-000000000101', 'FREQ=MONTHLY', ($2::text::timestamptz at time zone 'UTC')::date, 0
    from public.warehouses w where w.code = 'RTM' returning id, starts_on),
item as (
  insert into public.pm_template_items (template_id, position, component, action)
    select template.id, i, format('Component %s', i), 'Look, measure, and write down what was found'
    from template cross join generate_series(1, 3) i)
insert into public.pm_schedules (template_id, equipment_id, warehouse_id, since, next_due_on, generate_on)
  select template.id, e.id, e.warehouse_id, template.starts_on, template.starts_on, template.starts_on
  from template cross join (
    select id, warehouse_id from added union all
    (select id, warehouse_id from public.equipment where model = 'Conveyor PM' order by id limit $1::bigint)) e
