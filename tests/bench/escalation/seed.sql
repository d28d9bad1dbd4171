-- Open work orders whose clocks run out at a moment. All have the rule for high priority, which allows twelve hours. Past the
-- triggers: what is measured is the sweep, not the seed.
--
--   $1  how many      $2  the moment
with seeded as (
  insert into public.work_orders (type, title, description, priority, warehouse_id, response_due_at, last_activity_at, created_at)
    select 'corrective', format('Fault %s', n), 'Seen during the early shift. It comes back when the line has run for an hour.',
      'high', w.ids[1 + n % 2], due.at, due.at - interval '12 hours', due.at - interval '13 hours'
    from generate_series(1, $1::bigint) n, (select $2::text::timestamptz as at) due,
      (select array_agg(id order by code) as ids from public.warehouses) w
    returning id, last_activity_at, response_due_at)
insert into private.escalation_clocks (work_order_id, counts_from, urgent, check_at)
  select id, last_activity_at, false, response_due_at from seeded
