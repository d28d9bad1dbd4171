-- Whether what is bad is due, though a firing before has put it off. The machine that is disposed of is one that the scheduler has not heard of yet.
--
--   $1  whether it is
with machine as (select id, status from public.equipment where asset_tag like 'BAD-%'),
stale as (
  insert into private.pm_stale (equipment_id) select id from machine where status = 'disposed' and $1::boolean)
update public.pm_schedules s set active = $1::boolean, generate_on = s.since, rested_from = null, rested_until = null, rest_reason = null
  from machine where s.equipment_id = machine.id
