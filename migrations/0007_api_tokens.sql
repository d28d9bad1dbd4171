-- migrate:up
-- API tokens. Each has a profile of its own, so that row level security judges it as it judges a person.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

create table public.api_tokens (
  -- Also the id of its profile.
  id uuid primary key default private.uuidv7() references public.profiles (id),
  name text not null check (length(name) between 1 and 100),
  role public.user_role not null,
  warehouse_id uuid references public.warehouses (id),
  expires_at timestamptz check (expires_at > created_at),
  created_by uuid not null references public.profiles (id),
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  revoked_at timestamptz,
  token_hash text not null unique check (token_hash ~ '^[0-9a-f]{64}$')
);

alter table public.api_tokens enable row level security;
call private.audit_all_of('public.api_tokens');
create policy api_tokens_read on public.api_tokens for select to authenticated
  using ((select private.sees_every_warehouse()));
create policy api_tokens_add on public.api_tokens for insert to authenticated
  with check ((select private.my_role()) = 'admin');
create policy api_tokens_revoke on public.api_tokens for update to authenticated
  using ((select private.my_role()) = 'admin');
-- No client may read the hash.
grant select (id, name, role, warehouse_id, created_by, created_at, last_used_at, expires_at, revoked_at)
  on public.api_tokens to authenticated;
grant insert (name, role, warehouse_id, token_hash, expires_at) on public.api_tokens to authenticated;
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

-- The owner of the API token with this hash: `{"profile_id": …, "expires_at": …}`, or null when the token is not valid.
create function functions.api_token_exchange(p_hash text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  answer jsonb;
begin
  update public.api_tokens t set last_used_at = now() from public.profiles p
    where t.token_hash = p_hash and t.revoked_at is null and (t.expires_at is null or t.expires_at > now())
      and p.id = t.id and p.active
    returning jsonb_build_object('profile_id', t.id, 'expires_at', t.expires_at) into answer;
  return answer;
end $$;
grant execute on function functions.api_token_exchange(text) to millwright_request_api;

-- migrate:down
set local lock_timeout = '5s';
drop table public.api_tokens;
drop function functions.api_token_exchange(text);
drop function private.api_token_revokes();
drop function private.api_token_opens();
