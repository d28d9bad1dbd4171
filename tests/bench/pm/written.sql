-- Counts the schedules due at $1 that have exactly one occurrence, one work order, three checklist items and one event.
with made as materialized (
  select s.id as schedule_id, o.work_order_id
  from public.pm_templates t
  join public.pm_schedules s on s.template_id = t.id
  join public.pm_occurrences o on o.schedule_id = s.id
  join public.work_orders w on w.id = o.work_order_id
  where t.title = format('Look after the conveyor, %s', $1::text)),
items as (
  select m.work_order_id from made m join public.checklist_items i on i.work_order_id = m.work_order_id
  group by m.work_order_id having count(*) = 3),
events as (
  select m.work_order_id from made m join public.events v on v.work_order_id = m.work_order_id
  group by m.work_order_id having count(*) = 1)
select count(*) from (select schedule_id from made join items using (work_order_id) join events using (work_order_id)
  group by schedule_id having count(*) = 1) once
