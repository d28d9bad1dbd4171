-- migrate:up
-- What is planned, for those who may see it: schedules with what their dates follow from, and what was decided. The dates
-- themselves are the domain's.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- One schedule, or a page of those with something planned until a day, after a given one, in the order of their ids.
-- `plpgsql`, so that the gateway's roles cannot share a plan of it.
create function public.pm_planned(p_schedule uuid, p_from date, p_until date, p_warehouse uuid, p_equipment uuid,
  p_after uuid, p_limit integer) returns json
language plpgsql stable set search_path = '' as $$
begin
  return (with wanted as materialized (
    select s.id, s.version, s.template_id, e.warehouse_id, s.since, s.next_due_on,
      coalesce(s.generate_on, s.since) as generate_on, s.last_due_on, s.anchor_on, s.active, s.paused, s.rest_reason,
      s.meter_due_at, s.equipment_id, e.asset_tag, t.title,
      case when w.id is not null then
        json_build_object('number', w.number, 'untouched', w.status in ('new', 'assigned')) end as open
    from public.pm_schedules s
    join public.pm_templates t on t.id = s.template_id
    join public.equipment e on e.id = s.equipment_id
    left join public.work_orders w on w.id = s.last_work_order_id
      and w.status in ('new', 'assigned', 'in_progress', 'on_hold')
    where (p_schedule is null or s.id = p_schedule) and (p_equipment is null or s.equipment_id = p_equipment)
      and (p_warehouse is null or e.warehouse_id = p_warehouse) and (p_after is null or s.id > p_after)
    order by s.id limit p_limit)
  select json_build_object(
    'schedules', (select coalesce(json_agg(s order by s.id), '[]') from wanted s),
    'templates', (select coalesce(json_agg(t), '[]') from public.pm_templates t
      where t.id in (select template_id from wanted)),
    'places', (select coalesce(json_agg(json_build_object('id', p.id, 'time_zone', p.time_zone,
        'today', (now() at time zone p.time_zone)::date, 'holidays', (
        select coalesce(json_agg(json_build_object('on_date', h.on_date, 'name', h.name)), '[]')
        from public.holidays h where h.warehouse_id = p.id))), '[]') from public.warehouses p
      where p.id in (select warehouse_id from wanted) or p.id = p_warehouse),
    'decided', (select coalesce(json_agg(o order by o.due_on), '[]') from (
      select d.id, d.schedule_id, d.occurs_on, d.meter_step, d.due_on, d.decision, d.reason, d.work_order_id,
        w.number, w.status
      from public.pm_occurrences d left join public.work_orders w on w.id = d.work_order_id
      where d.schedule_id in (select id from wanted) and d.due_on between p_from and p_until) o)));
end $$;
revoke execute on function public.pm_planned(uuid, date, date, uuid, uuid, uuid, integer) from public;
grant execute on function public.pm_planned(uuid, date, date, uuid, uuid, uuid, integer) to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop function public.pm_planned(uuid, date, date, uuid, uuid, uuid, integer);
