-- migrate:up
-- One search across all that people look for.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create index profiles_by_words on public.profiles using gin (private.words('{}', array[full_name, email]));

-- The people that words are found in, as far as the caller knows them; as with machines (equipment).
create function private.profiles_with(q text, first jsonb) returns setof uuid
language plpgsql stable security definer set search_path = '' rows 100 as $$
begin
  return query select * from private.found('public.profiles', 'private.words(''{}'', array[w.full_name, w.email])',
    case when private.sees_every_warehouse() then 'true'
      when private.sees_own_warehouse(private.my_role()) then format('w.warehouse_id = %L', private.my_warehouse())
      else format('w.id = %L', auth.uid()) end,
    null, q, first);
end $$;
create function public.find_profiles(q text, first jsonb default '{}') returns setof public.profiles
language plpgsql stable set search_path = '' rows 100 as $$
begin
  return query select p.* from public.profiles p where p.id = any (array(select private.profiles_with(q, first)));
end $$;

-- The fields of a row that the words of a search are in. `p_codes` and `p_texts` are `{"field": text}`. The words of its long text
-- (`p_long`) are not taken anew: it is named if the row would not have been found without it.
create function private.why_found(p_q text, p_codes jsonb, p_texts jsonb, p_long text) returns text[]
language sql stable set search_path = '' as $$
  with piece as (
    select w.n, w.word, count(*) filter (where w.word = 'or') over (order by w.n) as alternative
    from unnest(private.asked_words(p_q)) with ordinality w (word, n)),
  sought as (
    select p.n, p.alternative, private.sought(p.word) as q from piece p where p.word not like '-%' and p.word <> 'or'),
  field as (
    select c.key, private.words(array[c.value], '{}') as words from jsonb_each_text(p_codes) c where c.value is not null
    union all
    select t.key, private.words('{}', array[t.value]) from jsonb_each_text(p_texts) t where t.value is not null),
  hit as (select s.n, f.key from sought s join field f on f.words @@ s.q)
  select array(select distinct h.key from hit h order by 1) || case
    when not exists (select from sought s where s.q is not null group by s.alternative
      having bool_and(exists (select from hit h where h.n = s.n))) then array[p_long] else '{}' end
$$;
grant execute on function private.profiles_with(text, jsonb), public.find_profiles(text, jsonb),
  private.why_found(text, jsonb, jsonb, text) to authenticated;

-- All that is found, in all lists together, with the caller's rights: `{"found": [{"type", "id", "code", "title", "status",
-- "warehouse_id", "exact", "matched"}], "more": [type]}`. First what has exactly this code, then of each type the first `p_limit`:
-- the newest of work orders, the others by name. `more` names the types of which there are more. Without `p_type` all types are looked through.
create function public.search(p_q text, p_type text, p_limit integer) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  wanted constant text[] := case when p_type is null then array['work_order', 'machine', 'part', 'vendor', 'person'] else array[p_type] end;
  most constant integer := least(greatest(p_limit, 1), 20);
  asked constant text := left(trim(p_q), 100);
  newest constant jsonb := jsonb_build_object('sort', 'id', 'descending', true, 'limit', most + 1);
  by_full_name constant jsonb := jsonb_build_object('sort', 'full_name', 'limit', most + 1);
  by_name constant jsonb := jsonb_build_object('sort', 'name', 'limit', most + 1);
  current constant jsonb := '{"filters": [{"column": "archived_at", "op": "in", "values": [], "or_missing": true}]}';
  people constant jsonb := '{"filters": [{"column": "active", "op": "in", "values": ["true"]},
    {"column": "service_account", "op": "in", "values": ["false"]}]}';
  told jsonb;
begin
  with hit as (
    (select 'work_order' as type, w.id, w.number as code, w.title, w.status::text, w.warehouse_id,
        lower(w.number) = lower(asked) as exact, row_number() over (order by lower(w.number) = lower(asked) desc, w.id desc) as place,
        jsonb_build_object('number', w.number, 'fo_number', w.fo_number, 'asset_model', w.asset_model) as codes,
        jsonb_build_object('title', w.title, 'area', w.area) as texts, 'description' as long
      from (
        select * from public.work_orders o where o.number = upper(asked) and o.archived_at is null
        union
        select * from public.find_work_orders(p_q, newest)) w
      where 'work_order' = any (wanted))
    union all
    (select 'machine', e.id, e.asset_tag, e.name, e.status::text, e.warehouse_id,
        e.asset_tag collate private.alike = asked, row_number() over (order by (e.asset_tag collate private.alike = asked) desc, e.name, e.id),
        jsonb_build_object('asset_tag', e.asset_tag, 'model', e.model, 'serial_number', e.serial_number, 'fo_number', e.fo_number),
        jsonb_build_object('name', e.name, 'manufacturer', e.manufacturer, 'area', e.area), null
      from (
        select m.* from public.warehouses h cross join lateral (
          select * from public.equipment o where o.warehouse_id = h.id and o.asset_tag collate private.alike = asked) m
        union
        select * from public.find_equipment(p_q, by_name)) e
      where 'machine' = any (wanted))
    union all
    (select 'part', p.id, p.part_number, p.name, null, p.warehouse_id,
        p.part_number collate private.alike = asked, row_number() over (order by (p.part_number collate private.alike = asked) desc, p.name, p.id),
        jsonb_build_object('part_number', p.part_number, 'bin', p.bin), jsonb_build_object('name', p.name), null
      from (
        select m.* from public.warehouses h cross join lateral (
          select * from public.parts o where o.warehouse_id = h.id and o.part_number collate private.alike = asked and o.archived_at is null) m
        union
        select * from public.find_parts(p_q, by_name || current)) p
      where 'part' = any (wanted))
    union all
    (select 'vendor', v.id, null, v.name, null, v.warehouse_id, v.name collate private.alike = asked,
        row_number() over (order by (v.name collate private.alike = asked) desc, v.name, v.id),
        jsonb_build_object('name', v.name), jsonb_build_object('contact_name', v.contact_name), null
      from public.find_vendors(p_q) v where 'vendor' = any (wanted) and v.active)
    union all
    (select 'person', p.id, null, p.full_name, p.role::text, p.warehouse_id, p.email collate private.alike = asked,
        row_number() over (order by (p.email collate private.alike = asked) desc, p.full_name, p.id),
        '{}', jsonb_build_object('full_name', p.full_name, 'email', p.email), null
      from public.find_profiles(p_q, by_full_name || people) p where 'person' = any (wanted))),
  line as (
    select h.exact, array_position(wanted, h.type) as type_place, h.place, jsonb_build_object('type', h.type, 'id', h.id, 'code', h.code, 'title', h.title,
      'status', h.status, 'warehouse_id', h.warehouse_id, 'exact', h.exact,
      'matched', private.why_found(p_q, h.codes, h.texts, h.long)) as told
    from hit h where h.place <= most)
  select jsonb_build_object(
    'found', coalesce(jsonb_agg(l.told order by l.exact desc, l.type_place, l.place), '[]'),
    'more', (select coalesce(jsonb_agg(distinct h.type), '[]') from hit h where h.place > most)) into told
  from line l;
  return told;
end $$;
grant execute on function public.search(text, text, integer) to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop function public.search(text, text, integer);
drop function private.why_found(text, jsonb, jsonb, text);
drop function public.find_profiles(text, jsonb);
drop function private.profiles_with(text, jsonb);
drop index public.profiles_by_words;
