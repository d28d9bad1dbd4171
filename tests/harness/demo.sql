-- A small company to look at: two warehouses, their people, machines, parts, templates and work orders.
-- Everything is dated relative to now, so that it looks the same next year.

insert into public.warehouses (id, code, name, time_zone) values
  ('01900000-0000-7000-8000-000000000001', 'RTM', 'Rotterdam', 'Europe/Amsterdam'),
  ('01900000-0000-7000-8000-000000000002', 'DEN', 'Denver', 'America/Denver');

insert into public.profiles (id, email, full_name, role, warehouse_id) values
  ('01900000-0000-7000-8000-000000000101', 'technician@demo.test', 'Tess de Vries', 'technician', '01900000-0000-7000-8000-000000000001'),
  ('01900000-0000-7000-8000-000000000102', 'supervisor@demo.test', 'Sem Bakker', 'supervisor', '01900000-0000-7000-8000-000000000001'),
  ('01900000-0000-7000-8000-000000000103', 'manager@demo.test', 'Mira Jansen', 'manager', null),
  ('01900000-0000-7000-8000-000000000104', 'inventory_clerk@demo.test', 'Iris Visser', 'inventory_clerk', '01900000-0000-7000-8000-000000000001'),
  ('01900000-0000-7000-8000-000000000105', 'contractor@demo.test', 'Cor Smit', 'contractor', '01900000-0000-7000-8000-000000000001'),
  ('01900000-0000-7000-8000-000000000106', 'requester@demo.test', 'Ruben Mulder', 'requester', '01900000-0000-7000-8000-000000000001'),
  ('01900000-0000-7000-8000-000000000107', 'admin@demo.test', 'Ada Admin', 'admin', null),
  ('01900000-0000-7000-8000-000000000201', 'technician.denver@demo.test', 'Taylor Reed', 'technician', '01900000-0000-7000-8000-000000000002'),
  ('01900000-0000-7000-8000-000000000202', 'supervisor.denver@demo.test', 'Sam Ortiz', 'supervisor', '01900000-0000-7000-8000-000000000002'),
  ('01900000-0000-7000-8000-000000000206', 'requester.denver@demo.test', 'Robin Hale', 'requester', '01900000-0000-7000-8000-000000000002');

-- One hash for all: bcrypt is slow on purpose, and these passwords are no secret.
insert into private.credentials (profile_id, password_hash)
  select p.id, h.hash
  from public.profiles p, (select private.password_hash('millwright-demo') as hash) h;

insert into public.equipment (asset_tag, name, model, manufacturer, serial_number, area, warehouse_id, status, criticality, installed_on)
  select
    format('%s-%s-%s', w.code, m.prefix, lpad(n::text, 2, '0')),
    format('%s %s', m.kind, n),
    m.model, m.manufacturer,
    upper(substr(md5(w.code || m.model || n), 1, 10)),
    m.area, w.id,
    case when m.prefix = 'FLT' and n = 3 then 'maintenance' when m.prefix = 'PAL' and n = 2 then 'retired' else 'active' end::public.equipment_status,
    m.criticality::public.priority,
    current_date - (400 + 37 * n + length(m.model) * 11)
  from public.warehouses w
  cross join (values
    ('CNV', 'Conveyor', 'Conveyor C-200', 'Vanderlande', 'Sorting hall', 'high', 6),
    ('FLT', 'Forklift', 'Forklift FX-25', 'Linde', 'Yard', 'medium', 5),
    ('DCK', 'Dock leveller', 'Dock leveller DL-3', 'Loading Systems', 'Docks', 'medium', 4),
    ('PKG', 'Packaging line', 'Packaging line PL-7', 'Bosch', 'Packaging', 'critical', 2),
    ('CHL', 'Chiller', 'Chiller CH-90', 'Carrier', 'Cold store', 'critical', 2),
    ('PAL', 'Palletiser', 'Palletiser PZ-4', 'KUKA', 'Packaging', 'high', 2)
  ) as m(prefix, kind, model, manufacturer, area, criticality, count)
  cross join lateral generate_series(1, m.count) n;

insert into public.parts (warehouse_id, part_number, name, bin, on_hand, reserved, reorder_point)
  select w.id, p.part_number, p.name, p.bin, p.on_hand, p.reserved, p.reorder_point
  from public.warehouses w
  cross join (values
    ('BLT-1200', 'Drive belt 1200 mm', 'A-01', 14, 2, 6),
    ('BRG-6204', 'Ball bearing 6204', 'A-02', 40, 0, 20),
    ('HYD-HOS-8', 'Hydraulic hose 8 mm', 'A-07', 3, 1, 5),
    ('FLT-OIL-25', 'Oil filter FX-25', 'B-01', 9, 0, 4),
    ('BAT-48V', 'Traction battery 48 V', 'B-11', 1, 0, 1),
    ('SEN-PX-12', 'Proximity sensor M12', 'C-03', 22, 4, 10),
    ('REF-R290', 'Refrigerant R290, 1 kg', 'D-01', 6, 0, 4),
    ('GRP-VAC-40', 'Vacuum gripper 40 mm', 'C-09', 0, 0, 8)
  ) as p(part_number, name, bin, on_hand, reserved, reorder_point);

