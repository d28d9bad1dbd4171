-- migrate:up
-- Passwords, and staying signed in.
--
-- Refresh tokens come here only as their hexadecimal SHA-256. They are random and long, so a plain hash cannot be
-- reversed; passwords, which people choose, keep bcrypt.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- ------------------------------------------------------------------ rate limits

-- Counters of a rate limit: uses within the present span, which began with the first use. The subject is a hash, from
-- which nobody can tell the person. Housekeeping deletes spans that have ended.
create table private.rates (
  name text not null,
  subject text not null,
  taken integer not null,
  ends_at timestamptz not null,
  primary key (name, subject)
);
create index rates_by_age on private.rates (ends_at);

alter table private.rates enable row level security;

-- Counts one use, in the transaction of that use. Answers with the seconds to wait when it is beyond the maximum; else null.
-- Uses at the same moment are counted one after the other.
create function private.count_use(p_name text, p_subject text, p_max integer, p_seconds integer) returns integer
language plpgsql set search_path = '' as $$
declare
  moment constant timestamptz := clock_timestamp();
  rate private.rates;
begin
  insert into private.rates as r (name, subject, taken, ends_at)
    values (p_name, p_subject, 1, moment + make_interval(secs => p_seconds))
    on conflict (name, subject) do update set
      taken = case when r.ends_at <= moment then 1 else r.taken + 1 end,
      ends_at = case when r.ends_at <= moment then excluded.ends_at else r.ends_at end
    returning * into rate;
  return case when rate.taken > p_max then greatest(1, ceil(extract(epoch from rate.ends_at - moment))) end;
end $$;

-- The seconds to wait until the next use, if the maximum is used up; else null. It counts nothing.
create function private.wait_for(p_name text, p_subject text, p_max integer) returns integer
language sql volatile set search_path = '' as $$
  select greatest(1, ceil(extract(epoch from r.ends_at - clock_timestamp())))::integer from private.rates r
  where r.name = p_name and r.subject = p_subject and r.taken >= p_max and r.ends_at > clock_timestamp()
$$;

-- The same for what may not be done beyond the maximum: it fails with PT429, whose detail is the number of seconds to wait.
create function private.take_rate(p_name text, p_subject text, p_max integer, p_seconds integer) returns void
language plpgsql security definer set search_path = '' as $$
declare
  wait constant integer := private.count_use(p_name, p_subject, p_max, p_seconds);
begin
  if wait is not null then
    raise exception using errcode = 'PT429', message = 'too_many_requests', detail = wait::text;
  end if;
end $$;

-- ------------------------------------------------------------------ passwords

create table private.credentials (
  profile_id uuid primary key references public.profiles (id) on delete cascade,
  password_hash text not null,
  changed_at timestamptz not null default now()
);

alter table private.credentials enable row level security;

-- All hashes cost the same, also the one that `is_password` uses when there is no such person.
create function private.password_hash(p_password text) returns text
language sql volatile set search_path = '' as
  $$ select extensions.crypt(p_password, extensions.gen_salt('bf', 10)) $$;

-- True for the password of this person. For someone who does not exist (null) it takes as long as for a wrong one.
create function private.is_password(p_profile uuid, p_password text) returns boolean
language plpgsql set search_path = '' as $$
declare
  kept constant text := (select password_hash from private.credentials where profile_id = p_profile);
begin
  return extensions.crypt(p_password, coalesce(kept, '$2a$10$abcdefghijklmnopqrstuuWNtVPr0sYhbC9JKlO1Y8vqZVUgPk2xe'))
    is not distinct from kept;
end $$;

-- ------------------------------------------------------------------ devices and guesses

-- The devices on which someone has signed in. A stranger's guesses do not keep a known device out.
create table private.devices (
  token_hash text primary key check (token_hash ~ '^[0-9a-f]{64}$'),
  profile_id uuid not null references public.profiles (id) on delete cascade,
  seen_at timestamptz not null default now()
);
create index devices_by_profile on private.devices (profile_id, seen_at);

alter table private.devices enable row level security;

-- Notes that someone is on this device. Each person has the last twenty of half a year.
create function private.keep_device(p_profile uuid, p_hash text) returns void
language plpgsql set search_path = '' as $$
begin
  insert into private.devices (token_hash, profile_id) values (p_hash, p_profile)
    on conflict (token_hash) do update set seen_at = now();
  delete from private.devices where profile_id = p_profile and (seen_at < now() - interval '180 days'
    or token_hash not in (select token_hash from private.devices where profile_id = p_profile
      order by seen_at desc limit 20));
