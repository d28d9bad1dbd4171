-- migrate:up
-- Reach: people's channels and preferences, and the customer's systems that are told of events.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- Preferences of a person by kind of event and channel. The inbox is not a channel: everything is there.
create table public.notification_settings (
  id uuid primary key default private.uuidv7(),
  type public.event_kind not null,
  channel public.channel not null,
  enabled boolean not null,
  profile_id uuid not null references public.profiles (id) default auth.uid(),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (profile_id, type, channel)
);

call private.serve('public.notification_settings');
create policy notification_settings_read on public.notification_settings for select to authenticated
  using (profile_id = (select auth.uid()) and (select private.my_role()) is not null);
create policy notification_settings_open on public.notification_settings for insert to authenticated
  with check (profile_id = (select auth.uid()) and (select private.my_role()) is not null);
create policy notification_settings_change on public.notification_settings for update to authenticated
  using (profile_id = (select auth.uid()) and (select private.my_role()) is not null);
create policy notification_settings_remove on public.notification_settings for delete to authenticated
  using (profile_id = (select auth.uid()) and (select private.my_role()) is not null);
grant insert (id, type, channel, enabled), update (enabled), delete on public.notification_settings to authenticated;

-- A choice that is said again takes the place of the one before, so that no client has to look for it first. At the same moment one
-- comes after the other.
create function private.choose_again() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'private.choose_again', new.profile_id, new.type, new.channel), 0));
  delete from public.notification_settings s
    where s.profile_id = new.profile_id and s.type = new.type and s.channel = new.channel;
  return new;
end $$;
create trigger choose_again before insert on public.notification_settings for each row execute function private.choose_again();
call private.count_each_row('public.notification_settings');

-- An unwanted notification is in the inbox and nowhere else.
create function private.delivery_is_wanted() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from public.notifications n join public.notification_settings s
      on s.profile_id = n.recipient_id and s.type = n.type
      where n.id = new.notification_id and s.channel = new.channel and not s.enabled) then
    return null;
  end if;
  return new;
end $$;
create trigger is_wanted before insert on public.deliveries for each row execute function private.delivery_is_wanted();

-- ------------------------------------------------------------------ addresses that we call

-- True for an address that we may call: https, the name of a host on the open internet, no user, no password. A number, in
-- whatever form, is no name: the last part of one begins with a letter. The domain says the same before.
create function private.is_public_address(p_address text) returns boolean
language sql immutable set search_path = '' as $$
  select p_address ~ ('^https://([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])'
      || '(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?([/?][!-~]*)?$')
    and p_address !~* '^https://[^/?:]*\.(localhost|localdomain|local|internal|intranet|private|corp|home|lan|arpa)([:/?]|$)'
    and length(substring(p_address from '^https://([^/?:]*)')) <= 253 and length(p_address) <= 2000
$$;
-- The checks of addresses call it, with the rights of the person who writes.
grant execute on function private.is_public_address(text) to authenticated;

-- ------------------------------------------------------------------ browsers

-- A browser that takes Web Push, in the terms of its `PushSubscription`.
create table public.push_subscriptions (
  id uuid primary key default private.uuidv7(),
  endpoint text not null check (private.is_public_address(endpoint)),
  p256dh text not null check (private.is_line(p256dh, 88) and p256dh ~ '^[A-Za-z0-9_-]{87}=?$'),
  auth text not null check (private.is_line(auth, 24) and auth ~ '^[A-Za-z0-9_-]{22}(==)?$'),
  user_agent text check (private.is_line(user_agent, 500)),
  profile_id uuid not null references public.profiles (id) default auth.uid(),
  created_at timestamptz not null default now(),
  unique (endpoint)
);

call private.serve('public.push_subscriptions');
create policy push_subscriptions_read on public.push_subscriptions for select to authenticated
  using (profile_id = (select auth.uid()) and (select private.my_role()) is not null);
create policy push_subscriptions_add on public.push_subscriptions for insert to authenticated
  with check (profile_id = (select auth.uid()) and (select private.my_role()) is not null);
create policy push_subscriptions_remove on public.push_subscriptions for delete to authenticated
  using (profile_id = (select auth.uid()) and (select private.my_role()) is not null);
grant insert (id, endpoint, p256dh, auth, user_agent), delete on public.push_subscriptions to authenticated;

-- A browser is of whoever subscribed with it last: a tablet that several people share passes from one to the next, and tells
-- nobody of the others. Its address is a secret that the browser alone knows, so whoever says it holds the browser.
create function private.pass_browser_on() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('private.pass_browser_on ' || new.endpoint, 0));
  delete from public.push_subscriptions s where s.endpoint = new.endpoint;
  return new;
end $$;
create trigger pass_browser_on before insert on public.push_subscriptions for each row
  execute function private.pass_browser_on();
call private.count_each_row('public.push_subscriptions');
create index push_subscriptions_by_profile on public.push_subscriptions (profile_id);

-- ------------------------------------------------------------------ webhooks

-- Systems of the customer that are told of events, by Standard Webhooks.
create table public.webhooks (
  id uuid primary key default private.uuidv7(),
  name text not null check (private.is_line(name, 100) and name <> ''),
  url text not null check (private.is_public_address(url)),
  event_types public.event_kind[] not null default '{}' check (private.is_set(event_types, 100)),
  -- Null: events of every warehouse.
  warehouse_id uuid references public.warehouses (id),
  active boolean not null default true,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

call private.serve('public.webhooks');
call private.audit_all_of('public.webhooks');
create policy webhooks_read on public.webhooks for select to authenticated
  using ((select private.sees_every_warehouse()));
create policy webhooks_open on public.webhooks for insert to authenticated
  with check ((select private.my_role()) = 'admin');
create policy webhooks_change on public.webhooks for update to authenticated
  using ((select private.my_role()) = 'admin');
create policy webhooks_remove on public.webhooks for delete to authenticated
  using ((select private.my_role()) = 'admin');
grant insert (id, name, url, event_types, warehouse_id, active), update (name, url, event_types, active), delete
  on public.webhooks to authenticated;

-- The signing secrets of a webhook. There are two while one replaces the other: the old one expires.
create table public.webhook_secrets (
  id uuid primary key default private.uuidv7(),
  webhook_id uuid not null references public.webhooks (id) on delete cascade,
  secret text not null default 'whsec_' || encode(extensions.gen_random_bytes(24), 'base64')
    check (secret ~ '^whsec_[A-Za-z0-9+/]{32}$'),
  expires_at timestamptz check (private.is_moment(expires_at)),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index webhook_secrets_by_webhook on public.webhook_secrets (webhook_id);

call private.serve('public.webhook_secrets');
call private.audit_all_of('public.webhook_secrets');
create policy webhook_secrets_read on public.webhook_secrets for select to authenticated
  using ((select private.my_role()) = 'admin');
create policy webhook_secrets_add on public.webhook_secrets for insert to authenticated
  with check ((select private.my_role()) = 'admin');
create policy webhook_secrets_change on public.webhook_secrets for update to authenticated
  using ((select private.my_role()) = 'admin');
grant insert (id, webhook_id, expires_at), update (expires_at) on public.webhook_secrets to authenticated;
call private.fence('public.webhook_secrets');

-- migrate:down
set local lock_timeout = '5s';
drop trigger is_wanted on public.deliveries;
drop table public.webhook_secrets;
drop table public.webhooks;
drop table public.push_subscriptions;
drop table public.notification_settings;
drop function private.is_public_address(text);
drop function private.delivery_is_wanted();
drop function private.pass_browser_on();
drop function private.choose_again();
