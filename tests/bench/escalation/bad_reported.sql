-- What a firing has to say of what is bad: its subject, and a piece of the reason.
select 'escalation rule ' || id, 'call_the_mayor' from public.escalation_rules where name = 'Bad'
