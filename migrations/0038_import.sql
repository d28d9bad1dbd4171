-- migrate:up
-- Machines and parts from a file, in one transaction, each line judged as if it had come alone.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- Opens or changes one row for each of `p_rows` (`[{"line", "row"}]`); an existing one is changed in the columns that
-- its row names. It runs with the caller's rights: row level security and column grants judge every row. `p_lacks`
-- names the required columns that no row has. A dry run keeps nothing, and neither does an atomic run with a refused
-- row.
--
-- Answers `{"applied", "lines": [{"line", "outcome", …}]}`: `created` and `unchanged` with the id, `updated` also with
-- the columns, `rejected` with the SQLSTATE and the fault, as far as it is known.
--
-- What a row is known by is compared as the unique key does (`private.alike`): written otherwise, it is the same one, and stays as
-- it is written.
--
-- Five thousand rows take some seconds, so it has as long as a function has; the gateway sets that before it calls.
--
-- Rows with the same columns are written together, 256 at a time. A refused batch is tried again in eighths, down to
-- the row at fault, so the cost of a file grows with its faults.
create function public.import(p_resource text, p_rows jsonb, p_lacks text[], p_dry_run boolean, p_atomic boolean)
returns jsonb language plpgsql set search_path = '' set statement_timeout = '9s' as $$
declare
  managers constant text[] := array['manager', 'admin', case p_resource
    when 'equipment' then 'supervisor' when 'parts' then 'inventory_clerk' end];
  target constant text := format('public.%I', p_resource);
  known_by constant text := case p_resource when 'equipment' then 'asset_tag' when 'parts' then 'part_number' end;
  headers constant text := coalesce(current_setting('request.headers', true), '');
  home uuid;
  batch record;
  fixed text;
  statement text;
  starts integer[];
  ends integer[];
  first integer;
  last integer;
  step integer;
  touched bigint;
  lines jsonb[] := '{}';
  refused boolean := false;
  applied boolean := true;
  failed_code text;
  failed_column text;
  failed_message text;
  failed_detail text;
  told jsonb;