-- Due within the lead time of a week, each in its own rhythm; one in Denver only, one for a single machine.
insert into public.pm_templates (id, title, description, equipment_model, equipment_id, warehouse_id, priority, estimated_minutes, default_assignee_id, rrule, starts_on)
values
  ('01900000-0000-7000-8000-000000000301', 'Conveyor inspection', 'Monthly look at belts, rollers and guards.', 'Conveyor C-200', null, null, 'medium', 45, null, 'FREQ=MONTHLY', current_date + 3),
  ('01900000-0000-7000-8000-000000000302', 'Forklift safety check', 'Weekly check before the Monday shift.', 'Forklift FX-25', null, '01900000-0000-7000-8000-000000000001', 'high', 30, '01900000-0000-7000-8000-000000000101', 'FREQ=WEEKLY', current_date - 19),
  ('01900000-0000-7000-8000-000000000303', 'Chiller service', 'Quarterly service by the book.', 'Chiller CH-90', null, '01900000-0000-7000-8000-000000000002', 'critical', 180, '01900000-0000-7000-8000-000000000201', 'FREQ=MONTHLY;INTERVAL=3', current_date + 40),
  ('01900000-0000-7000-8000-000000000304', 'Packaging line deep clean', 'Twice a month, with the line stopped.', null, (select id from public.equipment where asset_tag = 'RTM-PKG-01'), null, 'medium', 240, null, 'FREQ=WEEKLY;INTERVAL=2', current_date + 5);

insert into public.pm_template_items (template_id, position, component, action) values
  ('01900000-0000-7000-8000-000000000301', 1, 'Belt', 'Check tension and wear'),
  ('01900000-0000-7000-8000-000000000301', 2, 'Rollers', 'Listen for bearings, turn by hand'),
  ('01900000-0000-7000-8000-000000000301', 3, 'Guards', 'Check that all are fixed'),
  ('01900000-0000-7000-8000-000000000301', 4, 'Emergency stop', 'Test every one'),
  ('01900000-0000-7000-8000-000000000302', 1, 'Brakes', 'Test on the ramp'),
  ('01900000-0000-7000-8000-000000000302', 2, 'Forks', 'Measure the heels'),
  ('01900000-0000-7000-8000-000000000302', 3, 'Horn and lights', 'Test'),
  ('01900000-0000-7000-8000-000000000303', 1, 'Compressor', 'Read pressures, note them'),
  ('01900000-0000-7000-8000-000000000303', 2, 'Condenser', 'Clean the fins'),
  ('01900000-0000-7000-8000-000000000303', 3, 'Refrigerant', 'Leak test'),
  ('01900000-0000-7000-8000-000000000304', 1, 'Glue unit', 'Empty, clean, refill'),
  ('01900000-0000-7000-8000-000000000304', 2, 'Knives', 'Change');

-- Work orders in every status, six of each, over the last weeks.
with story as (
  select n, w.id as warehouse_id, w.code,
    (array['new', 'assigned', 'in_progress', 'on_hold', 'completed', 'verified', 'closed', 'cancelled'])[1 + n % 8]::public.work_order_status as status,
    (array['Belt runs off its track', 'Hydraulic leak under the lift', 'Sensor gives false stops', 'Noise from the gearbox',
      'Battery does not hold its charge', 'Guard is loose', 'Temperature rises at night', 'Gripper drops boxes',
      'Emergency stop without effect', 'Light curtain is dirty', 'Chain needs tension', 'Display stays dark'])[1 + n % 12] as title,
    (array['low', 'medium', 'high', 'critical', 'medium'])[1 + n % 5]::public.priority as priority,
    case when n % 11 = 0 then 'emergency' else 'corrective' end::public.work_order_type as type,
    now() - make_interval(hours => 1 + (n * 7) % 50, mins => n) as touched,
    case w.code when 'RTM' then '01900000-0000-7000-8000-000000000101' else '01900000-0000-7000-8000-000000000201' end::uuid as technician,
    case w.code when 'RTM' then '01900000-0000-7000-8000-000000000102' else '01900000-0000-7000-8000-000000000202' end::uuid as supervisor,
    case w.code when 'RTM' then '01900000-0000-7000-8000-000000000106' else '01900000-0000-7000-8000-000000000206' end::uuid as requester
  from generate_series(1, 48) n
  join public.warehouses w on w.code = case when n % 3 = 0 then 'DEN' else 'RTM' end)
