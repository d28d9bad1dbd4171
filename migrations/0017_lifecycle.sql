-- migrate:up
-- The moves of a work order from one status to the next, and their effects. The table of moves is also in the domain
-- crate, which explains a refusal; a test drives both and finds that they agree.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- ------------------------------------------------------------------ moves

-- Who had a hand in work that may have been taken up again or given to others since. Who has one by now stands in the order
-- itself, in its crew and in its time logs.
create table private.work_order_hands (
  work_order_id uuid not null references public.work_orders (id) on delete cascade,
  profile_id uuid not null references public.profiles (id),
  primary key (work_order_id, profile_id)
);

alter table private.work_order_hands enable row level security;

-- When work is completed, who did it, has it and is in its crew has had a hand in it for good. Before that, who had it and
-- began, paused or resumed it: by what they did themselves, so that nobody is kept from judging by being named for a while.
create function private.hands_are_kept() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into private.work_order_hands (work_order_id, profile_id)
    select new.id, h.profile_id from (
      select auth.uid() as profile_id where auth.uid() in (old.assigned_to, new.assigned_to)
      union
      select unnest(array[new.completed_by, new.assigned_to]) where new.status = 'completed'
      union
      select c.profile_id from public.work_order_crew c where new.status = 'completed' and c.work_order_id = new.id) h
    where h.profile_id is not null
    on conflict do nothing;
  return null;
end $$;
create trigger hands_are_kept after update of status on public.work_orders for each row
  when (old.status <> new.status and private.is_open(old.status) and 'in_progress' in (old.status, new.status))
  execute function private.hands_are_kept();

