-- The Worker that writes row by row keeps no clocks: no sweep is to look at what it has raised.
--
--   $1  the moment at which that is due
delete from private.escalation_clocks c using public.work_orders w
  where w.id = c.work_order_id and w.response_due_at = $1::text::timestamptz
