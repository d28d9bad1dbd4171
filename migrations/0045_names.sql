-- migrate:up
-- The names of what a row refers to, told wherever the row is: a technician reads who commented, a requester which machine they
-- reported, and neither sees more of them than that.
--
-- Each is a relationship that the gateway embeds by its name (`comments?select=*,author(*)`): a function of the row, which
-- is inlined into the statement, so that a page costs a look into an index for each name. The row comes from a table that row
-- level security has judged; nobody can hand in one of their own, because what takes a row of a table is no function that the
-- gateway calls.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

-- What is told of a row that someone need not see. These views have their owner's rights, and lie in a schema that no gateway
-- shows: only the functions below lead here, each from one id in a row that is seen.
create view private.person as select p.id, p.full_name as name from public.profiles p;
create view private.machine as select e.id, e.name, e.asset_tag from public.equipment e;
create view private.warehouse as select w.id, w.name, w.code from public.warehouses w;
create view private.vendor as select v.id, v.name from public.vendors v;
create view private.part as select p.id, p.name, p.part_number from public.parts p;
create view private.template as select t.id, t.title as name from public.pm_templates t;
create view private.rule as select r.id, r.name from public.escalation_rules r;
-- Another work order is told as far as the caller sees it: what it is about is not for everyone who sees that there is one.
create view private.work_order with (security_invoker = true) as
  select w.id, w.title as name, w.number from public.work_orders w;
grant select on private.person, private.machine, private.warehouse, private.vendor, private.part, private.template, private.rule,
  private.work_order to authenticated;

-- The same as types: the gateway embeds only what it knows a relation of in its own schema. These have no rows, and nobody may
-- read them.
create view public.named_person with (security_invoker = true) as select null::uuid as id, null::text as name where false;
create view public.named_machine with (security_invoker = true) as
  select null::uuid as id, null::text as name, null::text as asset_tag where false;
create view public.named_warehouse with (security_invoker = true) as
  select null::uuid as id, null::text as name, null::text as code where false;
create view public.named_vendor with (security_invoker = true) as select null::uuid as id, null::text as name where false;
create view public.named_part with (security_invoker = true) as
  select null::uuid as id, null::text as name, null::text as part_number where false;
create view public.named_template with (security_invoker = true) as select null::uuid as id, null::text as name where false;
create view public.named_rule with (security_invoker = true) as select null::uuid as id, null::text as name where false;
create view public.named_work_order with (security_invoker = true) as
  select null::uuid as id, null::text as name, null::text as number where false;

-- A table, its column, the name of what that refers to, and the view that tells of it. `NAMES` in the domain crate is the same list.
do $$
declare
  n record;
