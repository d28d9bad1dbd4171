-- Open work orders that are known to the clocks, past the triggers: what is measured is the sweep, not the seed.
--
--   $1  how many      $2  how many become due at each moment      $3  moments, ten minutes apart      $4  the first of them
--
-- What is due at none of them is due a year later. All have the rule for high priority, which allows twelve hours.
with seeded as (
  insert into public.work_orders (type, title, description, priority, warehouse_id, response_due_at, last_activity_at, created_at)
    select 'corrective', format('Fault %s', n), 'Seen during the early shift. It comes back when the line has run for an hour.',
      'high', (select id from public.warehouses order by code offset n % 2 limit 1), due.at, due.at - interval '12 hours',
      due.at - interval '13 hours'
    from generate_series(1, $1::bigint) n,
      lateral (select $4::text::timestamptz + case when (n - 1) / nullif($2::bigint, 0) < $3::bigint
        then make_interval(mins => (10 * ((n - 1) / $2::bigint))::integer)
        else make_interval(days => 365, mins => (n % 1000)::integer) end as at) due
    returning id, last_activity_at, response_due_at)
insert into private.escalation_clocks (work_order_id, counts_from, urgent, check_at)
  select id, last_activity_at, false, response_due_at from seeded
