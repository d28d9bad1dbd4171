-- migrate:up
-- Passwords, and staying signed in.
--
-- Refresh tokens come here only as their hexadecimal SHA-256. They are random and long, so a plain hash cannot be
-- reversed; passwords, which people choose, keep bcrypt.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- ------------------------------------------------------------------ passwords

create table private.credentials (
  profile_id uuid primary key references public.profiles (id) on delete cascade,
  password_hash text not null,
  failures smallint not null default 0,
  locked_until timestamptz,
  changed_at timestamptz not null default now()
);

alter table private.credentials enable row level security;

-- All hashes cost the same, also the one that `check_password` uses when there is no such person.
create function private.password_hash(p_password text) returns text
language sql volatile set search_path = '' as
  $$ select extensions.crypt(p_password, extensions.gen_salt('bf', 10)) $$;

-- Checks a password: `ok`, `invalid`, or `locked` with `retry_after` seconds after five failures in a row. It holds the
-- row until the end of the transaction, so that guesses at one account are counted one after the other. For a person
-- who does not exist (null) it takes as long as for a wrong password.
create function private.check_password(p_profile uuid, p_password text) returns jsonb
language plpgsql set search_path = '' as $$
declare
  allowed_failures constant smallint := 5;
  lockout constant interval := '15 minutes';
  kept private.credentials;
  given text;
begin
  select * into kept from private.credentials where profile_id = p_profile for update;
  given := extensions.crypt(p_password,
    coalesce(kept.password_hash, '$2a$10$abcdefghijklmnopqrstuuWNtVPr0sYhbC9JKlO1Y8vqZVUgPk2xe'));
  if kept.profile_id is null then
    return jsonb_build_object('outcome', 'invalid');
  elsif kept.locked_until > now() then
    return jsonb_build_object('outcome', 'locked',
      'retry_after', ceil(extract(epoch from kept.locked_until - now())));
  elsif given is distinct from kept.password_hash then
    update private.credentials set
      failures = case when kept.failures + 1 >= allowed_failures then 0 else kept.failures + 1 end,
      locked_until = case when kept.failures + 1 >= allowed_failures then now() + lockout end
      where profile_id = p_profile;
    return jsonb_build_object('outcome', 'invalid');
  end if;
  update private.credentials set failures = 0, locked_until = null
    where profile_id = p_profile and (kept.failures > 0 or kept.locked_until is not null);
  return jsonb_build_object('outcome', 'ok');
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

-- ------------------------------------------------------------------ sign-in and out

-- The part of a profile that its owner is shown at sign-in.
create function private.profile_told(p public.profiles) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('id', p.id, 'email', p.email, 'full_name', p.full_name,
    'role', p.role, 'warehouse_id', p.warehouse_id)
$$;

-- Signs someone in: `check_password`'s answer, with the `profile` when it is `ok`. With a hash, a new family begins,
-- whose first token has this hash and is valid for this many seconds.
create function functions.sign_in(p_email text, p_password text, p_refresh_hash text default null,
  p_refresh_seconds integer default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  person public.profiles;
  answer jsonb;
  family uuid;
begin
  select * into person from public.profiles where email = lower(p_email) and active;
  answer := private.check_password(person.id, p_password);
  if answer ->> 'outcome' <> 'ok' then
    return answer;
  end if;
  if p_refresh_hash is not null then
    delete from private.refresh_families where profile_id = person.id and expires_at <= now();
    insert into private.refresh_families (profile_id, expires_at) values (person.id, now()) returning id into family;
    perform private.add_refresh_token(family, p_refresh_hash, p_refresh_seconds);
  end if;
  return answer || jsonb_build_object('profile', private.profile_told(person));
end $$;
grant execute on function functions.sign_in(text, text, text, integer) to millwright_request_api;

-- Exchanges a refresh token for the next one: `{"outcome": "ok", "profile": {…}}`, `{"outcome": "invalid"}`, or
-- `{"outcome": "reused", "profile_id": …}`. A token that comes a second time is known to two parties, and nobody can
-- tell which one is the thief, so the whole family is revoked.
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
  elsif given.used_at is not null then
    update private.refresh_families set revoked_at = now() where id = family.id;
    return jsonb_build_object('outcome', 'reused', 'profile_id', person.id);
  end if;
  update private.refresh_tokens set used_at = now() where token_hash = p_hash;
  perform private.add_refresh_token(family.id, p_next_hash, p_next_seconds);
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

-- Changes a password, with `check_password`'s answer about the current one, and ends every sign-in of that person.
create function functions.password_change(p_profile uuid, p_current text, p_new text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  answer jsonb := private.check_password((select id from public.profiles where id = p_profile and active), p_current);
begin
  if answer ->> 'outcome' = 'ok' then
    update private.credentials set password_hash = private.password_hash(p_new), changed_at = now()
      where profile_id = p_profile;
    update private.refresh_families set revoked_at = now() where profile_id = p_profile and revoked_at is null;
  end if;
  return answer;
end $$;
grant execute on function functions.password_change(uuid, text, text) to millwright_request_api;

-- migrate:down
set local lock_timeout = '5s';
drop table private.refresh_tokens;
drop table private.refresh_families;
drop table private.credentials;
drop function functions.password_change(uuid, text, text);
drop function functions.sign_out(text);
drop function functions.sign_in_refresh(text, text, integer);
drop function functions.sign_in(text, text, text, integer);
drop function private.profile_told(public.profiles);
drop function private.add_refresh_token(uuid, text, integer);
drop function private.check_password(uuid, text);
drop function private.password_hash(text);