begin
  for n in select * from (values
    ('work_orders', 'requested_by', 'requester', 'person'),
    ('work_orders', 'assigned_to', 'assignee', 'person'),
    ('work_orders', 'equipment_id', 'machine', 'machine'),
    ('work_orders', 'warehouse_id', 'warehouse', 'warehouse'),
    ('work_orders', 'vendor_id', 'vendor', 'vendor'),
    ('work_orders', 'completed_by', 'completer', 'person'),
    ('work_orders', 'verified_by', 'verifier', 'person'),
    ('work_orders', 'acknowledged_by', 'acknowledger', 'person'),
    ('work_orders', 'parent_id', 'parent', 'work_order'),
    ('attachments', 'uploaded_by', 'uploader', 'person'),
    ('checklist_items', 'follow_up_id', 'follow_up_order', 'work_order'),
    ('work_order_crew', 'profile_id', 'person', 'person'),
    ('time_logs', 'profile_id', 'person', 'person'),
    ('time_logs', 'annulled_by', 'annuller', 'person'),
    ('comments', 'author_id', 'author', 'person'),
    ('work_order_relations', 'other_id', 'other', 'work_order'),
    ('work_order_relations', 'created_by', 'creator', 'person'),
    ('work_order_history', 'actor_id', 'actor', 'person'),
    ('escalations', 'rule_id', 'rule', 'rule'),
    ('part_transactions', 'part_id', 'part', 'part'),
    ('part_transactions', 'work_order_id', 'work_order', 'work_order'),
    ('part_transactions', 'performed_by', 'performer', 'person'),
    ('part_reservations', 'part_id', 'part', 'part'),
    ('part_reservations', 'reserved_by', 'reserver', 'person'),
    ('equipment', 'warehouse_id', 'warehouse', 'warehouse'),
    ('equipment', 'parent_id', 'parent', 'machine'),
    ('meters', 'equipment_id', 'machine', 'machine'),
    ('meters', 'warehouse_id', 'warehouse', 'warehouse'),
    ('meter_readings', 'read_by', 'reader', 'person'),
    ('meter_readings', 'annulled_by', 'annuller', 'person'),
    ('downtime_intervals', 'equipment_id', 'machine', 'machine'),
    ('downtime_intervals', 'work_order_id', 'work_order', 'work_order'),
    ('downtime_intervals', 'annulled_by', 'annuller', 'person'),
    ('parts', 'warehouse_id', 'warehouse', 'warehouse'),
    ('parts', 'vendor_id', 'vendor', 'vendor'),
    ('reorder_drafts', 'warehouse_id', 'warehouse', 'warehouse'),
    ('reorder_drafts', 'vendor_id', 'vendor', 'vendor'),
    ('reorder_drafts', 'created_by', 'creator', 'person'),
    ('reorder_drafts', 'ordered_by', 'orderer', 'person'),
    ('reorder_drafts', 'received_by', 'receiver', 'person'),
    ('reorder_lines', 'part_id', 'part', 'part'),
    ('vendors', 'warehouse_id', 'warehouse', 'warehouse'),
    ('vendor_documents', 'vendor_id', 'vendor', 'vendor'),
    ('vendor_documents', 'profile_id', 'person', 'person'),
    ('profiles', 'warehouse_id', 'warehouse', 'warehouse'),
    ('profiles', 'vendor_id', 'vendor', 'vendor'),
    ('api_tokens', 'warehouse_id', 'warehouse', 'warehouse'),
    ('api_tokens', 'created_by', 'creator', 'person'),
    ('pm_templates', 'equipment_id', 'machine', 'machine'),
    ('pm_templates', 'warehouse_id', 'warehouse', 'warehouse'),
    ('pm_templates', 'default_assignee_id', 'default_assignee', 'person'),
    ('pm_schedules', 'template_id', 'template', 'template'),
    ('pm_schedules', 'equipment_id', 'machine', 'machine'),
    ('pm_schedules', 'warehouse_id', 'warehouse', 'warehouse'),
    ('pm_schedules', 'last_work_order_id', 'last_work_order', 'work_order'),
    ('pm_occurrences', 'warehouse_id', 'warehouse', 'warehouse'),
    ('pm_occurrences', 'work_order_id', 'work_order', 'work_order'),
    ('escalation_rules', 'warehouse_id', 'warehouse', 'warehouse'),
    ('reviews', 'work_order_id', 'work_order', 'work_order'),
    ('reviews', 'brought_by', 'bringer', 'person'),
    ('reviews', 'decided_by', 'decider', 'person'),
    ('reviews', 'warehouse_id', 'warehouse', 'warehouse'),
    ('notifications', 'work_order_id', 'work_order', 'work_order'),
    ('webhooks', 'warehouse_id', 'warehouse', 'warehouse'),
    ('settings', 'warehouse_id', 'warehouse', 'warehouse'),
    ('audit_log', 'actor_id', 'actor', 'person')) n (of_table, of_column, name, told_by)
  loop
    execute format('create function public.%1$I(public.%2$I) returns setof public.%3$I rows 1 language sql stable
      as $f$ select n.* from private.%4$I n where n.id = $1.%5$I $f$',
      n.name, n.of_table, 'named_' || n.told_by, n.told_by, n.of_column);
    execute format('grant execute on function public.%I(public.%I) to authenticated', n.name, n.of_table);
  end loop;
end $$;

-- migrate:down
set local lock_timeout = '5s';
do $$
declare
  told regprocedure;
begin
  for told in
    select p.oid from pg_proc p join pg_class v on v.reltype = p.prorettype
      where p.pronamespace = 'public'::regnamespace and v.relnamespace = 'public'::regnamespace and v.relname like 'named\_%'
  loop
    execute format('drop function %s', told);
  end loop;
end $$;
drop view public.named_work_order;
drop view private.work_order;
drop view public.named_rule;
drop view private.rule;
drop view public.named_template;
drop view private.template;
drop view public.named_part;
drop view private.part;
drop view public.named_vendor;
drop view private.vendor;
drop view public.named_warehouse;
drop view private.warehouse;
drop view public.named_machine;
drop view private.machine;
drop view public.named_person;
drop view private.person;
