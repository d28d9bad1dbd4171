-- So many machines of one model in Rotterdam. Nobody has to be told of them, and the scheduler need not look at them.
insert into public.equipment (asset_tag, name, model, area, warehouse_id)
  select format('RTM-PM-%s', n), format('Conveyor %s', n), 'Conveyor PM', 'Sorting hall', w.id
  from public.warehouses w cross join generate_series(1, $1::bigint) n where w.code = 'RTM';
