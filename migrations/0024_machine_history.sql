-- migrate:up
-- The life of a machine: downtime, changes of status, and both with all else in one time line.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- ------------------------------------------------------------------ downtime

create table public.downtime_intervals (
  id uuid primary key default private.uuidv7(),
  equipment_id uuid not null,
  warehouse_id uuid not null,
  work_order_id uuid,
  planned boolean not null default false,
  reason text not null default '' check (private.is_prose(reason, 1000)),
  -- A stop that is planned may lie ahead.
  started_at timestamptz not null default now() constraint downtime_intervals_started_at_check
    check (private.is_moment(started_at) and (planned or private.has_happened(started_at))),
  ended_at timestamptz constraint downtime_intervals_ended_at_check
    check (private.is_moment(ended_at) and (planned or private.has_happened(ended_at))),
  -- Struck through: when, by whom, and why.
  annulled_at timestamptz,
  annulled_by uuid references public.profiles (id),
  annulled_reason text check (private.is_prose(annulled_reason, 1000) and annulled_reason <> ''),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint downtime_intervals_equipment_id_fkey foreign key (equipment_id, warehouse_id)
    references public.equipment (id, warehouse_id),
  constraint downtime_intervals_work_order_id_fkey foreign key (work_order_id, warehouse_id)
    references public.work_orders (id, warehouse_id),
  constraint downtime_intervals_are_annulled_with_a_reason check ((annulled_at is null) = (annulled_reason is null)),
  constraint downtime_intervals_end_after_they_start check (ended_at > started_at)
);
create index downtime_intervals_by_machine on public.downtime_intervals (equipment_id, started_at desc);

call private.serve('public.downtime_intervals');
-- A stop may outlast its work: its end is not frozen. Nor is the stop itself, which is the machine's, if it is annulled.
call private.freeze_with_work('public.downtime_intervals', 'frozen', 'update of work_order_id, planned, reason, started_at');
create policy downtime_intervals_read on public.downtime_intervals for select to authenticated
  using ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse())
      and (private.sees_own_warehouse((select private.my_role()))
        or exists (select from public.equipment e where e.id = equipment_id))));
create policy downtime_intervals_open on public.downtime_intervals for insert to authenticated
  with check (private.is_one_of(warehouse_id, 'supervisor', 'technician'));
create policy downtime_intervals_change on public.downtime_intervals for update to authenticated
  using (private.is_one_of(warehouse_id, 'supervisor', 'technician'));
grant insert (id, equipment_id, work_order_id, planned, reason, started_at, ended_at)
  on public.downtime_intervals to authenticated;
grant update (work_order_id, planned, reason, started_at, ended_at, annulled_reason) on public.downtime_intervals to authenticated;
call private.let_annul('public.downtime_intervals', 'equipment', 'equipment_id');
call private.fence('public.downtime_intervals');
call private.bound_children('public.downtime_intervals', 'work_order_id');
create trigger at_machine before insert on public.downtime_intervals
  for each row execute function private.at_machine();

-- ------------------------------------------------------------------ changes of status

create table public.equipment_status_changes (
  id uuid primary key default private.uuidv7(),
  equipment_id uuid not null references public.equipment (id),
  from_status public.equipment_status not null,
  to_status public.equipment_status not null,
  actor_id uuid references public.profiles (id),
  happened_at timestamptz not null default clock_timestamp()
);
-- What reports ask for: the changes since the beginning of a period.
create index equipment_status_changes_by_time on public.equipment_status_changes (happened_at);
create index equipment_status_changes_by_machine on public.equipment_status_changes (equipment_id, happened_at desc);

alter table public.equipment_status_changes enable row level security;
create policy equipment_status_changes_read on public.equipment_status_changes for select to authenticated
  using (exists (select from public.equipment e where e.id = equipment_id));
grant select on public.equipment_status_changes to authenticated;
create trigger stays_as_it_is before update or delete on public.equipment_status_changes for each row
  execute function private.stays_as_it_is();

create function private.equipment_status_changes() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.equipment_status_changes (equipment_id, from_status, to_status, actor_id)
    values (new.id, old.status, new.status, auth.uid());
  return null;
end $$;
create trigger status_changes after update of status on public.equipment for each row
  when (old.status is distinct from new.status) execute function private.equipment_status_changes();

-- ------------------------------------------------------------------ the time line

