-- The problems that a firing must report: the subject of each, and a piece of the reason.
select 'escalation rule ' || id, 'call_the_mayor' from public.escalation_rules where name = 'Bad'
