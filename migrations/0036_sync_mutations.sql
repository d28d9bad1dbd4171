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
  -- The table of the row that it is done to: ids are of their table alone, because clients make them.
  entity text not null,
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
create index sync_mutations_by_row on private.sync_mutations (entity_id, version) where said <> '{}';
create index sync_mutations_by_age on private.sync_mutations (created_at);

alter table private.sync_mutations enable row level security;

-- ------------------------------------------------------------------ reading

-- The caller's mutations that are already known, in the order in which they are named; none for someone who is not
-- active.
create function private.known_mutations(p_mutations uuid[])
returns table (mutation uuid, fingerprint text, answer jsonb)
language sql stable security definer set search_path = '' as $$
  select m.mutation, m.fingerprint, m.answer
  from unnest(p_mutations) with ordinality a (id, nth) join private.sync_mutations m on m.mutation = a.id
  where m.caller = auth.uid() and private.my_role() is not null
  order by a.nth
$$;
grant execute on function private.known_mutations(uuid[]) to authenticated;

-- What was written on a row of a work order, and what phones said about it: as much as decides on changes of these fields
-- that were made over these versions, and no more, however often it was written. A bound of each part is named there.
--
-- `{"since", "written"}`: what was written up to that version is not known; everything else is as the domain's `Written`
-- has it, one field each. `typed_over`: a later one was typed over it. Phones of others have other names here: whoever
-- knew one could speak as it.
create function private.written_on(p_entity text, p_subject uuid, p_device uuid, p_fields text[], p_bases integer[]) returns jsonb
language sql stable security definer set search_path = '' as $$
  with recent as materialized (
    (select h.version, h.position as nth, h.changes, h.happened_at as at, h.mutation_id as mutation, h.actor_id as caller
      from public.work_order_history h
      where h.subject_id = p_subject and h.subject = rtrim(p_entity, 's') and h.version is not null
      order by h.position desc limit 5000)
    union all
    (select s.version, 2147483647, s.said, s.at, s.mutation, s.caller
      from private.sync_mutations s where s.entity_id = p_subject and s.entity = p_entity and s.said <> '{}'
      order by s.version desc limit 5000)),
  writes as materialized (
    select r.version, r.nth, r.changes, coalesce(m.at, r.at) as at, m.mutation, m.phone_time, m.base_version, m.typed,
      coalesce(m.device = p_device, false) as own,
      case when m.device = p_device then m.device else md5(m.device::text)::uuid end as device
    from recent r left join private.sync_mutations m on m.mutation = r.mutation and m.caller = r.caller),
  -- Of each field. `base` is the number of asked versions that it is later than.
  each as materialized (
    select w.*, k.field, row_number() over () as key,
      width_bucket(w.version - 1, array(select b from unnest(p_bases) b order by b)) as base,
      coalesce(max(least(coalesce(w.base_version, w.version - 1), w.version - 1)) over later >= w.version, false)
        or coalesce(max(w.phone_time) over later_there > w.phone_time, false) as typed_over
    from writes w cross join lateral jsonb_object_keys(w.changes) k (field)
    where k.field = any (p_fields)
    window later as (partition by k.field order by w.version desc groups between unbounded preceding and 1 preceding),
      later_there as (partition by k.field, w.device order by w.version desc
        groups between unbounded preceding and 1 preceding)),
  counted as materialized (
    select e.*,
      row_number() over (partition by e.field, e.own order by e.phone_time desc, e.version desc) as by_phone,
      row_number() over (partition by e.field, e.own, e.base > 0 order by e.version desc, e.nth desc) as newest,
      row_number() over (partition by e.field, e.own, e.base > 0, e.typed_over order by e.version desc, e.nth desc) as beside,
      max(e.at) over (partition by e.field, e.own, e.base > 0 order by e.version, e.nth) as until
    from each e),
  picked (key, why) as (
    -- What is typed over something counts as later.
    (select distinct on (base, field) key, 'known' from counted order by base, field, at desc)
    -- What the phone showed, and who was last.
    union all
    (select distinct on (base, field) key, 'first' from counted where base > 0 and not own
      order by base, field, version, nth)
    union all
    (select distinct on (base, field) key, 'last' from counted where base > 0 and not own
      order by base, field, at desc, mutation desc nulls last)
    -- What was typed on it before and after.
    union all
    select key, 'own' from counted where own and by_phone <= 20
    -- Texts side by side; more than 50 are not made one.
    union all
    select key, 'beside' from counted where base > 0 and not own and not typed_over and beside <= 51
    -- Which keys of an object were touched: by the newest twenty, and all that came before them counts as one.
    union all
    select key, 'newest' from counted where base > 0 and not own
      and case when newest <= 21 then jsonb_typeof(changes -> field -> 'to') = 'object' end),
  chosen as (select key, array_agg(why) as why from picked group by key),
  told as (
    select c.version, c.nth, c.key, jsonb_build_object('version', c.version, 'mutation', c.mutation, 'device', c.device,
      'phone_time', c.phone_time, 'base_version', c.base_version, 'typed_over', c.typed_over,
      'at', case when 'newest' = any (why) and c.newest = 21 then c.until else c.at end,
      'changes', jsonb_build_object(c.field, case
        when 'first' = any (why) then c.changes -> c.field
        when 'newest' = any (why) and c.newest = 21 then jsonb_build_object('to', c.changes -> c.field -> 'to', 'from',
          (select f.changes -> f.field -> 'from' from counted f
            where f.field = c.field and not f.own and f.base > 0 order by f.version, f.nth limit 1))
        when 'newest' = any (why) then c.changes -> c.field
        else '{}' end),
      'typed', case
        when c.own and c.typed ? c.field then jsonb_build_object(c.field, c.typed -> c.field)
        when c.own then '{}'
        when 'beside' = any (why) then
          jsonb_build_object(c.field, coalesce(c.typed -> c.field, c.changes -> c.field -> 'to'))
        end) as write
    from chosen join counted c using (key)
    union all
    -- Whether anybody else wrote anything.
    (select w.version, w.nth, 0, jsonb_build_object('version', w.version, 'at', w.at, 'device', w.device, 'changes', '{}'::jsonb)
      from writes w where not w.own order by w.version desc limit 1))
  select jsonb_build_object(
    'since', coalesce((select max(s.since) from (
      select min(r.version) - 1 as since from recent r group by r.nth = 2147483647 having count(*) = 5000) s), 0),
    'written', (select coalesce(jsonb_agg(t.write order by t.version, t.nth, t.key), '[]') from told t))
