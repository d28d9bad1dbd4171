-- Counts the escalations by the bad rule; there must be none.
select count(*) from public.escalations e join public.escalation_rules r on r.id = e.rule_id where r.name = 'Bad'
