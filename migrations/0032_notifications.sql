-- migrate:up
-- From the outbox to people: notifications are shown in the inbox, deliveries reach people elsewhere.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create type public.channel as enum ('email', 'push', 'slack', 'webhook', 'sms');
create type public.delivery_state as enum ('ready', 'running', 'delivered', 'dead');

-- ------------------------------------------------------------------ the inbox

create table public.notifications (
  id uuid primary key default private.uuidv7(),
  type public.event_kind not null,
  title text not null,
  body text not null,
  work_order_id uuid references public.work_orders (id),
  read_at timestamptz check (private.is_moment(read_at) and private.has_happened(read_at)),
  recipient_id uuid not null references public.profiles (id),
  event_id uuid not null references public.events (id),
  created_at timestamptz not null default now(),
  unique (event_id, recipient_id)
);
create index notifications_by_work_order on public.notifications (work_order_id);
create index notifications_inbox on public.notifications (recipient_id, id desc);
create index notifications_unread on public.notifications (recipient_id, id desc) where read_at is null;

alter table public.notifications enable row level security;
create policy notifications_read on public.notifications for select to authenticated
  using (recipient_id = (select auth.uid()) and (select private.my_role()) is not null);
-- Its owner marks it read, and unread again.
create policy notifications_mark on public.notifications for update to authenticated
  using (recipient_id = (select auth.uid()) and (select private.my_role()) is not null);
grant select on public.notifications to authenticated;
grant update (read_at) on public.notifications to authenticated;

-- ------------------------------------------------------------------ deliveries

-- Another trigger on it: unwanted deliveries are left out (channels_and_webhooks).
create table public.deliveries (
  id uuid primary key default private.uuidv7(),
  notification_id uuid not null references public.notifications (id),
  channel public.channel not null,
  state public.delivery_state not null default 'ready',
  attempt smallint not null default 0,
  run_at timestamptz not null default clock_timestamp(),
  claim_id uuid,
  lease_until timestamptz,
  provider_id text,
  last_error text,
  delivered_at timestamptz,
  created_at timestamptz not null default now(),
  unique (notification_id, channel)
);
create index deliveries_waiting on public.deliveries (run_at, id) where state in ('ready', 'running');

alter table public.deliveries enable row level security;
create policy deliveries_read on public.deliveries for select to authenticated
  using ((select private.sees_every_warehouse()));
grant select on public.deliveries to authenticated;

-- ------------------------------------------------------------------ a firing of the sender

