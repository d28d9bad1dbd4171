-- The work orders: 8 % are open, most of them young; of the others most are closed and archived.
--
-- `wo` is in the order of time, and what is joined to it keeps that order: nothing wide has to be sorted.

create temp table wo as
  select n, pg_temp.id('work order', n, at) as id, at, machine_no, equipment_id, m.place_no, p.id as warehouse_id, status,
    finished, at + interval '20 minutes' as begun,
    case when finished then least(at + make_interval(mins => (30 + pg_temp.pick(n, 1, 7000))::integer), pg_temp.last_moment()) end as ended,
    (case when type < 9 then 'preventive' when type < 19 then 'corrective' else 'emergency' end)::public.work_order_type as type,
    (array['low', 'medium', 'medium', 'medium', 'medium', 'high', 'high', 'low', 'medium', 'critical'])[1 + pg_temp.pick(n, 2, 10)]::public.priority
      as priority,
    case when is_few then p.requesters[20] when type < 9 then null else p.requesters[1 + pg_temp.pick(n, 3, 19)] end as requester,
    case when status = 'new' or (status = 'cancelled' and n % 2 = 0) then null
      when is_few then p.contractors[5]
      when pg_temp.pick(n, 4, 25) = 0 then p.contractors[1 + pg_temp.pick(n, 5, 4)]
      else p.technicians[1 + pg_temp.pick(n, 5, 16)] end as assignee,
    p.supervisors[1 + n % 2] as supervisor
  from (
    select n, at, machine_no, pg_temp.pick(n, 6, 20) as type,
      (case
        when is_open and roll < 25 then 'new' when is_open and roll < 60 then 'assigned'
        when is_open and roll < 85 then 'in_progress' when is_open then 'on_hold'
        when roll < 5 then 'cancelled'
        when days_ago < 60 and roll < 20 then 'completed' when days_ago < 60 and roll < 35 then 'verified'
        when roll < 6 then 'completed' else 'closed' end)::public.work_order_status as status,
      not is_open and roll >= 5 as finished
    from (
      select n, at, 1 + floor(machines * power(pg_temp.chance(n, 7), 1.5))::bigint as machine_no, days_ago,
        pg_temp.pick(n, 8, 1000) < case when days_ago < 30 then 800 when days_ago < 90 then 350 else 20 end as is_open,
        pg_temp.pick(n, 9, 100) as roll
      from (select count(*) as machines from machine) m, generate_series(1, pg_temp.work_orders()) n
      cross join lateral (select pg_temp.first_moment() + n * (pg_temp.last_moment() - pg_temp.first_moment())
        / (pg_temp.work_orders() + 1) as at) t
      cross join lateral (select date_part('day', pg_temp.last_moment() - at) as days_ago) d
    ) drawn
  ) decided
  join (select no, id as equipment_id, place_no from machine) m on m.no = machine_no
  join place p on p.no = m.place_no
  cross join lateral (select m.place_no = 1 and pg_temp.pick(n, 10, greatest(pg_temp.work_orders() / 40, 1)) = 0 as is_few) f
  order by n;
analyze wo;

