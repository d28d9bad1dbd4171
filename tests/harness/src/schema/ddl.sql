-- The schema as DDL: one row for each statement, in the order of a reader. Two databases with the same rows have the same
-- schema. What extensions own is left out, and dbmate's own table: it says which migrations ran, not what they made.
with ours as (
  select oid, nspname, nspacl, nspowner
  from pg_catalog.pg_namespace
  where nspname !~ '^pg_' and nspname <> 'information_schema'
),
extension_owned as (
  select objid, classid from pg_catalog.pg_depend where deptype = 'e'
),
relations as (
  select c.*, s.nspname, pg_catalog.format('%I.%I', s.nspname, c.relname) as name
  from pg_catalog.pg_class c
  join ours s on s.oid = c.relnamespace
  where c.relname not in ('schema_migrations', 'schema_migrations_pkey')
    and not exists (select from extension_owned e
                    where e.objid = c.oid and e.classid = 'pg_catalog.pg_class'::regclass)
),
routines as (
  select p.*, s.nspname, case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end as kind,
    pg_catalog.format('%I.%I(%s)', s.nspname, p.proname, pg_catalog.oidvectortypes(p.proargtypes)) as name
  from pg_catalog.pg_proc p
  join ours s on s.oid = p.pronamespace
  where not exists (select from extension_owned e
                    where e.objid = p.oid and e.classid = 'pg_catalog.pg_proc'::regclass)
),
-- Everyone but the owner, by name; a null list means the defaults of that kind of object.
allowed as (
  select g.class, g.object, g.part, pg_catalog.lower(a.privilege_type) as privilege, a.is_grantable,
    case when a.grantee = 0 then 'public' else pg_catalog.pg_get_userbyid(a.grantee) end as grantee
  from (
    select 'schema' as class, oid as object, 0 as part, coalesce(nspacl, pg_catalog.acldefault('n', nspowner)) as acl,
      nspowner as owner
    from ours
    union all
    select 'relation', oid, 0,
      coalesce(relacl, pg_catalog.acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner)), relowner
    from relations where relkind in ('r', 'p', 'v', 'm', 'S', 'f')
    union all
    select 'relation', r.oid, a.attnum, a.attacl, r.relowner
    from relations r join pg_catalog.pg_attribute a on a.attrelid = r.oid where a.attacl is not null
    union all
    select 'routine', oid, 0, coalesce(proacl, pg_catalog.acldefault('f', proowner)), proowner from routines
  ) g cross join lateral pg_catalog.aclexplode(g.acl) a
  where a.grantee <> g.owner
),
-- `select, update (a, b)` of each grantee.
granted as (
  select class, object, grantee, is_grantable, pg_catalog.string_agg(words, ', ' order by words collate "C") as words
  from (
    select p.class, p.object, p.grantee, p.is_grantable, p.privilege || coalesce(
      ' (' || pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' order by p.part) || ')', '') as words
    from allowed p
    left join pg_catalog.pg_attribute a on p.class = 'relation' and p.part > 0 and a.attrelid = p.object and a.attnum = p.part
    group by p.class, p.object, p.grantee, p.is_grantable, p.privilege, p.part > 0
  ) w
  group by class, object, grantee, is_grantable
),
grants as (
  select class, object, pg_catalog.format(' to %s%s;', pg_catalog.string_agg(pg_catalog.quote_ident(grantee), ', ' order by grantee),
    case when is_grantable then ' with grant option' else '' end) as to_whom, words
  from granted group by class, object, words, is_grantable
),
statements (schema, kind, subject, part, detail, ddl) as (
  -- ---------------------------------------------------------------- the database
  select '', 0, '1', 0, e.extname, pg_catalog.format('create extension %I schema %I version %L;', e.extname, s.nspname, e.extversion)
  from pg_catalog.pg_extension e join pg_catalog.pg_namespace s on s.oid = e.extnamespace
  union all
  select '', 0, '2', 0, nspname, pg_catalog.format('create schema %I authorization %I;', nspname, pg_catalog.pg_get_userbyid(nspowner))
  from ours
  union all
  select '', 0, '2', 1, s.nspname || ' ' || g.words, pg_catalog.format('grant %s on schema %I%s', g.words, s.nspname, g.to_whom)
  from grants g join ours s on s.oid = g.object where g.class = 'schema'
  union all
  -- Of the roles that migrations make, not of the one that migrates. Logins and passwords belong to a deployment.
  select '', 0, '3', 0, rolname, pg_catalog.format('create role %I%s%s%s;', rolname, case when rolinherit then '' else ' noinherit' end,
    case when rolbypassrls then ' bypassrls' else '' end, case when rolsuper then ' superuser' else '' end)
  from pg_catalog.pg_roles where rolname !~ '^pg_' and rolname <> 'postgres'
  union all
  select '', 0, '3', 1, rolname || setting, pg_catalog.format('alter role %I set %s;', rolname, setting)
  from pg_catalog.pg_roles cross join pg_catalog.unnest(rolconfig) setting where rolname !~ '^pg_' and rolname <> 'postgres'
  union all
  select '', 0, '3', 2, pg_catalog.format('%I %I', roleid::regrole, member::regrole), pg_catalog.format('grant %s to %s;', roleid::regrole, member::regrole)
  from pg_catalog.pg_auth_members where roleid::regrole::text !~ '^pg_'
  union all
  select '', 0, '4', 0, coalesce(s.nspname, '') || d.defaclobjtype::text || a.grantee::regrole::text,
    pg_catalog.format('-- Of what %s makes in %s: only %s may %s %s.', pg_catalog.pg_get_userbyid(d.defaclrole),
      coalesce('schema ' || s.nspname, 'any schema'), case when a.grantee = 0 then 'public' else a.grantee::regrole::text end,
      pg_catalog.lower(a.privilege_type), case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences'
        when 'f' then 'functions' when 'T' then 'types' else 'schemas' end)
  from pg_catalog.pg_default_acl d
  left join pg_catalog.pg_namespace s on s.oid = d.defaclnamespace
  cross join lateral pg_catalog.aclexplode(d.defaclacl) a
  union all
  -- ---------------------------------------------------------------- types
  select s.nspname, 1, t.typname, 0, '', pg_catalog.format('create type %I.%I as enum (%s);', s.nspname, t.typname,
    (select pg_catalog.string_agg(pg_catalog.quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
      from pg_catalog.pg_enum e where e.enumtypid = t.oid))
  from pg_catalog.pg_type t join ours s on s.oid = t.typnamespace where t.typtype = 'e'
  union all
  select s.nspname, 1, c.collname, 0, '', pg_catalog.format('create collation %I.%I (provider = %s, locale = %L%s);', s.nspname, c.collname,
    case c.collprovider when 'i' then 'icu' when 'c' then 'libc' else 'builtin' end, coalesce(c.colllocale, c.collcollate),
    case when c.collisdeterministic then '' else ', deterministic = false' end)
  from pg_catalog.pg_collation c join ours s on s.oid = c.collnamespace
  union all
  select s.nspname, 1, t.typname, 0, '', pg_catalog.format('create domain %I.%I as %s%s%s%s%s;', s.nspname, t.typname,
    pg_catalog.format_type(t.typbasetype, t.typtypmod),
    (select pg_catalog.format(' collate %I.%I', n.nspname, k.collname) from pg_catalog.pg_collation k
      join pg_catalog.pg_namespace n on n.oid = k.collnamespace
      where k.oid = t.typcollation and n.nspname <> 'pg_catalog'),
    case when t.typnotnull then ' not null' else '' end,
    coalesce(' default ' || t.typdefault, ''),
    (select pg_catalog.string_agg(' ' || pg_catalog.pg_get_constraintdef(c.oid, true), '' order by c.conname)
      from pg_catalog.pg_constraint c where c.contypid = t.oid))
  from pg_catalog.pg_type t join ours s on s.oid = t.typnamespace where t.typtype = 'd'
  union all
  select s.nspname, 1, t.typname, 0, '', pg_catalog.format('create type %I.%I as range (subtype = %s);', s.nspname, t.typname,
    pg_catalog.format_type(g.rngsubtype, null))
  from pg_catalog.pg_type t join ours s on s.oid = t.typnamespace join pg_catalog.pg_range g on g.rngtypid = t.oid
  union all
  -- ---------------------------------------------------------------- tables
  select r.nspname, 2, r.relname, 0, '', pg_catalog.format(E'create %s %s(\n%s\n)%s;', case r.relkind when 'c' then 'type' else 'table' end,
      r.name || case r.relkind when 'c' then ' as ' else ' ' end, (
      select pg_catalog.string_agg('  ' || l.line, E',\n' order by l.kind, l.place, l.line collate "C") from (
        select 0 as kind, a.attnum as place, pg_catalog.format('%I %s', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod))
          || case when a.attnotnull then ' not null' else '' end
          || case when a.attgenerated = 's' then ' generated always as (' || pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) || ') stored'
            else coalesce(' default ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid, true), '') end
          || case a.attidentity when 'a' then ' generated always as identity' when 'd' then ' generated by default as identity' else '' end as line
        from pg_catalog.pg_attribute a
        left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
        union all
        select 1, pg_catalog.strpos('pucxft', c.contype::text), pg_catalog.format('constraint %I %s', c.conname, pg_catalog.pg_get_constraintdef(c.oid, true))
        from pg_catalog.pg_constraint c where c.conrelid = r.oid and c.contype <> 't') l),
    coalesce(' with (' || pg_catalog.array_to_string(r.reloptions, ', ') || ')', ''))
  from relations r where r.relkind in ('r', 'p', 'f', 'c')
  union all
  select r.nspname, 2, r.relname, 0, '', pg_catalog.format(E'create %sview %s%s as\n%s', case r.relkind when 'm' then 'materialized ' else '' end,
    r.name, coalesce(' with (' || pg_catalog.array_to_string(r.reloptions, ', ') || ')', ''), pg_catalog.pg_get_viewdef(r.oid, true))
  from relations r where r.relkind in ('v', 'm')
  union all
  select r.nspname, 2, r.relname, 0, '', pg_catalog.format('create sequence %s as %s start %s increment %s minvalue %s maxvalue %s%s;', r.name,
    pg_catalog.format_type(q.seqtypid, null), q.seqstart, q.seqincrement, q.seqmin, q.seqmax, case when q.seqcycle then ' cycle' else '' end)
  from relations r join pg_catalog.pg_sequence q on q.seqrelid = r.oid
  -- That of an identity column comes with the column.
  where not exists (select from pg_catalog.pg_depend i
    where i.objid = r.oid and i.classid = 'pg_catalog.pg_class'::regclass and i.deptype = 'i')
  union all
  select r.nspname, 2, r.relname, 1, '', pg_catalog.format('alter table %s owner to %I;', r.name, pg_catalog.pg_get_userbyid(r.relowner))
  from relations r where r.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and r.relowner <> pg_catalog.to_regrole('postgres')
  union all
  select r.nspname, 2, r.relname, 2, x.relname, pg_catalog.pg_get_indexdef(i.indexrelid) || ';' || case when i.indisvalid then '' else ' -- invalid' end
  from pg_catalog.pg_index i join relations r on r.oid = i.indrelid join pg_catalog.pg_class x on x.oid = i.indexrelid
  where not exists (select from pg_catalog.pg_constraint c where c.conindid = i.indexrelid and c.contype in ('p', 'u', 'x'))
  union all
  select r.nspname, 2, r.relname, 2, x.stxname, pg_catalog.pg_get_statisticsobjdef(x.oid) || ';'
  from pg_catalog.pg_statistic_ext x join relations r on r.oid = x.stxrelid
  union all
  select r.nspname, 2, r.relname, 3, s.word, pg_catalog.format('alter table %s %s row level security;', r.name, s.word)
  from relations r cross join lateral (values ('enable', r.relrowsecurity), ('force', r.relforcerowsecurity)) s (word, is_so) where s.is_so
  union all
  select r.nspname, 2, r.relname, 4, p.polname, pg_catalog.format('create policy %I on %s%s for %s to %s%s%s;', p.polname, r.name,
    case when p.polpermissive then '' else ' as restrictive' end,
    case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
    coalesce((select pg_catalog.string_agg(pg_catalog.quote_ident(m.rolname), ', ' order by m.rolname)
      from pg_catalog.pg_roles m where m.oid = any (p.polroles)), 'public'),
    coalesce(E'\n  using (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid, true) || ')', ''),
    coalesce(E'\n  with check (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid, true) || ')', ''))
  from pg_catalog.pg_policy p join relations r on r.oid = p.polrelid
  union all
  select r.nspname, 2, r.relname, 5, g.words, pg_catalog.format('grant %s on %s%s%s', g.words, case r.relkind when 'S' then 'sequence ' else '' end, r.name, g.to_whom)
  from grants g join relations r on r.oid = g.object where g.class = 'relation'
  union all
  select r.nspname, 2, r.relname, 6, t.tgname, pg_catalog.pg_get_triggerdef(t.oid, true) || ';'
    || case when t.tgenabled = 'O' then '' else ' -- enabled: ' || t.tgenabled::text end
  from pg_catalog.pg_trigger t join relations r on r.oid = t.tgrelid where not t.tgisinternal
  union all
  select r.nspname, 2, r.relname, 7, w.rulename, pg_catalog.pg_get_ruledef(w.oid, true)
  from pg_catalog.pg_rewrite w join relations r on r.oid = w.ev_class where w.rulename <> '_RETURN'
  union all
  select r.nspname, 2, r.relname, 8, d.objsubid::text, pg_catalog.format('comment on %s is %L;', pg_catalog.pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description)
  from pg_catalog.pg_description d join relations r on r.oid = d.objoid where d.classoid = 'pg_catalog.pg_class'::regclass
  union all
  -- ---------------------------------------------------------------- functions
  select nspname, 3, name, 0, '', case when kind = 'aggregate' then 'create aggregate ' || name
    else pg_catalog.rtrim(pg_catalog.pg_get_functiondef(oid), E'\n') end || ';'
  from routines
  union all
  select nspname, 3, name, 1, '', pg_catalog.format('alter %s %s owner to %I;', kind, name, pg_catalog.pg_get_userbyid(proowner))
  from routines where proowner <> pg_catalog.to_regrole('postgres')
  union all
  select nspname, 3, name, 2, '', pg_catalog.format('grant %s on %s %s%s', g.words, kind, name, g.to_whom)
  from grants g join routines r on r.oid = g.object where g.class = 'routine'
)
select pg_catalog.concat_ws(': ', nullif(schema, ''), (array['types', 'tables', 'functions'])[kind]) as section, subject, ddl
from statements
order by pg_catalog.array_position(array['', 'public', 'private', 'functions']::text[], schema::text), schema collate "C", kind,
  subject collate "C", part, detail collate "C", ddl collate "C"
