-- Parts (one for fifty work orders) and their ledger, whose sums are what is on hand.

create temp table part as
  select n as no, pg_temp.id('part', n, pg_temp.first_moment()) as id, place_no, row_number() over (partition by place_no order by n) as nth
  from generate_series(1, greatest(40, pg_temp.work_orders() / 50)) n
  cross join lateral (select case when n <= 20 then n else 1 + floor(20 * power(pg_temp.chance(n, 41), 2))::bigint end as place_no) p;
create unique index on part (place_no, nth);
analyze part;

-- Each part came in once, a great many, and is used ever since.
create temp table used as
  select w.n, w.at, w.id as work_order_id, w.warehouse_id, w.assignee, p.id as part_id, 1 + pg_temp.pick(n, 42, 3) as quantity
  from wo w
  join (select place_no, count(*) as parts from part group by 1) s on s.place_no = w.place_no
  join part p on p.place_no = w.place_no and p.nth = 1 + pg_temp.pick(w.n, 43, s.parts)
  where w.finished and pg_temp.pick(w.n, 44, 5) < 3;
analyze used;
insert into public.part_transactions (id, part_id, warehouse_id, type, quantity, unit_cost, balance, performed_by, created_at)
  select pg_temp.id('movement', part.no, pg_temp.first_moment()), part.id, p.id, 'inbound', 100000, 5 + part.no % 90, 100000, p.clerks[1],
    pg_temp.first_moment()
  from part join place p on p.no = part.place_no order by part.no;
insert into public.part_transactions (id, part_id, warehouse_id, type, quantity, work_order_id, unit_cost, note, balance, performed_by,
    created_at)
  select pg_temp.id('used', n, at), part_id, warehouse_id, 'used', quantity, work_order_id, 5 + n % 90, 'Replaced',
    100000 - sum(quantity) over (partition by part_id order by n), assignee, at + interval '30 minutes'
  from used order by n;

insert into public.part_reservations (id, part_id, warehouse_id, work_order_id, quantity, reserved_by, created_at, updated_at)
  select pg_temp.id('reservation', w.n, w.at), p.id, w.warehouse_id, w.id, 1 + w.n % 3, w.supervisor, w.at, w.at
  from wo w join part p on p.place_no = w.place_no and p.nth = 1
  where w.status in ('assigned', 'in_progress', 'on_hold') and w.n % 10 = 0 order by w.n;

insert into public.parts (id, warehouse_id, part_number, name, bin, on_hand, reserved, reorder_point, vendor_id, unit_cost,
    compatible_models, archived_at, created_at, updated_at)
  select part.id, p.id, format('%s-%s', (array['BLT', 'BRG', 'HYD', 'SEN', 'OIL'])[1 + part.no % 5], lpad(part.no::text, 6, '0')),
    (array['Drive belt', 'Ball bearing', 'Hydraulic hose', 'Proximity sensor', 'Oil filter'])[1 + part.no % 5] || ' ' || part.no,
    format('%s-%s', chr((65 + part.no % 8)::integer), part.no % 60), 100000 - coalesce(gone.pieces, 0), coalesce(held.pieces, 0),
    case when part.no % 10 = 0 then 200000 else 50 end, pg_temp.id('vendor', 1 + part.no % 20, pg_temp.first_moment()), 5 + part.no % 90,
    array['Conveyor C-160'], case when part.no % 25 = 24 then pg_temp.last_moment() end, pg_temp.first_moment(), pg_temp.last_moment()
  from (select no, id, place_no from part) part join place p on p.no = part.place_no
  left join (select part_id, sum(quantity) as pieces from used group by 1) gone on gone.part_id = part.id
  left join (select part_id, sum(quantity) as pieces from public.part_reservations group by 1) held on held.part_id = part.id
  order by part.no;

create temp table draft as
  select n, pg_temp.id('draft', n, at) as id, at, p.id as warehouse_id, p.no as place_no, p.clerks[1] as clerk,
    case when n > drafts then 'draft' when n > drafts - 20 then 'ordered' when n % 10 = 0 then 'cancelled' else 'received' end::public.reorder_status
      as status
  from (select greatest(40, pg_temp.work_orders() / 1000) as drafts) d
  cross join lateral generate_series(1, drafts + 20) n
  join place p on p.no = 1 + n % 20
  cross join lateral (select pg_temp.first_moment() + n * (pg_temp.last_moment() - pg_temp.first_moment()) / (drafts + 21) as at) t;
insert into public.reorder_drafts (id, number, warehouse_id, vendor_id, status, expected_on, created_by, ordered_by, ordered_at, received_by,
    received_at, created_at, updated_at)
  select id, 'RO-' || to_char(n, 'FM999999000000'), warehouse_id, pg_temp.id('vendor', 1 + n % 20, pg_temp.first_moment()), status, at::date + 10, clerk,
    case when status <> 'draft' then clerk end, case when status <> 'draft' then at + interval '1 day' end,
    case when status = 'received' then clerk end, case when status = 'received' then at + interval '8 days' end, at, at
  from draft order by n;
select setval('private.reorder_draft_numbers', (select max(n) from draft));
insert into public.reorder_lines (id, draft_id, part_id, warehouse_id, quantity, unit_cost, created_at, updated_at)
  select pg_temp.id('line', d.n * 16 + p.nth, d.at), d.id, p.id, d.warehouse_id, 10 + d.n % 40, 5 + d.n % 90, d.at, d.at
  from draft d join part p on p.place_no = d.place_no and p.nth <= 6 order by d.n, p.nth;
