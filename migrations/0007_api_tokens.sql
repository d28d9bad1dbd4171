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

-- Makes the token's profile.
create function private.api_token_opens() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  new.created_by := coalesce(auth.uid(), new.created_by);
  insert into public.profiles (id, email, full_name, role, warehouse_id, service_account)
    values (new.id, 'api-token+' || new.id || '@millwright.invalid', new.name, new.role, new.warehouse_id, true);
  return new;
end $$;
create trigger opens before insert on public.api_tokens for each row execute function private.api_token_opens();

-- A revoked token stays revoked. Its profile is deactivated with it, so that a bearer token that is still cached sees
-- nothing.
create function private.api_token_revokes() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  new.revoked_at := coalesce(old.revoked_at, now());
  update public.profiles set active = false where id = new.id and active;
  return new;
end $$;
create trigger revokes before update of revoked_at on public.api_tokens
  for each row execute function private.api_token_revokes();

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
drop function public.open_api_token(jsonb, text);
drop function private.keep_token_hash(uuid, text);
drop table private.api_token_hashes;
drop table public.api_tokens;
drop function functions.api_token_exchange(text);
drop function private.api_token_revokes();
drop function private.api_token_opens();
