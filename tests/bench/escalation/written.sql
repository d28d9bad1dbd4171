-- Counts the work orders due at $1 that are raised by one level, with exactly one escalation, one event and one entry of
-- the history.
with due as materialized (
  select w.id from public.work_orders w
  where w.response_due_at = $1::text::timestamptz and w.escalated and w.escalation_level = 1)
select count(*) from due
  join (select e.work_order_id as id from public.escalations e join due on due.id = e.work_order_id
    group by 1 having count(*) = 1) escalation using (id)
  join (select v.work_order_id as id from public.events v join due on due.id = v.work_order_id
    where v.kind = 'wo_escalation' group by 1 having count(*) = 1) event using (id)
  join (select h.work_order_id as id from public.work_order_history h join due on due.id = h.work_order_id
    group by 1 having count(*) = 1) history using (id)
