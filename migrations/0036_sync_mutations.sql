-- migrate:up
-- The mutations of phones that were offline. The domain crate decides on them; here they are looked up, and written
-- once, each one entirely or not at all. Decisions come from the request API alone, and are judged again as far as the
-- database can: as the person they are made for.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- `{"field": {"from": …, "to": …}}`, as the history of a row has it: what is kept must be readable for good.
create function private.are_changes(p_said jsonb) returns boolean language sql immutable set search_path = '' as $$
  select jsonb_typeof(p_said) = 'object' and not exists (
    select from jsonb_each(case jsonb_typeof(p_said) when 'object' then p_said else '{}' end) s
    where jsonb_typeof(s.value) <> 'object' or not s.value ?& array['from', 'to'])
$$;

create table private.sync_mutations (
  caller uuid not null,
  -- The id that the phone gave it.
  mutation uuid not null,
  device uuid not null,
  fingerprint text not null,
  base_version integer,
  -- The time by the phone's own clock, which gives the order of its mutations, however wrong it is; and the time by ours,
  -- never before the version it was typed over.
  phone_time timestamptz not null check (phone_time between '1900-01-01 00:00Z' and '2200-01-01 00:00Z'),
  at timestamptz not null check (at >= '2000-01-01 00:00Z'),
  -- All that was typed, and the part of it that counts as said about the row, although nothing was written for it.
  typed jsonb not null check (jsonb_typeof(typed) = 'object' and octet_length(typed::text) <= 131072),
  entity_id uuid not null,
  version integer,
  said jsonb not null check (private.are_changes(said) and octet_length(said::text) <= 262144),
  answer jsonb not null check (jsonb_typeof(answer) = 'object'),
  created_at timestamptz not null default now(),
  primary key (caller, mutation),
  -- Two clocks of ours may be some minutes apart; later than that is never: it would win over everyone.
  constraint sync_mutations_were_made_by_now check (private.has_happened(at))
);
create index sync_mutations_by_name on private.sync_mutations (mutation);
create index sync_mutations_by_row on private.sync_mutations (entity_id) where said <> '{}';
create index sync_mutations_by_age on private.sync_mutations (created_at);

alter table private.sync_mutations enable row level security;

-- ------------------------------------------------------------------ reading

-- The caller's mutations that are already known; none for someone who is not active.
create function private.known_mutations(p_mutations uuid[])
returns table (mutation uuid, fingerprint text, answer jsonb)
language sql stable security definer set search_path = '' as $$
  select m.mutation, m.fingerprint, m.answer from private.sync_mutations m
  where m.caller = auth.uid() and m.mutation = any (p_mutations) and private.my_role() is not null
$$;
grant execute on function private.known_mutations(uuid[]) to authenticated;

-- Every version of a row of a work order: written ones, and values that phones said about it.
create function private.written_on(p_work_order uuid, p_subject uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('version', w.version, 'changes', w.changes, 'at', coalesce(m.at, w.at),
      'mutation', m.mutation, 'device', m.device, 'phone_time', m.phone_time, 'base_version', m.base_version, 'typed', m.typed)
      order by w.version, w.nth), '[]')
  from (
    select h.version, h.position as nth, h.changes, h.happened_at as at, h.mutation_id as mutation, h.actor_id as caller
    from public.work_order_history h
    where h.work_order_id = p_work_order and h.subject_id = p_subject and h.version is not null
    union all
    select s.version, 2147483647, s.said, s.at, s.mutation, s.caller
    from private.sync_mutations s where s.entity_id = p_subject and s.said <> '{}'
  ) w left join private.sync_mutations m on m.mutation = w.mutation and m.caller = w.caller
$$;
grant execute on function private.written_on(uuid, uuid) to authenticated;

-- `{"known": […], "rows": […]}`: the outcome of these mutations, and these rows (`[{"entity", "id"}]`) as the caller
-- may see them.
create function public.sync_look(p_mutations uuid[], p_rows jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    with asked as (select r ->> 'entity' as entity, (r ->> 'id')::uuid as id from jsonb_array_elements(p_rows) r),
    seen as (
      select 'work_orders' as entity, w.id, to_jsonb(w) as columns, w.id as work_order_id,
        private.standing(w.id) as standing
      from asked a join public.work_orders w using (id) where a.entity = 'work_orders'
      union all
      select 'checklist_items', i.id, to_jsonb(i), i.work_order_id, null
      from asked a join public.checklist_items i using (id) where a.entity = 'checklist_items'
      union all
      select 'time_logs', t.id, to_jsonb(t), t.work_order_id, null
      from asked a join public.time_logs t using (id) where a.entity = 'time_logs'
      union all
      select 'equipment', e.id, to_jsonb(e), null, null
      from asked a join public.equipment e using (id) where a.entity = 'equipment')
    select jsonb_build_object(
      'known', (select coalesce(jsonb_agg(to_jsonb(k)), '[]') from private.known_mutations(p_mutations) k),
      'rows', (select coalesce(jsonb_agg(jsonb_build_object('entity', s.entity, 'id', s.id, 'row', s.columns,
          'work_order_id', s.work_order_id, 'work_order_status', w.status, 'standing', s.standing,
          'written', case when s.work_order_id is null then '[]' else private.written_on(s.work_order_id, s.id) end)), '[]')
        from seen s left join public.work_orders w on w.id = s.work_order_id)));