insert into public.work_orders (type, title, description, area, asset_model, equipment_id, status, priority, requested_by,
    assigned_to, warehouse_id, due_at, started_at, completed_at, completed_by, verified_by, hold_reason, last_activity_at, created_at)
  select s.type, s.title, format('Seen on %s by %s.', e.name, p.full_name), e.area, e.model, e.id, s.status, s.priority, s.requester,
    case when s.status not in ('new', 'cancelled') then
      case when s.code = 'RTM' and n % 10 = 1 then '01900000-0000-7000-8000-000000000105' else s.technician end end,
    s.warehouse_id, s.touched + interval '5 days',
    case when s.status not in ('new', 'assigned', 'cancelled') then s.touched - interval '2 hours' end,
    case when s.status in ('completed', 'verified', 'closed') then s.touched end,
    case when s.status in ('completed', 'verified', 'closed') then s.technician end,
    case when s.status in ('verified', 'closed') then s.supervisor end,
    case when s.status = 'on_hold' then (array['parts', 'vendor', 'access'])[1 + n % 3]::public.hold_reason end,
    s.touched, s.touched - interval '1 day'
  from story s
  join public.profiles p on p.id = s.requester
  join lateral (
    select * from public.equipment e where e.warehouse_id = s.warehouse_id and e.status = 'active'
    order by md5(e.asset_tag || s.n) limit 1) e on true
  order by s.touched;

insert into public.checklist_items (work_order_id, position, component, action, state)
  select w.id, i.position, i.component, i.action,
    case when w.status in ('completed', 'verified', 'closed') then 'done' else 'pending' end::public.checklist_state
  from public.work_orders w
  cross join (values (1, 'Machine', 'Lock out and tag'), (2, 'Fault', 'Find and mend'), (3, 'Machine', 'Test run'))
    as i(position, component, action)
  where w.status not in ('new', 'cancelled');

-- The company's supplier and contractor, and the contractor's documents.
insert into public.vendors (id, name, kind, contact_name, email, phone) values
  ('01900000-0000-7000-8000-000000000401', 'Belt & Bearing', 'supplier', 'Bo Lind', 'orders@belts.test', '+31 10 555 0101'),
  ('01900000-0000-7000-8000-000000000402', 'Smit Hydraulics', 'contractor', 'Cor Smit', 'cor@smit.test', '+31 10 555 0102');
update public.profiles set vendor_id = '01900000-0000-7000-8000-000000000402' where email = 'contractor@demo.test';
update public.parts set vendor_id = '01900000-0000-7000-8000-000000000401', unit_cost = 10 + length(name) * 1.25;
insert into public.vendor_documents (vendor_id, profile_id, kind, title, number, issued_on, expires_on) values
  ('01900000-0000-7000-8000-000000000402', null, 'insurance', 'Liability insurance', 'L-2093', current_date - 300, current_date + 65),
  ('01900000-0000-7000-8000-000000000402', '01900000-0000-7000-8000-000000000105', 'certification', 'Forklift licence', 'F-118', current_date - 900, current_date + 20);

insert into public.holidays (warehouse_id, on_date, name)
  select id, make_date(extract(year from current_date)::integer + 1, 1, 1), 'New Year' from public.warehouses;
-- In Rotterdam anyone with a machine's link may report a problem. No base address is set: labels lead to where they are asked for.
update public.warehouses set public_reports = true where code = 'RTM';
update public.warehouses set operating_hours = (
  select jsonb_agg(jsonb_build_object('day', day, 'from', '06:00', 'until', '22:00')) from generate_series(1, 6) day);

-- Forklifts count hours; each was read weekly.
insert into public.meters (equipment_id, name, unit) select id, 'Operating hours', 'hours' from public.equipment where model = 'Forklift FX-25';
insert into public.meter_readings (meter_id, value, read_at)
  select m.id, 1200 + (6 - week) * 31.5, now() - make_interval(days => week * 7)
  from public.meters m, generate_series(6, 1, -1) week order by m.id, week desc;

insert into public.comments (work_order_id, author_id, body, created_at)
  select id, requested_by, 'It was louder this morning than yesterday.', created_at + interval '10 minutes'
  from public.work_orders where status in ('in_progress', 'completed');
insert into public.time_logs (work_order_id, profile_id, started_at, stopped_at, note)
  select id, assigned_to, start, start + interval '40 minutes', 'Found and mended'
  from (select w.*, now() - make_interval(days => 3 + (row_number() over (partition by assigned_to order by id))::integer) as start
    from public.work_orders w where status in ('completed', 'verified', 'closed')) w;
insert into public.part_transactions (part_id, type, quantity, work_order_id, note)
  select p.id, 'used', 1, w.id, 'Replaced'
  from public.work_orders w join public.parts p on p.warehouse_id = w.warehouse_id and p.part_number = 'BRG-6204'
  where w.status = 'completed';

-- Everything before today has been told already.
update public.events set expanded_at = now();
