-- What a firing has to say of what is bad: its subject, and a piece of the reason.
select 'schedule ' || s.id, case e.asset_tag when 'BAD-RULE' then 'has no date' else 'Mars/Olympus' end
  from public.pm_schedules s join public.equipment e on e.id = s.equipment_id
  where e.asset_tag in ('BAD-RULE', 'BAD-ZONE')