-- Events that are not yet notifications, each with the contents of a message and everyone who might be told. API tokens
-- are never told. Those that could not be told of are met again the next day: they must not fill the page.
create function functions.events_waiting(p_limit integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  return (select coalesce(jsonb_agg(to_jsonb(waiting) order by waiting.id), '[]') from (
    select e.id, e.kind, e.details, e.actor_id,
      (select to_jsonb(wo) from (select w.id, w.number, w.title, w.type, w.priority, w.due_at) wo) as work_order,
      coalesce((select jsonb_agg(jsonb_build_object('id', p.id, 'role', p.role,
          'assignee', p.id is not distinct from w.assigned_to,
          'requester', p.id is not distinct from w.requested_by) order by p.id)
        from public.profiles p
        where p.active and not p.service_account
          and (private.sees_all(p.role) or p.warehouse_id = e.warehouse_id)
          and (p.role = 'supervisor' or private.sees_all(p.role) or p.id in (w.assigned_to, w.requested_by))),
        '[]') as candidates
    from public.events e left join public.work_orders w on w.id = e.work_order_id
    where e.expanded_at is null
      and not exists (select from public.dead_letters d
        where d.source = private.calling_function() and d.reference = 'event ' || e.id and private.is_put_aside(d.last_seen_at))
    order by e.id limit p_limit) waiting);
end $$;
grant execute on function functions.events_waiting(integer) to millwright_notification_sender;

-- Records the recipients of events (`[{"event_id", "notifications"}]`), once per (event, recipient, channel), and marks
-- the events as done.
--
-- Whatever one person does, however they do it (in one statement, by a file, or one by one), each of the others gets a
-- bounded number of messages of it within an hour: ten of a kind, and thirty of what is urgent, which are counted by
-- themselves. All of it is in the inbox, and the last message says so. What nobody signed in has done is bounded for
-- requests alone, which strangers make with labels; escalations always reach people.
create function private.write_notifications(p_now timestamptz, p_told jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  moment constant timestamptz := clock_timestamp();
  written jsonb;
begin
  with done as materialized (
    select id, kind, work_order_id, warehouse_id, actor_id from public.events
    where id in (select (t ->> 'event_id')::uuid from jsonb_array_elements(p_told) t) and expanded_at is null
    order by id for update),
  wanted as materialized (
    select private.uuidv7() as id, done.id as event_id, done.kind, done.work_order_id, n.recipient_id, n.title, n.body, n.channels,
      case when private.is_urgent(w.type, w.priority) then 30 else 10 end as most,
      case when n.channels <> '{}' and (done.actor_id is not null or done.kind = 'request_received') then
        encode(sha256(convert_to(concat_ws(' ', n.recipient_id, done.kind, coalesce(done.actor_id, done.warehouse_id),
          private.is_urgent(w.type, w.priority)), 'UTF8')), 'hex') end as counted_as
    from jsonb_array_elements(p_told) t
      join done on done.id = (t ->> 'event_id')::uuid
      left join public.work_orders w on w.id = done.work_order_id,
      jsonb_to_recordset(t -> 'notifications') as n(recipient_id uuid, title text, body text, channels public.channel[])),
  -- In one order, so that two senders cannot deadlock.
  counted as (
    insert into private.rates as r (name, subject, taken, ends_at)
      select 'messages', counted_as, count(*), moment + interval '1 hour' from wanted
      where counted_as is not null group by counted_as order by counted_as
      on conflict (name, subject) do update set
        taken = case when r.ends_at <= moment then excluded.taken else r.taken + excluded.taken end,
        ends_at = case when r.ends_at <= moment then excluded.ends_at else r.ends_at end
      returning subject, taken),
  placed as materialized (
    select wanted.*, coalesce(counted.taken + 1 - row_number() over (partition by counted_as order by event_id desc), 0) as place
    from wanted left join counted on counted.subject = wanted.counted_as),
  notification as (
    insert into public.notifications (id, event_id, recipient_id, type, title, body, work_order_id)
      select id, event_id, recipient_id, kind, title,
        case when place = most then body || E'\n\nMore of these within the hour are in the inbox alone.' else body end, work_order_id
      from placed
      on conflict (event_id, recipient_id) do nothing
      returning id),
  delivery as (
    insert into public.deliveries (notification_id, channel)
      select notification.id, channel
      from notification join placed on placed.id = notification.id, unnest(placed.channels) channel
      where placed.place <= placed.most
      returning id),
  expanded as (
    update public.events set expanded_at = p_now from done where events.id = done.id returning events.id)
  select jsonb_build_object(
    'events', (select count(*) from expanded),
    'notifications', (select count(*) from notification),
    'deliveries', (select count(*) from delivery)) into written;
  return written;
end $$;

-- Tells of a batch of events in one transaction. One that the database refuses is put aside alone: `{"counts",
-- "problems"}`.
create function functions.notifications_apply(p_told jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  told constant jsonb := private.write_apart('write_notifications', now(), p_told);
  problems constant jsonb := (
    select coalesce(jsonb_agg(jsonb_build_object('subject', 'event ' || (r -> 'row' ->> 'event_id'), 'reason', r -> 'reason')), '[]')
    from jsonb_array_elements(told -> 'refused') r);
begin
  perform private.keep_problems(problems);
  return jsonb_build_object('counts', told -> 'counts', 'problems', problems);
end $$;
grant execute on function functions.notifications_apply(jsonb) to millwright_notification_sender;

-- Claims deliveries that are due, or whose lease ran out. A repeated call with the same claim returns the rows it
-- already holds. The attempt number is the fence: finishing must name it.
create function functions.deliveries_claim(p_claim uuid, p_limit integer, p_lease_seconds integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  -- Whoever has left is told nothing more, whatever was on its way.
  with unwanted as materialized (
    select w.id from public.deliveries w join public.notifications n on n.id = w.notification_id
      join public.profiles p on p.id = n.recipient_id and not p.active
    where w.state = 'ready' for update of w skip locked)
  update public.deliveries d set state = 'dead', last_error = 'its recipient is no longer active'
    from unwanted where d.id = unwanted.id;
  with due as materialized (
    select id from public.deliveries
    where ((state = 'ready' and run_at <= clock_timestamp())
      or (state = 'running' and lease_until < clock_timestamp()))
      -- The last number that there is: to count on would fail, and with it the whole claim.
      and attempt < 32767
    order by run_at, id limit p_limit for update skip locked)
  update public.deliveries d set state = 'running', attempt = d.attempt + 1, claim_id = p_claim,
      lease_until = clock_timestamp() + make_interval(secs => p_lease_seconds)
    from due where d.id = due.id
      and not exists (select from public.deliveries held where held.claim_id = p_claim and held.state = 'running');
  return (select coalesce(jsonb_agg(claimed), '[]') from (
    select d.id, d.attempt, d.channel, n.title, n.body, p.email
    from public.deliveries d
    join public.notifications n on n.id = d.notification_id
    join public.profiles p on p.id = n.recipient_id
    where d.claim_id = p_claim and d.state = 'running' order by d.id) claimed);
end $$;
grant execute on function functions.deliveries_claim(uuid, integer, integer) to millwright_notification_sender;

-- Records the end of a batch of attempts: `delivered`, `ready` (again after `retry_seconds`) or `dead`.
create function functions.deliveries_finish(p_results jsonb) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  finished integer;
begin
  update public.deliveries d set state = r.state, provider_id = r.provider_id, last_error = r.error,
      claim_id = null, lease_until = null,
      run_at = clock_timestamp() + make_interval(secs => coalesce(r.retry_seconds, 0)),
      delivered_at = case when r.state = 'delivered' then clock_timestamp() end
    from jsonb_to_recordset(p_results) as r(id uuid, attempt smallint, state public.delivery_state,
      provider_id text, error text, retry_seconds integer)
    where d.id = r.id and d.attempt = r.attempt and d.state = 'running';
  get diagnostics finished = row_count;
  return finished;
end $$;
grant execute on function functions.deliveries_finish(jsonb) to millwright_notification_sender;

-- Claimed deliveries that the sender cannot read are not tried again. Ending them and reporting the problem is one
-- transaction.
create function functions.deliveries_put_aside(p_claim uuid, p_problems jsonb) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  ended integer;
begin
  perform private.keep_problems(p_problems);
  update public.deliveries d set state = 'dead', last_error = p.reason, claim_id = null, lease_until = null
    from jsonb_to_recordset(p_problems) as p(id uuid, reason text)
    where d.id = p.id and d.claim_id = p_claim and d.state = 'running';
  get diagnostics ended = row_count;
  return ended;
end $$;
grant execute on function functions.deliveries_put_aside(uuid, jsonb) to millwright_notification_sender;

-- migrate:down
set local lock_timeout = '5s';
drop table public.deliveries;
drop table public.notifications;
drop function functions.deliveries_put_aside(uuid, jsonb);
drop function functions.deliveries_finish(jsonb);
drop function functions.deliveries_claim(uuid, integer, integer);
drop function functions.notifications_apply(jsonb);
drop function private.write_notifications(timestamptz, jsonb);
drop function functions.events_waiting(integer);
drop type public.delivery_state;
drop type public.channel;