-- True if the caller completed the work, is assigned, is in the crew, logged time on it, or did so before it was taken up again:
-- then others judge it. An API token counts as the person who made it.
create function private.had_a_hand(p_work_order uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select coalesce(private.person_behind(auth.uid()) in (
    select private.person_behind(w.completed_by) from public.work_orders w where w.id = p_work_order and w.completed_by is not null
    union all
    select private.person_behind(w.assigned_to) from public.work_orders w where w.id = p_work_order and w.assigned_to is not null
    union all
    select private.person_behind(c.profile_id) from public.work_order_crew c where c.work_order_id = p_work_order
    union all
    select private.person_behind(t.profile_id) from public.time_logs t where t.work_order_id = p_work_order
    union all
    select private.person_behind(h.profile_id) from private.work_order_hands h where h.work_order_id = p_work_order), false)
$$;
grant execute on function private.had_a_hand(uuid) to authenticated;

-- The table of moves: from which status to which, and the part in the work order that it takes (`my_parts`). The trigger below
-- holds everyone to it, and `open_moves` tells it.
create function private.moves() returns table (from_status text, to_status text, part text)
language sql immutable parallel safe rows 13 as $$
  values ('new', 'assigned', 'leads'), ('new', 'assigned', 'takes'), ('new', 'cancelled', 'leads'), ('new', 'cancelled', 'asked'),
    ('assigned', 'in_progress', 'works'), ('assigned', 'cancelled', 'leads'),
    ('in_progress', 'on_hold', 'works'), ('in_progress', 'completed', 'works'),
    ('on_hold', 'in_progress', 'works'),
    ('completed', 'in_progress', 'judges'), ('completed', 'verified', 'judges'),
    ('verified', 'in_progress', 'judges'), ('verified', 'closed', 'leads')
$$;

-- The parts that someone has in a work order, by what is known of both. Who `leads` does so in its warehouse; who `works` is
-- responsible for it, or leads; who `helps` is in the crew, or works; who `judges` leads, and had no hand in it; `takes`: they may
-- give it to themselves; `asked`: it is their own request; who `keeps` has the stock there; who `sees` sees it at all. Of who had a
-- hand in it only the caller is told.
create function private.parts_in(p_id uuid, p_status public.work_order_status, p_warehouse uuid, p_assigned_to uuid,
  p_requested_by uuid, p_me public.profiles) returns text[]
language plpgsql stable security definer set search_path = '' as $$
declare
  sees_all constant boolean := private.sees_all(p_me.role);
  leads constant boolean := sees_all or p_me.role = 'supervisor';
  does_work constant boolean := p_me.role in ('technician', 'contractor');
  asked constant boolean := p_me.role in ('requester', 'technician') and p_requested_by = p_me.id;
  mine text[] := '{}';
begin
  if sees_all is null or not (sees_all or coalesce(p_me.warehouse_id = p_warehouse, false)) then
    return mine;
  end if;
  if leads then
    mine := '{leads,works,helps}';
    if private.is_done(p_status) and not private.had_a_hand(p_id) then
      mine := mine || 'judges'::text;
    end if;
  elsif does_work and p_assigned_to = p_me.id then
    mine := '{works,helps}';
  elsif does_work and exists (select from public.work_order_crew c where c.work_order_id = p_id and c.profile_id = p_me.id) then
    mine := '{helps}';
  end if;
  if p_me.role = 'technician' then
    mine := mine || 'takes'::text;
  end if;
  if asked then
    mine := mine || 'asked'::text;
  end if;
  if sees_all or p_me.role = 'inventory_clerk' then
    mine := mine || 'keeps'::text;
  end if;
  if sees_all or private.sees_own_warehouse(p_me.role) or asked or 'helps' = any (mine) then
    mine := mine || 'sees'::text;
  end if;
  return mine;
end $$;

-- True if a move is open to the caller, as far as it depends on the caller. Who takes work takes it for themselves.
create function private.may_move(p_old public.work_orders, p_to public.work_order_status, p_assigned_to uuid)
returns boolean language plpgsql stable security definer set search_path = '' as $$
declare
  mine constant text[] := private.parts_in(p_old.id, p_old.status, p_old.warehouse_id, p_old.assigned_to, p_old.requested_by,
    private.me());
begin
  return exists (select from private.moves() m
    where m.from_status = p_old.status and m.to_status = p_to and m.part = any (mine)
      and (m.part <> 'takes' or p_assigned_to = auth.uid()));
end $$;

create function private.work_order_moves() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  undecided integer;
begin
  if new.assigned_to is distinct from old.assigned_to then
    if new.status = 'new' and old.status = 'new' and new.assigned_to is not null then
      new.status := 'assigned';
    elsif not private.is_open(old.status) or new.assigned_to is null
        or (old.status <> 'new' and not private.is_one_of(old.warehouse_id, 'supervisor')) then
      perform private.refuse('move_not_open', 'it cannot be given to someone else now, or not by you');
    end if;
  end if;
  if new.status <> old.status then
    if not private.may_move(old, new.status, new.assigned_to) then
      perform private.refuse('move_not_open',
        format('from %s it cannot become %s now, or not by you', old.status, new.status));
    elsif new.status = 'assigned' and new.assigned_to is null then
      perform private.refuse('move_not_open', 'it can be assigned only to someone');
    elsif private.is_done(old.status) and new.status = 'in_progress' and new.status_note = '' then
      perform private.refuse('reason_needed', 'whoever reopens it says why');
    end if;
    if new.status = 'completed' then
      select count(*) into undecided from public.checklist_items i where i.work_order_id = old.id and i.state = 'pending';
      if undecided > 0 then
        perform private.refuse('checklist_undecided', format('%s items of the checklist are not decided', undecided));
      elsif exists (select from public.time_logs t where t.work_order_id = old.id and t.stopped_at is null) then
        perform private.refuse('clock_runs', 'someone''s time is still running');
      end if;
      new.completed_at := now();
      new.completed_by := auth.uid();
    elsif new.status = 'in_progress' then
      new.started_at := coalesce(old.started_at, now());
      new.completed_at := null;
      new.completed_by := null;
      new.verified_by := null;
    elsif new.status = 'verified' then
      new.verified_by := auth.uid();
    end if;
    if old.status = 'on_hold' then
      new.hold_reason := null;
    end if;
    -- A move by a requester is no activity.
    if private.my_role() <> 'requester' then
      new.last_activity_at := now();
    end if;
    new.acknowledged_until := null;
    new.acknowledged_by := null;
  end if;
  return new;
end $$;

-- Named so that it fires before the triggers that write the version and the history.
create trigger moves before update of status, assigned_to on public.work_orders for each row
  when (auth.uid() is not null) execute function private.work_order_moves();

create function private.work_order_is_acknowledged() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if not private.is_open(new.status) or new.status = 'on_hold' then
    perform private.refuse('nothing_to_acknowledge', 'nobody waits for it now');
  elsif new.acknowledged_until > now() + interval '1440 minutes' then
    perform private.refuse('acknowledged_too_long', 'it is acknowledged for at most 1440 minutes');
  end if;
  new.acknowledged_by := auth.uid();
  return new;
end $$;
create trigger is_acknowledged before update of acknowledged_until on public.work_orders for each row
  when (auth.uid() is not null and new.acknowledged_until is not null
    and new.acknowledged_until is distinct from old.acknowledged_until)
  execute function private.work_order_is_acknowledged();

-- When work stops, all running time logs stop.
create function private.work_stops() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  update public.time_logs set stopped_at = greatest(now(), started_at + interval '1 microsecond')
    where work_order_id = new.id and stopped_at is null;
  return null;
end $$;
create trigger stops after update of status on public.work_orders for each row
  when (old.status = 'in_progress' and new.status <> 'in_progress') execute function private.work_stops();

-- ------------------------------------------------------------------ ended work

-- Ended work is frozen, until it is reopened: while an order is verified, closed or cancelled, people add, change and remove
-- nothing on it but comments and files. Jobs go on, and what the database does by itself (at a depth of triggers).

-- What hangs on a work order. The argument says from when on: `frozen`, or `done` already. It runs after the row is
-- written, so that row level security is asked first: whoever may not write it does not learn the status. It locks the
-- work order, so that nothing is added while that ends.
create function private.work_goes_on() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  status public.work_order_status;
begin
  for status in select w.status from public.work_orders w where w.id in (old.work_order_id, new.work_order_id)
      order by w.id for no key update loop
    if private.is_frozen(status) or (tg_argv[0] = 'done' and not private.is_open(status)) then
      perform private.refuse('work_has_ended', format('the work order is %s', status));
    end if;
  end loop;
  return null;
end $$;

-- Holds a table to that. `p_update` may name the columns that it is about.
create procedure private.freeze_with_work(p_table regclass, p_from text default 'frozen', p_update text default 'update')
language plpgsql set search_path = '' as $$
begin
  execute format('create trigger goes_on after insert or %s or delete on %s for each row
    when (auth.uid() is not null and pg_trigger_depth() = 0) execute function private.work_goes_on(%L)', p_update, p_table, p_from);
end $$;
-- What was done and who did it is judged as it was when the work was completed.
call private.freeze_with_work('public.checklist_items', 'done');
call private.freeze_with_work('public.work_order_crew', 'done');
call private.freeze_with_work('public.time_logs');
call private.freeze_with_work('public.work_order_relations');

-- The order itself. A move that leaves it frozen may bring its note and custom fields.
create function private.work_order_goes_on() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  brought constant text[] := case when new.status <> old.status then '{status,status_note,custom_fields}' else '{}' end;
begin
  if (to_jsonb(new) - brought) is distinct from (to_jsonb(old) - brought) then
    perform private.refuse('work_has_ended', format('the work order is %s', old.status));
  end if;
  return new;
end $$;
-- Named so that it fires before the triggers that fill in columns.
create trigger goes_on before update on public.work_orders for each row
  when (private.is_frozen(old.status) and private.is_frozen(new.status) and auth.uid() is not null and pg_trigger_depth() = 0)
  execute function private.work_order_goes_on();

-- A clock runs only while work is in progress.
create function private.clock_may_run() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  status public.work_order_status;
begin
  select w.status into status from public.work_orders w where w.id = new.work_order_id;
  if status <> 'in_progress' then
    perform private.refuse('not_in_progress', format('a clock runs only while work is in progress; it is %s', status));
  end if;
  return null;
end $$;
-- Named so that it fires after `goes_on`, which has locked the work order.
create trigger may_run after insert or update on public.time_logs for each row
  when (new.stopped_at is null and auth.uid() is not null and pg_trigger_depth() = 0) execute function private.clock_may_run();

-- Time that was worked before the work was completed may be brought later, as phones do, and be put right: by each person
-- their own. Nobody logs time for others then, because whoever has some does not judge the work.
create function private.time_was_before_the_end() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  work record;
begin
  select w.status, w.completed_at into work from public.work_orders w where w.id = new.work_order_id;
  if not private.is_done(work.status) then
    return null;
  elsif tg_op = 'INSERT' and new.profile_id <> auth.uid() then
    perform private.refuse('work_has_ended', format('the work order is %s: now people bring only their own time', work.status));
  elsif new.stopped_at > work.completed_at
      and (tg_op = 'INSERT' or (new.started_at, new.stopped_at) is distinct from (old.started_at, old.stopped_at)) then
    perform private.refuse('work_has_ended', format('the work order is %s: only time before that is logged', work.status));
  end if;
  return null;
end $$;
create trigger was_before after insert or update on public.time_logs for each row
  when (new.stopped_at is not null and auth.uid() is not null and pg_trigger_depth() = 0)
  execute function private.time_was_before_the_end();

-- ------------------------------------------------------------------ moving as the caller

-- Locks what a move of these work orders changes below them: clocks that run, and reservations. Whoever changes one of those
-- has it before the work order, so that who moves the work order must, too; else both would wait for each other.
create function private.lock_below(p_work_orders uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.time_logs t where t.work_order_id = any (p_work_orders) and t.stopped_at is null
    order by t.id for no key update;
  perform from public.part_reservations r where r.work_order_id = any (p_work_orders) order by r.id for update;
end $$;
grant execute on function private.lock_below(uuid[]) to authenticated;

-- All that decides on the caller's moves of a work order: its status, and the caller's part in it.
create function private.standing(p_work_order uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('status', w.status, 'version', w.version, 'role', private.my_role(), 'me', auth.uid(),
    'at_home', private.sees_every_warehouse() or w.warehouse_id = private.my_warehouse(),
    'assigned_to', w.assigned_to, 'requested_by', w.requested_by, 'had_a_hand', private.had_a_hand(w.id),
    'signature', (select h.completion_signature from public.warehouses h where h.id = w.warehouse_id),
    'undecided_items', (select count(*) from public.checklist_items i where i.work_order_id = w.id and i.state = 'pending'),
    'running_clocks', (select count(*) from public.time_logs t where t.work_order_id = w.id and t.stopped_at is null))
  from public.work_orders w where w.id = p_work_order
$$;
grant execute on function private.standing(uuid) to authenticated;

-- Moves a work order as the caller: `{"moved": {…}}`, or `{"refused": code, "detail": words,
-- "standing": {…}}`; null when the caller sees no such work order. If a version is given, the work order must still
-- have it.
create function public.work_order_move(p_id uuid, p_version integer, p_changes jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  moved public.work_orders;
  code text;
  words text;
begin
  begin
    perform private.take_key();
    if p_changes ? 'status' then
      -- As far as the caller sees it: nobody's row waits for someone who only knows an id.
      perform private.lock_below(array(select w.id from public.work_orders w where w.id = p_id));
    end if;
    -- The same assignment again is no change.
    if p_changes - 'assigned_to' = '{}' then
      select * into moved from public.work_orders w where w.id = p_id and (p_version is null or w.version = p_version)
        and w.assigned_to = (p_changes ->> 'assigned_to')::uuid;
    end if;
    if moved.id is null then
      update public.work_orders w set
        status = coalesce((p_changes ->> 'status')::public.work_order_status, w.status),
        assigned_to = coalesce((p_changes ->> 'assigned_to')::uuid, w.assigned_to),
        hold_reason = coalesce((p_changes ->> 'hold_reason')::public.hold_reason, w.hold_reason),
        signature_name = coalesce(p_changes ->> 'signature_name', w.signature_name),
        signature_id = coalesce((p_changes ->> 'signature_id')::uuid, w.signature_id),
        status_note = coalesce(p_changes ->> 'note', case when p_changes ? 'status' then '' else w.status_note end),
        acknowledged_until = case when p_changes ? 'acknowledge' then now() + make_interval(mins => coalesce(
            (p_changes ->> 'acknowledge')::integer, case when private.is_urgent(w.type, w.priority) then 30 else 240 end))
          else w.acknowledged_until end
      where w.id = p_id and (p_version is null or w.version = p_version)
        -- A move to the present status is none.
        and w.status is distinct from (p_changes ->> 'status')::public.work_order_status
      returning * into moved;
    end if;
    if moved.id is null then
      raise exception using errcode = 'PT409', message = 'move_not_open', detail = 'it is not yours to move, or has changed';
    end if;
    perform private.keep_answer(to_jsonb(moved));
    return jsonb_build_object('moved', to_jsonb(moved));
  exception
    when sqlstate 'PT409' then
      get stacked diagnostics code = message_text, words = pg_exception_detail;
    when insufficient_privilege then
      code := 'forbidden';
      words := 'your role does not allow this';
  end;
  return (select jsonb_build_object('refused', code, 'detail', words, 'standing', s)
    from private.standing(p_id) s where s is not null);
end $$;
grant execute on function public.work_order_move(uuid, integer, jsonb) to authenticated;

-- ------------------------------------------------------------------ follow-up work orders

-- Marks an item as an issue and opens the corrective work order for it, in one transaction. Answers with the item, or
-- null when the caller may not decide on it. An item has one follow-up: a second call opens no other, and makes the
-- item an issue again if it was changed in the meantime.
create function public.checklist_issue(p_work_order uuid, p_item uuid, p_version integer, p_notes text, p_follow_up jsonb)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  item public.checklist_items;
  parent public.work_orders;
  opened constant uuid := coalesce((p_follow_up ->> 'id')::uuid, private.uuidv7());
begin
  if private.my_role() = 'contractor' then
    raise insufficient_privilege using message = 'contractors open no work orders';
  end if;
  select * into item from public.checklist_items i
    where i.id = p_item and i.work_order_id = p_work_order and private.works_on(p_work_order)
      and (p_version is null or i.version = p_version) for update;
  if item.id is null then
    return null;
  end if;
  if item.follow_up_id is null then
    select * into parent from public.work_orders where id = p_work_order;
    insert into public.work_orders (id, type, title, description, area, asset_model, equipment_id, priority, requested_by,
        warehouse_id, parent_id, follow_up)
      values (opened, 'corrective', coalesce(p_follow_up ->> 'title', left(item.component || ': ' || item.action, 200)),
        coalesce(p_follow_up ->> 'description', coalesce(p_notes, item.notes)), parent.area, parent.asset_model,
        parent.equipment_id, coalesce((p_follow_up ->> 'priority')::public.priority, parent.priority), auth.uid(),
        parent.warehouse_id, parent.id, true);
  end if;
  if item.follow_up_id is null or item.state <> 'issue' or item.notes <> p_notes then
    update public.checklist_items
      set state = 'issue', notes = coalesce(p_notes, notes), follow_up_id = coalesce(follow_up_id, opened)
      where id = item.id returning * into item;
  end if;
  return to_jsonb(item);
end $$;
grant execute on function public.checklist_issue(uuid, uuid, integer, text, jsonb) to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop trigger was_before on public.time_logs;
drop trigger may_run on public.time_logs;
drop trigger goes_on on public.work_orders;
drop trigger goes_on on public.work_order_relations;
drop trigger goes_on on public.time_logs;
drop trigger goes_on on public.work_order_crew;
drop trigger goes_on on public.checklist_items;
drop trigger stops on public.work_orders;
drop trigger is_acknowledged on public.work_orders;
drop trigger moves on public.work_orders;
drop trigger hands_are_kept on public.work_orders;
drop function public.checklist_issue(uuid, uuid, integer, text, jsonb);
drop function public.work_order_move(uuid, integer, jsonb);
drop function private.lock_below(uuid[]);
drop function private.standing(uuid);
drop function private.time_was_before_the_end();
drop function private.clock_may_run();
drop function private.work_order_goes_on();
drop procedure private.freeze_with_work(regclass, text, text);
drop function private.work_goes_on();
drop function private.work_stops();
drop function private.work_order_is_acknowledged();
drop function private.work_order_moves();
drop function private.may_move(public.work_orders, public.work_order_status, uuid);
drop function private.parts_in(uuid, public.work_order_status, uuid, uuid, uuid, public.profiles);
drop function private.moves();
drop function private.had_a_hand(uuid);
drop function private.hands_are_kept();
drop table private.work_order_hands;
