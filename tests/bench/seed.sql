-- 5,000 work orders on top of the demo company, three in five of them in Rotterdam, in every status; each with a checklist,
-- every tenth with two files. The measured person (Rotterdam's supervisor) sees about 3,000 of them.

with story as (
  select n, w.id as warehouse_id,
    (array['new', 'assigned', 'in_progress', 'on_hold', 'completed', 'verified', 'closed', 'cancelled'])[1 + n % 8]::public.work_order_status as status,
    now() - make_interval(mins => 3 * n) as touched,
    case w.code when 'RTM' then '01900000-0000-7000-8000-000000000101' else '01900000-0000-7000-8000-000000000201' end::uuid as technician,
    case w.code when 'RTM' then '01900000-0000-7000-8000-000000000102' else '01900000-0000-7000-8000-000000000202' end::uuid as supervisor,
    case w.code when 'RTM' then '01900000-0000-7000-8000-000000000106' else '01900000-0000-7000-8000-000000000206' end::uuid as requester
  from generate_series(1, 5000) n
  join public.warehouses w on w.code = case when n % 5 < 3 then 'RTM' else 'DEN' end)
insert into public.work_orders (type, title, description, area, asset_model, equipment_id, status, priority, requested_by,
    assigned_to, warehouse_id, due_at, started_at, completed_at, completed_by, verified_by, hold_reason, last_activity_at,
    custom_fields, created_at)
  select case when n % 11 = 0 then 'emergency' else 'corrective' end::public.work_order_type,
    format('Fault %s at %s', n, e.name),
    'Seen during the early shift. It comes back when the line has run for an hour, and goes away after a stop.',
    e.area, e.model, e.id, s.status, (array['low', 'medium', 'high', 'critical', 'medium'])[1 + n % 5]::public.priority, s.requester,
    case when s.status not in ('new', 'cancelled') then s.technician end,
    s.warehouse_id, s.touched + interval '5 days',
    case when s.status not in ('new', 'assigned', 'cancelled') then s.touched - interval '2 hours' end,
    case when s.status in ('completed', 'verified', 'closed') then s.touched end,
    case when s.status in ('completed', 'verified', 'closed') then s.technician end,
    case when s.status in ('verified', 'closed') then s.supervisor end,
    case when s.status = 'on_hold' then 'parts' end::public.hold_reason,
    s.touched, jsonb_build_object('cost_centre', 1000 + n % 40, 'shift', 'early'), s.touched - interval '1 day'
  from story s
  join lateral (
    select * from public.equipment e where e.warehouse_id = s.warehouse_id and e.status = 'active'
    order by md5(e.asset_tag || s.n) limit 1) e on true
  order by s.touched;

insert into public.checklist_items (work_order_id, position, component, action)
  select w.id, i, format('Component %s', i), 'Look, measure, and write down what was found'
  from public.work_orders w cross join generate_series(4, 8) i;

-- Files belong to the person whose session it is, so it is set for them only: with it, the rules for people would hold for
-- the rest, too, and refuse items of work that has ended.
select set_config('request.jwt.claims', '{"sub": "01900000-0000-7000-8000-000000000101"}', false);
insert into public.attachments (work_order_id, file_name, content_type, size_bytes)
  select w.id, format('photo-%s.jpg', i), 'image/jpeg', 240000 + i
  from (select id, row_number() over (order by id) as n from public.work_orders) w cross join generate_series(1, 2) i
  where w.n % 10 = 0;

-- Machines to change. Their version stays, so that each change can name it: what is measured is the guard that holds.
insert into public.equipment (asset_tag, name, model, manufacturer, area, warehouse_id)
  select format('RTM-BENCH-%s', n), format('Conveyor %s', n), 'Conveyor C-200', 'Vanderlande', 'Sorting hall', w.id
  from public.warehouses w cross join generate_series(1, 400) n
  where w.code = 'RTM';
alter table public.equipment disable trigger touch;

-- Nobody shall be told of it.
update public.events set expanded_at = now() where expanded_at is null;
