-- migrate:up
-- A person's start page in one question, and their inbox marked read.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- A count that ends where nobody reads on: `{"count": 100, "more": true}` of the rows of a question that stops after 101.
create function private.bounded_count(p_found bigint) returns jsonb language sql immutable parallel safe set search_path = '' as $$
  select jsonb_build_object('count', least(p_found, 100), 'more', p_found > 100)
$$;
grant execute on function private.bounded_count(bigint) to authenticated;

-- The work orders whose crew the caller joined last: among them are those that still go on, however many there were.
create function private.my_latest_crews() returns setof uuid
language sql stable security definer set search_path = '' rows 50 as $$
  select c.work_order_id from public.work_order_crew c
    where private.my_role() is not null and c.profile_id = auth.uid() order by c.id desc limit 200
$$;
grant execute on function private.my_latest_crews() to authenticated;

-- A work order as a line of a list: what a person needs to choose the next one. It is inlined where it is used.
create function private.home_line(public.work_orders) returns table (line jsonb) language sql stable rows 1 as $$
  select jsonb_build_object('id', $1.id, 'number', $1.number, 'type', $1.type, 'title', $1.title, 'status', $1.status,
    'priority', $1.priority, 'area', $1.area, 'due_at', $1.due_at, 'escalated', $1.escalated, 'version', $1.version,
    'machine', (select to_jsonb(m) from public.machine($1) m), 'assignee', (select to_jsonb(a) from public.assignee($1) a))
$$;
grant execute on function private.home_line(public.work_orders) to authenticated;

-- All that a person's first screen shows: who they are, and what waits for them. What their role has no part in is null. It runs
-- with the caller's rights. Each count stops at 101 rows of an index that holds such rows alone, in each warehouse that they
-- see, and each list at its last line; so it takes the same time however much is stored.
create function public.home() returns jsonb language plpgsql stable set search_path = '' as $$
declare
  enough constant integer := 101;
  me public.profiles;
  homes uuid[];
  leads boolean;
  does_work boolean;
  keeps boolean;
  asks boolean;
  told jsonb;