end $$;

-- The subject under which guesses are counted: so short that the counters are at most a million of each name, whatever
-- addresses are made up, and that it tells nothing of what was typed.
create function private.counted_as(variadic p_parts text[]) returns text
language sql immutable set search_path = '' as
  $$ select left(encode(sha256(convert_to(array_to_json(p_parts)::text, 'UTF8')), 'hex'), 5) $$;

-- True if the caller may compute a hash now, which takes long. Nobody waits here for someone else's: who waits holds a session
-- of the gateway, and a few strangers who try one address again and again would hold all of them. So one hash at a time is
-- computed for a subject, and four for all strangers; two more are left for those whom we know.
create function private.may_hash(p_subject text, p_is_known boolean) returns boolean
language plpgsql set search_path = '' as $$
begin
  if pg_try_advisory_xact_lock(hashtextextended('private.may_hash ' || p_subject, 0)) then
    for place in 1 .. case when p_is_known then 6 else 4 end loop
      if pg_try_advisory_xact_lock(hashtextextended('private.may_hash', place)) then
        return true;
      end if;
    end loop;
  end if;
  return false;
end $$;

-- Judges an attempt to sign in, and counts it: `ok`, `invalid`, or `slowed` with `retry_after` seconds: 0 where another attempt
-- is just being looked at, and this one was not counted. Attempts count against an address whether it is someone's or not, and
-- each that is looked at computes one hash, so that nothing tells them apart. One that is slowed computes none: what it hears
-- follows from what was counted, and not from whose address it is.
-- A stranger is slowed for one address in one network (five attempts in a quarter of an hour), for one address from
-- everywhere (25), and for all that one network fails at (300: a whole plant may sit behind one). A device that this person
-- has signed in on counts for itself alone (five), whatever strangers do. The counters of device and address are held until
-- the end of the transaction, so that guesses are counted one after the other.
create function private.judge_guess(p_profile uuid, p_email text, p_password text, p_network text, p_device_hash text)
returns jsonb
language plpgsql set search_path = '' as $$
declare
  quarter_hour constant integer := 900;
  address constant text := private.counted_as(lower(p_email));
  here constant text := private.counted_as(lower(p_email), p_network);
  network constant text := private.counted_as(p_network);
  device constant text := private.counted_as(p_device_hash);
  wait integer;
  is_known boolean := exists (select from private.devices where profile_id = p_profile and token_hash = p_device_hash);
  is_right boolean;
begin
  -- Whoever guesses on a known device is a stranger, too.
  is_known := is_known and private.wait_for('sign_in_device', device, 5) is null;
  -- What is not looked at counts no further: one network alone cannot use up what the others have.
  wait := case when not is_known then coalesce(private.wait_for('sign_in_here', here, 5),
    private.wait_for('sign_in_address', address, 25), private.wait_for('sign_in_network', network, 300)) end;
  if wait is null and not private.may_hash(case when is_known then 'device ' || device else 'address ' || address end, is_known) then
    wait := 0;
  end if;
  -- Counted after that: from here on it is this one's turn. It may be that someone else's has just ended.
  if wait is null and is_known then
    wait := private.count_use('sign_in_device', device, 5, quarter_hour);
  elsif wait is null then
    wait := coalesce(private.count_use('sign_in_here', here, 5, quarter_hour),
      private.count_use('sign_in_address', address, 25, quarter_hour));
  end if;
  if wait is null then
    is_right := private.is_password(p_profile, p_password);
    -- Counted last, so that a plant does not stand in line for the hash.
    if not is_known and p_network is not null then
      wait := private.count_use('sign_in_network', network, 300, quarter_hour);
    end if;
  end if;
  if wait is not null then
    return jsonb_build_object('outcome', 'slowed', 'retry_after', wait);
  elsif not is_right then
    return jsonb_build_object('outcome', 'invalid');
  end if;
  -- What was right was no guess.
  delete from private.rates where (name, subject) in (values ('sign_in_device', device))
    or (not is_known and (name, subject) in (values ('sign_in_here', here), ('sign_in_address', address)));
  update private.rates set taken = taken - 1 where not is_known and name = 'sign_in_network' and subject = network;
  return jsonb_build_object('outcome', 'ok', 'known_device', is_known);
end $$;

-- ------------------------------------------------------------------ refresh tokens