insert into public.work_orders (id, number, fo_number, type, title, description, area, asset_model, equipment_id, status, priority,
    requested_by, assigned_to, warehouse_id, due_at, response_due_at, resolution_due_at, started_at, completed_at, completed_by,
    verified_by, hold_reason, follow_up, escalated, escalation_level, escalated_at, last_activity_at, archived_at, custom_fields,
    version, created_at, updated_at, vendor_id)
  select w.id, 'WO-' || to_char(w.n, 'FM999999000000'), case when w.n % 3 = 0 then 'FO-' || w.n end, w.type,
    format('%s %s, code E%s',
      (array['Belt runs off at', 'Hydraulic leak under', 'Sensor gives false stops at', 'Noise from the gearbox of', 'Guard is loose on',
        'Temperature rises in', 'Emergency stop without effect on', 'Light curtain is dirty at', 'Chain needs tension on',
        'Display stays dark on', 'Inspection of', 'Service of'])[1 + case when w.type = 'preventive' then 10 + w.n % 2
        else pg_temp.pick(w.n, 21, 10) end],
      lower(o.kind), pg_temp.pick(w.n, 22, 99991)),
    'Seen during the early shift. It comes back when the line has run for an hour, and goes away after a stop.'
      || case pg_temp.pick(w.n, 23, 1000) when 0 then ' The operator smelled burning.' else '' end,
    o.area, o.name, case when w.n % 20 <> 0 then w.equipment_id end, w.status, w.priority, w.requester, w.assignee, w.warehouse_id,
    case when pg_temp.pick(w.n, 24, 20) > 0 then w.at + make_interval(hours => (24 + pg_temp.pick(w.n, 25, 312))::integer) end,
    w.at + interval '4 hours', w.at + interval '3 days',
    case when w.finished or w.status in ('in_progress', 'on_hold') then w.begun end,
    w.ended, case when w.finished then w.assignee end, case when w.status in ('verified', 'closed') then w.supervisor end,
    case when w.status = 'on_hold' then (array['parts', 'vendor', 'access'])[1 + w.n % 3] end::public.hold_reason,
    w.type = 'corrective' and w.n % 25 = 0, is_late, is_late::integer, case when is_late then w.at + interval '12 hours' end,
    coalesce(w.ended, w.begun), case when touched < pg_temp.last_moment() - interval '91 days' and w.status in ('closed', 'cancelled')
      then touched + interval '90 days' end,
    jsonb_build_object('cost_centre', 1000 + w.n % 40, 'shift', 'early'), 1 + w.n % 6, w.at, touched,
    case when w.n % 30 = 0 then pg_temp.id('vendor', 3 * (1 + w.n % 5), pg_temp.first_moment()) end
  from wo w join machine m on m.no = w.machine_no join model o on o.no = m.model_no
  cross join lateral (select pg_temp.pick(w.n, 26, 33) = 0 as is_late,
    case when w.finished then least(w.ended + interval '1 day', pg_temp.last_moment()) else w.begun end as touched) t;
select setval('private.work_order_numbers', pg_temp.work_orders());

-- Follow-ups of earlier ones, on the same machine.
create temp table follow_up as
  select * from (select n, id, equipment_id, warehouse_id, at, supervisor, lag(id) over (partition by equipment_id order by n) as earlier
    from wo where n % 20 <> 0) w
  where n % 50 = 1 and earlier is not null;
analyze follow_up;
update public.work_orders w set parent_id = f.earlier from follow_up f where f.id = w.id and f.n % 100 = 1;
insert into public.work_order_relations (id, work_order_id, kind, other_id, warehouse_id, created_by, created_at)
  select pg_temp.id('relation', n, at), id, (array['duplicate_of', 'related_to', 'split_from', 'blocks'])[1 + n % 4]::public.relation_kind,
    earlier, warehouse_id, supervisor, at + interval '1 hour'
  from follow_up order by n;

insert into private.escalation_clocks (work_order_id, counts_from, held_since, urgent, check_at)
  select id, begun, case when status = 'on_hold' then begun end, private.is_urgent(type, priority),
    case when n % 3 = 0 then at + interval '4 hours' else pg_temp.last_moment() + make_interval(hours => (n % 72)::integer) end
  from wo where private.is_open(status);
insert into public.escalations (id, work_order_id, rule_id, level, action, reason, decided_for, created_at)
  select pg_temp.id('escalation', n, at), w.id, r.id, 1, 'notify_supervisor', 'nobody has begun for 12 hours', at + interval '12 hours',
    at + interval '12 hours'
  from wo w, (select id from public.escalation_rules order by name limit 1) r where pg_temp.pick(n, 26, 33) = 0;
