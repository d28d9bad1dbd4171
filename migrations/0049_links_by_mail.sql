-- migrate:up
-- Links by which people come in, and come back: invitations, forgotten passwords and new addresses. Each is a link in a mail.
--
-- A link is a token of 256 random bits, made here, of which `links` keeps the SHA-256. The token itself stands in `letters`
-- alone, the outbox of these mails, until its link is used, replaced or expired. The gateway shows neither, and no role has a
-- right to them: clients never read a token, and the request API learns one only from whoever got the mail. Who has signed in
-- at Supabase Auth gets its links, and these are not sent.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create table private.links (
  profile_id uuid not null references public.profiles (id) on delete cascade,
  kind text not null check (kind in ('invitation', 'password_reset', 'email_confirmation')),
  token_hash text not null unique check (token_hash ~ '^[0-9a-f]{64}$'),
  -- The address that it was sent to.
  email text not null,
  expires_at timestamptz not null,
  -- A new one takes the place of the one before.
  primary key (profile_id, kind)
);
alter table private.links enable row level security;

-- All that a mail needs. Not `events`: their kinds are what people can switch off, and their notifications are shown in the
-- inbox; these go to an address that need not be anyone's yet.
create table private.letters (
  id uuid primary key default private.uuidv7(),
  kind text not null check (kind in ('invitation', 'password_reset', 'email_confirmation', 'email_changed', 'email_taken')),
  profile_id uuid not null references public.profiles (id) on delete cascade,
  email text not null,
  -- Of its link, if it has one.
  token text check ((token is not null) = (kind in ('invitation', 'password_reset', 'email_confirmation'))),
  -- After that it is not worth sending.
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);
create index letters_by_profile on private.letters (profile_id);
create index letters_by_age on private.letters (expires_at);
alter table private.letters enable row level security;

-- ------------------------------------------------------------------ writing them

-- Puts a letter into the outbox, and takes out what nobody should send any more.
create function private.write_letter(p_kind text, p_profile uuid, p_email text, p_token text, p_until timestamptz) returns void
language plpgsql set search_path = '' as $$
begin
  delete from private.letters where id = any (array(
    select id from private.letters where expires_at <= now() order by expires_at limit 100 for update skip locked));
  insert into private.letters (kind, profile_id, email, token, expires_at)
    values (p_kind, p_profile, p_email, p_token, p_until);
end $$;

-- Ends links of someone, and takes back the letters that have them.
create function private.end_links(p_profile uuid, variadic p_kinds text[]) returns void
language plpgsql set search_path = '' as $$
begin
  delete from private.links where profile_id = p_profile and kind = any (p_kinds);
  delete from private.letters where profile_id = p_profile and kind = any (p_kinds);
end $$;

-- Writes someone a link of this kind, good for so many hours, which ends the one before. Answers with the moment of its end.
create function private.send_link(p_kind text, p_profile uuid, p_email text, p_hours integer) returns timestamptz
language plpgsql set search_path = '' as $$
declare
  token constant text := translate(encode(extensions.gen_random_bytes(32), 'base64'), '+/=', '-_');
  until constant timestamptz := now() + make_interval(hours => p_hours);
begin
  -- One after the other: two at once would both be the newest.
  perform from public.profiles where id = p_profile for no key update;
  perform private.end_links(p_profile, p_kind);
  insert into private.links (profile_id, kind, token_hash, email, expires_at)
    values (p_profile, p_kind, encode(sha256(convert_to(token, 'UTF8')), 'hex'), p_email, until);
  perform private.write_letter(p_kind, p_profile, p_email, token, until);
  return until;
end $$;

-- Uses up a link of these kinds. Null if it does not hold: unknown, used, replaced, expired, or of someone who has left. Why is not told.
create function private.use_link(p_hash text, variadic p_kinds text[]) returns private.links
language plpgsql set search_path = '' as $$
declare
  used private.links;
