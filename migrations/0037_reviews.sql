-- migrate:up
-- Reviews of what a phone brought too late to be written, where a person has to look: both values, and one decision.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create table public.reviews (
  id uuid primary key default private.uuidv7(),
  warehouse_id uuid not null references public.warehouses (id),
  -- The table of the row that it is about.
  entity text not null,
  entity_id uuid not null,
  -- The work order that it is, or belongs to; null for a machine.
  work_order_id uuid references public.work_orders (id),
  -- Whoever typed it, and when.
  brought_by uuid not null references public.profiles (id),
  made_at timestamptz not null,
  code text not null,
  detail text not null,
  -- `[{"field", "brought", "there"}]`: what the phone brought, and what was there.
  fields jsonb not null check (jsonb_typeof(fields) = 'array'),
  -- `keep`: it stays as it is. `take`: what was brought is written.
  decision text check (decision in ('keep', 'take')),
  note text not null default '' check (private.is_prose(note, 1000)),
  decided_by uuid references public.profiles (id),
  decided_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint reviews_are_decided_once check ((decision is null) = (decided_at is null))
);
-- Of one row, each person has one that waits.
create unique index reviews_waiting on public.reviews (entity, entity_id, brought_by) where decision is null;
create index reviews_by_warehouse on public.reviews (warehouse_id, id);
create index reviews_undecided on public.reviews (warehouse_id, id) where decision is null;
create index reviews_by_work_order on public.reviews (work_order_id) where work_order_id is not null;
create index reviews_by_bringer on public.reviews (brought_by, id);

-- No policy for writes: they come with mutations alone, and `decide_review` decides.
call private.serve('public.reviews');
create policy reviews_read on public.reviews for select to authenticated
  using ((select private.sees_every_warehouse())
    or (warehouse_id = (select private.my_warehouse()) and (select private.my_role()) = 'supervisor')
    or (brought_by = (select auth.uid()) and (select private.my_role()) is not null));

-- The place where it belongs is looked up by the owner: whoever brought something may no longer see where it lies.
create function private.mutation_waits_for_review() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.reviews (warehouse_id, entity, entity_id, work_order_id, brought_by, made_at, code, detail, fields)
    select place.warehouse_id, new.entity, new.entity_id, place.work_order_id, new.caller, new.at,
      coalesce(new.answer ->> 'code', 'decided_otherwise'), coalesce(new.answer ->> 'detail', ''),
      (select coalesce(jsonb_agg(jsonb_build_object('field', f -> 'field', 'brought', f -> 'yours', 'there', f -> 'theirs')), '[]')
        from jsonb_array_elements(new.answer -> 'fields') f where f ->> 'kept' in ('theirs', 'as_comment'))
    from (
      select e.warehouse_id, null::uuid as work_order_id from public.equipment e where new.entity = 'equipment' and e.id = new.entity_id
      union all
      select w.warehouse_id, w.id from public.work_orders w where w.id = case new.entity
        when 'work_orders' then new.entity_id
        when 'checklist_items' then (select i.work_order_id from public.checklist_items i where i.id = new.entity_id)
        when 'time_logs' then (select l.work_order_id from public.time_logs l where l.id = new.entity_id) end) place
  on conflict (entity, entity_id, brought_by) where decision is null do update set
    made_at = excluded.made_at, code = excluded.code, detail = excluded.detail,
    fields = (select coalesce(jsonb_agg(f), '[]') from jsonb_array_elements(reviews.fields) f
        where f -> 'field' not in (select n -> 'field' from jsonb_array_elements(excluded.fields) n)) || excluded.fields;
  return null;
end $$;
create trigger waits_for_review after insert on private.sync_mutations for each row
  when (new.answer ->> 'outcome' = 'needs_review') execute function private.mutation_waits_for_review();

-- Writes a decision, once and for good, if the caller leads there; null if not.
create function private.settle_review(p_review uuid, p_decision text, p_note text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  review public.reviews;
begin
  select * into review from public.reviews r where r.id = p_review and private.is_one_of(r.warehouse_id, 'supervisor') for update;
  if review.id is null then
    return null;
  end if;
  perform private.take_key();
  if review.decision is not null then
    perform private.refuse('review_decided', 'it was decided before, and stays so');
  end if;
  update public.reviews r set decision = p_decision, note = coalesce(p_note, ''), decided_by = auth.uid(), decided_at = now()
    where r.id = review.id returning r.* into review;
  return to_jsonb(review);
end $$;
grant execute on function private.settle_review(uuid, text, text) to authenticated;

-- Decides on a review, and answers with it; null if there is none that the caller decides on. What was brought (`take`) is written
-- with the caller's rights, as if they had typed it now: what is not open to them is refused, and then nothing is decided either.
-- This is no trigger, because writes of triggers are ours and pass over the rules for people.
create function public.decide_review(p_review uuid, p_decision text, p_note text) returns jsonb
language plpgsql set search_path = '' as $$
declare
  told jsonb := private.settle_review(p_review, p_decision, p_note);
  brought jsonb;
  now_there jsonb;
  written integer;
begin
  if told is null then
    return null;
  end if;
  select jsonb_object_agg(f ->> 'field', f -> 'brought') into brought from jsonb_array_elements(told -> 'fields') f;
  if p_decision = 'take' and brought is not null then
    -- A move is judged by where the work is. Anything else is taken over what the review shows, and nothing newer.
    execute format('select to_jsonb(t) from %s t where t.id = $1', private.offline_table(told ->> 'entity'))
      into now_there using (told ->> 'entity_id')::uuid;
    if not (told ->> 'entity' = 'work_orders' and brought ?| array['status', 'assigned_to']) and exists (
        select from jsonb_array_elements(told -> 'fields') f
        where now_there -> (f ->> 'field') is distinct from f -> 'there' and now_there -> (f ->> 'field') is distinct from f -> 'brought') then
      raise exception using errcode = 'PT409', message = 'review_outdated', detail = 'it was written anew since it was brought';
    end if;
    execute private.update_of(private.offline_table(told ->> 'entity'), brought) using brought, (told ->> 'entity_id')::uuid;
    get diagnostics written = row_count;
    if written = 0 then
      raise insufficient_privilege using message = 'what it is about is not yours to change';
    end if;
  end if;
  perform private.keep_answer(told);
  return told;
end $$;
grant execute on function public.decide_review(uuid, text, text) to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop trigger waits_for_review on private.sync_mutations;
drop function private.mutation_waits_for_review();
drop function public.decide_review(uuid, text, text);
drop function private.settle_review(uuid, text, text);
drop table public.reviews;
