-- One line per object in the schemas that migrations make, sorted. Two databases with the same lines have the
-- same schema. dbmate's own table is left out: it says which migrations ran, not what they made.
with ours as (
  select oid, nspname, nspacl, nspowner
  from pg_catalog.pg_namespace
  where nspname !~ '^pg_' and nspname <> 'information_schema'
),
extension_owned as (
  select objid, classid from pg_catalog.pg_depend where deptype = 'e'
),
relations as (
  select c.*, s.nspname || '.' || c.relname as name
  from pg_catalog.pg_class c
  join ours s on s.oid = c.relnamespace
  where c.relname not in ('schema_migrations', 'schema_migrations_pkey')
    and not exists (select from extension_owned e
                    where e.objid = c.oid and e.classid = 'pg_catalog.pg_class'::regclass)
),
routines as (
  select p.*, s.nspname || '.' || p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')' as name
  from pg_catalog.pg_proc p
  join ours s on s.oid = p.pronamespace
  where not exists (select from extension_owned e
                    where e.objid = p.oid and e.classid = 'pg_catalog.pg_proc'::regclass)
),
-- What every role may do, as one text in a fixed order; a null list means the defaults of that kind of object.
grants (kind, name, acl) as (
  select 'schema', nspname, coalesce(nspacl, pg_catalog.acldefault('n', nspowner)) from ours
  union all
  select 'relation', name, coalesce(relacl, pg_catalog.acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner))
  from relations where relkind in ('r', 'p', 'v', 'm', 'S', 'f')
  union all
  select 'column', r.name || '.' || a.attname, a.attacl
  from relations r
  join pg_catalog.pg_attribute a on a.attrelid = r.oid
  where a.attacl is not null
  union all
  select 'function', name, coalesce(proacl, pg_catalog.acldefault('f', proowner)) from routines
),
lines (line) as (
  select 'schema ' || nspname || ' owner ' || pg_catalog.pg_get_userbyid(nspowner) from ours
  union all
  select 'extension ' || extname || ' ' || extversion from pg_catalog.pg_extension
  union all
  select 'relation ' || name || ' kind ' || relkind::text || ' owner ' || pg_catalog.pg_get_userbyid(relowner)
      || ' rls ' || relrowsecurity || ' forced ' || relforcerowsecurity
      || ' options ' || coalesce(pg_catalog.array_to_string(reloptions, ','), '-')
  from relations
  where relkind <> 'c'
  union all
  -- By name, not by position: a column that was dropped and added again is the same column.
  select 'column ' || r.name || '.' || a.attname || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod)
      || case when a.attnotnull then ' not null' else '' end
      || coalesce(' default ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid), '')
      || ' identity [' || a.attidentity::text || '] generated [' || a.attgenerated::text || ']'
  from relations r
  join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
  left join pg_catalog.pg_attrdef d on d.adrelid = r.oid and d.adnum = a.attnum
  where r.relkind in ('r', 'p', 'v', 'm', 'f', 'c')
  union all
  select 'view ' || name || ' as ' || pg_catalog.pg_get_viewdef(oid) from relations where relkind in ('v', 'm')
  union all
  select 'sequence ' || r.name || ' ' || pg_catalog.format_type(q.seqtypid, null) || ' start ' || q.seqstart
      || ' by ' || q.seqincrement || ' from ' || q.seqmin || ' to ' || q.seqmax || ' cycle ' || q.seqcycle
  from relations r join pg_catalog.pg_sequence q on q.seqrelid = r.oid
  union all
  select 'constraint ' || coalesce(r.name, t.typname) || ' ' || c.conname || ' '
      || pg_catalog.pg_get_constraintdef(c.oid) || ' validated ' || c.convalidated
  from pg_catalog.pg_constraint c
  join ours s on s.oid = c.connamespace
  left join relations r on r.oid = c.conrelid
  left join pg_catalog.pg_type t on t.oid = c.contypid
  where r.oid is not null or t.oid is not null
  union all
  select 'index ' || pg_catalog.pg_get_indexdef(i.indexrelid) || ' valid ' || i.indisvalid
  from pg_catalog.pg_index i join relations r on r.oid = i.indrelid
  union all
  select 'policy ' || r.name || ' ' || p.polname || ' for ' || p.polcmd::text || ' permissive ' || p.polpermissive || ' to '
      || coalesce((select pg_catalog.string_agg(m.rolname, ',' order by m.rolname)
                   from pg_catalog.pg_roles m where m.oid = any (p.polroles)), 'public')
      || ' using ' || coalesce(pg_catalog.pg_get_expr(p.polqual, p.polrelid), '-')
      || ' check ' || coalesce(pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid), '-')
  from pg_catalog.pg_policy p join relations r on r.oid = p.polrelid
  union all
  select 'trigger ' || pg_catalog.pg_get_triggerdef(t.oid) || ' enabled ' || t.tgenabled::text
  from pg_catalog.pg_trigger t join relations r on r.oid = t.tgrelid
  where not t.tgisinternal
  union all
  select 'rule ' || pg_catalog.pg_get_ruledef(w.oid)
  from pg_catalog.pg_rewrite w join relations r on r.oid = w.ev_class
  where w.rulename <> '_RETURN'
  union all
  select 'function ' || name || ' owner ' || pg_catalog.pg_get_userbyid(proowner) || ' '
      || case when prokind = 'a' then 'aggregate' else pg_catalog.pg_get_functiondef(oid) end
  from routines
  union all
  select 'type ' || s.nspname || '.' || t.typname || ' ' || t.typtype::text
      || coalesce(' enum ' || (select pg_catalog.string_agg(e.enumlabel, ',' order by e.enumsortorder)
                               from pg_catalog.pg_enum e where e.enumtypid = t.oid), '')
      || case when t.typtype = 'd' then ' domain of ' || pg_catalog.format_type(t.typbasetype, t.typtypmod)
           || ' not null ' || t.typnotnull || coalesce(' default ' || t.typdefault, '') else '' end
  from pg_catalog.pg_type t
  join ours s on s.oid = t.typnamespace
  where t.typtype in ('e', 'd', 'r')
    and not exists (select from extension_owned e
                    where e.objid = t.oid and e.classid = 'pg_catalog.pg_type'::regclass)
  union all
  select 'grant ' || g.kind || ' ' || g.name || ' ' || a.privilege_type || ' to '
      || case when a.grantee = 0 then 'public' else pg_catalog.pg_get_userbyid(a.grantee) end
      || case when a.is_grantable then ' with grant option' else '' end
  from grants g cross join lateral pg_catalog.aclexplode(g.acl) a
  union all
  select 'default grant ' || d.defaclobjtype::text || ' of ' || pg_catalog.pg_get_userbyid(d.defaclrole) || ' in '
      || coalesce(s.nspname, 'every schema') || ' ' || a.privilege_type || ' to '
      || case when a.grantee = 0 then 'public' else pg_catalog.pg_get_userbyid(a.grantee) end
  from pg_catalog.pg_default_acl d
  left join pg_catalog.pg_namespace s on s.oid = d.defaclnamespace
  cross join lateral pg_catalog.aclexplode(d.defaclacl) a
  union all
  select 'role ' || rolname || ' super ' || rolsuper || ' inherit ' || rolinherit || ' login ' || rolcanlogin
      || ' bypass rls ' || rolbypassrls || ' settings ' || coalesce(pg_catalog.array_to_string(rolconfig, ','), '-')
  from pg_catalog.pg_roles
  where rolname !~ '^pg_'
  union all
  select 'member ' || pg_catalog.pg_get_userbyid(member) || ' of ' || pg_catalog.pg_get_userbyid(roleid)
  from pg_catalog.pg_auth_members
  where pg_catalog.pg_get_userbyid(roleid) !~ '^pg_'
  union all
  select 'comment ' || pg_catalog.pg_describe_object(classoid, objoid, objsubid) || ' ' || description
  from pg_catalog.pg_description
  where classoid = 'pg_catalog.pg_class'::regclass and objoid in (select oid from relations)
)
select line from lines order by line collate "C"
