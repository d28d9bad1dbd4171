-- Twenty warehouses, the first one much larger than the last, and who works there. The first of each role in the first
-- warehouse asks the questions of the bench: `technician@scale.test` and so on. `contractor.few@scale.test` and
-- `requester.few@scale.test` have next to nothing, and it is old.

create temp table place (
  no bigint primary key, id uuid, code text,
  technicians uuid[], supervisors uuid[], clerks uuid[], contractors uuid[], requesters uuid[]);
insert into place (no, id, code)
  select n, pg_temp.id('warehouse', n, pg_temp.first_moment()), 'WH-' || lpad(n::text, 2, '0') from generate_series(1, 20) n;

insert into public.warehouses (id, code, name, time_zone, public_reports, operating_hours, created_at, updated_at)
  select id, code, 'Warehouse ' || no,
    (array['Europe/Amsterdam', 'Europe/Berlin', 'America/Denver', 'Asia/Singapore', 'UTC'])[1 + no % 5], no % 4 = 0,
    (select jsonb_agg(jsonb_build_object('day', day, 'from', '06:00', 'until', '22:00')) from generate_series(1, 6) day),
    pg_temp.first_moment(), pg_temp.first_moment()
  from place;

insert into public.vendors (id, name, kind, contact_name, email, phone, address, notes, warehouse_id, created_at, updated_at)
  select pg_temp.id('vendor', n, pg_temp.first_moment()), 'Vendor ' || n,
    (case when n % 3 = 0 then 'contractor' else 'supplier' end)::public.vendor_kind, 'Contact ' || n,
    format('contact.%s@vendor.test', n), '+31 10 555 ' || lpad(n::text, 4, '0'), 'Harbour road ' || n, '',
    (select p.id from place p where p.no = n % 40), pg_temp.first_moment(), pg_temp.first_moment()
  from generate_series(1, greatest(20, pg_temp.work_orders() / 5000)) n;
insert into public.vendor_documents (id, vendor_id, kind, title, number, issued_on, expires_on, created_at, updated_at)
  select pg_temp.id('document', n * 4 + i, pg_temp.first_moment()), pg_temp.id('vendor', n, pg_temp.first_moment()),
    (array['certification', 'insurance', 'contract'])[i]::public.document_kind, 'Paper ' || i, 'D-' || n * 4 + i,
    date '2024-11-01' + (n % 300)::integer, date '2026-11-01' + (n % 600)::integer, pg_temp.first_moment(), pg_temp.first_moment()
  from generate_series(1, greatest(20, pg_temp.work_orders() / 5000)) n, generate_series(1, 3) i;

create temp table person as
  select row_number() over (order by role, place.no nulls first, k) as no, role, k, place.no as place_no, place.id as warehouse_id,
    pg_temp.id(role, coalesce(place.no, 0) * 100 + k, pg_temp.first_moment()) as id,
    case
      when coalesce(place.no, 1) = 1 and k = 1 then role
      when place.no = 1 and k = amount and role in ('contractor', 'requester') then role || '.few'
      else format('%s.%s.%s', role, coalesce(place.no, 0), k) end || '@scale.test' as email
  from (values ('technician', 16), ('supervisor', 2), ('inventory_clerk', 2), ('contractor', 5), ('requester', 20),
    ('manager', 4), ('admin', 2)) r (role, amount)
  left join place on role not in ('manager', 'admin')
  cross join lateral generate_series(1, amount) k;
insert into public.profiles (id, email, full_name, role, warehouse_id, vendor_id, created_at, updated_at)
  select id, email, format('%s %s of %s', initcap(replace(role, '_', ' ')), k, coalesce('warehouse ' || place_no, 'all')),
    role::public.user_role, warehouse_id,
    case when role = 'contractor' then pg_temp.id('vendor', 3 * (1 + no % 5), pg_temp.first_moment()) end,
    pg_temp.first_moment(), pg_temp.first_moment()
  from person;

update place set
  technicians = array(select id from person where place_no = place.no and role = 'technician' order by k),
  supervisors = array(select id from person where place_no = place.no and role = 'supervisor' order by k),
  clerks = array(select id from person where place_no = place.no and role = 'inventory_clerk' order by k),
  contractors = array(select id from person where place_no = place.no and role = 'contractor' order by k),
  requesters = array(select id from person where place_no = place.no and role = 'requester' order by k);
create temp table managers as
  select array(select id from person where role = 'manager' order by k) as managers,
    array(select id from person where role = 'admin' order by k) as admins;

insert into public.api_tokens (id, name, role, warehouse_id, created_by, created_at)
  select pg_temp.id('token', n, pg_temp.first_moment()), 'Connection ' || n, 'technician', place.id,
    admins[1], pg_temp.first_moment()
  from generate_series(1, 40) n join place on place.no = 1 + n % 20, managers;
insert into private.api_token_hashes (token_id, hash)
  select pg_temp.id('token', n, pg_temp.first_moment()), pg_temp.sha256('token', n) from generate_series(1, 40) n;
insert into public.profiles (id, email, full_name, role, warehouse_id, service_account, created_at, updated_at)
  select id, format('api-token+%s@millwright.invalid', id), name, role, warehouse_id, true, created_at, created_at
  from public.api_tokens;

insert into public.holidays (id, warehouse_id, on_date, name, created_at, updated_at)
  select pg_temp.id('holiday', place.no * 100 + n, pg_temp.first_moment()), place.id, date '2024-12-01' + (n * 36)::integer,
    'Holiday ' || n, pg_temp.first_moment(), pg_temp.first_moment()
  from place, generate_series(1, 20) n;
insert into public.settings (id, key, warehouse_id, value, created_at, updated_at)
  select pg_temp.id('setting', coalesce(no, 0), pg_temp.first_moment()), 'auto_archive_completed_wo_days', id,
    to_jsonb(90 + coalesce(no, 0) % 3), pg_temp.first_moment(), pg_temp.first_moment()
  from (select no, id from place where no % 4 = 0 union all select null, null) p;

insert into public.notification_settings (id, profile_id, type, channel, enabled, created_at, updated_at)
  select pg_temp.id('wish', no * 4 + i, pg_temp.first_moment()), id, (array['wo_comment', 'wo_completed'])[i]::public.event_kind,
    'email', false, pg_temp.first_moment(), pg_temp.first_moment()
  from person, generate_series(1, 2) i;
insert into public.push_subscriptions (id, profile_id, endpoint, p256dh, auth, user_agent, created_at)
  select pg_temp.id('browser', no, pg_temp.first_moment()), id, 'https://push.test/' || no,
    left(pg_temp.sha256('p256dh', no) || md5('more'), 87), left(md5('auth' || no), 22), 'A browser', pg_temp.first_moment()
  from person;
insert into public.webhooks (id, name, url, event_types, warehouse_id, created_at, updated_at)
  select pg_temp.id('webhook', no, pg_temp.first_moment()), 'System ' || no, 'https://hooks.test/' || no, '{wo_completed}', id,
    pg_temp.first_moment(), pg_temp.first_moment()
  from place;
insert into public.webhook_secrets (id, webhook_id, created_at, updated_at)
  select pg_temp.id('secret', no, pg_temp.first_moment()), pg_temp.id('webhook', no, pg_temp.first_moment()),
    pg_temp.first_moment(), pg_temp.first_moment()
  from place;
analyze place, person;
