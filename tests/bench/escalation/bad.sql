-- Switches the bad rule on or off, without triggers: the clocks were set while it was there.
--
--   $1  true to switch it on
update public.escalation_rules set active = $1::boolean where name = 'Bad'
