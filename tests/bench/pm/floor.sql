-- The floor: one statement that writes the very rows that a firing writes for what is due, and decides nothing. The rule of
-- the seed is monthly, so the next date is a month later.
--
--   $1  the moment
with plan as materialized (
  select s.id, s.template_id, s.equipment_id, s.warehouse_id, s.next_due_on from public.pm_schedules s
  where s.active and s.generate_on <= ($1::text::timestamptz at time zone 'UTC')::date order by s.generate_on, s.id for update of s),
decided as materialized (select plan.*, t.tolerance_days, private.uuidv7() as work_order_id
  from plan join public.pm_templates t on t.id = plan.template_id),
occurrence as (
  insert into public.pm_occurrences (schedule_id, warehouse_id, occurs_on, due_on, tolerance_days, decision, reason, work_order_id, decided_for)
    select id, warehouse_id, next_due_on, next_due_on, tolerance_days, 'generated', 'generated on its day', work_order_id, $1::text::timestamptz
    from decided
    on conflict do nothing returning schedule_id, work_order_id),
opened as (
  insert into public.work_orders (id, type, title, description, area, asset_model, equipment_id, priority, assigned_to,
      warehouse_id, due_at, last_activity_at)
    select d.work_order_id, 'preventive', t.title, t.description, e.area, e.model, e.id, t.priority, a.id, e.warehouse_id,
      (d.next_due_on + 1)::timestamp at time zone w.time_zone, $1::text::timestamptz
    from occurrence o
    join decided d on d.work_order_id = o.work_order_id
    join public.pm_templates t on t.id = d.template_id
    join public.equipment e on e.id = d.equipment_id
    join public.warehouses w on w.id = e.warehouse_id
    left join public.profiles a on a.id = t.default_assignee_id and private.can_be_assigned(a.id, e.warehouse_id)
    returning id),
checklist as (
  insert into public.checklist_items (work_order_id, position, component, action, custom_fields)
    select d.work_order_id, i.position, i.component, i.action, i.custom_fields
    from decided d join public.pm_template_items i on i.template_id = d.template_id)
update public.pm_schedules s set next_due_on = plan.next_due_on + interval '1 month',
    generate_on = plan.next_due_on + interval '1 month', last_due_on = plan.next_due_on, last_work_order_id = o.work_order_id
  from plan join occurrence o on o.schedule_id = plan.id where s.id = plan.id