$$;
grant execute on function private.written_on(text, uuid, uuid, text[], integer[]) to authenticated;

-- `{"known": […], "rows": […], "later": […]}`: the outcome of these mutations, and these rows (`[{"entity", "id", "fields",
-- "bases"}]`, with the fields that change and the versions that they were changed over) as the caller may see them. An
-- answer has its bound: the ids of what is left out for it are `later`, the last ones of those that are named.
create function public.sync_look(p_device uuid, p_mutations uuid[], p_rows jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  -- Each of the two lists ends with what goes over this: a worker holds them, and the request, several times.
  room constant integer := 4194304;
  begun constant timestamptz := clock_timestamp();
  known jsonb;
  rows jsonb[] := '{}';
  later uuid[];
  size bigint := 0;
  seen record;
  told jsonb;
begin
  -- As many as one request may bring.
  if jsonb_array_length(p_rows) > 500 or cardinality(p_mutations) > 500 then
    raise invalid_parameter_value using message = 'too many mutations at once';
  end if;
  select coalesce(jsonb_agg(jsonb_build_object('mutation', k.mutation, 'fingerprint', k.fingerprint, 'answer', k.answer))
      filter (where k.before < room), '[]'), coalesce(array_agg(k.mutation) filter (where k.before >= room), '{}')
    into known, later
    from (select m.*, coalesce(sum(octet_length(m.fingerprint) + octet_length(m.answer::text))
        over (rows between unbounded preceding and 1 preceding), 0) as before
      from private.known_mutations(p_mutations) m) k;
  for seen in
    with asked as (
      select r ->> 'entity' as entity, (r ->> 'id')::uuid as id, nth,
        array(select jsonb_array_elements_text(r -> 'fields')) as fields,
        array(select b::integer from jsonb_array_elements_text(r -> 'bases') b) as bases
      from jsonb_array_elements(p_rows) with ordinality a (r, nth)),
    found as (
      select a.*, to_jsonb(w) as columns, w.id as work_order_id, private.standing(w.id) as standing
      from asked a join public.work_orders w using (id) where a.entity = 'work_orders'
      union all
      select a.*, to_jsonb(i), i.work_order_id, null
      from asked a join public.checklist_items i using (id) where a.entity = 'checklist_items'
      union all
      select a.*, to_jsonb(t), t.work_order_id, null
      from asked a join public.time_logs t using (id) where a.entity = 'time_logs'
      union all
      select a.*, to_jsonb(e), null, null
      from asked a join public.equipment e using (id) where a.entity = 'equipment')
    select f.*, w.status as work_order_status from found f left join public.work_orders w on w.id = f.work_order_id order by f.nth
  loop
    -- Nor does the last of them wait until the statement is ended.
    if size >= room or clock_timestamp() > begun + interval '2 seconds' then
      later := later || seen.id;
      continue;
    end if;
    told := jsonb_build_object('entity', seen.entity, 'id', seen.id, 'row', seen.columns, 'work_order_id', seen.work_order_id,
        'work_order_status', seen.work_order_status, 'standing', seen.standing)
      || case when seen.work_order_id is null then '{}'
        else private.written_on(seen.entity, seen.id, p_device, seen.fields, seen.bases) end;
    size := size + octet_length(told::text);
    rows := rows || told;
  end loop;
  return jsonb_build_object('known', known, 'rows', to_jsonb(rows), 'later', to_jsonb(later));
end $$;
grant execute on function public.sync_look(uuid, uuid[], jsonb) to authenticated;

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
-- What lies below a work order (`p_rows` among it) comes before it, as for everyone who changes that alone.
create function private.lock_rows(p_rows uuid[], p_work_orders uuid[], p_equipment uuid[], p_parts uuid[], p_meters uuid[])
returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform private.only_the_request_api();
  perform from public.checklist_items i where i.id = any (p_rows) and i.work_order_id = any (p_work_orders)
    order by i.id for no key update;
  perform from public.time_logs t where t.work_order_id = any (p_work_orders) and (t.id = any (p_rows) or t.stopped_at is null)
    order by t.id for no key update;
  perform private.lock_below(p_work_orders);
  perform from public.work_orders w where w.id = any (p_work_orders) order by w.id for no key update;
  perform from public.equipment e where e.id = any (p_equipment) order by e.id for no key update;
  perform from public.parts p where p.id = any (p_parts) order by p.id for update;
  perform from public.meters m where m.id = any (p_meters) order by m.id for update;
end $$;
grant execute on function private.lock_rows(uuid[], uuid[], uuid[], uuid[], uuid[]) to authenticated;

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
  perform private.lock_rows(rows,
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
  insert into private.sync_mutations (caller, mutation, device, entity, fingerprint, base_version, phone_time, at, typed,
      entity_id, version, said, answer)
    values (auth.uid(), (p_item ->> 'mutation')::uuid, p_device, p_item ->> 'entity', p_item ->> 'fingerprint',
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

-- A statement that sets columns (`$1`, an object) of the row of a table with the id `$2`. Column names come from the declarations
-- of resources.
create function private.update_of(p_table regclass, p_set jsonb) returns text language sql stable set search_path = '' as $$
  select format('update %1$s t set (%2$s) = (select %2$s from jsonb_populate_record(null::%1$s, $1)) where t.id = $2', p_table,
    (select string_agg(quote_ident(c), ', ') from jsonb_object_keys(p_set) c))
$$;
grant execute on function private.update_of(regclass, jsonb) to authenticated;

-- One write, with the caller's rights.
create function private.write_offline(p_op jsonb) returns void language plpgsql set search_path = '' as $$
declare
  place constant regclass := private.offline_table(p_op ->> 'entity');
  row_ constant jsonb := coalesce(p_op -> 'row', p_op -> 'set');
  now integer;
  written integer;
begin
  if p_op ->> 'do' = 'open' then
    execute format('insert into %1$s (%2$s) select %2$s from jsonb_populate_record(null::%1$s, $1)', place,
      (select string_agg(quote_ident(c), ', ') from jsonb_object_keys(row_) c)) using row_;
    return;
  end if;
  execute private.update_of(place, row_) || ' and t.version = $3'
    using row_, (p_op ->> 'id')::uuid, (p_op ->> 'version')::integer;
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

-- Nobody has written yet what is left to a person to look at. So it is tried, and undone: those who may not write it bring nothing
-- for anyone to take. A refusal by the state of the row is what has to be looked at.
create function private.must_be_theirs_to_write(p_item jsonb) returns void language plpgsql set search_path = '' as $$
declare
  place constant regclass := private.offline_table(p_item ->> 'entity');
  brought constant jsonb := (select jsonb_object_agg(f ->> 'field', f -> 'yours')
    from jsonb_array_elements(p_item -> 'answer' -> 'fields') f);
  written integer;
begin
  if brought is null then
    return;
  end if;
  execute private.update_of(place, brought) using brought, (p_item ->> 'entity_id')::uuid;
  get diagnostics written = row_count;
  raise sqlstate 'PT000';
exception
  when sqlstate 'PT000' then
    if written = 0 then
      raise insufficient_privilege using message = 'not theirs to change';
    end if;
  when sqlstate 'PT409' then
    null;
  when integrity_constraint_violation or data_exception then
    null;
end $$;
grant execute on function private.must_be_theirs_to_write(jsonb) to authenticated;

-- Writes decided mutations for a person. Answers for each, in order, `{"done": true}`, `{"stale": true}` (the row has
-- changed, or there was no time left: decide again), `{"known": {"fingerprint", "answer"}}` (it was applied before) or `{"refused": {"code",
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
  -- What was written by then is kept. A call that is ended by the database keeps nothing, and would be the same the next time.
  ends constant timestamptz := clock_timestamp() + interval '4 seconds';
begin
  perform private.speak_for(p_person);
  -- As many as one request may bring: they hold their locks until the end.
  if jsonb_array_length(p_items) > 500 then
    raise invalid_parameter_value using message = 'too many mutations at once';
  end if;
  perform private.lock_for_sync(p_items);
  for item in select * from jsonb_array_elements(p_items) loop
    if clock_timestamp() > ends then
      told := told || '{"stale": true}'::jsonb;
      continue;
    end if;
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
        if item -> 'answer' ->> 'outcome' = 'needs_review' then
          perform private.must_be_theirs_to_write(item);
        end if;
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
drop function private.must_be_theirs_to_write(jsonb);
drop function private.must_be_seen(text, uuid);
drop function private.write_offline(jsonb);
drop function private.update_of(regclass, jsonb);
drop function private.take_mutation(uuid, jsonb);
drop function private.lock_for_sync(jsonb);
drop function private.lock_rows(uuid[], uuid[], uuid[], uuid[], uuid[]);
drop function private.offline_table(text);
drop function public.sync_look(uuid, uuid[], jsonb);
drop function private.written_on(text, uuid, uuid, text[], integer[]);
drop function private.known_mutations(uuid[]);
drop function private.are_changes(jsonb);
