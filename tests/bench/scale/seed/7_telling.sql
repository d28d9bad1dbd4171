-- Events and notifications, changes for phones, and runs of background functions.

create temp table told as
  select n, work_order_id, warehouse_id, kind::public.event_kind, actor, at, people, pg_temp.id(kind, n, at) as id
  from (
    select n, wo.id as work_order_id, warehouse_id, 'request_received' as kind, requester as actor, at, p.supervisors as people
      from wo join place p on p.no = wo.place_no where type <> 'preventive'
    union all
    select n, id, warehouse_id, 'wo_assigned', supervisor, at + interval '5 minutes', array[assignee] from wo where assignee is not null
    union all
    select n, id, warehouse_id, 'wo_completed', assignee, ended, array[requester] from wo where finished and requester is not null
    union all
    select n, id, warehouse_id, 'wo_escalation', null, at + interval '12 hours', array[managers[1 + pg_temp.pick(n, 51, 4)]]
      from wo, managers where pg_temp.pick(n, 26, 33) = 0
    union all
    select n, null, null, 'system_alert', null, at, admins from wo, managers where n % 1000 = 1) t;
analyze told;
insert into public.events (id, kind, warehouse_id, work_order_id, actor_id, created_at, expanded_at)
  select id, kind, warehouse_id, work_order_id, actor, at, at + interval '1 minute' from told order by at;

create temp table notice as
  select pg_temp.id(kind || person.nth::text, n, t.at + interval '1 minute') as id, t.id as event_id, person.id as recipient_id, kind, work_order_id,
    n, t.at + interval '1 minute' as at, person.nth
  from told t cross join lateral unnest(people) with ordinality person (id, nth);
insert into public.notifications (id, event_id, recipient_id, type, title, body, work_order_id, read_at, created_at)
  select id, event_id, recipient_id, kind, 'WO-' || lpad(n::text, 6, '0') || ': ' || replace(kind::text, '_', ' '),
    'Noise from the gearbox, priority medium, due in three days.', work_order_id,
    case when pg_temp.pick(n, 52, 10) > 0 then at + interval '3 hours' end, at
  from notice order by at;
insert into public.deliveries (id, notification_id, channel, state, attempt, run_at, provider_id, delivered_at, created_at)
  select pg_temp.id('delivery' || kind || nth, n, at), id, 'email', 'delivered', 1, at, 'provider-' || n, at + interval '2 minutes', at
  from notice where pg_temp.pick(n, 53, 5) < 2 order by at;

-- The transactions are those that this cluster has had: they lie in the past of whoever asks, in the order of the work.
with now as (select pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 4 as past)
insert into public.changes (entity, id, place, changed_in, changed_at, gone)
  select entity, id, place, (3 + floor(past * date_part('epoch', at - pg_temp.first_moment())
      / date_part('epoch', interval '1 day' + (pg_temp.last_moment() - pg_temp.first_moment()))))::bigint::text::xid8, at, gone
  from (
    select 'work_orders' as entity, id, warehouse_id as place, updated_at as at, archived_at is not null as gone from public.work_orders
    union all
    select 'equipment', id, warehouse_id, updated_at, false from public.equipment
    union all
    select 'parts', id, warehouse_id, updated_at, archived_at is not null from public.parts
    union all
    select 'profiles', id, coalesce(warehouse_id, '00000000-0000-0000-0000-000000000000'), updated_at, false from public.profiles) d, now
  order by at, id;
insert into private.sync_mutations (caller, mutation, device, entity, fingerprint, base_version, phone_time, at, typed, entity_id, version, said,
    answer, created_at)
  select assignee, pg_temp.id('mutation', n, at), pg_temp.id('device', n % 900, pg_temp.first_moment()), 'work_orders', md5('asked' || n), 1, at, at, '{}', id,
    2, '{}', '{"status": "applied", "version": 2}', at
  from wo where n % 20 = 3 and assignee is not null and at > pg_temp.last_moment() - interval '180 days' order by n;
insert into private.idempotency_keys (caller, key, fingerprint, answer, created_at)
  select supervisor, 'key-' || n, md5('asked' || n), jsonb_build_object('id', id), at
  from wo where at > pg_temp.last_moment() - interval '7 days' order by n;

insert into public.audit_log (id, subject, subject_id, action, changes, actor_id, happened_at)
  select pg_temp.id('audit', n, at), (array['profiles', 'escalation_rules', 'settings', 'pm_templates'])[1 + n / 20 % 4], id, 'update',
    '{"active": {"from": false, "to": true}}', managers[1 + n % 4], at
  from wo, managers where n % 20 = 7 order by n;
insert into public.job_runs (id, function, trigger, scheduled_for, outcome, counts, started_at, finished_at)
  select pg_temp.id('run', n, at), (array['pm-scheduler', 'escalation-checker', 'notification-sender'])[1 + n / 50 % 3], 'cron', at,
    (case when n % 5000 = 9 then 'failed' else 'done' end)::public.run_outcome, '{"generated": 12}', at, at + interval '4 seconds'
  from wo where n % 50 = 9 order by n;
insert into public.dead_letters (id, source, reference, reason, body, created_at, last_seen_at)
  select pg_temp.id('letter', n, at), 'file-processor', 'upload ' || n, 'not a picture', '{}', at, at from wo where n % 10000 = 11 order by n;