-- The events of a machine that the caller may see, newest first: at most `p_limit`, before the entry (`p_before`,
-- `p_before_id`). Each source is read no further than that.
create function public.equipment_history(p_equipment uuid, p_limit integer, p_before timestamptz, p_before_id uuid, p_kind text)
returns table (id uuid, happened_at timestamptz, kind text, actor_id uuid, details jsonb)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return query select e.id, e.happened_at, e.kind, e.actor_id, e.details from (
    (select w.id, w.created_at as happened_at, 'work_order_opened' as kind, w.requested_by as actor_id,
        jsonb_build_object('work_order_id', w.id, 'number', w.number, 'type', w.type, 'priority', w.priority, 'title', w.title) as details
      from public.work_orders w
      where w.equipment_id = p_equipment and (p_kind is null or p_kind = 'work_order_opened')
        and (p_before is null or (w.created_at, w.id) < (p_before, p_before_id))
      order by 2 desc, 1 desc limit p_limit)
    union all
    (select h.id, h.happened_at, 'work_order_moved', h.actor_id, jsonb_build_object('work_order_id', w.id, 'number', w.number,
        'title', w.title, 'from', h.changes -> 'status' -> 'from', 'to', h.changes -> 'status' -> 'to')
      from public.work_orders w join public.work_order_history h on h.work_order_id = w.id
      where w.equipment_id = p_equipment and (p_kind is null or p_kind = 'work_order_moved')
        and h.subject = 'work_order' and h.changes ? 'status'
        and (p_before is null or (h.happened_at, h.id) < (p_before, p_before_id))
      order by 2 desc, 1 desc limit p_limit)
    union all
    (select i.id, i.started_at, 'downtime', null, jsonb_build_object('planned', i.planned, 'reason', i.reason,
        'started_at', i.started_at, 'ended_at', i.ended_at, 'work_order_id', i.work_order_id, 'annulled_at', i.annulled_at,
        'annulled_by', i.annulled_by, 'annulled_reason', i.annulled_reason)
      from public.downtime_intervals i
      where i.equipment_id = p_equipment and (p_kind is null or p_kind = 'downtime')
        and (p_before is null or (i.started_at, i.id) < (p_before, p_before_id))
      order by 2 desc, 1 desc limit p_limit)
    union all
    (select r.id, r.read_at, 'meter_reading', r.read_by, jsonb_build_object('meter_id', m.id, 'meter', m.name, 'unit', m.unit,
        'value', r.value, 'is_reset', r.is_reset, 'note', r.note, 'annulled_at', r.annulled_at, 'annulled_by', r.annulled_by,
        'annulled_reason', r.annulled_reason)
      from public.meters m join public.meter_readings r on r.meter_id = m.id
      where m.equipment_id = p_equipment and (p_kind is null or p_kind = 'meter_reading')
        and (p_before is null or (r.read_at, r.id) < (p_before, p_before_id))
      order by 2 desc, 1 desc limit p_limit)
    union all
    (select s.id, s.happened_at, 'status_changed', s.actor_id, jsonb_build_object('from', s.from_status, 'to', s.to_status)
      from public.equipment_status_changes s
      where s.equipment_id = p_equipment and (p_kind is null or p_kind = 'status_changed')
        and (p_before is null or (s.happened_at, s.id) < (p_before, p_before_id))
      order by 2 desc, 1 desc limit p_limit)
    union all
    (select x.id, x.created_at, 'part_moved', x.performed_by, jsonb_build_object('work_order_id', w.id, 'number', w.number,
        'part_id', p.id, 'part_number', p.part_number, 'name', p.name, 'type', x.type, 'quantity', x.quantity, 'unit_cost', x.unit_cost)
      from public.work_orders w
      join public.part_transactions x on x.work_order_id = w.id
      join public.parts p on p.id = x.part_id
      where w.equipment_id = p_equipment and (p_kind is null or p_kind = 'part_moved')
        and (p_before is null or (x.created_at, x.id) < (p_before, p_before_id))
      order by 2 desc, 1 desc limit p_limit)) e
  order by e.happened_at desc, e.id desc limit p_limit;
end $$;
grant execute on function public.equipment_history(uuid, integer, timestamptz, uuid, text) to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop trigger status_changes on public.equipment;
drop table public.equipment_status_changes;
drop table public.downtime_intervals;
drop function public.equipment_history(uuid, integer, timestamptz, uuid, text);
drop function private.equipment_status_changes();