-- All tokens of one sign-in. Its validity is stored once, here, and every use of one of its tokens locks this row
-- first, so a revoked family cannot gain a token at the same moment.
create table private.refresh_families (
  id uuid primary key default private.uuidv7(),
  profile_id uuid not null references public.profiles (id) on delete cascade,
  started_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index refresh_families_by_profile on private.refresh_families (profile_id);

alter table private.refresh_families enable row level security;

create table private.refresh_tokens (
  token_hash text primary key check (token_hash ~ '^[0-9a-f]{64}$'),
  family_id uuid not null references private.refresh_families (id) on delete cascade,
  issued_at timestamptz not null default now(),
  expires_at timestamptz not null check (expires_at > issued_at),
  used_at timestamptz
);
create index refresh_tokens_by_family on private.refresh_tokens (family_id);

alter table private.refresh_tokens enable row level security;

-- Adds the family's next token, and deletes expired ones, which nobody can use.
create function private.add_refresh_token(p_family uuid, p_hash text, p_seconds integer) returns void
language plpgsql set search_path = '' as $$
declare
  until constant timestamptz := now() + make_interval(secs => p_seconds);
begin
  delete from private.refresh_tokens where family_id = p_family and expires_at <= now();
  insert into private.refresh_tokens (token_hash, family_id, expires_at) values (p_hash, p_family, until);
  update private.refresh_families set expires_at = until where id = p_family;
end $$;

-- Begins a family, whose first token has this hash.
create function private.begin_family(p_profile uuid, p_hash text, p_seconds integer) returns void
language plpgsql set search_path = '' as $$
declare
  family uuid;
begin
  delete from private.refresh_families where profile_id = p_profile and expires_at <= now();
  insert into private.refresh_families (profile_id, expires_at) values (p_profile, now()) returning id into family;
  perform private.add_refresh_token(family, p_hash, p_seconds);
end $$;

-- ------------------------------------------------------------------ sign-in and out

-- The part of a profile that its owner is shown at sign-in.
create function private.profile_told(p public.profiles) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('id', p.id, 'email', p.email, 'full_name', p.full_name,
    'role', p.role, 'warehouse_id', p.warehouse_id)
$$;

-- Signs someone in: `judge_guess`'s answer, with the `profile` when it is `ok`. With a hash, a new family begins, whose first
-- token has this hash and is valid for this many seconds. `p_network` is the word for where the attempt comes from, if that
-- is known. `p_device_hash` is of the device that it says it is, and `p_next_device_hash` of the one that it becomes otherwise.
create function functions.sign_in(p_email text, p_password text, p_refresh_hash text default null,
  p_refresh_seconds integer default null, p_network text default null, p_device_hash text default null,
  p_next_device_hash text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  person public.profiles;
  answer jsonb;
begin
  select * into person from public.profiles where email = lower(p_email) and active;
  answer := private.judge_guess(person.id, p_email, p_password, p_network, p_device_hash);
  if answer ->> 'outcome' <> 'ok' then
    return answer;
  end if;
  if p_refresh_hash is not null then
    perform private.begin_family(person.id, p_refresh_hash, p_refresh_seconds);
  end if;
  if p_next_device_hash is not null then
    perform private.keep_device(person.id,
      case when (answer -> 'known_device')::boolean then p_device_hash else p_next_device_hash end);
  end if;
  return answer || jsonb_build_object('profile', private.profile_told(person));
end $$;
grant execute on function functions.sign_in(text, text, text, integer, text, text, text) to millwright_request_api;

-- Exchanges a refresh token for the next one: `{"outcome": "ok", "profile": {…}}`, `{"outcome": "invalid"}`, or
-- `{"outcome": "reused", "profile_id": …}`. The next one is made from the one that is shown, so it is the same each time.
-- Within 30 seconds a token may come again: from a second tab, or after a lost answer. Then its successor is told once more, unless
-- that was used already. Any other token that comes a second time is known to two parties, and nobody can tell which one
-- is the thief, so the whole family is revoked.
create function functions.sign_in_refresh(p_hash text, p_next_hash text, p_next_seconds integer) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  family private.refresh_families;
  given private.refresh_tokens;
  person public.profiles;
begin
  select f.* into family
    from private.refresh_tokens t join private.refresh_families f on f.id = t.family_id
    where t.token_hash = p_hash for update of f;
  -- Read after the lock is held: another call may have used it in the meantime.
  select * into given from private.refresh_tokens where token_hash = p_hash;
  select * into person from public.profiles where id = family.profile_id and active;
  if given.token_hash is null or person.id is null or family.revoked_at is not null or given.expires_at <= now() then
    return jsonb_build_object('outcome', 'invalid');
  elsif given.used_at is null then
    update private.refresh_tokens set used_at = now() where token_hash = p_hash;
    perform private.add_refresh_token(family.id, p_next_hash, p_next_seconds);
  elsif given.used_at <= now() - interval '30 seconds' or not exists (select from private.refresh_tokens
      where token_hash = p_next_hash and family_id = family.id and used_at is null) then
    update private.refresh_families set revoked_at = now() where id = family.id;
    return jsonb_build_object('outcome', 'reused', 'profile_id', person.id);
  end if;
  return jsonb_build_object('outcome', 'ok', 'profile', private.profile_told(person));
end $$;
grant execute on function functions.sign_in_refresh(text, text, integer) to millwright_request_api;

-- Revokes the family of a refresh token. True if there was one to revoke.
create function functions.sign_out(p_hash text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update private.refresh_families set revoked_at = now()
    where revoked_at is null and id = (select family_id from private.refresh_tokens where token_hash = p_hash);
  return found;
end $$;
grant execute on function functions.sign_out(text) to millwright_request_api;

-- Ends every sign-in of a person, also those that someone could come back to, and forgets their devices.
create function private.end_sign_ins(p_profile uuid) returns void
language plpgsql set search_path = '' as $$
begin
  update private.refresh_families set revoked_at = now() where profile_id = p_profile and revoked_at is null;
  delete from private.devices where profile_id = p_profile;
end $$;

-- Judges the password of someone who has signed in already, before what only its owner may do: `ok`, `invalid`, or `slowed`
-- with `retry_after` seconds after five that were wrong: 0 where another such call is just being looked at.
create function private.judge_own_password(p_profile uuid, p_password text) returns jsonb
language plpgsql set search_path = '' as $$
declare
  person constant uuid := (select id from public.profiles where id = p_profile and active);
  counter constant text := private.counted_as(p_profile::text);
  wait integer := private.wait_for('password_change', counter, 5);
begin
  if wait is null and not private.may_hash('password ' || counter, true) then
    wait := 0;
  end if;
  wait := coalesce(wait, private.count_use('password_change', counter, 5, 900));
  if wait is not null then
    return jsonb_build_object('outcome', 'slowed', 'retry_after', wait);
  elsif not private.is_password(person, p_password) then
    return jsonb_build_object('outcome', 'invalid');
  end if;
  delete from private.rates where name = 'password_change' and subject = counter;
  return jsonb_build_object('outcome', 'ok');
end $$;

-- Changes a password when the current one is right, and answers as `judge_own_password`. It ends every sign-in of that person.
create function functions.password_change(p_profile uuid, p_current text, p_new text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  answer constant jsonb := private.judge_own_password(p_profile, p_current);
begin
  if answer ->> 'outcome' = 'ok' then
    update private.credentials set password_hash = private.password_hash(p_new), changed_at = now()
      where profile_id = p_profile;
    perform private.end_sign_ins(p_profile);
  end if;
  return answer;
end $$;
grant execute on function functions.password_change(uuid, text, text) to millwright_request_api;

-- Whoever is let in again later signs in anew.
create function private.leaver_is_signed_out() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  perform private.end_sign_ins(new.id);
  return null;
end $$;
create trigger is_signed_out after update of active on public.profiles for each row
  when (old.active and not new.active) execute function private.leaver_is_signed_out();

-- migrate:down
set local lock_timeout = '5s';
drop trigger is_signed_out on public.profiles;
drop table private.devices;
drop table private.refresh_tokens;
drop table private.refresh_families;
drop table private.credentials;
drop table private.rates;
drop function private.leaver_is_signed_out();
drop function functions.password_change(uuid, text, text);
drop function private.judge_own_password(uuid, text);
drop function private.end_sign_ins(uuid);
drop function functions.sign_out(text);
drop function functions.sign_in_refresh(text, text, integer);
drop function functions.sign_in(text, text, text, integer, text, text, text);
drop function private.profile_told(public.profiles);
drop function private.begin_family(uuid, text, integer);
drop function private.add_refresh_token(uuid, text, integer);
drop function private.judge_guess(uuid, text, text, text, text);
drop function private.may_hash(text, boolean);
drop function private.counted_as(text[]);
drop function private.keep_device(uuid, text);
drop function private.is_password(uuid, text);
drop function private.password_hash(text);
drop function private.take_rate(text, text, integer, integer);
drop function private.wait_for(text, text, integer);
drop function private.count_use(text, text, integer, integer);
