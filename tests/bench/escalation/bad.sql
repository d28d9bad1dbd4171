-- Whether what is bad is there. Past the triggers: it was there when the clocks were set.
--
--   $1  whether it is
update public.escalation_rules set active = $1::boolean where name = 'Bad'
