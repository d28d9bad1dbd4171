-- migrate:up
-- Machines and parts can be opened and changed by those who manage them, and found by words.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

alter table public.work_orders add column search tsvector not null generated always as (to_tsvector('simple',
  'WO-' || lpad(seq::text, greatest(6, length(seq::text)), '0') || ' ' || title || ' ' || description || ' '
  || coalesce(fo_number, '') || ' ' || coalesce(area, '') || ' ' || coalesce(asset_model, ''))) stored;
alter table public.equipment add column search tsvector not null generated always as (to_tsvector('simple',
  asset_tag || ' ' || name || ' ' || model || ' ' || coalesce(manufacturer, '') || ' ' || coalesce(serial_number, '')
  || ' ' || coalesce(fo_number, '') || ' ' || coalesce(area, ''))) stored;
alter table public.parts add column search tsvector not null generated always as (to_tsvector('simple',
  part_number || ' ' || name || ' ' || coalesce(bin, ''))) stored;
create index work_orders_by_words on public.work_orders using gin (search);
create index equipment_by_words on public.equipment using gin (search);
create index parts_by_words on public.parts using gin (search);

-- Whoever has one warehouse need not say which; whoever has all must.
create function private.at_home() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  new.warehouse_id := coalesce(new.warehouse_id, private.my_warehouse());
  return new;
end $$;
create trigger at_home before insert on public.equipment for each row execute function private.at_home();
create trigger at_home before insert on public.parts for each row execute function private.at_home();

create policy equipment_open on public.equipment for insert to authenticated
  with check ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse()) and (select private.my_role()) = 'supervisor'));
create policy equipment_change on public.equipment for update to authenticated
  using ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse()) and (select private.my_role()) = 'supervisor'));
grant insert (id, asset_tag, fo_number, name, model, manufacturer, serial_number, area, warehouse_id, status,
  criticality, installed_on) on public.equipment to authenticated;
grant update (asset_tag, fo_number, name, model, manufacturer, serial_number, area, status, criticality, installed_on)
  on public.equipment to authenticated;

create policy parts_open on public.parts for insert to authenticated
  with check ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse()) and (select private.my_role()) = 'inventory_clerk'));
create policy parts_change on public.parts for update to authenticated
  using ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse()) and (select private.my_role()) = 'inventory_clerk'));
-- What is on hand moves by transactions alone.
grant insert (id, part_number, name, bin, warehouse_id, reorder_point) on public.parts to authenticated;
grant update (name, bin, reorder_point) on public.parts to authenticated;

-- migrate:down
set local lock_timeout = '5s';
revoke update (name, bin, reorder_point) on public.parts from authenticated;
revoke insert (id, part_number, name, bin, warehouse_id, reorder_point) on public.parts from authenticated;
drop policy parts_change on public.parts;
drop policy parts_open on public.parts;
revoke update (asset_tag, fo_number, name, model, manufacturer, serial_number, area, status, criticality, installed_on)
  on public.equipment from authenticated;
revoke insert (id, asset_tag, fo_number, name, model, manufacturer, serial_number, area, warehouse_id, status,
  criticality, installed_on) on public.equipment from authenticated;
drop policy equipment_change on public.equipment;
drop policy equipment_open on public.equipment;
drop trigger at_home on public.parts;
drop trigger at_home on public.equipment;
drop function private.at_home();
alter table public.parts drop column search;
alter table public.equipment drop column search;
alter table public.work_orders drop column search;