begin
  select p.warehouse_id into home from public.profiles p
    where p.id = auth.uid() and p.active and p.role::text = any (managers);
  if not found or known_by is null then
    raise insufficient_privilege using message = 'permission denied to import';
  elsif jsonb_array_length(p_rows) > 5000 then
    raise invalid_parameter_value using message = 'a file has at most 5000 lines';
  end if;
  -- The key of the request is for the file, not for each row that it opens.
  perform private.take_key();
  perform set_config('request.headers', '', true);
  if exists (select from jsonb_array_elements(p_rows) r where r -> 'row' ? 'parent_id') then
    perform private.take_turn(p_resource);
  end if;
  begin
    -- Compares all rows with the existing ones at once, and groups those with the same columns in the same warehouse.
    -- They go in the order of their keys, so that two files at once wait for each other and do not deadlock.
    for batch in execute format(
      'select is_new, columns, array_agg(jsonb_build_object(''line'', line, ''id'', id, ''row'', said.row) order by key) as members
       from (
         select old is null as is_new, coalesce((old ->> ''id'')::uuid, private.uuidv7()) as id, line, found.row,
           found.row ->> %1$L as key, coalesce(old, found.row) ->> ''warehouse_id'' as warehouse,
           array(select c from jsonb_object_keys(found.row) c where old is null or (c <> %1$L and old -> c <> new -> c) order by c) as columns
         from (
           select r.line, r.row, to_jsonb(t) as old, to_jsonb(jsonb_populate_record(t, r.row)) as new
           from jsonb_to_recordset($1) as r (line integer, row jsonb)
           left join %2$s t on t.%1$I = (r.row ->> %1$L) collate private.alike and t.warehouse_id = coalesce((r.row ->> ''warehouse_id'')::uuid, $2)
           offset 0) found) said
       group by is_new, columns, warehouse order by min(key)',
      known_by, target) using p_rows, home
    loop
      if batch.columns = '{}' then
        lines := lines || array(select m - 'row' || '{"outcome": "unchanged"}' from unnest(batch.members) m);
        continue;
      end if;
      fixed := case when batch.is_new then nullif(array_to_string(p_lacks, ' '), '') else
        (select string_agg(c, ' ') from unnest(batch.columns) c where not has_column_privilege(target, c, 'update')) end;
      statement := format(case when batch.is_new
        then 'insert into %1$s (id, %2$s) select (m ->> ''id'')::uuid, %3$s
          from unnest($1) m, jsonb_populate_record(null::%1$s, m -> ''row'') r'
        else 'update %1$s t set (%2$s) = row (%3$s)
          from unnest($1) m, jsonb_populate_record(null::%1$s, m -> ''row'') r where t.id = (m ->> ''id'')::uuid and t.id = any ($2)' end,
        target, (select string_agg(quote_ident(c), ', ' order by c) from unnest(batch.columns) c),
        (select string_agg('r.' || quote_ident(c), ', ' order by c) from unnest(batch.columns) c));
      starts := array(select n from generate_series(1, cardinality(batch.members), 256) n order by n desc);
      ends := array(select least(n + 255, cardinality(batch.members)) from unnest(starts) with ordinality s (n, o) order by o);
      while cardinality(starts) > 0 loop
        first := starts[cardinality(starts)];
        last := ends[cardinality(ends)];
        starts := trim_array(starts, 1);
        ends := trim_array(ends, 1);
        begin
          if fixed is not null and batch.is_new then
            raise not_null_violation using column = fixed;
          elsif fixed is not null then
            raise insufficient_privilege using column = fixed;
          end if;
          -- By their ids, so that the rights to other rows are not looked at.
          execute statement using batch.members[first:last],
            array(select (m ->> 'id')::uuid from unnest(batch.members[first:last]) m);
          get diagnostics touched = row_count;
          if touched <= last - first then
            raise insufficient_privilege;
          end if;
          lines := lines || array(select m - 'row' || case when batch.is_new then '{"outcome": "created"}'
            else jsonb_build_object('outcome', 'updated', 'columns', batch.columns) end
            from unnest(batch.members[first:last]) m);
        exception when others then
          get stacked diagnostics failed_code = returned_sqlstate, failed_column = column_name,
            failed_message = message_text, failed_detail = pg_exception_detail;
          -- These are faults of a row; anything else is an error of the whole call.
          if failed_code !~ '^(22|23)' and failed_code not in ('42501', 'PT409') then
            raise;
          end if;
          -- A missing right or column is the same for every row of the batch.
          if first = last or failed_code = '42501' or fixed is not null then
            refused := true;
            lines := lines || array(select jsonb_build_object('line', m -> 'line', 'outcome', 'rejected',
              'code', failed_code, 'columns', string_to_array(failed_column, ' '), 'message', failed_message,
              'details', failed_detail) from unnest(batch.members[first:last]) m);
          else
            step := (last - first) / 8 + 1;
            starts := starts || array(select n from generate_series(first, last, step) n order by n desc);
            ends := ends || array(select least(n + step - 1, last) from generate_series(first, last, step) n order by n desc);
          end if;
        end;
      end loop;
    end loop;
    if p_dry_run or (p_atomic and refused) then
      raise exception using errcode = 'MW001';
    end if;
  exception when sqlstate 'MW001' then
    -- Undoes the rows and keeps the report.
    applied := false;
  end;
  told := jsonb_build_object('applied', applied, 'lines',
    (select coalesce(jsonb_agg(l order by (l ->> 'line')::integer), '[]') from unnest(lines) l));
  perform set_config('request.headers', headers, true);
  perform private.keep_answer(told);
  return told;
end $$;
grant execute on function public.import(text, jsonb, text[], boolean, boolean) to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop function public.import(text, jsonb, text[], boolean, boolean);
