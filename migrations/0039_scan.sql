-- migrate:up
-- Labels: anyone who scans a machine's QR code sees the machine and can report a problem, without an account.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- ------------------------------------------------------------------ labels

-- The base address of labels in a machine's warehouse; null without a setting. The gateway serves it as a column, also
-- to people who may not read settings, because it is printed on every label that they see.
create function public.qr_code_base_url(p_machine public.equipment) returns text
language plpgsql stable security definer set search_path = '' as $$
begin
  if private.sees_every_warehouse() or p_machine.warehouse_id = private.my_warehouse() then
    return private.setting('qr_code_base_url', p_machine.warehouse_id, 'null') #>> '{}';
  end if;
  return null;
end $$;
grant execute on function public.qr_code_base_url(public.equipment) to authenticated;

-- Gives a machine another token, so that its present labels lead nowhere: `{"scan_token", "qr_code_base_url"}`, or null
-- when the caller manages no such machine.
create function public.renew_label(p_machine uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  machine public.equipment;
  renewed text;
  answer jsonb;
begin
  -- A refused request takes no key.
  if not exists (select from public.equipment e where e.id = p_machine and private.is_one_of(e.warehouse_id, 'supervisor')) then
    return null;
  end if;
  perform private.take_key();
  update public.equipment_labels l set token = private.scan_token() where l.equipment_id = p_machine
    returning l.token into renewed;
  select * into machine from public.equipment e where e.id = p_machine;
  answer := jsonb_build_object('scan_token', renewed, 'qr_code_base_url', public.qr_code_base_url(machine));
  perform private.keep_answer(answer);
  return answer;
end $$;
grant execute on function public.renew_label(uuid) to authenticated;

-- ------------------------------------------------------------------ reports without an account

-- The few facts of a machine that its label shows; null for a label that is not valid.
create function functions.scan_read(p_token text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select jsonb_build_object(
      'machine', jsonb_build_object('name', e.name, 'model', e.model, 'asset_tag', e.asset_tag, 'area', e.area, 'status', e.status),
      'reports_open', w.public_reports)
    from public.equipment_labels l join public.equipment e on e.id = l.equipment_id
    join public.warehouses w on w.id = e.warehouse_id where l.token = p_token);
end $$;
grant execute on function functions.scan_read(text) to millwright_request_api;

-- Takes the report of anyone with a label: a new work order and, with `p_photo` (`id`, `file_name`, `content_type`,
-- `size_bytes`), the row of its photo. `p_once` (`key`, `fingerprint`) makes a repeated call harmless, and `p_rate`
-- (`subject`, `max`, `seconds`) limits the sender. Answers
--   null                                         there is no such label
--   {"outcome": "closed"}                        the warehouse takes no reports
--   {"outcome": "reused"}                        the key was used for another report
--   {"outcome": "taken", "number", "photo"}      `photo` (`id`, `key_prefix`, `waits` for its bytes), or null
create function functions.scan_report(p_token text, p_report jsonb, p_photo jsonb, p_once jsonb, p_rate jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  machine public.equipment;
  reporters uuid;
  opened public.work_orders;
  photo public.attachments;
  told jsonb;
begin
  select e.* into machine from public.equipment_labels l join public.equipment e on e.id = l.equipment_id
    where l.token = p_token;
  if machine.id is null then
    return null;
  elsif not (select w.public_reports from public.warehouses w where w.id = machine.warehouse_id) then
    return jsonb_build_object('outcome', 'closed');
  end if;
  if p_once ->> 'key' is not null then
    -- The reporter has no account, so the key is kept under an id that is the machine's alone: its own may be a person's, too.
    reporters := md5('reporters at ' || machine.id)::uuid;
    insert into private.idempotency_keys (caller, key, fingerprint)
      values (reporters, p_once ->> 'key', p_once ->> 'fingerprint') on conflict (caller, key) do nothing;
    if not found then
      select k.answer into told from private.idempotency_keys k
        where k.caller = reporters and k.key = p_once ->> 'key' and k.fingerprint = p_once ->> 'fingerprint';
      -- A reporter whose call broke off before the photo was stored may send it now.
      return case when told is null then jsonb_build_object('outcome', 'reused')
        when told -> 'photo' ->> 'id' is null then told
        else jsonb_set(told, '{photo, waits}', to_jsonb(exists (select from public.attachments a
          where a.id = (told -> 'photo' ->> 'id')::uuid and a.state = 'uploaded'))) end;
    end if;
  end if;
  perform private.take_rate('report', p_rate ->> 'subject', (p_rate ->> 'max')::integer, (p_rate ->> 'seconds')::integer);
  insert into public.work_orders (type, title, description, area, asset_model, equipment_id, priority, warehouse_id,
      reporter_name, reporter_contact)
    values ('corrective', p_report ->> 'title', p_report ->> 'description', machine.area, machine.model, machine.id,
      coalesce((p_report ->> 'priority')::public.priority, 'medium'), machine.warehouse_id,
      p_report ->> 'reporter_name', p_report ->> 'reporter_contact')
    returning * into opened;
  if p_photo ->> 'id' is not null then
    insert into public.attachments (id, work_order_id, file_name, content_type, size_bytes)
      values ((p_photo ->> 'id')::uuid, opened.id, p_photo ->> 'file_name', p_photo ->> 'content_type',
        (p_photo ->> 'size_bytes')::bigint)
      returning * into photo;
  end if;
  told := jsonb_build_object('outcome', 'taken', 'number', opened.number, 'photo',
    case when photo.id is not null then jsonb_build_object('id', photo.id, 'key_prefix', private.key_prefix(photo), 'waits', true) end);
  update private.idempotency_keys k set answer = told
    where k.caller = reporters and k.key = p_once ->> 'key';
  return told;
end $$;
grant execute on function functions.scan_report(text, jsonb, jsonb, jsonb, jsonb) to millwright_request_api;

-- migrate:down
set local lock_timeout = '5s';
drop function functions.scan_report(text, jsonb, jsonb, jsonb, jsonb);
drop function functions.scan_read(text);
drop function public.renew_label(uuid);
drop function public.qr_code_base_url(public.equipment);