end $$;
grant execute on function public.sync_look(uuid[], jsonb) to authenticated;

-- ------------------------------------------------------------------ writing

-- The table of a word that phones write to.
create function private.offline_table(p_entity text) returns regclass language plpgsql stable set search_path = '' as $$
begin
  if p_entity is null or p_entity not in ('work_orders', 'checklist_items', 'time_logs', 'comments', 'part_transactions',
      'meter_readings', 'equipment') then
    raise insufficient_privilege using message = 'phones do not write there';
  end if;
  return format('public.%I', p_entity)::regclass;
end $$;
grant execute on function private.offline_table(text) to authenticated;

-- Locks rows, each table in the order of ids, so that two phones that come back at once wait for each other and cannot
-- deadlock. Whoever writes a part's movement or a meter's reading may not lock the part or the meter, so the owner does.
create function private.lock_rows(p_work_orders uuid[], p_equipment uuid[], p_parts uuid[], p_meters uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform private.only_the_request_api();
  perform from public.work_orders w where w.id = any (p_work_orders) order by w.id for no key update;
  perform from public.equipment e where e.id = any (p_equipment) order by e.id for no key update;
  perform from public.parts p where p.id = any (p_parts) order by p.id for update;
  perform from public.meters m where m.id = any (p_meters) order by m.id for update;
end $$;
grant execute on function private.lock_rows(uuid[], uuid[], uuid[], uuid[]) to authenticated;

-- Locks all that some mutations will write, as far as the caller sees it: nobody's row waits for someone who only knows
-- its id.
create function private.lock_for_sync(p_items jsonb) returns void language plpgsql set search_path = '' as $$
declare
  ops constant jsonb := jsonb_path_query_array(p_items, '$[*].ops[*]');
  rows constant uuid[] := array(select (op ->> 'id')::uuid from jsonb_array_elements(ops) op where op ? 'id');
  above constant uuid[] := array(
    select (op -> 'row' ->> 'work_order_id')::uuid from jsonb_array_elements(ops) op
    union select i.work_order_id from public.checklist_items i where i.id = any (rows)
    union select t.work_order_id from public.time_logs t where t.id = any (rows));
begin
  perform private.lock_rows(
    array(select w.id from public.work_orders w where w.id = any (rows || above)),
    array(select e.id from public.equipment e where e.id = any (rows)),
    array(select p.id from public.parts p
      where p.id = any (array(select (op -> 'row' ->> 'part_id')::uuid from jsonb_array_elements(ops) op))),
    array(select m.id from public.meters m
      where m.id = any (array(select (op -> 'row' ->> 'meter_id')::uuid from jsonb_array_elements(ops) op))));
end $$;
grant execute on function private.lock_for_sync(jsonb) to authenticated;

-- Records a mutation once. Answers with its record if it was there already.
create function private.take_mutation(p_device uuid, p_item jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  unknown text;
begin
  perform private.only_the_request_api();
  select k into unknown from jsonb_object_keys(p_item -> 'said') k where not exists (
    select from pg_catalog.pg_attribute a
    where a.attrelid = private.offline_table(p_item ->> 'entity') and a.attname = k and a.attnum > 0);
  if unknown is not null then
    raise invalid_parameter_value using message = format('%s has no %s', p_item ->> 'entity', unknown);
  end if;
  insert into private.sync_mutations (caller, mutation, device, fingerprint, base_version, phone_time, at, typed,
      entity_id, version, said, answer)
    values (auth.uid(), (p_item ->> 'mutation')::uuid, p_device, p_item ->> 'fingerprint',
      (p_item ->> 'base_version')::integer, (p_item ->> 'phone_time')::timestamptz, (p_item ->> 'at')::timestamptz,
      p_item -> 'typed', (p_item ->> 'entity_id')::uuid, (p_item -> 'answer' ->> 'version')::integer, p_item -> 'said',
      p_item -> 'answer')
    on conflict do nothing;
  if found then
    return null;
  end if;
  return (select jsonb_build_object('fingerprint', m.fingerprint, 'answer', m.answer) from private.sync_mutations m
    where m.caller = auth.uid() and m.mutation = (p_item ->> 'mutation')::uuid);
end $$;
grant execute on function private.take_mutation(uuid, jsonb) to authenticated;

-- One write, with the caller's rights. Column names come from the declarations of resources.
create function private.write_offline(p_op jsonb) returns void language plpgsql set search_path = '' as $$
declare
  place constant regclass := private.offline_table(p_op ->> 'entity');
  row_ constant jsonb := coalesce(p_op -> 'row', p_op -> 'set');
  columns constant text := (select string_agg(quote_ident(c), ', ') from jsonb_object_keys(row_) c);
  now integer;
  written integer;
begin
  if p_op ->> 'do' = 'open' then
    execute format('insert into %1$s (%2$s) select %2$s from jsonb_populate_record(null::%1$s, $1)', place, columns)
      using row_;
    return;
  end if;
  execute format('update %1$s t set (%2$s) = (select %2$s from jsonb_populate_record(null::%1$s, $1))
    where t.id = $2 and t.version = $3', place, columns) using row_, (p_op ->> 'id')::uuid, (p_op ->> 'version')::integer;
  get diagnostics written = row_count;
  if written = 0 then
    execute format('select t.version from %s t where t.id = $1', place) into now using (p_op ->> 'id')::uuid;
    if now = (p_op ->> 'version')::integer then
      raise insufficient_privilege using message = 'not theirs to change';
    end if;
    raise sqlstate 'PT412' using message = 'changed_since';
  end if;
end $$;
grant execute on function private.write_offline(jsonb) to authenticated;

-- A mutation is about a row that the caller sees, or has just opened: what is said about others is no business of theirs.
create function private.must_be_seen(p_entity text, p_id uuid) returns void language plpgsql set search_path = '' as $$
declare
  seen boolean;
begin
  execute format('select exists (select from %s t where t.id = $1)', private.offline_table(p_entity)) into seen using p_id;
  if not seen then
    raise insufficient_privilege using message = 'not theirs to speak of';
  end if;
end $$;
grant execute on function private.must_be_seen(text, uuid) to authenticated;

-- Writes decided mutations for a person. Answers for each, in order, `{"done": true}`, `{"stale": true}` (the row has
-- changed: decide again), `{"known": {"fingerprint", "answer"}}` (it was applied before) or `{"refused": {"code",
-- "message", "details"}}`.
create function functions.sync_apply(p_person uuid, p_device uuid, p_items jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  item jsonb;
  op jsonb;
  known jsonb;
  became jsonb;
  told jsonb[] := '{}';
  state text;
  words text;
  more text;
begin
  perform private.speak_for(p_person);
  -- As many as one request may bring: they hold their locks until the end.
  if jsonb_array_length(p_items) > 500 then
    raise invalid_parameter_value using message = 'too many mutations at once';
  end if;
  perform private.lock_for_sync(p_items);
  for item in select * from jsonb_array_elements(p_items) loop
    begin
      perform set_config('millwright.mutation', item ->> 'mutation', true);
      known := private.take_mutation(p_device, item);
      if known is not null then
        became := jsonb_build_object('known', known);
      else
        became := '{"done": true}';
        for op in select * from jsonb_array_elements(item -> 'ops') loop
          perform private.write_offline(op);
        end loop;
        perform private.must_be_seen(item ->> 'entity', (item ->> 'entity_id')::uuid);
      end if;
    exception when others then
      get stacked diagnostics state = returned_sqlstate, words = message_text, more = pg_exception_detail;
      if state = 'PT412' then
        became := '{"stale": true}';
      elsif state = '42501' or left(state, 2) in ('22', '23') or left(state, 3) = 'PT4' then
        became := jsonb_build_object('refused', jsonb_build_object('code', state, 'message', words, 'details', more));
      else
        raise;
      end if;
    end;
    told := told || became;
  end loop;
  perform set_config('millwright.mutation', '', true);
  return to_jsonb(told);
end $$;
grant execute on function functions.sync_apply(uuid, uuid, jsonb) to millwright_request_api;

-- migrate:down
set local lock_timeout = '5s';
drop table private.sync_mutations;
drop function functions.sync_apply(uuid, uuid, jsonb);
drop function private.must_be_seen(text, uuid);
drop function private.write_offline(jsonb);
drop function private.take_mutation(uuid, jsonb);
drop function private.lock_for_sync(jsonb);
drop function private.lock_rows(uuid[], uuid[], uuid[], uuid[]);
drop function private.offline_table(text);
drop function public.sync_look(uuid[], jsonb);
drop function private.written_on(uuid, uuid);
drop function private.known_mutations(uuid[]);
drop function private.are_changes(jsonb);
