-- The indexes that were dropped, as they were.
do $$
declare
  index record;
begin
  for index in select * from dropped_indexes order by definition like 'alter table%' desc, place loop
    execute index.definition;
  end loop;
end $$;
reset session_replication_role;
