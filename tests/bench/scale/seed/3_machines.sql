-- Machines (one for twenty work orders), their meters with a reading a week, and templates with schedules.

create temp table model as
  select n as no, format('%s %s-%s', kind, left(kind, 1), 100 + 10 * n) as name, kind, area, maker
  from generate_series(1, 30) n
  cross join lateral (select
    (array['Conveyor', 'Forklift', 'Dock leveller', 'Packaging line', 'Chiller', 'Palletiser'])[1 + n % 6] as kind,
    (array['Sorting hall', 'Yard', 'Docks', 'Packaging', 'Cold store', 'Packaging'])[1 + n % 6] as area,
    (array['Vanderlande', 'Linde', 'Loading Systems', 'Bosch', 'Carrier', 'KUKA'])[1 + n % 6] as maker) m;

create temp table machine as
  select n as no, pg_temp.id('machine', n, pg_temp.first_moment()) as id, 1 + pg_temp.pick(n, 11, 30) as model_no,
    case when n = 1 then 1 else 1 + floor(20 * power(pg_temp.chance(n, 12), 2))::bigint end as place_no
  from generate_series(1, greatest(40, pg_temp.work_orders() / 20)) n;
create unique index on machine (no);
analyze machine, model;

insert into public.equipment (id, asset_tag, fo_number, name, model, manufacturer, serial_number, area, warehouse_id, status,
    criticality, parent_id, depth, installed_on, purchased_on, purchase_cost, warranty_until, custom_fields, created_at, updated_at)
  select m.id, format('%s-%s-%s', p.code, upper(left(o.kind, 3)), lpad(m.no::text, 6, '0')),
    case when m.no % 3 = 0 then 'FO-M' || m.no end, format('%s %s', o.kind, m.no), o.name, o.maker,
    upper(left(md5('serial' || m.no), 10)), o.area, p.id,
    case when m.no = 1 then 'active' else (array['active', 'active', 'active', 'active', 'active', 'active', 'active', 'maintenance',
      'inactive', 'retired'])[1 + pg_temp.pick(m.no, 13, 10)] end::public.equipment_status,
    (array['low', 'medium', 'high', 'critical'])[1 + pg_temp.pick(m.no, 14, 4)]::public.priority,
    case when m.nth % 10 = 0 then m.before end, case when m.nth % 10 = 0 then 1 else 0 end,
    date '2015-01-01' + pg_temp.pick(m.no, 15, 3500)::integer, date '2014-10-01' + pg_temp.pick(m.no, 15, 3500)::integer,
    1000 + pg_temp.pick(m.no, 16, 90000), date '2018-01-01' + pg_temp.pick(m.no, 15, 3500)::integer,
    jsonb_build_object('cost_centre', 1000 + m.no % 40), pg_temp.first_moment(),
    pg_temp.first_moment() + make_interval(mins => pg_temp.pick(m.no, 17, 1000000)::integer)
  from (select *, row_number() over house as nth, lag(id) over house as before
    from machine window house as (partition by place_no order by no)) m
  join model o on o.no = m.model_no join place p on p.no = m.place_no
  order by m.no;
insert into public.equipment_labels (equipment_id, token)
  select id, translate(left(encode(decode(md5('label' || no), 'hex'), 'base64'), 22), '+/', '-_') from machine;

insert into public.equipment_status_changes (id, equipment_id, from_status, to_status, actor_id, happened_at)
  select pg_temp.id('state', m.no * 4 + i, c.at), m.id, case when i = 1 then 'active' else 'maintenance' end::public.equipment_status,
    case when i = 1 then 'maintenance' else 'active' end::public.equipment_status, p.technicians[1 + m.no % 16], c.at
  from machine m join place p on p.no = m.place_no, generate_series(1, 2) i
  cross join lateral (select pg_temp.first_moment()
    + make_interval(hours => (pg_temp.pick(m.no, 18, 17000) + 24 * i)::integer) as at) c;

