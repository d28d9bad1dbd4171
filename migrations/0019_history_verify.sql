-- migrate:up
-- Verifies that the histories of work orders are still as they were written: every entry's hash, its link to the one
-- before, positions without gaps, and the head, which knows the length and the end of the history.
--
-- It detects anyone who changes entries. An attacker who also rewrites the heads, and computes every later hash anew,
-- can forge a history that holds together: against that, keep the results of runs (and backups) out of their reach.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- Verifies the histories of the next `p_limit` work orders after `p_after`, in the order of their ids: `{"work_orders",
-- "entries", "broken": [{"work_order_id", "number", "position", "fault", "detail"}], "next"}`. `broken` names the first
-- faulty entry of each work order; `next` is the `p_after` of the next call, null at the end. It is one statement, so
-- that it sees an entry and its head together while others write.
create function private.history_verify(p_after uuid, p_limit integer) returns jsonb
language sql stable set search_path = '' as $$
  with candidates as (
    -- Both tables, because either row may be the one that is missing.
    (select h.work_order_id from private.history_heads h
      where p_after is null or h.work_order_id > p_after order by 1 limit p_limit)
    union
    (select distinct e.work_order_id from public.work_order_history e
      where p_after is null or e.work_order_id > p_after order by 1 limit p_limit)),
  chosen as materialized (select work_order_id from candidates order by 1 limit p_limit),
  entries as materialized (
    select e.work_order_id, e.position, e.hash, e.previous_hash,
      private.history_hash(e) = e.hash as is_itself,
      coalesce(lag(e.position) over chain, 0) as position_before,
      coalesce(lag(e.hash) over chain, '') as hash_before
    from public.work_order_history e join chosen using (work_order_id)
    window chain as (partition by e.work_order_id order by e.position)),
  ends as (
    select work_order_id, count(e.position)::integer as entries, coalesce(max(e.position), 0) as last,
      (array_agg(e.hash order by e.position desc))[1] as hash
    from chosen left join entries e using (work_order_id) group by work_order_id),
  faults (work_order_id, position, fault, detail) as (
    select work_order_id, position_before + 1, 'removed',
      format('entry %s was removed, or moved to another place', position_before + 1)
      from entries where position <> position_before + 1
    union all
    select work_order_id, position, 'altered', format('entry %s was altered: its hash is not that of what it says', position)
      from entries where not is_itself
    union all
    -- This entry is unchanged, so the one before it was rewritten.
    select work_order_id, greatest(position_before, 1), 'altered',
      format('entry %s was rewritten, or the one after it, which carries another hash', greatest(position_before, 1))
      from entries where is_itself and position = position_before + 1 and previous_hash <> hash_before
    union all
    select work_order_id, last, 'altered', format('entry %s was rewritten: the head of the history carries another hash', last)
      from ends join private.history_heads h using (work_order_id)
      where ends.last = h.length and ends.entries > 0 and h.hash <> ends.hash
    union all
    select work_order_id, last + 1, 'cut_off', format('the end was cut off: %s entries were written, %s are left', h.length, entries)
      from ends join private.history_heads h using (work_order_id) where ends.last < h.length
    union all
    select work_order_id, h.length + 1, 'added', format('entry %s was added: %s were written', h.length + 1, h.length)
      from ends join private.history_heads h using (work_order_id) where ends.last > h.length
    union all
    select work_order_id, last, 'head_removed', 'the head of the history was removed: where it ended is not known'
      from ends where not exists (select from private.history_heads h where h.work_order_id = ends.work_order_id)),
  first_faults as (
    select distinct on (work_order_id) work_order_id, position, fault, detail from faults
    -- A fault of an entry itself is told before a fault that follows from it.
    order by work_order_id, position,
      array_position(array['removed', 'altered', 'cut_off', 'added', 'head_removed'], fault))
  select jsonb_build_object(
    'work_orders', (select count(*) from chosen),
    'entries', (select count(*) from entries),
    'broken', (select coalesce(jsonb_agg(jsonb_build_object('work_order_id', f.work_order_id, 'number', w.number,
        'position', f.position, 'fault', f.fault, 'detail', f.detail) order by f.work_order_id), '[]')
      from first_faults f left join public.work_orders w on w.id = f.work_order_id),
    'next', (select c.work_order_id from chosen c order by 1 offset p_limit - 1 limit 1))
$$;

-- The same for administrators, which is judged here: the API cannot know it.
create function public.history_verify(p_after uuid, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  if private.my_role() is distinct from 'admin' then
    raise insufficient_privilege using message = 'only administrators verify the history';
  end if;
  return private.history_verify(p_after, least(greatest(p_limit, 1), 1000));
end $$;
grant execute on function public.history_verify(uuid, integer) to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop function public.history_verify(uuid, integer);
drop function private.history_verify(uuid, integer);
