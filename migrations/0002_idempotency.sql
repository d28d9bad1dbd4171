-- migrate:up
-- The same POST sent twice has one effect and one answer: a phone that lost the reply may simply send it again.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- Old keys are removed by `forget_keys` (housekeeping).
create table private.idempotency_keys (
  caller uuid not null,
  key text not null,
  -- Identifies the request; the same key with another fingerprint is a client's mistake.
  fingerprint text not null,
  -- The row as it was answered; null only within the transaction that makes it.
  answer jsonb,
  created_at timestamptz not null default now(),
  primary key (caller, key)
);
create index idempotency_keys_by_age on private.idempotency_keys (created_at);

alter table private.idempotency_keys enable row level security;

-- Takes the key of the request in the transaction of its write, before anything else. A key that exists makes the whole
-- write fail; one that another transaction is taking makes it wait. So fifty equal requests at once have one effect,
-- and the others hear "used before" instead of "the row exists". The gateway passes the request's headers on as a
-- setting.
create function private.take_key() returns void language plpgsql security definer set search_path = '' as $$
declare
  headers constant json := nullif(current_setting('request.headers', true), '')::json;
begin
  if headers ->> 'idempotency-key' is not null then
    insert into private.idempotency_keys (caller, key, fingerprint)
      values (auth.uid(), headers ->> 'idempotency-key', coalesce(headers ->> 'x-fingerprint', ''));
  end if;
end $$;
grant execute on function private.take_key() to authenticated;

-- Keeps the answer, after the database has filled in its own part of the row.
create function private.keep_answer(p_answer jsonb) returns void language plpgsql security definer set search_path = '' as $$
begin
  update private.idempotency_keys set answer = p_answer
    where caller = auth.uid() and answer is null
      and key = nullif(current_setting('request.headers', true), '')::json ->> 'idempotency-key';
end $$;
grant execute on function private.keep_answer(jsonb) to authenticated;

create function private.insert_takes_key() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  perform private.take_key();
  return new;
end $$;

create function private.insert_keeps_answer() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  perform private.keep_answer(to_jsonb(new));
  return null;
end $$;

-- Lets a table's inserts take keys. Triggers fire in the order of their names, and `_take_key` must be the first: a
-- repeated request must not be judged again.
create procedure private.take_keys(p_table regclass) language plpgsql set search_path = '' as $$
begin
  execute format('create trigger _take_key before insert on %s for each row
    when (auth.uid() is not null) execute function private.insert_takes_key()', p_table);
  execute format('create trigger keep_answer after insert on %s for each row
    when (auth.uid() is not null) execute function private.insert_keeps_answer()', p_table);
end $$;

-- The first answer: `{"fingerprint": …, "answer": {…}}`, or null for a key that is not known. Whoever has left is told nothing more.
create function functions.replay(p_caller uuid, p_key text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  if not exists (select from public.profiles p where p.id = p_caller and p.active) then
    raise insufficient_privilege using message = 'whoever asks is not active';
  end if;
  return (select jsonb_build_object('fingerprint', k.fingerprint, 'answer', k.answer)
    from private.idempotency_keys k where k.caller = p_caller and k.key = p_key);
end $$;
grant execute on function functions.replay(uuid, text) to millwright_request_api;

-- migrate:down
set local lock_timeout = '5s';
drop table private.idempotency_keys;
drop function functions.replay(uuid, text);
drop procedure private.take_keys(regclass);
drop function private.insert_keeps_answer();
drop function private.insert_takes_key();
drop function private.keep_answer(jsonb);
drop function private.take_key();