create temp table meter as
  select no, id as equipment_id, pg_temp.id('meter', no, pg_temp.first_moment()) as id, place_no from machine where no % 5 = 1;
analyze meter;
insert into public.meters (id, equipment_id, warehouse_id, name, unit, last_value, last_read_at, total, created_at, updated_at)
  select m.id, m.equipment_id, p.id, 'Operating hours', 'hours', 103 * 37, pg_temp.first_moment() + interval '721 days', 103 * 37,
    pg_temp.first_moment(), pg_temp.first_moment() + interval '721 days'
  from meter m join place p on p.no = m.place_no order by m.no;
insert into public.meter_readings (id, meter_id, value, read_at, read_by, created_at)
  select pg_temp.id('reading', m.no * 128 + week, r.at), m.id, week * 37, r.at, p.technicians[1 + m.no % 16], r.at
  from generate_series(0, 103) week, meter m join place p on p.no = m.place_no
  cross join lateral (select pg_temp.first_moment() + make_interval(days => week * 7, secs => m.no % 80000) as at) r
  order by week, m.no;

-- Two templates for each model, the second one for every other machine, and some for a single machine.
create temp table template as
  select n as no, pg_temp.id('template', n, pg_temp.first_moment()) as id, (n + 1) / 2 as model_no, n % 2 = 0 as is_second
  from generate_series(1, 60) n;
insert into public.pm_templates (id, title, description, equipment_model, priority, estimated_minutes, rrule, starts_on,
    lead_time_days, created_at, updated_at)
  select t.id, o.kind || case when is_second then ' service' else ' inspection' end || ' ' || t.no, 'By the book.', o.name, 'medium', 45,
    case when is_second then 'FREQ=MONTHLY;INTERVAL=3' else 'FREQ=MONTHLY' end, date '2024-11-01', 7,
    pg_temp.first_moment(), pg_temp.first_moment()
  from template t join model o on o.no = t.model_no;
insert into public.pm_templates (id, title, equipment_id, warehouse_id, rrule, starts_on, lead_time_days, created_at, updated_at)
  select pg_temp.id('template', 1000 + m.no, pg_temp.first_moment()), 'Deep clean of machine ' || m.no, m.id, p.id, 'FREQ=WEEKLY',
    date '2026-12-01', 7, pg_temp.first_moment(), pg_temp.first_moment()
  from machine m join place p on p.no = m.place_no where m.no <= 40;
insert into public.pm_template_items (id, template_id, position, component, action, created_at, updated_at)
  select pg_temp.id('template item', n * 8 + i, pg_temp.first_moment()), pg_temp.id('template', n, pg_temp.first_moment()), i,
    'Component ' || i, 'Look, measure, and write down what was found', pg_temp.first_moment(), pg_temp.first_moment()
  from (select no as n from template union all select 1000 + no from machine where no <= 40) t, generate_series(1, 5) i;

create temp table schedule as
  select m.no * 2 + t.is_second::integer as no, pg_temp.id('schedule', m.no * 2 + t.is_second::integer, pg_temp.first_moment()) as id,
    m.no as machine_no, m.id as equipment_id, p.id as warehouse_id, t.id as template_id
  from machine m join place p on p.no = m.place_no
  join template t on t.model_no = m.model_no and (not is_second or m.no % 2 = 0);
create unique index on schedule (no);
analyze schedule;
insert into public.pm_schedules (id, template_id, equipment_id, warehouse_id, since, next_due_on, generate_on, last_due_on, active, paused,
    created_at, updated_at)
  select id, template_id, equipment_id, warehouse_id, date '2024-11-01', due, due - 7, due - 30, no % 50 <> 0, no % 50 = 0,
    pg_temp.first_moment(), pg_temp.first_moment() + make_interval(mins => pg_temp.pick(no, 19, 1000000)::integer)
  from schedule cross join lateral (select date '2026-11-08' + pg_temp.pick(no, 20, 90)::integer as due) d
  order by no;
