-- migrate:up
-- What the caller may do with a work order, told with it: computed from the very table that decides, so that a client needs no
-- rules of its own. And what people of a role may do at all.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- What someone may do with a work order now: the statuses that they can move it to (`moves`), and what else (`Right` in the domain
-- crate says each in words). What is told of the work order and of the person is believed: `standing` below tells it of a row
-- that is seen, and of the caller.
create function private.standing_of(p_id uuid, p_status public.work_order_status, p_warehouse uuid, p_assigned_to uuid,
  p_requested_by uuid, p_me public.profiles, out open_moves text[], out may text[])
language plpgsql stable security definer set search_path = '' as $$
declare
  mine constant text[] := private.parts_in(p_id, p_status, p_warehouse, p_assigned_to, p_requested_by, p_me);
  leads constant boolean := 'leads' = any (mine);
  helps constant boolean := 'helps' = any (mine);
  has_stock constant boolean := 'keeps' = any (mine) or (helps and p_me.role <> 'contractor');
  says constant boolean := p_me.role <> 'inventory_clerk';
  is_open constant boolean := private.is_open(p_status);
  goes_on constant boolean := not private.is_frozen(p_status);
  unfinished constant boolean := p_status = 'in_progress' and helps and (
    exists (select from public.checklist_items i where i.work_order_id = p_id and i.state = 'pending')
    or exists (select from public.time_logs t where t.work_order_id = p_id and t.stopped_at is null));
begin
  open_moves := array(select m.to_status from private.moves() m
    where m.from_status = p_status and m.part = any (mine) and not (m.to_status = 'completed' and unfinished));
  may := case when 'sees' = any (mine) then array_remove(array[
    case when goes_on and leads then 'edit' end,
    case when goes_on and helps then 'describe' end,
    case when is_open and leads then 'assign' end,
    case when p_status = 'new' and mine && '{leads,takes}' then 'take' end,
    case when is_open and p_status <> 'on_hold' and helps then 'acknowledge' end,
    case when is_open and leads then 'plan' end,
    case when is_open and helps then 'check' end,
    case when goes_on and helps then 'log_time' end,
    case when p_status = 'in_progress' and helps then 'start_clock' end,
    case when goes_on and has_stock then 'use_parts' end,
    case when is_open and has_stock then 'reserve' end,
    case when goes_on and leads then 'relate' end,
    case when says then 'comment' end,
    case when says then 'attach' end], null) else '{}' end;
end $$;
grant execute on function private.me(), private.standing_of(uuid, public.work_order_status, uuid, uuid, uuid, public.profiles)
  to authenticated;

-- The same of a work order and the caller. The gateway embeds it (`select=*,...standing(*)`): it is inlined into the statement, so
-- that the caller is looked up once, and not for every row.
create view public.my_standing with (security_invoker = true) as
  select null::text[] as open_moves, null::text[] as may where false;
create function public.standing(public.work_orders) returns setof public.my_standing rows 1 language sql stable as $$
  select s.open_moves, s.may
  from private.standing_of($1.id, $1.status, $1.warehouse_id, $1.assigned_to, $1.requested_by, (select private.me())) s
$$;
grant execute on function public.standing(public.work_orders) to authenticated;

-- What someone may do wherever they work; `PERMISSIONS` in the domain crate. A column of people to the gateway.
create function public.permissions(public.profiles) returns text[] language plpgsql immutable set search_path = '' as $$
declare
  sees_all constant boolean := private.sees_all($1.role);
  leads constant boolean := sees_all or $1.role = 'supervisor';
  is_admin constant boolean := $1.role = 'admin';
begin
  return array(select r.word from (values
    ('see_every_warehouse', sees_all),
    ('report_problems', sees_all or $1.role in ('technician', 'supervisor', 'requester')),
    ('plan_work', leads),
    ('do_work', leads or $1.role in ('technician', 'contractor')),
    ('comment', $1.role <> 'inventory_clerk'),
    ('see_stock', sees_all or private.sees_own_warehouse($1.role)),
    ('keep_stock', sees_all or $1.role = 'inventory_clerk'),
    ('open_machines', leads),
    ('set_machine_status', leads or $1.role = 'technician'),
    ('read_meters', leads or $1.role = 'technician'),
    ('open_vendors', leads or $1.role = 'inventory_clerk'),
    ('plan_maintenance', leads),
    ('rule_escalation', leads),
    ('change_settings', leads),
    ('see_audit_log', sees_all),
    ('manage_people', is_admin),
    ('manage_tokens', is_admin),
    ('open_warehouses', is_admin)) r (word, holds) where r.holds and $1.active);
end $$;
grant execute on function public.permissions(public.profiles) to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop function public.permissions(public.profiles);
drop function public.standing(public.work_orders);
drop view public.my_standing;
drop function private.standing_of(uuid, public.work_order_status, uuid, uuid, uuid, public.profiles);