begin
  -- Of two at the same moment the second waits for the first, and then finds nothing.
  delete from private.links l using public.profiles p
    where l.token_hash = p_hash and l.kind = any (p_kinds) and l.expires_at > now() and p.id = l.profile_id and p.active
    returning l.* into used;
  return used;
end $$;

create function private.leaver_has_no_links() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  perform private.end_links(new.id, 'invitation', 'password_reset', 'email_confirmation');
  return null;
end $$;
create trigger has_no_links after update of active on public.profiles for each row
  when (old.active and not new.active) execute function private.leaver_has_no_links();

-- ------------------------------------------------------------------ invitations

-- Whom an administrator opens is invited, in the same transaction. What our own migrations and demo data open is not.
create function private.invite_newcomer() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  perform private.send_link('invitation', new.id, new.email, 72);
  return null;
end $$;
create trigger is_invited after insert on public.profiles for each row
  when (auth.uid() is not null and new.active and not new.service_account) execute function private.invite_newcomer();

-- Invites someone once more, for 72 hours; the invitation before ends. `{"expires_at"}`, or null for someone whom the caller does
-- not invite.
create function public.invite(p_profile uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  person public.profiles;
  answer jsonb;
begin
  if private.my_role() is distinct from 'admin' then
    return null;
  end if;
  select * into person from public.profiles where id = p_profile and not service_account for no key update;
  if person.id is null then
    return null;
  end if;
  perform private.take_key();
  if not person.active then
    perform private.refuse('not_active', 'only someone who is active is invited');
  elsif exists (select from private.credentials where profile_id = person.id) then
    perform private.refuse('has_password', 'they have come in already, and can ask for another password where people sign in');
  end if;
  perform private.take_rate('invitation', private.counted_as(person.id::text), 5, 3600);
  answer := jsonb_build_object('expires_at', private.send_link('invitation', person.id, person.email, 72));
  perform private.keep_answer(answer);
  return answer;
end $$;
grant execute on function public.invite(uuid) to authenticated;

-- ------------------------------------------------------------------ passwords

-- Someone has forgotten their password: `{"outcome": "ok"}`, or `slowed` with `retry_after` seconds, which follows from what was asked
-- and not from whose address it is. Strangers are slowed as at sign-in: five for an address in one network within a quarter of
-- an hour, 25 for an address from everywhere, 300 for a network. Whoever the address belongs to gets three letters an hour.
create function functions.password_forgot(p_email text, p_network text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  quarter_hour constant integer := 900;
  wait constant integer := coalesce(
    private.count_use('forgot_here', private.counted_as(lower(p_email), p_network), 5, quarter_hour),
    private.count_use('forgot_address', private.counted_as(lower(p_email)), 25, quarter_hour),
    case when p_network is not null then private.count_use('forgot_network', private.counted_as(p_network), 300, quarter_hour) end);
  person public.profiles;
begin
  if wait is not null then
    return jsonb_build_object('outcome', 'slowed', 'retry_after', wait);
  end if;
  select * into person from public.profiles where email = lower(p_email) and active and not service_account;
  if person.id is not null and private.count_use('forgot_letter', private.counted_as(person.id::text), 3, 3600) is null then
    perform private.send_link('password_reset', person.id, person.email, 1);
  end if;
  return jsonb_build_object('outcome', 'ok');
end $$;
grant execute on function functions.password_forgot(text, text) to millwright_request_api;

-- Sets a password by a link (of an invitation, or after it was forgotten), ends every sign-in and every link of that person, and
-- signs them in: `ok` with the `profile`, or `invalid` for a link that does not hold.
create function functions.password_accept(p_hash text, p_password text, p_refresh_hash text, p_refresh_seconds integer,
  p_next_device_hash text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  link constant private.links := private.use_link(p_hash, 'invitation', 'password_reset');
  person public.profiles;
begin
  if link.profile_id is null then
    return jsonb_build_object('outcome', 'invalid');
  end if;
  select * into person from public.profiles where id = link.profile_id;
  insert into private.credentials as c (profile_id, password_hash) values (person.id, private.password_hash(p_password))
    on conflict (profile_id) do update set password_hash = excluded.password_hash, changed_at = now();
  perform private.end_links(person.id, 'invitation', 'password_reset', 'email_confirmation');
  perform private.end_sign_ins(person.id);
  perform private.begin_family(person.id, p_refresh_hash, p_refresh_seconds);
  perform private.keep_device(person.id, p_next_device_hash);
  return jsonb_build_object('outcome', 'ok', 'profile', private.profile_told(person));
end $$;
grant execute on function functions.password_accept(text, text, text, integer, text) to millwright_request_api;

-- ------------------------------------------------------------------ addresses

-- Someone wants to be reached, and to sign in, at another address: with their password, and once whoever reads mail there has
-- confirmed it within 24 hours. Answers as `judge_own_password`. That an address is someone else's is told to that one alone.
create function functions.email_change(p_profile uuid, p_password text, p_email text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  answer constant jsonb := private.judge_own_password(p_profile, p_password);
  wait integer;
  owner uuid;
begin
  if answer ->> 'outcome' <> 'ok' then
    return answer;
  end if;
  wait := private.count_use('email_change', private.counted_as(p_profile::text), 5, 3600);
  if wait is not null then
    return jsonb_build_object('outcome', 'slowed', 'retry_after', wait);
  end if;
  select id into owner from public.profiles where email collate private.alike = p_email;
  if owner is null or owner = p_profile then
    perform private.send_link('email_confirmation', p_profile, lower(p_email), 24);
  else
    perform private.end_links(p_profile, 'email_confirmation');
    perform private.write_letter('email_taken', p.id, p.email, null, now() + interval '24 hours')
      from public.profiles p where p.id = owner and p.active and not p.service_account;
  end if;
  return answer;
end $$;
grant execute on function functions.email_change(uuid, text, text) to millwright_request_api;

-- Confirms an address by its link: `ok`, or `invalid`. Links that went to the former address end, and it is told.
create function functions.email_confirm(p_hash text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  link constant private.links := private.use_link(p_hash, 'email_confirmation');
  former constant text := (select email from public.profiles where id = link.profile_id);
begin
  if link.profile_id is null then
    return jsonb_build_object('outcome', 'invalid');
  end if;
  -- The audit log names them.
  perform set_config('request.jwt.claims', (coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb
    || jsonb_build_object('sub', link.profile_id))::text, true);
  begin
    update public.profiles set email = link.email where id = link.profile_id;
  exception when unique_violation then
    -- Someone else has come in with it meanwhile.
    return jsonb_build_object('outcome', 'invalid');
  end;
  perform private.end_links(link.profile_id, 'invitation', 'password_reset', 'email_confirmation');
  if former is distinct from link.email then
    perform private.write_letter('email_changed', link.profile_id, former, null, now() + interval '72 hours');
  end if;
  return jsonb_build_object('outcome', 'ok');
end $$;
grant execute on function functions.email_confirm(text) to millwright_request_api;

-- migrate:down
set local lock_timeout = '5s';
drop function functions.email_confirm(text);
drop function functions.email_change(uuid, text, text);
drop function functions.password_accept(text, text, text, integer, text);
drop function functions.password_forgot(text, text);
drop function public.invite(uuid);
drop trigger is_invited on public.profiles;
drop function private.invite_newcomer();
drop trigger has_no_links on public.profiles;
drop function private.leaver_has_no_links();
drop function private.use_link(text, text[]);
drop function private.send_link(text, uuid, text, integer);
drop function private.end_links(uuid, text[]);
drop function private.write_letter(text, uuid, text, text, timestamptz);
drop table private.letters;
drop table private.links;
