-- Counts the work of bad schedules, and schedules that go on for a machine that is disposed of; there must be none.
select count(*) from public.pm_schedules s join public.equipment e on e.id = s.equipment_id
  where e.asset_tag like 'BAD-%' and ((e.status = 'disposed' and s.active)
    or exists (select from public.pm_occurrences o where o.schedule_id = s.id))
