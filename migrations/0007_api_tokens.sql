-- migrate:up
-- API tokens. Each has a profile of its own, so that row level security judges it as it judges a person.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create table public.api_tokens (
  -- Also the id of its profile.
  id uuid primary key default private.uuidv7() references public.profiles (id),
  name text not null check (private.is_line(name, 100) and name <> ''),
  role public.user_role not null,
  warehouse_id uuid references public.warehouses (id),
  expires_at timestamptz check (private.is_moment(expires_at) and expires_at > created_at),
  created_by uuid not null references public.profiles (id),
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  revoked_at timestamptz check (private.is_moment(revoked_at))
);
create index api_tokens_by_maker on public.api_tokens (created_by) where revoked_at is null;

-- The hash is for nobody to read.
create table private.api_token_hashes (
  token_id uuid primary key references public.api_tokens (id),
  hash text not null unique check (hash ~ '^[0-9a-f]{64}$')
);
alter table private.api_token_hashes enable row level security;

alter table public.api_tokens enable row level security;
call private.audit_all_of('public.api_tokens');
create policy api_tokens_read on public.api_tokens for select to authenticated
  using ((select private.sees_every_warehouse()));
create policy api_tokens_add on public.api_tokens for insert to authenticated
  with check ((select private.my_role()) = 'admin');
create policy api_tokens_revoke on public.api_tokens for update to authenticated
  using ((select private.my_role()) = 'admin');
grant select on public.api_tokens to authenticated;
grant insert (name, role, warehouse_id, expires_at) on public.api_tokens to authenticated;
grant update (revoked_at) on public.api_tokens to authenticated;

call private.count_each_row('public.api_tokens');

-- Makes the token's profile. Whoever makes one is held as they are until the token is there, so that it ends with them; and
-- what a token makes ends no later than itself.
create function private.api_token_opens() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  new.created_by := coalesce(auth.uid(), new.created_by);
  perform from public.profiles where id = new.created_by and active for share;
  if not found then
    raise insufficient_privilege using message = 'whoever makes a token must be active';
  end if;
  new.expires_at := least(new.expires_at, (select expires_at from public.api_tokens where id = new.created_by));
  insert into public.profiles (id, email, full_name, role, warehouse_id, service_account)
    values (new.id, 'api-token+' || new.id || '@millwright.invalid', new.name, new.role, new.warehouse_id, true);
  return new;
end $$;
create trigger opens before insert on public.api_tokens for each row execute function private.api_token_opens();
-- As `fence` does for other references: `opens` makes a profile, before the policy is asked, and would tell of a warehouse.
create trigger a_seen_warehouse_id before insert on public.api_tokens for each row
  when (new.warehouse_id is not null and row_security_active('public.api_tokens'::regclass))
  execute function private.reference_is_seen('warehouse_id',
    'select exists (select from public.warehouses r where r.id = ($1).warehouse_id)');

-- A revoked token stays revoked.
create function private.api_token_stays_revoked() returns trigger language plpgsql set search_path = '' as $$
begin
  new.revoked_at := coalesce(old.revoked_at, now());
  return new;
end $$;
create trigger stays_revoked before update of revoked_at on public.api_tokens
  for each row execute function private.api_token_stays_revoked();

-- Its profile is deactivated with it, so that a bearer token that is still cached sees nothing.
create function private.api_token_revokes() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update public.profiles set active = false where id = new.id and active;
  return null;
end $$;
create trigger revokes after update of revoked_at on public.api_tokens
  for each row execute function private.api_token_revokes();

-- The tokens that someone made end with them, or with their right to make any; and those that these have made, and so on.
create function private.leaver_revokes_tokens() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update public.api_tokens set revoked_at = now() where created_by = new.id and revoked_at is null;
  return null;
end $$;
create trigger revokes_tokens after update of active, role on public.profiles for each row
  when ((old.active and not new.active) or (old.role = 'admin' and new.role <> 'admin')) execute function private.leaver_revokes_tokens();

-- Gives a token its hash, once: whoever has just made it, in the same transaction.
create function private.keep_token_hash(p_token uuid, p_hash text) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if not exists (select from public.api_tokens t
      where t.id = p_token and t.created_by = auth.uid() and t.created_at = now()) then
    raise insufficient_privilege using message = 'the token is not new, or not yours';
  end if;
  insert into private.api_token_hashes (token_id, hash) values (p_token, p_hash);
end $$;
grant execute on function private.keep_token_hash(uuid, text) to authenticated;

-- Makes a token with this hash, with the caller's own rights. `p_token` has `name`, `role`, `warehouse_id`, `expires_at`.
create function public.open_api_token(p_token jsonb, p_hash text) returns public.api_tokens
language plpgsql set search_path = '' as $$
declare
  opened public.api_tokens;
begin
  insert into public.api_tokens (name, role, warehouse_id, expires_at)
    select t.name, t.role, t.warehouse_id, t.expires_at from jsonb_populate_record(null::public.api_tokens, p_token) t
    returning * into opened;
  perform private.keep_token_hash(opened.id, p_hash);
  return opened;
end $$;
grant execute on function public.open_api_token(jsonb, text) to authenticated;

-- The person behind a profile: of an API token whoever made it, of anyone else themselves.
create function private.person_behind(p_profile uuid) returns uuid
language sql stable security definer set search_path = '' as $$
  with recursive maker (id) as (
    select p_profile
    union
    select t.created_by from maker m join public.api_tokens t on t.id = m.id)
  select m.id from maker m where not exists (select from public.api_tokens t where t.id = m.id)
$$;

-- The owner of the API token with this hash: `{"profile_id", "role", "warehouse_id", "expires_at"}`, or null when the token is
-- not valid.
create function functions.api_token_exchange(p_hash text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  answer jsonb;
begin
  update public.api_tokens t set last_used_at = now() from public.profiles p, private.api_token_hashes h
    where h.hash = p_hash and t.id = h.token_id and t.revoked_at is null
      and (t.expires_at is null or t.expires_at > now()) and p.id = t.id and p.active
    returning jsonb_build_object('profile_id', t.id, 'role', p.role, 'warehouse_id', p.warehouse_id,
      'expires_at', t.expires_at) into answer;
  return answer;
end $$;
grant execute on function functions.api_token_exchange(text) to millwright_request_api;

-- migrate:down
set local lock_timeout = '5s';
drop trigger revokes_tokens on public.profiles;
drop function public.open_api_token(jsonb, text);
drop function private.keep_token_hash(uuid, text);
drop function private.person_behind(uuid);
drop table private.api_token_hashes;
drop table public.api_tokens;
drop function functions.api_token_exchange(text);
drop function private.leaver_revokes_tokens();
drop function private.api_token_revokes();
drop function private.api_token_stays_revoked();
drop function private.api_token_opens();
