-- migrate:up
-- The meters of machines, and their readings.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create type public.meter_unit as enum ('hours', 'cycles', 'km');

-- Other triggers on it: schedules that follow it (pm_schedule_upkeep) or wait for it (pm_schedules), sync (sync_changes).
create table public.meters (
  id uuid primary key default private.uuidv7(),
  equipment_id uuid not null,
  warehouse_id uuid not null,
  name text not null check (private.is_line(name, 100) and name <> ''),
  unit public.meter_unit not null,
  -- The last value shown, and when it was read.
  last_value numeric not null default 0 check (private.is_amount(last_value, 4000000000, 3)),
  last_read_at timestamptz,
  -- The total that was counted, across all resets.
  total numeric not null default 0 check (private.is_amount(total, 4000000000, 3)),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint meters_equipment_id_fkey foreign key (equipment_id, warehouse_id)
    references public.equipment (id, warehouse_id)
);
create unique index meters_equipment_id_name_key on public.meters (equipment_id, name collate private.alike);
create index meters_by_warehouse on public.meters (warehouse_id, id);

call private.serve('public.meters');
create policy meters_read on public.meters for select to authenticated
  using ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse())
      and (private.sees_own_warehouse((select private.my_role()))
        or ((select private.my_role()) = 'contractor' and equipment_id in (select private.my_machines())))));
create policy meters_open on public.meters for insert to authenticated
  with check (private.is_one_of(warehouse_id, 'supervisor'));
create policy meters_change on public.meters for update to authenticated
  using (private.is_one_of(warehouse_id, 'supervisor'));
grant insert (id, equipment_id, name, unit) on public.meters to authenticated;
grant update (name) on public.meters to authenticated;
call private.fence('public.meters');
call private.bound_children('public.meters', 'equipment_id');
create trigger at_machine before insert on public.meters for each row execute function private.at_machine();

-- ------------------------------------------------------------------ readings

-- Another trigger on it: the steps that an annulled one has reached are undone (pm_schedules).
create table public.meter_readings (
  id uuid primary key default private.uuidv7(),
  meter_id uuid not null references public.meters (id),
  value numeric not null check (private.is_amount(value, 4000000000, 3)),
  -- The meter was set back or replaced: it counted from zero to this value.
  is_reset boolean not null default false,
  note text not null default '' check (private.is_prose(note, 1000)),
  read_at timestamptz not null default now() check (private.is_moment(read_at) and private.has_happened(read_at)),
  read_by uuid references public.profiles (id) default auth.uid(),
  -- Struck through: when, by whom, and why.
  annulled_at timestamptz,
  annulled_by uuid references public.profiles (id),
  annulled_reason text check (private.is_prose(annulled_reason, 1000) and annulled_reason <> ''),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint meter_readings_are_annulled_with_a_reason check ((annulled_at is null) = (annulled_reason is null)),
  -- At a moment there is one, and those that were annulled.
  unique nulls not distinct (meter_id, read_at, annulled_at)
);

call private.serve('public.meter_readings');
create policy meter_readings_read on public.meter_readings for select to authenticated
  using (exists (select from public.meters m where m.id = meter_id));
create policy meter_readings_add on public.meter_readings for insert to authenticated
  with check (read_by = (select auth.uid()) and exists (select from public.meters m where m.id = meter_id
    and private.is_one_of(m.warehouse_id, 'supervisor', 'technician')));
create policy meter_readings_annul on public.meter_readings for update to authenticated
  using (exists (select from public.meters m where m.id = meter_id and private.is_one_of(m.warehouse_id, 'supervisor')));
grant insert (id, meter_id, value, is_reset, note, read_at), update (annulled_reason) on public.meter_readings to authenticated;
call private.let_annul('public.meter_readings');
call private.fence('public.meter_readings');
call private.count_each_row('public.meter_readings');

