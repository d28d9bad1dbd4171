-- How much was made of what is bad: work, or a schedule that goes on for a machine that is disposed of.
select count(*) from public.pm_schedules s join public.equipment e on e.id = s.equipment_id
  where e.asset_tag like 'BAD-%' and ((e.status = 'disposed' and s.active)
    or exists (select from public.pm_occurrences o where o.schedule_id = s.id))