begin
  select p.* into me from public.profiles p where p.id = auth.uid();
  if me.id is null then
    raise sqlstate 'PT401' using message = 'token_outdated';
  end if;
  leads := me.role in ('supervisor', 'manager', 'admin');
  does_work := leads or me.role in ('technician', 'contractor');
  keeps := leads or me.role = 'inventory_clerk';
  asks := me.role = 'requester';
  homes := array(select w.id from public.warehouses w);
  told := jsonb_build_object(
    'at', now(),
    'me', jsonb_build_object('id', me.id, 'full_name', me.full_name, 'role', me.role, 'permissions', public.permissions(me)),
    'warehouse', (select jsonb_build_object('id', w.id, 'code', w.code, 'name', w.name, 'time_zone', w.time_zone)
      from public.warehouses w where w.id = me.warehouse_id),
    'unread', private.bounded_count((select count(*) from (
      select from public.notifications n where n.recipient_id = me.id and n.read_at is null limit enough) c)),
    'clock', null, 'my_work', null, 'my_work_count', null, 'my_overdue', null, 'my_requests', null, 'unassigned', null,
    'overdue', null, 'to_verify', null, 'to_review', null, 'escalations', null, 'low_stock', null);
  if does_work then
    told := told || jsonb_build_object(
      'clock', (select jsonb_build_object('id', t.id, 'work_order_id', t.work_order_id, 'started_at', t.started_at)
        from public.time_logs t where t.profile_id = me.id and t.stopped_at is null limit 1),
      'my_work', (
        select coalesce(jsonb_agg(h.line || jsonb_build_object('open_moves', s.open_moves)
          order by private.or_never((m.w).due_at), (m.w).id), '[]')
        from (
          select f.w from (
            (select w from public.work_orders w
              where w.assigned_to = me.id and w.archived_at is null and private.is_open(w.status)
              order by private.or_never(w.due_at), w.id limit 20)
            union all
            (select w from public.work_orders w
              where w.id = any (array(select private.my_latest_crews())) and w.assigned_to is distinct from me.id
                and w.archived_at is null and private.is_open(w.status)
              order by private.or_never(w.due_at), w.id limit 20)) f
          order by private.or_never((f.w).due_at), (f.w).id limit 20) m,
        lateral private.home_line(m.w) h, lateral public.standing(m.w) s),
      'my_work_count', private.bounded_count((select count(*) from (
        (select from public.work_orders w
          where w.assigned_to = me.id and w.archived_at is null and private.is_open(w.status) limit enough)
        union all
        (select from public.work_orders w
          where w.id = any (array(select private.my_latest_crews())) and w.assigned_to is distinct from me.id
            and w.archived_at is null and private.is_open(w.status) limit enough)) c)),
      'my_overdue', private.bounded_count((select count(*) from (
        select from public.work_orders w
        where w.assigned_to = me.id and w.archived_at is null and private.is_open(w.status)
          and private.or_never(w.due_at) < now() limit enough) c)));
  end if;
  if asks then
    told := told || jsonb_build_object('my_requests', (
      select coalesce(jsonb_agg(h.line order by (m.w).id desc), '[]')
      from (select w from public.work_orders w
        where w.requested_by = me.id and w.archived_at is null and w.status not in ('closed', 'cancelled')
        order by w.id desc limit 20) m, lateral private.home_line(m.w) h));
  end if;
  if leads or me.role = 'technician' then
    told := told || jsonb_build_object('unassigned', private.bounded_count((select count(*) from (
      select from unnest(homes) h (id) cross join lateral (
        select from public.work_orders w
        where w.warehouse_id = h.id and w.status = 'new' and w.archived_at is null limit enough) o
      limit enough) c)));
  end if;
  if leads then
    told := told || jsonb_build_object(
      'overdue', private.bounded_count((select count(*) from (
        select from unnest(homes) h (id) cross join lateral (
          select from public.work_orders w
          where w.warehouse_id = h.id and w.archived_at is null and private.is_open(w.status)
            and private.or_never(w.due_at) < now() limit enough) o
        limit enough) c)),
      'to_verify', private.bounded_count((select count(*) from (
        select from unnest(homes) h (id) cross join lateral (
          select from public.work_orders w
          where w.warehouse_id = h.id and w.status = 'completed' and w.archived_at is null limit enough) o
        limit enough) c)),
      'to_review', private.bounded_count((select count(*) from (
        select from unnest(homes) h (id) cross join lateral (
          select from public.reviews r where r.warehouse_id = h.id and r.decision is null limit enough) o
        limit enough) c)));
  end if;
  if does_work then
    -- Whoever leads is shown those of all, others those that they have.
    told := told || jsonb_build_object('escalations', (
      select private.bounded_count(count(*)) || jsonb_build_object('first',
        coalesce(jsonb_agg((select h.line from private.home_line(e.w) h)
            || jsonb_build_object('escalation_level', (e.w).escalation_level)
          order by (e.w).id desc) filter (where e.place <= 5), '[]'))
      from (
        select f.w, row_number() over (order by (f.w).id desc) as place
        from (
          select o.w from unnest(homes) h (id) cross join lateral (
            select w from public.work_orders w
            where leads and w.warehouse_id = h.id and w.escalated and w.archived_at is null
              and w.status in ('new', 'assigned', 'in_progress')
              and (w.acknowledged_until is null or w.acknowledged_until < now())
            order by w.id desc limit enough) o
          union all
          select w from public.work_orders w
            where not leads and w.assigned_to = me.id and w.escalated and w.archived_at is null and private.is_open(w.status)
              and w.status <> 'on_hold' and (w.acknowledged_until is null or w.acknowledged_until < now())) f
        order by (f.w).id desc limit enough) e));
  end if;
  if keeps then
    told := told || jsonb_build_object('low_stock', private.bounded_count((select count(*) from (
      select from unnest(homes) h (id) cross join lateral (
        select from public.parts p
        where p.warehouse_id = h.id and p.on_hand - p.reserved < p.reorder_point and p.archived_at is null limit enough) o
      limit enough) c)));
  end if;
  return told;
end $$;
grant execute on function public.home() to authenticated;

-- Marks the caller's inbox read, up to a notification that they were shown; all of it where none is named. Answers with how many
-- there were, and how many are left.
create function public.read_notifications(p_up_to uuid) returns jsonb language plpgsql set search_path = '' as $$
declare
  marked bigint;
  told jsonb;
begin
  perform private.take_key();
  update public.notifications n set read_at = now()
    where n.recipient_id = auth.uid() and n.read_at is null and (p_up_to is null or n.id <= p_up_to);
  get diagnostics marked = row_count;
  told := jsonb_build_object('marked', marked, 'unread', private.bounded_count((select count(*) from (
    select from public.notifications n where n.recipient_id = auth.uid() and n.read_at is null limit 101) c)));
  perform private.keep_answer(told);
  return told;
end $$;
grant execute on function public.read_notifications(uuid) to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop function public.read_notifications(uuid);
drop function public.home();
drop function private.home_line(public.work_orders);
drop function private.my_latest_crews();
drop function private.bounded_count(bigint);
