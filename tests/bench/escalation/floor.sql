-- The floor: one statement that writes the very rows that a sweep writes for what is due, and decides nothing. The triggers
-- that write the history and note the change are the same.
--
--   $1  the moment
with rule as (
  select r.*, jsonb_build_array(jsonb_build_object('taken', 1, 'taken_at', $1::text::timestamptz, 'rule', to_jsonb(r)
    - '{active,version,created_at,updated_at}'::text[])) as chains
  from public.escalation_rules r where r.name = 'High priority' and r.warehouse_id is null),
due as materialized (
  select w.id, w.warehouse_id, rule.id as rule_id, rule.chains,
    format('no work has started by %s UTC: High priority allows 12 h (step 1 of 3)',
      to_char(w.response_due_at, 'YYYY-MM-DD HH24:MI')) as reason
  from private.escalation_clocks c join public.work_orders w on w.id = c.work_order_id cross join rule
  where c.check_at <= $1::text::timestamptz order by w.id for update),
recorded as (
  insert into public.escalations (work_order_id, rule_id, level, action, reason, decided_for)
    select id, rule_id, 1, 'notify_supervisor', reason, $1::text::timestamptz from due returning id),
raised as (
  update public.work_orders w set escalated = true, escalation_level = 1, escalated_at = $1::text::timestamptz
    from due where w.id = due.id returning w.id),
told as (
  insert into public.events (kind, warehouse_id, work_order_id, details)
    select 'wo_escalation', warehouse_id, id,
      jsonb_build_object('rule_id', rule_id, 'level', 1, 'action', 'notify_supervisor', 'reason', reason) from due),
looked as (
  update private.escalation_clocks c set check_at = $1::text::timestamptz + interval '12 hours', chains = due.chains,
      version = c.version + 1
    from due where c.work_order_id = due.id)
select id from raised