-- What a reading counts after one that showed `p_before`.
create function private.counted(p_value numeric, p_is_reset boolean, p_before numeric) returns numeric
language sql immutable parallel safe return case when p_is_reset then p_value else p_value - p_before end;

-- A meter only counts up. A reading that comes late, from a phone that was offline, is compared with its neighbours in
-- time.
create function private.meter_is_read() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  meter public.meters;
  earlier public.meter_readings;
  later public.meter_readings;
  shown numeric;
  counted numeric;
begin
  select * into meter from public.meters where id = new.meter_id for update;
  if meter.id is null then
    perform private.no_such('meter_readings', 'meter_id');
  end if;
  select * into earlier from public.meter_readings
    where meter_id = new.meter_id and read_at <= new.read_at and annulled_at is null order by read_at desc limit 1;
  select * into later from public.meter_readings
    where meter_id = new.meter_id and read_at > new.read_at and annulled_at is null order by read_at limit 1;
  shown := coalesce(earlier.value, 0);
  if new.value < shown and not new.is_reset then
    perform private.refuse('reading_below_last',
      format('the meter showed %s before; a lower reading must be marked as a reset', shown));
  elsif later.value < new.value and not later.is_reset then
    perform private.refuse('reading_above_next', format('the meter showed %s later', later.value));
  end if;
  counted := case
    when later.id is null or later.is_reset then private.counted(new.value, new.is_reset, shown)
    -- A reading between two others adds nothing, unless the meter was reset there.
    when new.is_reset then shown
    else 0 end;
  if not private.is_amount(meter.total + counted, 4000000000, 3) then
    perform private.refuse('meter_is_full', 'across all resets, a meter counts to 4000000000');
  end if;
  update public.meters set
    total = total + counted,
    last_value = case when later.id is null then new.value else last_value end,
    last_read_at = case when later.id is null then new.read_at else last_read_at end
    where id = meter.id;
  return new;
end $$;
-- A value that is none is left to the check of its column.
create trigger is_read before insert on public.meter_readings for each row
  when (private.is_amount(new.value, 4000000000, 3)) execute function private.meter_is_read();

-- The meters of annulled readings count as if those had never been taken. They are counted anew, once for all that one statement
-- annuls.
create function private.readings_are_annulled() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  meter uuid;
  fall record;
begin
  for meter in select distinct n.meter_id from after_it n join before_it o on o.id = n.id
      where o.annulled_at is null and n.annulled_at is not null order by 1 loop
    perform from public.meters m where m.id = meter for update;
    select * into fall from (
      select r.value, r.is_reset, lag(r.value, 1, 0) over (order by r.read_at) as shown
      from public.meter_readings r where r.meter_id = meter and r.annulled_at is null) r
      where r.value < r.shown and not r.is_reset limit 1;
    if found then
      perform private.refuse('reading_below_last', format(
        'without it the meter would go from %s to %s: the wrong one of these two is to be annulled first',
        trim_scale(fall.shown), trim_scale(fall.value)));
    end if;
    update public.meters m set total = c.total, last_value = c.last_value, last_read_at = c.last_read_at
      from (select coalesce(sum(private.counted(r.value, r.is_reset, r.shown)), 0) as total,
          coalesce((array_agg(r.value order by r.read_at desc))[1], 0) as last_value, max(r.read_at) as last_read_at
        from (select r.value, r.is_reset, r.read_at, lag(r.value, 1, 0) over (order by r.read_at) as shown
          from public.meter_readings r where r.meter_id = meter and r.annulled_at is null) r) c
      where m.id = meter;
  end loop;
  return null;
end $$;
create trigger are_annulled after update on public.meter_readings referencing old table as before_it new table as after_it
  for each statement execute function private.readings_are_annulled();

-- migrate:down
set local lock_timeout = '5s';
drop table public.meter_readings;
drop table public.meters;
drop function private.readings_are_annulled();
drop function private.counted(numeric, boolean, numeric);
drop function private.meter_is_read();
drop type public.meter_unit;
