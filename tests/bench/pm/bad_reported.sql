-- The problems that a firing must report: the subject of each, and a piece of the reason.
select case e.asset_tag when 'BAD-RULE' then 'template ' || s.template_id else 'warehouse ' || e.warehouse_id end,
    case e.asset_tag when 'BAD-RULE' then 'has no date' else 'Mars/Olympus' end
  from public.pm_schedules s join public.equipment e on e.id = s.equipment_id
  where e.asset_tag in ('BAD-RULE', 'BAD-ZONE')
