-- Makes the bad schedules due or not, also after a firing has put them off. The scheduler has not been told yet of the
-- machine that is disposed of.
--
--   $1  true to make them due
with machine as (select id, status from public.equipment where asset_tag like 'BAD-%'),
stale as (
  insert into private.pm_stale (equipment_id) select id from machine where status = 'disposed' and $1::boolean)
update public.pm_schedules s set active = $1::boolean, generate_on = s.since, rested_from = null, rested_until = null, rest_reason = null
  from machine where s.equipment_id = machine.id
