-- How much was made of what is bad.
select count(*) from public.escalations e join public.escalation_rules r on r.id = e.rule_id where r.name = 'Bad'
