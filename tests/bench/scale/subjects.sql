-- The subjects of the bench's questions, in the first warehouse: of each list one that much belongs to (`id`), and
-- words that are in many, in few, and in some of them.
with home as (select id from public.warehouses where code = 'WH-01'),
order_ as (select w.id, w.title from public.work_orders w join home on home.id = w.warehouse_id
  where w.status = 'closed' and w.archived_at is null and right(w.number, 2)::integer % 4 = 0 order by w.number desc limit 1),
machine as (select e.id, e.asset_tag from public.equipment e join home on home.id = e.warehouse_id
  where e.id in (select equipment_id from public.work_orders group by 1 order by count(*) desc, 1 limit 100) order by e.asset_tag limit 1),
part as (select p.id, p.part_number from public.parts p join home on home.id = p.warehouse_id
  where p.archived_at is null order by p.part_number limit 1),
schedule as (select s.id from public.pm_schedules s join public.equipment e on e.id = s.equipment_id join home on home.id = e.warehouse_id
  order by (select count(*) from public.pm_occurrences o where o.schedule_id = s.id) desc, s.id limit 1)
select 'work-orders' as list, 'id' as name, id::text as value from order_
union all select 'work-orders', 'q, common', 'conveyor'
union all select 'work-orders', 'q, rare', substring(title from 'E[0-9]+$') from order_
union all select 'work-orders', 'q, two words', 'smelled chiller'
union all select 'equipment', 'id', id::text from machine
union all select 'equipment', 'q, common', 'conveyor'
union all select 'equipment', 'q, rare', asset_tag from machine
union all select 'meters', 'id', min(m.id::text) from public.meters m join home on home.id = m.warehouse_id
union all select 'parts', 'id', id::text from part
union all select 'parts', 'q, common', 'bearing'
union all select 'parts', 'q, rare', part_number from part
union all select 'vendors', 'id', min(id::text) from public.vendors
union all select 'vendors', 'q, common', 'vendor'
union all select 'warehouses', 'id', id::text from home
union all select 'reorder-drafts', 'id', max(d.id::text) from public.reorder_drafts d join home on home.id = d.warehouse_id
union all select 'pm/templates', 'id', min(id::text) from public.pm_templates
union all select 'pm/schedules', 'id', id::text from schedule
union all select 'webhooks', 'id', min(id::text) from public.webhooks;
