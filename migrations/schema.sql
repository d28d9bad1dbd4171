-- The whole schema that the migrations beside this file make: to read and to review, not to run.
-- `cargo xtask migrate dump` writes it; a test fails when it is not what they make.

create extension btree_gin schema extensions version '1.3';
create extension btree_gist schema extensions version '1.7';
create extension pgcrypto schema extensions version '1.3';
create extension plpgsql schema pg_catalog version '1.0';
create extension unaccent schema extensions version '1.1';
create schema auth authorization postgres;
create schema extensions authorization postgres;
create schema functions authorization postgres;
create schema private authorization postgres;
create schema public authorization pg_database_owner;
grant usage on schema auth to anon, authenticated;
grant usage on schema extensions to authenticated;
grant usage on schema functions to millwright_escalation_checker, millwright_file_processor, millwright_notification_sender, millwright_pm_scheduler, millwright_request_api;
grant usage on schema private to authenticated, millwright_escalation_checker, millwright_file_processor, millwright_notification_sender, millwright_pm_scheduler, millwright_request_api;
grant usage on schema public to anon, authenticated, public;
create role anon;
create role authenticated;
create role authenticator noinherit;
create role millwright_escalation_checker;
create role millwright_file_processor;
create role millwright_notification_sender;
create role millwright_pm_scheduler;
create role millwright_request_api;
alter role anon set statement_timeout=5s;
alter role authenticated set statement_timeout=5s;
alter role authenticator set pgrst.db_aggregates_enabled=false;
alter role authenticator set pgrst.db_extra_search_path=public;
alter role authenticator set pgrst.db_max_rows=1000;
alter role authenticator set pgrst.db_plan_enabled=false;
alter role authenticator set pgrst.db_pre_request=private.admit;
alter role authenticator set pgrst.db_schemas=public, functions;
alter role millwright_escalation_checker set statement_timeout=9s;
alter role millwright_file_processor set statement_timeout=9s;
alter role millwright_notification_sender set statement_timeout=9s;
alter role millwright_pm_scheduler set statement_timeout=9s;
alter role millwright_request_api set statement_timeout=9s;
grant anon to authenticator;
grant authenticated to authenticator;
grant millwright_escalation_checker to authenticator;
grant millwright_file_processor to authenticator;
grant millwright_notification_sender to authenticator;
grant millwright_pm_scheduler to authenticator;
grant millwright_request_api to authenticator;
-- Of what postgres makes in any schema: only postgres may execute functions.

-- ------------------------------------------------------------------ public: types

create type public.attachment_state as enum ('uploaded', 'processing', 'ready', 'quarantined', 'failed');
create type public.catch_up as enum ('latest', 'all', 'none');
create type public.channel as enum ('email', 'push', 'slack', 'webhook', 'sms');
create type public.checklist_state as enum ('pending', 'done', 'skipped', 'issue');
create type public.counted_hours as enum ('calendar', 'business');
create type public.delivery_state as enum ('ready', 'running', 'delivered', 'dead');
create type public.document_kind as enum ('certification', 'insurance', 'contract', 'licence', 'other');
create domain public.equipment_status as text CHECK (VALUE = ANY (ARRAY['active'::text, 'inactive'::text, 'maintenance'::text, 'retired'::text, 'disposed'::text]));
create type public.escalation_clock as enum ('response', 'resolution');
create type public.event_kind as enum ('wo_assigned', 'wo_escalation', 'wo_overdue', 'wo_completed', 'wo_comment', 'missed_pm', 'part_low_stock', 'part_out_of_stock', 'document_expiring', 'request_received', 'system_alert');
create type public.hold_reason as enum ('parts', 'vendor', 'access', 'approval', 'other');
create type public.meter_unit as enum ('hours', 'cycles', 'km');
create type public.occurrence_decision as enum ('generated', 'skipped', 'missed', 'superseded');
create type public.on_free_day as enum ('keep', 'skip', 'before', 'after');
create type public.overlap as enum ('skip', 'generate', 'replace');
create type public.pm_basis as enum ('fixed', 'floating');
create domain public.priority as text CHECK (VALUE = ANY (ARRAY['low'::text, 'medium'::text, 'high'::text, 'critical'::text]));
create type public.relation_kind as enum ('duplicate_of', 'related_to', 'split_from', 'blocks');
create type public.reorder_status as enum ('draft', 'ordered', 'received', 'cancelled');
create domain public.run_outcome as text CHECK (VALUE = ANY (ARRAY['running'::text, 'done'::text, 'out_of_time'::text, 'failed'::text]));
create type public.setting_key as enum ('file_upload_max_size', 'auto_archive_completed_wo_days', 'default_pm_lead_time_days', 'qr_code_base_url', 'escalation_max_open_work_orders');
create type public.signature_rule as enum ('optional', 'name', 'drawn');
create type public.stock_movement as enum ('inbound', 'used', 'adjustment', 'returned');
create type public.user_role as enum ('technician', 'supervisor', 'manager', 'inventory_clerk', 'contractor', 'requester', 'admin');
create type public.vendor_kind as enum ('supplier', 'contractor');
create domain public.work_order_status as text CHECK (VALUE = ANY (ARRAY['new'::text, 'assigned'::text, 'in_progress'::text, 'on_hold'::text, 'completed'::text, 'verified'::text, 'closed'::text, 'cancelled'::text]));
create domain public.work_order_type as text CHECK (VALUE = ANY (ARRAY['preventive'::text, 'corrective'::text, 'emergency'::text]));

-- ------------------------------------------------------------------ public: tables

create table public.api_tokens (
  id uuid not null default private.uuidv7(),
  name text not null,
  role public.user_role not null,
  warehouse_id uuid,
  expires_at timestamp with time zone,
  created_by uuid not null,
  created_at timestamp with time zone not null default now(),
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  constraint api_tokens_pkey PRIMARY KEY (id),
  constraint api_tokens_check CHECK (private.is_moment(expires_at) AND expires_at > created_at),
  constraint api_tokens_name_check CHECK (private.is_line(name, 100) AND name <> ''::text),
  constraint api_tokens_revoked_at_check CHECK (private.is_moment(revoked_at)),
  constraint api_tokens_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.profiles(id),
  constraint api_tokens_id_fkey FOREIGN KEY (id) REFERENCES public.profiles(id),
  constraint api_tokens_warehouse_id_fkey FOREIGN KEY (warehouse_id) REFERENCES public.warehouses(id)
);
CREATE INDEX api_tokens_by_maker ON public.api_tokens USING btree (created_by) WHERE (revoked_at IS NULL);
alter table public.api_tokens enable row level security;
create policy api_tokens_add on public.api_tokens for insert to authenticated
  with check ((( SELECT private.my_role() AS my_role)) = 'admin'::public.user_role);
create policy api_tokens_read on public.api_tokens for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse));
create policy api_tokens_revoke on public.api_tokens for update to authenticated
  using ((( SELECT private.my_role() AS my_role)) = 'admin'::public.user_role);
create policy is_bounded on public.api_tokens as restrictive for select to authenticated
  using (private.is_bounded());
grant insert (name, role, warehouse_id, expires_at), select, update (revoked_at) on public.api_tokens to authenticated;
CREATE TRIGGER a_seen_warehouse_id BEFORE INSERT ON public.api_tokens FOR EACH ROW WHEN (new.warehouse_id IS NOT NULL AND row_security_active('public.api_tokens'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('warehouse_id', 'select exists (select from public.warehouses r where r.id = ($1).warehouse_id)');
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.api_tokens FOR EACH ROW EXECUTE FUNCTION private.audit();
CREATE TRIGGER each_row_counts BEFORE INSERT ON public.api_tokens FOR EACH STATEMENT EXECUTE FUNCTION private.each_row_counts();
CREATE TRIGGER opens BEFORE INSERT ON public.api_tokens FOR EACH ROW EXECUTE FUNCTION private.api_token_opens();
CREATE TRIGGER revokes AFTER UPDATE OF revoked_at ON public.api_tokens FOR EACH ROW EXECUTE FUNCTION private.api_token_revokes();
CREATE TRIGGER stays_revoked BEFORE UPDATE OF revoked_at ON public.api_tokens FOR EACH ROW EXECUTE FUNCTION private.api_token_stays_revoked();

create table public.attachments (
  id uuid not null default private.uuidv7(),
  work_order_id uuid not null,
  file_name text not null,
  content_type text not null,
  size_bytes bigint not null,
  state public.attachment_state not null default 'uploaded'::public.attachment_state,
  reason text,
  sha256 text,
  width integer,
  height integer,
  has_renditions boolean not null default false,
  is_signature boolean not null default false,
  uploaded_by uuid,
  warehouse_id uuid not null,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint attachments_pkey PRIMARY KEY (id),
  constraint attachments_id_work_order_id_key UNIQUE (id, work_order_id),
  constraint attachments_content_type_check CHECK (private.is_line(content_type, 100) AND content_type <> ''::text),
  constraint attachments_file_name_check CHECK (private.is_line(file_name, 255) AND file_name <> ''::text),
  constraint attachments_height_check CHECK (height > 0),
  constraint attachments_ready_are_known CHECK (state <> 'ready'::public.attachment_state OR sha256 IS NOT NULL),
  constraint attachments_say_why CHECK ((state = ANY (ARRAY['quarantined'::public.attachment_state, 'failed'::public.attachment_state])) <= (reason IS NOT NULL)),
  constraint attachments_sha256_check CHECK (sha256 ~ '^[0-9a-f]{64}$'::text),
  constraint attachments_size_bytes_check CHECK (size_bytes > 0),
  constraint attachments_width_check CHECK (width > 0),
  constraint attachments_uploaded_by_fkey FOREIGN KEY (uploaded_by) REFERENCES public.profiles(id),
  constraint attachments_warehouse_id_fkey FOREIGN KEY (warehouse_id) REFERENCES public.warehouses(id),
  constraint attachments_work_order_id_fkey FOREIGN KEY (work_order_id) REFERENCES public.work_orders(id)
);
CREATE INDEX attachments_by_uploader ON public.attachments USING btree (uploaded_by, id DESC);
CREATE INDEX attachments_by_warehouse ON public.attachments USING btree (warehouse_id, id DESC);
CREATE INDEX attachments_by_work_order ON public.attachments USING btree (work_order_id);
CREATE INDEX attachments_waiting ON public.attachments USING btree (created_at) WHERE (state = ANY (ARRAY['uploaded'::public.attachment_state, 'processing'::public.attachment_state]));
alter table public.attachments enable row level security;
create policy attachments_add on public.attachments for insert to authenticated
  with check ((( SELECT private.my_role() AS my_role)) <> 'inventory_clerk'::public.user_role AND (EXISTS ( SELECT
   FROM public.work_orders w
  WHERE w.id = attachments.work_order_id)));
create policy attachments_read on public.attachments for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse) OR warehouse_id = (( SELECT private.my_warehouse() AS my_warehouse)) AND (private.sees_own_warehouse(( SELECT private.my_role() AS my_role)) OR (EXISTS ( SELECT
   FROM public.work_orders w
  WHERE w.id = attachments.work_order_id))));
create policy attachments_withdraw on public.attachments for delete to authenticated
  using (uploaded_by = (( SELECT auth.uid() AS uid)) AND state = 'uploaded'::public.attachment_state AND NOT is_signature AND (EXISTS ( SELECT
   FROM public.work_orders w
  WHERE w.id = attachments.work_order_id)));
create policy is_bounded on public.attachments as restrictive for select to authenticated
  using (private.is_bounded());
grant delete, insert (id, work_order_id, file_name, content_type, size_bytes), select on public.attachments to authenticated;
CREATE TRIGGER a_seen_work_order_id BEFORE INSERT ON public.attachments FOR EACH ROW WHEN (new.work_order_id IS NOT NULL AND row_security_active('public.attachments'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('work_order_id', 'select exists (select from public.work_orders r where r.id = ($1).work_order_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER bounded_by_work_order_id_insert AFTER INSERT ON public.attachments REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('work_order_id');
CREATE TRIGGER bounded_by_work_order_id_update AFTER UPDATE ON public.attachments REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('work_order_id');
CREATE TRIGGER is_small_enough AFTER INSERT ON public.attachments FOR EACH ROW EXECUTE FUNCTION private.attachment_is_small_enough();
CREATE TRIGGER note_changed AFTER UPDATE ON public.attachments REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'work_order_id');
CREATE TRIGGER note_new AFTER INSERT ON public.attachments REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'work_order_id');
CREATE TRIGGER note_removed AFTER DELETE ON public.attachments REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'work_order_id');
CREATE TRIGGER opens BEFORE INSERT ON public.attachments FOR EACH ROW EXECUTE FUNCTION private.attachment_opens();
CREATE TRIGGER touch BEFORE UPDATE ON public.attachments FOR EACH ROW EXECUTE FUNCTION private.touch();

create table public.audit_log (
  id uuid not null default private.uuidv7(),
  subject text not null,
  subject_id uuid not null,
  action text not null,
  changes jsonb not null,
  actor_id uuid,
  happened_at timestamp with time zone not null default clock_timestamp(),
  constraint audit_log_pkey PRIMARY KEY (id),
  constraint audit_log_action_check CHECK (action = ANY (ARRAY['insert'::text, 'update'::text, 'delete'::text])),
  constraint audit_log_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.profiles(id)
);
CREATE INDEX audit_log_by_subject ON public.audit_log USING btree (subject, subject_id);
alter table public.audit_log enable row level security;
create policy audit_log_read on public.audit_log for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse));
create policy is_bounded on public.audit_log as restrictive for select to authenticated
  using (private.is_bounded());
grant select on public.audit_log to authenticated;
CREATE TRIGGER stays_as_it_is BEFORE DELETE OR UPDATE ON public.audit_log FOR EACH ROW EXECUTE FUNCTION private.stays_as_it_is();

create table public.changes (
  entity text not null,
  id uuid not null,
  place uuid not null,
  changed_in xid8 not null default pg_current_xact_id(),
  changed_at timestamp with time zone not null default now(),
  gone boolean not null default false,
  lost_by uuid[] not null default '{}'::uuid[],
  constraint changes_pkey PRIMARY KEY (entity, id, place),
  constraint changes_entity_check CHECK (entity = ANY (ARRAY['work_orders'::text, 'equipment'::text, 'parts'::text, 'profiles'::text, 'warehouses'::text, 'vendors'::text]))
);
CREATE INDEX changes_gone ON public.changes USING btree (changed_at) WHERE gone;
CREATE INDEX changes_in_order ON public.changes USING btree (place, changed_in, id, entity);
alter table public.changes enable row level security;
create policy changes_read on public.changes for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse) OR place = '00000000-0000-0000-0000-000000000000'::uuid AND entity = 'vendors'::text AND (private.sees_own_warehouse(( SELECT private.my_role() AS my_role)) OR id = (( SELECT private.my_vendor() AS my_vendor))) OR place = (( SELECT private.my_warehouse() AS my_warehouse)) AND
CASE
    WHEN private.sees_own_warehouse(( SELECT private.my_role() AS my_role)) THEN true
    WHEN (( SELECT auth.uid() AS uid)) = ANY (lost_by) THEN true
    WHEN entity = 'work_orders'::text THEN (id IN ( SELECT private.my_work() AS my_work))
    WHEN entity = 'equipment'::text THEN (( SELECT private.my_role() AS my_role)) = 'contractor'::public.user_role AND (id IN ( SELECT private.my_machines() AS my_machines))
    WHEN entity = 'profiles'::text THEN id = (( SELECT auth.uid() AS uid))
    WHEN entity = 'warehouses'::text THEN (( SELECT private.my_role() AS my_role)) IS NOT NULL
    WHEN entity = 'vendors'::text THEN id = (( SELECT private.my_vendor() AS my_vendor))
    ELSE false
END);
create policy is_bounded on public.changes as restrictive for select to authenticated
  using (private.is_bounded());
grant select on public.changes to authenticated;

create table public.checklist_items (
  id uuid not null default private.uuidv7(),
  work_order_id uuid not null,
  "position" smallint not null,
  component text not null,
  action text not null,
  state public.checklist_state not null default 'pending'::public.checklist_state,
  notes text not null default ''::text,
  follow_up_id uuid,
  custom_fields jsonb not null default '{}'::jsonb,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint checklist_items_pkey PRIMARY KEY (id),
  constraint checklist_items_work_order_id_position_key UNIQUE (work_order_id, "position"),
  constraint checklist_items_action_check CHECK (private.is_line(action, 1000) AND action <> ''::text),
  constraint checklist_items_component_check CHECK (private.is_line(component, 200) AND component <> ''::text),
  constraint checklist_items_custom_fields_check CHECK (private.is_json(custom_fields) AND jsonb_typeof(custom_fields) = 'object'::text),
  constraint checklist_items_notes_check CHECK (private.is_prose(notes, 10000)),
  constraint checklist_items_position_check CHECK ("position" > 0),
  constraint checklist_items_work_order_id_fkey FOREIGN KEY (work_order_id) REFERENCES public.work_orders(id) ON DELETE CASCADE
);
alter table public.checklist_items enable row level security;
create policy checklist_items_add on public.checklist_items for insert to authenticated
  with check (private.leads(work_order_id));
create policy checklist_items_change on public.checklist_items for update to authenticated
  using (private.works_on(work_order_id));
create policy checklist_items_read on public.checklist_items for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.work_orders w
  WHERE w.id = checklist_items.work_order_id)));
create policy checklist_items_remove on public.checklist_items for delete to authenticated
  using (private.leads(work_order_id));
create policy is_bounded on public.checklist_items as restrictive for select to authenticated
  using (private.is_bounded());
grant delete, insert (id, work_order_id, "position", component, action, custom_fields), select, update ("position", component, action, state, notes, custom_fields) on public.checklist_items to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.checklist_items FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER a_seen_work_order_id BEFORE INSERT ON public.checklist_items FOR EACH ROW WHEN (new.work_order_id IS NOT NULL AND row_security_active('public.checklist_items'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('work_order_id', 'select exists (select from public.work_orders r where r.id = ($1).work_order_id)');
CREATE TRIGGER bounded_by_work_order_id_insert AFTER INSERT ON public.checklist_items REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('work_order_id');
CREATE TRIGGER bounded_by_work_order_id_update AFTER UPDATE ON public.checklist_items REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('work_order_id');
CREATE TRIGGER goes_on AFTER INSERT OR DELETE OR UPDATE ON public.checklist_items FOR EACH ROW WHEN (auth.uid() IS NOT NULL AND pg_trigger_depth() = 0) EXECUTE FUNCTION private.work_goes_on('done');
CREATE TRIGGER is_changed AFTER INSERT ON public.checklist_items FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.part_of_work_is_changed('checklist_item');
CREATE TRIGGER is_changed_later AFTER DELETE OR UPDATE ON public.checklist_items FOR EACH ROW EXECUTE FUNCTION private.part_of_work_is_changed('checklist_item');
CREATE TRIGGER keep_answer AFTER INSERT ON public.checklist_items FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER note_changed AFTER UPDATE ON public.checklist_items REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'work_order_id');
CREATE TRIGGER note_new AFTER INSERT ON public.checklist_items REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'work_order_id');
CREATE TRIGGER note_removed AFTER DELETE ON public.checklist_items REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'work_order_id');
CREATE TRIGGER opens BEFORE INSERT ON public.checklist_items FOR EACH ROW WHEN (new."position" IS NULL) EXECUTE FUNCTION private.checklist_item_opens();
CREATE TRIGGER touch BEFORE UPDATE ON public.checklist_items FOR EACH ROW EXECUTE FUNCTION private.touch();
CREATE TRIGGER work_is_done_on_it AFTER INSERT OR UPDATE ON public.checklist_items FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.work_is_done_on_it();
CREATE TRIGGER workers_decide AFTER UPDATE ON public.checklist_items FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.only_columns('technician contractor', 'state notes custom_fields follow_up_id');

create table public.comments (
  id uuid not null default private.uuidv7(),
  work_order_id uuid not null,
  author_id uuid not null default auth.uid(),
  body text not null,
  created_at timestamp with time zone not null default now(),
  constraint comments_pkey PRIMARY KEY (id),
  constraint comments_body_check CHECK (private.is_prose(body, 10000) AND body <> ''::text),
  constraint comments_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.profiles(id),
  constraint comments_work_order_id_fkey FOREIGN KEY (work_order_id) REFERENCES public.work_orders(id)
);
CREATE INDEX comments_by_work_order ON public.comments USING btree (work_order_id);
alter table public.comments enable row level security;
create policy comments_add on public.comments for insert to authenticated
  with check (author_id = (( SELECT auth.uid() AS uid)) AND (( SELECT private.my_role() AS my_role)) <> 'inventory_clerk'::public.user_role AND (EXISTS ( SELECT
   FROM public.work_orders w
  WHERE w.id = comments.work_order_id)));
create policy comments_read on public.comments for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.work_orders w
  WHERE w.id = comments.work_order_id)));
create policy is_bounded on public.comments as restrictive for select to authenticated
  using (private.is_bounded());
grant insert (id, work_order_id, body), select on public.comments to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.comments FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER a_seen_work_order_id BEFORE INSERT ON public.comments FOR EACH ROW WHEN (new.work_order_id IS NOT NULL AND row_security_active('public.comments'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('work_order_id', 'select exists (select from public.work_orders r where r.id = ($1).work_order_id)');
CREATE TRIGGER bounded_by_work_order_id_insert AFTER INSERT ON public.comments REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('work_order_id');
CREATE TRIGGER bounded_by_work_order_id_update AFTER UPDATE ON public.comments REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('work_order_id');
CREATE TRIGGER keep_answer AFTER INSERT ON public.comments FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER note_changed AFTER UPDATE ON public.comments REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'work_order_id');
CREATE TRIGGER note_new AFTER INSERT ON public.comments REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'work_order_id');
CREATE TRIGGER note_removed AFTER DELETE ON public.comments REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'work_order_id');
CREATE TRIGGER stays_as_it_is BEFORE DELETE OR UPDATE ON public.comments FOR EACH ROW EXECUTE FUNCTION private.stays_as_it_is();
CREATE TRIGGER tell AFTER INSERT ON public.comments REFERENCING NEW TABLE AS said FOR EACH STATEMENT EXECUTE FUNCTION private.comments_tell();
CREATE TRIGGER work_is_done_on_it AFTER INSERT ON public.comments FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.work_is_done_on_it();

create table public.dead_letters (
  id uuid not null default private.uuidv7(),
  source text not null,
  reference text not null,
  reason text not null,
  body jsonb not null,
  created_at timestamp with time zone not null default now(),
  last_seen_at timestamp with time zone not null default now(),
  constraint dead_letters_pkey PRIMARY KEY (id),
  constraint dead_letters_source_reference_key UNIQUE (source, reference)
);
alter table public.dead_letters enable row level security;
create policy dead_letters_read on public.dead_letters for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse));
create policy is_bounded on public.dead_letters as restrictive for select to authenticated
  using (private.is_bounded());
grant select on public.dead_letters to authenticated;

create table public.deliveries (
  id uuid not null default private.uuidv7(),
  notification_id uuid not null,
  channel public.channel not null,
  state public.delivery_state not null default 'ready'::public.delivery_state,
  attempt smallint not null default 0,
  run_at timestamp with time zone not null default clock_timestamp(),
  claim_id uuid,
  lease_until timestamp with time zone,
  provider_id text,
  last_error text,
  delivered_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint deliveries_pkey PRIMARY KEY (id),
  constraint deliveries_notification_id_channel_key UNIQUE (notification_id, channel),
  constraint deliveries_notification_id_fkey FOREIGN KEY (notification_id) REFERENCES public.notifications(id)
);
CREATE INDEX deliveries_waiting ON public.deliveries USING btree (run_at, id) WHERE (state = ANY (ARRAY['ready'::public.delivery_state, 'running'::public.delivery_state]));
alter table public.deliveries enable row level security;
create policy deliveries_read on public.deliveries for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse));
create policy is_bounded on public.deliveries as restrictive for select to authenticated
  using (private.is_bounded());
grant select on public.deliveries to authenticated;
CREATE TRIGGER is_wanted BEFORE INSERT ON public.deliveries FOR EACH ROW EXECUTE FUNCTION private.delivery_is_wanted();

create table public.downtime_intervals (
  id uuid not null default private.uuidv7(),
  equipment_id uuid not null,
  warehouse_id uuid not null,
  work_order_id uuid,
  planned boolean not null default false,
  reason text not null default ''::text,
  started_at timestamp with time zone not null default now(),
  ended_at timestamp with time zone,
  annulled_at timestamp with time zone,
  annulled_by uuid,
  annulled_reason text,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint downtime_intervals_pkey PRIMARY KEY (id),
  constraint downtime_intervals_annulled_reason_check CHECK (private.is_prose(annulled_reason, 1000) AND annulled_reason <> ''::text),
  constraint downtime_intervals_are_annulled_with_a_reason CHECK ((annulled_at IS NULL) = (annulled_reason IS NULL)),
  constraint downtime_intervals_end_after_they_start CHECK (ended_at > started_at),
  constraint downtime_intervals_ended_at_check CHECK (private.is_moment(ended_at) AND (planned OR private.has_happened(ended_at))),
  constraint downtime_intervals_reason_check CHECK (private.is_prose(reason, 1000)),
  constraint downtime_intervals_started_at_check CHECK (private.is_moment(started_at) AND (planned OR private.has_happened(started_at))),
  constraint downtime_intervals_annulled_by_fkey FOREIGN KEY (annulled_by) REFERENCES public.profiles(id),
  constraint downtime_intervals_equipment_id_fkey FOREIGN KEY (equipment_id, warehouse_id) REFERENCES public.equipment(id, warehouse_id),
  constraint downtime_intervals_work_order_id_fkey FOREIGN KEY (work_order_id, warehouse_id) REFERENCES public.work_orders(id, warehouse_id)
);
CREATE INDEX downtime_intervals_by_machine ON public.downtime_intervals USING btree (equipment_id, started_at DESC);
alter table public.downtime_intervals enable row level security;
create policy downtime_intervals_change on public.downtime_intervals for update to authenticated
  using (private.is_one_of(warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role, 'technician'::public.user_role]));
create policy downtime_intervals_open on public.downtime_intervals for insert to authenticated
  with check (private.is_one_of(warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role, 'technician'::public.user_role]));
create policy downtime_intervals_read on public.downtime_intervals for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse) OR warehouse_id = (( SELECT private.my_warehouse() AS my_warehouse)) AND (private.sees_own_warehouse(( SELECT private.my_role() AS my_role)) OR (EXISTS ( SELECT
   FROM public.equipment e
  WHERE e.id = downtime_intervals.equipment_id))));
create policy is_bounded on public.downtime_intervals as restrictive for select to authenticated
  using (private.is_bounded());
grant insert (id, equipment_id, work_order_id, planned, reason, started_at, ended_at), select, update (work_order_id, planned, reason, started_at, ended_at, annulled_reason) on public.downtime_intervals to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.downtime_intervals FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER a_seen_equipment_id BEFORE INSERT ON public.downtime_intervals FOR EACH ROW WHEN (new.equipment_id IS NOT NULL AND row_security_active('public.downtime_intervals'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('equipment_id', 'select exists (select from public.equipment r where r.id = ($1).equipment_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER a_seen_work_order_id BEFORE INSERT ON public.downtime_intervals FOR EACH ROW WHEN (new.work_order_id IS NOT NULL AND row_security_active('public.downtime_intervals'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('work_order_id', 'select exists (select from public.work_orders r where r.id = ($1).work_order_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER a_seen_work_order_id_later BEFORE UPDATE OF work_order_id ON public.downtime_intervals FOR EACH ROW WHEN (new.work_order_id IS DISTINCT FROM old.work_order_id AND new.work_order_id IS NOT NULL AND row_security_active('public.downtime_intervals'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('work_order_id', 'select exists (select from public.work_orders r where r.id = ($1).work_order_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER annuls BEFORE UPDATE ON public.downtime_intervals FOR EACH ROW WHEN (old.annulled_reason IS NOT NULL OR new.annulled_reason IS NOT NULL) EXECUTE FUNCTION private.annuls('equipment', 'equipment_id');
CREATE TRIGGER at_machine BEFORE INSERT ON public.downtime_intervals FOR EACH ROW EXECUTE FUNCTION private.at_machine();
CREATE TRIGGER bounded_by_work_order_id_insert AFTER INSERT ON public.downtime_intervals REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('work_order_id');
CREATE TRIGGER bounded_by_work_order_id_update AFTER UPDATE ON public.downtime_intervals REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('work_order_id');
CREATE TRIGGER goes_on AFTER INSERT OR DELETE OR UPDATE OF work_order_id, planned, reason, started_at ON public.downtime_intervals FOR EACH ROW WHEN (auth.uid() IS NOT NULL AND pg_trigger_depth() = 0) EXECUTE FUNCTION private.work_goes_on('frozen');
CREATE TRIGGER keep_answer AFTER INSERT ON public.downtime_intervals FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER touch BEFORE UPDATE ON public.downtime_intervals FOR EACH ROW EXECUTE FUNCTION private.touch();

create table public.equipment (
  id uuid not null default private.uuidv7(),
  asset_tag text not null,
  fo_number text,
  name text not null,
  model text not null,
  manufacturer text,
  serial_number text,
  area text,
  warehouse_id uuid not null,
  status public.equipment_status not null default 'active'::text,
  criticality public.priority not null default 'medium'::text,
  parent_id uuid,
  depth smallint not null default 0,
  installed_on date,
  purchased_on date,
  purchase_cost numeric,
  warranty_until date,
  custom_fields jsonb not null default '{}'::jsonb,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint equipment_pkey PRIMARY KEY (id),
  constraint equipment_id_warehouse_id_key UNIQUE (id, warehouse_id),
  constraint equipment_area_check CHECK (private.is_line(area, 100)),
  constraint equipment_asset_tag_check CHECK (private.is_line(asset_tag, 50) AND asset_tag <> ''::text),
  constraint equipment_custom_fields_check CHECK (private.is_json(custom_fields) AND jsonb_typeof(custom_fields) = 'object'::text),
  constraint equipment_depth_check CHECK (depth >= 0 AND depth <= 9),
  constraint equipment_fo_number_check CHECK (private.is_line(fo_number, 50)),
  constraint equipment_installed_on_check CHECK (private.is_day(installed_on)),
  constraint equipment_manufacturer_check CHECK (private.is_line(manufacturer, 100)),
  constraint equipment_model_check CHECK (private.is_line(model, 100) AND model <> ''::text),
  constraint equipment_name_check CHECK (private.is_line(name, 100) AND name <> ''::text),
  constraint equipment_purchase_cost_check CHECK (private.is_amount(purchase_cost, 999999999::numeric, 6)),
  constraint equipment_purchased_on_check CHECK (private.is_day(purchased_on)),
  constraint equipment_serial_number_check CHECK (private.is_line(serial_number, 100)),
  constraint equipment_warranty_until_check CHECK (private.is_day(warranty_until)),
  constraint equipment_parent_id_fkey FOREIGN KEY (parent_id, warehouse_id) REFERENCES public.equipment(id, warehouse_id),
  constraint equipment_warehouse_id_fkey FOREIGN KEY (warehouse_id) REFERENCES public.warehouses(id)
);
CREATE INDEX equipment_by_area ON public.equipment USING btree (area);
CREATE INDEX equipment_by_criticality ON public.equipment USING btree (criticality, id);
CREATE INDEX equipment_by_fo_number ON public.equipment USING btree (fo_number) WHERE (fo_number IS NOT NULL);
CREATE INDEX equipment_by_model ON public.equipment USING btree (model);
CREATE INDEX equipment_by_name ON public.equipment USING btree (name, id);
CREATE INDEX equipment_by_name_there ON public.equipment USING btree (warehouse_id, name, id);
CREATE INDEX equipment_by_parent ON public.equipment USING btree (parent_id) WHERE (parent_id IS NOT NULL);
CREATE INDEX equipment_by_serial_number ON public.equipment USING btree (serial_number) WHERE (serial_number IS NOT NULL);
CREATE INDEX equipment_by_status ON public.equipment USING btree (status, id);
CREATE INDEX equipment_by_tag ON public.equipment USING btree (asset_tag, id);
CREATE INDEX equipment_by_tag_alike ON public.equipment USING btree (asset_tag COLLATE private.alike);
CREATE INDEX equipment_by_tag_there ON public.equipment USING btree (warehouse_id, asset_tag, id);
CREATE INDEX equipment_by_warehouse ON public.equipment USING btree (warehouse_id, id);
CREATE INDEX equipment_by_warranty ON public.equipment USING btree (warranty_until) WHERE (warranty_until IS NOT NULL);
CREATE INDEX equipment_by_words ON public.equipment USING gin (warehouse_id, private.words(ARRAY[asset_tag, model, serial_number, fo_number], ARRAY[name, manufacturer, area]));
CREATE UNIQUE INDEX equipment_warehouse_id_asset_tag_key ON public.equipment USING btree (warehouse_id, asset_tag COLLATE private.alike);
alter table public.equipment enable row level security;
create policy equipment_change on public.equipment for update to authenticated
  using (private.is_one_of(warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role, 'technician'::public.user_role]));
create policy equipment_open on public.equipment for insert to authenticated
  with check (( SELECT private.sees_every_warehouse() AS sees_every_warehouse) OR warehouse_id = (( SELECT private.my_warehouse() AS my_warehouse)) AND (( SELECT private.my_role() AS my_role)) = 'supervisor'::public.user_role);
create policy equipment_read on public.equipment for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse) OR warehouse_id = (( SELECT private.my_warehouse() AS my_warehouse)) AND (private.sees_own_warehouse(( SELECT private.my_role() AS my_role)) OR (( SELECT private.my_role() AS my_role)) = 'contractor'::public.user_role AND (id IN ( SELECT private.my_machines() AS my_machines))));
create policy is_bounded on public.equipment as restrictive for select to authenticated
  using (private.is_bounded());
grant insert (id, asset_tag, fo_number, name, model, manufacturer, serial_number, area, warehouse_id, status, criticality, parent_id, installed_on, purchased_on, purchase_cost, warranty_until, custom_fields), select, update (asset_tag, fo_number, name, model, manufacturer, serial_number, area, status, criticality, parent_id, installed_on, purchased_on, purchase_cost, warranty_until, custom_fields) on public.equipment to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.equipment FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER a_seen_parent_id BEFORE INSERT ON public.equipment FOR EACH ROW WHEN (new.parent_id IS NOT NULL AND row_security_active('public.equipment'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('parent_id', 'select exists (select from public.equipment r where r.id = ($1).parent_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER a_seen_parent_id_later BEFORE UPDATE OF parent_id ON public.equipment FOR EACH ROW WHEN (new.parent_id IS DISTINCT FROM old.parent_id AND new.parent_id IS NOT NULL AND row_security_active('public.equipment'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('parent_id', 'select exists (select from public.equipment r where r.id = ($1).parent_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER at_home BEFORE INSERT ON public.equipment FOR EACH ROW EXECUTE FUNCTION private.at_home();
CREATE TRIGGER depth BEFORE INSERT OR UPDATE OF parent_id ON public.equipment FOR EACH ROW EXECUTE FUNCTION private.equipment_depth();
CREATE TRIGGER gets_label AFTER INSERT ON public.equipment FOR EACH ROW EXECUTE FUNCTION private.equipment_gets_label();
CREATE TRIGGER is_not_inside_itself AFTER INSERT OR UPDATE OF parent_id ON public.equipment FOR EACH ROW WHEN (new.parent_id IS NOT NULL) EXECUTE FUNCTION private.is_not_inside_itself('a machine cannot be inside of itself');
CREATE TRIGGER is_stale AFTER INSERT ON public.equipment FOR EACH ROW EXECUTE FUNCTION private.machine_is_stale();
CREATE TRIGGER is_stale_later AFTER UPDATE OF status, model ON public.equipment FOR EACH ROW WHEN (new.status::text <> old.status::text OR new.model <> old.model) EXECUTE FUNCTION private.machine_is_stale();
CREATE TRIGGER keep_answer AFTER INSERT ON public.equipment FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER moves AFTER UPDATE OF parent_id ON public.equipment FOR EACH ROW WHEN (new.parent_id IS DISTINCT FROM old.parent_id) EXECUTE FUNCTION private.equipment_moves();
CREATE TRIGGER note_changed AFTER UPDATE ON public.equipment REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('equipment', 'id');
CREATE TRIGGER note_new AFTER INSERT ON public.equipment REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('equipment', 'id');
CREATE TRIGGER note_removed AFTER DELETE ON public.equipment REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('equipment', 'id');
CREATE TRIGGER parents_take_turns BEFORE UPDATE OF parent_id ON public.equipment FOR EACH STATEMENT EXECUTE FUNCTION private.parents_take_turns();
CREATE TRIGGER state_passes AFTER UPDATE OF model ON public.equipment FOR EACH ROW WHEN (old.model IS DISTINCT FROM new.model) EXECUTE FUNCTION private.state_passes('model');
CREATE TRIGGER status_changes AFTER UPDATE OF status ON public.equipment FOR EACH ROW WHEN (old.status::text IS DISTINCT FROM new.status::text) EXECUTE FUNCTION private.equipment_status_changes();
CREATE TRIGGER technicians_change_status AFTER UPDATE ON public.equipment FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.only_columns('technician', 'status');
CREATE TRIGGER touch BEFORE UPDATE ON public.equipment FOR EACH ROW EXECUTE FUNCTION private.touch();

create table public.equipment_labels (
  equipment_id uuid not null,
  token text not null default private.scan_token(),
  constraint equipment_labels_pkey PRIMARY KEY (equipment_id),
  constraint equipment_labels_token_key UNIQUE (token),
  constraint equipment_labels_token_check CHECK (token ~ '^[A-Za-z0-9_-]{22}$'::text),
  constraint equipment_labels_equipment_id_fkey FOREIGN KEY (equipment_id) REFERENCES public.equipment(id)
);
alter table public.equipment_labels enable row level security;
create policy equipment_labels_read on public.equipment_labels for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.equipment e
  WHERE e.id = equipment_labels.equipment_id)));
create policy is_bounded on public.equipment_labels as restrictive for select to authenticated
  using (private.is_bounded());
grant select on public.equipment_labels to authenticated;

create table public.equipment_status_changes (
  id uuid not null default private.uuidv7(),
  equipment_id uuid not null,
  from_status public.equipment_status not null,
  to_status public.equipment_status not null,
  actor_id uuid,
  happened_at timestamp with time zone not null default clock_timestamp(),
  constraint equipment_status_changes_pkey PRIMARY KEY (id),
  constraint equipment_status_changes_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.profiles(id),
  constraint equipment_status_changes_equipment_id_fkey FOREIGN KEY (equipment_id) REFERENCES public.equipment(id)
);
CREATE INDEX equipment_status_changes_by_machine ON public.equipment_status_changes USING btree (equipment_id, happened_at DESC);
CREATE INDEX equipment_status_changes_by_time ON public.equipment_status_changes USING btree (happened_at);
alter table public.equipment_status_changes enable row level security;
create policy equipment_status_changes_read on public.equipment_status_changes for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.equipment e
  WHERE e.id = equipment_status_changes.equipment_id)));
create policy is_bounded on public.equipment_status_changes as restrictive for select to authenticated
  using (private.is_bounded());
grant select on public.equipment_status_changes to authenticated;
CREATE TRIGGER stays_as_it_is BEFORE DELETE OR UPDATE ON public.equipment_status_changes FOR EACH ROW EXECUTE FUNCTION private.stays_as_it_is();

create table public.escalation_rules (
  id uuid not null default private.uuidv7(),
  name text not null,
  warehouse_id uuid,
  wo_type public.work_order_type,
  priority public.priority,
  clock public.escalation_clock not null default 'response'::public.escalation_clock,
  timeout_minutes integer not null,
  hours public.counted_hours not null default 'calendar'::public.counted_hours,
  steps jsonb not null,
  repeat_count smallint not null default 0,
  active boolean not null default true,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint escalation_rules_pkey PRIMARY KEY (id),
  constraint escalation_rules_warehouse_id_wo_type_priority_clock_key UNIQUE NULLS NOT DISTINCT (warehouse_id, wo_type, priority, clock),
  constraint escalation_rules_name_check CHECK (private.is_line(name, 100) AND name <> ''::text),
  constraint escalation_rules_repeat_count_check CHECK (repeat_count >= 0 AND repeat_count <= 10),
  constraint escalation_rules_steps_check CHECK (private.are_steps(steps)),
  constraint escalation_rules_timeout_minutes_check CHECK (timeout_minutes >= 1 AND timeout_minutes <= 525600),
  constraint escalation_rules_warehouse_id_fkey FOREIGN KEY (warehouse_id) REFERENCES public.warehouses(id)
);
alter table public.escalation_rules enable row level security;
create policy escalation_rules_change on public.escalation_rules for update to authenticated
  using (private.is_one_of(warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role]));
create policy escalation_rules_open on public.escalation_rules for insert to authenticated
  with check (private.is_one_of(warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role]));
create policy escalation_rules_read on public.escalation_rules for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse) OR (( SELECT private.my_role() AS my_role)) = 'supervisor'::public.user_role AND (warehouse_id IS NULL OR warehouse_id = (( SELECT private.my_warehouse() AS my_warehouse))));
create policy is_bounded on public.escalation_rules as restrictive for select to authenticated
  using (private.is_bounded());
grant insert (id, name, warehouse_id, wo_type, priority, clock, timeout_minutes, hours, steps, repeat_count, active), select, update (name, timeout_minutes, hours, steps, repeat_count, active) on public.escalation_rules to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.escalation_rules FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER at_home BEFORE INSERT ON public.escalation_rules FOR EACH ROW EXECUTE FUNCTION private.at_home();
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.escalation_rules FOR EACH ROW EXECUTE FUNCTION private.audit();
CREATE TRIGGER is_mended AFTER DELETE OR UPDATE ON public.escalation_rules FOR EACH ROW EXECUTE FUNCTION private.is_mended('escalation rule', 'id');
CREATE TRIGGER keep_answer AFTER INSERT ON public.escalation_rules FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER rules_change AFTER UPDATE ON public.escalation_rules REFERENCING OLD TABLE AS previous NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION private.escalation_rules_change();
CREATE TRIGGER rules_go AFTER DELETE ON public.escalation_rules REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION private.escalation_rules_change();
CREATE TRIGGER rules_open AFTER INSERT ON public.escalation_rules REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION private.escalation_rules_change();
CREATE TRIGGER touch BEFORE UPDATE ON public.escalation_rules FOR EACH ROW EXECUTE FUNCTION private.touch();

create table public.escalations (
  id uuid not null default private.uuidv7(),
  work_order_id uuid not null,
  rule_id uuid not null,
  level smallint not null,
  action text not null,
  reason text not null,
  outcome text not null default ''::text,
  decided_for timestamp with time zone not null,
  created_at timestamp with time zone not null default now(),
  constraint escalations_pkey PRIMARY KEY (id),
  constraint escalations_work_order_id_rule_id_level_key UNIQUE (work_order_id, rule_id, level),
  constraint escalations_level_check CHECK (level > 0),
  constraint escalations_rule_id_fkey FOREIGN KEY (rule_id) REFERENCES public.escalation_rules(id),
  constraint escalations_work_order_id_fkey FOREIGN KEY (work_order_id) REFERENCES public.work_orders(id)
);
alter table public.escalations enable row level security;
create policy escalations_read on public.escalations for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.work_orders w
  WHERE w.id = escalations.work_order_id)));
create policy is_bounded on public.escalations as restrictive for select to authenticated
  using (private.is_bounded());
grant select on public.escalations to authenticated;

create table public.events (
  id uuid not null default private.uuidv7(),
  kind public.event_kind not null,
  warehouse_id uuid,
  work_order_id uuid,
  actor_id uuid,
  details jsonb not null default '{}'::jsonb,
  created_at timestamp with time zone not null default now(),
  expanded_at timestamp with time zone,
  constraint events_pkey PRIMARY KEY (id),
  constraint events_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.profiles(id),
  constraint events_warehouse_id_fkey FOREIGN KEY (warehouse_id) REFERENCES public.warehouses(id),
  constraint events_work_order_id_fkey FOREIGN KEY (work_order_id) REFERENCES public.work_orders(id) ON DELETE CASCADE
);
CREATE INDEX events_by_work_order ON public.events USING btree (work_order_id);
CREATE INDEX events_waiting ON public.events USING btree (id) WHERE (expanded_at IS NULL);
alter table public.events enable row level security;

create table public.holidays (
  id uuid not null default private.uuidv7(),
  warehouse_id uuid not null,
  on_date date not null,
  name text not null,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint holidays_pkey PRIMARY KEY (id),
  constraint holidays_warehouse_id_on_date_key UNIQUE (warehouse_id, on_date),
  constraint holidays_name_check CHECK (private.is_line(name, 100) AND name <> ''::text),
  constraint holidays_on_date_check CHECK (private.is_day(on_date)),
  constraint holidays_warehouse_id_fkey FOREIGN KEY (warehouse_id) REFERENCES public.warehouses(id)
);
alter table public.holidays enable row level security;
create policy holidays_change on public.holidays for update to authenticated
  using (private.is_one_of(warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role]));
create policy holidays_open on public.holidays for insert to authenticated
  with check (private.is_one_of(warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role]));
create policy holidays_read on public.holidays for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.warehouses w
  WHERE w.id = holidays.warehouse_id)));
create policy holidays_remove on public.holidays for delete to authenticated
  using (private.is_one_of(warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role]));
create policy is_bounded on public.holidays as restrictive for select to authenticated
  using (private.is_bounded());
grant delete, insert (id, warehouse_id, on_date, name), select, update (on_date, name) on public.holidays to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.holidays FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER at_home BEFORE INSERT ON public.holidays FOR EACH ROW EXECUTE FUNCTION private.at_home();
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.holidays FOR EACH ROW EXECUTE FUNCTION private.audit();
CREATE TRIGGER bounded_by_warehouse_id_insert AFTER INSERT ON public.holidays REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('warehouse_id');
CREATE TRIGGER bounded_by_warehouse_id_update AFTER UPDATE ON public.holidays REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('warehouse_id');
CREATE TRIGGER holidays_change AFTER UPDATE ON public.holidays REFERENCING OLD TABLE AS previous NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION private.holidays_change();
CREATE TRIGGER holidays_go AFTER DELETE ON public.holidays REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION private.holidays_change();
CREATE TRIGGER holidays_open AFTER INSERT ON public.holidays REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION private.holidays_change();
CREATE TRIGGER holidays_wake AFTER INSERT ON public.holidays REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION private.holidays_wake_schedules();
CREATE TRIGGER holidays_wake_at_last AFTER DELETE ON public.holidays REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION private.holidays_wake_schedules();
CREATE TRIGGER holidays_wake_later AFTER UPDATE ON public.holidays REFERENCING OLD TABLE AS previous NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION private.holidays_wake_schedules();
CREATE TRIGGER is_mended AFTER DELETE OR UPDATE ON public.holidays FOR EACH ROW EXECUTE FUNCTION private.is_mended('warehouse', 'warehouse_id');
CREATE TRIGGER keep_answer AFTER INSERT ON public.holidays FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER touch BEFORE UPDATE ON public.holidays FOR EACH ROW EXECUTE FUNCTION private.touch();

create table public.job_runs (
  id uuid not null default private.uuidv7(),
  function text not null,
  trigger text not null,
  scheduled_for timestamp with time zone not null,
  outcome public.run_outcome not null default 'running'::text,
  counts jsonb not null default '{}'::jsonb,
  problems jsonb not null default '[]'::jsonb,
  started_at timestamp with time zone not null default clock_timestamp(),
  finished_at timestamp with time zone,
  constraint job_runs_pkey PRIMARY KEY (id)
);
CREATE INDEX job_runs_newest ON public.job_runs USING btree (function, started_at DESC);
alter table public.job_runs enable row level security;
create policy is_bounded on public.job_runs as restrictive for select to authenticated
  using (private.is_bounded());
create policy job_runs_read on public.job_runs for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse));
grant select on public.job_runs to authenticated;

create table public.meter_readings (
  id uuid not null default private.uuidv7(),
  meter_id uuid not null,
  value numeric not null,
  is_reset boolean not null default false,
  note text not null default ''::text,
  read_at timestamp with time zone not null default now(),
  read_by uuid default auth.uid(),
  annulled_at timestamp with time zone,
  annulled_by uuid,
  annulled_reason text,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint meter_readings_pkey PRIMARY KEY (id),
  constraint meter_readings_meter_id_read_at_annulled_at_key UNIQUE NULLS NOT DISTINCT (meter_id, read_at, annulled_at),
  constraint meter_readings_annulled_reason_check CHECK (private.is_prose(annulled_reason, 1000) AND annulled_reason <> ''::text),
  constraint meter_readings_are_annulled_with_a_reason CHECK ((annulled_at IS NULL) = (annulled_reason IS NULL)),
  constraint meter_readings_note_check CHECK (private.is_prose(note, 1000)),
  constraint meter_readings_read_at_check CHECK (private.is_moment(read_at) AND private.has_happened(read_at)),
  constraint meter_readings_value_check CHECK (private.is_amount(value, '4000000000'::bigint::numeric, 3)),
  constraint meter_readings_annulled_by_fkey FOREIGN KEY (annulled_by) REFERENCES public.profiles(id),
  constraint meter_readings_meter_id_fkey FOREIGN KEY (meter_id) REFERENCES public.meters(id),
  constraint meter_readings_read_by_fkey FOREIGN KEY (read_by) REFERENCES public.profiles(id)
);
alter table public.meter_readings enable row level security;
create policy is_bounded on public.meter_readings as restrictive for select to authenticated
  using (private.is_bounded());
create policy meter_readings_add on public.meter_readings for insert to authenticated
  with check (read_by = (( SELECT auth.uid() AS uid)) AND (EXISTS ( SELECT
   FROM public.meters m
  WHERE m.id = meter_readings.meter_id AND private.is_one_of(m.warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role, 'technician'::public.user_role]))));
create policy meter_readings_annul on public.meter_readings for update to authenticated
  using ((EXISTS ( SELECT
   FROM public.meters m
  WHERE m.id = meter_readings.meter_id AND private.is_one_of(m.warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role]))));
create policy meter_readings_read on public.meter_readings for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.meters m
  WHERE m.id = meter_readings.meter_id)));
grant insert (id, meter_id, value, is_reset, note, read_at), select, update (annulled_reason) on public.meter_readings to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.meter_readings FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER a_seen_meter_id BEFORE INSERT ON public.meter_readings FOR EACH ROW WHEN (new.meter_id IS NOT NULL AND row_security_active('public.meter_readings'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('meter_id', 'select exists (select from public.meters r where r.id = ($1).meter_id)');
CREATE TRIGGER annuls BEFORE UPDATE ON public.meter_readings FOR EACH ROW WHEN (old.annulled_reason IS NOT NULL OR new.annulled_reason IS NOT NULL) EXECUTE FUNCTION private.annuls();
CREATE TRIGGER are_annulled AFTER UPDATE ON public.meter_readings REFERENCING OLD TABLE AS before_it NEW TABLE AS after_it FOR EACH STATEMENT EXECUTE FUNCTION private.readings_are_annulled();
CREATE TRIGGER each_row_counts BEFORE INSERT ON public.meter_readings FOR EACH STATEMENT EXECUTE FUNCTION private.each_row_counts();
CREATE TRIGGER is_read BEFORE INSERT ON public.meter_readings FOR EACH ROW WHEN (private.is_amount(new.value, '4000000000'::bigint::numeric, 3)) EXECUTE FUNCTION private.meter_is_read();
CREATE TRIGGER keep_answer AFTER INSERT ON public.meter_readings FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER locks_work BEFORE UPDATE ON public.meter_readings FOR EACH ROW WHEN (old.annulled_reason IS NULL AND new.annulled_reason IS NOT NULL) EXECUTE FUNCTION private.reading_locks_work();
CREATE TRIGGER touch BEFORE UPDATE ON public.meter_readings FOR EACH ROW EXECUTE FUNCTION private.touch();
CREATE TRIGGER undo_steps AFTER UPDATE ON public.meter_readings REFERENCING OLD TABLE AS before_it NEW TABLE AS after_it FOR EACH STATEMENT EXECUTE FUNCTION private.readings_undo_steps();

create table public.meters (
  id uuid not null default private.uuidv7(),
  equipment_id uuid not null,
  warehouse_id uuid not null,
  name text not null,
  unit public.meter_unit not null,
  last_value numeric not null default 0,
  last_read_at timestamp with time zone,
  total numeric not null default 0,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint meters_pkey PRIMARY KEY (id),
  constraint meters_last_value_check CHECK (private.is_amount(last_value, '4000000000'::bigint::numeric, 3)),
  constraint meters_name_check CHECK (private.is_line(name, 100) AND name <> ''::text),
  constraint meters_total_check CHECK (private.is_amount(total, '4000000000'::bigint::numeric, 3)),
  constraint meters_equipment_id_fkey FOREIGN KEY (equipment_id, warehouse_id) REFERENCES public.equipment(id, warehouse_id)
);
CREATE INDEX meters_by_warehouse ON public.meters USING btree (warehouse_id, id);
CREATE UNIQUE INDEX meters_equipment_id_name_key ON public.meters USING btree (equipment_id, name COLLATE private.alike);
alter table public.meters enable row level security;
create policy is_bounded on public.meters as restrictive for select to authenticated
  using (private.is_bounded());
create policy meters_change on public.meters for update to authenticated
  using (private.is_one_of(warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role]));
create policy meters_open on public.meters for insert to authenticated
  with check (private.is_one_of(warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role]));
create policy meters_read on public.meters for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse) OR warehouse_id = (( SELECT private.my_warehouse() AS my_warehouse)) AND (private.sees_own_warehouse(( SELECT private.my_role() AS my_role)) OR (( SELECT private.my_role() AS my_role)) = 'contractor'::public.user_role AND (equipment_id IN ( SELECT private.my_machines() AS my_machines))));
grant insert (id, equipment_id, name, unit), select, update (name) on public.meters to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.meters FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER a_seen_equipment_id BEFORE INSERT ON public.meters FOR EACH ROW WHEN (new.equipment_id IS NOT NULL AND row_security_active('public.meters'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('equipment_id', 'select exists (select from public.equipment r where r.id = ($1).equipment_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER at_machine BEFORE INSERT ON public.meters FOR EACH ROW EXECUTE FUNCTION private.at_machine();
CREATE TRIGGER bounded_by_equipment_id_insert AFTER INSERT ON public.meters REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('equipment_id');
CREATE TRIGGER bounded_by_equipment_id_update AFTER UPDATE ON public.meters REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('equipment_id');
CREATE TRIGGER is_stale AFTER INSERT OR UPDATE OF name ON public.meters FOR EACH ROW EXECUTE FUNCTION private.machine_is_stale();
CREATE TRIGGER keep_answer AFTER INSERT ON public.meters FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER note_changed AFTER UPDATE ON public.meters REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('equipment', 'equipment_id');
CREATE TRIGGER note_new AFTER INSERT ON public.meters REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('equipment', 'equipment_id');
CREATE TRIGGER note_removed AFTER DELETE ON public.meters REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('equipment', 'equipment_id');
CREATE TRIGGER touch BEFORE UPDATE ON public.meters FOR EACH ROW EXECUTE FUNCTION private.touch();
CREATE TRIGGER wakes_schedules AFTER UPDATE OF total ON public.meters FOR EACH ROW WHEN (new.total > old.total) EXECUTE FUNCTION private.meter_wakes_schedules();

create view public.my_standing with (security_invoker=true) as
 SELECT NULL::text[] AS open_moves,
    NULL::text[] AS may
  WHERE false;

create view public.named_machine with (security_invoker=true) as
 SELECT NULL::uuid AS id,
    NULL::text AS name,
    NULL::text AS asset_tag
  WHERE false;

create view public.named_part with (security_invoker=true) as
 SELECT NULL::uuid AS id,
    NULL::text AS name,
    NULL::text AS part_number
  WHERE false;

create view public.named_person with (security_invoker=true) as
 SELECT NULL::uuid AS id,
    NULL::text AS name
  WHERE false;

create view public.named_rule with (security_invoker=true) as
 SELECT NULL::uuid AS id,
    NULL::text AS name
  WHERE false;

create view public.named_template with (security_invoker=true) as
 SELECT NULL::uuid AS id,
    NULL::text AS name
  WHERE false;

create view public.named_vendor with (security_invoker=true) as
 SELECT NULL::uuid AS id,
    NULL::text AS name
  WHERE false;

create view public.named_warehouse with (security_invoker=true) as
 SELECT NULL::uuid AS id,
    NULL::text AS name,
    NULL::text AS code
  WHERE false;

create view public.named_work_order with (security_invoker=true) as
 SELECT NULL::uuid AS id,
    NULL::text AS name,
    NULL::text AS number
  WHERE false;

create table public.notification_settings (
  id uuid not null default private.uuidv7(),
  type public.event_kind not null,
  channel public.channel not null,
  enabled boolean not null,
  profile_id uuid not null default auth.uid(),
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint notification_settings_pkey PRIMARY KEY (id),
  constraint notification_settings_profile_id_type_channel_key UNIQUE (profile_id, type, channel),
  constraint notification_settings_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES public.profiles(id)
);
alter table public.notification_settings enable row level security;
create policy is_bounded on public.notification_settings as restrictive for select to authenticated
  using (private.is_bounded());
create policy notification_settings_change on public.notification_settings for update to authenticated
  using (profile_id = (( SELECT auth.uid() AS uid)) AND (( SELECT private.my_role() AS my_role)) IS NOT NULL);
create policy notification_settings_open on public.notification_settings for insert to authenticated
  with check (profile_id = (( SELECT auth.uid() AS uid)) AND (( SELECT private.my_role() AS my_role)) IS NOT NULL);
create policy notification_settings_read on public.notification_settings for select to authenticated
  using (profile_id = (( SELECT auth.uid() AS uid)) AND (( SELECT private.my_role() AS my_role)) IS NOT NULL);
create policy notification_settings_remove on public.notification_settings for delete to authenticated
  using (profile_id = (( SELECT auth.uid() AS uid)) AND (( SELECT private.my_role() AS my_role)) IS NOT NULL);
grant delete, insert (id, type, channel, enabled), select, update (enabled) on public.notification_settings to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.notification_settings FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER choose_again BEFORE INSERT ON public.notification_settings FOR EACH ROW EXECUTE FUNCTION private.choose_again();
CREATE TRIGGER each_row_counts BEFORE INSERT ON public.notification_settings FOR EACH STATEMENT EXECUTE FUNCTION private.each_row_counts();
CREATE TRIGGER keep_answer AFTER INSERT ON public.notification_settings FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER touch BEFORE UPDATE ON public.notification_settings FOR EACH ROW EXECUTE FUNCTION private.touch();

create table public.notifications (
  id uuid not null default private.uuidv7(),
  type public.event_kind not null,
  title text not null,
  body text not null,
  work_order_id uuid,
  read_at timestamp with time zone,
  recipient_id uuid not null,
  event_id uuid not null,
  created_at timestamp with time zone not null default now(),
  constraint notifications_pkey PRIMARY KEY (id),
  constraint notifications_event_id_recipient_id_key UNIQUE (event_id, recipient_id),
  constraint notifications_read_at_check CHECK (private.is_moment(read_at) AND private.has_happened(read_at)),
  constraint notifications_event_id_fkey FOREIGN KEY (event_id) REFERENCES public.events(id),
  constraint notifications_recipient_id_fkey FOREIGN KEY (recipient_id) REFERENCES public.profiles(id),
  constraint notifications_work_order_id_fkey FOREIGN KEY (work_order_id) REFERENCES public.work_orders(id)
);
CREATE INDEX notifications_by_work_order ON public.notifications USING btree (work_order_id);
CREATE INDEX notifications_inbox ON public.notifications USING btree (recipient_id, id DESC);
CREATE INDEX notifications_unread ON public.notifications USING btree (recipient_id, id DESC) WHERE (read_at IS NULL);
alter table public.notifications enable row level security;
create policy is_bounded on public.notifications as restrictive for select to authenticated
  using (private.is_bounded());
create policy notifications_mark on public.notifications for update to authenticated
  using (recipient_id = (( SELECT auth.uid() AS uid)) AND (( SELECT private.my_role() AS my_role)) IS NOT NULL);
create policy notifications_read on public.notifications for select to authenticated
  using (recipient_id = (( SELECT auth.uid() AS uid)) AND (( SELECT private.my_role() AS my_role)) IS NOT NULL);
grant select, update (read_at) on public.notifications to authenticated;

create table public.part_reservations (
  id uuid not null default private.uuidv7(),
  part_id uuid not null,
  work_order_id uuid not null,
  quantity numeric not null,
  reserved_by uuid default auth.uid(),
  warehouse_id uuid not null,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint part_reservations_pkey PRIMARY KEY (id),
  constraint part_reservations_work_order_id_part_id_key UNIQUE (work_order_id, part_id),
  constraint part_reservations_quantity_check CHECK (quantity > 0::numeric AND private.is_amount(quantity, 1000000::numeric, 3)),
  constraint part_reservations_part_id_fkey FOREIGN KEY (part_id, warehouse_id) REFERENCES public.parts(id, warehouse_id),
  constraint part_reservations_reserved_by_fkey FOREIGN KEY (reserved_by) REFERENCES public.profiles(id),
  constraint part_reservations_work_order_id_fkey FOREIGN KEY (work_order_id, warehouse_id) REFERENCES public.work_orders(id, warehouse_id)
);
CREATE INDEX part_reservations_by_part ON public.part_reservations USING btree (part_id);
alter table public.part_reservations enable row level security;
create policy is_bounded on public.part_reservations as restrictive for select to authenticated
  using (private.is_bounded());
create policy part_reservations_add on public.part_reservations for insert to authenticated
  with check (private.is_one_of(warehouse_id, VARIADIC ARRAY['inventory_clerk'::public.user_role]) OR private.is_one_of(warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role, 'technician'::public.user_role]) AND private.works_on(work_order_id));
create policy part_reservations_change on public.part_reservations for update to authenticated
  using (private.is_one_of(warehouse_id, VARIADIC ARRAY['inventory_clerk'::public.user_role]) OR private.is_one_of(warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role, 'technician'::public.user_role]) AND private.works_on(work_order_id));
create policy part_reservations_read on public.part_reservations for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse) OR warehouse_id = (( SELECT private.my_warehouse() AS my_warehouse)) AND private.sees_own_warehouse(( SELECT private.my_role() AS my_role)));
create policy part_reservations_remove on public.part_reservations for delete to authenticated
  using (private.is_one_of(warehouse_id, VARIADIC ARRAY['inventory_clerk'::public.user_role]) OR private.is_one_of(warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role, 'technician'::public.user_role]) AND private.works_on(work_order_id));
grant delete, insert (id, part_id, work_order_id, quantity), select, update (quantity) on public.part_reservations to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.part_reservations FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER a_seen_part_id BEFORE INSERT ON public.part_reservations FOR EACH ROW WHEN (new.part_id IS NOT NULL AND row_security_active('public.part_reservations'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('part_id', 'select exists (select from public.parts r where r.id = ($1).part_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER a_seen_work_order_id BEFORE INSERT ON public.part_reservations FOR EACH ROW WHEN (new.work_order_id IS NOT NULL AND row_security_active('public.part_reservations'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('work_order_id', 'select exists (select from public.work_orders r where r.id = ($1).work_order_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER bounded_by_work_order_id_insert AFTER INSERT ON public.part_reservations REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('work_order_id');
CREATE TRIGGER bounded_by_work_order_id_update AFTER UPDATE ON public.part_reservations REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('work_order_id');
CREATE TRIGGER each_row_counts BEFORE INSERT ON public.part_reservations FOR EACH STATEMENT EXECUTE FUNCTION private.each_row_counts();
CREATE TRIGGER goes_on AFTER INSERT OR DELETE OR UPDATE ON public.part_reservations FOR EACH ROW WHEN (auth.uid() IS NOT NULL AND pg_trigger_depth() = 0) EXECUTE FUNCTION private.work_goes_on('done');
CREATE TRIGGER keep_answer AFTER INSERT ON public.part_reservations FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER note_changed AFTER UPDATE ON public.part_reservations REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'work_order_id');
CREATE TRIGGER note_new AFTER INSERT ON public.part_reservations REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'work_order_id');
CREATE TRIGGER note_removed AFTER DELETE ON public.part_reservations REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'work_order_id');
CREATE TRIGGER reserves BEFORE INSERT OR DELETE OR UPDATE OF quantity ON public.part_reservations FOR EACH ROW EXECUTE FUNCTION private.stock_is_reserved();
CREATE TRIGGER touch BEFORE UPDATE ON public.part_reservations FOR EACH ROW EXECUTE FUNCTION private.touch();

create table public.part_transactions (
  id uuid not null default private.uuidv7(),
  part_id uuid not null,
  type public.stock_movement not null,
  quantity numeric not null,
  work_order_id uuid,
  unit_cost numeric,
  note text not null default ''::text,
  reorder_line_id uuid,
  balance numeric not null,
  performed_by uuid default auth.uid(),
  warehouse_id uuid not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  constraint part_transactions_pkey PRIMARY KEY (id),
  constraint part_transactions_are_counted CHECK (quantity > 0::numeric OR type = 'adjustment'::public.stock_movement),
  constraint part_transactions_balance_check CHECK (balance >= 0::numeric),
  constraint part_transactions_note_check CHECK (private.is_prose(note, 1000)),
  constraint part_transactions_quantity_check CHECK (quantity <> 0::numeric AND private.is_amount(abs(quantity), 1000000::numeric, 3)),
  constraint part_transactions_unit_cost_check CHECK (private.is_amount(unit_cost, 999999999::numeric, 6)),
  constraint part_transactions_part_id_fkey FOREIGN KEY (part_id) REFERENCES public.parts(id),
  constraint part_transactions_performed_by_fkey FOREIGN KEY (performed_by) REFERENCES public.profiles(id),
  constraint part_transactions_reorder_line_id_fkey FOREIGN KEY (reorder_line_id) REFERENCES public.reorder_lines(id),
  constraint part_transactions_warehouse_id_fkey FOREIGN KEY (warehouse_id) REFERENCES public.warehouses(id),
  constraint part_transactions_work_order_id_fkey FOREIGN KEY (work_order_id, warehouse_id) REFERENCES public.work_orders(id, warehouse_id)
);
CREATE INDEX part_transactions_by_part ON public.part_transactions USING btree (part_id, id DESC);
CREATE UNIQUE INDEX part_transactions_by_reorder_line ON public.part_transactions USING btree (reorder_line_id) WHERE (reorder_line_id IS NOT NULL);
CREATE INDEX part_transactions_by_work_order ON public.part_transactions USING btree (work_order_id) WHERE (work_order_id IS NOT NULL);
CREATE INDEX part_transactions_newest ON public.part_transactions USING btree (created_at DESC);
alter table public.part_transactions enable row level security;
create policy is_bounded on public.part_transactions as restrictive for select to authenticated
  using (private.is_bounded());
create policy part_transactions_add on public.part_transactions for insert to authenticated
  with check (performed_by = (( SELECT auth.uid() AS uid)) AND (private.is_one_of(warehouse_id, VARIADIC ARRAY['inventory_clerk'::public.user_role]) OR (type = ANY (ARRAY['used'::public.stock_movement, 'returned'::public.stock_movement])) AND private.is_one_of(warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role, 'technician'::public.user_role]) AND private.works_on(work_order_id)));
create policy part_transactions_read on public.part_transactions for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse) OR warehouse_id = (( SELECT private.my_warehouse() AS my_warehouse)) AND private.sees_own_warehouse(( SELECT private.my_role() AS my_role)));
grant insert (id, part_id, type, quantity, work_order_id, unit_cost, note), select on public.part_transactions to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.part_transactions FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER a_seen_part_id BEFORE INSERT ON public.part_transactions FOR EACH ROW WHEN (new.part_id IS NOT NULL AND row_security_active('public.part_transactions'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('part_id', 'select exists (select from public.parts r where r.id = ($1).part_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER a_seen_work_order_id BEFORE INSERT ON public.part_transactions FOR EACH ROW WHEN (new.work_order_id IS NOT NULL AND row_security_active('public.part_transactions'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('work_order_id', 'select exists (select from public.work_orders r where r.id = ($1).work_order_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER bounded_by_work_order_id_insert AFTER INSERT ON public.part_transactions REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('work_order_id');
CREATE TRIGGER bounded_by_work_order_id_update AFTER UPDATE ON public.part_transactions REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('work_order_id');
CREATE TRIGGER each_row_counts BEFORE INSERT ON public.part_transactions FOR EACH STATEMENT EXECUTE FUNCTION private.each_row_counts();
CREATE TRIGGER goes_on AFTER INSERT OR DELETE OR UPDATE ON public.part_transactions FOR EACH ROW WHEN (auth.uid() IS NOT NULL AND pg_trigger_depth() = 0) EXECUTE FUNCTION private.work_goes_on('frozen');
CREATE TRIGGER keep_answer AFTER INSERT ON public.part_transactions FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER moves BEFORE INSERT ON public.part_transactions FOR EACH ROW EXECUTE FUNCTION private.stock_moves();
CREATE TRIGGER note_changed AFTER UPDATE ON public.part_transactions REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'work_order_id');
CREATE TRIGGER note_new AFTER INSERT ON public.part_transactions REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'work_order_id');
CREATE TRIGGER note_removed AFTER DELETE ON public.part_transactions REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'work_order_id');
CREATE TRIGGER stays_as_it_is BEFORE DELETE OR UPDATE ON public.part_transactions FOR EACH ROW EXECUTE FUNCTION private.stays_as_it_is();

create table public.parts (
  id uuid not null default private.uuidv7(),
  part_number text not null,
  name text not null,
  bin text,
  warehouse_id uuid not null,
  on_hand numeric not null default 0,
  reserved numeric not null default 0,
  reorder_point numeric not null default 0,
  reorder_quantity numeric,
  vendor_id uuid,
  unit_cost numeric,
  compatible_models text[] not null default '{}'::text[],
  archived_at timestamp with time zone,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint parts_pkey PRIMARY KEY (id),
  constraint parts_id_warehouse_id_key UNIQUE (id, warehouse_id),
  constraint parts_archived_at_check CHECK (private.is_moment(archived_at) AND private.has_happened(archived_at)),
  constraint parts_bin_check CHECK (private.is_line(bin, 50)),
  constraint parts_check CHECK (reserved <= on_hand AND private.is_amount(reserved, 2147483647::numeric, 3)),
  constraint parts_compatible_models_check CHECK (private.are_lines(compatible_models, 100, 100)),
  constraint parts_name_check CHECK (private.is_line(name, 100) AND name <> ''::text),
  constraint parts_on_hand_check CHECK (private.is_amount(on_hand, 2147483647::numeric, 3)),
  constraint parts_part_number_check CHECK (private.is_line(part_number, 50) AND part_number <> ''::text),
  constraint parts_reorder_point_check CHECK (private.is_amount(reorder_point, 2147483647::numeric, 3)),
  constraint parts_reorder_quantity_check CHECK (reorder_quantity > 0::numeric AND private.is_amount(reorder_quantity, 1000000::numeric, 3)),
  constraint parts_unit_cost_check CHECK (private.is_amount(unit_cost, 999999999::numeric, 6)),
  constraint parts_vendor_id_fkey FOREIGN KEY (vendor_id) REFERENCES public.vendors(id),
  constraint parts_warehouse_id_fkey FOREIGN KEY (warehouse_id) REFERENCES public.warehouses(id)
);
CREATE INDEX parts_by_bin ON public.parts USING btree (bin) WHERE (archived_at IS NULL);
CREATE INDEX parts_by_name ON public.parts USING btree (name, id) WHERE (archived_at IS NULL);
CREATE INDEX parts_by_name_there ON public.parts USING btree (warehouse_id, name, id) WHERE (archived_at IS NULL);
CREATE INDEX parts_by_number ON public.parts USING btree (part_number, id) WHERE (archived_at IS NULL);
CREATE INDEX parts_by_number_alike ON public.parts USING btree (part_number COLLATE private.alike) WHERE (archived_at IS NULL);
CREATE INDEX parts_by_number_there ON public.parts USING btree (warehouse_id, part_number, id) WHERE (archived_at IS NULL);
CREATE INDEX parts_by_vendor ON public.parts USING btree (vendor_id) WHERE (vendor_id IS NOT NULL);
CREATE INDEX parts_by_words ON public.parts USING gin (warehouse_id, private.words(ARRAY[part_number, bin], ARRAY[name]));
CREATE INDEX parts_low ON public.parts USING btree (id DESC) WHERE (((on_hand - reserved) < reorder_point) AND (archived_at IS NULL));
CREATE INDEX parts_low_there ON public.parts USING btree (warehouse_id, id DESC) WHERE (((on_hand - reserved) < reorder_point) AND (archived_at IS NULL));
CREATE UNIQUE INDEX parts_warehouse_id_part_number_key ON public.parts USING btree (warehouse_id, part_number COLLATE private.alike);
alter table public.parts enable row level security;
create policy is_bounded on public.parts as restrictive for select to authenticated
  using (private.is_bounded());
create policy parts_change on public.parts for update to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse) OR warehouse_id = (( SELECT private.my_warehouse() AS my_warehouse)) AND (( SELECT private.my_role() AS my_role)) = 'inventory_clerk'::public.user_role);
create policy parts_open on public.parts for insert to authenticated
  with check (( SELECT private.sees_every_warehouse() AS sees_every_warehouse) OR warehouse_id = (( SELECT private.my_warehouse() AS my_warehouse)) AND (( SELECT private.my_role() AS my_role)) = 'inventory_clerk'::public.user_role);
create policy parts_read on public.parts for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse) OR warehouse_id = (( SELECT private.my_warehouse() AS my_warehouse)) AND private.sees_own_warehouse(( SELECT private.my_role() AS my_role)));
grant insert (id, part_number, name, bin, warehouse_id, reorder_point, reorder_quantity, vendor_id, unit_cost, compatible_models), select, update (name, bin, reorder_point, reorder_quantity, vendor_id, unit_cost, compatible_models, archived_at) on public.parts to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.parts FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER a_seen_vendor_id BEFORE INSERT ON public.parts FOR EACH ROW WHEN (new.vendor_id IS NOT NULL AND row_security_active('public.parts'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('vendor_id', 'select exists (select from public.vendors r where r.id = ($1).vendor_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER a_seen_vendor_id_later BEFORE UPDATE OF vendor_id ON public.parts FOR EACH ROW WHEN (new.vendor_id IS DISTINCT FROM old.vendor_id AND new.vendor_id IS NOT NULL AND row_security_active('public.parts'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('vendor_id', 'select exists (select from public.vendors r where r.id = ($1).vendor_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER at_home BEFORE INSERT ON public.parts FOR EACH ROW EXECUTE FUNCTION private.at_home();
CREATE TRIGGER keep_answer AFTER INSERT ON public.parts FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER note_changed AFTER UPDATE ON public.parts REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('parts', 'id');
CREATE TRIGGER note_new AFTER INSERT ON public.parts REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('parts', 'id');
CREATE TRIGGER note_removed AFTER DELETE ON public.parts REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('parts', 'id');
CREATE TRIGGER runs_low AFTER UPDATE OF on_hand, reserved, reorder_point ON public.parts FOR EACH ROW EXECUTE FUNCTION private.stock_runs_low();
CREATE TRIGGER touch BEFORE UPDATE ON public.parts FOR EACH ROW EXECUTE FUNCTION private.touch();

create table public.pm_occurrences (
  id uuid not null default private.uuidv7(),
  schedule_id uuid not null,
  warehouse_id uuid not null,
  occurs_on date,
  meter_step numeric(16,3),
  due_on date not null,
  tolerance_days smallint not null default 7,
  decision public.occurrence_decision not null,
  reason text not null,
  work_order_id uuid,
  decided_for timestamp with time zone not null,
  annulled_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint pm_occurrences_pkey PRIMARY KEY (id),
  constraint pm_occurrences_schedule_id_occurs_on_key UNIQUE (schedule_id, occurs_on),
  constraint pm_occurrences_work_order_id_key UNIQUE (work_order_id),
  constraint pm_occurrences_are_a_date_or_a_step CHECK (num_nonnulls(occurs_on, meter_step) = 1),
  constraint pm_occurrences_generated_have_a_work_order CHECK (
CASE decision
    WHEN 'generated'::public.occurrence_decision THEN work_order_id IS NOT NULL
    WHEN 'superseded'::public.occurrence_decision THEN true
    ELSE work_order_id IS NULL
END),
  constraint pm_occurrences_schedule_id_fkey FOREIGN KEY (schedule_id) REFERENCES public.pm_schedules(id),
  constraint pm_occurrences_warehouse_id_fkey FOREIGN KEY (warehouse_id) REFERENCES public.warehouses(id),
  constraint pm_occurrences_work_order_id_fkey FOREIGN KEY (work_order_id) REFERENCES public.work_orders(id)
);
CREATE INDEX pm_occurrences_by_warehouse ON public.pm_occurrences USING btree (warehouse_id, id DESC);
CREATE UNIQUE INDEX pm_occurrences_step_by_step ON public.pm_occurrences USING btree (schedule_id, meter_step) WHERE ((meter_step IS NOT NULL) AND (annulled_at IS NULL));
alter table public.pm_occurrences enable row level security;
create policy is_bounded on public.pm_occurrences as restrictive for select to authenticated
  using (private.is_bounded());
create policy pm_occurrences_read on public.pm_occurrences for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse) OR warehouse_id = (( SELECT private.my_warehouse() AS my_warehouse)) AND ((( SELECT private.my_role() AS my_role)) = ANY (ARRAY['technician'::public.user_role, 'supervisor'::public.user_role])));
grant select on public.pm_occurrences to authenticated;

create table public.pm_schedules (
  id uuid not null default private.uuidv7(),
  template_id uuid not null,
  equipment_id uuid not null,
  warehouse_id uuid not null,
  since date not null,
  next_due_on date,
  generate_on date,
  last_due_on date,
  anchor_on date,
  last_work_order_id uuid,
  rested_from date,
  rested_until date,
  rest_reason text,
  meter_id uuid,
  meter_base numeric(16,3) not null default 0,
  meter_due_at numeric(16,3),
  meter_fired_on date,
  active boolean not null default true,
  paused boolean not null default false,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint pm_schedules_pkey PRIMARY KEY (id),
  constraint pm_schedules_template_id_equipment_id_key UNIQUE (template_id, equipment_id),
  constraint pm_schedules_rest_while_paused CHECK (NOT (active AND paused)),
  constraint pm_schedules_equipment_id_fkey FOREIGN KEY (equipment_id, warehouse_id) REFERENCES public.equipment(id, warehouse_id),
  constraint pm_schedules_meter_id_fkey FOREIGN KEY (meter_id) REFERENCES public.meters(id),
  constraint pm_schedules_template_id_fkey FOREIGN KEY (template_id) REFERENCES public.pm_templates(id)
);
CREATE INDEX pm_schedules_by_machine ON public.pm_schedules USING btree (equipment_id);
CREATE INDEX pm_schedules_by_meter ON public.pm_schedules USING btree (meter_id, meter_due_at) WHERE (meter_due_at IS NOT NULL);
CREATE INDEX pm_schedules_by_warehouse ON public.pm_schedules USING btree (warehouse_id, id);
CREATE INDEX pm_schedules_waiting ON public.pm_schedules USING btree (generate_on, id) WHERE active;
alter table public.pm_schedules enable row level security;
create policy is_bounded on public.pm_schedules as restrictive for select to authenticated
  using (private.is_bounded());
create policy pm_schedules_change on public.pm_schedules for update to authenticated
  using (private.is_one_of(warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role]));
create policy pm_schedules_read on public.pm_schedules for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse) OR warehouse_id = (( SELECT private.my_warehouse() AS my_warehouse)) AND ((( SELECT private.my_role() AS my_role)) = ANY (ARRAY['technician'::public.user_role, 'supervisor'::public.user_role])));
grant select, update (paused) on public.pm_schedules to authenticated;
CREATE TRIGGER rests BEFORE UPDATE OF paused ON public.pm_schedules FOR EACH ROW EXECUTE FUNCTION private.schedule_rests();
CREATE TRIGGER touch BEFORE UPDATE ON public.pm_schedules FOR EACH ROW EXECUTE FUNCTION private.touch();

create table public.pm_template_items (
  id uuid not null default private.uuidv7(),
  template_id uuid not null,
  "position" smallint not null,
  component text not null,
  action text not null,
  custom_fields jsonb not null default '{}'::jsonb,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint pm_template_items_pkey PRIMARY KEY (id),
  constraint pm_template_items_template_id_position_key UNIQUE (template_id, "position"),
  constraint pm_template_items_action_check CHECK (private.is_line(action, 1000) AND action <> ''::text),
  constraint pm_template_items_component_check CHECK (private.is_line(component, 200) AND component <> ''::text),
  constraint pm_template_items_custom_fields_check CHECK (private.is_json(custom_fields) AND jsonb_typeof(custom_fields) = 'object'::text),
  constraint pm_template_items_position_check CHECK ("position" > 0),
  constraint pm_template_items_template_id_fkey FOREIGN KEY (template_id) REFERENCES public.pm_templates(id) ON DELETE CASCADE
);
alter table public.pm_template_items enable row level security;
create policy is_bounded on public.pm_template_items as restrictive for select to authenticated
  using (private.is_bounded());
create policy pm_template_items_change on public.pm_template_items for update to authenticated
  using ((EXISTS ( SELECT
   FROM public.pm_templates t
  WHERE t.id = pm_template_items.template_id AND private.is_one_of(t.warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role]))));
create policy pm_template_items_open on public.pm_template_items for insert to authenticated
  with check ((EXISTS ( SELECT
   FROM public.pm_templates t
  WHERE t.id = pm_template_items.template_id AND private.is_one_of(t.warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role]))));
create policy pm_template_items_read on public.pm_template_items for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.pm_templates t
  WHERE t.id = pm_template_items.template_id)));
create policy pm_template_items_remove on public.pm_template_items for delete to authenticated
  using ((EXISTS ( SELECT
   FROM public.pm_templates t
  WHERE t.id = pm_template_items.template_id AND private.is_one_of(t.warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role]))));
grant delete, insert (id, template_id, "position", component, action, custom_fields), select, update ("position", component, action, custom_fields) on public.pm_template_items to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.pm_template_items FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER a_seen_template_id BEFORE INSERT ON public.pm_template_items FOR EACH ROW WHEN (new.template_id IS NOT NULL AND row_security_active('public.pm_template_items'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('template_id', 'select exists (select from public.pm_templates r where r.id = ($1).template_id)');
CREATE TRIGGER bounded_by_template_id_insert AFTER INSERT ON public.pm_template_items REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('template_id');
CREATE TRIGGER bounded_by_template_id_update AFTER UPDATE ON public.pm_template_items REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('template_id');
CREATE TRIGGER keep_answer AFTER INSERT ON public.pm_template_items FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER touch BEFORE UPDATE ON public.pm_template_items FOR EACH ROW EXECUTE FUNCTION private.touch();

create table public.pm_templates (
  id uuid not null default private.uuidv7(),
  title text not null,
  description text not null default ''::text,
  equipment_model text,
  equipment_id uuid,
  warehouse_id uuid,
  priority public.priority not null default 'medium'::text,
  estimated_minutes integer,
  default_assignee_id uuid,
  rrule text,
  exdates date[] not null default '{}'::date[],
  starts_on date not null,
  basis public.pm_basis not null default 'fixed'::public.pm_basis,
  lead_time_days smallint not null,
  tolerance_days smallint not null default 7,
  season_from text,
  season_until text,
  weekends public.on_free_day not null default 'keep'::public.on_free_day,
  holidays public.on_free_day not null default 'keep'::public.on_free_day,
  catch_up public.catch_up not null default 'latest'::public.catch_up,
  overlap public.overlap not null default 'skip'::public.overlap,
  rests_in_maintenance boolean not null default false,
  meter_name text,
  meter_every numeric,
  meter_at numeric,
  active boolean not null default true,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint pm_templates_pkey PRIMARY KEY (id),
  constraint pm_templates_description_check CHECK (private.is_prose(description, 10000)),
  constraint pm_templates_equipment_model_check CHECK (private.is_line(equipment_model, 100) AND equipment_model <> ''::text),
  constraint pm_templates_estimated_minutes_check CHECK (estimated_minutes > 0),
  constraint pm_templates_exdates_check CHECK (private.are_days(exdates, 100)),
  constraint pm_templates_for_a_model_or_a_machine CHECK (num_nonnulls(equipment_model, equipment_id) = 1),
  constraint pm_templates_have_a_rule CHECK (num_nonnulls(rrule, meter_every, meter_at) > 0),
  constraint pm_templates_lead_time_days_check CHECK (lead_time_days >= 0 AND lead_time_days <= 365),
  constraint pm_templates_meter_at_check CHECK (meter_at > 0::numeric AND private.is_amount(meter_at, 1000000000::numeric, 3)),
  constraint pm_templates_meter_counts_one_way CHECK (num_nonnulls(meter_every, meter_at) <= 1),
  constraint pm_templates_meter_every_check CHECK (meter_every > 0::numeric AND private.is_amount(meter_every, 1000000000::numeric, 3)),
  constraint pm_templates_meter_has_a_name CHECK ((meter_name IS NULL) = (num_nonnulls(meter_every, meter_at) = 0)),
  constraint pm_templates_meter_name_check CHECK (private.is_line(meter_name, 100) AND meter_name <> ''::text),
  constraint pm_templates_rrule_check CHECK (private.is_line(rrule, 500) AND rrule <> ''::text),
  constraint pm_templates_season_from_check CHECK (private.is_day_of_year(season_from)),
  constraint pm_templates_season_has_two_ends CHECK (num_nonnulls(season_from, season_until) <> 1),
  constraint pm_templates_season_until_check CHECK (private.is_day_of_year(season_until)),
  constraint pm_templates_starts_on_check CHECK (private.is_day(starts_on)),
  constraint pm_templates_title_check CHECK (private.is_line(title, 200) AND title <> ''::text),
  constraint pm_templates_tolerance_days_check CHECK (tolerance_days >= 0 AND tolerance_days <= 365),
  constraint pm_templates_default_assignee_id_fkey FOREIGN KEY (default_assignee_id) REFERENCES public.profiles(id),
  constraint pm_templates_equipment_id_fkey FOREIGN KEY (equipment_id) REFERENCES public.equipment(id),
  constraint pm_templates_warehouse_id_fkey FOREIGN KEY (warehouse_id) REFERENCES public.warehouses(id)
);
CREATE INDEX pm_templates_by_machine ON public.pm_templates USING btree (equipment_id) WHERE (equipment_id IS NOT NULL);
CREATE INDEX pm_templates_by_model ON public.pm_templates USING btree (equipment_model) WHERE active;
alter table public.pm_templates enable row level security;
create policy is_bounded on public.pm_templates as restrictive for select to authenticated
  using (private.is_bounded());
create policy pm_templates_change on public.pm_templates for update to authenticated
  using (private.is_one_of(warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role]));
create policy pm_templates_open on public.pm_templates for insert to authenticated
  with check (private.is_one_of(warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role]));
create policy pm_templates_read on public.pm_templates for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse) OR ((( SELECT private.my_role() AS my_role)) = ANY (ARRAY['technician'::public.user_role, 'supervisor'::public.user_role])) AND (warehouse_id IS NULL OR warehouse_id = (( SELECT private.my_warehouse() AS my_warehouse))));
grant insert (id, title, description, equipment_model, equipment_id, warehouse_id, priority, estimated_minutes, default_assignee_id, rrule, exdates, starts_on, basis, lead_time_days, tolerance_days, season_from, season_until, weekends, holidays, catch_up, overlap, rests_in_maintenance, meter_name, meter_every, meter_at, active), select, update (title, description, priority, estimated_minutes, default_assignee_id, rrule, exdates, starts_on, basis, lead_time_days, tolerance_days, season_from, season_until, weekends, holidays, catch_up, overlap, rests_in_maintenance, meter_name, meter_every, meter_at, active) on public.pm_templates to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.pm_templates FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER a_seen_default_assignee_id BEFORE INSERT ON public.pm_templates FOR EACH ROW WHEN (new.default_assignee_id IS NOT NULL AND row_security_active('public.pm_templates'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('default_assignee_id', 'select exists (select from public.profiles r where r.id = ($1).default_assignee_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER a_seen_default_assignee_id_later BEFORE UPDATE OF default_assignee_id ON public.pm_templates FOR EACH ROW WHEN (new.default_assignee_id IS DISTINCT FROM old.default_assignee_id AND new.default_assignee_id IS NOT NULL AND row_security_active('public.pm_templates'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('default_assignee_id', 'select exists (select from public.profiles r where r.id = ($1).default_assignee_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER a_seen_equipment_id BEFORE INSERT ON public.pm_templates FOR EACH ROW WHEN (new.equipment_id IS NOT NULL AND row_security_active('public.pm_templates'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('equipment_id', 'select exists (select from public.equipment r where r.id = ($1).equipment_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.pm_templates FOR EACH ROW EXECUTE FUNCTION private.audit();
CREATE TRIGGER bounded_by_equipment_id_insert AFTER INSERT ON public.pm_templates REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('equipment_id');
CREATE TRIGGER bounded_by_equipment_id_update AFTER UPDATE ON public.pm_templates REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('equipment_id');
CREATE TRIGGER bounded_by_warehouse_id_equipment_model_insert AFTER INSERT ON public.pm_templates REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('warehouse_id', 'equipment_model');
CREATE TRIGGER bounded_by_warehouse_id_equipment_model_update AFTER UPDATE ON public.pm_templates REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('warehouse_id', 'equipment_model');
CREATE TRIGGER is_mended AFTER DELETE OR UPDATE ON public.pm_templates FOR EACH ROW EXECUTE FUNCTION private.is_mended('template', 'id');
CREATE TRIGGER is_stale AFTER INSERT OR UPDATE ON public.pm_templates FOR EACH ROW EXECUTE FUNCTION private.template_is_stale();
CREATE TRIGGER keep_answer AFTER INSERT ON public.pm_templates FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER opens BEFORE INSERT ON public.pm_templates FOR EACH ROW EXECUTE FUNCTION private.template_opens();
CREATE TRIGGER touch BEFORE UPDATE ON public.pm_templates FOR EACH ROW EXECUTE FUNCTION private.touch();

create table public.profiles (
  id uuid not null default private.uuidv7(),
  email text not null,
  full_name text not null,
  role public.user_role not null,
  warehouse_id uuid,
  vendor_id uuid,
  phone text,
  locale text,
  time_zone text,
  active boolean not null default true,
  service_account boolean not null default false,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint profiles_pkey PRIMARY KEY (id),
  constraint profiles_id_vendor_id_key UNIQUE (id, vendor_id),
  constraint profiles_belong_somewhere CHECK (warehouse_id IS NOT NULL OR (role = ANY (ARRAY['manager'::public.user_role, 'admin'::public.user_role]))),
  constraint profiles_email_check CHECK (private.is_line(email, 254) AND email = lower(email) AND email ~ '^[^@\s,;:<>()\[\]\\"]+@[^@\s,;:<>()\[\]\\"]+$'::text),
  constraint profiles_full_name_check CHECK (private.is_line(full_name, 100) AND full_name <> ''::text),
  constraint profiles_locale_check CHECK (private.is_line(locale, 20) AND locale ~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$'::text),
  constraint profiles_phone_check CHECK (private.is_line(phone, 50)),
  constraint profiles_time_zone_check CHECK (private.is_line(time_zone, 64) AND private.is_time_zone(time_zone)),
  constraint profiles_vendor_id_fkey FOREIGN KEY (vendor_id) REFERENCES public.vendors(id),
  constraint profiles_warehouse_id_fkey FOREIGN KEY (warehouse_id) REFERENCES public.warehouses(id)
);
CREATE INDEX profiles_by_email ON public.profiles USING btree (email);
CREATE INDEX profiles_by_warehouse ON public.profiles USING btree (warehouse_id, role) WHERE active;
CREATE INDEX profiles_by_words ON public.profiles USING gin (private.words('{}'::text[], ARRAY[full_name, email]));
CREATE UNIQUE INDEX profiles_email_key ON public.profiles USING btree (email COLLATE private.alike);
alter table public.profiles enable row level security;
create policy is_bounded on public.profiles as restrictive for select to authenticated
  using (private.is_bounded());
create policy profiles_change on public.profiles for update to authenticated
  using (((( SELECT private.my_role() AS my_role)) = 'admin'::public.user_role OR id = (( SELECT auth.uid() AS uid)) AND active) AND NOT service_account);
create policy profiles_open on public.profiles for insert to authenticated
  with check ((( SELECT private.my_role() AS my_role)) = 'admin'::public.user_role AND NOT service_account);
create policy profiles_read on public.profiles for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse) OR id = (( SELECT auth.uid() AS uid)) AND active OR warehouse_id = (( SELECT private.my_warehouse() AS my_warehouse)) AND private.sees_own_warehouse(( SELECT private.my_role() AS my_role)));
grant insert (id, email, full_name, role, warehouse_id, vendor_id, phone, locale, time_zone, active), select, update (full_name, role, warehouse_id, vendor_id, phone, locale, time_zone, active) on public.profiles to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.profiles FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER a_seen_vendor_id BEFORE INSERT ON public.profiles FOR EACH ROW WHEN (new.vendor_id IS NOT NULL AND row_security_active('public.profiles'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('vendor_id', 'select exists (select from public.vendors r where r.id = ($1).vendor_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER a_seen_vendor_id_later BEFORE UPDATE OF vendor_id ON public.profiles FOR EACH ROW WHEN (new.vendor_id IS DISTINCT FROM old.vendor_id AND new.vendor_id IS NOT NULL AND row_security_active('public.profiles'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('vendor_id', 'select exists (select from public.vendors r where r.id = ($1).vendor_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER an_admin_stays AFTER UPDATE OF role, active ON public.profiles FOR EACH ROW WHEN (auth.uid() IS NOT NULL AND old.role = 'admin'::public.user_role AND old.active AND (new.role <> 'admin'::public.user_role OR NOT new.active)) EXECUTE FUNCTION private.an_admin_stays();
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.profiles FOR EACH ROW EXECUTE FUNCTION private.audit();
CREATE TRIGGER has_no_links AFTER UPDATE OF active ON public.profiles FOR EACH ROW WHEN (old.active AND NOT new.active) EXECUTE FUNCTION private.leaver_has_no_links();
CREATE TRIGGER is_invited AFTER INSERT ON public.profiles FOR EACH ROW WHEN (auth.uid() IS NOT NULL AND new.active AND NOT new.service_account) EXECUTE FUNCTION private.invite_newcomer();
CREATE TRIGGER is_signed_out AFTER UPDATE OF active ON public.profiles FOR EACH ROW WHEN (old.active AND NOT new.active) EXECUTE FUNCTION private.leaver_is_signed_out();
CREATE TRIGGER keep_answer AFTER INSERT ON public.profiles FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER leaves AFTER UPDATE OF warehouse_id ON public.profiles FOR EACH ROW WHEN (new.warehouse_id IS DISTINCT FROM old.warehouse_id) EXECUTE FUNCTION private.document_moves('profiles');
CREATE TRIGGER note_changed AFTER UPDATE ON public.profiles REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('profiles', 'id');
CREATE TRIGGER note_new AFTER INSERT ON public.profiles REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('profiles', 'id');
CREATE TRIGGER note_removed AFTER DELETE ON public.profiles REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('profiles', 'id');
CREATE TRIGGER people_edit_themselves AFTER UPDATE ON public.profiles FOR EACH ROW WHEN (old.id = auth.uid() AND old.role <> 'admin'::public.user_role) EXECUTE FUNCTION private.people_edit_themselves();
CREATE TRIGGER revokes_tokens AFTER UPDATE OF active, role ON public.profiles FOR EACH ROW WHEN (old.active AND NOT new.active OR old.role = 'admin'::public.user_role AND new.role <> 'admin'::public.user_role) EXECUTE FUNCTION private.leaver_revokes_tokens();
CREATE TRIGGER state_passes AFTER UPDATE OF role, warehouse_id, active ON public.profiles FOR EACH ROW WHEN (old.role IS DISTINCT FROM new.role OR old.warehouse_id IS DISTINCT FROM new.warehouse_id OR old.active IS DISTINCT FROM new.active) EXECUTE FUNCTION private.state_passes('role', 'warehouse_id', 'active');
CREATE TRIGGER touch BEFORE UPDATE ON public.profiles FOR EACH ROW EXECUTE FUNCTION private.touch();

create table public.push_subscriptions (
  id uuid not null default private.uuidv7(),
  endpoint text not null,
  p256dh text not null,
  auth text not null,
  user_agent text,
  profile_id uuid not null default auth.uid(),
  created_at timestamp with time zone not null default now(),
  constraint push_subscriptions_pkey PRIMARY KEY (id),
  constraint push_subscriptions_endpoint_key UNIQUE (endpoint),
  constraint push_subscriptions_auth_check CHECK (private.is_line(auth, 24) AND auth ~ '^[A-Za-z0-9_-]{22}(==)?$'::text),
  constraint push_subscriptions_endpoint_check CHECK (private.is_public_address(endpoint)),
  constraint push_subscriptions_p256dh_check CHECK (private.is_line(p256dh, 88) AND p256dh ~ '^[A-Za-z0-9_-]{87}=?$'::text),
  constraint push_subscriptions_user_agent_check CHECK (private.is_line(user_agent, 500)),
  constraint push_subscriptions_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES public.profiles(id)
);
CREATE INDEX push_subscriptions_by_profile ON public.push_subscriptions USING btree (profile_id);
alter table public.push_subscriptions enable row level security;
create policy is_bounded on public.push_subscriptions as restrictive for select to authenticated
  using (private.is_bounded());
create policy push_subscriptions_add on public.push_subscriptions for insert to authenticated
  with check (profile_id = (( SELECT auth.uid() AS uid)) AND (( SELECT private.my_role() AS my_role)) IS NOT NULL);
create policy push_subscriptions_read on public.push_subscriptions for select to authenticated
  using (profile_id = (( SELECT auth.uid() AS uid)) AND (( SELECT private.my_role() AS my_role)) IS NOT NULL);
create policy push_subscriptions_remove on public.push_subscriptions for delete to authenticated
  using (profile_id = (( SELECT auth.uid() AS uid)) AND (( SELECT private.my_role() AS my_role)) IS NOT NULL);
grant delete, insert (id, endpoint, p256dh, auth, user_agent), select on public.push_subscriptions to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.push_subscriptions FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER each_row_counts BEFORE INSERT ON public.push_subscriptions FOR EACH STATEMENT EXECUTE FUNCTION private.each_row_counts();
CREATE TRIGGER keep_answer AFTER INSERT ON public.push_subscriptions FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER pass_browser_on BEFORE INSERT ON public.push_subscriptions FOR EACH ROW EXECUTE FUNCTION private.pass_browser_on();

create table public.reorder_drafts (
  id uuid not null default private.uuidv7(),
  number text not null default 'RO-'::text || to_char(nextval('private.reorder_draft_numbers'::regclass), 'FM999999000000'::text),
  warehouse_id uuid not null,
  vendor_id uuid,
  status public.reorder_status not null default 'draft'::public.reorder_status,
  notes text not null default ''::text,
  expected_on date,
  created_by uuid default auth.uid(),
  ordered_by uuid,
  ordered_at timestamp with time zone,
  received_by uuid,
  received_at timestamp with time zone,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint reorder_drafts_pkey PRIMARY KEY (id),
  constraint reorder_drafts_id_warehouse_id_key UNIQUE (id, warehouse_id),
  constraint reorder_drafts_number_key UNIQUE (number),
  constraint reorder_drafts_expected_on_check CHECK (private.is_day(expected_on)),
  constraint reorder_drafts_notes_check CHECK (private.is_prose(notes, 10000)),
  constraint reorder_drafts_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.profiles(id),
  constraint reorder_drafts_ordered_by_fkey FOREIGN KEY (ordered_by) REFERENCES public.profiles(id),
  constraint reorder_drafts_received_by_fkey FOREIGN KEY (received_by) REFERENCES public.profiles(id),
  constraint reorder_drafts_vendor_id_fkey FOREIGN KEY (vendor_id) REFERENCES public.vendors(id),
  constraint reorder_drafts_warehouse_id_fkey FOREIGN KEY (warehouse_id) REFERENCES public.warehouses(id)
);
CREATE INDEX reorder_drafts_by_vendor ON public.reorder_drafts USING btree (vendor_id) WHERE (vendor_id IS NOT NULL);
CREATE INDEX reorder_drafts_by_warehouse ON public.reorder_drafts USING btree (warehouse_id);
CREATE UNIQUE INDEX reorder_drafts_open ON public.reorder_drafts USING btree (warehouse_id, vendor_id) NULLS NOT DISTINCT WHERE (status = 'draft'::public.reorder_status);
alter table public.reorder_drafts enable row level security;
create policy is_bounded on public.reorder_drafts as restrictive for select to authenticated
  using (private.is_bounded());
create policy reorder_drafts_change on public.reorder_drafts for update to authenticated
  using (private.is_one_of(warehouse_id, VARIADIC ARRAY['inventory_clerk'::public.user_role]));
create policy reorder_drafts_read on public.reorder_drafts for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse) OR warehouse_id = (( SELECT private.my_warehouse() AS my_warehouse)) AND private.sees_own_warehouse(( SELECT private.my_role() AS my_role)));
grant select, update (status, notes, expected_on) on public.reorder_drafts to authenticated;
CREATE TRIGGER is_received AFTER UPDATE OF status ON public.reorder_drafts FOR EACH ROW WHEN (old.status IS DISTINCT FROM new.status AND new.status = 'received'::public.reorder_status) EXECUTE FUNCTION private.reorder_is_received();
CREATE TRIGGER moves BEFORE UPDATE OF status ON public.reorder_drafts FOR EACH ROW WHEN (old.status IS DISTINCT FROM new.status) EXECUTE FUNCTION private.reorder_moves();
CREATE TRIGGER touch BEFORE UPDATE ON public.reorder_drafts FOR EACH ROW EXECUTE FUNCTION private.touch();

create table public.reorder_lines (
  id uuid not null default private.uuidv7(),
  draft_id uuid not null,
  part_id uuid not null,
  quantity numeric not null,
  unit_cost numeric,
  received_quantity numeric,
  note text not null default ''::text,
  warehouse_id uuid not null,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint reorder_lines_pkey PRIMARY KEY (id),
  constraint reorder_lines_draft_id_part_id_key UNIQUE (draft_id, part_id),
  constraint reorder_lines_note_check CHECK (private.is_prose(note, 1000)),
  constraint reorder_lines_quantity_check CHECK (quantity > 0::numeric AND private.is_amount(quantity, 1000000::numeric, 3)),
  constraint reorder_lines_received_quantity_check CHECK (private.is_amount(received_quantity, 1000000::numeric, 3) AND received_quantity <= quantity),
  constraint reorder_lines_unit_cost_check CHECK (private.is_amount(unit_cost, 999999999::numeric, 6)),
  constraint reorder_lines_draft_id_fkey FOREIGN KEY (draft_id, warehouse_id) REFERENCES public.reorder_drafts(id, warehouse_id),
  constraint reorder_lines_part_id_fkey FOREIGN KEY (part_id, warehouse_id) REFERENCES public.parts(id, warehouse_id)
);
CREATE INDEX reorder_lines_by_part ON public.reorder_lines USING btree (part_id);
alter table public.reorder_lines enable row level security;
create policy is_bounded on public.reorder_lines as restrictive for select to authenticated
  using (private.is_bounded());
create policy reorder_lines_add on public.reorder_lines for insert to authenticated
  with check (private.is_one_of(warehouse_id, VARIADIC ARRAY['inventory_clerk'::public.user_role]));
create policy reorder_lines_change on public.reorder_lines for update to authenticated
  using (private.is_one_of(warehouse_id, VARIADIC ARRAY['inventory_clerk'::public.user_role]));
create policy reorder_lines_read on public.reorder_lines for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse) OR warehouse_id = (( SELECT private.my_warehouse() AS my_warehouse)) AND private.sees_own_warehouse(( SELECT private.my_role() AS my_role)));
create policy reorder_lines_remove on public.reorder_lines for delete to authenticated
  using (private.is_one_of(warehouse_id, VARIADIC ARRAY['inventory_clerk'::public.user_role]));
grant delete, insert (id, draft_id, part_id, quantity, unit_cost, note), select, update (quantity, unit_cost, received_quantity, note) on public.reorder_lines to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.reorder_lines FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER a_seen_draft_id BEFORE INSERT ON public.reorder_lines FOR EACH ROW WHEN (new.draft_id IS NOT NULL AND row_security_active('public.reorder_lines'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('draft_id', 'select exists (select from public.reorder_drafts r where r.id = ($1).draft_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER a_seen_part_id BEFORE INSERT ON public.reorder_lines FOR EACH ROW WHEN (new.part_id IS NOT NULL AND row_security_active('public.reorder_lines'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('part_id', 'select exists (select from public.parts r where r.id = ($1).part_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER is_open BEFORE INSERT OR DELETE OR UPDATE ON public.reorder_lines FOR EACH ROW EXECUTE FUNCTION private.reorder_line_is_open();
CREATE TRIGGER keep_answer AFTER INSERT ON public.reorder_lines FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER touch BEFORE UPDATE ON public.reorder_lines FOR EACH ROW EXECUTE FUNCTION private.touch();

create table public.reviews (
  id uuid not null default private.uuidv7(),
  warehouse_id uuid not null,
  entity text not null,
  entity_id uuid not null,
  work_order_id uuid,
  brought_by uuid not null,
  made_at timestamp with time zone not null,
  code text not null,
  detail text not null,
  fields jsonb not null,
  decision text,
  note text not null default ''::text,
  decided_by uuid,
  decided_at timestamp with time zone,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint reviews_pkey PRIMARY KEY (id),
  constraint reviews_are_decided_once CHECK ((decision IS NULL) = (decided_at IS NULL)),
  constraint reviews_decision_check CHECK (decision = ANY (ARRAY['keep'::text, 'take'::text])),
  constraint reviews_fields_check CHECK (jsonb_typeof(fields) = 'array'::text),
  constraint reviews_note_check CHECK (private.is_prose(note, 1000)),
  constraint reviews_brought_by_fkey FOREIGN KEY (brought_by) REFERENCES public.profiles(id),
  constraint reviews_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES public.profiles(id),
  constraint reviews_warehouse_id_fkey FOREIGN KEY (warehouse_id) REFERENCES public.warehouses(id),
  constraint reviews_work_order_id_fkey FOREIGN KEY (work_order_id) REFERENCES public.work_orders(id)
);
CREATE INDEX reviews_by_bringer ON public.reviews USING btree (brought_by, id);
CREATE INDEX reviews_by_warehouse ON public.reviews USING btree (warehouse_id, id);
CREATE INDEX reviews_by_work_order ON public.reviews USING btree (work_order_id) WHERE (work_order_id IS NOT NULL);
CREATE INDEX reviews_undecided ON public.reviews USING btree (warehouse_id, id) WHERE (decision IS NULL);
CREATE UNIQUE INDEX reviews_waiting ON public.reviews USING btree (entity, entity_id, brought_by) WHERE (decision IS NULL);
alter table public.reviews enable row level security;
create policy is_bounded on public.reviews as restrictive for select to authenticated
  using (private.is_bounded());
create policy reviews_read on public.reviews for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse) OR warehouse_id = (( SELECT private.my_warehouse() AS my_warehouse)) AND (( SELECT private.my_role() AS my_role)) = 'supervisor'::public.user_role OR brought_by = (( SELECT auth.uid() AS uid)) AND (( SELECT private.my_role() AS my_role)) IS NOT NULL);
grant select on public.reviews to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.reviews FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER keep_answer AFTER INSERT ON public.reviews FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER touch BEFORE UPDATE ON public.reviews FOR EACH ROW EXECUTE FUNCTION private.touch();

create table public.settings (
  id uuid not null default private.uuidv7(),
  key public.setting_key not null,
  warehouse_id uuid,
  value jsonb not null,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint settings_pkey PRIMARY KEY (id),
  constraint settings_warehouse_id_key_key UNIQUE NULLS NOT DISTINCT (warehouse_id, key),
  constraint settings_hold_what_they_should CHECK (
CASE key
    WHEN 'file_upload_max_size'::public.setting_key THEN jsonb_typeof(value) = 'number'::text AND value::text ~ '^[0-9]{1,9}$'::text AND value::text::integer >= 1 AND value::text::integer <= 104857600
    WHEN 'auto_archive_completed_wo_days'::public.setting_key THEN jsonb_typeof(value) = 'number'::text AND value::text ~ '^[0-9]{1,5}$'::text AND value::text::integer >= 1 AND value::text::integer <= 36500
    WHEN 'default_pm_lead_time_days'::public.setting_key THEN jsonb_typeof(value) = 'number'::text AND value::text ~ '^[0-9]{1,3}$'::text AND value::text::integer >= 0 AND value::text::integer <= 365
    WHEN 'escalation_max_open_work_orders'::public.setting_key THEN jsonb_typeof(value) = 'number'::text AND value::text ~ '^[0-9]{1,5}$'::text AND value::text::integer >= 1 AND value::text::integer <= 10000
    WHEN 'qr_code_base_url'::public.setting_key THEN jsonb_typeof(value) = 'string'::text AND (value #>> '{}'::text[]) ~ '^https?://'::text AND private.is_line(value #>> '{}'::text[], 500)
    ELSE false
END),
  constraint settings_value_check CHECK (private.is_json(value)),
  constraint settings_warehouse_id_fkey FOREIGN KEY (warehouse_id) REFERENCES public.warehouses(id)
);
alter table public.settings enable row level security;
create policy is_bounded on public.settings as restrictive for select to authenticated
  using (private.is_bounded());
create policy settings_change on public.settings for update to authenticated
  using (private.is_one_of(warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role]));
create policy settings_open on public.settings for insert to authenticated
  with check (private.is_one_of(warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role]));
create policy settings_read on public.settings for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse) OR (warehouse_id IS NULL OR warehouse_id = (( SELECT private.my_warehouse() AS my_warehouse))) AND (( SELECT private.my_role() AS my_role)) = 'supervisor'::public.user_role);
create policy settings_remove on public.settings for delete to authenticated
  using (private.is_one_of(warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role]));
grant delete, insert (id, key, warehouse_id, value), select, update (value) on public.settings to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.settings FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER at_home BEFORE INSERT ON public.settings FOR EACH ROW EXECUTE FUNCTION private.at_home();
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.settings FOR EACH ROW EXECUTE FUNCTION private.audit();
CREATE TRIGGER keep_answer AFTER INSERT ON public.settings FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER touch BEFORE UPDATE ON public.settings FOR EACH ROW EXECUTE FUNCTION private.touch();

create table public.time_logs (
  id uuid not null default private.uuidv7(),
  work_order_id uuid not null,
  profile_id uuid not null default auth.uid(),
  started_at timestamp with time zone not null default now(),
  stopped_at timestamp with time zone,
  note text not null default ''::text,
  annulled_at timestamp with time zone,
  annulled_by uuid,
  annulled_reason text,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint time_logs_pkey PRIMARY KEY (id),
  constraint time_logs_annulled_reason_check CHECK (private.is_prose(annulled_reason, 1000) AND annulled_reason <> ''::text),
  constraint time_logs_are_annulled_with_a_reason CHECK ((annulled_at IS NULL) = (annulled_reason IS NULL)),
  constraint time_logs_note_check CHECK (private.is_prose(note, 1000)),
  constraint time_logs_started_at_check CHECK (private.is_moment(started_at) AND private.has_happened(started_at)),
  constraint time_logs_stop_after_they_start CHECK (stopped_at > started_at),
  constraint time_logs_stopped_at_check CHECK (private.is_moment(stopped_at) AND private.has_happened(stopped_at)),
  constraint time_logs_do_not_overlap EXCLUDE USING gist (profile_id WITH =, tstzrange(started_at, stopped_at) WITH &&) WHERE (annulled_at IS NULL),
  constraint time_logs_annulled_by_fkey FOREIGN KEY (annulled_by) REFERENCES public.profiles(id),
  constraint time_logs_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES public.profiles(id),
  constraint time_logs_work_order_id_fkey FOREIGN KEY (work_order_id) REFERENCES public.work_orders(id)
);
CREATE INDEX time_logs_by_work_order ON public.time_logs USING btree (work_order_id);
CREATE INDEX time_logs_running ON public.time_logs USING btree (profile_id) WHERE (stopped_at IS NULL);
alter table public.time_logs enable row level security;
create policy is_bounded on public.time_logs as restrictive for select to authenticated
  using (private.is_bounded());
create policy time_logs_change on public.time_logs for update to authenticated
  using (private.leads(work_order_id) OR profile_id = (( SELECT auth.uid() AS uid)) AND private.works_on(work_order_id));
create policy time_logs_read on public.time_logs for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.work_orders w
  WHERE w.id = time_logs.work_order_id)));
create policy time_logs_start on public.time_logs for insert to authenticated
  with check (private.leads(work_order_id) OR profile_id = (( SELECT auth.uid() AS uid)) AND private.works_on(work_order_id));
grant insert (id, work_order_id, profile_id, started_at, stopped_at, note), select, update (started_at, stopped_at, note, annulled_reason) on public.time_logs to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.time_logs FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER a_seen_profile_id BEFORE INSERT ON public.time_logs FOR EACH ROW WHEN (new.profile_id IS NOT NULL AND row_security_active('public.time_logs'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('profile_id', 'select exists (select from public.profiles r where r.id = ($1).profile_id)');
CREATE TRIGGER a_seen_work_order_id BEFORE INSERT ON public.time_logs FOR EACH ROW WHEN (new.work_order_id IS NOT NULL AND row_security_active('public.time_logs'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('work_order_id', 'select exists (select from public.work_orders r where r.id = ($1).work_order_id)');
CREATE TRIGGER annulled_clock_stops BEFORE UPDATE ON public.time_logs FOR EACH ROW WHEN (new.annulled_reason IS NOT NULL AND new.stopped_at IS NULL) EXECUTE FUNCTION private.annulled_clock_stops();
CREATE TRIGGER annuls BEFORE UPDATE ON public.time_logs FOR EACH ROW WHEN (old.annulled_reason IS NOT NULL OR new.annulled_reason IS NOT NULL) EXECUTE FUNCTION private.annuls('work_orders', 'work_order_id');
CREATE TRIGGER bounded_by_work_order_id_insert AFTER INSERT ON public.time_logs REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('work_order_id');
CREATE TRIGGER bounded_by_work_order_id_update AFTER UPDATE ON public.time_logs REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('work_order_id');
CREATE TRIGGER goes_on AFTER INSERT OR DELETE OR UPDATE ON public.time_logs FOR EACH ROW WHEN (auth.uid() IS NOT NULL AND pg_trigger_depth() = 0) EXECUTE FUNCTION private.work_goes_on('frozen');
CREATE TRIGGER is_changed AFTER INSERT OR UPDATE ON public.time_logs FOR EACH ROW EXECUTE FUNCTION private.part_of_work_is_changed('time_log');
CREATE TRIGGER keep_answer AFTER INSERT ON public.time_logs FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER may_run AFTER INSERT OR UPDATE ON public.time_logs FOR EACH ROW WHEN (new.stopped_at IS NULL AND auth.uid() IS NOT NULL AND pg_trigger_depth() = 0) EXECUTE FUNCTION private.clock_may_run();
CREATE TRIGGER note_changed AFTER UPDATE ON public.time_logs REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'work_order_id');
CREATE TRIGGER note_new AFTER INSERT ON public.time_logs REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'work_order_id');
CREATE TRIGGER note_removed AFTER DELETE ON public.time_logs REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'work_order_id');
CREATE TRIGGER touch BEFORE UPDATE ON public.time_logs FOR EACH ROW EXECUTE FUNCTION private.touch();
CREATE TRIGGER was_before AFTER INSERT OR UPDATE ON public.time_logs FOR EACH ROW WHEN (new.stopped_at IS NOT NULL AND auth.uid() IS NOT NULL AND pg_trigger_depth() = 0) EXECUTE FUNCTION private.time_was_before_the_end();
CREATE TRIGGER work_is_done_on_it AFTER INSERT OR UPDATE ON public.time_logs FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.work_is_done_on_it();
CREATE TRIGGER worker_fits AFTER INSERT ON public.time_logs FOR EACH ROW WHEN (row_security_active('public.time_logs'::regclass::oid)) EXECUTE FUNCTION private.worker_fits();
CREATE TRIGGER worker_fits_later AFTER UPDATE OF started_at, stopped_at ON public.time_logs FOR EACH ROW WHEN (row_security_active('public.time_logs'::regclass::oid) AND NOT tstzrange(old.started_at, old.stopped_at) @> tstzrange(new.started_at, new.stopped_at)) EXECUTE FUNCTION private.worker_fits();

create table public.vendor_documents (
  id uuid not null default private.uuidv7(),
  vendor_id uuid not null,
  profile_id uuid,
  kind public.document_kind not null,
  title text not null,
  number text,
  issued_on date,
  expires_on date,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint vendor_documents_pkey PRIMARY KEY (id),
  constraint vendor_documents_expire_after_issue CHECK (expires_on >= issued_on),
  constraint vendor_documents_expires_on_check CHECK (private.is_day(expires_on)),
  constraint vendor_documents_issued_on_check CHECK (private.is_day(issued_on)),
  constraint vendor_documents_number_check CHECK (private.is_line(number, 100)),
  constraint vendor_documents_title_check CHECK (private.is_line(title, 200) AND title <> ''::text),
  constraint vendor_documents_profile_id_fkey FOREIGN KEY (profile_id, vendor_id) REFERENCES public.profiles(id, vendor_id),
  constraint vendor_documents_vendor_id_fkey FOREIGN KEY (vendor_id) REFERENCES public.vendors(id)
);
CREATE INDEX vendor_documents_by_vendor ON public.vendor_documents USING btree (vendor_id);
CREATE INDEX vendor_documents_expiring ON public.vendor_documents USING btree (expires_on) WHERE (expires_on IS NOT NULL);
alter table public.vendor_documents enable row level security;
create policy is_bounded on public.vendor_documents as restrictive for select to authenticated
  using (private.is_bounded());
create policy vendor_documents_change on public.vendor_documents for update to authenticated
  using ((EXISTS ( SELECT
   FROM public.vendors v
  WHERE v.id = vendor_documents.vendor_id AND private.is_one_of(v.warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role, 'inventory_clerk'::public.user_role]))));
create policy vendor_documents_open on public.vendor_documents for insert to authenticated
  with check ((EXISTS ( SELECT
   FROM public.vendors v
  WHERE v.id = vendor_documents.vendor_id AND private.is_one_of(v.warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role, 'inventory_clerk'::public.user_role]))));
create policy vendor_documents_read on public.vendor_documents for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.vendors v
  WHERE v.id = vendor_documents.vendor_id)));
create policy vendor_documents_remove on public.vendor_documents for delete to authenticated
  using ((EXISTS ( SELECT
   FROM public.vendors v
  WHERE v.id = vendor_documents.vendor_id AND private.is_one_of(v.warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role, 'inventory_clerk'::public.user_role]))));
grant delete, insert (id, vendor_id, profile_id, kind, title, number, issued_on, expires_on), select, update (profile_id, kind, title, number, issued_on, expires_on) on public.vendor_documents to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.vendor_documents FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER a_seen_profile_id BEFORE INSERT ON public.vendor_documents FOR EACH ROW WHEN (new.profile_id IS NOT NULL AND row_security_active('public.vendor_documents'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('profile_id', 'select exists (select from public.profiles r where r.id = ($1).profile_id)');
CREATE TRIGGER a_seen_profile_id_later BEFORE UPDATE OF profile_id ON public.vendor_documents FOR EACH ROW WHEN (new.profile_id IS DISTINCT FROM old.profile_id AND new.profile_id IS NOT NULL AND row_security_active('public.vendor_documents'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('profile_id', 'select exists (select from public.profiles r where r.id = ($1).profile_id)');
CREATE TRIGGER a_seen_vendor_id BEFORE INSERT ON public.vendor_documents FOR EACH ROW WHEN (new.vendor_id IS NOT NULL AND row_security_active('public.vendor_documents'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('vendor_id', 'select exists (select from public.vendors r where r.id = ($1).vendor_id)');
CREATE TRIGGER keep_answer AFTER INSERT ON public.vendor_documents FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER touch BEFORE UPDATE ON public.vendor_documents FOR EACH ROW EXECUTE FUNCTION private.touch();

create table public.vendors (
  id uuid not null default private.uuidv7(),
  name text not null,
  kind public.vendor_kind not null,
  contact_name text,
  email text,
  phone text,
  address text,
  notes text not null default ''::text,
  warehouse_id uuid,
  active boolean not null default true,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint vendors_pkey PRIMARY KEY (id),
  constraint vendors_address_check CHECK (private.is_prose(address, 1000)),
  constraint vendors_contact_name_check CHECK (private.is_line(contact_name, 100)),
  constraint vendors_email_check CHECK (private.is_line(email, 254)),
  constraint vendors_name_check CHECK (private.is_line(name, 100) AND name <> ''::text),
  constraint vendors_notes_check CHECK (private.is_prose(notes, 10000)),
  constraint vendors_phone_check CHECK (private.is_line(phone, 50)),
  constraint vendors_warehouse_id_fkey FOREIGN KEY (warehouse_id) REFERENCES public.warehouses(id)
);
CREATE UNIQUE INDEX vendors_warehouse_id_name_key ON public.vendors USING btree (warehouse_id, name COLLATE private.alike) NULLS NOT DISTINCT;
alter table public.vendors enable row level security;
create policy is_bounded on public.vendors as restrictive for select to authenticated
  using (private.is_bounded());
create policy vendors_change on public.vendors for update to authenticated
  using (private.is_one_of(warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role, 'inventory_clerk'::public.user_role]));
create policy vendors_open on public.vendors for insert to authenticated
  with check (private.is_one_of(warehouse_id, VARIADIC ARRAY['supervisor'::public.user_role, 'inventory_clerk'::public.user_role]));
create policy vendors_read on public.vendors for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse) OR (warehouse_id IS NULL OR warehouse_id = (( SELECT private.my_warehouse() AS my_warehouse))) AND private.sees_own_warehouse(( SELECT private.my_role() AS my_role)) OR (( SELECT p.vendor_id
   FROM public.profiles p
  WHERE p.id = (( SELECT auth.uid() AS uid)))) = id);
grant insert (id, name, kind, contact_name, email, phone, address, notes, warehouse_id, active), select, update (name, kind, contact_name, email, phone, address, notes, active) on public.vendors to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.vendors FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER at_home BEFORE INSERT ON public.vendors FOR EACH ROW EXECUTE FUNCTION private.at_home();
CREATE TRIGGER keep_answer AFTER INSERT ON public.vendors FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER note_changed AFTER UPDATE ON public.vendors REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('vendors', 'id');
CREATE TRIGGER note_new AFTER INSERT ON public.vendors REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('vendors', 'id');
CREATE TRIGGER note_removed AFTER DELETE ON public.vendors REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('vendors', 'id');
CREATE TRIGGER touch BEFORE UPDATE ON public.vendors FOR EACH ROW EXECUTE FUNCTION private.touch();

create table public.warehouses (
  id uuid not null default private.uuidv7(),
  code text not null,
  name text not null,
  time_zone text not null,
  public_reports boolean not null default false,
  operating_hours jsonb not null default '[]'::jsonb,
  completion_signature public.signature_rule not null default 'optional'::public.signature_rule,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint warehouses_pkey PRIMARY KEY (id),
  constraint warehouses_code_key UNIQUE (code),
  constraint warehouses_code_check CHECK (private.is_line(code, 12) AND code ~ '^[A-Z0-9-]{2,12}$'::text),
  constraint warehouses_name_check CHECK (private.is_line(name, 100) AND name <> ''::text),
  constraint warehouses_operating_hours_check CHECK (private.are_hours(operating_hours)),
  constraint warehouses_time_zone_check CHECK (private.is_line(time_zone, 64) AND private.is_time_zone(time_zone))
);
alter table public.warehouses enable row level security;
create policy is_bounded on public.warehouses as restrictive for select to authenticated
  using (private.is_bounded());
create policy warehouses_change on public.warehouses for update to authenticated
  using (private.is_one_of(id, VARIADIC ARRAY['supervisor'::public.user_role]));
create policy warehouses_open on public.warehouses for insert to authenticated
  with check ((( SELECT private.my_role() AS my_role)) = 'admin'::public.user_role);
create policy warehouses_read on public.warehouses for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse) OR id = (( SELECT private.my_warehouse() AS my_warehouse)));
grant insert (id, code, name, time_zone, public_reports, operating_hours, completion_signature), select, update (name, time_zone, public_reports, operating_hours, completion_signature) on public.warehouses to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.warehouses FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.warehouses FOR EACH ROW EXECUTE FUNCTION private.audit();
CREATE TRIGGER is_mended AFTER DELETE OR UPDATE ON public.warehouses FOR EACH ROW EXECUTE FUNCTION private.is_mended('warehouse', 'id');
CREATE TRIGGER keep_answer AFTER INSERT ON public.warehouses FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER note_changed AFTER UPDATE ON public.warehouses REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('warehouses', 'id');
CREATE TRIGGER note_new AFTER INSERT ON public.warehouses REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('warehouses', 'id');
CREATE TRIGGER note_removed AFTER DELETE ON public.warehouses REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('warehouses', 'id');
CREATE TRIGGER opening_hours_change AFTER UPDATE ON public.warehouses REFERENCING OLD TABLE AS previous NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION private.opening_hours_change();
CREATE TRIGGER supervisors_run_it AFTER UPDATE ON public.warehouses FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.only_columns('supervisor', 'public_reports operating_hours completion_signature');
CREATE TRIGGER touch BEFORE UPDATE ON public.warehouses FOR EACH ROW EXECUTE FUNCTION private.touch();

create table public.webhook_secrets (
  id uuid not null default private.uuidv7(),
  webhook_id uuid not null,
  secret text not null default 'whsec_'::text || encode(extensions.gen_random_bytes(24), 'base64'::text),
  expires_at timestamp with time zone,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint webhook_secrets_pkey PRIMARY KEY (id),
  constraint webhook_secrets_expires_at_check CHECK (private.is_moment(expires_at)),
  constraint webhook_secrets_secret_check CHECK (secret ~ '^whsec_[A-Za-z0-9+/]{32}$'::text),
  constraint webhook_secrets_webhook_id_fkey FOREIGN KEY (webhook_id) REFERENCES public.webhooks(id) ON DELETE CASCADE
);
CREATE INDEX webhook_secrets_by_webhook ON public.webhook_secrets USING btree (webhook_id);
alter table public.webhook_secrets enable row level security;
create policy is_bounded on public.webhook_secrets as restrictive for select to authenticated
  using (private.is_bounded());
create policy webhook_secrets_add on public.webhook_secrets for insert to authenticated
  with check ((( SELECT private.my_role() AS my_role)) = 'admin'::public.user_role);
create policy webhook_secrets_change on public.webhook_secrets for update to authenticated
  using ((( SELECT private.my_role() AS my_role)) = 'admin'::public.user_role);
create policy webhook_secrets_read on public.webhook_secrets for select to authenticated
  using ((( SELECT private.my_role() AS my_role)) = 'admin'::public.user_role);
grant insert (id, webhook_id, expires_at), select, update (expires_at) on public.webhook_secrets to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.webhook_secrets FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER a_seen_webhook_id BEFORE INSERT ON public.webhook_secrets FOR EACH ROW WHEN (new.webhook_id IS NOT NULL AND row_security_active('public.webhook_secrets'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('webhook_id', 'select exists (select from public.webhooks r where r.id = ($1).webhook_id)');
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.webhook_secrets FOR EACH ROW EXECUTE FUNCTION private.audit();
CREATE TRIGGER keep_answer AFTER INSERT ON public.webhook_secrets FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER touch BEFORE UPDATE ON public.webhook_secrets FOR EACH ROW EXECUTE FUNCTION private.touch();

create table public.webhooks (
  id uuid not null default private.uuidv7(),
  name text not null,
  url text not null,
  event_types public.event_kind[] not null default '{}'::public.event_kind[],
  warehouse_id uuid,
  active boolean not null default true,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint webhooks_pkey PRIMARY KEY (id),
  constraint webhooks_event_types_check CHECK (private.is_set(event_types, 100)),
  constraint webhooks_name_check CHECK (private.is_line(name, 100) AND name <> ''::text),
  constraint webhooks_url_check CHECK (private.is_public_address(url)),
  constraint webhooks_warehouse_id_fkey FOREIGN KEY (warehouse_id) REFERENCES public.warehouses(id)
);
alter table public.webhooks enable row level security;
create policy is_bounded on public.webhooks as restrictive for select to authenticated
  using (private.is_bounded());
create policy webhooks_change on public.webhooks for update to authenticated
  using ((( SELECT private.my_role() AS my_role)) = 'admin'::public.user_role);
create policy webhooks_open on public.webhooks for insert to authenticated
  with check ((( SELECT private.my_role() AS my_role)) = 'admin'::public.user_role);
create policy webhooks_read on public.webhooks for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse));
create policy webhooks_remove on public.webhooks for delete to authenticated
  using ((( SELECT private.my_role() AS my_role)) = 'admin'::public.user_role);
grant delete, insert (id, name, url, event_types, warehouse_id, active), select, update (name, url, event_types, active) on public.webhooks to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.webhooks FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.webhooks FOR EACH ROW EXECUTE FUNCTION private.audit();
CREATE TRIGGER keep_answer AFTER INSERT ON public.webhooks FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER touch BEFORE UPDATE ON public.webhooks FOR EACH ROW EXECUTE FUNCTION private.touch();

create table public.work_order_crew (
  id uuid not null default private.uuidv7(),
  work_order_id uuid not null,
  profile_id uuid not null,
  created_at timestamp with time zone not null default now(),
  constraint work_order_crew_pkey PRIMARY KEY (id),
  constraint work_order_crew_work_order_id_profile_id_key UNIQUE (work_order_id, profile_id),
  constraint work_order_crew_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES public.profiles(id),
  constraint work_order_crew_work_order_id_fkey FOREIGN KEY (work_order_id) REFERENCES public.work_orders(id)
);
CREATE INDEX work_order_crew_by_person ON public.work_order_crew USING btree (profile_id, id DESC);
alter table public.work_order_crew enable row level security;
create policy is_bounded on public.work_order_crew as restrictive for select to authenticated
  using (private.is_bounded());
create policy work_order_crew_add on public.work_order_crew for insert to authenticated
  with check (private.leads(work_order_id));
create policy work_order_crew_read on public.work_order_crew for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.work_orders w
  WHERE w.id = work_order_crew.work_order_id)));
create policy work_order_crew_remove on public.work_order_crew for delete to authenticated
  using (private.leads(work_order_id));
grant delete, insert (id, work_order_id, profile_id), select on public.work_order_crew to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.work_order_crew FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER a_seen_profile_id BEFORE INSERT ON public.work_order_crew FOR EACH ROW WHEN (new.profile_id IS NOT NULL AND row_security_active('public.work_order_crew'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('profile_id', 'select exists (select from public.profiles r where r.id = ($1).profile_id)');
CREATE TRIGGER a_seen_work_order_id BEFORE INSERT ON public.work_order_crew FOR EACH ROW WHEN (new.work_order_id IS NOT NULL AND row_security_active('public.work_order_crew'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('work_order_id', 'select exists (select from public.work_orders r where r.id = ($1).work_order_id)');
CREATE TRIGGER bounded_by_work_order_id_insert AFTER INSERT ON public.work_order_crew REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('work_order_id');
CREATE TRIGGER bounded_by_work_order_id_update AFTER UPDATE ON public.work_order_crew REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('work_order_id');
CREATE TRIGGER changes_hands AFTER INSERT OR DELETE ON public.work_order_crew FOR EACH ROW EXECUTE FUNCTION private.crew_changes();
CREATE TRIGGER goes_on AFTER INSERT OR DELETE OR UPDATE ON public.work_order_crew FOR EACH ROW WHEN (auth.uid() IS NOT NULL AND pg_trigger_depth() = 0) EXECUTE FUNCTION private.work_goes_on('done');
CREATE TRIGGER is_changed AFTER INSERT OR DELETE ON public.work_order_crew FOR EACH ROW EXECUTE FUNCTION private.part_of_work_is_changed('crew');
CREATE TRIGGER keep_answer AFTER INSERT ON public.work_order_crew FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER note_changed AFTER UPDATE ON public.work_order_crew REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'work_order_id');
CREATE TRIGGER note_new AFTER INSERT ON public.work_order_crew REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'work_order_id');
CREATE TRIGGER note_removed AFTER DELETE ON public.work_order_crew REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'work_order_id');
CREATE TRIGGER worker_fits AFTER INSERT ON public.work_order_crew FOR EACH ROW EXECUTE FUNCTION private.worker_fits();

create table public.work_order_history (
  id uuid not null default private.uuidv7(),
  work_order_id uuid not null,
  "position" integer not null,
  subject text not null,
  subject_id uuid not null,
  version integer,
  changes jsonb not null,
  mutation_id uuid,
  actor_id uuid,
  actor_function text,
  happened_at timestamp with time zone not null default clock_timestamp(),
  previous_hash text not null,
  hash text not null,
  constraint work_order_history_pkey PRIMARY KEY (id),
  constraint work_order_history_work_order_id_position_key UNIQUE (work_order_id, "position"),
  constraint work_order_history_changes_check CHECK (jsonb_typeof(changes) = 'object'::text),
  constraint work_order_history_hash_check CHECK (hash ~ '^[0-9a-f]{64}$'::text),
  constraint work_order_history_position_check CHECK ("position" > 0),
  constraint work_order_history_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.profiles(id),
  constraint work_order_history_work_order_id_fkey FOREIGN KEY (work_order_id) REFERENCES public.work_orders(id)
);
CREATE INDEX work_order_history_by_subject ON public.work_order_history USING btree (subject_id, "position");
CREATE INDEX work_order_history_cancelled ON public.work_order_history USING btree (work_order_id, happened_at) WHERE (((changes -> 'status'::text) ->> 'to'::text) = 'cancelled'::text);
CREATE INDEX work_order_history_given ON public.work_order_history USING btree (happened_at) WHERE ((subject = 'work_order'::text) AND ((changes ? 'assigned_to'::text) OR (changes ? 'due_at'::text)));
CREATE INDEX work_order_history_resumed ON public.work_order_history USING btree (work_order_id) WHERE ((subject = 'work_order'::text) AND (((changes -> 'status'::text) ->> 'to'::text) = 'in_progress'::text) AND (((changes -> 'status'::text) ->> 'from'::text) = ANY (ARRAY['on_hold'::text, 'completed'::text, 'verified'::text])));
alter table public.work_order_history enable row level security;
create policy is_bounded on public.work_order_history as restrictive for select to authenticated
  using (private.is_bounded());
create policy work_order_history_read on public.work_order_history for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.work_orders w
  WHERE w.id = work_order_history.work_order_id)));
grant select on public.work_order_history to authenticated;
CREATE TRIGGER stays_as_it_is BEFORE DELETE OR UPDATE ON public.work_order_history FOR EACH ROW EXECUTE FUNCTION private.stays_as_it_is();

create table public.work_order_relations (
  id uuid not null default private.uuidv7(),
  work_order_id uuid not null,
  kind public.relation_kind not null,
  other_id uuid not null,
  warehouse_id uuid not null,
  created_by uuid default auth.uid(),
  created_at timestamp with time zone not null default now(),
  constraint work_order_relations_pkey PRIMARY KEY (id),
  constraint work_order_relations_to_another CHECK (work_order_id <> other_id),
  constraint work_order_relations_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.profiles(id),
  constraint work_order_relations_other_id_fkey FOREIGN KEY (other_id, warehouse_id) REFERENCES public.work_orders(id, warehouse_id),
  constraint work_order_relations_work_order_id_fkey FOREIGN KEY (work_order_id) REFERENCES public.work_orders(id)
);
CREATE INDEX work_order_relations_from ON public.work_order_relations USING btree (work_order_id);
CREATE UNIQUE INDEX work_order_relations_once ON public.work_order_relations USING btree (LEAST(work_order_id, other_id), GREATEST(work_order_id, other_id), kind);
CREATE INDEX work_order_relations_to ON public.work_order_relations USING btree (other_id);
alter table public.work_order_relations enable row level security;
create policy is_bounded on public.work_order_relations as restrictive for select to authenticated
  using (private.is_bounded());
create policy work_order_relations_add on public.work_order_relations for insert to authenticated
  with check (private.leads(work_order_id) AND (EXISTS ( SELECT
   FROM public.work_orders w
  WHERE w.id = work_order_relations.other_id)));
create policy work_order_relations_read on public.work_order_relations for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.work_orders w
  WHERE w.id = work_order_relations.work_order_id)));
create policy work_order_relations_remove on public.work_order_relations for delete to authenticated
  using (private.leads(work_order_id));
grant delete, insert (id, work_order_id, kind, other_id), select on public.work_order_relations to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.work_order_relations FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER a_seen_other_id BEFORE INSERT ON public.work_order_relations FOR EACH ROW WHEN (new.other_id IS NOT NULL AND row_security_active('public.work_order_relations'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('other_id', 'select exists (select from public.work_orders r where r.id = ($1).other_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER a_seen_work_order_id BEFORE INSERT ON public.work_order_relations FOR EACH ROW WHEN (new.work_order_id IS NOT NULL AND row_security_active('public.work_order_relations'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('work_order_id', 'select exists (select from public.work_orders r where r.id = ($1).work_order_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER bounded_by_work_order_id_insert AFTER INSERT ON public.work_order_relations REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('work_order_id');
CREATE TRIGGER bounded_by_work_order_id_update AFTER UPDATE ON public.work_order_relations REFERENCING NEW TABLE AS written FOR EACH STATEMENT WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.children_are_bounded('work_order_id');
CREATE TRIGGER goes_on AFTER INSERT OR DELETE OR UPDATE ON public.work_order_relations FOR EACH ROW WHEN (auth.uid() IS NOT NULL AND pg_trigger_depth() = 0) EXECUTE FUNCTION private.work_goes_on('frozen');
CREATE TRIGGER is_changed AFTER INSERT OR DELETE ON public.work_order_relations FOR EACH ROW EXECUTE FUNCTION private.part_of_work_is_changed('relation');
CREATE TRIGGER keep_answer AFTER INSERT ON public.work_order_relations FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER note_changed AFTER UPDATE ON public.work_order_relations REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'work_order_id');
CREATE TRIGGER note_new AFTER INSERT ON public.work_order_relations REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'work_order_id');
CREATE TRIGGER note_removed AFTER DELETE ON public.work_order_relations REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'work_order_id');
CREATE TRIGGER opens BEFORE INSERT ON public.work_order_relations FOR EACH ROW EXECUTE FUNCTION private.relation_opens();

create table public.work_orders (
  id uuid not null default private.uuidv7(),
  number text not null default 'WO-'::text || to_char(nextval('private.work_order_numbers'::regclass), 'FM999999000000'::text),
  fo_number text,
  type public.work_order_type not null,
  title text not null,
  description text not null default ''::text,
  area text,
  asset_model text,
  equipment_id uuid,
  status public.work_order_status not null default 'new'::text,
  priority public.priority not null default 'medium'::text,
  requested_by uuid,
  reporter_name text,
  reporter_contact text,
  assigned_to uuid,
  vendor_id uuid,
  warehouse_id uuid not null,
  due_at timestamp with time zone,
  response_due_at timestamp with time zone,
  resolution_due_at timestamp with time zone,
  started_at timestamp with time zone,
  completed_at timestamp with time zone,
  completed_by uuid,
  signature_name text,
  signature_id uuid,
  verified_by uuid,
  hold_reason public.hold_reason,
  status_note text not null default ''::text,
  follow_up boolean not null default false,
  parent_id uuid,
  escalated boolean not null default false,
  escalation_level smallint not null default 0,
  escalated_at timestamp with time zone,
  acknowledged_by uuid,
  acknowledged_until timestamp with time zone,
  last_activity_at timestamp with time zone not null default now(),
  archived_at timestamp with time zone,
  custom_fields jsonb not null default '{}'::jsonb,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint work_orders_pkey PRIMARY KEY (id),
  constraint work_orders_id_warehouse_id_key UNIQUE (id, warehouse_id),
  constraint work_orders_number_key UNIQUE (number),
  constraint work_orders_acknowledged_until_check CHECK (private.is_moment(acknowledged_until)),
  constraint work_orders_area_check CHECK (private.is_line(area, 100)),
  constraint work_orders_asset_model_check CHECK (private.is_line(asset_model, 100)),
  constraint work_orders_assigned_to_someone CHECK (assigned_to IS NOT NULL OR (status::text <> ALL (ARRAY['assigned'::text, 'in_progress'::text, 'on_hold'::text]))),
  constraint work_orders_completed_by_someone CHECK ((status::text <> ALL (ARRAY['completed'::text, 'verified'::text, 'closed'::text])) OR completed_at IS NOT NULL AND completed_by IS NOT NULL),
  constraint work_orders_custom_fields_check CHECK (private.is_json(custom_fields) AND jsonb_typeof(custom_fields) = 'object'::text),
  constraint work_orders_description_check CHECK (private.is_prose(description, 10000)),
  constraint work_orders_due_at_check CHECK (private.is_moment(due_at)),
  constraint work_orders_escalated_to_a_level CHECK (escalated = (escalation_level > 0) AND escalated = (escalated_at IS NOT NULL)),
  constraint work_orders_escalation_level_check CHECK (escalation_level >= 0),
  constraint work_orders_fo_number_check CHECK (private.is_line(fo_number, 50)),
  constraint work_orders_held_for_a_reason CHECK ((status::text = 'on_hold'::text) = (hold_reason IS NOT NULL)),
  constraint work_orders_reporter_contact_check CHECK (private.is_line(reporter_contact, 200) AND reporter_contact <> ''::text),
  constraint work_orders_reporter_name_check CHECK (private.is_line(reporter_name, 100) AND reporter_name <> ''::text),
  constraint work_orders_signature_name_check CHECK (private.is_line(signature_name, 100) AND signature_name <> ''::text),
  constraint work_orders_signatures_have_a_name CHECK (signature_id IS NULL OR signature_name IS NOT NULL),
  constraint work_orders_signed_when_done CHECK (signature_name IS NULL OR (status::text = ANY (ARRAY['completed'::text, 'verified'::text, 'closed'::text]))),
  constraint work_orders_status_note_check CHECK (private.is_prose(status_note, 1000)),
  constraint work_orders_title_check CHECK (private.is_line(title, 200) AND title <> ''::text),
  constraint work_orders_acknowledged_by_fkey FOREIGN KEY (acknowledged_by) REFERENCES public.profiles(id),
  constraint work_orders_assigned_to_fkey FOREIGN KEY (assigned_to) REFERENCES public.profiles(id),
  constraint work_orders_completed_by_fkey FOREIGN KEY (completed_by) REFERENCES public.profiles(id),
  constraint work_orders_equipment_id_fkey FOREIGN KEY (equipment_id, warehouse_id) REFERENCES public.equipment(id, warehouse_id),
  constraint work_orders_parent_id_fkey FOREIGN KEY (parent_id, warehouse_id) REFERENCES public.work_orders(id, warehouse_id),
  constraint work_orders_requested_by_fkey FOREIGN KEY (requested_by) REFERENCES public.profiles(id),
  constraint work_orders_signature_id_fkey FOREIGN KEY (signature_id, id) REFERENCES public.attachments(id, work_order_id),
  constraint work_orders_vendor_id_fkey FOREIGN KEY (vendor_id) REFERENCES public.vendors(id),
  constraint work_orders_verified_by_fkey FOREIGN KEY (verified_by) REFERENCES public.profiles(id),
  constraint work_orders_warehouse_id_fkey FOREIGN KEY (warehouse_id) REFERENCES public.warehouses(id)
);
CREATE INDEX work_orders_by_assignee ON public.work_orders USING btree (assigned_to, status) WHERE ((status)::text <> ALL (ARRAY['closed'::text, 'cancelled'::text]));
CREATE INDEX work_orders_by_due ON public.work_orders USING btree (private.or_never(due_at), id) WHERE (archived_at IS NULL);
CREATE INDEX work_orders_by_due_there ON public.work_orders USING btree (warehouse_id, private.or_never(due_at), id) WHERE (archived_at IS NULL);
CREATE INDEX work_orders_by_equipment ON public.work_orders USING btree (equipment_id);
CREATE INDEX work_orders_by_fo_number ON public.work_orders USING btree (fo_number) WHERE (fo_number IS NOT NULL);
CREATE INDEX work_orders_by_parent ON public.work_orders USING btree (parent_id);
CREATE INDEX work_orders_by_requester ON public.work_orders USING btree (requested_by, ((archived_at IS NULL)), id DESC);
CREATE INDEX work_orders_by_status ON public.work_orders USING btree (status, id DESC) WHERE (archived_at IS NULL);
CREATE INDEX work_orders_by_status_there ON public.work_orders USING btree (warehouse_id, status, id DESC) WHERE (archived_at IS NULL);
CREATE INDEX work_orders_by_urgency ON public.work_orders USING btree (private.urgency(priority), id) WHERE (archived_at IS NULL);
CREATE INDEX work_orders_by_urgency_there ON public.work_orders USING btree (warehouse_id, private.urgency(priority), id) WHERE (archived_at IS NULL);
CREATE INDEX work_orders_by_vendor ON public.work_orders USING btree (vendor_id) WHERE (vendor_id IS NOT NULL);
CREATE INDEX work_orders_by_warehouse ON public.work_orders USING btree (warehouse_id, id DESC) WHERE (archived_at IS NULL);
CREATE INDEX work_orders_by_words ON public.work_orders USING gin (warehouse_id, private.words(ARRAY[number, fo_number, asset_model], ARRAY[title, description, area])) WHERE (archived_at IS NULL);
CREATE INDEX work_orders_ended ON public.work_orders USING btree (updated_at) WHERE (((status)::text = ANY (ARRAY['closed'::text, 'cancelled'::text])) AND (archived_at IS NULL));
CREATE INDEX work_orders_escalated ON public.work_orders USING btree (id DESC) WHERE (escalated AND (archived_at IS NULL));
CREATE INDEX work_orders_escalated_open_there ON public.work_orders USING btree (warehouse_id, id DESC) WHERE (escalated AND (archived_at IS NULL) AND ((status)::text = ANY (ARRAY['new'::text, 'assigned'::text, 'in_progress'::text])));
CREATE INDEX work_orders_escalated_there ON public.work_orders USING btree (warehouse_id, id DESC) WHERE (escalated AND (archived_at IS NULL));
CREATE INDEX work_orders_for_reports ON public.work_orders USING btree (warehouse_id, private.or_never(completed_at)) INCLUDE (id, created_at, updated_at, type, status, requested_by, equipment_id, assigned_to, due_at, started_at, completed_at, asset_model);
CREATE INDEX work_orders_newest ON public.work_orders USING btree (id DESC) WHERE (archived_at IS NULL);
CREATE INDEX work_orders_of_assignee ON public.work_orders USING btree (assigned_to, ((archived_at IS NULL)), id DESC) INCLUDE (equipment_id);
CREATE INDEX work_orders_open_by_due ON public.work_orders USING btree (private.or_never(due_at), id) WHERE ((archived_at IS NULL) AND ((status)::text = ANY (ARRAY['new'::text, 'assigned'::text, 'in_progress'::text, 'on_hold'::text])));
CREATE INDEX work_orders_open_by_due_there ON public.work_orders USING btree (warehouse_id, private.or_never(due_at), id) WHERE ((archived_at IS NULL) AND ((status)::text = ANY (ARRAY['new'::text, 'assigned'::text, 'in_progress'::text, 'on_hold'::text])));
CREATE INDEX work_orders_open_of_assignee ON public.work_orders USING btree (assigned_to, private.or_never(due_at), id) WHERE ((archived_at IS NULL) AND ((status)::text = ANY (ARRAY['new'::text, 'assigned'::text, 'in_progress'::text, 'on_hold'::text])));
CREATE INDEX work_orders_that_follow_up ON public.work_orders USING btree (id DESC) WHERE (follow_up AND (archived_at IS NULL));
CREATE INDEX work_orders_that_follow_up_there ON public.work_orders USING btree (warehouse_id, id DESC) WHERE (follow_up AND (archived_at IS NULL));
CREATE STATISTICS public.work_orders_with_words ON private.words(ARRAY[number, fo_number, asset_model], ARRAY[title, description, area]) FROM public.work_orders;
alter table public.work_orders enable row level security;
create policy is_bounded on public.work_orders as restrictive for select to authenticated
  using (private.is_bounded());
create policy work_orders_change on public.work_orders for update to authenticated
  using (private.works_on(id) OR status::text = 'new'::text AND warehouse_id = (( SELECT private.my_warehouse() AS my_warehouse)) AND
CASE ( SELECT private.my_role() AS my_role)
    WHEN 'technician'::public.user_role THEN assigned_to IS NULL
    WHEN 'requester'::public.user_role THEN requested_by = (( SELECT auth.uid() AS uid))
    ELSE false
END)
  with check (private.works_on(id) OR assigned_to = (( SELECT auth.uid() AS uid)) OR status::text = 'cancelled'::text AND requested_by = (( SELECT auth.uid() AS uid)));
create policy work_orders_open on public.work_orders for insert to authenticated
  with check (requested_by = (( SELECT auth.uid() AS uid)) AND (( SELECT private.sees_every_warehouse() AS sees_every_warehouse) OR warehouse_id = (( SELECT private.my_warehouse() AS my_warehouse)) AND
CASE ( SELECT private.my_role() AS my_role)
    WHEN 'supervisor'::public.user_role THEN true
    WHEN 'technician'::public.user_role THEN assigned_to IS NULL OR assigned_to = (( SELECT auth.uid() AS uid))
    WHEN 'requester'::public.user_role THEN assigned_to IS NULL AND type::text <> 'preventive'::text
    ELSE false
END));
create policy work_orders_read on public.work_orders for select to authenticated
  using (( SELECT private.sees_every_warehouse() AS sees_every_warehouse) OR warehouse_id = (( SELECT private.my_warehouse() AS my_warehouse)) AND (private.sees_own_warehouse(( SELECT private.my_role() AS my_role)) OR (( SELECT private.my_role() AS my_role)) = 'requester'::public.user_role AND requested_by = (( SELECT auth.uid() AS uid)) OR (( SELECT private.my_role() AS my_role)) = 'contractor'::public.user_role AND (assigned_to = (( SELECT auth.uid() AS uid)) OR (id IN ( SELECT private.my_crews() AS my_crews)))));
grant insert (id, fo_number, type, title, description, area, asset_model, equipment_id, priority, assigned_to, vendor_id, warehouse_id, due_at, parent_id, custom_fields), select, update (fo_number, title, description, area, asset_model, equipment_id, status, priority, assigned_to, vendor_id, due_at, signature_name, signature_id, hold_reason, status_note, parent_id, acknowledged_until, custom_fields) on public.work_orders to authenticated;
CREATE TRIGGER _take_key BEFORE INSERT ON public.work_orders FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_takes_key();
CREATE TRIGGER a_seen_assigned_to BEFORE INSERT ON public.work_orders FOR EACH ROW WHEN (new.assigned_to IS NOT NULL AND row_security_active('public.work_orders'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('assigned_to', 'select exists (select from public.profiles r where r.id = ($1).assigned_to and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER a_seen_assigned_to_later BEFORE UPDATE OF assigned_to ON public.work_orders FOR EACH ROW WHEN (new.assigned_to IS DISTINCT FROM old.assigned_to AND new.assigned_to IS NOT NULL AND row_security_active('public.work_orders'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('assigned_to', 'select exists (select from public.profiles r where r.id = ($1).assigned_to and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER a_seen_parent_id BEFORE INSERT ON public.work_orders FOR EACH ROW WHEN (new.parent_id IS NOT NULL AND row_security_active('public.work_orders'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('parent_id', 'select exists (select from public.work_orders r where r.id = ($1).parent_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER a_seen_parent_id_later BEFORE UPDATE OF parent_id ON public.work_orders FOR EACH ROW WHEN (new.parent_id IS DISTINCT FROM old.parent_id AND new.parent_id IS NOT NULL AND row_security_active('public.work_orders'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('parent_id', 'select exists (select from public.work_orders r where r.id = ($1).parent_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER a_seen_signature_id_later BEFORE UPDATE OF signature_id ON public.work_orders FOR EACH ROW WHEN (new.signature_id IS DISTINCT FROM old.signature_id AND new.signature_id IS NOT NULL AND row_security_active('public.work_orders'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('signature_id', 'select exists (select from public.attachments a where a.id = ($1).signature_id and a.work_order_id = ($1).id
      and a.warehouse_id = ($1).warehouse_id)');
CREATE TRIGGER a_seen_vendor_id BEFORE INSERT ON public.work_orders FOR EACH ROW WHEN (new.vendor_id IS NOT NULL AND row_security_active('public.work_orders'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('vendor_id', 'select exists (select from public.vendors r where r.id = ($1).vendor_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER a_seen_vendor_id_later BEFORE UPDATE OF vendor_id ON public.work_orders FOR EACH ROW WHEN (new.vendor_id IS DISTINCT FROM old.vendor_id AND new.vendor_id IS NOT NULL AND row_security_active('public.work_orders'::regclass::oid)) EXECUTE FUNCTION private.reference_is_seen('vendor_id', 'select exists (select from public.vendors r where r.id = ($1).vendor_id and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))');
CREATE TRIGGER assignee_fits AFTER INSERT OR UPDATE OF assigned_to ON public.work_orders FOR EACH ROW WHEN (new.assigned_to IS NOT NULL) EXECUTE FUNCTION private.assignee_fits();
CREATE TRIGGER changes_hands AFTER UPDATE OF assigned_to, equipment_id ON public.work_orders FOR EACH ROW WHEN (new.assigned_to IS DISTINCT FROM old.assigned_to OR new.equipment_id IS DISTINCT FROM old.equipment_id) EXECUTE FUNCTION private.work_changes_hands();
CREATE TRIGGER clock_changes AFTER UPDATE ON public.work_orders FOR EACH ROW WHEN (old.status::text IS DISTINCT FROM new.status::text OR old.last_activity_at IS DISTINCT FROM new.last_activity_at OR old.type::text IS DISTINCT FROM new.type::text OR old.priority::text IS DISTINCT FROM new.priority::text OR old.warehouse_id IS DISTINCT FROM new.warehouse_id OR old.due_at IS DISTINCT FROM new.due_at OR old.acknowledged_until IS DISTINCT FROM new.acknowledged_until) EXECUTE FUNCTION private.escalation_clock_changes();
CREATE TRIGGER clocks_start AFTER INSERT ON public.work_orders REFERENCING NEW TABLE AS opened FOR EACH STATEMENT EXECUTE FUNCTION private.escalation_clocks_start();
CREATE TRIGGER comes_to_hand AFTER INSERT ON public.work_orders REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.work_comes_to_hand();
CREATE TRIGGER goes_on BEFORE UPDATE ON public.work_orders FOR EACH ROW WHEN (private.is_frozen(old.status) AND private.is_frozen(new.status) AND auth.uid() IS NOT NULL AND pg_trigger_depth() = 0) EXECUTE FUNCTION private.work_order_goes_on();
CREATE TRIGGER hands_are_kept AFTER UPDATE OF status ON public.work_orders FOR EACH ROW WHEN (old.status::text <> new.status::text AND private.is_open(old.status) AND ('in_progress'::text = old.status::text OR 'in_progress'::text = new.status::text)) EXECUTE FUNCTION private.hands_are_kept();
CREATE TRIGGER is_acknowledged BEFORE UPDATE OF acknowledged_until ON public.work_orders FOR EACH ROW WHEN (auth.uid() IS NOT NULL AND new.acknowledged_until IS NOT NULL AND new.acknowledged_until IS DISTINCT FROM old.acknowledged_until) EXECUTE FUNCTION private.work_order_is_acknowledged();
CREATE TRIGGER is_changed AFTER UPDATE ON public.work_orders FOR EACH ROW EXECUTE FUNCTION private.work_order_is_changed();
CREATE TRIGGER is_not_inside_itself AFTER INSERT OR UPDATE OF parent_id ON public.work_orders FOR EACH ROW WHEN (new.parent_id IS NOT NULL) EXECUTE FUNCTION private.is_not_inside_itself('a work order cannot be part of itself');
CREATE TRIGGER keep_answer AFTER INSERT ON public.work_orders FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.insert_keeps_answer();
CREATE TRIGGER moves BEFORE UPDATE OF status, assigned_to ON public.work_orders FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.work_order_moves();
CREATE TRIGGER moves_signed BEFORE UPDATE OF status, signature_name, signature_id ON public.work_orders FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.work_is_signed();
CREATE TRIGGER note_changed AFTER UPDATE ON public.work_orders REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'id');
CREATE TRIGGER note_new AFTER INSERT ON public.work_orders REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'id');
CREATE TRIGGER note_removed AFTER DELETE ON public.work_orders REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION private.document_changes('work_orders', 'id');
CREATE TRIGGER opens BEFORE INSERT ON public.work_orders FOR EACH ROW EXECUTE FUNCTION private.work_order_opens();
CREATE TRIGGER parents_take_turns BEFORE UPDATE OF parent_id ON public.work_orders FOR EACH STATEMENT EXECUTE FUNCTION private.parents_take_turns();
CREATE TRIGGER requesters_cancel AFTER UPDATE ON public.work_orders FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.only_columns('requester', 'status status_note acknowledged_by acknowledged_until');
CREATE TRIGGER reservations_end AFTER UPDATE OF status ON public.work_orders FOR EACH ROW WHEN (private.is_open(old.status) AND NOT private.is_open(new.status)) EXECUTE FUNCTION private.reservations_end();
CREATE TRIGGER schedule_goes_on AFTER UPDATE OF status ON public.work_orders FOR EACH ROW WHEN (new.type::text = 'preventive'::text AND private.is_open(old.status) <> private.is_open(new.status)) EXECUTE FUNCTION private.schedule_goes_on();
CREATE TRIGGER stops AFTER UPDATE OF status ON public.work_orders FOR EACH ROW WHEN (old.status::text = 'in_progress'::text AND new.status::text <> 'in_progress'::text) EXECUTE FUNCTION private.work_stops();
CREATE TRIGGER tell AFTER INSERT ON public.work_orders REFERENCING NEW TABLE AS opened FOR EACH STATEMENT EXECUTE FUNCTION private.work_orders_tell();
CREATE TRIGGER tell_changes AFTER UPDATE ON public.work_orders REFERENCING OLD TABLE AS previous NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION private.work_orders_tell_changes();
CREATE TRIGGER touch BEFORE UPDATE ON public.work_orders FOR EACH ROW EXECUTE FUNCTION private.touch_work_order();
CREATE TRIGGER workers_describe AFTER UPDATE ON public.work_orders FOR EACH ROW WHEN (auth.uid() IS NOT NULL) EXECUTE FUNCTION private.only_columns('technician contractor', 'description area asset_model custom_fields last_activity_at status status_note assigned_to hold_reason started_at completed_at completed_by signature_name signature_id verified_by acknowledged_by acknowledged_until');

-- ------------------------------------------------------------------ public: functions

CREATE OR REPLACE FUNCTION public.acknowledger(public.work_orders)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.acknowledged_by $function$;
grant execute on function public.acknowledger(public.work_orders) to authenticated;

CREATE OR REPLACE FUNCTION public.actor(public.audit_log)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.actor_id $function$;
grant execute on function public.actor(public.audit_log) to authenticated;

CREATE OR REPLACE FUNCTION public.actor(public.work_order_history)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.actor_id $function$;
grant execute on function public.actor(public.work_order_history) to authenticated;

CREATE OR REPLACE FUNCTION public.annuller(public.downtime_intervals)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.annulled_by $function$;
grant execute on function public.annuller(public.downtime_intervals) to authenticated;

CREATE OR REPLACE FUNCTION public.annuller(public.meter_readings)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.annulled_by $function$;
grant execute on function public.annuller(public.meter_readings) to authenticated;

CREATE OR REPLACE FUNCTION public.annuller(public.time_logs)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.annulled_by $function$;
grant execute on function public.annuller(public.time_logs) to authenticated;

CREATE OR REPLACE FUNCTION public.asset_tag_alike(public.equipment)
 RETURNS private.code
 LANGUAGE sql
 IMMUTABLE
AS $function$ select $1.asset_tag $function$;
grant execute on function public.asset_tag_alike(public.equipment) to authenticated;

CREATE OR REPLACE FUNCTION public.assignee(public.work_orders)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.assigned_to $function$;
grant execute on function public.assignee(public.work_orders) to authenticated;

CREATE OR REPLACE FUNCTION public.author(public.comments)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.author_id $function$;
grant execute on function public.author(public.comments) to authenticated;

CREATE OR REPLACE FUNCTION public.bringer(public.reviews)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.brought_by $function$;
grant execute on function public.bringer(public.reviews) to authenticated;

CREATE OR REPLACE FUNCTION public.changed_equipment(public.changes)
 RETURNS SETOF public.equipment
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select d.* from public.equipment d where d.id = $1.id and $1.entity = 'equipment' and not $1.gone $function$;
grant execute on function public.changed_equipment(public.changes) to authenticated;

CREATE OR REPLACE FUNCTION public.changed_parts(public.changes)
 RETURNS SETOF public.parts
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select d.* from public.parts d where d.id = $1.id and $1.entity = 'parts' and not $1.gone $function$;
grant execute on function public.changed_parts(public.changes) to authenticated;

CREATE OR REPLACE FUNCTION public.changed_profiles(public.changes)
 RETURNS SETOF public.profiles
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select d.* from public.profiles d where d.id = $1.id and $1.entity = 'profiles' and not $1.gone $function$;
grant execute on function public.changed_profiles(public.changes) to authenticated;

CREATE OR REPLACE FUNCTION public.changed_vendors(public.changes)
 RETURNS SETOF public.vendors
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select d.* from public.vendors d where d.id = $1.id and $1.entity = 'vendors' and not $1.gone $function$;
grant execute on function public.changed_vendors(public.changes) to authenticated;

CREATE OR REPLACE FUNCTION public.changed_warehouses(public.changes)
 RETURNS SETOF public.warehouses
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select d.* from public.warehouses d where d.id = $1.id and $1.entity = 'warehouses' and not $1.gone $function$;
grant execute on function public.changed_warehouses(public.changes) to authenticated;

CREATE OR REPLACE FUNCTION public.changed_work_orders(public.changes)
 RETURNS SETOF public.work_orders
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select d.* from public.work_orders d where d.id = $1.id and $1.entity = 'work_orders' and not $1.gone $function$;
grant execute on function public.changed_work_orders(public.changes) to authenticated;

CREATE OR REPLACE FUNCTION public.changes_since(p_cursor text, p_limit integer, p_warehouse uuid)
 RETURNS SETOF public.changes
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
  nil constant uuid := '00000000-0000-0000-0000-000000000000';
  nothing constant pg_snapshot := '3:3:';
  current constant pg_snapshot := pg_current_snapshot();
  sight constant text := left(md5(concat_ws(' ', auth.uid(), private.my_role(), private.my_warehouse(),
    private.my_vendor(), p_warehouse)), 16);
  said constant text[] := string_to_array(p_cursor, '.');
  told pg_snapshot := nothing;
  telling pg_snapshot := current;
  last_one public.changes;
  change public.changes;
  -- A client that has nothing yet has nothing to remove.
  first boolean := p_cursor is null;
  reset boolean := false;
  more boolean := false;
  many integer := 0;
  -- A page also ends before it holds more than this, but for its first document: that has at most 2 MB of each kind of child,
  -- 15 MB in all. So no answer is larger than about 20 MB, and most are small.
  room constant integer := 4194304;
  size bigint := 0;
  -- A page has an end, and goes on, whatever limit is asked for.
  page constant integer := least(greatest(coalesce(p_limit, 500), 1), 1000);
  -- Whoever sees only what is theirs, and has nothing yet, is told all of that: few of the changes of a warehouse.
  only_own boolean := not (private.sees_every_warehouse() or private.sees_own_warehouse(private.my_role()));
begin
  last_one.id := nil;
  last_one.place := nil;
  if p_cursor is not null then
    begin
      told := said[2]::pg_snapshot;
      if array_length(said, 1) = 6 then
        telling := said[3]::pg_snapshot;
        last_one.changed_in := said[4]::xid8;
        last_one.id := said[5]::uuid;
        last_one.place := said[6]::uuid;
      end if;
    exception when invalid_text_representation or numeric_value_out_of_range then
      told := null;
    end;
    if told is null or array_length(said, 1) not in (2, 6) then
      raise sqlstate 'PT400' using message = 'bad_cursor', detail = 'it is not one that was given out here';
    end if;
    -- The caller's sight has changed, the database was restored, or the cursor is too old.
    reset := said[1] <> sight or pg_snapshot_xmax(told) > pg_snapshot_xmax(current)
      or pg_snapshot_xmax(telling) > pg_snapshot_xmax(current)
      or (said[2] <> nothing::text and private.is_too_old(told));
    first := reset or said[2] = nothing::text;
    if reset then
      told := nothing;
      telling := current;
      last_one := row(null, nil, nil, null, null, null, null);
    end if;
  end if;
  -- The oldest transaction that may not have been told. One bound, so that the index is entered there.
  last_one.changed_in := coalesce(last_one.changed_in, pg_snapshot_xmin(told));
  only_own := only_own and first;
  for change in
    select c.* from public.changes c
      where only_own and (c.entity, c.id) in (select d.entity, d.id from private.my_documents() d)
        and (p_warehouse is null or c.place = p_warehouse)
        and (c.changed_in, c.id, c.place) > (last_one.changed_in, last_one.id, last_one.place)
        and pg_visible_in_snapshot(c.changed_in, telling) and not c.gone
    union all
    select c.* from (
        select p_warehouse as place where p_warehouse is not null
        union all
        select w.id from public.warehouses w where p_warehouse is null
        union all
        select nil where p_warehouse is null
      ) p cross join lateral (
        select * from public.changes c
        where not only_own and c.place = p.place
          and (c.changed_in, c.id, c.place) > (last_one.changed_in, last_one.id, last_one.place)
          and not pg_visible_in_snapshot(c.changed_in, told) and pg_visible_in_snapshot(c.changed_in, telling)
          -- A caller who still sees the document elsewhere keeps it.
          and not (c.gone and (first or exists (select from public.changes o
            where o.entity = c.entity and o.id = c.id and not o.gone and p_warehouse is null)))
        order by c.changed_in, c.id, c.place limit page + 1) c
    order by changed_in, id, place limit page + 1
  loop
    many := many + 1;
    if not change.gone then
      size := size + private.document_size(change.entity, change.id);
    end if;
    more := many > page or (many > 1 and size > room);
    exit when more;
    last_one := change;
    return next change;
  end loop;
  perform set_config('response.headers', jsonb_build_array(
    jsonb_build_object('sync-cursor', case
      when more then concat_ws('.', sight, told, telling, last_one.changed_in, last_one.id, last_one.place)
      else concat_ws('.', sight, telling) end),
    jsonb_build_object('sync-more', more::text), jsonb_build_object('sync-reset', reset::text))::text, true);
end $function$;
grant execute on function public.changes_since(text, integer, uuid) to authenticated;

CREATE OR REPLACE FUNCTION public.checklist_issue(p_work_order uuid, p_item uuid, p_version integer, p_notes text, p_follow_up jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  item public.checklist_items;
  parent public.work_orders;
  opened constant uuid := coalesce((p_follow_up ->> 'id')::uuid, private.uuidv7());
begin
  if private.my_role() = 'contractor' then
    raise insufficient_privilege using message = 'contractors open no work orders';
  end if;
  select * into item from public.checklist_items i
    where i.id = p_item and i.work_order_id = p_work_order and private.works_on(p_work_order)
      and (p_version is null or i.version = p_version) for update;
  if item.id is null then
    return null;
  end if;
  if item.follow_up_id is null then
    select * into parent from public.work_orders where id = p_work_order;
    insert into public.work_orders (id, type, title, description, area, asset_model, equipment_id, priority, requested_by,
        warehouse_id, parent_id, follow_up)
      values (opened, 'corrective', coalesce(p_follow_up ->> 'title', left(item.component || ': ' || item.action, 200)),
        coalesce(p_follow_up ->> 'description', coalesce(p_notes, item.notes)), parent.area, parent.asset_model,
        parent.equipment_id, coalesce((p_follow_up ->> 'priority')::public.priority, parent.priority), auth.uid(),
        parent.warehouse_id, parent.id, true);
  end if;
  if item.follow_up_id is null or item.state <> 'issue' or item.notes <> p_notes then
    update public.checklist_items
      set state = 'issue', notes = coalesce(p_notes, notes), follow_up_id = coalesce(follow_up_id, opened)
      where id = item.id returning * into item;
  end if;
  return to_jsonb(item);
end $function$;
grant execute on function public.checklist_issue(uuid, uuid, integer, text, jsonb) to authenticated;

CREATE OR REPLACE FUNCTION public.completer(public.work_orders)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.completed_by $function$;
grant execute on function public.completer(public.work_orders) to authenticated;

CREATE OR REPLACE FUNCTION public.creator(public.api_tokens)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.created_by $function$;
grant execute on function public.creator(public.api_tokens) to authenticated;

CREATE OR REPLACE FUNCTION public.creator(public.reorder_drafts)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.created_by $function$;
grant execute on function public.creator(public.reorder_drafts) to authenticated;

CREATE OR REPLACE FUNCTION public.creator(public.work_order_relations)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.created_by $function$;
grant execute on function public.creator(public.work_order_relations) to authenticated;

CREATE OR REPLACE FUNCTION public.decide_review(p_review uuid, p_decision text, p_note text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  told jsonb := private.settle_review(p_review, p_decision, p_note);
  brought jsonb;
  now_there jsonb;
  written integer;
begin
  if told is null then
    return null;
  end if;
  select jsonb_object_agg(f ->> 'field', f -> 'brought') into brought from jsonb_array_elements(told -> 'fields') f;
  if p_decision = 'take' and brought is not null then
    -- A move is judged by where the work is. Anything else is taken over what the review shows, and nothing newer.
    execute format('select to_jsonb(t) from %s t where t.id = $1', private.offline_table(told ->> 'entity'))
      into now_there using (told ->> 'entity_id')::uuid;
    if not (told ->> 'entity' = 'work_orders' and brought ?| array['status', 'assigned_to']) and exists (
        select from jsonb_array_elements(told -> 'fields') f
        where now_there -> (f ->> 'field') is distinct from f -> 'there' and now_there -> (f ->> 'field') is distinct from f -> 'brought') then
      raise exception using errcode = 'PT409', message = 'review_outdated', detail = 'it was written anew since it was brought';
    end if;
    execute private.update_of(private.offline_table(told ->> 'entity'), brought) using brought, (told ->> 'entity_id')::uuid;
    get diagnostics written = row_count;
    if written = 0 then
      raise insufficient_privilege using message = 'what it is about is not yours to change';
    end if;
  end if;
  perform private.keep_answer(told);
  return told;
end $function$;
grant execute on function public.decide_review(uuid, text, text) to authenticated;

CREATE OR REPLACE FUNCTION public.decider(public.reviews)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.decided_by $function$;
grant execute on function public.decider(public.reviews) to authenticated;

CREATE OR REPLACE FUNCTION public.default_assignee(public.pm_templates)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.default_assignee_id $function$;
grant execute on function public.default_assignee(public.pm_templates) to authenticated;

CREATE OR REPLACE FUNCTION public.due_or_never(public.work_orders)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE
AS $function$ select private.or_never($1.due_at) $function$;
grant execute on function public.due_or_never(public.work_orders) to authenticated;

CREATE OR REPLACE FUNCTION public.email_alike(public.profiles)
 RETURNS private.code
 LANGUAGE sql
 IMMUTABLE
AS $function$ select $1.email $function$;
grant execute on function public.email_alike(public.profiles) to authenticated;

CREATE OR REPLACE FUNCTION public.equipment_history(p_equipment uuid, p_limit integer, p_before timestamp with time zone, p_before_id uuid, p_kind text)
 RETURNS TABLE(id uuid, happened_at timestamp with time zone, kind text, actor_id uuid, details jsonb)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
#variable_conflict use_column
begin
  return query select e.id, e.happened_at, e.kind, e.actor_id, e.details from (
    (select w.id, w.created_at as happened_at, 'work_order_opened' as kind, w.requested_by as actor_id,
        jsonb_build_object('work_order_id', w.id, 'number', w.number, 'type', w.type, 'priority', w.priority, 'title', w.title) as details
      from public.work_orders w
      where w.equipment_id = p_equipment and (p_kind is null or p_kind = 'work_order_opened')
        and (p_before is null or (w.created_at, w.id) < (p_before, p_before_id))
      order by 2 desc, 1 desc limit p_limit)
    union all
    (select h.id, h.happened_at, 'work_order_moved', h.actor_id, jsonb_build_object('work_order_id', w.id, 'number', w.number,
        'title', w.title, 'from', h.changes -> 'status' -> 'from', 'to', h.changes -> 'status' -> 'to')
      from public.work_orders w join public.work_order_history h on h.work_order_id = w.id
      where w.equipment_id = p_equipment and (p_kind is null or p_kind = 'work_order_moved')
        and h.subject = 'work_order' and h.changes ? 'status'
        and (p_before is null or (h.happened_at, h.id) < (p_before, p_before_id))
      order by 2 desc, 1 desc limit p_limit)
    union all
    (select i.id, i.started_at, 'downtime', null, jsonb_build_object('planned', i.planned, 'reason', i.reason,
        'started_at', i.started_at, 'ended_at', i.ended_at, 'work_order_id', i.work_order_id, 'annulled_at', i.annulled_at,
        'annulled_by', i.annulled_by, 'annulled_reason', i.annulled_reason)
      from public.downtime_intervals i
      where i.equipment_id = p_equipment and (p_kind is null or p_kind = 'downtime')
        and (p_before is null or (i.started_at, i.id) < (p_before, p_before_id))
      order by 2 desc, 1 desc limit p_limit)
    union all
    (select r.id, r.read_at, 'meter_reading', r.read_by, jsonb_build_object('meter_id', m.id, 'meter', m.name, 'unit', m.unit,
        'value', r.value, 'is_reset', r.is_reset, 'note', r.note, 'annulled_at', r.annulled_at, 'annulled_by', r.annulled_by,
        'annulled_reason', r.annulled_reason)
      from public.meters m join public.meter_readings r on r.meter_id = m.id
      where m.equipment_id = p_equipment and (p_kind is null or p_kind = 'meter_reading')
        and (p_before is null or (r.read_at, r.id) < (p_before, p_before_id))
      order by 2 desc, 1 desc limit p_limit)
    union all
    (select s.id, s.happened_at, 'status_changed', s.actor_id, jsonb_build_object('from', s.from_status, 'to', s.to_status)
      from public.equipment_status_changes s
      where s.equipment_id = p_equipment and (p_kind is null or p_kind = 'status_changed')
        and (p_before is null or (s.happened_at, s.id) < (p_before, p_before_id))
      order by 2 desc, 1 desc limit p_limit)
    union all
    (select x.id, x.created_at, 'part_moved', x.performed_by, jsonb_build_object('work_order_id', w.id, 'number', w.number,
        'part_id', p.id, 'part_number', p.part_number, 'name', p.name, 'type', x.type, 'quantity', x.quantity, 'unit_cost', x.unit_cost)
      from public.work_orders w
      join public.part_transactions x on x.work_order_id = w.id
      join public.parts p on p.id = x.part_id
      where w.equipment_id = p_equipment and (p_kind is null or p_kind = 'part_moved')
        and (p_before is null or (x.created_at, x.id) < (p_before, p_before_id))
      order by 2 desc, 1 desc limit p_limit)) e
  order by e.happened_at desc, e.id desc limit p_limit;
end $function$;
grant execute on function public.equipment_history(uuid, integer, timestamp with time zone, uuid, text) to authenticated;

CREATE OR REPLACE FUNCTION public.equipment_kpis(p_equipment uuid, p_from date, p_until date)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET work_mem TO '64MB'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
declare
  machine public.equipment;
  reports jsonb[];
  standing jsonb;
begin
  select * into machine from public.equipment e where e.id = p_equipment;
  if machine.id is null then
    return null;
  end if;
  reports := array[
    public.report_mtbf(p_from, p_until, machine.warehouse_id, 'warehouse', machine.id)::jsonb,
    public.report_mttr(p_from, p_until, machine.warehouse_id, 'warehouse', machine.id)::jsonb,
    public.report_availability(p_from, p_until, machine.warehouse_id, 'warehouse', machine.id)::jsonb,
    public.report_machine_costs(p_from, p_until, machine.warehouse_id, 'warehouse', machine.id)::jsonb];
  -- The complement of availability, with hours of downtime as its numerator.
  standing := private.report_row(null, null, null, null, null, null,
      (reports[3] #>> '{rows,0,counts,downtime_hours}')::numeric, (reports[3] #>> '{rows,0,denominator}')::numeric,
      ((reports[3] #> '{rows,0,counts}') - 'downtime_hours')::json)::jsonb
    || jsonb_build_object('report', 'downtime', 'formula',
      'hours of downtime ÷ hours of the period; planned and unplanned downtime, what overlaps counts once');
  return jsonb_build_object('equipment_id', machine.id, 'asset_tag', machine.asset_tag, 'from', p_from, 'until', p_until,
    'time_zone', reports[1] -> 'time_zone', 'kpis', (
      select jsonb_object_agg(k ->> 'report', k - '{report,warehouse_id,warehouse,time_zone}'::text[])
      from (select (r -> 'rows' -> 0) || jsonb_build_object('report', r -> 'report', 'formula', r -> 'formula') as k
        from unnest(reports) r union all select standing) told));
end $function$;
grant execute on function public.equipment_kpis(uuid, date, date) to authenticated;

CREATE OR REPLACE FUNCTION public.escalation_dry_run(p_at timestamp with time zone, p_warehouse uuid, p_work_order uuid, p_limit integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  everywhere constant boolean := private.sees_every_warehouse();
  mine constant uuid := private.my_warehouse();
  ids uuid[];
begin
  if not everywhere and private.my_role() is distinct from 'supervisor' then
    raise insufficient_privilege using message = 'only those who lead may ask what would escalate';
  end if;
  if p_work_order is not null then
    ids := array(select w.id from public.work_orders w where w.id = p_work_order
      and (everywhere or w.warehouse_id = mine) and (p_warehouse is null or w.warehouse_id = p_warehouse));
  else
    ids := array(select c.work_order_id from private.escalation_clocks c join public.work_orders w on w.id = c.work_order_id
      where c.check_at <= p_at and (everywhere or w.warehouse_id = mine)
        and (p_warehouse is null or w.warehouse_id = p_warehouse)
      order by c.check_at, c.work_order_id limit p_limit);
  end if;
  return private.escalation_rulebook(case when everywhere then p_warehouse else mine end) || private.escalation_orders(ids);
end $function$;
grant execute on function public.escalation_dry_run(timestamp with time zone, uuid, uuid, integer) to authenticated;

CREATE OR REPLACE FUNCTION public.find_equipment(q text, first jsonb DEFAULT '{}'::jsonb)
 RETURNS SETOF public.equipment
 LANGUAGE plpgsql
 STABLE ROWS 100
 SET search_path TO ''
AS $function$
begin
  return query select e.* from public.equipment e where e.id = any (array(select private.equipment_with(q, first)));
end $function$;
grant execute on function public.find_equipment(text, jsonb) to authenticated;

CREATE OR REPLACE FUNCTION public.find_parts(q text, first jsonb DEFAULT '{}'::jsonb)
 RETURNS SETOF public.parts
 LANGUAGE plpgsql
 STABLE ROWS 100
 SET search_path TO ''
AS $function$
begin
  return query select p.* from public.parts p where p.id = any (array(select private.parts_with(q, first)));
end $function$;
grant execute on function public.find_parts(text, jsonb) to authenticated;

CREATE OR REPLACE FUNCTION public.find_profiles(q text, first jsonb DEFAULT '{}'::jsonb)
 RETURNS SETOF public.profiles
 LANGUAGE plpgsql
 STABLE ROWS 100
 SET search_path TO ''
AS $function$
begin
  return query select p.* from public.profiles p where p.id = any (array(select private.profiles_with(q, first)));
end $function$;
grant execute on function public.find_profiles(text, jsonb) to authenticated;

CREATE OR REPLACE FUNCTION public.find_vendors(q text)
 RETURNS SETOF public.vendors
 LANGUAGE sql
 STABLE
AS $function$
  select v.* from public.vendors v where private.words(array[v.name], array[v.contact_name]) @@ private.sought(q)
$function$;
grant execute on function public.find_vendors(text) to authenticated;

CREATE OR REPLACE FUNCTION public.find_work_orders(q text, first jsonb DEFAULT '{}'::jsonb)
 RETURNS SETOF public.work_orders
 LANGUAGE plpgsql
 STABLE ROWS 100
 SET search_path TO ''
AS $function$
begin
  return query select w.* from public.work_orders w where w.id = any (array(select private.work_orders_with(q, first)));
end $function$;
grant execute on function public.find_work_orders(text, jsonb) to authenticated;

CREATE OR REPLACE FUNCTION public.follow_up_order(public.checklist_items)
 RETURNS SETOF public.named_work_order
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.work_order n where n.id = $1.follow_up_id $function$;
grant execute on function public.follow_up_order(public.checklist_items) to authenticated;

CREATE OR REPLACE FUNCTION public.history_verify(p_after uuid, p_limit integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if private.my_role() is distinct from 'admin' then
    raise insufficient_privilege using message = 'only administrators verify the history';
  end if;
  return private.history_verify(p_after, least(greatest(p_limit, 1), 1000));
end $function$;
grant execute on function public.history_verify(uuid, integer) to authenticated;

CREATE OR REPLACE FUNCTION public.home()
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
  enough constant integer := 101;
  me public.profiles;
  homes uuid[];
  leads boolean;
  does_work boolean;
  keeps boolean;
  asks boolean;
  told jsonb;
begin
  select p.* into me from public.profiles p where p.id = auth.uid();
  if me.id is null then
    raise sqlstate 'PT401' using message = 'token_outdated';
  end if;
  leads := me.role in ('supervisor', 'manager', 'admin');
  does_work := leads or me.role in ('technician', 'contractor');
  keeps := leads or me.role = 'inventory_clerk';
  asks := me.role = 'requester';
  homes := array(select w.id from public.warehouses w);
  told := jsonb_build_object(
    'at', now(),
    'me', jsonb_build_object('id', me.id, 'full_name', me.full_name, 'role', me.role, 'permissions', public.permissions(me)),
    'warehouse', (select jsonb_build_object('id', w.id, 'code', w.code, 'name', w.name, 'time_zone', w.time_zone)
      from public.warehouses w where w.id = me.warehouse_id),
    'unread', private.bounded_count((select count(*) from (
      select from public.notifications n where n.recipient_id = me.id and n.read_at is null limit enough) c)),
    'clock', null, 'my_work', null, 'my_work_count', null, 'my_overdue', null, 'my_requests', null, 'unassigned', null,
    'overdue', null, 'to_verify', null, 'to_review', null, 'escalations', null, 'low_stock', null);
  if does_work then
    told := told || jsonb_build_object(
      'clock', (select jsonb_build_object('id', t.id, 'work_order_id', t.work_order_id, 'started_at', t.started_at)
        from public.time_logs t where t.profile_id = me.id and t.stopped_at is null limit 1),
      'my_work', (
        select coalesce(jsonb_agg(h.line || jsonb_build_object('open_moves', s.open_moves)
          order by private.or_never((m.w).due_at), (m.w).id), '[]')
        from (
          select f.w from (
            (select w from public.work_orders w
              where w.assigned_to = me.id and w.archived_at is null and private.is_open(w.status)
              order by private.or_never(w.due_at), w.id limit 20)
            union all
            (select w from public.work_orders w
              where w.id = any (array(select private.my_latest_crews())) and w.assigned_to is distinct from me.id
                and w.archived_at is null and private.is_open(w.status)
              order by private.or_never(w.due_at), w.id limit 20)) f
          order by private.or_never((f.w).due_at), (f.w).id limit 20) m,
        lateral private.home_line(m.w) h, lateral public.standing(m.w) s),
      'my_work_count', private.bounded_count((select count(*) from (
        (select from public.work_orders w
          where w.assigned_to = me.id and w.archived_at is null and private.is_open(w.status) limit enough)
        union all
        (select from public.work_orders w
          where w.id = any (array(select private.my_latest_crews())) and w.assigned_to is distinct from me.id
            and w.archived_at is null and private.is_open(w.status) limit enough)) c)),
      'my_overdue', private.bounded_count((select count(*) from (
        select from public.work_orders w
        where w.assigned_to = me.id and w.archived_at is null and private.is_open(w.status)
          and private.or_never(w.due_at) < now() limit enough) c)));
  end if;
  if asks then
    told := told || jsonb_build_object('my_requests', (
      select coalesce(jsonb_agg(h.line order by (m.w).id desc), '[]')
      from (select w from public.work_orders w
        where w.requested_by = me.id and w.archived_at is null and w.status not in ('closed', 'cancelled')
        order by w.id desc limit 20) m, lateral private.home_line(m.w) h));
  end if;
  if leads or me.role = 'technician' then
    told := told || jsonb_build_object('unassigned', private.bounded_count((select count(*) from (
      select from unnest(homes) h (id) cross join lateral (
        select from public.work_orders w
        where w.warehouse_id = h.id and w.status = 'new' and w.archived_at is null limit enough) o
      limit enough) c)));
  end if;
  if leads then
    told := told || jsonb_build_object(
      'overdue', private.bounded_count((select count(*) from (
        select from unnest(homes) h (id) cross join lateral (
          select from public.work_orders w
          where w.warehouse_id = h.id and w.archived_at is null and private.is_open(w.status)
            and private.or_never(w.due_at) < now() limit enough) o
        limit enough) c)),
      'to_verify', private.bounded_count((select count(*) from (
        select from unnest(homes) h (id) cross join lateral (
          select from public.work_orders w
          where w.warehouse_id = h.id and w.status = 'completed' and w.archived_at is null limit enough) o
        limit enough) c)),
      'to_review', private.bounded_count((select count(*) from (
        select from unnest(homes) h (id) cross join lateral (
          select from public.reviews r where r.warehouse_id = h.id and r.decision is null limit enough) o
        limit enough) c)));
  end if;
  if does_work then
    -- Whoever leads is shown those of all, others those that they have.
    told := told || jsonb_build_object('escalations', (
      select private.bounded_count(count(*)) || jsonb_build_object('first',
        coalesce(jsonb_agg((select h.line from private.home_line(e.w) h)
            || jsonb_build_object('escalation_level', (e.w).escalation_level)
          order by (e.w).id desc) filter (where e.place <= 5), '[]'))
      from (
        select f.w, row_number() over (order by (f.w).id desc) as place
        from (
          select o.w from unnest(homes) h (id) cross join lateral (
            select w from public.work_orders w
            where leads and w.warehouse_id = h.id and w.escalated and w.archived_at is null
              and w.status in ('new', 'assigned', 'in_progress')
              and (w.acknowledged_until is null or w.acknowledged_until < now())
            order by w.id desc limit enough) o
          union all
          select w from public.work_orders w
            where not leads and w.assigned_to = me.id and w.escalated and w.archived_at is null and private.is_open(w.status)
              and w.status <> 'on_hold' and (w.acknowledged_until is null or w.acknowledged_until < now())) f
        order by (f.w).id desc limit enough) e));
  end if;
  if keeps then
    told := told || jsonb_build_object('low_stock', private.bounded_count((select count(*) from (
      select from unnest(homes) h (id) cross join lateral (
        select from public.parts p
        where p.warehouse_id = h.id and p.on_hand - p.reserved < p.reorder_point and p.archived_at is null limit enough) o
      limit enough) c)));
  end if;
  return told;
end $function$;
grant execute on function public.home() to authenticated;

CREATE OR REPLACE FUNCTION public.import(p_resource text, p_rows jsonb, p_lacks text[], p_dry_run boolean, p_atomic boolean)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
 SET statement_timeout TO '9s'
AS $function$
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
end $function$;
grant execute on function public.import(text, jsonb, text[], boolean, boolean) to authenticated;

CREATE OR REPLACE FUNCTION public.invite(p_profile uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  person public.profiles;
  answer jsonb;
begin
  if private.my_role() is distinct from 'admin' then
    return null;
  end if;
  select * into person from public.profiles where id = p_profile and not service_account for no key update;
  if person.id is null then
    return null;
  end if;
  perform private.take_key();
  if not person.active then
    perform private.refuse('not_active', 'only someone who is active is invited');
  elsif exists (select from private.credentials where profile_id = person.id) then
    perform private.refuse('has_password', 'they have come in already, and can ask for another password where people sign in');
  end if;
  perform private.take_rate('invitation', private.counted_as(person.id::text), 5, 3600);
  answer := jsonb_build_object('expires_at', private.send_link('invitation', person.id, person.email, 72));
  perform private.keep_answer(answer);
  return answer;
end $function$;
grant execute on function public.invite(uuid) to authenticated;

CREATE OR REPLACE FUNCTION public.last_work_order(public.pm_schedules)
 RETURNS SETOF public.named_work_order
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.work_order n where n.id = $1.last_work_order_id $function$;
grant execute on function public.last_work_order(public.pm_schedules) to authenticated;

CREATE OR REPLACE FUNCTION public.low_stock(public.parts)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select $1.on_hand - $1.reserved < $1.reorder_point
$function$;
grant execute on function public.low_stock(public.parts) to authenticated;

CREATE OR REPLACE FUNCTION public.machine(public.downtime_intervals)
 RETURNS SETOF public.named_machine
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.machine n where n.id = $1.equipment_id $function$;
grant execute on function public.machine(public.downtime_intervals) to authenticated;

CREATE OR REPLACE FUNCTION public.machine(public.meters)
 RETURNS SETOF public.named_machine
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.machine n where n.id = $1.equipment_id $function$;
grant execute on function public.machine(public.meters) to authenticated;

CREATE OR REPLACE FUNCTION public.machine(public.pm_schedules)
 RETURNS SETOF public.named_machine
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.machine n where n.id = $1.equipment_id $function$;
grant execute on function public.machine(public.pm_schedules) to authenticated;

CREATE OR REPLACE FUNCTION public.machine(public.pm_templates)
 RETURNS SETOF public.named_machine
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.machine n where n.id = $1.equipment_id $function$;
grant execute on function public.machine(public.pm_templates) to authenticated;

CREATE OR REPLACE FUNCTION public.machine(public.work_orders)
 RETURNS SETOF public.named_machine
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.machine n where n.id = $1.equipment_id $function$;
grant execute on function public.machine(public.work_orders) to authenticated;

CREATE OR REPLACE FUNCTION public.name_alike(public.vendors)
 RETURNS private.code
 LANGUAGE sql
 IMMUTABLE
AS $function$ select $1.name $function$;
grant execute on function public.name_alike(public.vendors) to authenticated;

CREATE OR REPLACE FUNCTION public.open_api_token(p_token jsonb, p_hash text)
 RETURNS public.api_tokens
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  opened public.api_tokens;
begin
  insert into public.api_tokens (name, role, warehouse_id, expires_at)
    select t.name, t.role, t.warehouse_id, t.expires_at from jsonb_populate_record(null::public.api_tokens, p_token) t
    returning * into opened;
  perform private.keep_token_hash(opened.id, p_hash);
  return opened;
end $function$;
grant execute on function public.open_api_token(jsonb, text) to authenticated;

CREATE OR REPLACE FUNCTION public.orderer(public.reorder_drafts)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.ordered_by $function$;
grant execute on function public.orderer(public.reorder_drafts) to authenticated;

CREATE OR REPLACE FUNCTION public.other(public.work_order_relations)
 RETURNS SETOF public.named_work_order
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.work_order n where n.id = $1.other_id $function$;
grant execute on function public.other(public.work_order_relations) to authenticated;

CREATE OR REPLACE FUNCTION public.overdue(public.work_orders)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select private.is_open($1.status) and private.or_never($1.due_at) < now()
$function$;
grant execute on function public.overdue(public.work_orders) to authenticated;

CREATE OR REPLACE FUNCTION public.own_attachments()
 RETURNS SETOF public.attachments
 LANGUAGE sql
 STABLE
AS $function$
  select a.* from public.attachments a where a.work_order_id in (select private.my_work())
$function$;
grant execute on function public.own_attachments() to authenticated;

CREATE OR REPLACE FUNCTION public.own_work_orders()
 RETURNS SETOF public.work_orders
 LANGUAGE sql
 STABLE
AS $function$
  (select w.* from public.work_orders w
    where (select private.my_role()) = 'requester' and w.requested_by = auth.uid() order by w.id desc)
  union all
  (select w.* from public.work_orders w
    where (select private.my_role()) = 'contractor' and w.assigned_to = auth.uid() order by w.id desc)
  union all
  (select w.* from public.work_orders w
    where (select private.my_role()) = 'contractor' and w.assigned_to is distinct from auth.uid()
      and w.id = any (array(select private.my_crews())) order by w.id desc)
$function$;
grant execute on function public.own_work_orders() to authenticated;

CREATE OR REPLACE FUNCTION public.parent(public.equipment)
 RETURNS SETOF public.named_machine
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.machine n where n.id = $1.parent_id $function$;
grant execute on function public.parent(public.equipment) to authenticated;

CREATE OR REPLACE FUNCTION public.parent(public.work_orders)
 RETURNS SETOF public.named_work_order
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.work_order n where n.id = $1.parent_id $function$;
grant execute on function public.parent(public.work_orders) to authenticated;

CREATE OR REPLACE FUNCTION public.part(public.part_reservations)
 RETURNS SETOF public.named_part
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.part n where n.id = $1.part_id $function$;
grant execute on function public.part(public.part_reservations) to authenticated;

CREATE OR REPLACE FUNCTION public.part(public.part_transactions)
 RETURNS SETOF public.named_part
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.part n where n.id = $1.part_id $function$;
grant execute on function public.part(public.part_transactions) to authenticated;

CREATE OR REPLACE FUNCTION public.part(public.reorder_lines)
 RETURNS SETOF public.named_part
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.part n where n.id = $1.part_id $function$;
grant execute on function public.part(public.reorder_lines) to authenticated;

CREATE OR REPLACE FUNCTION public.part_number_alike(public.parts)
 RETURNS private.code
 LANGUAGE sql
 IMMUTABLE
AS $function$ select $1.part_number $function$;
grant execute on function public.part_number_alike(public.parts) to authenticated;

CREATE OR REPLACE FUNCTION public.performer(public.part_transactions)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.performed_by $function$;
grant execute on function public.performer(public.part_transactions) to authenticated;

CREATE OR REPLACE FUNCTION public.permissions(public.profiles)
 RETURNS text[]
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO ''
AS $function$
declare
  sees_all constant boolean := private.sees_all($1.role);
  leads constant boolean := sees_all or $1.role = 'supervisor';
  is_admin constant boolean := $1.role = 'admin';
begin
  return array(select r.word from (values
    ('see_every_warehouse', sees_all),
    ('report_problems', sees_all or $1.role in ('technician', 'supervisor', 'requester')),
    ('plan_work', leads),
    ('do_work', leads or $1.role in ('technician', 'contractor')),
    ('comment', $1.role <> 'inventory_clerk'),
    ('see_stock', sees_all or private.sees_own_warehouse($1.role)),
    ('keep_stock', sees_all or $1.role = 'inventory_clerk'),
    ('open_machines', leads),
    ('set_machine_status', leads or $1.role = 'technician'),
    ('read_meters', leads or $1.role = 'technician'),
    ('open_vendors', leads or $1.role = 'inventory_clerk'),
    ('plan_maintenance', leads),
    ('rule_escalation', leads),
    ('change_settings', leads),
    ('see_audit_log', sees_all),
    ('manage_people', is_admin),
    ('manage_tokens', is_admin),
    ('open_warehouses', is_admin)) r (word, holds) where r.holds and $1.active);
end $function$;
grant execute on function public.permissions(public.profiles) to authenticated;

CREATE OR REPLACE FUNCTION public.person(public.time_logs)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.profile_id $function$;
grant execute on function public.person(public.time_logs) to authenticated;

CREATE OR REPLACE FUNCTION public.person(public.vendor_documents)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.profile_id $function$;
grant execute on function public.person(public.vendor_documents) to authenticated;

CREATE OR REPLACE FUNCTION public.person(public.work_order_crew)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.profile_id $function$;
grant execute on function public.person(public.work_order_crew) to authenticated;

CREATE OR REPLACE FUNCTION public.pm_local_times(p_template uuid, p_warehouse uuid, p_equipment uuid, p_time_zone text, p_times timestamp with time zone[])
 RETURNS json
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
  place constant uuid := coalesce(
    (select coalesce(t.warehouse_id, e.warehouse_id) from public.pm_templates t
      left join public.equipment e on e.id = t.equipment_id where t.id = p_template),
    p_warehouse, (select e.warehouse_id from public.equipment e where e.id = p_equipment), private.my_warehouse());
  -- Postgres would read much as a time zone: `(UTC+01:00) Amsterdam` is west of Greenwich to it.
  zone constant text := case
    when p_time_zone ~ '^[A-Za-z_]+(/[A-Za-z_]+){1,2}$' and private.is_time_zone(p_time_zone) then p_time_zone
    else (select w.time_zone from public.warehouses w where w.id = place) end;
begin
  return (select coalesce(json_agg(to_char(x.at at time zone zone, 'YYYY-MM-DD"T"HH24:MI:SS') order by x.position), '[]')
    from unnest(p_times) with ordinality x (at, position));
end $function$;
grant execute on function public.pm_local_times(uuid, uuid, uuid, text, timestamp with time zone[]) to authenticated;

CREATE OR REPLACE FUNCTION public.pm_planned(p_schedule uuid, p_from date, p_until date, p_warehouse uuid, p_equipment uuid, p_after uuid, p_limit integer)
 RETURNS json
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
  return (with wanted as materialized (
    select s.id, s.version, s.template_id, s.warehouse_id, s.since, s.next_due_on,
      coalesce(s.generate_on, s.since) as generate_on, s.last_due_on, s.anchor_on, s.active, s.paused, s.rest_reason,
      s.meter_due_at, s.equipment_id, e.asset_tag, t.title,
      case when w.id is not null then
        json_build_object('number', w.number, 'untouched', private.is_untouched(w.status)) end as open,
      array(select o.due_on from public.pm_occurrences o
        where o.schedule_id = s.id and o.decision = 'generated' and o.due_on >= s.next_due_on - 31
          and o.occurs_on between s.next_due_on - 62 and s.next_due_on - 1) as taken
    from public.pm_schedules s
    join public.pm_templates t on t.id = s.template_id
    join public.equipment e on e.id = s.equipment_id
    left join public.work_orders w on w.id = s.last_work_order_id
      and private.is_open(w.status)
    where (p_schedule is null or s.id = p_schedule) and (p_equipment is null or s.equipment_id = p_equipment)
      and (p_warehouse is null or s.warehouse_id = p_warehouse) and (p_after is null or s.id > p_after)
    order by s.id limit p_limit)
  select json_build_object(
    'schedules', (select coalesce(json_agg(s order by s.id), '[]') from wanted s),
    'templates', private.pm_timings(array(select distinct template_id from wanted), false),
    'places', (select coalesce(json_agg(json_build_object('id', p.id, 'time_zone', p.time_zone,
        'today', (now() at time zone p.time_zone)::date, 'holidays', (
        select coalesce(json_agg(json_build_object('on_date', h.on_date, 'name', h.name)), '[]')
        from public.holidays h where h.warehouse_id = p.id))), '[]') from public.warehouses p
      where p.id in (select warehouse_id from wanted) or p.id = p_warehouse),
    'decided', (select coalesce(json_agg(o order by o.due_on), '[]') from (
      select d.id, d.schedule_id, d.occurs_on, d.meter_step, d.due_on, d.decision, d.reason, d.work_order_id,
        w.number, w.status
      from public.pm_occurrences d left join public.work_orders w on w.id = d.work_order_id
      where d.schedule_id in (select id from wanted) and d.due_on between p_from and p_until) o)));
end $function$;
grant execute on function public.pm_planned(uuid, date, date, uuid, uuid, uuid, integer) to authenticated;

CREATE OR REPLACE FUNCTION public.qr_code_base_url(p_machine public.equipment)
 RETURNS text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if private.sees_every_warehouse() or p_machine.warehouse_id = private.my_warehouse() then
    return private.setting('qr_code_base_url', p_machine.warehouse_id, 'null') #>> '{}';
  end if;
  return null;
end $function$;
grant execute on function public.qr_code_base_url(public.equipment) to authenticated;

CREATE OR REPLACE FUNCTION public.read_notifications(p_up_to uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  marked bigint;
  told jsonb;
begin
  perform private.take_key();
  update public.notifications n set read_at = now()
    where n.recipient_id = auth.uid() and n.read_at is null and (p_up_to is null or n.id <= p_up_to);
  get diagnostics marked = row_count;
  told := jsonb_build_object('marked', marked, 'unread', private.bounded_count((select count(*) from (
    select from public.notifications n where n.recipient_id = auth.uid() and n.read_at is null limit 101) c)));
  perform private.keep_answer(told);
  return told;
end $function$;
grant execute on function public.read_notifications(uuid) to authenticated;

CREATE OR REPLACE FUNCTION public.reader(public.meter_readings)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.read_by $function$;
grant execute on function public.reader(public.meter_readings) to authenticated;

CREATE OR REPLACE FUNCTION public.receiver(public.reorder_drafts)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.received_by $function$;
grant execute on function public.receiver(public.reorder_drafts) to authenticated;

CREATE OR REPLACE FUNCTION public.renew_label(p_machine uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  machine public.equipment;
  renewed text;
  answer jsonb;
begin
  -- A refused request takes no key.
  if not exists (select from public.equipment e where e.id = p_machine and private.is_one_of(e.warehouse_id, 'supervisor')) then
    return null;
  end if;
  perform private.take_key();
  update public.equipment_labels l set token = private.scan_token() where l.equipment_id = p_machine
    returning l.token into renewed;
  select * into machine from public.equipment e where e.id = p_machine;
  answer := jsonb_build_object('scan_token', renewed, 'qr_code_base_url', public.qr_code_base_url(machine));
  perform private.keep_answer(answer);
  return answer;
end $function$;
grant execute on function public.renew_label(uuid) to authenticated;

CREATE OR REPLACE FUNCTION public.reorder(p_warehouse uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  home constant uuid := coalesce(p_warehouse, private.my_warehouse());
  headers constant text := coalesce(current_setting('request.headers', true), '');
  needed jsonb;
  drafts uuid[];
  added integer;
  raised integer;
  told jsonb;
begin
  if not private.is_one_of(home, 'inventory_clerk') then
    raise insufficient_privilege using message = 'permission denied to reorder';
  elsif home is null then
    raise not_null_violation
      using message = 'null value in column "warehouse_id" of relation "reorder_drafts" violates not-null constraint';
  end if;
  perform private.take_key();
  perform set_config('request.headers', '', true);
  -- One call at a time: the second one finds the drafts of the first one.
  perform from public.warehouses where id = home for no key update;
  if not found then
    perform private.no_such('reorder_drafts', 'warehouse_id');
  end if;
  needed := (
    select coalesce(jsonb_agg(jsonb_build_object('part_id', p.id, 'part_number', p.part_number, 'vendor_id', p.vendor_id,
      'unit_cost', p.unit_cost, 'quantity', trim_scale(least(1000000, coalesce(
        p.reorder_quantity * ceil((p.reorder_point - s.there) / p.reorder_quantity), 2 * p.reorder_point - s.there))))), '[]')
    from public.parts p
    left join (select l.part_id, sum(coalesce(l.received_quantity, l.quantity)) as pieces
      from public.reorder_drafts d join public.reorder_lines l on l.draft_id = d.id
      where d.warehouse_id = home and d.status in ('draft', 'ordered') group by 1) coming on coming.part_id = p.id
    cross join lateral (select p.on_hand - p.reserved + coalesce(coming.pieces, 0) as there) s
    where p.warehouse_id = home and p.archived_at is null and s.there < p.reorder_point);
  loop
    insert into public.reorder_drafts (warehouse_id, vendor_id)
      select distinct home, n.vendor_id from jsonb_to_recordset(needed) n (vendor_id uuid) on conflict do nothing;
    -- Locked until the end. If one of them was ordered at this moment, the loop opens another draft.
    drafts := array(select d.id from public.reorder_drafts d
      where d.warehouse_id = home and d.status = 'draft' and exists (
        select from jsonb_to_recordset(needed) n (vendor_id uuid) where n.vendor_id is not distinct from d.vendor_id)
      for share);
    exit when cardinality(drafts) = (select count(*) from (
      select distinct n.vendor_id from jsonb_to_recordset(needed) n (vendor_id uuid)) v);
  end loop;
  with written as (
    insert into public.reorder_lines as l (draft_id, part_id, quantity, unit_cost)
      select d.id, n.part_id, n.quantity, n.unit_cost
      from jsonb_to_recordset(needed) n (part_id uuid, part_number text, vendor_id uuid, quantity numeric, unit_cost numeric)
      join public.reorder_drafts d on d.id = any (drafts) and d.vendor_id is not distinct from n.vendor_id
      order by n.part_number
      on conflict (draft_id, part_id) do update set quantity = least(1000000, l.quantity + excluded.quantity)
      returning l.version)
  select count(*) filter (where version = 1), count(*) filter (where version > 1) into added, raised from written;
  told := jsonb_build_object('lines_added', added, 'lines_raised', raised, 'drafts', (
    select coalesce(jsonb_agg(to_jsonb(d) || jsonb_build_object('lines', (
        select coalesce(jsonb_agg(to_jsonb(l) order by l.id), '[]') from public.reorder_lines l where l.draft_id = d.id))
      order by d.id desc), '[]')
    from public.reorder_drafts d where d.warehouse_id = home and d.status = 'draft'));
  perform set_config('request.headers', headers, true);
  perform private.keep_answer(told);
  return told;
end $function$;
grant execute on function public.reorder(uuid) to authenticated;

CREATE OR REPLACE FUNCTION public.report_availability(p_from date, p_until date, p_warehouse uuid DEFAULT NULL::uuid, p_by text DEFAULT 'warehouse'::text, p_machine uuid DEFAULT NULL::uuid)
 RETURNS json
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET work_mem TO '64MB'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
begin
  return (with sums as (
    select p.warehouse_id, p.code, p.time_zone, private.report_key(p_by, m.model, m.equipment_id, null) as key,
      count(m.equipment_id) as machines, coalesce(sum(m.hours), 0) as hours, coalesce(sum(m.down), 0) as down,
      coalesce(sum(m.planned), 0) as planned, coalesce(sum(m.unplanned), 0) as unplanned
    from private.report_places(p_from, p_until, p_warehouse) p
    left join private.report_machines(p_from, p_until, p_warehouse, p_machine) m using (warehouse_id)
    where p_by = 'warehouse' or m.equipment_id is not null group by 1, 2, 3, 4)
  select private.report('availability', p_from, p_until,
    '(hours of the period − hours of downtime) ÷ hours of the period; planned and unplanned downtime, what overlaps counts once',
    case when min(time_zone) = max(time_zone) then min(time_zone) end,
    json_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, name, hours - down, hours, json_build_object(
      'machines', machines, 'downtime_hours', private.rounded(down), 'planned_hours', private.rounded(planned),
      'unplanned_hours', private.rounded(unplanned))) order by code, key))
    from sums left join private.report_names(p_by) using (key));
end $function$;
grant execute on function public.report_availability(date, date, uuid, text, uuid) to authenticated;

CREATE OR REPLACE FUNCTION public.report_backlog(p_from date, p_until date, p_warehouse uuid DEFAULT NULL::uuid, p_by text DEFAULT 'warehouse'::text)
 RETURNS json
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET work_mem TO '64MB'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
begin
  return (with sums as (
    select p.warehouse_id, p.code, p.time_zone, p.days, private.report_key(p_by, w.model, w.equipment_id, w.assigned_to) as key,
      count(w.id) filter (where w.ended_at is null or w.ended_at >= p.ends) as open,
      count(w.id) filter (where w.completed_at < p.ends) as completed,
      count(w.id) filter (where w.created_at >= p.starts) as opened
    from private.report_places(p_from, p_until, p_warehouse) p
    left join private.report_work(p_from, p_until, p_warehouse, p_by) w using (warehouse_id)
    where p_by = 'warehouse' or w.id is not null group by 1, 2, 3, 4, 5)
  select private.report('backlog', p_from, p_until,
    'work orders open at the end of the period ÷ work orders completed per week of it = weeks of work',
    case when min(time_zone) = max(time_zone) then min(time_zone) end,
    json_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, name, open, completed * 7.0 / nullif(days, 0),
      json_build_object('open', open, 'completed', completed, 'opened', opened, 'days', days)) order by code, key))
    from sums left join private.report_names(p_by) using (key));
end $function$;
grant execute on function public.report_backlog(date, date, uuid, text) to authenticated;

CREATE OR REPLACE FUNCTION public.report_machine_costs(p_from date, p_until date, p_warehouse uuid DEFAULT NULL::uuid, p_by text DEFAULT 'machine'::text, p_machine uuid DEFAULT NULL::uuid)
 RETURNS json
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET work_mem TO '64MB'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
begin
  return (with spent as (
    select x.work_order_id, x.created_at as started_at, x.created_at as stopped_at, false as timed, x.unit_cost,
      case x.type when 'used' then x.quantity else -x.quantity end as pieces
    from public.part_transactions x
    where x.type in ('used', 'returned') and x.created_at >= (p_from - 2)::timestamp at time zone 'UTC'
      and x.created_at < (p_until + 3)::timestamp at time zone 'UTC'
      and (p_machine is null
        or x.work_order_id = any (array(select w.id from public.work_orders w where w.equipment_id = p_machine)))
    union all
    select l.work_order_id, l.started_at, coalesce(l.stopped_at, 'infinity'), true, null, null
    from private.report_time(p_from, p_until, p_machine) l),
  used as (
    select w.equipment_id, sum(s.pieces * s.unit_cost) as cost,
      count(*) filter (where not s.timed and s.unit_cost is null) as uncosted, count(*) filter (where not s.timed) as moves,
      extract(epoch from sum(least(s.stopped_at, p.ends) - greatest(s.started_at, p.starts)) filter (where s.timed)) / 3600 as hours
    from spent s
    join public.work_orders w on w.id = s.work_order_id
    join private.report_places(p_from, p_until, p_warehouse) p on p.warehouse_id = w.warehouse_id
    where w.equipment_id is not null and (p_machine is null or w.equipment_id = p_machine) and s.started_at < p.ends
      and case when s.timed then s.stopped_at > p.starts else s.started_at >= p.starts end group by 1),
  machines as (
    select e.warehouse_id, e.equipment_id as id, e.model, u.cost, u.uncosted, u.hours
    from private.report_service(p_from, p_until, p_warehouse, p_machine) e left join used u on u.equipment_id = e.equipment_id
    where not isempty(e.served) or u.moves > 0 or u.hours > 0),
  sums as (
    select p.warehouse_id, p.code, p.time_zone, private.report_key(p_by, m.model, m.id, null) as key, count(m.id) as machines,
      coalesce(sum(m.cost), 0) as cost, coalesce(sum(m.hours), 0) as hours, coalesce(sum(m.uncosted), 0) as uncosted
    from private.report_places(p_from, p_until, p_warehouse) p left join machines m using (warehouse_id)
    where p_by = 'warehouse' or m.id is not null group by 1, 2, 3, 4)
  select private.report('machine_costs', p_from, p_until,
    'cost of parts used in the period, less those returned ÷ machines; beside it the hours that people logged',
    case when min(time_zone) = max(time_zone) then min(time_zone) end,
    json_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, name, cost, machines, json_build_object('machines', machines,
      'hours', private.rounded(hours), 'hours_per_machine', private.rounded(hours / nullif(machines, 0)),
      'movements_without_cost', uncosted)) order by code, key))
    from sums left join private.report_names(p_by) using (key));
end $function$;
grant execute on function public.report_machine_costs(date, date, uuid, text, uuid) to authenticated;

CREATE OR REPLACE FUNCTION public.report_mtbf(p_from date, p_until date, p_warehouse uuid DEFAULT NULL::uuid, p_by text DEFAULT 'warehouse'::text, p_machine uuid DEFAULT NULL::uuid)
 RETURNS json
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET work_mem TO '64MB'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
begin
  return (with sums as (
    select p.warehouse_id, p.code, p.time_zone, private.report_key(p_by, m.model, m.equipment_id, null) as key,
      count(m.equipment_id) as machines, coalesce(sum(m.hours), 0) as hours, coalesce(sum(m.down), 0) as down,
      coalesce(sum(m.failures), 0) as failures
    from private.report_places(p_from, p_until, p_warehouse) p
    left join private.report_machines(p_from, p_until, p_warehouse, p_machine) m using (warehouse_id)
    where p_by = 'warehouse' or m.equipment_id is not null group by 1, 2, 3, 4)
  select private.report('mtbf', p_from, p_until,
    'hours of operation ÷ failures; hours of operation are those of the period without downtime, a failure is an unplanned stop that began in the period, and stops that overlap are one',
    case when min(time_zone) = max(time_zone) then min(time_zone) end,
    json_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, name, hours - down, failures, json_build_object('machines', machines,
      'failures', failures, 'period_hours', private.rounded(hours), 'downtime_hours', private.rounded(down))) order by code, key))
    from sums left join private.report_names(p_by) using (key));
end $function$;
grant execute on function public.report_mtbf(date, date, uuid, text, uuid) to authenticated;

CREATE OR REPLACE FUNCTION public.report_mttr(p_from date, p_until date, p_warehouse uuid DEFAULT NULL::uuid, p_by text DEFAULT 'warehouse'::text, p_machine uuid DEFAULT NULL::uuid)
 RETURNS json
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET work_mem TO '64MB'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
begin
  return (with repairs as (
    select w.*, w.completed_at - w.started_at - coalesce(b.duration, '0') as duration
    from private.report_completions(p_from, p_until, p_warehouse, p_by, p_machine) w
    left join private.report_pauses(p_from, p_until, p_machine) b on b.work_order_id = w.id
    where w.type in ('corrective', 'emergency')),
  sums as (
    select p.warehouse_id, p.code, p.time_zone, private.report_key(p_by, r.model, r.equipment_id, r.assigned_to) as key,
      coalesce(extract(epoch from sum(r.duration)) / 3600, 0) as hours, count(r.duration) as repairs,
      count(r.duration) filter (where r.type = 'corrective') as corrective,
      count(r.duration) filter (where r.type = 'emergency') as emergency,
      count(r.id) filter (where r.started_at is null) as without_start
    from private.report_places(p_from, p_until, p_warehouse) p left join repairs r using (warehouse_id)
    where p_by = 'warehouse' or r.id is not null group by 1, 2, 3, 4)
  select private.report('mttr', p_from, p_until,
    'hours of repair ÷ corrective and emergency work orders completed in the period; hours of repair run from start to final completion, without time on hold and without time between a completion and the reopening after it',
    case when min(time_zone) = max(time_zone) then min(time_zone) end,
    json_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, name, hours, repairs, json_build_object('repairs', repairs,
      'corrective', corrective, 'emergency', emergency, 'without_start', without_start)) order by code, key))
    from sums left join private.report_names(p_by) using (key));
end $function$;
grant execute on function public.report_mttr(date, date, uuid, text, uuid) to authenticated;

CREATE OR REPLACE FUNCTION public.report_overdue(p_from date, p_until date, p_warehouse uuid DEFAULT NULL::uuid, p_by text DEFAULT 'warehouse'::text)
 RETURNS json
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET work_mem TO '64MB'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
begin
  return (with sums as (
    select p.warehouse_id, p.code, p.time_zone, private.report_key(p_by, w.model, w.equipment_id, w.assigned_to) as key,
      count(w.id) as open, count(w.id) filter (where t.due_at <= p.ends) as overdue,
      count(w.id) filter (where t.due_at is null) as without_due
    from private.report_places(p_from, p_until, p_warehouse) p
    left join private.report_work(p_from, p_until, p_warehouse, p_by) w
      on w.warehouse_id = p.warehouse_id and (w.ended_at is null or w.ended_at >= p.ends)
    left join private.report_given(p_until, 'due_at') d on d.work_order_id = w.id and d.since <= p.ends and p.ends < d.until
    cross join lateral (select case when d.work_order_id is null then w.due_at else d.was::timestamptz end as due_at) t
    where p_by = 'warehouse' or w.id is not null group by 1, 2, 3, 4)
  select private.report('overdue', p_from, p_until,
    'open work orders whose due time has passed ÷ open work orders, both at the end of the period',
    case when min(time_zone) = max(time_zone) then min(time_zone) end,
    json_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, name, overdue, open,
      json_build_object('open', open, 'overdue', overdue, 'without_due', without_due)) order by code, key))
    from sums left join private.report_names(p_by) using (key));
end $function$;
grant execute on function public.report_overdue(date, date, uuid, text) to authenticated;

CREATE OR REPLACE FUNCTION public.report_planned_work(p_from date, p_until date, p_warehouse uuid DEFAULT NULL::uuid, p_by text DEFAULT 'warehouse'::text)
 RETURNS json
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET work_mem TO '64MB'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
begin
  return (with sums as (
    select p.warehouse_id, p.code, p.time_zone, private.report_key(p_by, w.model, w.equipment_id, w.assigned_to) as key,
      count(w.id) as completed, count(w.id) filter (where w.type = 'preventive') as preventive,
      count(w.id) filter (where w.type = 'corrective') as corrective, count(w.id) filter (where w.type = 'emergency') as emergency
    from private.report_places(p_from, p_until, p_warehouse) p
    left join private.report_completions(p_from, p_until, p_warehouse, p_by) w using (warehouse_id)
    where p_by = 'warehouse' or w.id is not null group by 1, 2, 3, 4)
  select private.report('planned_work', p_from, p_until,
    'preventive work orders completed in the period ÷ all work orders completed in it',
    case when min(time_zone) = max(time_zone) then min(time_zone) end,
    json_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, name, preventive, completed, json_build_object(
      'preventive', preventive, 'corrective', corrective, 'emergency', emergency)) order by code, key))
    from sums left join private.report_names(p_by) using (key));
end $function$;
grant execute on function public.report_planned_work(date, date, uuid, text) to authenticated;

CREATE OR REPLACE FUNCTION public.report_pm_compliance(p_from date, p_until date, p_warehouse uuid DEFAULT NULL::uuid, p_by text DEFAULT 'warehouse'::text, p_tolerance_days integer DEFAULT NULL::integer)
 RETURNS json
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET work_mem TO '64MB'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
begin
  return (with planned as (
    select p.warehouse_id, s.equipment_id, coalesce(h.was ->> 'model', e.model) as model,
      case when g.work_order_id is null then w.assigned_to else g.was::uuid end as assigned_to, o.decision, o.due_on + coalesce(p_tolerance_days, o.tolerance_days) as until,
      (now() at time zone p.time_zone)::date as today, w.status = 'cancelled' as cancelled,
      case when private.is_done(w.status) then (w.completed_at at time zone p.time_zone)::date end as done_on
    from private.report_places(p_from, p_until, p_warehouse) p
    join public.pm_occurrences o on o.warehouse_id = p.warehouse_id and o.due_on between p_from and p_until
    left join public.pm_schedules s on p_by in ('model', 'machine') and s.id = o.schedule_id
    left join public.equipment e on p_by = 'model' and e.id = s.equipment_id
    left join private.report_past('equipment', p_from) h on p_by = 'model' and h.subject = e.id and h.since <= (o.due_on + 1)::timestamp at time zone p.time_zone
      and (o.due_on + 1)::timestamp at time zone p.time_zone < h.until
    left join public.work_orders w on w.id = o.work_order_id
    left join private.report_given(p_until, 'assigned_to') g on p_by = 'technician' and g.work_order_id = w.id
      and g.since <= p.ends and p.ends < g.until),
  judged as (
    select *, case
      when decision in ('skipped', 'superseded') then decision::text
      when decision = 'missed' then 'missed'
      when done_on <= until then 'in_time'
      when done_on is not null then 'late'
      when today <= until and not cancelled then 'pending'
      else 'not_done' end as fate from planned),
  sums as (
    select p.warehouse_id, p.code, p.time_zone, private.report_key(p_by, j.model, j.equipment_id, j.assigned_to) as key,
      count(*) filter (where fate = 'in_time') as in_time, count(*) filter (where fate = 'late') as late,
      count(*) filter (where fate = 'not_done') as not_done, count(*) filter (where fate = 'missed') as missed,
      count(*) filter (where fate = 'pending') as pending, count(*) filter (where fate = 'skipped') as skipped,
      count(*) filter (where fate = 'superseded') as superseded
    from private.report_places(p_from, p_until, p_warehouse) p left join judged j using (warehouse_id)
    where p_by = 'warehouse' or j.warehouse_id is not null group by 1, 2, 3, 4)
  select private.report('pm_compliance', p_from, p_until,
    'occurrences completed no later than the tolerance after their due date ÷ occurrences due in the period; due are those generated or missed, without those that can still be done in time',
    case when min(time_zone) = max(time_zone) then min(time_zone) end,
    json_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, name, in_time, in_time + late + not_done + missed,
      json_build_object('in_time', in_time, 'late', late, 'not_done', not_done, 'missed', missed, 'pending', pending,
        'skipped', skipped, 'superseded', superseded)) order by code, key))
    from sums left join private.report_names(p_by) using (key));
end $function$;
grant execute on function public.report_pm_compliance(date, date, uuid, text, integer) to authenticated;

CREATE OR REPLACE FUNCTION public.report_technician_load(p_from date, p_until date, p_warehouse uuid DEFAULT NULL::uuid, p_by text DEFAULT 'technician'::text)
 RETURNS json
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET work_mem TO '64MB'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
begin
  return (with someone as materialized (select * from private.report_people(p_from)),
  logged as (
    select p.warehouse_id, l.profile_id,
      extract(epoch from sum(least(l.stopped_at, p.ends) - greatest(l.started_at, p.starts))) / 3600 as hours
    from (
      -- `offset 0` keeps the planner from looking up each work order by itself.
      select w.warehouse_id, t.* from private.report_time(p_from, p_until) t join public.work_orders w on w.id = t.work_order_id
        offset 0) l
    join private.report_places(p_from, p_until, p_warehouse) p on p.warehouse_id = l.warehouse_id
      and l.started_at < p.ends and (l.stopped_at is null or l.stopped_at > p.starts)
    join someone s on s.profile_id = l.profile_id and s.role in ('technician', 'contractor')
      and s.since <= l.started_at and l.started_at < s.until
    group by 1, 2),
  people as (
    select p.warehouse_id, s.profile_id from private.report_places(p_from, p_until, p_warehouse) p
      join someone s on s.warehouse_id = p.warehouse_id and s.active and s.role in ('technician', 'contractor')
        and s.since <= p.ends and p.ends < s.until
      where (select private.sees_every_warehouse()) or (select private.sees_own_warehouse(private.my_role()))
        or s.profile_id = (select auth.uid())
    union select warehouse_id, profile_id from logged),
  orders as (
    select w.warehouse_id, w.assigned_to as profile_id,
      count(*) filter (where w.ended_at is null or w.ended_at >= w.ends) as open, count(*) filter (where w.completed_at < w.ends) as completed
    from private.report_work(p_from, p_until, p_warehouse, 'technician') w group by 1, 2),
  sums as (
    select p.warehouse_id, p.code, p.time_zone, p.days, private.report_key(p_by, null, null, f.profile_id) as key,
      count(f.profile_id) as people, coalesce(sum(l.hours), 0) as hours, coalesce(sum(o.open), 0) as open,
      coalesce(sum(o.completed), 0) as completed
    from private.report_places(p_from, p_until, p_warehouse) p
    left join people f using (warehouse_id)
    left join logged l on l.warehouse_id = p.warehouse_id and l.profile_id = f.profile_id
    left join orders o on o.warehouse_id = p.warehouse_id and o.profile_id = f.profile_id
    where p_by = 'warehouse' or f.profile_id is not null group by 1, 2, 3, 4, 5)
  select private.report('technician_load', p_from, p_until,
    'hours logged in the period ÷ (technicians and contractors × weeks of the period) = hours a week',
    case when min(time_zone) = max(time_zone) then min(time_zone) end,
    json_agg(private.report_row(warehouse_id, code, time_zone, p_by, key, name, hours, people * days / 7.0, json_build_object('people', people,
      'open', open, 'completed', completed, 'days', days)) order by code, key))
    from sums left join private.report_names(p_by) using (key));
end $function$;
grant execute on function public.report_technician_load(date, date, uuid, text) to authenticated;

CREATE OR REPLACE FUNCTION public.requester(public.work_orders)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.requested_by $function$;
grant execute on function public.requester(public.work_orders) to authenticated;

CREATE OR REPLACE FUNCTION public.reserver(public.part_reservations)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.reserved_by $function$;
grant execute on function public.reserver(public.part_reservations) to authenticated;

CREATE OR REPLACE FUNCTION public.rule(public.escalations)
 RETURNS SETOF public.named_rule
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.rule n where n.id = $1.rule_id $function$;
grant execute on function public.rule(public.escalations) to authenticated;

CREATE OR REPLACE FUNCTION public.search(p_q text, p_type text, p_limit integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
  wanted constant text[] := case when p_type is null then array['work_order', 'machine', 'part', 'vendor', 'person'] else array[p_type] end;
  most constant integer := least(greatest(p_limit, 1), 20);
  asked constant text := left(trim(p_q), 100);
  newest constant jsonb := jsonb_build_object('sort', 'id', 'descending', true, 'limit', most + 1);
  by_full_name constant jsonb := jsonb_build_object('sort', 'full_name', 'limit', most + 1);
  by_name constant jsonb := jsonb_build_object('sort', 'name', 'limit', most + 1);
  current constant jsonb := '{"filters": [{"column": "archived_at", "op": "in", "values": [], "or_missing": true}]}';
  people constant jsonb := '{"filters": [{"column": "active", "op": "in", "values": ["true"]},
    {"column": "service_account", "op": "in", "values": ["false"]}]}';
  told jsonb;
begin
  with hit as (
    (select 'work_order' as type, w.id, w.number as code, w.title, w.status::text, w.warehouse_id,
        lower(w.number) = lower(asked) as exact, row_number() over (order by lower(w.number) = lower(asked) desc, w.id desc) as place,
        jsonb_build_object('number', w.number, 'fo_number', w.fo_number, 'asset_model', w.asset_model) as codes,
        jsonb_build_object('title', w.title, 'area', w.area) as texts, 'description' as long
      from (
        select * from public.work_orders o where o.number = upper(asked) and o.archived_at is null
        union
        select * from public.find_work_orders(p_q, newest)) w
      where 'work_order' = any (wanted))
    union all
    (select 'machine', e.id, e.asset_tag, e.name, e.status::text, e.warehouse_id,
        e.asset_tag collate private.alike = asked, row_number() over (order by (e.asset_tag collate private.alike = asked) desc, e.name, e.id),
        jsonb_build_object('asset_tag', e.asset_tag, 'model', e.model, 'serial_number', e.serial_number, 'fo_number', e.fo_number),
        jsonb_build_object('name', e.name, 'manufacturer', e.manufacturer, 'area', e.area), null
      from (
        select m.* from public.warehouses h cross join lateral (
          select * from public.equipment o where o.warehouse_id = h.id and o.asset_tag collate private.alike = asked) m
        union
        select * from public.find_equipment(p_q, by_name)) e
      where 'machine' = any (wanted))
    union all
    (select 'part', p.id, p.part_number, p.name, null, p.warehouse_id,
        p.part_number collate private.alike = asked, row_number() over (order by (p.part_number collate private.alike = asked) desc, p.name, p.id),
        jsonb_build_object('part_number', p.part_number, 'bin', p.bin), jsonb_build_object('name', p.name), null
      from (
        select m.* from public.warehouses h cross join lateral (
          select * from public.parts o where o.warehouse_id = h.id and o.part_number collate private.alike = asked and o.archived_at is null) m
        union
        select * from public.find_parts(p_q, by_name || current)) p
      where 'part' = any (wanted))
    union all
    (select 'vendor', v.id, null, v.name, null, v.warehouse_id, v.name collate private.alike = asked,
        row_number() over (order by (v.name collate private.alike = asked) desc, v.name, v.id),
        jsonb_build_object('name', v.name), jsonb_build_object('contact_name', v.contact_name), null
      from public.find_vendors(p_q) v where 'vendor' = any (wanted) and v.active)
    union all
    (select 'person', p.id, null, p.full_name, p.role::text, p.warehouse_id, p.email collate private.alike = asked,
        row_number() over (order by (p.email collate private.alike = asked) desc, p.full_name, p.id),
        '{}', jsonb_build_object('full_name', p.full_name, 'email', p.email), null
      from public.find_profiles(p_q, by_full_name || people) p where 'person' = any (wanted))),
  line as (
    select h.exact, array_position(wanted, h.type) as type_place, h.place, jsonb_build_object('type', h.type, 'id', h.id, 'code', h.code, 'title', h.title,
      'status', h.status, 'warehouse_id', h.warehouse_id, 'exact', h.exact,
      'matched', private.why_found(p_q, h.codes, h.texts, h.long)) as told
    from hit h where h.place <= most)
  select jsonb_build_object(
    'found', coalesce(jsonb_agg(l.told order by l.exact desc, l.type_place, l.place), '[]'),
    'more', (select coalesce(jsonb_agg(distinct h.type), '[]') from hit h where h.place > most)) into told
  from line l;
  return told;
end $function$;
grant execute on function public.search(text, text, integer) to authenticated;

CREATE OR REPLACE FUNCTION public.standing(public.work_orders)
 RETURNS SETOF public.my_standing
 LANGUAGE sql
 STABLE ROWS 1
AS $function$
  select s.open_moves, s.may
  from private.standing_of($1.id, $1.status, $1.warehouse_id, $1.assigned_to, $1.requested_by, (select private.me())) s
$function$;
grant execute on function public.standing(public.work_orders) to authenticated;

CREATE OR REPLACE FUNCTION public.sync_look(p_device uuid, p_mutations uuid[], p_rows jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
  -- Each of the two lists ends with what goes over this: a worker holds them, and the request, several times.
  room constant integer := 4194304;
  begun constant timestamptz := clock_timestamp();
  known jsonb;
  rows jsonb[] := '{}';
  later uuid[];
  size bigint := 0;
  seen record;
  told jsonb;
begin
  -- As many as one request may bring.
  if jsonb_array_length(p_rows) > 500 or cardinality(p_mutations) > 500 then
    raise invalid_parameter_value using message = 'too many mutations at once';
  end if;
  select coalesce(jsonb_agg(jsonb_build_object('mutation', k.mutation, 'fingerprint', k.fingerprint, 'answer', k.answer))
      filter (where k.before < room), '[]'), coalesce(array_agg(k.mutation) filter (where k.before >= room), '{}')
    into known, later
    from (select m.*, coalesce(sum(octet_length(m.fingerprint) + octet_length(m.answer::text))
        over (rows between unbounded preceding and 1 preceding), 0) as before
      from private.known_mutations(p_mutations) m) k;
  for seen in
    with asked as (
      select r ->> 'entity' as entity, (r ->> 'id')::uuid as id, nth,
        array(select jsonb_array_elements_text(r -> 'fields')) as fields,
        array(select b::integer from jsonb_array_elements_text(r -> 'bases') b) as bases
      from jsonb_array_elements(p_rows) with ordinality a (r, nth)),
    found as (
      select a.*, to_jsonb(w) as columns, w.id as work_order_id, private.standing(w.id) as standing
      from asked a join public.work_orders w using (id) where a.entity = 'work_orders'
      union all
      select a.*, to_jsonb(i), i.work_order_id, null
      from asked a join public.checklist_items i using (id) where a.entity = 'checklist_items'
      union all
      select a.*, to_jsonb(t), t.work_order_id, null
      from asked a join public.time_logs t using (id) where a.entity = 'time_logs'
      union all
      select a.*, to_jsonb(e), null, null
      from asked a join public.equipment e using (id) where a.entity = 'equipment')
    select f.*, w.status as work_order_status from found f left join public.work_orders w on w.id = f.work_order_id order by f.nth
  loop
    -- Nor does the last of them wait until the statement is ended.
    if size >= room or clock_timestamp() > begun + interval '2 seconds' then
      later := later || seen.id;
      continue;
    end if;
    told := jsonb_build_object('entity', seen.entity, 'id', seen.id, 'row', seen.columns, 'work_order_id', seen.work_order_id,
        'work_order_status', seen.work_order_status, 'standing', seen.standing)
      || case when seen.work_order_id is null then '{}'
        else private.written_on(seen.entity, seen.id, p_device, seen.fields, seen.bases) end;
    size := size + octet_length(told::text);
    rows := rows || told;
  end loop;
  return jsonb_build_object('known', known, 'rows', to_jsonb(rows), 'later', to_jsonb(later));
end $function$;
grant execute on function public.sync_look(uuid, uuid[], jsonb) to authenticated;

CREATE OR REPLACE FUNCTION public.template(public.pm_schedules)
 RETURNS SETOF public.named_template
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.template n where n.id = $1.template_id $function$;
grant execute on function public.template(public.pm_schedules) to authenticated;

CREATE OR REPLACE FUNCTION public.uploader(public.attachments)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.uploaded_by $function$;
grant execute on function public.uploader(public.attachments) to authenticated;

CREATE OR REPLACE FUNCTION public.urgency(public.work_orders)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
AS $function$ select private.urgency($1.priority) $function$;
grant execute on function public.urgency(public.work_orders) to authenticated;

CREATE OR REPLACE FUNCTION public.vendor(public.parts)
 RETURNS SETOF public.named_vendor
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.vendor n where n.id = $1.vendor_id $function$;
grant execute on function public.vendor(public.parts) to authenticated;

CREATE OR REPLACE FUNCTION public.vendor(public.profiles)
 RETURNS SETOF public.named_vendor
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.vendor n where n.id = $1.vendor_id $function$;
grant execute on function public.vendor(public.profiles) to authenticated;

CREATE OR REPLACE FUNCTION public.vendor(public.reorder_drafts)
 RETURNS SETOF public.named_vendor
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.vendor n where n.id = $1.vendor_id $function$;
grant execute on function public.vendor(public.reorder_drafts) to authenticated;

CREATE OR REPLACE FUNCTION public.vendor(public.vendor_documents)
 RETURNS SETOF public.named_vendor
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.vendor n where n.id = $1.vendor_id $function$;
grant execute on function public.vendor(public.vendor_documents) to authenticated;

CREATE OR REPLACE FUNCTION public.vendor(public.work_orders)
 RETURNS SETOF public.named_vendor
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.vendor n where n.id = $1.vendor_id $function$;
grant execute on function public.vendor(public.work_orders) to authenticated;

CREATE OR REPLACE FUNCTION public.verifier(public.work_orders)
 RETURNS SETOF public.named_person
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.person n where n.id = $1.verified_by $function$;
grant execute on function public.verifier(public.work_orders) to authenticated;

CREATE OR REPLACE FUNCTION public.warehouse(public.api_tokens)
 RETURNS SETOF public.named_warehouse
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.warehouse n where n.id = $1.warehouse_id $function$;
grant execute on function public.warehouse(public.api_tokens) to authenticated;

CREATE OR REPLACE FUNCTION public.warehouse(public.equipment)
 RETURNS SETOF public.named_warehouse
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.warehouse n where n.id = $1.warehouse_id $function$;
grant execute on function public.warehouse(public.equipment) to authenticated;

CREATE OR REPLACE FUNCTION public.warehouse(public.escalation_rules)
 RETURNS SETOF public.named_warehouse
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.warehouse n where n.id = $1.warehouse_id $function$;
grant execute on function public.warehouse(public.escalation_rules) to authenticated;

CREATE OR REPLACE FUNCTION public.warehouse(public.meters)
 RETURNS SETOF public.named_warehouse
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.warehouse n where n.id = $1.warehouse_id $function$;
grant execute on function public.warehouse(public.meters) to authenticated;

CREATE OR REPLACE FUNCTION public.warehouse(public.parts)
 RETURNS SETOF public.named_warehouse
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.warehouse n where n.id = $1.warehouse_id $function$;
grant execute on function public.warehouse(public.parts) to authenticated;

CREATE OR REPLACE FUNCTION public.warehouse(public.pm_occurrences)
 RETURNS SETOF public.named_warehouse
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.warehouse n where n.id = $1.warehouse_id $function$;
grant execute on function public.warehouse(public.pm_occurrences) to authenticated;

CREATE OR REPLACE FUNCTION public.warehouse(public.pm_schedules)
 RETURNS SETOF public.named_warehouse
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.warehouse n where n.id = $1.warehouse_id $function$;
grant execute on function public.warehouse(public.pm_schedules) to authenticated;

CREATE OR REPLACE FUNCTION public.warehouse(public.pm_templates)
 RETURNS SETOF public.named_warehouse
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.warehouse n where n.id = $1.warehouse_id $function$;
grant execute on function public.warehouse(public.pm_templates) to authenticated;

CREATE OR REPLACE FUNCTION public.warehouse(public.profiles)
 RETURNS SETOF public.named_warehouse
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.warehouse n where n.id = $1.warehouse_id $function$;
grant execute on function public.warehouse(public.profiles) to authenticated;

CREATE OR REPLACE FUNCTION public.warehouse(public.reorder_drafts)
 RETURNS SETOF public.named_warehouse
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.warehouse n where n.id = $1.warehouse_id $function$;
grant execute on function public.warehouse(public.reorder_drafts) to authenticated;

CREATE OR REPLACE FUNCTION public.warehouse(public.reviews)
 RETURNS SETOF public.named_warehouse
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.warehouse n where n.id = $1.warehouse_id $function$;
grant execute on function public.warehouse(public.reviews) to authenticated;

CREATE OR REPLACE FUNCTION public.warehouse(public.settings)
 RETURNS SETOF public.named_warehouse
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.warehouse n where n.id = $1.warehouse_id $function$;
grant execute on function public.warehouse(public.settings) to authenticated;

CREATE OR REPLACE FUNCTION public.warehouse(public.vendors)
 RETURNS SETOF public.named_warehouse
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.warehouse n where n.id = $1.warehouse_id $function$;
grant execute on function public.warehouse(public.vendors) to authenticated;

CREATE OR REPLACE FUNCTION public.warehouse(public.webhooks)
 RETURNS SETOF public.named_warehouse
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.warehouse n where n.id = $1.warehouse_id $function$;
grant execute on function public.warehouse(public.webhooks) to authenticated;

CREATE OR REPLACE FUNCTION public.warehouse(public.work_orders)
 RETURNS SETOF public.named_warehouse
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.warehouse n where n.id = $1.warehouse_id $function$;
grant execute on function public.warehouse(public.work_orders) to authenticated;

CREATE OR REPLACE FUNCTION public.work_order(public.downtime_intervals)
 RETURNS SETOF public.named_work_order
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.work_order n where n.id = $1.work_order_id $function$;
grant execute on function public.work_order(public.downtime_intervals) to authenticated;

CREATE OR REPLACE FUNCTION public.work_order(public.notifications)
 RETURNS SETOF public.named_work_order
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.work_order n where n.id = $1.work_order_id $function$;
grant execute on function public.work_order(public.notifications) to authenticated;

CREATE OR REPLACE FUNCTION public.work_order(public.part_transactions)
 RETURNS SETOF public.named_work_order
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.work_order n where n.id = $1.work_order_id $function$;
grant execute on function public.work_order(public.part_transactions) to authenticated;

CREATE OR REPLACE FUNCTION public.work_order(public.pm_occurrences)
 RETURNS SETOF public.named_work_order
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.work_order n where n.id = $1.work_order_id $function$;
grant execute on function public.work_order(public.pm_occurrences) to authenticated;

CREATE OR REPLACE FUNCTION public.work_order(public.reviews)
 RETURNS SETOF public.named_work_order
 LANGUAGE sql
 STABLE ROWS 1
AS $function$ select n.* from private.work_order n where n.id = $1.work_order_id $function$;
grant execute on function public.work_order(public.reviews) to authenticated;

CREATE OR REPLACE FUNCTION public.work_order_move(p_id uuid, p_version integer, p_changes jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  moved public.work_orders;
  code text;
  words text;
begin
  begin
    perform private.take_key();
    if p_changes ? 'status' then
      -- As far as the caller sees it: nobody's row waits for someone who only knows an id.
      perform private.lock_below(array(select w.id from public.work_orders w where w.id = p_id));
    end if;
    -- The same assignment again is no change.
    if p_changes - 'assigned_to' = '{}' then
      select * into moved from public.work_orders w where w.id = p_id and (p_version is null or w.version = p_version)
        and w.assigned_to = (p_changes ->> 'assigned_to')::uuid;
    end if;
    if moved.id is null then
      update public.work_orders w set
        status = coalesce((p_changes ->> 'status')::public.work_order_status, w.status),
        assigned_to = coalesce((p_changes ->> 'assigned_to')::uuid, w.assigned_to),
        hold_reason = coalesce((p_changes ->> 'hold_reason')::public.hold_reason, w.hold_reason),
        signature_name = coalesce(p_changes ->> 'signature_name', w.signature_name),
        signature_id = coalesce((p_changes ->> 'signature_id')::uuid, w.signature_id),
        status_note = coalesce(p_changes ->> 'note', case when p_changes ? 'status' then '' else w.status_note end),
        acknowledged_until = case when p_changes ? 'acknowledge' then now() + make_interval(mins => coalesce(
            (p_changes ->> 'acknowledge')::integer, case when private.is_urgent(w.type, w.priority) then 30 else 240 end))
          else w.acknowledged_until end
      where w.id = p_id and (p_version is null or w.version = p_version)
        -- A move to the present status is none.
        and w.status is distinct from (p_changes ->> 'status')::public.work_order_status
      returning * into moved;
    end if;
    if moved.id is null then
      raise exception using errcode = 'PT409', message = 'move_not_open', detail = 'it is not yours to move, or has changed';
    end if;
    perform private.keep_answer(to_jsonb(moved));
    return jsonb_build_object('moved', to_jsonb(moved));
  exception
    when sqlstate 'PT409' then
      get stacked diagnostics code = message_text, words = pg_exception_detail;
    when insufficient_privilege then
      code := 'forbidden';
      words := 'your role does not allow this';
  end;
  return (select jsonb_build_object('refused', code, 'detail', words, 'standing', s)
    from private.standing(p_id) s where s is not null);
end $function$;
grant execute on function public.work_order_move(uuid, integer, jsonb) to authenticated;

-- ------------------------------------------------------------------ private: types

create collation private.alike (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
create domain private.code as text collate private.alike;

-- ------------------------------------------------------------------ private: tables

create table private.api_token_hashes (
  token_id uuid not null,
  hash text not null,
  constraint api_token_hashes_pkey PRIMARY KEY (token_id),
  constraint api_token_hashes_hash_key UNIQUE (hash),
  constraint api_token_hashes_hash_check CHECK (hash ~ '^[0-9a-f]{64}$'::text),
  constraint api_token_hashes_token_id_fkey FOREIGN KEY (token_id) REFERENCES public.api_tokens(id)
);
alter table private.api_token_hashes enable row level security;

create table private.attachment_leases (
  attachment_id uuid not null,
  attempt smallint not null,
  lease_until timestamp with time zone not null,
  constraint attachment_leases_pkey PRIMARY KEY (attachment_id),
  constraint attachment_leases_attachment_id_fkey FOREIGN KEY (attachment_id) REFERENCES public.attachments(id) ON DELETE CASCADE
);
alter table private.attachment_leases enable row level security;

create table private.credentials (
  profile_id uuid not null,
  password_hash text not null,
  changed_at timestamp with time zone not null default now(),
  constraint credentials_pkey PRIMARY KEY (profile_id),
  constraint credentials_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES public.profiles(id) ON DELETE CASCADE
);
alter table private.credentials enable row level security;

create table private.devices (
  token_hash text not null,
  profile_id uuid not null,
  seen_at timestamp with time zone not null default now(),
  constraint devices_pkey PRIMARY KEY (token_hash),
  constraint devices_token_hash_check CHECK (token_hash ~ '^[0-9a-f]{64}$'::text),
  constraint devices_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES public.profiles(id) ON DELETE CASCADE
);
CREATE INDEX devices_by_profile ON private.devices USING btree (profile_id, seen_at);
alter table private.devices enable row level security;

create table private.escalation_clocks (
  work_order_id uuid not null,
  counts_from timestamp with time zone not null,
  held jsonb not null default '[]'::jsonb,
  held_since timestamp with time zone,
  urgent boolean not null,
  chains jsonb not null default '[]'::jsonb,
  check_at timestamp with time zone not null default '1970-01-01 00:00:00+00'::timestamp with time zone,
  version integer not null default 1,
  constraint escalation_clocks_pkey PRIMARY KEY (work_order_id),
  constraint escalation_clocks_chains_check CHECK (jsonb_typeof(chains) = 'array'::text),
  constraint escalation_clocks_held_check CHECK (jsonb_typeof(held) = 'array'::text AND jsonb_array_length(held) <= 100),
  constraint escalation_clocks_work_order_id_fkey FOREIGN KEY (work_order_id) REFERENCES public.work_orders(id) ON DELETE CASCADE
);
CREATE INDEX escalation_clocks_due ON private.escalation_clocks USING btree (check_at, work_order_id);
CREATE INDEX escalation_clocks_due_urgent ON private.escalation_clocks USING btree (check_at, work_order_id) WHERE urgent;
alter table private.escalation_clocks enable row level security;

create table private.forgotten_changes (
  only_one boolean not null default true,
  changed_in xid8 not null,
  constraint forgotten_changes_pkey PRIMARY KEY (only_one),
  constraint forgotten_changes_only_one_check CHECK (only_one)
);
alter table private.forgotten_changes enable row level security;

create table private.history_heads (
  work_order_id uuid not null,
  length integer not null,
  hash text not null,
  constraint history_heads_pkey PRIMARY KEY (work_order_id),
  constraint history_heads_work_order_id_fkey FOREIGN KEY (work_order_id) REFERENCES public.work_orders(id)
);
alter table private.history_heads enable row level security;

create table private.idempotency_keys (
  caller uuid not null,
  key text not null,
  fingerprint text not null,
  answer jsonb,
  created_at timestamp with time zone not null default now(),
  constraint idempotency_keys_pkey PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_keys_by_age ON private.idempotency_keys USING btree (created_at);
alter table private.idempotency_keys enable row level security;

create table private.letters (
  id uuid not null default private.uuidv7(),
  kind text not null,
  profile_id uuid not null,
  email text not null,
  token text,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone not null default now(),
  constraint letters_pkey PRIMARY KEY (id),
  constraint letters_check CHECK ((token IS NOT NULL) = (kind = ANY (ARRAY['invitation'::text, 'password_reset'::text, 'email_confirmation'::text]))),
  constraint letters_kind_check CHECK (kind = ANY (ARRAY['invitation'::text, 'password_reset'::text, 'email_confirmation'::text, 'email_changed'::text, 'email_taken'::text])),
  constraint letters_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES public.profiles(id) ON DELETE CASCADE
);
CREATE INDEX letters_by_age ON private.letters USING btree (expires_at);
CREATE INDEX letters_by_profile ON private.letters USING btree (profile_id);
alter table private.letters enable row level security;

create table private.links (
  profile_id uuid not null,
  kind text not null,
  token_hash text not null,
  email text not null,
  expires_at timestamp with time zone not null,
  constraint links_pkey PRIMARY KEY (profile_id, kind),
  constraint links_token_hash_key UNIQUE (token_hash),
  constraint links_kind_check CHECK (kind = ANY (ARRAY['invitation'::text, 'password_reset'::text, 'email_confirmation'::text])),
  constraint links_token_hash_check CHECK (token_hash ~ '^[0-9a-f]{64}$'::text),
  constraint links_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES public.profiles(id) ON DELETE CASCADE
);
alter table private.links enable row level security;

create view private.machine as
 SELECT id,
    name,
    asset_tag
   FROM public.equipment e;
grant select on private.machine to authenticated;

create view private.part as
 SELECT id,
    name,
    part_number
   FROM public.parts p;
grant select on private.part to authenticated;

create table private.past_states (
  of_table text not null,
  subject uuid not null,
  until timestamp with time zone not null default clock_timestamp(),
  was jsonb not null,
  constraint past_states_pkey PRIMARY KEY (of_table, subject, until)
);
CREATE INDEX past_states_by_time ON private.past_states USING btree (until);
alter table private.past_states enable row level security;

create view private.person as
 SELECT id,
    full_name AS name
   FROM public.profiles p;
grant select on private.person to authenticated;

create table private.pm_stale (
  id bigint not null generated always as identity,
  template_id uuid,
  equipment_id uuid,
  retimed boolean not null default false,
  taken_by bigint,
  constraint pm_stale_pkey PRIMARY KEY (id)
);
alter table private.pm_stale enable row level security;

create table private.rates (
  name text not null,
  subject text not null,
  taken integer not null,
  ends_at timestamp with time zone not null,
  constraint rates_pkey PRIMARY KEY (name, subject)
);
CREATE INDEX rates_by_age ON private.rates USING btree (ends_at);
alter table private.rates enable row level security;

create table private.refresh_families (
  id uuid not null default private.uuidv7(),
  profile_id uuid not null,
  started_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  constraint refresh_families_pkey PRIMARY KEY (id),
  constraint refresh_families_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES public.profiles(id) ON DELETE CASCADE
);
CREATE INDEX refresh_families_by_profile ON private.refresh_families USING btree (profile_id);
alter table private.refresh_families enable row level security;

create table private.refresh_tokens (
  token_hash text not null,
  family_id uuid not null,
  issued_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint refresh_tokens_pkey PRIMARY KEY (token_hash),
  constraint refresh_tokens_check CHECK (expires_at > issued_at),
  constraint refresh_tokens_token_hash_check CHECK (token_hash ~ '^[0-9a-f]{64}$'::text),
  constraint refresh_tokens_family_id_fkey FOREIGN KEY (family_id) REFERENCES private.refresh_families(id) ON DELETE CASCADE
);
CREATE INDEX refresh_tokens_by_family ON private.refresh_tokens USING btree (family_id);
alter table private.refresh_tokens enable row level security;
create sequence private.reorder_draft_numbers as bigint start 1 increment 1 minvalue 1 maxvalue 9223372036854775807;

create view private.rule as
 SELECT id,
    name
   FROM public.escalation_rules r;
grant select on private.rule to authenticated;

create table private.sync_mutations (
  caller uuid not null,
  mutation uuid not null,
  device uuid not null,
  entity text not null,
  fingerprint text not null,
  base_version integer,
  phone_time timestamp with time zone not null,
  at timestamp with time zone not null,
  typed jsonb not null,
  entity_id uuid not null,
  version integer,
  said jsonb not null,
  answer jsonb not null,
  created_at timestamp with time zone not null default now(),
  constraint sync_mutations_pkey PRIMARY KEY (caller, mutation),
  constraint sync_mutations_answer_check CHECK (jsonb_typeof(answer) = 'object'::text),
  constraint sync_mutations_at_check CHECK (at >= '2000-01-01 00:00:00+00'::timestamp with time zone),
  constraint sync_mutations_phone_time_check CHECK (phone_time >= '1900-01-01 00:00:00+00'::timestamp with time zone AND phone_time <= '2200-01-01 00:00:00+00'::timestamp with time zone),
  constraint sync_mutations_said_check CHECK (private.are_changes(said) AND octet_length(said::text) <= 262144),
  constraint sync_mutations_typed_check CHECK (jsonb_typeof(typed) = 'object'::text AND octet_length(typed::text) <= 131072),
  constraint sync_mutations_were_made_by_now CHECK (private.has_happened(at))
);
CREATE INDEX sync_mutations_by_age ON private.sync_mutations USING btree (created_at);
CREATE INDEX sync_mutations_by_name ON private.sync_mutations USING btree (mutation);
CREATE INDEX sync_mutations_by_row ON private.sync_mutations USING btree (entity_id, version) WHERE (said <> '{}'::jsonb);
alter table private.sync_mutations enable row level security;
CREATE TRIGGER waits_for_review AFTER INSERT ON private.sync_mutations FOR EACH ROW WHEN ((new.answer ->> 'outcome'::text) = 'needs_review'::text) EXECUTE FUNCTION private.mutation_waits_for_review();

create view private.template as
 SELECT id,
    title AS name
   FROM public.pm_templates t;
grant select on private.template to authenticated;

create view private.vendor as
 SELECT id,
    name
   FROM public.vendors v;
grant select on private.vendor to authenticated;

create view private.warehouse as
 SELECT id,
    name,
    code
   FROM public.warehouses w;
grant select on private.warehouse to authenticated;

create view private.work_order with (security_invoker=true) as
 SELECT id,
    title AS name,
    number
   FROM public.work_orders w;
grant select on private.work_order to authenticated;

create table private.work_order_hands (
  work_order_id uuid not null,
  profile_id uuid not null,
  constraint work_order_hands_pkey PRIMARY KEY (work_order_id, profile_id),
  constraint work_order_hands_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES public.profiles(id),
  constraint work_order_hands_work_order_id_fkey FOREIGN KEY (work_order_id) REFERENCES public.work_orders(id) ON DELETE CASCADE
);
alter table private.work_order_hands enable row level security;
create sequence private.work_order_numbers as bigint start 1 increment 1 minvalue 1 maxvalue 9223372036854775807;
grant usage on sequence private.work_order_numbers to authenticated;

-- ------------------------------------------------------------------ private: functions

CREATE OR REPLACE FUNCTION private.add_refresh_token(p_family uuid, p_hash text, p_seconds integer)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  until constant timestamptz := now() + make_interval(secs => p_seconds);
begin
  delete from private.refresh_tokens where family_id = p_family and expires_at <= now();
  insert into private.refresh_tokens (token_hash, family_id, expires_at) values (p_hash, p_family, until);
  update private.refresh_families set expires_at = until where id = p_family;
end $function$;

CREATE OR REPLACE FUNCTION private.added(p_one jsonb, p_other jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_object_agg(key, total), '{}') from (
    select key, sum(value::text::bigint) as total
    from (select * from jsonb_each(p_one) union all select * from jsonb_each(p_other)) each group by key) totals
$function$;

CREATE OR REPLACE FUNCTION private.admit()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  places constant integer := 8;
  person constant integer :=
    hashtext(coalesce(nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub', ''));
begin
  if current_setting('TimeZone') <> 'UTC' then
    perform set_config('TimeZone', 'UTC', true);
  end if;
  if current_user <> 'authenticated' then
    return;
  end if;
  -- Kind refusals. Of several `Prefer` headers only the last is seen here; `is_bounded` and the zone above stop the others.
  if nullif(current_setting('request.headers', true), '')::json ->> 'prefer' ~* 'timezone *=' then
    raise exception using errcode = 'PT400', message = 'no_time_zones', detail = 'moments are told in UTC';
  end if;
  if nullif(current_setting('request.headers', true), '')::json ->> 'prefer' ~ 'count=planned' then
    perform private.refuse_estimate();
  end if;
  -- `count=estimated` counts the rows themselves up to `db_max_rows`, and only of more it asks the planner, which
  -- `is_bounded` refuses.
  for place in 1..places loop
    if pg_try_advisory_xact_lock(person, place) then
      return;
    end if;
  end loop;
  raise sqlstate 'PGRST' using
    message = json_build_object('code', 'PT429', 'message', 'too_many_at_once', 'details', '1')::text,
    detail = json_build_object('status', 429, 'headers', json_build_object('Retry-After', '1'))::text;
end $function$;
grant execute on function private.admit() to authenticated, millwright_escalation_checker, millwright_file_processor, millwright_notification_sender, millwright_pm_scheduler, millwright_request_api;

CREATE OR REPLACE FUNCTION private.an_admin_stays()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  -- One at a time, so that the last two cannot deactivate each other at once.
  perform pg_advisory_xact_lock(hashtext('private.an_admin_stays'));
  if not exists (select from public.profiles where role = 'admin' and active and not service_account) then
    perform private.refuse('last_admin', 'someone must stay an active administrator');
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.annulled_clock_stops()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  new.stopped_at := greatest(now(), new.started_at + interval '1 microsecond');
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.annuls()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  home uuid;
begin
  if old.annulled_at is not null then
    perform private.refuse('annulled', 'it was annulled, and stays as it is');
  end if;
  if tg_nargs > 0 and auth.uid() is not null then
    execute format('select t.warehouse_id from public.%I t where t.id = ($1).%I', tg_argv[0], tg_argv[1]) into home using new;
    if not private.is_one_of(home, 'supervisor') then
      raise insufficient_privilege using message = 'permission denied to annul a row of ' || tg_table_name;
    end if;
  end if;
  new.annulled_at := now();
  new.annulled_by := auth.uid();
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.api_token_opens()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.api_token_revokes()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update public.profiles set active = false where id = new.id and active;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.api_token_stays_revoked()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  new.revoked_at := coalesce(old.revoked_at, now());
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.are_changes(p_said jsonb)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select jsonb_typeof(p_said) = 'object' and not exists (
    select from jsonb_each(case jsonb_typeof(p_said) when 'object' then p_said else '{}' end) s
    where jsonb_typeof(s.value) <> 'object' or not s.value ?& array['from', 'to'])
$function$;

CREATE OR REPLACE FUNCTION private.are_days(date[], integer)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select private.is_set($1, $2) and (select coalesce(bool_and(private.is_day(i)), true) from unnest($1) i)
$function$;
grant execute on function private.are_days(date[], integer) to authenticated;

CREATE OR REPLACE FUNCTION private.are_hours(jsonb)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select private.is_json($1)
    and $1::text ~ '^\[({"day": [1-7], "from": "([01]\d|2[0-3]):[0-5]\d", "until": "([01]\d|2[0-3]):[0-5]\d"}(, )?)*\]$'
    and jsonb_array_length($1) <= 50
    and not jsonb_path_exists($1, '$[*] ? (@.until != "00:00" && @.from == @.until)')
$function$;
grant execute on function private.are_hours(jsonb) to authenticated;

CREATE OR REPLACE FUNCTION private.are_lines(text[], integer, integer)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select private.is_list($1, $2) and (select coalesce(bool_and(private.is_line(i, $3) and i <> ''), true) from unnest($1) i)
$function$;
grant execute on function private.are_lines(text[], integer, integer) to authenticated;

CREATE OR REPLACE FUNCTION private.are_steps(jsonb)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select private.is_json($1)
    and $1::text ~ '^\[({"action": "[a-z_]+", "wait_minutes": \d{1,5}}(, )?)+\]$'
    and jsonb_array_length($1) <= 10
    and not jsonb_path_exists($1, '$[*] ? (@.wait_minutes > 43200 || !(@.action == "notify_supervisor"
      || @.action == "notify_manager" || @.action == "auto_reassign" || @.action == "webhook"))')
$function$;
grant execute on function private.are_steps(jsonb) to authenticated;

CREATE OR REPLACE FUNCTION private.asked_column(p_table regclass, p_name text)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select format('w.%I', a.attname) from pg_catalog.pg_attribute a
    where a.attrelid = p_table and a.attname = p_name and a.attnum > 0 and not a.attisdropped
  union all
  select format('public.%I(w)', f.proname) from pg_catalog.pg_proc f join pg_catalog.pg_class c on c.reltype = f.proargtypes[0]
    where c.oid = p_table and f.proname = p_name and f.pronargs = 1
      and (f.provolatile = 'i' or f.prorettype = 'boolean'::regtype) and f.pronamespace = 'public'::regnamespace and not f.proretset
$function$;

CREATE OR REPLACE FUNCTION private.asked_words(p_q text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select (regexp_split_to_array(trim(private.folded(left(p_q, 200))), '\s+'))[1:10]
$function$;
grant execute on function private.asked_words(text) to authenticated;

CREATE OR REPLACE FUNCTION private.assignee_fits()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if not private.can_be_assigned(new.assigned_to, new.warehouse_id) then
    perform private.no_such('work_orders', 'assigned_to');
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.at_home()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  new.warehouse_id := coalesce(new.warehouse_id, private.my_warehouse());
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.at_machine()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  new.warehouse_id := (select e.warehouse_id from public.equipment e where e.id = new.equipment_id);
  if new.warehouse_id is null then
    perform private.no_such(tg_table_name, 'equipment_id');
  end if;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.attachment_at(p_key_prefix text)
 RETURNS uuid
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
  return (select a.id from public.attachments a
    where a.id = substring(p_key_prefix from '^[0-9a-f-]{36}/([0-9a-f-]{36})$')::uuid
      and private.key_prefix(a) = p_key_prefix);
exception when invalid_text_representation then
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.attachment_is_small_enough()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  allowed constant bigint := private.setting('file_upload_max_size', new.warehouse_id, '5242880')::text::bigint;
begin
  if new.size_bytes > allowed then
    raise exception using errcode = 'PT413', message = 'too_large', detail = allowed::text;
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.attachment_opens()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  new.warehouse_id := (select warehouse_id from public.work_orders where id = new.work_order_id);
  new.uploaded_by := auth.uid();
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.audit()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  known constant jsonb := to_jsonb(case when tg_op = 'DELETE' then old else new end);
  told constant jsonb := private.changes(
    case when tg_op <> 'INSERT' then to_jsonb(old) end, case when tg_op <> 'DELETE' then to_jsonb(new) end,
    array['id', 'version', 'created_at', 'updated_at', 'last_used_at', 'secret']);
begin
  if told <> '{}' then
    insert into public.audit_log (subject, subject_id, action, changes, actor_id)
      values (tg_table_name, (known ->> 'id')::uuid, lower(tg_op), told, auth.uid());
  end if;
  return null;
end $function$;

CREATE OR REPLACE PROCEDURE private.audit_all_of(IN p_table regclass)
 LANGUAGE plpgsql
 SET search_path TO ''
AS $procedure$
begin
  execute format('create trigger audit after insert or update or delete on %s for each row execute function private.audit()',
    p_table);
end $procedure$;

CREATE OR REPLACE FUNCTION private.begin_family(p_profile uuid, p_hash text, p_seconds integer)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  family uuid;
begin
  delete from private.refresh_families where profile_id = p_profile and expires_at <= now();
  insert into private.refresh_families (profile_id, expires_at) values (p_profile, now()) returning id into family;
  perform private.add_refresh_token(family, p_hash, p_seconds);
end $function$;

CREATE OR REPLACE PROCEDURE private.bound_children(IN p_table regclass, VARIADIC p_columns text[])
 LANGUAGE plpgsql
 SET search_path TO ''
AS $procedure$
declare
  event text;
begin
  foreach event in array array['insert', 'update'] loop
    execute format('create trigger %1$I after %2$s on %3$s referencing new table as written
      for each statement when (auth.uid() is not null) execute function private.children_are_bounded(%4$s)',
      concat_ws('_', 'bounded_by', array_to_string(p_columns, '_'), event), event, p_table,
      (select string_agg(quote_literal(c), ', ') from unnest(p_columns) c));
  end loop;
end $procedure$;

CREATE OR REPLACE FUNCTION private.bounded_count(p_found bigint)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
  select jsonb_build_object('count', least(p_found, 100), 'more', p_found > 100)
$function$;
grant execute on function private.bounded_count(bigint) to authenticated;

CREATE OR REPLACE FUNCTION private.by_words_alone()
 RETURNS text
 LANGUAGE sql
AS $function$
  select set_config('enable_indexscan', 'off', true) || set_config('enable_seqscan', 'off', true)
$function$;

CREATE OR REPLACE FUNCTION private.calling_function()
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select replace(substring(nullif(current_setting('request.jwt.claims', true), '')::json ->> 'role'
    from '^millwright_(.*)$'), '_', '-')
$function$;

CREATE OR REPLACE FUNCTION private.can_be_assigned(p_profile uuid, p_warehouse uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select exists (select from public.profiles p where p.id = p_profile and p.active
    and (private.sees_all(p.role)
      or (p.warehouse_id = p_warehouse and p.role in ('technician', 'supervisor', 'contractor'))))
$function$;

CREATE OR REPLACE FUNCTION private.changes(p_old jsonb, p_new jsonb, p_ignored text[])
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_object_agg(key, jsonb_build_object('from', p_old -> key, 'to', p_new -> key)), '{}')
  from jsonb_object_keys(coalesce(p_old, '{}') || coalesce(p_new, '{}')) key
  where coalesce(p_old -> key, 'null') <> coalesce(p_new -> key, 'null') and key <> all (p_ignored)
$function$;

CREATE OR REPLACE FUNCTION private.checklist_item_opens()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  -- One after the other, so that two at once do not take the same place.
  perform from public.work_orders w where w.id = new.work_order_id for no key update;
  new.position := coalesce(new.position, (select coalesce(max(i.position), 0) + 1
    from public.checklist_items i where i.work_order_id = new.work_order_id));
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.children_are_bounded()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  too_many boolean;
begin
  execute format('select exists (select from (select distinct %1$s from written w) p,
      lateral (select count(*) as many, case when count(*) > 50 then sum(octet_length(c::text)) end as bytes
        from public.%2$I c where %3$s) held
    where held.many > 1000 or held.bytes > 2097152)',
    (select string_agg(format('w.%I', a), ', ') from unnest(tg_argv) a), tg_table_name,
    (select string_agg(format('c.%1$I = p.%1$I', a), ' and ') from unnest(tg_argv) a)) into too_many;
  if too_many then
    perform private.refuse('too_many_there', 'there are 1000 of these already, or 2 MB of them');
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.choose_again()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'private.choose_again', new.profile_id, new.type, new.channel), 0));
  delete from public.notification_settings s
    where s.profile_id = new.profile_id and s.type = new.type and s.channel = new.channel;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.clock_may_run()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  status public.work_order_status;
begin
  select w.status into status from public.work_orders w where w.id = new.work_order_id;
  if status <> 'in_progress' then
    perform private.refuse('not_in_progress', format('a clock runs only while work is in progress; it is %s', status));
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.comments_tell()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into public.events (kind, warehouse_id, work_order_id, actor_id, details)
    select 'wo_comment', w.warehouse_id, w.id, n.author_id, jsonb_build_object('comment_id', n.id)
    from said n join public.work_orders w on w.id = n.work_order_id;
  return null;
end $function$;

CREATE OR REPLACE PROCEDURE private.count_each_row(IN p_table regclass)
 LANGUAGE plpgsql
 SET search_path TO ''
AS $procedure$
begin
  execute format('create trigger each_row_counts before insert on %s for each statement
    execute function private.each_row_counts()', p_table);
end $procedure$;

CREATE OR REPLACE FUNCTION private.count_use(p_name text, p_subject text, p_max integer, p_seconds integer)
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.counted(p_value numeric, p_is_reset boolean, p_before numeric)
 RETURNS numeric
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN p_is_reset THEN p_value ELSE (p_value - p_before) END;

CREATE OR REPLACE FUNCTION private.counted_as(VARIADIC p_parts text[])
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$ select left(encode(sha256(convert_to(array_to_json(p_parts)::text, 'UTF8')), 'hex'), 5) $function$;

CREATE OR REPLACE FUNCTION private.crew_changes()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  known constant public.work_order_crew := case when tg_op = 'DELETE' then old else new end;
begin
  perform private.hands_change(w.id, w.equipment_id, case when tg_op = 'DELETE' then known.profile_id end,
      case when tg_op = 'INSERT' then known.profile_id end)
    from public.work_orders w where w.id = known.work_order_id;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.delivery_is_wanted()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if exists (select from public.notifications n join public.notification_settings s
      on s.profile_id = n.recipient_id and s.type = n.type
      where n.id = new.notification_id and s.channel = new.channel and not s.enabled) then
    return null;
  end if;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.document_changes()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  ids uuid[];
begin
  execute format('select array_agg(distinct %1$I) from written where %1$I is not null', tg_argv[1]) into ids;
  if ids is null then
    return null;
  elsif tg_op = 'DELETE' and tg_argv[1] = 'id' then
    update public.changes set gone = true, changed_in = pg_current_xact_id(), changed_at = now()
      where entity = tg_argv[0] and id = any (ids);
  else
    perform private.note_changes(tg_argv[0], ids);
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.document_moves()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update public.changes set gone = true, changed_in = pg_current_xact_id(), changed_at = now()
    where entity = tg_argv[0] and id = new.id
      and place = coalesce(old.warehouse_id, '00000000-0000-0000-0000-000000000000');
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.document_size(p_entity text, p_id uuid)
 RETURNS bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(sum(d.bytes), 0) from (
    select octet_length(w::text) + 1500 as bytes from public.work_orders w where p_entity = 'work_orders' and w.id = p_id
    union all
    select octet_length(i::text) + 500 from public.checklist_items i where p_entity = 'work_orders' and i.work_order_id = p_id
    union all
    select octet_length(a::text) + 500 from public.attachments a where p_entity = 'work_orders' and a.work_order_id = p_id
    union all
    select octet_length(c::text) + 500 from public.work_order_crew c where p_entity = 'work_orders' and c.work_order_id = p_id
    union all
    select octet_length(t::text) + 500 from public.time_logs t where p_entity = 'work_orders' and t.work_order_id = p_id
    union all
    select octet_length(c::text) + 500 from public.comments c where p_entity = 'work_orders' and c.work_order_id = p_id
    union all
    select octet_length(t::text) + 500 from public.part_transactions t
      where p_entity = 'work_orders' and t.work_order_id = p_id
    union all
    select octet_length(r::text) + 500 from public.part_reservations r
      where p_entity = 'work_orders' and r.work_order_id = p_id
    union all
    select octet_length(r::text) + 500 from public.work_order_relations r
      where p_entity = 'work_orders' and r.work_order_id = p_id
    union all
    select octet_length(e::text) + 1500 from public.equipment e where p_entity = 'equipment' and e.id = p_id
    union all
    select octet_length(m::text) + 500 from public.meters m where p_entity = 'equipment' and m.equipment_id = p_id
    union all
    select octet_length(p::text) + 1000 from public.parts p where p_entity = 'parts' and p.id = p_id
    union all
    select octet_length(p::text) + 1000 from public.profiles p where p_entity = 'profiles' and p.id = p_id
    union all
    select octet_length(w::text) + 1000 from public.warehouses w where p_entity = 'warehouses' and w.id = p_id
    union all
    select octet_length(v::text) + 1000 from public.vendors v where p_entity = 'vendors' and v.id = p_id) d
$function$;
grant execute on function private.document_size(text, uuid) to authenticated;

CREATE OR REPLACE FUNCTION private.each_row_counts()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if current_query() ~* '\mon conflict\M' then
    perform private.refuse('only_added', 'each of these rows is booked: they are added, and none is passed over');
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.end_links(p_profile uuid, VARIADIC p_kinds text[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  delete from private.links where profile_id = p_profile and kind = any (p_kinds);
  delete from private.letters where profile_id = p_profile and kind = any (p_kinds);
end $function$;

CREATE OR REPLACE FUNCTION private.end_sign_ins(p_profile uuid)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  update private.refresh_families set revoked_at = now() where profile_id = p_profile and revoked_at is null;
  delete from private.devices where profile_id = p_profile;
end $function$;

CREATE OR REPLACE FUNCTION private.equipment_depth()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  new.depth := coalesce((select p.depth + 1 from public.equipment p where p.id = new.parent_id), 0);
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.equipment_gets_label()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into public.equipment_labels (equipment_id) values (new.id);
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.equipment_moves()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  with recursive inside (id, depth) as (
    select e.id, new.depth + 1 from public.equipment e where e.parent_id = new.id
    union all
    select e.id, inside.depth + 1 from public.equipment e join inside on e.parent_id = inside.id)
  update public.equipment e set depth = inside.depth from inside where e.id = inside.id and e.depth <> inside.depth;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.equipment_status_changes()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into public.equipment_status_changes (equipment_id, from_status, to_status, actor_id)
    values (new.id, old.status, new.status, auth.uid());
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.equipment_with(q text, first jsonb)
 RETURNS SETOF uuid
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 100
 SET search_path TO ''
AS $function$
begin
  return query select * from private.found('public.equipment',
    'private.words(array[w.asset_tag, w.model, w.serial_number, w.fo_number], array[w.name, w.manufacturer, w.area])',
    case when private.sees_every_warehouse() then 'true'
      else format('w.warehouse_id = %L', private.my_warehouse()) end,
    case when not private.sees_all(private.my_role()) and not private.sees_own_warehouse(private.my_role())
      then 'private.my_machines()' end,
    q, first);
end $function$;
grant execute on function private.equipment_with(text, jsonb) to authenticated;

CREATE OR REPLACE FUNCTION private.escalation_clock_changes()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  is_held constant boolean := new.status = 'on_hold';
  was_held constant boolean := old.status = 'on_hold';
  counts constant boolean := new.last_activity_at is distinct from old.last_activity_at and is_held = was_held;
begin
  if not private.is_open(new.status) then
    delete from private.escalation_clocks where work_order_id = new.id;
    return null;
  end if;
  insert into private.escalation_clocks as c (work_order_id, counts_from, held_since, urgent)
    values (new.id, new.last_activity_at, case when is_held then now() end, private.is_urgent(new.type, new.priority))
    on conflict (work_order_id) do update set
      counts_from = case when counts then new.last_activity_at else c.counts_from end,
      held = case
        when counts then '[]'
        when was_held and not is_held then private.fold_held(c.held || jsonb_build_array(jsonb_build_array(c.held_since, now())))
        else c.held end,
      held_since = case when is_held then coalesce(c.held_since, now()) end,
      urgent = excluded.urgent, check_at = 'epoch', version = c.version + 1;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.escalation_clocks_start()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into private.escalation_clocks (work_order_id, counts_from, held_since, urgent)
    select o.id, o.last_activity_at, case when o.status = 'on_hold' then now() end, private.is_urgent(o.type, o.priority)
    from opened o where private.is_open(o.status);
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.escalation_looks_again(p_concerned jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  with concerned as materialized (
    select c.work_order_id from private.escalation_clocks c join public.work_orders w on w.id = c.work_order_id
    where exists (
      select from jsonb_to_recordset(p_concerned) as r(warehouse_id uuid, wo_type public.work_order_type, priority public.priority)
      where (r.warehouse_id is null or w.warehouse_id = r.warehouse_id)
        and (r.wo_type is null or w.type = r.wo_type)
        and (r.priority is null or w.priority = r.priority))
    order by c.work_order_id for no key update of c)
  update private.escalation_clocks c set check_at = 'epoch', version = c.version + 1
    from concerned where c.work_order_id = concerned.work_order_id;
end $function$;

CREATE OR REPLACE FUNCTION private.escalation_orders(p_ids uuid[])
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  orders jsonb;
  reassigns boolean;
begin
  select coalesce(jsonb_agg(to_jsonb(o) order by o.check_at, o.id), '[]') into orders from (
    select w.id, coalesce(c.version, 0) as clock_version, w.number, w.title, w.warehouse_id, w.type, w.priority, w.status,
      w.due_at, coalesce(c.counts_from, w.last_activity_at) as counts_from,
      coalesce(c.held, '[]') || case when c.held_since is null then '[]'
        else jsonb_build_array(jsonb_build_array(c.held_since, null)) end as held,
      w.escalation_level, w.escalated_at, w.acknowledged_until, w.assigned_to, w.response_due_at, w.resolution_due_at,
      coalesce(c.chains, '[]') as chains, coalesce(c.check_at, 'epoch') as check_at
    from public.work_orders w left join private.escalation_clocks c on c.work_order_id = w.id
    where w.id = any (p_ids)) o;
  -- Only by the rules that count for these work orders: a dry run must not tell of those of other warehouses.
  reassigns := exists (select from public.escalation_rules r where r.active and r.steps @> '[{"action": "auto_reassign"}]'
      and (r.warehouse_id is null
        or r.warehouse_id in (select (o ->> 'warehouse_id')::uuid from jsonb_array_elements(orders) o)))
    or exists (select from private.escalation_clocks c where c.work_order_id = any (p_ids)
      and c.chains @> '[{"rule": {"steps": [{"action": "auto_reassign"}]}}]');
  return jsonb_build_object('work_orders', orders, 'people', case when reassigns then (
    select coalesce(jsonb_agg(to_jsonb(p) order by p.id), '[]') from (
      select p.id, p.warehouse_id, p.full_name,
        (select count(*) from public.work_orders w
          where w.assigned_to = p.id and w.warehouse_id = p.warehouse_id and private.is_open(w.status)) as open_work_orders,
        private.number_setting('escalation_max_open_work_orders', p.warehouse_id, 20) as most
      from public.profiles p
      where p.role = 'technician' and p.active and not p.service_account
        and p.warehouse_id in (select distinct (o ->> 'warehouse_id')::uuid from jsonb_array_elements(orders) o)) p)
    else '[]' end);
end $function$;

CREATE OR REPLACE FUNCTION private.escalation_rulebook(p_warehouse uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object(
    'rules', (select coalesce(jsonb_agg(to_jsonb(r) order by r.id), '[]') from (
      select id, name, warehouse_id, wo_type, priority, clock, timeout_minutes, hours, steps, repeat_count
      from public.escalation_rules
      where active and (p_warehouse is null or warehouse_id is null or warehouse_id = p_warehouse)) r),
    'places', (select coalesce(jsonb_agg(to_jsonb(p) order by p.warehouse_id), '[]') from (
      select w.id as warehouse_id, w.time_zone, w.operating_hours, h.holidays
      from public.warehouses w, lateral (
        select coalesce(jsonb_agg(d.on_date order by d.on_date), '[]') as holidays
        from public.holidays d where d.warehouse_id = w.id) h
      where (p_warehouse is null or w.id = p_warehouse) and (w.operating_hours <> '[]' or h.holidays <> '[]')) p))
$function$;

CREATE OR REPLACE FUNCTION private.escalation_rules_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  concerned jsonb;
begin
  if tg_op = 'UPDATE' then
    concerned := (select jsonb_agg(distinct jsonb_build_object(
        'warehouse_id', r.warehouse_id, 'wo_type', r.wo_type, 'priority', r.priority))
      from changed n join previous o on o.id = n.id, lateral (
        values (n.warehouse_id, n.wo_type, n.priority), (o.warehouse_id, o.wo_type, o.priority)) r(warehouse_id, wo_type, priority)
      where (to_jsonb(n) - '{name,version,updated_at}'::text[]) is distinct from (to_jsonb(o) - '{name,version,updated_at}'::text[]));
  else
    concerned := (select jsonb_agg(distinct jsonb_build_object(
        'warehouse_id', n.warehouse_id, 'wo_type', n.wo_type, 'priority', n.priority)) from changed n);
  end if;
  if concerned is not null then
    perform private.escalation_looks_again(concerned);
  end if;
  return null;
end $function$;

CREATE OR REPLACE PROCEDURE private.fence(IN p_table regclass, VARIADIC p_but text[] DEFAULT '{}'::text[])
 LANGUAGE plpgsql
 SET search_path TO ''
AS $procedure$
declare
  key record;
  question text;
begin
  for key in
    select a.attname as name, c.confrelid::regclass as target, (
        select count(*) = 2 from pg_attribute w
        where w.attrelid in (c.conrelid, c.confrelid) and w.attname = 'warehouse_id') or c.conrelid = c.confrelid as at_home
    from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
    where c.contype = 'f' and c.conrelid = p_table and c.confrelid <> 'public.warehouses'::regclass
      and has_column_privilege('authenticated', p_table, a.attnum, 'insert, update') and a.attname <> all (p_but)
  loop
    question := format('select exists (select from %s r where r.id = ($1).%I', key.target, key.name)
      -- What belongs to no warehouse serves all, and a row of no warehouse may be about any.
      || case when key.at_home then
        ' and coalesce(r.warehouse_id = coalesce(($1).warehouse_id, private.my_warehouse()), true))' else ')' end;
    execute format('create trigger %I before insert on %s for each row
      when (new.%I is not null and row_security_active(%L::regclass))
      execute function private.reference_is_seen(%L, %L)', 'a_seen_' || key.name, p_table, key.name, p_table, key.name, question);
    if has_column_privilege('authenticated', p_table, key.name, 'update') then
      execute format('create trigger %I before update of %I on %s for each row
        when (new.%2$I is distinct from old.%2$I and new.%2$I is not null and row_security_active(%3$L::regclass))
        execute function private.reference_is_seen(%4$L, %5$L)',
        'a_seen_' || key.name || '_later', key.name, p_table, key.name, question);
    end if;
  end loop;
end $procedure$;

CREATE OR REPLACE FUNCTION private.fold_held(p_held jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
  if jsonb_array_length(p_held) <= 100 then
    return p_held;
  end if;
  return (
    with held as (
      select nth, (h ->> 0)::timestamptz as began, (h ->> 1)::timestamptz as ended
      from jsonb_array_elements(p_held) with ordinality e (h, nth)),
    pairs as (select h.*, lead(began) over w as next_began, lead(ended) over w as next_ended from held h window w as (order by nth)),
    nearest as (select nth from pairs where next_began is not null order by next_began - ended, nth limit 1)
    select jsonb_agg(case when p.nth = n.nth then jsonb_build_array(p.next_began - (p.ended - p.began), p.next_ended)
      else jsonb_build_array(p.began, p.ended) end order by p.nth)
    from pairs p cross join nearest n where p.nth <> n.nth + 1);
end $function$;

CREATE OR REPLACE FUNCTION private.folded(p_text text)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
begin
  if octet_length(p_text) = length(p_text) then
    return lower(p_text collate pg_catalog.pg_c_utf8);
  end if;
  return lower(extensions.unaccent('extensions.unaccent', normalize(p_text, nfkc)) collate pg_catalog.pg_c_utf8);
end $function$;
grant execute on function private.folded(text) to authenticated;

CREATE OR REPLACE PROCEDURE private.forbid_circles(IN p_table regclass, IN p_sentence text)
 LANGUAGE plpgsql
 SET search_path TO ''
AS $procedure$
begin
  execute format('create trigger parents_take_turns before update of parent_id on %s for each statement
    execute function private.parents_take_turns()', p_table);
  -- Named so that it fires before `moves`, which walks down from the row.
  execute format('create trigger is_not_inside_itself after insert or update of parent_id on %s for each row
    when (new.parent_id is not null) execute function private.is_not_inside_itself(%L)', p_table, p_sentence);
end $procedure$;

CREATE OR REPLACE FUNCTION private.found(p_table regclass, p_words text, p_seen text, p_own text, p_q text, p_first jsonb)
 RETURNS SETOF uuid
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET work_mem TO '16MB'
 SET enable_indexscan TO 'on'
 SET enable_seqscan TO 'on'
AS $function$
declare
  sought constant tsquery := private.sought(p_q);
  wanted constant integer := (p_first ->> 'limit')::integer;
  is_falling constant boolean := coalesce((p_first ->> 'descending')::boolean, false);
  place constant text := coalesce(private.asked_column(p_table, p_first ->> 'sort'), 'w.id');
  -- Of someone's own there may be thousands: then the index of words is asked first.
  own text := case when p_own is null then '' else format('where f.id in (select * from %s)', p_own) end;
  ordering constant text := format(case when is_falling then '%s desc, w.id desc' else '%s, w.id' end, place);
  asked text := p_seen;
  after text := 'true';
  few uuid[];
  filter record;
  edge_place text;
  edge_id uuid;
  found_ahead bigint := 0;
begin
  if sought is null then
    return;
  elsif octet_length(p_first::text) > 32768 then
    raise invalid_parameter_value using message = 'these are more filters than a list has';
  end if;
  for filter in select *, private.asked_column(p_table, f."column") as place,
      (select string_agg(quote_literal(v), ', ') from unnest(f."values") v) as list
    from jsonb_to_recordset(p_first -> 'filters') f ("column" text, op text, "values" text[], or_missing boolean) loop
    asked := asked || ' and (' || filter.place || case
      when filter.list is null then
        case when filter.op = 'in' and filter.or_missing then ' is null' when filter.op = 'not in' then ' is not null' end
      when filter.op in ('in', 'not in') then format(' %s (%s)', filter.op, filter.list)
        || case when filter.or_missing then format(' or %s is null', filter.place) else '' end
      when filter.op = 'gte' then ' >= ' || filter.list
      when filter.op = 'gt' then ' > ' || filter.list
      when filter.op = 'lte' then ' <= ' || filter.list
      when filter.op = 'lt' then ' < ' || filter.list end || ')';
  end loop;
  if asked is null then
    raise invalid_parameter_value using message = 'a filter that there is none of';
  end if;
  if p_first -> 'after' ->> 1 is not null then
    after := private.up_to(place, is_falling, p_first -> 'after' ->> 0, (p_first -> 'after' ->> 1)::uuid, false);
  end if;
  if p_own is not null then
    execute format('select array(select * from %s limit 51)', p_own) into few;
  end if;
  if cardinality(few) <= 50 then
    asked := asked || format(' and w.id = any (%L)', few);
    own := '';
  end if;
  if p_own is null and wanted is not null then
    execute format(
      'select f.place::text, f.id from (select %1$s as place, w.id, row_number() over first, sum(%2$s) over first as bytes
         from %3$s w where %4$s and %6$s window first as (order by %5$s rows unbounded preceding) order by %5$s limit 1001) f
       where f.row_number = 1001 or f.bytes > 200000 order by f.row_number limit 1',
      place, (select string_agg(format('coalesce(octet_length(%s), 0)', piece[1]), ' + ') from regexp_matches(p_words, 'w\.\w+', 'g') piece),
      p_table, asked, ordering, after) into edge_place, edge_id;
  end if;
  if edge_id is not null then
    return query execute format('select w.id from %s w where %s and %s and %s and %s @@ $1 order by %s limit %s',
      p_table, asked, after, private.up_to(place, is_falling, edge_place, edge_id, true), p_words, ordering, wanted) using sought;
    get diagnostics found_ahead = row_count;
    if found_ahead = wanted then
      return;
    end if;
    after := private.up_to(place, is_falling, edge_place, edge_id, false);
  end if;
  if few is null or own <> '' then
    perform private.by_words_alone();
  end if;
  -- `case` keeps the indexes of the order from being asked: how many rows lie beyond a place of one warehouse is guessed badly.
  return query execute format(
    'with f as materialized (select w.id, %1$s as place from %2$s w where %3$s and %4$s @@ $1 and case when %8$s then true end)
     select f.id from f %5$s order by %6$s limit %7$L',
    place, p_table, asked, p_words, own, case when is_falling then 'f.place desc, f.id desc' else 'f.place, f.id' end,
    wanted - found_ahead, after) using sought;
end $function$;

CREATE OR REPLACE PROCEDURE private.freeze_with_work(IN p_table regclass, IN p_from text DEFAULT 'frozen'::text, IN p_update text DEFAULT 'update'::text)
 LANGUAGE plpgsql
 SET search_path TO ''
AS $procedure$
begin
  execute format('create trigger goes_on after insert or %s or delete on %s for each row
    when (auth.uid() is not null and pg_trigger_depth() = 0) execute function private.work_goes_on(%L)', p_update, p_table, p_from);
end $procedure$;

CREATE OR REPLACE FUNCTION private.had_a_hand(p_work_order uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(private.person_behind(auth.uid()) in (
    select private.person_behind(w.completed_by) from public.work_orders w where w.id = p_work_order and w.completed_by is not null
    union all
    select private.person_behind(w.assigned_to) from public.work_orders w where w.id = p_work_order and w.assigned_to is not null
    union all
    select private.person_behind(c.profile_id) from public.work_order_crew c where c.work_order_id = p_work_order
    union all
    select private.person_behind(t.profile_id) from public.time_logs t where t.work_order_id = p_work_order
    union all
    select private.person_behind(h.profile_id) from private.work_order_hands h where h.work_order_id = p_work_order), false)
$function$;
grant execute on function private.had_a_hand(uuid) to authenticated;

CREATE OR REPLACE FUNCTION private.hands_are_kept()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into private.work_order_hands (work_order_id, profile_id)
    select new.id, h.profile_id from (
      select auth.uid() as profile_id where auth.uid() in (old.assigned_to, new.assigned_to)
      union
      select unnest(array[new.completed_by, new.assigned_to]) where new.status = 'completed'
      union
      select c.profile_id from public.work_order_crew c where new.status = 'completed' and c.work_order_id = new.id) h
    where h.profile_id is not null
    on conflict do nothing;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.hands_change(p_work_order uuid, p_equipment uuid, p_from uuid, p_to uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if exists (select from public.profiles p where p.id in (p_from, p_to) and p.role = 'contractor') then
    perform private.note_changes('work_orders', array[p_work_order]);
    perform private.note_changes('equipment', array[p_equipment]);
    update public.changes set lost_by = lost_by || p_from
      where ((entity = 'work_orders' and id = p_work_order) or (entity = 'equipment' and id = p_equipment))
        and p_from is not null and not (p_from = any (lost_by));
  end if;
end $function$;

CREATE OR REPLACE FUNCTION private.has_happened(timestamp with time zone)
 RETURNS boolean
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN ($1 <= (now() + '00:05:00'::interval));
grant execute on function private.has_happened(timestamp with time zone) to authenticated;

CREATE OR REPLACE FUNCTION private.history_hash(p public.work_order_history)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select encode(sha256(convert_to(p.previous_hash || jsonb_build_object(
    'id', p.id, 'work_order_id', p.work_order_id, 'position', p.position, 'subject', p.subject,
    'subject_id', p.subject_id, 'version', p.version, 'changes', p.changes, 'mutation_id', p.mutation_id, 'actor_id', p.actor_id, 'actor_function', p.actor_function,
    'happened_at', extract(epoch from p.happened_at))::text, 'UTF8')), 'hex')
$function$;

CREATE OR REPLACE FUNCTION private.history_verify(p_after uuid, p_limit integer)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with candidates as (
    -- Both tables, because either row may be the one that is missing.
    (select h.work_order_id from private.history_heads h
      where p_after is null or h.work_order_id > p_after order by 1 limit p_limit)
    union
    (select distinct e.work_order_id from public.work_order_history e
      where p_after is null or e.work_order_id > p_after order by 1 limit p_limit)),
  chosen as materialized (select work_order_id from candidates order by 1 limit p_limit),
  entries as materialized (
    select e.work_order_id, e.position, e.hash, e.previous_hash,
      private.history_hash(e) = e.hash as is_itself,
      coalesce(lag(e.position) over chain, 0) as position_before,
      coalesce(lag(e.hash) over chain, '') as hash_before
    from public.work_order_history e join chosen using (work_order_id)
    window chain as (partition by e.work_order_id order by e.position)),
  ends as (
    select work_order_id, count(e.position)::integer as entries, coalesce(max(e.position), 0) as last,
      (array_agg(e.hash order by e.position desc))[1] as hash
    from chosen left join entries e using (work_order_id) group by work_order_id),
  faults (work_order_id, position, fault, detail) as (
    select work_order_id, position_before + 1, 'removed',
      format('entry %s was removed, or moved to another place', position_before + 1)
      from entries where position <> position_before + 1
    union all
    select work_order_id, position, 'altered', format('entry %s was altered: its hash is not that of what it says', position)
      from entries where not is_itself
    union all
    -- This entry is unchanged, so the one before it was rewritten.
    select work_order_id, greatest(position_before, 1), 'altered',
      format('entry %s was rewritten, or the one after it, which carries another hash', greatest(position_before, 1))
      from entries where is_itself and position = position_before + 1 and previous_hash <> hash_before
    union all
    select work_order_id, last, 'altered', format('entry %s was rewritten: the head of the history carries another hash', last)
      from ends join private.history_heads h using (work_order_id)
      where ends.last = h.length and ends.entries > 0 and h.hash <> ends.hash
    union all
    select work_order_id, last + 1, 'cut_off', format('the end was cut off: %s entries were written, %s are left', h.length, entries)
      from ends join private.history_heads h using (work_order_id) where ends.last < h.length
    union all
    select work_order_id, h.length + 1, 'added', format('entry %s was added: %s were written', h.length + 1, h.length)
      from ends join private.history_heads h using (work_order_id) where ends.last > h.length
    union all
    select work_order_id, last, 'head_removed', 'the head of the history was removed: where it ended is not known'
      from ends where not exists (select from private.history_heads h where h.work_order_id = ends.work_order_id)),
  first_faults as (
    select distinct on (work_order_id) work_order_id, position, fault, detail from faults
    -- A fault of an entry itself is told before a fault that follows from it.
    order by work_order_id, position,
      array_position(array['removed', 'altered', 'cut_off', 'added', 'head_removed'], fault))
  select jsonb_build_object(
    'work_orders', (select count(*) from chosen),
    'entries', (select count(*) from entries),
    'broken', (select coalesce(jsonb_agg(jsonb_build_object('work_order_id', f.work_order_id, 'number', w.number,
        'position', f.position, 'fault', f.fault, 'detail', f.detail) order by f.work_order_id), '[]')
      from first_faults f left join public.work_orders w on w.id = f.work_order_id),
    'next', (select c.work_order_id from chosen c order by 1 offset p_limit - 1 limit 1))
$function$;

CREATE OR REPLACE FUNCTION private.holidays_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  concerned jsonb;
begin
  if tg_op = 'UPDATE' then
    concerned := (select jsonb_agg(distinct jsonb_build_object('warehouse_id', warehouse_id)) from (
      (select n.warehouse_id, n.on_date from changed n except select o.warehouse_id, o.on_date from previous o)
      union all
      (select o.warehouse_id, o.on_date from previous o except select n.warehouse_id, n.on_date from changed n)) moved);
  else
    concerned := (select jsonb_agg(distinct jsonb_build_object('warehouse_id', n.warehouse_id)) from changed n);
  end if;
  if concerned is not null then
    perform private.escalation_looks_again(concerned);
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.holidays_wake_schedules()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  days jsonb;
begin
  if tg_op = 'UPDATE' then
    days := (select jsonb_agg(moved) from (
      (select n.warehouse_id, n.on_date from changed n except select o.warehouse_id, o.on_date from previous o)
      union all
      (select o.warehouse_id, o.on_date from previous o except select n.warehouse_id, n.on_date from changed n)) moved);
  else
    days := (select jsonb_agg(jsonb_build_object('warehouse_id', n.warehouse_id, 'on_date', n.on_date)) from changed n);
  end if;
  if days is null then
    return null;
  end if;
  with place as (
    select w.id, coalesce(private.local_date(now(), w.time_zone), current_date) as today
    from public.warehouses w where w.id in (select (d ->> 'warehouse_id')::uuid from jsonb_array_elements(days) d)),
  near as materialized (
    select s.id, place.today from public.pm_schedules s
      join place on place.id = s.warehouse_id join public.pm_templates t on t.id = s.template_id
    where t.holidays <> 'keep' and s.generate_on > place.today and exists (
      select from jsonb_to_recordset(days) as d(warehouse_id uuid, on_date date)
      where d.warehouse_id = s.warehouse_id and s.next_due_on between d.on_date - 31 and d.on_date + 31)
    order by s.id for no key update of s)
  update public.pm_schedules s set generate_on = near.today from near where s.id = near.id;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.home_line(public.work_orders)
 RETURNS TABLE(line jsonb)
 LANGUAGE sql
 STABLE ROWS 1
AS $function$
  select jsonb_build_object('id', $1.id, 'number', $1.number, 'type', $1.type, 'title', $1.title, 'status', $1.status,
    'priority', $1.priority, 'area', $1.area, 'due_at', $1.due_at, 'escalated', $1.escalated, 'version', $1.version,
    'machine', (select to_jsonb(m) from public.machine($1) m), 'assignee', (select to_jsonb(a) from public.assignee($1) a))
$function$;
grant execute on function private.home_line(public.work_orders) to authenticated;

CREATE OR REPLACE FUNCTION private.hours_of(p_times tstzmultirange)
 RETURNS TABLE(hours numeric)
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select coalesce(sum(extract(epoch from upper(t) - lower(t))), 0) / 3600 from unnest(p_times) t
$function$;
grant execute on function private.hours_of(tstzmultirange) to authenticated;

CREATE OR REPLACE FUNCTION private.insert_keeps_answer()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.keep_answer(to_jsonb(new));
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.insert_takes_key()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.take_key();
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.invite_newcomer()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.send_link('invitation', new.id, new.email, 72);
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.is_amount(numeric, numeric, integer)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((($1 >= (0)::numeric) AND ($1 <= $2)) AND ($1 = round($1, $3)) AND (scale($1) <= 20));
grant execute on function private.is_amount(numeric, numeric, integer) to authenticated;

CREATE OR REPLACE FUNCTION private.is_bounded()
 RETURNS boolean
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO ''
AS $function$
declare
  asked constant text := current_query();
  judged constant text := md5(asked);
begin
  if current_setting('millwright.judged', true) = judged then
    return true;
  end if;
  if starts_with(asked, 'EXPLAIN') then
    perform private.refuse_estimate();
  end if;
  -- `vendors.json_agg` is a call of that function with the row: an aggregate past the setting that forbids them.
  if asked ~ '"\."(count|any_value|(array|jsonb?)_agg(_strict)?)"' then
    raise exception using errcode = 'PT400', message = 'no_aggregates', detail = 'rows are answered one by one';
  end if;
  if strpos(asked, ' JOIN LATERAL ') > 0 and asked ~ '_([3-9]|[1-9][0-9]+)" ON ' then
    raise exception using errcode = 'PT400', message = 'too_deep',
      detail = 'what is embedded may lie two levels deep';
  end if;
  -- An order names a column, too. A path into JSON tells a part of it.
  if (length(asked) - length(replace(asked, ' JOIN LATERAL ', ''))) / 14 > 60 or exists (
      select from regexp_matches(asked, '(?:SELECT |, )(?:CAST\( )?((?:"[^"]+"\.)+"[^"]+")(->)?', 'g') m (told)
      group by m.told having count(*) > case when m.told[2] is null then 3 else 20 end) then
    raise exception using errcode = 'PT400', message = 'too_wide', detail = 'each column is told once';
  end if;
  perform set_config('millwright.judged', judged, true);
  return true;
end $function$;
grant execute on function private.is_bounded() to authenticated;

CREATE OR REPLACE FUNCTION private.is_day(date)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (($1 >= '1900-01-01'::date) AND ($1 <= '2200-12-31'::date));
grant execute on function private.is_day(date) to authenticated;

CREATE OR REPLACE FUNCTION private.is_day_of_year(text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ($1 ~ '^((0[1-9]|1[0-2])-(0[1-9]|1\d|2\d)|(0[13-9]|1[0-2])-30|(0[13578]|1[02])-31)$'::text);
grant execute on function private.is_day_of_year(text) to authenticated;

CREATE OR REPLACE FUNCTION private.is_done(p_status public.work_order_status)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((p_status)::text = ANY (ARRAY['completed'::text, 'verified'::text, 'closed'::text]));
grant execute on function private.is_done(public.work_order_status) to authenticated;

CREATE OR REPLACE FUNCTION private.is_ended(p_status public.work_order_status)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((p_status)::text = ANY (ARRAY['closed'::text, 'cancelled'::text]));
grant execute on function private.is_ended(public.work_order_status) to authenticated;

CREATE OR REPLACE FUNCTION private.is_frozen(p_status public.work_order_status)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((p_status)::text = ANY (ARRAY['verified'::text, 'closed'::text, 'cancelled'::text]));
grant execute on function private.is_frozen(public.work_order_status) to authenticated;

CREATE OR REPLACE FUNCTION private.is_in_service(p_status public.equipment_status)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((p_status)::text = ANY (ARRAY['active'::text, 'maintenance'::text]));
grant execute on function private.is_in_service(public.equipment_status) to authenticated;

CREATE OR REPLACE FUNCTION private.is_json(jsonb)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((octet_length(($1)::text) <= 16384) AND (NOT jsonb_path_exists($1, '$.**{9}'::jsonpath)) AND (NOT jsonb_path_exists($1, '$.**?(@ > 179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000 || @ < -179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000)'::jsonpath)));
grant execute on function private.is_json(jsonb) to authenticated;

CREATE OR REPLACE FUNCTION private.is_line(text, integer)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((length($1) <= $2) AND ($1 !~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]'::text) AND private.is_seen($1));
grant execute on function private.is_line(text, integer) to authenticated;

CREATE OR REPLACE FUNCTION private.is_list(anyarray, integer)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select cardinality($1) <= $2 and coalesce(array_ndims($1), 1) = 1 and not exists (select from unnest($1) i where i is null)
$function$;
grant execute on function private.is_list(anyarray, integer) to authenticated;

CREATE OR REPLACE FUNCTION private.is_mended()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  subject constant uuid := to_jsonb(old) ->> tg_argv[1];
begin
  delete from public.dead_letters where private.is_of_a_problem(source) and reference = tg_argv[0] || ' ' || subject;
  if found and tg_argv[0] = 'warehouse' then
    update public.pm_schedules s set generate_on = least(s.generate_on, current_date)
      where s.warehouse_id = subject and s.active and s.generate_on is not null;
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.is_moment(timestamp with time zone)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (($1 >= '1900-01-01 00:00:00+00'::timestamp with time zone) AND ($1 < '2201-01-01 00:00:00+00'::timestamp with time zone));
grant execute on function private.is_moment(timestamp with time zone) to authenticated;

CREATE OR REPLACE FUNCTION private.is_not_inside_itself()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  circle boolean;
begin
  execute format('with recursive above (id, parent_id) as (
      select t.id, t.parent_id from public.%1$I t where t.id = ($1).parent_id
      union
      select t.id, t.parent_id from public.%1$I t join above on t.id = above.parent_id)
    select exists (select from above where id = ($1).id)', tg_table_name) into circle using new;
  if circle then
    perform private.refuse('inside_itself', tg_argv[0]);
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.is_of_a_problem(p_source text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (p_source = ANY (ARRAY['pm-scheduler'::text, 'escalation-checker'::text, 'notification-sender'::text, 'request-api'::text]));

CREATE OR REPLACE FUNCTION private.is_of_a_row(p_state text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ("left"(p_state, 2) = ANY (ARRAY['21'::text, '22'::text, '23'::text, '44'::text, '54'::text, 'P0'::text, 'PT'::text]));

CREATE OR REPLACE FUNCTION private.is_one_of(p_warehouse uuid, VARIADIC p_roles public.user_role[])
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select exists (select from public.profiles p where p.id = (select auth.uid()) and p.active
    and (private.sees_all(p.role) or (p.warehouse_id = p_warehouse and p.role = any (p_roles))))
$function$;
grant execute on function private.is_one_of(uuid, public.user_role[]) to authenticated;

CREATE OR REPLACE FUNCTION private.is_open(p_status public.work_order_status)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((p_status)::text = ANY (ARRAY['new'::text, 'assigned'::text, 'in_progress'::text, 'on_hold'::text]));
grant execute on function private.is_open(public.work_order_status) to authenticated;

CREATE OR REPLACE FUNCTION private.is_password(p_profile uuid, p_password text)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  kept constant text := (select password_hash from private.credentials where profile_id = p_profile);
begin
  return extensions.crypt(p_password, coalesce(kept, '$2a$10$abcdefghijklmnopqrstuuWNtVPr0sYhbC9JKlO1Y8vqZVUgPk2xe'))
    is not distinct from kept;
end $function$;

CREATE OR REPLACE FUNCTION private.is_prose(text, integer)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((length($1) <= $2) AND ($1 !~ '[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]'::text) AND private.is_seen($1));
grant execute on function private.is_prose(text, integer) to authenticated;

CREATE OR REPLACE FUNCTION private.is_public_address(p_address text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select p_address ~ ('^https://([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])'
      || '(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?([/?][!-~]*)?$')
    and p_address !~* '^https://[^/?:]*\.(localhost|localdomain|local|internal|intranet|private|corp|home|lan|arpa)([:/?]|$)'
    and length(substring(p_address from '^https://([^/?:]*)')) <= 253 and length(p_address) <= 2000
$function$;
grant execute on function private.is_public_address(text) to authenticated;

CREATE OR REPLACE FUNCTION private.is_put_aside(p_last_seen_at timestamp with time zone)
 RETURNS boolean
 LANGUAGE sql
 STABLE
RETURN (p_last_seen_at > (now() - '20:00:00'::interval));

CREATE OR REPLACE FUNCTION private.is_seen(text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (($1 = ''::text) OR ($1 ~ ('[^\s\u0085\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f'::text || '\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]'::text)));
grant execute on function private.is_seen(text) to authenticated;

CREATE OR REPLACE FUNCTION private.is_set(anyarray, integer)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select private.is_list($1, $2) and cardinality($1) = (select count(distinct i) from unnest($1) i)
$function$;
grant execute on function private.is_set(anyarray, integer) to authenticated;

CREATE OR REPLACE FUNCTION private.is_time_zone(name text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
  select name = any (string_to_array(translate('
    Africa/Abidjan,Africa/Accra,Africa/Addis_Ababa,Africa/Algiers,Africa/Asmara,Africa/Asmera,Africa/Bamako,Africa/Bangui,
    Africa/Banjul,Africa/Bissau,Africa/Blantyre,Africa/Brazzaville,Africa/Bujumbura,Africa/Cairo,Africa/Casablanca,Africa/Ceuta,
    Africa/Conakry,Africa/Dakar,Africa/Dar_es_Salaam,Africa/Djibouti,Africa/Douala,Africa/El_Aaiun,Africa/Freetown,
    Africa/Gaborone,Africa/Harare,Africa/Johannesburg,Africa/Juba,Africa/Kampala,Africa/Khartoum,Africa/Kigali,Africa/Kinshasa,
    Africa/Lagos,Africa/Libreville,Africa/Lome,Africa/Luanda,Africa/Lubumbashi,Africa/Lusaka,Africa/Malabo,Africa/Maputo,
    Africa/Maseru,Africa/Mbabane,Africa/Mogadishu,Africa/Monrovia,Africa/Nairobi,Africa/Ndjamena,Africa/Niamey,
    Africa/Nouakchott,Africa/Ouagadougou,Africa/Porto-Novo,Africa/Sao_Tome,Africa/Timbuktu,Africa/Tripoli,Africa/Tunis,
    Africa/Windhoek,America/Adak,America/Anchorage,America/Anguilla,America/Antigua,America/Araguaina,
    America/Argentina/Buenos_Aires,America/Argentina/Catamarca,America/Argentina/ComodRivadavia,America/Argentina/Cordoba,
    America/Argentina/Jujuy,America/Argentina/La_Rioja,America/Argentina/Mendoza,America/Argentina/Rio_Gallegos,
    America/Argentina/Salta,America/Argentina/San_Juan,America/Argentina/San_Luis,America/Argentina/Tucuman,
    America/Argentina/Ushuaia,America/Aruba,America/Asuncion,America/Atikokan,America/Atka,America/Bahia,America/Bahia_Banderas,
    America/Barbados,America/Belem,America/Belize,America/Blanc-Sablon,America/Boa_Vista,America/Bogota,America/Boise,
    America/Buenos_Aires,America/Cambridge_Bay,America/Campo_Grande,America/Cancun,America/Caracas,America/Catamarca,
    America/Cayenne,America/Cayman,America/Chicago,America/Chihuahua,America/Ciudad_Juarez,America/Coral_Harbour,
    America/Cordoba,America/Costa_Rica,America/Coyhaique,America/Creston,America/Cuiaba,America/Curacao,America/Danmarkshavn,
    America/Dawson,America/Dawson_Creek,America/Denver,America/Detroit,America/Dominica,America/Edmonton,America/Eirunepe,
    America/El_Salvador,America/Ensenada,America/Fort_Nelson,America/Fort_Wayne,America/Fortaleza,America/Glace_Bay,
    America/Godthab,America/Goose_Bay,America/Grand_Turk,America/Grenada,America/Guadeloupe,America/Guatemala,America/Guayaquil,
    America/Guyana,America/Halifax,America/Havana,America/Hermosillo,America/Indiana/Indianapolis,America/Indiana/Knox,
    America/Indiana/Marengo,America/Indiana/Petersburg,America/Indiana/Tell_City,America/Indiana/Vevay,
    America/Indiana/Vincennes,America/Indiana/Winamac,America/Indianapolis,America/Inuvik,America/Iqaluit,America/Jamaica,
    America/Jujuy,America/Juneau,America/Kentucky/Louisville,America/Kentucky/Monticello,America/Knox_IN,America/Kralendijk,
    America/La_Paz,America/Lima,America/Los_Angeles,America/Louisville,America/Lower_Princes,America/Maceio,America/Managua,
    America/Manaus,America/Marigot,America/Martinique,America/Matamoros,America/Mazatlan,America/Mendoza,America/Menominee,
    America/Merida,America/Metlakatla,America/Mexico_City,America/Miquelon,America/Moncton,America/Monterrey,America/Montevideo,
    America/Montreal,America/Montserrat,America/Nassau,America/New_York,America/Nipigon,America/Nome,America/Noronha,
    America/North_Dakota/Beulah,America/North_Dakota/Center,America/North_Dakota/New_Salem,America/Nuuk,America/Ojinaga,
    America/Panama,America/Pangnirtung,America/Paramaribo,America/Phoenix,America/Port-au-Prince,America/Port_of_Spain,
    America/Porto_Acre,America/Porto_Velho,America/Puerto_Rico,America/Punta_Arenas,America/Rainy_River,America/Rankin_Inlet,
    America/Recife,America/Regina,America/Resolute,America/Rio_Branco,America/Rosario,America/Santa_Isabel,America/Santarem,
    America/Santiago,America/Santo_Domingo,America/Sao_Paulo,America/Scoresbysund,America/Shiprock,America/Sitka,
    America/St_Barthelemy,America/St_Johns,America/St_Kitts,America/St_Lucia,America/St_Thomas,America/St_Vincent,
    America/Swift_Current,America/Tegucigalpa,America/Thule,America/Thunder_Bay,America/Tijuana,America/Toronto,America/Tortola,
    America/Vancouver,America/Virgin,America/Whitehorse,America/Winnipeg,America/Yakutat,America/Yellowknife,Antarctica/Casey,
    Antarctica/Davis,Antarctica/DumontDUrville,Antarctica/Macquarie,Antarctica/Mawson,Antarctica/McMurdo,Antarctica/Palmer,
    Antarctica/Rothera,Antarctica/South_Pole,Antarctica/Syowa,Antarctica/Troll,Antarctica/Vostok,Arctic/Longyearbyen,Asia/Aden,
    Asia/Almaty,Asia/Amman,Asia/Anadyr,Asia/Aqtau,Asia/Aqtobe,Asia/Ashgabat,Asia/Ashkhabad,Asia/Atyrau,Asia/Baghdad,
    Asia/Bahrain,Asia/Baku,Asia/Bangkok,Asia/Barnaul,Asia/Beirut,Asia/Bishkek,Asia/Brunei,Asia/Calcutta,Asia/Chita,
    Asia/Choibalsan,Asia/Chongqing,Asia/Chungking,Asia/Colombo,Asia/Dacca,Asia/Damascus,Asia/Dhaka,Asia/Dili,Asia/Dubai,
    Asia/Dushanbe,Asia/Famagusta,Asia/Gaza,Asia/Harbin,Asia/Hebron,Asia/Ho_Chi_Minh,Asia/Hong_Kong,Asia/Hovd,Asia/Irkutsk,
    Asia/Istanbul,Asia/Jakarta,Asia/Jayapura,Asia/Jerusalem,Asia/Kabul,Asia/Kamchatka,Asia/Karachi,Asia/Kashgar,Asia/Kathmandu,
    Asia/Katmandu,Asia/Khandyga,Asia/Kolkata,Asia/Krasnoyarsk,Asia/Kuala_Lumpur,Asia/Kuching,Asia/Kuwait,Asia/Macao,Asia/Macau,
    Asia/Magadan,Asia/Makassar,Asia/Manila,Asia/Muscat,Asia/Nicosia,Asia/Novokuznetsk,Asia/Novosibirsk,Asia/Omsk,Asia/Oral,
    Asia/Phnom_Penh,Asia/Pontianak,Asia/Pyongyang,Asia/Qatar,Asia/Qostanay,Asia/Qyzylorda,Asia/Rangoon,Asia/Riyadh,Asia/Saigon,
    Asia/Sakhalin,Asia/Samarkand,Asia/Seoul,Asia/Shanghai,Asia/Singapore,Asia/Srednekolymsk,Asia/Taipei,Asia/Tashkent,
    Asia/Tbilisi,Asia/Tehran,Asia/Tel_Aviv,Asia/Thimbu,Asia/Thimphu,Asia/Tokyo,Asia/Tomsk,Asia/Ujung_Pandang,Asia/Ulaanbaatar,
    Asia/Ulan_Bator,Asia/Urumqi,Asia/Ust-Nera,Asia/Vientiane,Asia/Vladivostok,Asia/Yakutsk,Asia/Yangon,Asia/Yekaterinburg,
    Asia/Yerevan,Atlantic/Azores,Atlantic/Bermuda,Atlantic/Canary,Atlantic/Cape_Verde,Atlantic/Faeroe,Atlantic/Faroe,
    Atlantic/Jan_Mayen,Atlantic/Madeira,Atlantic/Reykjavik,Atlantic/South_Georgia,Atlantic/St_Helena,Atlantic/Stanley,
    Australia/ACT,Australia/Adelaide,Australia/Brisbane,Australia/Broken_Hill,Australia/Canberra,Australia/Currie,
    Australia/Darwin,Australia/Eucla,Australia/Hobart,Australia/LHI,Australia/Lindeman,Australia/Lord_Howe,Australia/Melbourne,
    Australia/NSW,Australia/North,Australia/Perth,Australia/Queensland,Australia/South,Australia/Sydney,Australia/Tasmania,
    Australia/Victoria,Australia/West,Australia/Yancowinna,Brazil/Acre,Brazil/DeNoronha,Brazil/East,Brazil/West,CET,CST6CDT,
    Canada/Atlantic,Canada/Central,Canada/Eastern,Canada/Mountain,Canada/Newfoundland,Canada/Pacific,Canada/Saskatchewan,
    Canada/Yukon,Chile/Continental,Chile/EasterIsland,Cuba,EET,EST,EST5EDT,Egypt,Eire,Etc/GMT,Etc/GMT+0,Etc/GMT+1,Etc/GMT+10,
    Etc/GMT+11,Etc/GMT+12,Etc/GMT+2,Etc/GMT+3,Etc/GMT+4,Etc/GMT+5,Etc/GMT+6,Etc/GMT+7,Etc/GMT+8,Etc/GMT+9,Etc/GMT-0,Etc/GMT-1,
    Etc/GMT-10,Etc/GMT-11,Etc/GMT-12,Etc/GMT-13,Etc/GMT-14,Etc/GMT-2,Etc/GMT-3,Etc/GMT-4,Etc/GMT-5,Etc/GMT-6,Etc/GMT-7,
    Etc/GMT-8,Etc/GMT-9,Etc/GMT0,Etc/Greenwich,Etc/UCT,Etc/UTC,Etc/Universal,Etc/Zulu,Europe/Amsterdam,Europe/Andorra,
    Europe/Astrakhan,Europe/Athens,Europe/Belfast,Europe/Belgrade,Europe/Berlin,Europe/Bratislava,Europe/Brussels,
    Europe/Bucharest,Europe/Budapest,Europe/Busingen,Europe/Chisinau,Europe/Copenhagen,Europe/Dublin,Europe/Gibraltar,
    Europe/Guernsey,Europe/Helsinki,Europe/Isle_of_Man,Europe/Istanbul,Europe/Jersey,Europe/Kaliningrad,Europe/Kiev,
    Europe/Kirov,Europe/Kyiv,Europe/Lisbon,Europe/Ljubljana,Europe/London,Europe/Luxembourg,Europe/Madrid,Europe/Malta,
    Europe/Mariehamn,Europe/Minsk,Europe/Monaco,Europe/Moscow,Europe/Nicosia,Europe/Oslo,Europe/Paris,Europe/Podgorica,
    Europe/Prague,Europe/Riga,Europe/Rome,Europe/Samara,Europe/San_Marino,Europe/Sarajevo,Europe/Saratov,Europe/Simferopol,
    Europe/Skopje,Europe/Sofia,Europe/Stockholm,Europe/Tallinn,Europe/Tirane,Europe/Tiraspol,Europe/Ulyanovsk,Europe/Uzhgorod,
    Europe/Vaduz,Europe/Vatican,Europe/Vienna,Europe/Vilnius,Europe/Volgograd,Europe/Warsaw,Europe/Zagreb,Europe/Zaporozhye,
    Europe/Zurich,GB,GB-Eire,GMT,GMT+0,GMT-0,GMT0,Greenwich,HST,Hongkong,Iceland,Indian/Antananarivo,Indian/Chagos,
    Indian/Christmas,Indian/Cocos,Indian/Comoro,Indian/Kerguelen,Indian/Mahe,Indian/Maldives,Indian/Mauritius,Indian/Mayotte,
    Indian/Reunion,Iran,Israel,Jamaica,Japan,Kwajalein,Libya,MET,MST,MST7MDT,Mexico/BajaNorte,Mexico/BajaSur,Mexico/General,NZ,
    NZ-CHAT,Navajo,PRC,PST8PDT,Pacific/Apia,Pacific/Auckland,Pacific/Bougainville,Pacific/Chatham,Pacific/Chuuk,Pacific/Easter,
    Pacific/Efate,Pacific/Enderbury,Pacific/Fakaofo,Pacific/Fiji,Pacific/Funafuti,Pacific/Galapagos,Pacific/Gambier,
    Pacific/Guadalcanal,Pacific/Guam,Pacific/Honolulu,Pacific/Johnston,Pacific/Kanton,Pacific/Kiritimati,Pacific/Kosrae,
    Pacific/Kwajalein,Pacific/Majuro,Pacific/Marquesas,Pacific/Midway,Pacific/Nauru,Pacific/Niue,Pacific/Norfolk,Pacific/Noumea,
    Pacific/Pago_Pago,Pacific/Palau,Pacific/Pitcairn,Pacific/Pohnpei,Pacific/Ponape,Pacific/Port_Moresby,Pacific/Rarotonga,
    Pacific/Saipan,Pacific/Samoa,Pacific/Tahiti,Pacific/Tarawa,Pacific/Tongatapu,Pacific/Truk,Pacific/Wake,Pacific/Wallis,
    Pacific/Yap,Poland,Portugal,ROC,ROK,Singapore,Turkey,UCT,US/Alaska,US/Aleutian,US/Arizona,US/Central,US/East-Indiana,
    US/Eastern,US/Hawaii,US/Indiana-Starke,US/Michigan,US/Mountain,US/Pacific,US/Samoa,UTC,Universal,W-SU,WET,Zulu', E' \n', ''), ','))
$function$;
grant execute on function private.is_time_zone(text) to authenticated;

CREATE OR REPLACE FUNCTION private.is_too_old(p_told pg_snapshot)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select exists (select from private.forgotten_changes f where not pg_visible_in_snapshot(f.changed_in, p_told))
$function$;
grant execute on function private.is_too_old(pg_snapshot) to authenticated;

CREATE OR REPLACE FUNCTION private.is_untouched(p_status public.work_order_status)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((p_status)::text = ANY (ARRAY['new'::text, 'assigned'::text]));
grant execute on function private.is_untouched(public.work_order_status) to authenticated;

CREATE OR REPLACE FUNCTION private.is_urgent(p_type public.work_order_type, p_priority public.priority)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (((p_type)::text = 'emergency'::text) OR ((p_priority)::text = 'critical'::text));
grant execute on function private.is_urgent(public.work_order_type, public.priority) to authenticated;

CREATE OR REPLACE FUNCTION private.judge_guess(p_profile uuid, p_email text, p_password text, p_network text, p_device_hash text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.judge_own_password(p_profile uuid, p_password text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.keep_answer(p_answer jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update private.idempotency_keys set answer = p_answer
    where caller = auth.uid() and answer is null
      and key = nullif(current_setting('request.headers', true), '')::json ->> 'idempotency-key';
end $function$;
grant execute on function private.keep_answer(jsonb) to authenticated;

CREATE OR REPLACE FUNCTION private.keep_device(p_profile uuid, p_hash text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  insert into private.devices (token_hash, profile_id) values (p_hash, p_profile)
    on conflict (token_hash) do update set seen_at = now();
  delete from private.devices where profile_id = p_profile and (seen_at < now() - interval '180 days'
    or token_hash not in (select token_hash from private.devices where profile_id = p_profile
      order by seen_at desc limit 20));
end $function$;

CREATE OR REPLACE PROCEDURE private.keep_past_of(IN p_table regclass, VARIADIC p_columns text[])
 LANGUAGE plpgsql
 SET search_path TO ''
AS $procedure$
begin
  execute format('create trigger state_passes after update of %1$s on %2$s for each row when (%3$s)
    execute function private.state_passes(%4$s)',
    (select string_agg(quote_ident(c), ', ') from unnest(p_columns) c), p_table,
    (select string_agg(format('old.%1$I is distinct from new.%1$I', c), ' or ') from unnest(p_columns) c),
    (select string_agg(quote_literal(c), ', ') from unnest(p_columns) c));
end $procedure$;

CREATE OR REPLACE FUNCTION private.keep_problems(p_problems jsonb)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  reported integer;
begin
  -- In one order, so that two firings cannot deadlock.
  insert into public.dead_letters (source, reference, reason, body)
    select distinct on (p.subject) private.calling_function(), p.subject, left(p.reason, 1000), '{}'
      from jsonb_to_recordset(p_problems) as p(subject text, reason text) order by p.subject
    on conflict (source, reference) do update set reason = excluded.reason, last_seen_at = excluded.last_seen_at;
  get diagnostics reported = row_count;
  return reported;
end $function$;

CREATE OR REPLACE FUNCTION private.keep_token_hash(p_token uuid, p_hash text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if not exists (select from public.api_tokens t
      where t.id = p_token and t.created_by = auth.uid() and t.created_at = now()) then
    raise insufficient_privilege using message = 'the token is not new, or not yours';
  end if;
  insert into private.api_token_hashes (token_id, hash) values (p_token, p_hash);
end $function$;
grant execute on function private.keep_token_hash(uuid, text) to authenticated;

CREATE OR REPLACE FUNCTION private.key_prefix(p_attachment public.attachments)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$ select p_attachment.warehouse_id::text || '/' || p_attachment.id::text $function$;

CREATE OR REPLACE FUNCTION private.known_mutations(p_mutations uuid[])
 RETURNS TABLE(mutation uuid, fingerprint text, answer jsonb)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select m.mutation, m.fingerprint, m.answer
  from unnest(p_mutations) with ordinality a (id, nth) join private.sync_mutations m on m.mutation = a.id
  where m.caller = auth.uid() and private.my_role() is not null
  order by a.nth
$function$;
grant execute on function private.known_mutations(uuid[]) to authenticated;

CREATE OR REPLACE FUNCTION private.leads(p_work_order uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select exists (select from public.work_orders w where w.id = p_work_order
    and private.is_one_of(w.warehouse_id, 'supervisor'))
$function$;
grant execute on function private.leads(uuid) to authenticated;

CREATE OR REPLACE FUNCTION private.leaver_has_no_links()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.end_links(new.id, 'invitation', 'password_reset', 'email_confirmation');
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.leaver_is_signed_out()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.end_sign_ins(new.id);
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.leaver_revokes_tokens()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update public.api_tokens set revoked_at = now() where created_by = new.id and revoked_at is null;
  return null;
end $function$;

CREATE OR REPLACE PROCEDURE private.let_annul(IN p_table regclass, VARIADIC p_above text[] DEFAULT '{}'::text[])
 LANGUAGE plpgsql
 SET search_path TO ''
AS $procedure$
begin
  execute format('create trigger annuls before update on %s for each row
    when (old.annulled_reason is not null or new.annulled_reason is not null) execute function private.annuls(%s)',
    p_table, (select string_agg(quote_literal(a), ', ') from unnest(p_above) a));
end $procedure$;

CREATE OR REPLACE FUNCTION private.local_date(p_at timestamp with time zone, p_time_zone text)
 RETURNS date
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
  return (p_at at time zone p_time_zone)::date;
exception when invalid_parameter_value then
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.lock_below(p_work_orders uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform from public.time_logs t where t.work_order_id = any (p_work_orders) and t.stopped_at is null
    order by t.id for no key update;
  perform from public.part_reservations r where r.work_order_id = any (p_work_orders) order by r.id for update;
end $function$;
grant execute on function private.lock_below(uuid[]) to authenticated;

CREATE OR REPLACE FUNCTION private.lock_for_sync(p_items jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  ops constant jsonb := jsonb_path_query_array(p_items, '$[*].ops[*]');
  rows constant uuid[] := array(select (op ->> 'id')::uuid from jsonb_array_elements(ops) op where op ? 'id');
  above constant uuid[] := array(
    select (op -> 'row' ->> 'work_order_id')::uuid from jsonb_array_elements(ops) op
    union select i.work_order_id from public.checklist_items i where i.id = any (rows)
    union select t.work_order_id from public.time_logs t where t.id = any (rows));
begin
  perform private.lock_rows(rows,
    array(select w.id from public.work_orders w where w.id = any (rows || above)),
    array(select e.id from public.equipment e where e.id = any (rows)),
    array(select p.id from public.parts p
      where p.id = any (array(select (op -> 'row' ->> 'part_id')::uuid from jsonb_array_elements(ops) op))),
    array(select m.id from public.meters m
      where m.id = any (array(select (op -> 'row' ->> 'meter_id')::uuid from jsonb_array_elements(ops) op))));
end $function$;
grant execute on function private.lock_for_sync(jsonb) to authenticated;

CREATE OR REPLACE FUNCTION private.lock_rows(p_rows uuid[], p_work_orders uuid[], p_equipment uuid[], p_parts uuid[], p_meters uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.only_the_request_api();
  perform from public.checklist_items i where i.id = any (p_rows) and i.work_order_id = any (p_work_orders)
    order by i.id for no key update;
  perform from public.time_logs t where t.work_order_id = any (p_work_orders) and (t.id = any (p_rows) or t.stopped_at is null)
    order by t.id for no key update;
  perform private.lock_below(p_work_orders);
  perform from public.work_orders w where w.id = any (p_work_orders) order by w.id for no key update;
  perform from public.equipment e where e.id = any (p_equipment) order by e.id for no key update;
  perform from public.parts p where p.id = any (p_parts) order by p.id for update;
  perform from public.meters m where m.id = any (p_meters) order by m.id for update;
end $function$;
grant execute on function private.lock_rows(uuid[], uuid[], uuid[], uuid[], uuid[]) to authenticated;

CREATE OR REPLACE FUNCTION private.machine_is_stale()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into private.pm_stale (equipment_id)
    values ((to_jsonb(new) ->> case tg_table_name when 'equipment' then 'id' else 'equipment_id' end)::uuid);
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.may_hash(p_subject text, p_is_known boolean)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if pg_try_advisory_xact_lock(hashtextextended('private.may_hash ' || p_subject, 0)) then
    for place in 1 .. case when p_is_known then 6 else 4 end loop
      if pg_try_advisory_xact_lock(hashtextextended('private.may_hash', place)) then
        return true;
      end if;
    end loop;
  end if;
  return false;
end $function$;

CREATE OR REPLACE FUNCTION private.may_move(p_old public.work_orders, p_to public.work_order_status, p_assigned_to uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  mine constant text[] := private.parts_in(p_old.id, p_old.status, p_old.warehouse_id, p_old.assigned_to, p_old.requested_by,
    private.me());
begin
  return exists (select from private.moves() m
    where m.from_status = p_old.status and m.to_status = p_to and m.part = any (mine)
      and (m.part <> 'takes' or p_assigned_to = auth.uid()));
end $function$;

CREATE OR REPLACE FUNCTION private.me()
 RETURNS public.profiles
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  person public.profiles;
  reach constant jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb -> 'reach';
begin
  select * into person from public.profiles where id = auth.uid() and active;
  if reach is not null and found
      and (reach ->> 'role', reach ->> 'warehouse_id') is distinct from (person.role::text, person.warehouse_id::text) then
    raise sqlstate 'PT401' using message = 'token_outdated';
  end if;
  return person;
end $function$;
grant execute on function private.me() to authenticated;

CREATE OR REPLACE FUNCTION private.meter_is_read()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  meter public.meters;
  earlier public.meter_readings;
  later public.meter_readings;
  shown numeric;
  counted numeric;
begin
  select * into meter from public.meters where id = new.meter_id for update;
  if meter.id is null then
    perform private.no_such('meter_readings', 'meter_id');
  end if;
  select * into earlier from public.meter_readings
    where meter_id = new.meter_id and read_at <= new.read_at and annulled_at is null order by read_at desc limit 1;
  select * into later from public.meter_readings
    where meter_id = new.meter_id and read_at > new.read_at and annulled_at is null order by read_at limit 1;
  shown := coalesce(earlier.value, 0);
  if new.value < shown and not new.is_reset then
    perform private.refuse('reading_below_last',
      format('the meter showed %s before; a lower reading must be marked as a reset', shown));
  elsif later.value < new.value and not later.is_reset then
    perform private.refuse('reading_above_next', format('the meter showed %s later', later.value));
  end if;
  counted := case
    when later.id is null or later.is_reset then private.counted(new.value, new.is_reset, shown)
    -- A reading between two others adds nothing, unless the meter was reset there.
    when new.is_reset then shown
    else 0 end;
  if not private.is_amount(meter.total + counted, 4000000000, 3) then
    perform private.refuse('meter_is_full', 'across all resets, a meter counts to 4000000000');
  end if;
  update public.meters set
    total = total + counted,
    last_value = case when later.id is null then new.value else last_value end,
    last_read_at = case when later.id is null then new.read_at else last_read_at end
    where id = meter.id;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.meter_wakes_schedules()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update public.pm_schedules s set generate_on = p.today
    from (select coalesce(private.local_date(now(), w.time_zone), current_date) as today
      from public.warehouses w where w.id = new.warehouse_id) p
    where s.meter_id = new.id and s.meter_due_at <= new.total and (s.generate_on is null or s.generate_on > p.today);
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.moves()
 RETURNS TABLE(from_status text, to_status text, part text)
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE ROWS 13
AS $function$
  values ('new', 'assigned', 'leads'), ('new', 'assigned', 'takes'), ('new', 'cancelled', 'leads'), ('new', 'cancelled', 'asked'),
    ('assigned', 'in_progress', 'works'), ('assigned', 'cancelled', 'leads'),
    ('in_progress', 'on_hold', 'works'), ('in_progress', 'completed', 'works'),
    ('on_hold', 'in_progress', 'works'),
    ('completed', 'in_progress', 'judges'), ('completed', 'verified', 'judges'),
    ('verified', 'in_progress', 'judges'), ('verified', 'closed', 'leads')
$function$;

CREATE OR REPLACE FUNCTION private.must_be_seen(p_entity text, p_id uuid)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  seen boolean;
begin
  execute format('select exists (select from %s t where t.id = $1)', private.offline_table(p_entity)) into seen using p_id;
  if not seen then
    raise insufficient_privilege using message = 'not theirs to speak of';
  end if;
end $function$;
grant execute on function private.must_be_seen(text, uuid) to authenticated;

CREATE OR REPLACE FUNCTION private.must_be_theirs_to_write(p_item jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  place constant regclass := private.offline_table(p_item ->> 'entity');
  brought constant jsonb := (select jsonb_object_agg(f ->> 'field', f -> 'yours')
    from jsonb_array_elements(p_item -> 'answer' -> 'fields') f);
  written integer;
begin
  if brought is null then
    return;
  end if;
  execute private.update_of(place, brought) using brought, (p_item ->> 'entity_id')::uuid;
  get diagnostics written = row_count;
  raise sqlstate 'PT000';
exception
  when sqlstate 'PT000' then
    if written = 0 then
      raise insufficient_privilege using message = 'not theirs to change';
    end if;
  when sqlstate 'PT409' then
    null;
  when integrity_constraint_violation or data_exception then
    null;
end $function$;
grant execute on function private.must_be_theirs_to_write(jsonb) to authenticated;

CREATE OR REPLACE FUNCTION private.mutation_waits_for_review()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into public.reviews (warehouse_id, entity, entity_id, work_order_id, brought_by, made_at, code, detail, fields)
    select place.warehouse_id, new.entity, new.entity_id, place.work_order_id, new.caller, new.at,
      coalesce(new.answer ->> 'code', 'decided_otherwise'), coalesce(new.answer ->> 'detail', ''),
      (select coalesce(jsonb_agg(jsonb_build_object('field', f -> 'field', 'brought', f -> 'yours', 'there', f -> 'theirs')), '[]')
        from jsonb_array_elements(new.answer -> 'fields') f where f ->> 'kept' in ('theirs', 'as_comment'))
    from (
      select e.warehouse_id, null::uuid as work_order_id from public.equipment e where new.entity = 'equipment' and e.id = new.entity_id
      union all
      select w.warehouse_id, w.id from public.work_orders w where w.id = case new.entity
        when 'work_orders' then new.entity_id
        when 'checklist_items' then (select i.work_order_id from public.checklist_items i where i.id = new.entity_id)
        when 'time_logs' then (select l.work_order_id from public.time_logs l where l.id = new.entity_id) end) place
  on conflict (entity, entity_id, brought_by) where decision is null do update set
    made_at = excluded.made_at, code = excluded.code, detail = excluded.detail,
    fields = (select coalesce(jsonb_agg(f), '[]') from jsonb_array_elements(reviews.fields) f
        where f -> 'field' not in (select n -> 'field' from jsonb_array_elements(excluded.fields) n)) || excluded.fields;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.my_crews()
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER ROWS 10
 SET search_path TO ''
AS $function$
  select c.work_order_id from public.work_order_crew c where private.my_role() is not null and c.profile_id = auth.uid()
$function$;
grant execute on function private.my_crews() to authenticated;

CREATE OR REPLACE FUNCTION private.my_documents()
 RETURNS TABLE(entity text, id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select 'work_orders', w.id from public.own_work_orders() w where w.archived_at is null
  union all
  select 'equipment', m from private.my_machines() m where private.my_role() = 'contractor'
  union all
  select 'profiles', auth.uid()
  union all
  select 'warehouses', private.my_warehouse()
  union all
  select 'vendors', private.my_vendor()
$function$;
grant execute on function private.my_documents() to authenticated;

CREATE OR REPLACE FUNCTION private.my_latest_crews()
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER ROWS 50
 SET search_path TO ''
AS $function$
  select c.work_order_id from public.work_order_crew c
    where private.my_role() is not null and c.profile_id = auth.uid() order by c.id desc limit 200
$function$;
grant execute on function private.my_latest_crews() to authenticated;

CREATE OR REPLACE FUNCTION private.my_machines()
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER ROWS 100
 SET search_path TO ''
AS $function$
  select w.equipment_id from public.work_orders w
    where private.my_role() is not null and w.assigned_to = auth.uid() and w.equipment_id is not null
  union
  select w.equipment_id from public.work_order_crew c join public.work_orders w on w.id = c.work_order_id
    where private.my_role() is not null and c.profile_id = auth.uid() and w.equipment_id is not null
$function$;
grant execute on function private.my_machines() to authenticated;

CREATE OR REPLACE FUNCTION private.my_role()
 RETURNS public.user_role
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$ select (private.me()).role $function$;
grant execute on function private.my_role() to authenticated;

CREATE OR REPLACE FUNCTION private.my_vendor()
 RETURNS uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$ select (private.me()).vendor_id $function$;
grant execute on function private.my_vendor() to authenticated;

CREATE OR REPLACE FUNCTION private.my_warehouse()
 RETURNS uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$ select (private.me()).warehouse_id $function$;
grant execute on function private.my_warehouse() to authenticated;

CREATE OR REPLACE FUNCTION private.my_work()
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER ROWS 100
 SET search_path TO ''
AS $function$
  select w.id from public.work_orders w
    where private.my_role() = 'requester' and w.requested_by = auth.uid()
  union
  select w.id from public.work_orders w
    where private.my_role() = 'contractor' and w.assigned_to = auth.uid()
  union
  select c.work_order_id from public.work_order_crew c where private.my_role() = 'contractor' and c.profile_id = auth.uid()
$function$;
grant execute on function private.my_work() to authenticated;

CREATE OR REPLACE FUNCTION private.no_such(p_table text, p_column text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  name constant text := p_table || '_' || p_column || '_fkey';
begin
  raise foreign_key_violation using schema = 'public', table = p_table, constraint = name,
    message = format('insert or update on table "%s" violates foreign key constraint "%s"', p_table, name),
    detail = (select format('Key is not present in table "%s".', t.relname) from pg_constraint c
      join pg_class t on t.oid = c.confrelid where c.conname = name and c.conrelid = to_regclass('public.' || p_table));
end $function$;
grant execute on function private.no_such(text, text) to authenticated;

CREATE OR REPLACE FUNCTION private.note_activity(p_work_order uuid)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  update public.work_orders set last_activity_at = now()
    where id = p_work_order and private.my_role() in ('technician', 'supervisor', 'contractor', 'manager', 'admin')
$function$;

CREATE OR REPLACE FUNCTION private.note_changes(p_entity text, p_ids uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  -- In the order of ids, so that two transactions cannot deadlock.
  insert into public.changes as c (entity, id, place, gone)
    select p_entity, d.id, coalesce(d.warehouse_id, '00000000-0000-0000-0000-000000000000'), d.archived_at is not null
    from (
      select w.id, w.warehouse_id, w.archived_at from public.work_orders w
        where p_entity = 'work_orders' and w.id = any (p_ids)
      union all
      select e.id, e.warehouse_id, null from public.equipment e where p_entity = 'equipment' and e.id = any (p_ids)
      union all
      select p.id, p.warehouse_id, p.archived_at from public.parts p where p_entity = 'parts' and p.id = any (p_ids)
      union all
      select p.id, p.warehouse_id, null from public.profiles p where p_entity = 'profiles' and p.id = any (p_ids)
      union all
      select w.id, w.id, null from public.warehouses w where p_entity = 'warehouses' and w.id = any (p_ids)
      union all
      select v.id, v.warehouse_id, null from public.vendors v where p_entity = 'vendors' and v.id = any (p_ids)
    ) d order by d.id
  on conflict (entity, id, place) do update
    set changed_in = excluded.changed_in, changed_at = excluded.changed_at, gone = excluded.gone
    where c.changed_in <> excluded.changed_in or c.gone <> excluded.gone;
end $function$;

CREATE OR REPLACE PROCEDURE private.note_changes_of(IN p_table regclass, IN p_entity text, IN p_column text)
 LANGUAGE plpgsql
 SET search_path TO ''
AS $procedure$
begin
  execute format('create trigger note_new after insert on %s referencing new table as written
    for each statement execute function private.document_changes(%L, %L)', p_table, p_entity, p_column);
  execute format('create trigger note_changed after update on %s referencing new table as written
    for each statement execute function private.document_changes(%L, %L)', p_table, p_entity, p_column);
  execute format('create trigger note_removed after delete on %s referencing old table as written
    for each statement execute function private.document_changes(%L, %L)', p_table, p_entity, p_column);
end $procedure$;

CREATE OR REPLACE FUNCTION private.number_setting(p_key public.setting_key, p_warehouse uuid, p_default integer)
 RETURNS integer
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select case when said::text ~ '^[0-9]{1,9}$' then said::text::integer else p_default end
  from private.setting(p_key, p_warehouse, to_jsonb(p_default)) as said
$function$;

CREATE OR REPLACE FUNCTION private.offline_table(p_entity text)
 RETURNS regclass
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
  if p_entity is null or p_entity not in ('work_orders', 'checklist_items', 'time_logs', 'comments', 'part_transactions',
      'meter_readings', 'equipment') then
    raise insufficient_privilege using message = 'phones do not write there';
  end if;
  return format('public.%I', p_entity)::regclass;
end $function$;
grant execute on function private.offline_table(text) to authenticated;

CREATE OR REPLACE FUNCTION private.only_columns()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  allowed constant text[] := string_to_array(tg_argv[1] || ' version updated_at', ' ');
begin
  if private.my_role()::text = any (string_to_array(tg_argv[0], ' '))
      and (to_jsonb(new) - allowed) is distinct from (to_jsonb(old) - allowed) then
    raise insufficient_privilege using message = 'permission denied for some of the columns of ' || tg_table_name;
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.only_the_request_api()
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
  if private.calling_function() is distinct from 'request-api' then
    raise insufficient_privilege using message = 'only the request API may say so';
  end if;
end $function$;

CREATE OR REPLACE FUNCTION private.opening_hours_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  concerned constant jsonb := (select jsonb_agg(jsonb_build_object('warehouse_id', n.id)) from changed n join previous o on o.id = n.id
    where (n.time_zone, n.operating_hours) is distinct from (o.time_zone, o.operating_hours));
begin
  if concerned is not null then
    perform private.escalation_looks_again(concerned);
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.or_never(timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ select case when $1 is null then 'infinity'::timestamptz else $1 end $function$;
grant execute on function private.or_never(timestamp with time zone) to authenticated;

CREATE OR REPLACE FUNCTION private.parents_take_turns()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  perform private.take_turn(tg_table_name);
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.part_of_work_is_changed()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  known constant jsonb := to_jsonb(case when tg_op = 'DELETE' then old else new end);
begin
  perform private.write_history((known ->> 'work_order_id')::uuid, tg_argv[0], (known ->> 'id')::uuid,
    (known ->> 'version')::integer, private.changes(
    case when tg_op <> 'INSERT' then to_jsonb(old) end, case when tg_op <> 'DELETE' then to_jsonb(new) end,
    array['id', 'work_order_id', 'warehouse_id', 'version', 'created_at', 'updated_at']));
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.parts_in(p_id uuid, p_status public.work_order_status, p_warehouse uuid, p_assigned_to uuid, p_requested_by uuid, p_me public.profiles)
 RETURNS text[]
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  sees_all constant boolean := private.sees_all(p_me.role);
  leads constant boolean := sees_all or p_me.role = 'supervisor';
  does_work constant boolean := p_me.role in ('technician', 'contractor');
  asked constant boolean := p_me.role in ('requester', 'technician') and p_requested_by = p_me.id;
  mine text[] := '{}';
begin
  if sees_all is null or not (sees_all or coalesce(p_me.warehouse_id = p_warehouse, false)) then
    return mine;
  end if;
  if leads then
    mine := '{leads,works,helps}';
    if private.is_done(p_status) and not private.had_a_hand(p_id) then
      mine := mine || 'judges'::text;
    end if;
  elsif does_work and p_assigned_to = p_me.id then
    mine := '{works,helps}';
  elsif does_work and exists (select from public.work_order_crew c where c.work_order_id = p_id and c.profile_id = p_me.id) then
    mine := '{helps}';
  end if;
  if p_me.role = 'technician' then
    mine := mine || 'takes'::text;
  end if;
  if asked then
    mine := mine || 'asked'::text;
  end if;
  if sees_all or p_me.role = 'inventory_clerk' then
    mine := mine || 'keeps'::text;
  end if;
  if sees_all or private.sees_own_warehouse(p_me.role) or asked or 'helps' = any (mine) then
    mine := mine || 'sees'::text;
  end if;
  return mine;
end $function$;

CREATE OR REPLACE FUNCTION private.parts_with(q text, first jsonb)
 RETURNS SETOF uuid
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 100
 SET search_path TO ''
AS $function$
begin
  return query select * from private.found('public.parts', 'private.words(array[w.part_number, w.bin], array[w.name])',
    case when private.sees_every_warehouse() then 'true'
      when private.sees_own_warehouse(private.my_role())
        then format('w.warehouse_id = %L', private.my_warehouse())
      else 'false' end,
    null, q, first);
end $function$;
grant execute on function private.parts_with(text, jsonb) to authenticated;

CREATE OR REPLACE FUNCTION private.pass_browser_on()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform pg_advisory_xact_lock(hashtextextended('private.pass_browser_on ' || new.endpoint, 0));
  delete from public.push_subscriptions s where s.endpoint = new.endpoint;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.password_hash(p_password text)
 RETURNS text
 LANGUAGE sql
 SET search_path TO ''
AS $function$ select extensions.crypt(p_password, extensions.gen_salt('bf', 10)) $function$;

CREATE OR REPLACE FUNCTION private.people_edit_themselves()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  own constant text[] := array['full_name', 'phone', 'locale', 'time_zone', 'email', 'version', 'updated_at'];
begin
  if (to_jsonb(new) - own) is distinct from (to_jsonb(old) - own) then
    raise insufficient_privilege using message = 'permission denied for some of the columns of profiles';
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.person_behind(p_profile uuid)
 RETURNS uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  with recursive maker (id) as (
    select p_profile
    union
    select t.created_by from maker m join public.api_tokens t on t.id = m.id)
  select m.id from maker m where not exists (select from public.api_tokens t where t.id = m.id)
$function$;

CREATE OR REPLACE FUNCTION private.pm_timings(p_templates uuid[], p_with_items boolean)
 RETURNS json
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select coalesce(json_agg(told), '[]') from (
    select t.id, t.rrule, t.exdates, t.starts_on, t.basis, t.lead_time_days, t.season_from, t.season_until, t.weekends, t.holidays,
      t.catch_up, t.overlap, t.meter_every, t.meter_at,
      case when p_with_items then (select count(*) from public.pm_template_items i where i.template_id = t.id) end as items
    from public.pm_templates t where t.id = any (p_templates)) told
$function$;
grant execute on function private.pm_timings(uuid[], boolean) to authenticated;

CREATE OR REPLACE FUNCTION private.profile_told(p public.profiles)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select jsonb_build_object('id', p.id, 'email', p.email, 'full_name', p.full_name,
    'role', p.role, 'warehouse_id', p.warehouse_id)
$function$;

CREATE OR REPLACE FUNCTION private.profiles_with(q text, first jsonb)
 RETURNS SETOF uuid
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 100
 SET search_path TO ''
AS $function$
begin
  return query select * from private.found('public.profiles', 'private.words(''{}'', array[w.full_name, w.email])',
    case when private.sees_every_warehouse() then 'true'
      when private.sees_own_warehouse(private.my_role()) then format('w.warehouse_id = %L', private.my_warehouse())
      else format('w.id = %L', auth.uid()) end,
    null, q, first);
end $function$;
grant execute on function private.profiles_with(text, jsonb) to authenticated;

CREATE OR REPLACE FUNCTION private.reading_locks_work()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform from public.work_orders w
    where private.is_untouched(w.status) and w.id = any (array(
      select o.work_order_id from public.meters m
      join public.pm_schedules s on s.equipment_id = m.equipment_id and s.meter_id = m.id
      join public.pm_occurrences o on o.schedule_id = s.id and o.meter_step is not null and o.created_at >= new.created_at
      where m.id = new.meter_id))
    order by w.id for no key update;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.readings_are_annulled()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  meter uuid;
  fall record;
begin
  for meter in select distinct n.meter_id from after_it n join before_it o on o.id = n.id
      where o.annulled_at is null and n.annulled_at is not null order by 1 loop
    perform from public.meters m where m.id = meter for update;
    select * into fall from (
      select r.value, r.is_reset, lag(r.value, 1, 0) over (order by r.read_at) as shown
      from public.meter_readings r where r.meter_id = meter and r.annulled_at is null) r
      where r.value < r.shown and not r.is_reset limit 1;
    if found then
      perform private.refuse('reading_below_last', format(
        'without it the meter would go from %s to %s: the wrong one of these two is to be annulled first',
        trim_scale(fall.shown), trim_scale(fall.value)));
    end if;
    update public.meters m set total = c.total, last_value = c.last_value, last_read_at = c.last_read_at
      from (select coalesce(sum(private.counted(r.value, r.is_reset, r.shown)), 0) as total,
          coalesce((array_agg(r.value order by r.read_at desc))[1], 0) as last_value, max(r.read_at) as last_read_at
        from (select r.value, r.is_reset, r.read_at, lag(r.value, 1, 0) over (order by r.read_at) as shown
          from public.meter_readings r where r.meter_id = meter and r.annulled_at is null) r) c
      where m.id = meter;
  end loop;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.readings_undo_steps()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  gone record;
  schedules uuid[];
  undone uuid[];
begin
  for gone in select m.id, m.total, m.equipment_id, a.since, case a.readings when 1 then format('the reading of %s was annulled', a.most)
        else format('readings of %s and less were annulled', a.most) end as why
      from (select n.meter_id, min(n.created_at) as since, count(*) as readings, trim_scale(max(n.value)) as most
        from after_it n join before_it o on o.id = n.id
        where o.annulled_at is null and n.annulled_at is not null group by 1) a
      join public.meters m on m.id = a.meter_id order by m.id loop
    -- Nobody plans meanwhile.
    schedules := array(select s.id from public.pm_schedules s
      where s.equipment_id = gone.equipment_id and s.meter_id = gone.id order by s.id for update);
    undone := array(
      select o.id from public.pm_occurrences o
      where o.schedule_id = any (schedules) and o.meter_step is not null and o.annulled_at is null and o.created_at >= gone.since
        and exists (select from public.pm_occurrences j where j.schedule_id = o.schedule_id and j.created_at = o.created_at
          and j.meter_step > gone.total and j.annulled_at is null));
    update public.work_orders w set status = 'cancelled', status_note = gone.why
      from public.pm_occurrences o
      where o.id = any (undone) and w.id = o.work_order_id and private.is_untouched(w.status);
    update public.pm_occurrences o set annulled_at = now(),
        decision = case when w.status <> 'cancelled' then o.decision else 'superseded' end,
        reason = case when w.status <> 'cancelled' then o.reason || '; ' else '' end || gone.why
      from public.pm_occurrences p left join public.work_orders w on w.id = p.work_order_id
      where o.id = any (undone) and p.id = o.id;
    -- All of them are written, so that a plan that was made of the wrong count is not.
    update public.pm_schedules s set
        meter_base = n.base,
        meter_due_at = case when not n.affected then s.meter_due_at when n.every is not null then n.base + n.every
          when n.undone then n.meter_at else s.meter_due_at end,
        meter_fired_on = case when n.undone then (
            select max(o.due_on) from public.pm_occurrences o where o.schedule_id = s.id and o.meter_step is not null
              and o.decision = 'generated' and o.annulled_at is null) else s.meter_fired_on end,
        generate_on = case when n.affected and n.base + n.every <= gone.total then least(s.generate_on, n.today)
          else s.generate_on end
      from (select x.id, t.meter_every as every, t.meter_at, u.step is not null and not u.stands as undone,
          u.step is not null or x.meter_base > gone.total as affected,
          least(x.meter_base, gone.total, case when not u.stands then u.step - coalesce(t.meter_every, 0) end) as base,
          coalesce(private.local_date(now(), w.time_zone), current_date) as today
        from public.pm_schedules x
        join public.pm_templates t on t.id = x.template_id
        join public.warehouses w on w.id = x.warehouse_id
        cross join lateral (select min(o.meter_step) as step, coalesce(bool_or(o.decision = 'generated'), false) as stands
          from public.pm_occurrences o where o.id = any (undone) and o.schedule_id = x.id) u
        where x.id = any (schedules)) n
      where s.id = n.id;
  end loop;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.reference_is_seen()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  seen boolean;
begin
  execute tg_argv[1] into seen using new;
  if not seen then
    perform private.no_such(tg_table_name, tg_argv[0]);
  end if;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.refuse(p_code text, p_detail text, p_now jsonb DEFAULT NULL::jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  raise exception using errcode = 'PT409', message = p_code, detail = p_detail, hint = coalesce(p_now::text, '');
end $function$;

CREATE OR REPLACE FUNCTION private.refuse_estimate()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  raise exception using errcode = 'PT400', message = 'no_estimates',
    detail = 'an estimate counts rows that are not yours to see: ask for count=exact';
end $function$;
grant execute on function private.refuse_estimate() to authenticated;

CREATE OR REPLACE FUNCTION private.relation_opens()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  new.warehouse_id := (select w.warehouse_id from public.work_orders w where w.id = new.work_order_id);
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.reorder_is_received()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  headers constant text := coalesce(current_setting('request.headers', true), '');
begin
  -- The request's key is for the whole request, not for each movement.
  perform set_config('request.headers', '', true);
  insert into public.part_transactions (part_id, type, quantity, unit_cost, note, reorder_line_id)
    select l.part_id, 'inbound', coalesce(l.received_quantity, l.quantity), l.unit_cost, new.number, l.id
    from public.reorder_lines l join public.parts p on p.id = l.part_id
    where l.draft_id = new.id and coalesce(l.received_quantity, l.quantity) > 0 order by p.part_number;
  perform set_config('request.headers', headers, true);
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.reorder_line_is_open()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  draft public.reorder_drafts;
begin
  select * into draft from public.reorder_drafts
    where id = case when tg_op = 'DELETE' then old.draft_id else new.draft_id end for share;
  if draft.id is null then
    perform private.no_such('reorder_lines', 'draft_id');
  elsif draft.status = 'draft' then
    if tg_op <> 'DELETE' and new.received_quantity is not null then
      perform private.refuse('reorder_not_ordered', 'nothing comes of what is not ordered yet');
    end if;
  elsif draft.status <> 'ordered' or tg_op <> 'UPDATE'
      or (to_jsonb(new) - 'received_quantity') is distinct from (to_jsonb(old) - 'received_quantity') then
    perform private.refuse('reorder_frozen', format('the draft is %s', draft.status));
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;
  new.warehouse_id := draft.warehouse_id;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.reorder_moves()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if (old.status, new.status) not in (('draft', 'ordered'), ('draft', 'cancelled'), ('ordered', 'received'),
      ('ordered', 'cancelled')) then
    perform private.refuse('reorder_move_not_open', format('from %s it cannot become %s', old.status, new.status));
  elsif new.status = 'ordered' then
    if not exists (select from public.reorder_lines l where l.draft_id = new.id) then
      perform private.refuse('nothing_to_order', 'the draft has no lines');
    end if;
    new.ordered_at := now();
    new.ordered_by := auth.uid();
  elsif new.status = 'received' then
    new.received_at := now();
    new.received_by := auth.uid();
  end if;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.report(p_name text, p_from date, p_until date, p_formula text, p_time_zone text, p_rows json)
 RETURNS json
 LANGUAGE sql
 STABLE
AS $function$
  select json_build_object('report', p_name, 'from', p_from, 'until', p_until, 'formula', p_formula,
    'time_zone', p_time_zone, 'rows', coalesce(p_rows, '[]'))
$function$;
grant execute on function private.report(text, date, date, text, text, json) to authenticated;

CREATE OR REPLACE FUNCTION private.report_cancellations()
 RETURNS TABLE(work_order_id uuid, cancelled_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER ROWS 100
 SET search_path TO ''
AS $function$
  select h.work_order_id, max(h.happened_at) from public.work_order_history h
  where h.changes -> 'status' ->> 'to' = 'cancelled' group by 1
$function$;
grant execute on function private.report_cancellations() to authenticated;

CREATE OR REPLACE FUNCTION private.report_completions(p_from date, p_until date, p_warehouse uuid, p_by text, p_machine uuid DEFAULT NULL::uuid)
 RETURNS TABLE(warehouse_id uuid, id uuid, type public.work_order_type, equipment_id uuid, model text, assigned_to uuid, started_at timestamp with time zone, completed_at timestamp with time zone)
 LANGUAGE sql
 STABLE
AS $function$
  select p.warehouse_id, w.id, w.type, w.equipment_id, coalesce(h.was ->> 'model', e.model, w.asset_model), w.assigned_to,
    w.started_at, w.completed_at
  from private.report_places(p_from, p_until, p_warehouse) p
  -- The index of reports serves a period, and that of machines a machine.
  join public.work_orders w on w.warehouse_id = p.warehouse_id and w.created_at < p.ends and private.is_done(w.status)
    and ((p_machine is null and private.or_never(w.completed_at) >= p.starts and private.or_never(w.completed_at) < p.ends)
      or (w.equipment_id = p_machine and w.completed_at >= p.starts and w.completed_at < p.ends))
  left join public.equipment e on p_by = 'model' and e.id = w.equipment_id
  left join private.report_past('equipment', p_from) h on p_by = 'model' and h.subject = e.id and h.since <= w.completed_at
    and w.completed_at < h.until
$function$;
grant execute on function private.report_completions(date, date, uuid, text, uuid) to authenticated;

CREATE OR REPLACE FUNCTION private.report_given(p_until date, p_field text)
 RETURNS TABLE(work_order_id uuid, since timestamp with time zone, until timestamp with time zone, was text)
 LANGUAGE sql
 STABLE SECURITY DEFINER ROWS 100
 SET search_path TO ''
AS $function$
  select h.work_order_id, lag(h.happened_at, 1, '-infinity') over (partition by h.work_order_id order by h.position),
    h.happened_at, h.changes -> p_field ->> 'from'
  from public.work_order_history h
  where h.subject = 'work_order' and (h.changes ? 'assigned_to' or h.changes ? 'due_at') and h.changes ? p_field
    and h.happened_at > (p_until - 1)::timestamp at time zone 'UTC'
$function$;
grant execute on function private.report_given(date, text) to authenticated;

CREATE OR REPLACE FUNCTION private.report_key(p_by text, p_model text, p_machine uuid, p_person uuid)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select case p_by when 'model' then p_model when 'machine' then p_machine::text when 'technician' then p_person::text end
$function$;
grant execute on function private.report_key(text, text, uuid, uuid) to authenticated;

CREATE OR REPLACE FUNCTION private.report_machines(p_from date, p_until date, p_warehouse uuid, p_machine uuid DEFAULT NULL::uuid)
 RETURNS TABLE(warehouse_id uuid, code text, time_zone text, equipment_id uuid, model text, hours numeric, down numeric, planned numeric, unplanned numeric, failures bigint)
 LANGUAGE sql
 STABLE
AS $function$
  select m.warehouse_id, m.code, m.time_zone, m.equipment_id, m.model,
    case when m.always then extract(epoch from m.ends - m.starts) / 3600 else (select s.hours from private.hours_of(m.served) s) end,
    a.hours, n.hours, u.hours,
    (select count(*) from unnest(d.failures) f where lower(f) >= m.starts and (m.always or m.served @> lower(f)))
  from private.report_service(p_from, p_until, p_warehouse, p_machine) m
  cross join lateral (
    select range_agg(c.clipped) as all_of_it, range_agg(c.clipped) filter (where i.planned) as planned,
      range_agg(c.clipped) filter (where not i.planned) as unplanned,
      range_agg(tstzrange(i.started_at, i.ended_at)) filter (where not i.planned) as failures
    from public.downtime_intervals i
    cross join lateral (select tstzrange(greatest(i.started_at, m.starts), least(i.ended_at, m.ends)) as clipped) c
    where i.equipment_id = m.equipment_id and i.annulled_at is null and i.started_at < m.ends
      and (i.ended_at is null or i.ended_at > m.starts)) d
  cross join lateral private.hours_of(case when m.always then d.all_of_it else d.all_of_it * m.served end) a
  cross join lateral private.hours_of(case when m.always then d.planned else d.planned * m.served end) n
  cross join lateral private.hours_of(case when m.always then d.unplanned else d.unplanned * m.served end) u
  where not isempty(m.served)
$function$;
grant execute on function private.report_machines(date, date, uuid, uuid) to authenticated;

CREATE OR REPLACE FUNCTION private.report_names(p_by text)
 RETURNS TABLE(key text, name text)
 LANGUAGE sql
 STABLE
AS $function$
  select e.id::text, e.asset_tag from public.equipment e where p_by = 'machine'
  union all
  select f.id::text, f.full_name from public.profiles f where p_by = 'technician'
$function$;
grant execute on function private.report_names(text) to authenticated;

CREATE OR REPLACE FUNCTION private.report_past(p_table text, p_since date)
 RETURNS TABLE(subject uuid, since timestamp with time zone, until timestamp with time zone, was jsonb)
 LANGUAGE sql
 STABLE SECURITY DEFINER ROWS 100
 SET search_path TO ''
AS $function$
  select s.subject, lag(s.until, 1, '-infinity') over (partition by s.subject order by s.until), s.until, s.was
  from private.past_states s where s.of_table = p_table and s.until > (p_since - 2)::timestamp at time zone 'UTC'
$function$;
grant execute on function private.report_past(text, date) to authenticated;

CREATE OR REPLACE FUNCTION private.report_pauses(p_from date, p_until date, p_machine uuid DEFAULT NULL::uuid)
 RETURNS TABLE(work_order_id uuid, duration interval)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 50000
 SET search_path TO ''
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
#variable_conflict use_column
begin
  return query
    with repairs as materialized (
      select w.id, w.started_at, w.completed_at
      from (select distinct h.work_order_id from public.work_order_history h
        where h.subject = 'work_order' and h.changes -> 'status' ->> 'to' = 'in_progress'
          and h.changes -> 'status' ->> 'from' in ('on_hold', 'completed', 'verified')
          and (p_machine is null
            or h.work_order_id = any (array(select w.id from public.work_orders w where w.equipment_id = p_machine)))) r
      join public.work_orders w on w.id = r.work_order_id
      where w.type in ('corrective', 'emergency') and private.or_never(w.completed_at) >= (p_from - 2)::timestamp at time zone 'UTC'
        and private.or_never(w.completed_at) < (p_until + 3)::timestamp at time zone 'UTC')
    select s.id, sum(least(s.until, s.completed_at) - greatest(s.since, s.started_at))
    from (select r.id, r.started_at, r.completed_at, h.happened_at as since, h.changes -> 'status' ->> 'to' as status,
        lead(h.happened_at) over (partition by r.id order by h.position) as until
      from repairs r join public.work_order_history h on h.work_order_id = r.id
      where h.subject = 'work_order' and h.changes ? 'status') s
    where s.status in ('on_hold', 'completed', 'verified') and s.until > s.started_at and s.since < s.completed_at
    group by 1;
end $function$;
grant execute on function private.report_pauses(date, date, uuid) to authenticated;

CREATE OR REPLACE FUNCTION private.report_people(p_since date)
 RETURNS TABLE(profile_id uuid, role text, warehouse_id uuid, active boolean, since timestamp with time zone, until timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  with past as materialized (select * from private.report_past('profiles', p_since))
  select p.subject, p.was ->> 'role', (p.was ->> 'warehouse_id')::uuid, (p.was ->> 'active')::boolean, p.since, p.until
  from past p join public.profiles f on f.id = p.subject
  union all
  select f.id, f.role::text, f.warehouse_id, f.active,
    coalesce((select max(p.until) from past p where p.subject = f.id), '-infinity'), 'infinity'
  from public.profiles f
$function$;
grant execute on function private.report_people(date) to authenticated;

CREATE OR REPLACE FUNCTION private.report_places(p_from date, p_until date, p_warehouse uuid)
 RETURNS TABLE(warehouse_id uuid, code text, time_zone text, starts timestamp with time zone, ends timestamp with time zone, days integer)
 LANGUAGE sql
 STABLE
AS $function$
  select w.id, w.code, w.time_zone, s.starts, greatest(s.starts, least(now(), (p_until + 1)::timestamp at time zone w.time_zone)),
    greatest(0, least(p_until, (now() at time zone w.time_zone)::date) - p_from + 1)
  from public.warehouses w, lateral (select p_from::timestamp at time zone w.time_zone as starts) s
  where p_warehouse is null or w.id = p_warehouse offset 0
$function$;
grant execute on function private.report_places(date, date, uuid) to authenticated;

CREATE OR REPLACE FUNCTION private.report_row(p_warehouse uuid, p_code text, p_time_zone text, p_by text, p_key text, p_name text, p_numerator numeric, p_denominator numeric, p_counts json)
 RETURNS json
 LANGUAGE sql
 STABLE
AS $function$
  select case p_by
    when 'model' then json_build_object('warehouse_id', p_warehouse, 'warehouse', p_code, 'time_zone', p_time_zone,
      'model', p_key, 'numerator', private.rounded(p_numerator), 'denominator', private.rounded(p_denominator),
      'value', private.rounded(p_numerator / nullif(p_denominator, 0)), 'counts', p_counts)
    when 'machine' then json_build_object('warehouse_id', p_warehouse, 'warehouse', p_code, 'time_zone', p_time_zone,
      'equipment_id', p_key, 'asset_tag', p_name, 'numerator', private.rounded(p_numerator),
      'denominator', private.rounded(p_denominator), 'value', private.rounded(p_numerator / nullif(p_denominator, 0)),
      'counts', p_counts)
    when 'technician' then json_build_object('warehouse_id', p_warehouse, 'warehouse', p_code, 'time_zone', p_time_zone,
      'profile_id', p_key, 'full_name', p_name, 'numerator', private.rounded(p_numerator),
      'denominator', private.rounded(p_denominator),
      'value', private.rounded(p_numerator / nullif(p_denominator, 0)), 'counts', p_counts)
    else json_build_object('warehouse_id', p_warehouse, 'warehouse', p_code, 'time_zone', p_time_zone,
      'numerator', private.rounded(p_numerator), 'denominator', private.rounded(p_denominator),
      'value', private.rounded(p_numerator / nullif(p_denominator, 0)), 'counts', p_counts) end
$function$;
grant execute on function private.report_row(uuid, text, text, text, text, text, numeric, numeric, json) to authenticated;

CREATE OR REPLACE FUNCTION private.report_service(p_from date, p_until date, p_warehouse uuid, p_machine uuid DEFAULT NULL::uuid)
 RETURNS TABLE(warehouse_id uuid, code text, time_zone text, equipment_id uuid, model text, starts timestamp with time zone, ends timestamp with time zone, served tstzmultirange, always boolean)
 LANGUAGE sql
 STABLE
AS $function$
  select p.warehouse_id, p.code, p.time_zone, e.id, coalesce(h.was ->> 'model', e.model), t.starts, p.ends,
    case when c.equipment_id is not null then tstzmultirange(tstzrange(t.starts, p.ends)) * (coalesce(c.served, '{}')
        + case when private.is_in_service(e.status) then tstzmultirange(tstzrange(c.last, null)) else '{}' end)
      when private.is_in_service(e.status) then tstzmultirange(tstzrange(t.starts, p.ends)) else '{}' end,
    c.equipment_id is null and private.is_in_service(e.status)
  from private.report_places(p_from, p_until, p_warehouse) p
  join public.equipment e on e.warehouse_id = p.warehouse_id and (p_machine is null or e.id = p_machine)
  cross join lateral (
    select least(p.ends, greatest(p.starts, e.installed_on::timestamp at time zone p.time_zone)) as starts) t
  left join private.report_past('equipment', p_from) h on h.subject = e.id and h.since <= p.ends and p.ends < h.until
  left join (
    select s.equipment_id, range_agg(tstzrange(s.since, s.until)) filter (where s.in_service) as served, max(s.until) as last
    from private.report_status(p_from, p_machine) s group by 1) c on c.equipment_id = e.id offset 0
$function$;
grant execute on function private.report_service(date, date, uuid, uuid) to authenticated;

CREATE OR REPLACE FUNCTION private.report_status(p_since date, p_machine uuid DEFAULT NULL::uuid)
 RETURNS TABLE(equipment_id uuid, since timestamp with time zone, until timestamp with time zone, in_service boolean)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select c.equipment_id, lag(c.happened_at, 1, '-infinity') over (partition by c.equipment_id order by c.happened_at, c.id),
    c.happened_at, private.is_in_service(c.from_status)
  from public.equipment_status_changes c
  where c.happened_at > (p_since - 2)::timestamp at time zone 'UTC' and (p_machine is null or c.equipment_id = p_machine)
$function$;
grant execute on function private.report_status(date, uuid) to authenticated;

CREATE OR REPLACE FUNCTION private.report_time(p_from date, p_until date, p_machine uuid DEFAULT NULL::uuid)
 RETURNS TABLE(work_order_id uuid, profile_id uuid, started_at timestamp with time zone, stopped_at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 500000
 SET search_path TO ''
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
#variable_conflict use_column
begin
  return query select l.work_order_id, l.profile_id, l.started_at, l.stopped_at from public.time_logs l
    where l.annulled_at is null and l.started_at < (p_until + 3)::timestamp at time zone 'UTC'
      and (l.stopped_at is null or l.stopped_at > (p_from - 2)::timestamp at time zone 'UTC')
      and (p_machine is null
        or l.work_order_id = any (array(select w.id from public.work_orders w where w.equipment_id = p_machine)));
end $function$;
grant execute on function private.report_time(date, date, uuid) to authenticated;

CREATE OR REPLACE FUNCTION private.report_work(p_from date, p_until date, p_warehouse uuid, p_by text)
 RETURNS TABLE(warehouse_id uuid, starts timestamp with time zone, ends timestamp with time zone, id uuid, equipment_id uuid, model text, assigned_to uuid, created_at timestamp with time zone, due_at timestamp with time zone, completed_at timestamp with time zone, ended_at timestamp with time zone)
 LANGUAGE sql
 STABLE
AS $function$
  select p.warehouse_id, p.starts, p.ends, w.id, w.equipment_id, coalesce(h.was ->> 'model', e.model, w.asset_model),
    case when g.work_order_id is null then w.assigned_to else g.was::uuid end, w.created_at,
    w.due_at, t.completed_at, t.ended_at
  from private.report_places(p_from, p_until, p_warehouse) p
  join public.work_orders w on w.warehouse_id = p.warehouse_id and private.or_never(w.completed_at) >= p.starts
    and w.created_at < p.ends
  left join public.equipment e on p_by = 'model' and e.id = w.equipment_id
  left join private.report_past('equipment', p_from) h on p_by = 'model' and h.subject = e.id and h.since <= p.ends and p.ends < h.until
  left join private.report_given(p_until, 'assigned_to') g on p_by = 'technician' and g.work_order_id = w.id
    and g.since <= p.ends and p.ends < g.until
  left join private.report_cancellations() c on c.work_order_id = w.id and w.status = 'cancelled'
  cross join lateral (select f.completed_at,
      case when w.status = 'cancelled' then coalesce(c.cancelled_at, w.updated_at) else f.completed_at end as ended_at
    from (select case when private.is_done(w.status) then w.completed_at end as completed_at) f) t
  where t.ended_at is null or t.ended_at >= p.starts
$function$;
grant execute on function private.report_work(date, date, uuid, text) to authenticated;

CREATE OR REPLACE FUNCTION private.reservations_end()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform from public.parts p
    where p.id in (select r.part_id from public.part_reservations r where r.work_order_id = new.id)
    order by p.part_number for update;
  delete from public.part_reservations where work_order_id = new.id;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.rounded(p_figure numeric)
 RETURNS numeric
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select trim_scale(round(p_figure, 4))
$function$;
grant execute on function private.rounded(numeric) to authenticated;

CREATE OR REPLACE FUNCTION private.runs_schedules(p_status public.equipment_status, p_rests_in_maintenance boolean)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (private.is_in_service(p_status) AND (NOT (((p_status)::text = 'maintenance'::text) AND p_rests_in_maintenance)));

CREATE OR REPLACE FUNCTION private.scan_token()
 RETURNS text
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  select rtrim(translate(encode(extensions.gen_random_bytes(16), 'base64'), '+/', '-_'), '=')
$function$;

CREATE OR REPLACE FUNCTION private.schedule_goes_on()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update public.pm_schedules s set
    generate_on = case
      when t.basis = 'fixed' then least(s.generate_on, s.next_due_on - t.lead_time_days)
      when not private.is_open(new.status) then p.today end,
    next_due_on = case when t.basis = 'fixed' then s.next_due_on end,
    anchor_on = case when t.basis = 'floating' and not private.is_open(new.status) then
      case when new.status = 'cancelled' then o.due_on else coalesce(private.local_date(new.completed_at, p.time_zone), p.today) end
      else s.anchor_on end,
    meter_base = case when t.basis = 'floating' and m.id is not null then m.total else s.meter_base end,
    meter_due_at = case when t.basis = 'floating' and t.meter_every is not null then null else s.meter_due_at end
  from public.pm_occurrences o, public.pm_templates t,
    (select w.time_zone, coalesce(private.local_date(now(), w.time_zone), current_date) as today
      from public.warehouses w where w.id = new.warehouse_id) p,
    (select 1) one left join public.meters m on m.id = (
      select x.meter_id from public.pm_occurrences y join public.pm_schedules x on x.id = y.schedule_id
      where y.work_order_id = new.id)
  where o.work_order_id = new.id and s.id = o.schedule_id and s.last_work_order_id = new.id and t.id = s.template_id
    and (t.basis = 'floating' or s.generate_on > s.next_due_on - t.lead_time_days);
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.schedule_rests()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if new.paused and not old.paused then
    new.active := false;
    new.rested_from := coalesce(old.rested_from, private.local_date(now(), (
      select w.time_zone from public.warehouses w where w.id = new.warehouse_id)), current_date);
    new.rested_until := null;
    new.rest_reason := 'it was paused';
  elsif old.paused and not new.paused then
    insert into private.pm_stale (equipment_id) values (new.equipment_id);
  end if;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.sees_all(p_role public.user_role)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (p_role = ANY (ARRAY['manager'::public.user_role, 'admin'::public.user_role]));
grant execute on function private.sees_all(public.user_role) to authenticated;

CREATE OR REPLACE FUNCTION private.sees_every_warehouse()
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$ select coalesce(private.sees_all((private.me()).role), false) $function$;
grant execute on function private.sees_every_warehouse() to authenticated;

CREATE OR REPLACE FUNCTION private.sees_own_warehouse(p_role public.user_role)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (p_role = ANY (ARRAY['technician'::public.user_role, 'supervisor'::public.user_role, 'inventory_clerk'::public.user_role]));
grant execute on function private.sees_own_warehouse(public.user_role) to authenticated;

CREATE OR REPLACE FUNCTION private.send_link(p_kind text, p_profile uuid, p_email text, p_hours integer)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  token constant text := translate(encode(extensions.gen_random_bytes(32), 'base64'), '+/=', '-_');
  until constant timestamptz := now() + make_interval(hours => p_hours);
begin
  -- One after the other: two at once would both be the newest.
  perform from public.profiles where id = p_profile for no key update;
  perform private.end_links(p_profile, p_kind);
  insert into private.links (profile_id, kind, token_hash, email, expires_at)
    values (p_profile, p_kind, encode(sha256(convert_to(token, 'UTF8')), 'hex'), p_email, until);
  perform private.write_letter(p_kind, p_profile, p_email, token, until);
  return until;
end $function$;

CREATE OR REPLACE PROCEDURE private.serve(IN p_table regclass)
 LANGUAGE plpgsql
 SET search_path TO ''
AS $procedure$
begin
  execute format('alter table %s enable row level security', p_table);
  execute format('grant select on %s to authenticated', p_table);
  if exists (select from pg_attribute where attrelid = p_table and attname = 'version' and not attisdropped) then
    execute format('create trigger touch before update on %s for each row execute function private.touch()', p_table);
  end if;
  call private.take_keys(p_table);
end $procedure$;

CREATE OR REPLACE FUNCTION private.setting(p_key public.setting_key, p_warehouse uuid, p_default jsonb)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce((select s.value from public.settings s
    where s.key = p_key and (s.warehouse_id is null or s.warehouse_id = p_warehouse)
    order by s.warehouse_id nulls last limit 1), p_default)
$function$;

CREATE OR REPLACE FUNCTION private.settle_review(p_review uuid, p_decision text, p_note text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  review public.reviews;
begin
  select * into review from public.reviews r where r.id = p_review and private.is_one_of(r.warehouse_id, 'supervisor') for update;
  if review.id is null then
    return null;
  end if;
  perform private.take_key();
  if review.decision is not null then
    perform private.refuse('review_decided', 'it was decided before, and stays so');
  end if;
  update public.reviews r set decision = p_decision, note = coalesce(p_note, ''), decided_by = auth.uid(), decided_at = now()
    where r.id = review.id returning r.* into review;
  return to_jsonb(review);
end $function$;
grant execute on function private.settle_review(uuid, text, text) to authenticated;

CREATE OR REPLACE FUNCTION private.sought(p_q text)
 RETURNS tsquery
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
declare
  asked tsquery;
  alternatives tsquery;
  one tsquery;
  word text;
  bare text;
  pieces text[];
begin
  foreach word in array private.asked_words(p_q) loop
    if word = 'or' then
      alternatives := coalesce(alternatives || asked, asked, alternatives);
      asked := null;
      continue;
    end if;
    bare := private.without_marks(word, '');
    if bare = '' then
      continue;
    end if;
    one := (quote_literal(bare) || case when bare ~ '^(.|0+)$' then '' else ':*' end)::tsquery;
    pieces := array_remove(string_to_array(private.without_marks(word, ' '), ' '), '');
    if cardinality(pieces) > 1 then
      one := one || (select string_agg(
          quote_literal(p) || case when n = cardinality(pieces) and p !~ '^(.|0+)$' then ':*' else '' end, ' & ')
        from unnest(pieces) with ordinality u (p, n))::tsquery;
    end if;
    one := case when word ~ '^-[^-]' then !! one else one end;
    asked := coalesce(asked && one, one);
  end loop;
  return coalesce(alternatives || asked, asked, alternatives);
end $function$;
grant execute on function private.sought(text) to authenticated;

CREATE OR REPLACE FUNCTION private.speak_for(p_person uuid)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  perform set_config('request.jwt.claims',
    (coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb
      || jsonb_build_object('sub', p_person))::text, true);
  perform set_config('role', 'authenticated', true);
  if private.my_role() is null then
    raise insufficient_privilege using message = 'nobody active has this id';
  end if;
end $function$;
grant execute on function private.speak_for(uuid) to millwright_request_api;

CREATE OR REPLACE FUNCTION private.standing(p_work_order uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select jsonb_build_object('status', w.status, 'version', w.version, 'role', private.my_role(), 'me', auth.uid(),
    'at_home', private.sees_every_warehouse() or w.warehouse_id = private.my_warehouse(),
    'assigned_to', w.assigned_to, 'requested_by', w.requested_by, 'had_a_hand', private.had_a_hand(w.id),
    'signature', (select h.completion_signature from public.warehouses h where h.id = w.warehouse_id),
    'undecided_items', (select count(*) from public.checklist_items i where i.work_order_id = w.id and i.state = 'pending'),
    'running_clocks', (select count(*) from public.time_logs t where t.work_order_id = w.id and t.stopped_at is null))
  from public.work_orders w where w.id = p_work_order
$function$;
grant execute on function private.standing(uuid) to authenticated;

CREATE OR REPLACE FUNCTION private.standing_of(p_id uuid, p_status public.work_order_status, p_warehouse uuid, p_assigned_to uuid, p_requested_by uuid, p_me public.profiles, OUT open_moves text[], OUT may text[])
 RETURNS record
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  mine constant text[] := private.parts_in(p_id, p_status, p_warehouse, p_assigned_to, p_requested_by, p_me);
  leads constant boolean := 'leads' = any (mine);
  helps constant boolean := 'helps' = any (mine);
  has_stock constant boolean := 'keeps' = any (mine) or (helps and p_me.role <> 'contractor');
  says constant boolean := p_me.role <> 'inventory_clerk';
  is_open constant boolean := private.is_open(p_status);
  goes_on constant boolean := not private.is_frozen(p_status);
  unfinished constant boolean := p_status = 'in_progress' and helps and (
    exists (select from public.checklist_items i where i.work_order_id = p_id and i.state = 'pending')
    or exists (select from public.time_logs t where t.work_order_id = p_id and t.stopped_at is null));
begin
  open_moves := array(select m.to_status from private.moves() m
    where m.from_status = p_status and m.part = any (mine) and not (m.to_status = 'completed' and unfinished));
  may := case when 'sees' = any (mine) then array_remove(array[
    case when goes_on and leads then 'edit' end,
    case when goes_on and helps then 'describe' end,
    case when is_open and leads then 'assign' end,
    case when p_status = 'new' and mine && '{leads,takes}' then 'take' end,
    case when is_open and p_status <> 'on_hold' and helps then 'acknowledge' end,
    case when is_open and leads then 'plan' end,
    case when is_open and helps then 'check' end,
    case when goes_on and helps then 'log_time' end,
    case when p_status = 'in_progress' and helps then 'start_clock' end,
    case when goes_on and has_stock then 'use_parts' end,
    case when is_open and has_stock then 'reserve' end,
    case when goes_on and leads then 'relate' end,
    case when says then 'comment' end,
    case when says then 'attach' end], null) else '{}' end;
end $function$;
grant execute on function private.standing_of(uuid, public.work_order_status, uuid, uuid, uuid, public.profiles) to authenticated;

CREATE OR REPLACE FUNCTION private.state_passes()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into private.past_states (of_table, subject, was)
    select tg_table_name, old.id, jsonb_object_agg(c, to_jsonb(old) -> c) from unnest(tg_argv) c;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.stays_as_it_is()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  raise insufficient_privilege using message = tg_table_name || ' is never edited';
end $function$;

CREATE OR REPLACE FUNCTION private.stock_is_reserved()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  part public.parts;
  change constant numeric := case when tg_op = 'DELETE' then 0 else new.quantity end
    - case when tg_op = 'INSERT' then 0 else old.quantity end;
begin
  perform from public.work_orders w where w.id in (old.work_order_id, new.work_order_id) for no key update;
  select * into part from public.parts
    where id = case when tg_op = 'DELETE' then old.part_id else new.part_id end for update;
  if part.id is null then
    perform private.no_such('part_reservations', 'part_id');
  elsif tg_op <> 'DELETE' and private.is_amount(new.quantity, 1000000, 3) is not true then
    -- Left to the check of its column.
    new.warehouse_id := part.warehouse_id;
    return new;
  elsif part.reserved + change > part.on_hand then
    perform private.refuse('insufficient_stock',
      format('%s are on hand, %s of them reserved already', part.on_hand, part.reserved),
      jsonb_build_object('on_hand', part.on_hand, 'available', trim_scale(part.on_hand - part.reserved), 'needed', change));
  end if;
  update public.parts set reserved = trim_scale(reserved + change) where id = part.id;
  if tg_op = 'DELETE' then
    return old;
  end if;
  new.warehouse_id := part.warehouse_id;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.stock_moves()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  part public.parts;
  own numeric := 0;
  out_there record;
  change constant numeric := case new.type when 'used' then -new.quantity else new.quantity end;
begin
  perform from public.part_reservations r where r.work_order_id = new.work_order_id and r.part_id = new.part_id for update;
  perform from public.work_orders where id = new.work_order_id for no key update;
  select * into part from public.parts where id = new.part_id for update;
  if part.id is null then
    perform private.no_such('part_transactions', 'part_id');
  end if;
  new.warehouse_id := part.warehouse_id;
  -- A quantity that is none is left to the check of its column.
  if private.is_amount(abs(new.quantity), 1000000, 3) is not true then
    new.balance := 0;
    return new;
  end if;
  if new.type = 'used' and new.work_order_id is not null then
    own := coalesce((select r.quantity from public.part_reservations r
      where r.part_id = new.part_id and r.work_order_id = new.work_order_id), 0);
  end if;
  -- An adjustment may be negative, and uses no reservation up.
  if part.on_hand + change < part.reserved - least(own, greatest(new.quantity, 0)) then
    perform private.refuse('insufficient_stock',
      format('%s are on hand, %s of them reserved for other work', part.on_hand, trim_scale(part.reserved - own)),
      jsonb_build_object('on_hand', part.on_hand, 'available', trim_scale(part.on_hand - part.reserved + own), 'needed', -change));
  elsif part.on_hand + change > 2147483647 then
    perform private.refuse('stock_is_full', 'of a part at most 2147483647 are on hand');
  end if;
  if own > new.quantity then
    update public.part_reservations set quantity = quantity - new.quantity
      where part_id = new.part_id and work_order_id = new.work_order_id;
  elsif own > 0 then
    delete from public.part_reservations where part_id = new.part_id and work_order_id = new.work_order_id;
  end if;
  if new.type = 'returned' then
    select * into out_there from private.stock_out_there(new.part_id, new.work_order_id);
    if new.quantity > out_there.pieces then
      perform private.refuse('not_taken', format('%s were taken there and have not come back', trim_scale(out_there.pieces)));
    end if;
    new.unit_cost := out_there.unit_cost;
  else
    new.unit_cost := coalesce(new.unit_cost, part.unit_cost);
  end if;
  update public.parts set on_hand = trim_scale(on_hand + change) where id = new.part_id returning on_hand into new.balance;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.stock_out_there(p_part uuid, p_work_order uuid, OUT pieces numeric, OUT unit_cost numeric)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
#variable_conflict use_column
begin
  select coalesce(sum(m.pieces), 0), trunc(sum(m.pieces * m.unit_cost) / nullif(sum(m.pieces), 0), 6)
    into stock_out_there.pieces, stock_out_there.unit_cost
    from (select case x.type when 'used' then x.quantity else -x.quantity end as pieces, x.unit_cost
      from public.part_transactions x
      where x.part_id = p_part and x.type in ('used', 'returned')
        and (x.work_order_id = p_work_order or (p_work_order is null and x.work_order_id is null))) m;
end $function$;

CREATE OR REPLACE FUNCTION private.stock_runs_low()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  kind public.event_kind;
begin
  if new.on_hand = 0 and old.on_hand > 0 then
    kind := 'part_out_of_stock';
  elsif new.on_hand - new.reserved < new.reorder_point and old.on_hand - old.reserved >= old.reorder_point then
    kind := 'part_low_stock';
  else
    return null;
  end if;
  insert into public.events (kind, warehouse_id, actor_id, details) values (kind, new.warehouse_id, auth.uid(),
    jsonb_build_object('part_id', new.id, 'part_number', new.part_number, 'name', new.name,
      'on_hand', new.on_hand, 'reserved', new.reserved, 'reorder_point', new.reorder_point));
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.take_key()
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  headers constant json := nullif(current_setting('request.headers', true), '')::json;
begin
  if headers ->> 'idempotency-key' is not null then
    insert into private.idempotency_keys (caller, key, fingerprint)
      values (auth.uid(), headers ->> 'idempotency-key', coalesce(headers ->> 'x-fingerprint', ''));
  end if;
end $function$;
grant execute on function private.take_key() to authenticated;

CREATE OR REPLACE PROCEDURE private.take_keys(IN p_table regclass)
 LANGUAGE plpgsql
 SET search_path TO ''
AS $procedure$
begin
  execute format('create trigger _take_key before insert on %s for each row
    when (auth.uid() is not null) execute function private.insert_takes_key()', p_table);
  execute format('create trigger keep_answer after insert on %s for each row
    when (auth.uid() is not null) execute function private.insert_keeps_answer()', p_table);
end $procedure$;

CREATE OR REPLACE FUNCTION private.take_mutation(p_device uuid, p_item jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  unknown text;
begin
  perform private.only_the_request_api();
  select k into unknown from jsonb_object_keys(p_item -> 'said') k where not exists (
    select from pg_catalog.pg_attribute a
    where a.attrelid = private.offline_table(p_item ->> 'entity') and a.attname = k and a.attnum > 0);
  if unknown is not null then
    raise invalid_parameter_value using message = format('%s has no %s', p_item ->> 'entity', unknown);
  end if;
  insert into private.sync_mutations (caller, mutation, device, entity, fingerprint, base_version, phone_time, at, typed,
      entity_id, version, said, answer)
    values (auth.uid(), (p_item ->> 'mutation')::uuid, p_device, p_item ->> 'entity', p_item ->> 'fingerprint',
      (p_item ->> 'base_version')::integer, (p_item ->> 'phone_time')::timestamptz, (p_item ->> 'at')::timestamptz,
      p_item -> 'typed', (p_item ->> 'entity_id')::uuid, (p_item -> 'answer' ->> 'version')::integer, p_item -> 'said',
      p_item -> 'answer')
    on conflict do nothing;
  if found then
    return null;
  end if;
  return (select jsonb_build_object('fingerprint', m.fingerprint, 'answer', m.answer) from private.sync_mutations m
    where m.caller = auth.uid() and m.mutation = (p_item ->> 'mutation')::uuid);
end $function$;
grant execute on function private.take_mutation(uuid, jsonb) to authenticated;

CREATE OR REPLACE FUNCTION private.take_rate(p_name text, p_subject text, p_max integer, p_seconds integer)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  wait constant integer := private.count_use(p_name, p_subject, p_max, p_seconds);
begin
  if wait is not null then
    raise exception using errcode = 'PT429', message = 'too_many_requests', detail = wait::text;
  end if;
end $function$;

CREATE OR REPLACE FUNCTION private.take_turn(p_table text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  home constant uuid := case when not private.sees_every_warehouse() then private.my_warehouse() end;
begin
  if home is null then
    perform pg_advisory_xact_lock(hashtextextended('private.take_turn ' || p_table, 0));
  else
    perform pg_advisory_xact_lock(hashtextextended('private.take_turn ' || p_table || home, 0));
    perform pg_advisory_xact_lock_shared(hashtextextended('private.take_turn ' || p_table, 0));
  end if;
end $function$;
grant execute on function private.take_turn(text) to authenticated;

CREATE OR REPLACE FUNCTION private.template_is_stale()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  retimed constant boolean := tg_op = 'UPDATE' and
    (new.rrule, new.exdates, new.starts_on, new.basis, new.lead_time_days, new.season_from, new.season_until, new.weekends,
      new.holidays, new.catch_up, new.overlap, new.meter_name, new.meter_every, new.meter_at) is distinct from
    (old.rrule, old.exdates, old.starts_on, old.basis, old.lead_time_days, old.season_from, old.season_until, old.weekends,
      old.holidays, old.catch_up, old.overlap, old.meter_name, old.meter_every, old.meter_at);
begin
  if tg_op = 'INSERT' or retimed
      or (new.active, new.rests_in_maintenance) is distinct from (old.active, old.rests_in_maintenance) then
    insert into private.pm_stale (template_id, retimed) values (new.id, retimed);
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.template_opens()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  new.warehouse_id := coalesce(new.warehouse_id, private.my_warehouse());
  new.lead_time_days := coalesce(new.lead_time_days,
    private.setting('default_pm_lead_time_days', new.warehouse_id, '7')::text::smallint);
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.time_was_before_the_end()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  work record;
begin
  select w.status, w.completed_at into work from public.work_orders w where w.id = new.work_order_id;
  if not private.is_done(work.status) then
    return null;
  elsif tg_op = 'INSERT' and new.profile_id <> auth.uid() then
    perform private.refuse('work_has_ended', format('the work order is %s: now people bring only their own time', work.status));
  elsif new.stopped_at > work.completed_at
      and (tg_op = 'INSERT' or (new.started_at, new.stopped_at) is distinct from (old.started_at, old.stopped_at)) then
    perform private.refuse('work_has_ended', format('the work order is %s: only time before that is logged', work.status));
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.touch()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  new.version := old.version + 1;
  new.updated_at := now();
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.touch_work_order()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  aside constant text[] := array['last_activity_at', 'response_due_at', 'resolution_due_at'];
begin
  if (new.last_activity_at, new.response_due_at, new.resolution_due_at)
      is distinct from (old.last_activity_at, old.response_due_at, old.resolution_due_at)
      and to_jsonb(new) - aside = to_jsonb(old) - aside then
    return new;
  end if;
  new.version := old.version + 1;
  new.updated_at := now();
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.up_to(p_place text, p_falling boolean, p_value text, p_id uuid, p_up_to boolean)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select format(case when p_place = 'w.id' then 'w.id %1$s %4$L' else '(%2$s, w.id) %1$s (%3$L, %4$L)' end,
    case when p_up_to then case when p_falling then '>=' else '<=' end else case when p_falling then '<' else '>' end end,
    p_place, p_value, p_id)
$function$;

CREATE OR REPLACE FUNCTION private.update_of(p_table regclass, p_set jsonb)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select format('update %1$s t set (%2$s) = (select %2$s from jsonb_populate_record(null::%1$s, $1)) where t.id = $2', p_table,
    (select string_agg(quote_ident(c), ', ') from jsonb_object_keys(p_set) c))
$function$;
grant execute on function private.update_of(regclass, jsonb) to authenticated;

CREATE OR REPLACE FUNCTION private.urgency(p_priority public.priority)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select case p_priority when 'low' then 0 when 'medium' then 1 when 'high' then 2 when 'critical' then 3 end
$function$;
grant execute on function private.urgency(public.priority) to authenticated;

CREATE OR REPLACE FUNCTION private.use_link(p_hash text, VARIADIC p_kinds text[])
 RETURNS private.links
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  used private.links;
begin
  -- Of two at the same moment the second waits for the first, and then finds nothing.
  delete from private.links l using public.profiles p
    where l.token_hash = p_hash and l.kind = any (p_kinds) and l.expires_at > now() and p.id = l.profile_id and p.active
    returning l.* into used;
  return used;
end $function$;

CREATE OR REPLACE FUNCTION private.uuidv7()
 RETURNS uuid
 LANGUAGE sql
 PARALLEL SAFE
 SET search_path TO ''
AS $function$
  select encode(
    set_bit(set_bit(
      overlay(
        uuid_send(gen_random_uuid())
        placing substring(int8send(floor(extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
        from 1 for 6),
      52, 1), 53, 1), 'hex')::uuid
$function$;
grant execute on function private.uuidv7() to authenticated;

CREATE OR REPLACE FUNCTION private.wait_for(p_name text, p_subject text, p_max integer)
 RETURNS integer
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  select greatest(1, ceil(extract(epoch from r.ends_at - clock_timestamp())))::integer from private.rates r
  where r.name = p_name and r.subject = p_subject and r.taken >= p_max and r.ends_at > clock_timestamp()
$function$;

CREATE OR REPLACE FUNCTION private.why_found(p_q text, p_codes jsonb, p_texts jsonb, p_long text)
 RETURNS text[]
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with piece as (
    select w.n, w.word, count(*) filter (where w.word = 'or') over (order by w.n) as alternative
    from unnest(private.asked_words(p_q)) with ordinality w (word, n)),
  sought as (
    select p.n, p.alternative, private.sought(p.word) as q from piece p where p.word not like '-%' and p.word <> 'or'),
  field as (
    select c.key, private.words(array[c.value], '{}') as words from jsonb_each_text(p_codes) c where c.value is not null
    union all
    select t.key, private.words('{}', array[t.value]) from jsonb_each_text(p_texts) t where t.value is not null),
  hit as (select s.n, f.key from sought s join field f on f.words @@ s.q)
  select array(select distinct h.key from hit h order by 1) || case
    when not exists (select from sought s where s.q is not null group by s.alternative
      having bool_and(exists (select from hit h where h.n = s.n))) then array[p_long] else '{}' end
$function$;
grant execute on function private.why_found(text, jsonb, jsonb, text) to authenticated;

CREATE OR REPLACE FUNCTION private.without_marks(p_folded text, p_instead text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN regexp_replace(p_folded, '[\s!-/:-@\[-`{-~§°´–—‘’‚“”„•…«»·×]+'::text, p_instead, 'g'::text);
grant execute on function private.without_marks(text, text) to authenticated;

CREATE OR REPLACE FUNCTION private.words(p_codes text[], p_texts text[])
 RETURNS tsvector
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE COST 2000
AS $function$
declare
  code text;
  ends text[] := '{}';
begin
  foreach code in array string_to_array(private.without_marks(private.folded(array_to_string(p_codes, E'\x01')), ''), E'\x01') loop
    for start in 1 .. least(length(code), 100) loop
      ends := ends || substr(code, start);
    end loop;
  end loop;
  -- Folding makes of some characters eighteen: what is longer than any text by then is not looked at.
  return to_tsvector('pg_catalog.simple', left(private.without_marks(private.folded(array_to_string(p_texts || p_codes, ' ')), ' '), 20000))
    || array_to_tsvector(ends);
end $function$;
grant execute on function private.words(text[], text[]) to authenticated;

CREATE OR REPLACE FUNCTION private.work_changes_hands()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.hands_change(new.id, new.equipment_id, old.assigned_to, new.assigned_to);
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.work_comes_to_hand()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.note_changes('equipment', array(select distinct w.equipment_id
    from written w join public.profiles p on p.id = w.assigned_to and p.role = 'contractor' where w.equipment_id is not null));
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.work_goes_on()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  status public.work_order_status;
begin
  for status in select w.status from public.work_orders w where w.id in (old.work_order_id, new.work_order_id)
      order by w.id for no key update loop
    if private.is_frozen(status) or (tg_argv[0] = 'done' and not private.is_open(status)) then
      perform private.refuse('work_has_ended', format('the work order is %s', status));
    end if;
  end loop;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.work_is_done_on_it()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.note_activity(new.work_order_id);
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.work_is_signed()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  asked public.signature_rule;
  drawn public.attachments;
  unusable text;
begin
  if new.status <> 'completed' or old.status = 'completed' then
    if (new.signature_name, new.signature_id) is distinct from (old.signature_name, old.signature_id) then
      perform private.refuse('signed_at_completion', 'it is signed when it is completed, neither before nor after');
    elsif private.is_open(new.status) then
      -- Taken up again: its history keeps the signature, and the next completion has its own.
      new.signature_name := null;
      new.signature_id := null;
    end if;
    return new;
  end if;
  select h.completion_signature into asked from public.warehouses h where h.id = new.warehouse_id;
  if asked <> 'optional' and new.signature_name is null or asked = 'drawn' and new.signature_id is null then
    perform private.refuse('signature_needed', case asked
      when 'drawn' then 'work is completed here with a name and a drawn signature'
      else 'work is completed here with the name of whoever signs' end);
  end if;
  if new.signature_id is not null then
    select * into drawn from public.attachments a where a.id = new.signature_id for no key update;
    unusable := case
      when drawn.is_signature then 'work was completed with it before: a signature is used once'
      when drawn.state in ('quarantined', 'failed') then format('it cannot be read: it is %s', drawn.state)
      when drawn.content_type not in ('image/jpeg', 'image/png', 'image/webp') then 'it is no picture' end;
    if unusable is not null then
      perform private.refuse('signature_unusable', unusable);
    end if;
    update public.attachments set is_signature = true where id = drawn.id;
  end if;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.work_order_goes_on()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  brought constant text[] := case when new.status <> old.status then '{status,status_note,custom_fields}' else '{}' end;
begin
  if (to_jsonb(new) - brought) is distinct from (to_jsonb(old) - brought) then
    perform private.refuse('work_has_ended', format('the work order is %s', old.status));
  end if;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.work_order_is_acknowledged()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if not private.is_open(new.status) or new.status = 'on_hold' then
    perform private.refuse('nothing_to_acknowledge', 'nobody waits for it now');
  elsif new.acknowledged_until > now() + interval '1440 minutes' then
    perform private.refuse('acknowledged_too_long', 'it is acknowledged for at most 1440 minutes');
  end if;
  new.acknowledged_by := auth.uid();
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.work_order_is_changed()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform private.write_history(new.id, 'work_order', new.id, new.version, private.changes(to_jsonb(old), to_jsonb(new),
    array['version', 'updated_at', 'last_activity_at', 'response_due_at', 'resolution_due_at']));
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.work_order_moves()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  undecided integer;
begin
  if new.assigned_to is distinct from old.assigned_to then
    if new.status = 'new' and old.status = 'new' and new.assigned_to is not null then
      new.status := 'assigned';
    elsif not private.is_open(old.status) or new.assigned_to is null
        or (old.status <> 'new' and not private.is_one_of(old.warehouse_id, 'supervisor')) then
      perform private.refuse('move_not_open', 'it cannot be given to someone else now, or not by you');
    end if;
  end if;
  if new.status <> old.status then
    if not private.may_move(old, new.status, new.assigned_to) then
      perform private.refuse('move_not_open',
        format('from %s it cannot become %s now, or not by you', old.status, new.status));
    elsif new.status = 'assigned' and new.assigned_to is null then
      perform private.refuse('move_not_open', 'it can be assigned only to someone');
    elsif private.is_done(old.status) and new.status = 'in_progress' and new.status_note = '' then
      perform private.refuse('reason_needed', 'whoever reopens it says why');
    end if;
    if new.status = 'completed' then
      select count(*) into undecided from public.checklist_items i where i.work_order_id = old.id and i.state = 'pending';
      if undecided > 0 then
        perform private.refuse('checklist_undecided', format('%s items of the checklist are not decided', undecided));
      elsif exists (select from public.time_logs t where t.work_order_id = old.id and t.stopped_at is null) then
        perform private.refuse('clock_runs', 'someone''s time is still running');
      end if;
      new.completed_at := now();
      new.completed_by := auth.uid();
    elsif new.status = 'in_progress' then
      new.started_at := coalesce(old.started_at, now());
      new.completed_at := null;
      new.completed_by := null;
      new.verified_by := null;
    elsif new.status = 'verified' then
      new.verified_by := auth.uid();
    end if;
    if old.status = 'on_hold' then
      new.hold_reason := null;
    end if;
    -- A move by a requester is no activity.
    if private.my_role() <> 'requester' then
      new.last_activity_at := now();
    end if;
    new.acknowledged_until := null;
    new.acknowledged_by := null;
  end if;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.work_order_opens()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  new.requested_by := coalesce(new.requested_by, auth.uid());
  new.warehouse_id := coalesce(new.warehouse_id, private.my_warehouse());
  if new.status = 'new' and new.assigned_to is not null then
    new.status := 'assigned';
  end if;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.work_orders_tell()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into public.events (kind, warehouse_id, work_order_id, actor_id)
    select 'wo_assigned'::public.event_kind, n.warehouse_id, n.id, auth.uid() from opened n where n.assigned_to is not null
    union all
    select 'request_received', n.warehouse_id, n.id, auth.uid() from opened n
      where n.assigned_to is null and n.type <> 'preventive';
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.work_orders_tell_changes()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into public.events (kind, warehouse_id, work_order_id, actor_id)
    select 'wo_assigned'::public.event_kind, n.warehouse_id, n.id, auth.uid()
    from changed n join previous o on o.id = n.id
    where n.assigned_to is not null and n.assigned_to is distinct from o.assigned_to
    union all
    select 'wo_completed', n.warehouse_id, n.id, auth.uid()
    from changed n join previous o on o.id = n.id
    where n.status = 'completed' and o.status <> 'completed';
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.work_orders_with(q text, first jsonb)
 RETURNS SETOF uuid
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 100
 SET search_path TO ''
AS $function$
begin
  return query select * from private.found('public.work_orders',
    'private.words(array[w.number, w.fo_number, w.asset_model], array[w.title, w.description, w.area])',
    case when private.sees_every_warehouse() then 'w.archived_at is null'
      else format('w.archived_at is null and w.warehouse_id = %L', private.my_warehouse()) end,
    case when not private.sees_all(private.my_role()) and not private.sees_own_warehouse(private.my_role())
      then 'private.my_work()' end,
    q, first);
end $function$;
grant execute on function private.work_orders_with(text, jsonb) to authenticated;

CREATE OR REPLACE FUNCTION private.work_stops()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update public.time_logs set stopped_at = greatest(now(), started_at + interval '1 microsecond')
    where work_order_id = new.id and stopped_at is null;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.worker_fits()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if not private.can_be_assigned(new.profile_id,
      (select w.warehouse_id from public.work_orders w where w.id = new.work_order_id)) then
    perform private.no_such(tg_table_name, 'profile_id');
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.works_on(p_work_order uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select exists (select from public.work_orders w where w.id = p_work_order
    and (private.is_one_of(w.warehouse_id, 'supervisor')
      or (private.is_one_of(w.warehouse_id, 'technician', 'contractor')
        and (w.assigned_to = (select auth.uid()) or exists (select from public.work_order_crew c
          where c.work_order_id = w.id and c.profile_id = (select auth.uid()))))))
$function$;
grant execute on function private.works_on(uuid) to authenticated;

CREATE OR REPLACE FUNCTION private.write_apart(p_write text, p_now timestamp with time zone, p_rows jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  many constant integer := jsonb_array_length(p_rows);
  told jsonb;
  state text;
  words text;
  half jsonb;
  counts jsonb := '{}';
  refused jsonb := '[]';
begin
  begin
    execute format('select private.%I($1, $2)', p_write) into told using p_now, p_rows;
    return jsonb_build_object('counts', told, 'refused', refused);
  exception when others then
    get stacked diagnostics state = returned_sqlstate, words = message_text;
    if not private.is_of_a_row(state) then
      raise;
    end if;
  end;
  if many = 1 then
    return jsonb_build_object('counts', counts, 'refused',
      jsonb_build_array(jsonb_build_object('row', p_rows -> 0, 'reason', words)));
  end if;
  for half in select jsonb_agg(r.value order by r.nth) from jsonb_array_elements(p_rows) with ordinality r (value, nth)
    group by r.nth > many / 2 order by r.nth > many / 2
  loop
    told := private.write_apart(p_write, p_now, half);
    counts := private.added(counts, told -> 'counts');
    refused := refused || (told -> 'refused');
  end loop;
  return jsonb_build_object('counts', counts, 'refused', refused);
end $function$;

CREATE OR REPLACE FUNCTION private.write_archived(p_now timestamp with time zone, p_ids jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  archived integer;
begin
  update public.work_orders set archived_at = p_now
    where id in (select i::uuid from jsonb_array_elements_text(p_ids) i);
  get diagnostics archived = row_count;
  return jsonb_build_object('archived', archived);
end $function$;

CREATE OR REPLACE FUNCTION private.write_decisions(p_now timestamp with time zone, p_decisions jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  locked uuid[];
  taken uuid[];
  counts jsonb;
  given integer;
begin
  -- Work orders are locked before their clocks, as everywhere.
  locked := array(select w.id
    from jsonb_to_recordset(p_decisions) as d(work_order_id uuid, shows boolean, step jsonb)
    join public.work_orders w on w.id = d.work_order_id
    where d.shows or jsonb_typeof(d.step) = 'object'
    order by w.id for no key update of w skip locked);
  taken := array(select c.work_order_id
    from jsonb_to_recordset(p_decisions) as d(work_order_id uuid, clock_version integer, shows boolean, step jsonb)
    join private.escalation_clocks c on c.work_order_id = d.work_order_id
    where c.version = d.clock_version
      and (c.work_order_id = any (locked) or not (d.shows or coalesce(jsonb_typeof(d.step) = 'object', false)))
    order by c.work_order_id for update of c skip locked);
  with decision as materialized (
    select d.work_order_id, d.next_look, d.chains, d.response_due_at, d.resolution_due_at, d.shows, s.rule_id, s.level,
      s.action, s.reason, case when s.assignee is null or private.can_be_assigned(s.assignee, w.warehouse_id) then s.outcome
        else 'nobody to give it to: whom it was meant for may not have it any more' end as outcome
    from jsonb_to_recordset(p_decisions) as d(work_order_id uuid, next_look timestamptz, chains jsonb,
        response_due_at timestamptz, resolution_due_at timestamptz, shows boolean, step jsonb)
      join public.work_orders w on w.id = d.work_order_id
      left join lateral jsonb_to_record(d.step) as s(rule_id uuid, level smallint, action text, reason text, assignee uuid,
        outcome text) on true
    where d.work_order_id = any (taken) and (s.level is null or w.escalation_level = s.level - 1)),
  recorded as (
    insert into public.escalations (work_order_id, rule_id, level, action, reason, outcome, decided_for)
      select work_order_id, rule_id, level, action, reason, outcome, p_now from decision where rule_id is not null
      on conflict (work_order_id, rule_id, level) do nothing
      returning work_order_id),
  written as (
    update public.work_orders w set response_due_at = d.response_due_at, resolution_due_at = d.resolution_due_at,
        escalated = w.escalated or d.rule_id is not null, escalation_level = coalesce(d.level, w.escalation_level),
        escalated_at = case when d.rule_id is null then w.escalated_at else p_now end
      from decision d
      where w.id = d.work_order_id
        and case when d.rule_id is null then d.shows else d.work_order_id in (select r.work_order_id from recorded r) end
      returning w.id, w.warehouse_id, d.rule_id, d.level, d.action, d.reason, d.outcome),
  told as (
    insert into public.events (kind, warehouse_id, work_order_id, details)
      select 'wo_escalation', warehouse_id, id, jsonb_strip_nulls(jsonb_build_object('rule_id', rule_id, 'level', level,
        'action', action, 'reason', reason, 'outcome', nullif(outcome, '')))
      from written where rule_id is not null),
  looked as (
    update private.escalation_clocks c set check_at = coalesce(d.next_look, 'infinity'), chains = d.chains,
        version = c.version + 1
      from decision d
      where c.work_order_id = d.work_order_id
        and (d.rule_id is null or d.work_order_id in (select r.work_order_id from recorded r))
      returning c.work_order_id)
  select jsonb_build_object('escalated', (select count(*) from recorded),
    'deadlines', (select count(*) from decision where shows),
    'stale', jsonb_array_length(p_decisions) - (select count(*) from looked)) into counts;
  -- A statement of its own, so that the triggers on `assigned_to` run only for the reassigned work orders.
  update public.work_orders w set assigned_to = d.assignee,
      status = case when w.status = 'new' then 'assigned' else w.status end
    from (select d.work_order_id, (d.step ->> 'assignee')::uuid as assignee, (d.step ->> 'level')::smallint as level
      from jsonb_to_recordset(p_decisions) as d(work_order_id uuid, step jsonb)) d
    where w.id = d.work_order_id and w.id = any (taken) and w.escalation_level = d.level
      and w.assigned_to is distinct from d.assignee and private.can_be_assigned(d.assignee, w.warehouse_id);
  get diagnostics given = row_count;
  return counts || jsonb_build_object('reassigned', given);
end $function$;

CREATE OR REPLACE FUNCTION private.write_history(p_work_order uuid, p_subject text, p_subject_id uuid, p_version integer, p_changes jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  head private.history_heads;
  entry public.work_order_history;
begin
  if p_changes = '{}' then
    return;
  end if;
  -- Locks the head, so that entries of one work order are written one after the other.
  insert into private.history_heads as h (work_order_id, length, hash) values (p_work_order, 0, '')
    on conflict (work_order_id) do update set length = h.length returning * into head;
  entry.id := private.uuidv7();
  entry.work_order_id := p_work_order;
  entry.position := head.length + 1;
  entry.subject := p_subject;
  entry.subject_id := p_subject_id;
  entry.version := p_version;
  entry.changes := p_changes;
  entry.mutation_id := nullif(current_setting('millwright.mutation', true), '')::uuid;
  entry.actor_id := auth.uid();
  -- A function that speaks for a person is not the actor.
  entry.actor_function := case when entry.actor_id is null then private.calling_function() end;
  entry.happened_at := clock_timestamp();
  entry.previous_hash := head.hash;
  entry.hash := private.history_hash(entry);
  insert into public.work_order_history select entry.*;
  update private.history_heads set length = entry.position, hash = entry.hash where work_order_id = p_work_order;
end $function$;

CREATE OR REPLACE FUNCTION private.write_letter(p_kind text, p_profile uuid, p_email text, p_token text, p_until timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  delete from private.letters where id = any (array(
    select id from private.letters where expires_at <= now() order by expires_at limit 100 for update skip locked));
  insert into private.letters (kind, profile_id, email, token, expires_at)
    values (p_kind, p_profile, p_email, p_token, p_until);
end $function$;

CREATE OR REPLACE FUNCTION private.write_notifications(p_now timestamp with time zone, p_told jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  moment constant timestamptz := clock_timestamp();
  written jsonb;
begin
  with done as materialized (
    select id, kind, work_order_id, warehouse_id, actor_id from public.events
    where id in (select (t ->> 'event_id')::uuid from jsonb_array_elements(p_told) t) and expanded_at is null
    order by id for update),
  wanted as materialized (
    select private.uuidv7() as id, done.id as event_id, done.kind, done.work_order_id, n.recipient_id, n.title, n.body, n.channels,
      case when private.is_urgent(w.type, w.priority) then 30 else 10 end as most,
      case when n.channels <> '{}' and (done.actor_id is not null or done.kind = 'request_received') then
        encode(sha256(convert_to(concat_ws(' ', n.recipient_id, done.kind, coalesce(done.actor_id, done.warehouse_id),
          private.is_urgent(w.type, w.priority)), 'UTF8')), 'hex') end as counted_as
    from jsonb_array_elements(p_told) t
      join done on done.id = (t ->> 'event_id')::uuid
      left join public.work_orders w on w.id = done.work_order_id,
      jsonb_to_recordset(t -> 'notifications') as n(recipient_id uuid, title text, body text, channels public.channel[])),
  -- In one order, so that two senders cannot deadlock.
  counted as (
    insert into private.rates as r (name, subject, taken, ends_at)
      select 'messages', counted_as, count(*), moment + interval '1 hour' from wanted
      where counted_as is not null group by counted_as order by counted_as
      on conflict (name, subject) do update set
        taken = case when r.ends_at <= moment then excluded.taken else r.taken + excluded.taken end,
        ends_at = case when r.ends_at <= moment then excluded.ends_at else r.ends_at end
      returning subject, taken),
  placed as materialized (
    select wanted.*, coalesce(counted.taken + 1 - row_number() over (partition by counted_as order by event_id desc), 0) as place
    from wanted left join counted on counted.subject = wanted.counted_as),
  notification as (
    insert into public.notifications (id, event_id, recipient_id, type, title, body, work_order_id)
      select id, event_id, recipient_id, kind, title,
        case when place = most then body || E'\n\nMore of these within the hour are in the inbox alone.' else body end, work_order_id
      from placed
      on conflict (event_id, recipient_id) do nothing
      returning id),
  delivery as (
    insert into public.deliveries (notification_id, channel)
      select notification.id, channel
      from notification join placed on placed.id = notification.id, unnest(placed.channels) channel
      where placed.place <= placed.most
      returning id),
  expanded as (
    update public.events set expanded_at = p_now from done where events.id = done.id returning events.id)
  select jsonb_build_object(
    'events', (select count(*) from expanded),
    'notifications', (select count(*) from notification),
    'deliveries', (select count(*) from delivery)) into written;
  return written;
end $function$;

CREATE OR REPLACE FUNCTION private.write_offline(p_op jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  place constant regclass := private.offline_table(p_op ->> 'entity');
  row_ constant jsonb := coalesce(p_op -> 'row', p_op -> 'set');
  now integer;
  written integer;
begin
  if p_op ->> 'do' = 'open' then
    execute format('insert into %1$s (%2$s) select %2$s from jsonb_populate_record(null::%1$s, $1)', place,
      (select string_agg(quote_ident(c), ', ') from jsonb_object_keys(row_) c)) using row_;
    return;
  end if;
  execute private.update_of(place, row_) || ' and t.version = $3'
    using row_, (p_op ->> 'id')::uuid, (p_op ->> 'version')::integer;
  get diagnostics written = row_count;
  if written = 0 then
    execute format('select t.version from %s t where t.id = $1', place) into now using (p_op ->> 'id')::uuid;
    if now = (p_op ->> 'version')::integer then
      raise insufficient_privilege using message = 'not theirs to change';
    end if;
    raise sqlstate 'PT412' using message = 'changed_since';
  end if;
end $function$;
grant execute on function private.write_offline(jsonb) to authenticated;

CREATE OR REPLACE FUNCTION private.write_plans(p_now timestamp with time zone, p_plans jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  applied jsonb;
  replaceable uuid[];
begin
  -- Work orders are locked before schedules, as on completion. A work order that somebody has begun is not replaced.
  select coalesce(array_agg(id), '{}') into replaceable from (
    select w.id from jsonb_to_recordset(p_plans) as p(schedule_id uuid, replaced text)
    join public.pm_schedules s on s.id = p.schedule_id
    join public.work_orders w on w.id = s.last_work_order_id
    where p.replaced is not null and private.is_untouched(w.status) order by w.id for no key update of w) locked;
  -- The planner cannot know the number of plans, so no step joins two sets that were read: each goes from a row it has
  -- to one that an index finds.
  with plan as materialized (
    select s.id, s.template_id, s.equipment_id, s.warehouse_id, s.last_work_order_id, s.rested_until, p.*
    from jsonb_to_recordset(p_plans) as p(schedule_id uuid, version integer, next_due_on date, generate_on date,
      last_due_on date, meter_base numeric, meter_due_at numeric, meter_fired boolean, replaced text, occurrences jsonb)
    join public.pm_schedules s on s.id = p.schedule_id and s.version = p.version
    where s.active and (p.replaced is null or s.last_work_order_id = any (replaceable))
    order by s.id for update of s),
  decided as materialized (
    select plan.*, o.*, case when o.decision = 'generated' then private.uuidv7() end as work_order_id
    from plan left join lateral (
      select x.* from jsonb_to_recordset(plan.occurrences) as x(occurs_on date, meter_step numeric, due_on date,
        decision public.occurrence_decision, reason text)
      -- A decided occurrence stays as it is. The schedule is locked, so nobody else decides meanwhile; the unique keys
      -- guarantee it.
      where (select true from public.pm_occurrences k where k.schedule_id = plan.id and k.occurs_on = x.occurs_on) is null
        and (select true from public.pm_occurrences k where k.schedule_id = plan.id and k.meter_step = x.meter_step
          and k.annulled_at is null) is null) o
      on true),
  occurrence as (
    insert into public.pm_occurrences (schedule_id, warehouse_id, occurs_on, meter_step, due_on, tolerance_days, decision,
        reason, work_order_id, decided_for)
      select d.id, d.warehouse_id, d.occurs_on, d.meter_step, d.due_on, t.tolerance_days, d.decision, d.reason, d.work_order_id, p_now
      from decided d join public.pm_templates t on t.id = d.template_id where d.decision is not null),
  opened as (
    insert into public.work_orders (id, type, title, description, area, asset_model, equipment_id, priority,
        assigned_to, warehouse_id, due_at, last_activity_at)
      select d.work_order_id, 'preventive', t.title, t.description, e.area, e.model, e.id, t.priority,
        a.id, e.warehouse_id, (d.due_on + 1)::timestamp at time zone w.time_zone, p_now
      from decided d
      join public.pm_templates t on t.id = d.template_id
      join public.equipment e on e.id = d.equipment_id
      join public.warehouses w on w.id = e.warehouse_id
      left join public.profiles a on a.id = t.default_assignee_id and private.can_be_assigned(a.id, e.warehouse_id)
      where d.work_order_id is not null),
  checklist as (
    insert into public.checklist_items (work_order_id, position, component, action, custom_fields)
      select d.work_order_id, i.position, i.component, i.action, i.custom_fields
      from decided d join public.pm_template_items i on i.template_id = d.template_id
      where d.work_order_id is not null),
  missed as (
    insert into public.events (kind, warehouse_id, details)
      select 'missed_pm', e.warehouse_id, jsonb_build_object('schedule_id', d.id, 'title', t.title,
        'asset_tag', e.asset_tag, 'missed', count(*), 'from', min(d.due_on), 'until', max(d.due_on))
      from decided d
      join public.pm_templates t on t.id = d.template_id
      join public.equipment e on e.id = d.equipment_id
      where d.decision = 'missed' group by e.warehouse_id, d.id, t.title, e.asset_tag),
  advanced as (
    update public.pm_schedules s set
        next_due_on = d.next_due_on, generate_on = d.generate_on, last_due_on = d.last_due_on,
        last_work_order_id = coalesce(d.work_order_id, s.last_work_order_id),
        rested_from = case when coalesce(d.next_due_on, 'infinity') >= d.rested_until then null else s.rested_from end,
        rested_until = case when coalesce(d.next_due_on, 'infinity') >= d.rested_until then null else s.rested_until end,
        meter_base = coalesce(d.meter_base, s.meter_base), meter_due_at = d.meter_due_at,
        meter_fired_on = coalesce(case when d.meter_fired then d.fired_on end, s.meter_fired_on)
      -- For each schedule, the work order that is due last.
      from (select distinct on (id) *, max(due_on) filter (where meter_step is not null) over (partition by id) as fired_on
        from decided order by id, work_order_id is null, due_on desc) d
      where s.id = d.id
      returning s.id),
  superseded as (
    update public.pm_occurrences o set decision = 'superseded', reason = plan.replaced
      from plan where plan.replaced is not null and o.work_order_id = plan.last_work_order_id
      returning o.id)
  select jsonb_build_object(
    'schedules', (select count(*) from advanced),
    'generated', count(*) filter (where d.decision = 'generated'),
    'skipped', count(*) filter (where d.decision = 'skipped'),
    'missed', count(*) filter (where d.decision = 'missed'),
    'superseded', (select count(*) from superseded) + count(*) filter (where d.decision = 'superseded'))
    into applied from decided d;
  -- Last, when they are no longer the last work orders of their schedules.
  if replaceable <> '{}' then
    update public.work_orders w set status = 'cancelled', status_note = o.reason
      from public.pm_occurrences o
      where w.id = any (replaceable) and o.work_order_id = w.id and o.decision = 'superseded';
  end if;
  return applied;
end $function$;

CREATE OR REPLACE FUNCTION private.written_on(p_entity text, p_subject uuid, p_device uuid, p_fields text[], p_bases integer[])
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  with recent as materialized (
    (select h.version, h.position as nth, h.changes, h.happened_at as at, h.mutation_id as mutation, h.actor_id as caller
      from public.work_order_history h
      where h.subject_id = p_subject and h.subject = rtrim(p_entity, 's') and h.version is not null
      order by h.position desc limit 5000)
    union all
    (select s.version, 2147483647, s.said, s.at, s.mutation, s.caller
      from private.sync_mutations s where s.entity_id = p_subject and s.entity = p_entity and s.said <> '{}'
      order by s.version desc limit 5000)),
  writes as materialized (
    select r.version, r.nth, r.changes, coalesce(m.at, r.at) as at, m.mutation, m.phone_time, m.base_version, m.typed,
      coalesce(m.device = p_device, false) as own,
      case when m.device = p_device then m.device else md5(m.device::text)::uuid end as device
    from recent r left join private.sync_mutations m on m.mutation = r.mutation and m.caller = r.caller),
  -- Of each field. `base` is the number of asked versions that it is later than.
  each as materialized (
    select w.*, k.field, row_number() over () as key,
      width_bucket(w.version - 1, array(select b from unnest(p_bases) b order by b)) as base,
      coalesce(max(least(coalesce(w.base_version, w.version - 1), w.version - 1)) over later >= w.version, false)
        or coalesce(max(w.phone_time) over later_there > w.phone_time, false) as typed_over
    from writes w cross join lateral jsonb_object_keys(w.changes) k (field)
    where k.field = any (p_fields)
    window later as (partition by k.field order by w.version desc groups between unbounded preceding and 1 preceding),
      later_there as (partition by k.field, w.device order by w.version desc
        groups between unbounded preceding and 1 preceding)),
  counted as materialized (
    select e.*,
      row_number() over (partition by e.field, e.own order by e.phone_time desc, e.version desc) as by_phone,
      row_number() over (partition by e.field, e.own, e.base > 0 order by e.version desc, e.nth desc) as newest,
      row_number() over (partition by e.field, e.own, e.base > 0, e.typed_over order by e.version desc, e.nth desc) as beside,
      max(e.at) over (partition by e.field, e.own, e.base > 0 order by e.version, e.nth) as until
    from each e),
  picked (key, why) as (
    -- What is typed over something counts as later.
    (select distinct on (base, field) key, 'known' from counted order by base, field, at desc)
    -- What the phone showed, and who was last.
    union all
    (select distinct on (base, field) key, 'first' from counted where base > 0 and not own
      order by base, field, version, nth)
    union all
    (select distinct on (base, field) key, 'last' from counted where base > 0 and not own
      order by base, field, at desc, mutation desc nulls last)
    -- What was typed on it before and after.
    union all
    select key, 'own' from counted where own and by_phone <= 20
    -- Texts side by side; more than 50 are not made one.
    union all
    select key, 'beside' from counted where base > 0 and not own and not typed_over and beside <= 51
    -- Which keys of an object were touched: by the newest twenty, and all that came before them counts as one.
    union all
    select key, 'newest' from counted where base > 0 and not own
      and case when newest <= 21 then jsonb_typeof(changes -> field -> 'to') = 'object' end),
  chosen as (select key, array_agg(why) as why from picked group by key),
  told as (
    select c.version, c.nth, c.key, jsonb_build_object('version', c.version, 'mutation', c.mutation, 'device', c.device,
      'phone_time', c.phone_time, 'base_version', c.base_version, 'typed_over', c.typed_over,
      'at', case when 'newest' = any (why) and c.newest = 21 then c.until else c.at end,
      'changes', jsonb_build_object(c.field, case
        when 'first' = any (why) then c.changes -> c.field
        when 'newest' = any (why) and c.newest = 21 then jsonb_build_object('to', c.changes -> c.field -> 'to', 'from',
          (select f.changes -> f.field -> 'from' from counted f
            where f.field = c.field and not f.own and f.base > 0 order by f.version, f.nth limit 1))
        when 'newest' = any (why) then c.changes -> c.field
        else '{}' end),
      'typed', case
        when c.own and c.typed ? c.field then jsonb_build_object(c.field, c.typed -> c.field)
        when c.own then '{}'
        when 'beside' = any (why) then
          jsonb_build_object(c.field, coalesce(c.typed -> c.field, c.changes -> c.field -> 'to'))
        end) as write
    from chosen join counted c using (key)
    union all
    -- Whether anybody else wrote anything.
    (select w.version, w.nth, 0, jsonb_build_object('version', w.version, 'at', w.at, 'device', w.device, 'changes', '{}'::jsonb)
      from writes w where not w.own order by w.version desc limit 1))
  select jsonb_build_object(
    'since', coalesce((select max(s.since) from (
      select min(r.version) - 1 as since from recent r group by r.nth = 2147483647 having count(*) = 5000) s), 0),
    'written', (select coalesce(jsonb_agg(t.write order by t.version, t.nth, t.key), '[]') from told t))
$function$;
grant execute on function private.written_on(text, uuid, uuid, text[], integer[]) to authenticated;

-- ------------------------------------------------------------------ functions: functions

CREATE OR REPLACE FUNCTION functions.api_token_exchange(p_hash text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  answer jsonb;
begin
  update public.api_tokens t set last_used_at = now() from public.profiles p, private.api_token_hashes h
    where h.hash = p_hash and t.id = h.token_id and t.revoked_at is null
      and (t.expires_at is null or t.expires_at > now()) and p.id = t.id and p.active
    returning jsonb_build_object('profile_id', t.id, 'role', p.role, 'warehouse_id', p.warehouse_id,
      'expires_at', t.expires_at) into answer;
  return answer;
end $function$;
grant execute on function functions.api_token_exchange(text) to millwright_request_api;

CREATE OR REPLACE FUNCTION functions.archive_work_orders(p_now timestamp with time zone, p_limit integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  ids jsonb;
  told jsonb;
  problems jsonb;
begin
  with kept as (
    select w.id as warehouse_id,
      p_now - make_interval(days => private.number_setting('auto_archive_completed_wo_days', w.id, 90)) as since
    from public.warehouses w),
  old as (
    select o.id from public.work_orders o join kept on kept.warehouse_id = o.warehouse_id
    where private.is_ended(o.status) and o.archived_at is null and o.updated_at < kept.since
      and not exists (select from public.dead_letters d
        where d.source = private.calling_function() and d.reference = 'work order ' || o.id and private.is_put_aside(d.last_seen_at))
    order by o.updated_at limit p_limit for update of o skip locked)
  select coalesce(jsonb_agg(id), '[]') into ids from old;
  told := private.write_apart('write_archived', p_now, ids);
  problems := (
    select coalesce(jsonb_agg(jsonb_build_object('subject', 'work order ' || (r ->> 'row'), 'reason', r -> 'reason')), '[]')
    from jsonb_array_elements(told -> 'refused') r);
  perform private.keep_problems(problems);
  return jsonb_build_object('counts', told -> 'counts', 'problems', problems);
end $function$;
grant execute on function functions.archive_work_orders(timestamp with time zone, integer) to millwright_pm_scheduler;

CREATE OR REPLACE FUNCTION functions.attachment_claim(p_key_prefix text, p_lease_seconds integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  upload public.attachments;
  taken smallint;
begin
  select * into upload from public.attachments a where a.id = private.attachment_at(p_key_prefix) for update;
  if upload.state is null or upload.state not in ('uploaded', 'processing') then
    return null;
  end if;
  insert into private.attachment_leases as l (attachment_id, attempt, lease_until)
    values (upload.id, 1, clock_timestamp() + make_interval(secs => p_lease_seconds))
    on conflict (attachment_id) do update set attempt = l.attempt + 1, lease_until = excluded.lease_until
      where upload.state = 'uploaded' or l.lease_until < clock_timestamp()
    returning l.attempt into taken;
  if taken is null then
    return null;
  end if;
  update public.attachments set state = 'processing' where id = upload.id and state = 'uploaded';
  return jsonb_build_object('id', upload.id, 'attempt', taken, 'content_type', upload.content_type,
    'size_bytes', upload.size_bytes);
end $function$;
grant execute on function functions.attachment_claim(text, integer) to millwright_file_processor;

CREATE OR REPLACE FUNCTION functions.attachment_fail(p_key_prefix text, p_reason text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update public.attachments set state = 'failed', reason = p_reason
    where id = private.attachment_at(p_key_prefix) and state in ('uploaded', 'processing');
  return found;
end $function$;
grant execute on function functions.attachment_fail(text, text) to millwright_file_processor, millwright_request_api;

CREATE OR REPLACE FUNCTION functions.attachment_finish(p_id uuid, p_attempt smallint, p_result jsonb)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update public.attachments a set state = r.state, reason = r.reason, sha256 = r.sha256, width = r.width,
      height = r.height, has_renditions = coalesce(r.has_renditions, false)
    from private.attachment_leases l, jsonb_to_record(p_result) as r(state public.attachment_state, reason text, sha256 text,
      width integer, height integer, has_renditions boolean)
    where a.id = p_id and l.attachment_id = a.id and l.attempt = p_attempt and a.state = 'processing';
  return found;
end $function$;
grant execute on function functions.attachment_finish(uuid, smallint, jsonb) to millwright_file_processor;

CREATE OR REPLACE FUNCTION functions.attachment_state(p_key_prefix text)
 RETURNS text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  return coalesce((select state::text from public.attachments where id = private.attachment_at(p_key_prefix)), 'unknown');
end $function$;
grant execute on function functions.attachment_state(text) to millwright_file_processor;

CREATE OR REPLACE FUNCTION functions.dead_letter(p_source text, p_reference text, p_reason text, p_body jsonb)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into public.dead_letters (source, reference, reason, body)
    values (p_source, p_reference, p_reason, p_body) on conflict do nothing;
  return found;
end $function$;
grant execute on function functions.dead_letter(text, text, text, jsonb) to millwright_file_processor;

CREATE OR REPLACE FUNCTION functions.deliveries_claim(p_claim uuid, p_limit integer, p_lease_seconds integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  -- Whoever has left is told nothing more, whatever was on its way.
  with unwanted as materialized (
    select w.id from public.deliveries w join public.notifications n on n.id = w.notification_id
      join public.profiles p on p.id = n.recipient_id and not p.active
    where w.state = 'ready' for update of w skip locked)
  update public.deliveries d set state = 'dead', last_error = 'its recipient is no longer active'
    from unwanted where d.id = unwanted.id;
  with due as materialized (
    select id from public.deliveries
    where ((state = 'ready' and run_at <= clock_timestamp())
      or (state = 'running' and lease_until < clock_timestamp()))
      -- The last number that there is: to count on would fail, and with it the whole claim.
      and attempt < 32767
    order by run_at, id limit p_limit for update skip locked)
  update public.deliveries d set state = 'running', attempt = d.attempt + 1, claim_id = p_claim,
      lease_until = clock_timestamp() + make_interval(secs => p_lease_seconds)
    from due where d.id = due.id
      and not exists (select from public.deliveries held where held.claim_id = p_claim and held.state = 'running');
  return (select coalesce(jsonb_agg(claimed), '[]') from (
    select d.id, d.attempt, d.channel, n.title, n.body, p.email
    from public.deliveries d
    join public.notifications n on n.id = d.notification_id
    join public.profiles p on p.id = n.recipient_id
    where d.claim_id = p_claim and d.state = 'running' order by d.id) claimed);
end $function$;
grant execute on function functions.deliveries_claim(uuid, integer, integer) to millwright_notification_sender;

CREATE OR REPLACE FUNCTION functions.deliveries_finish(p_results jsonb)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  finished integer;
begin
  update public.deliveries d set state = r.state, provider_id = r.provider_id, last_error = r.error,
      claim_id = null, lease_until = null,
      run_at = clock_timestamp() + make_interval(secs => coalesce(r.retry_seconds, 0)),
      delivered_at = case when r.state = 'delivered' then clock_timestamp() end
    from jsonb_to_recordset(p_results) as r(id uuid, attempt smallint, state public.delivery_state,
      provider_id text, error text, retry_seconds integer)
    where d.id = r.id and d.attempt = r.attempt and d.state = 'running';
  get diagnostics finished = row_count;
  return finished;
end $function$;
grant execute on function functions.deliveries_finish(jsonb) to millwright_notification_sender;

CREATE OR REPLACE FUNCTION functions.deliveries_put_aside(p_claim uuid, p_problems jsonb)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  ended integer;
begin
  perform private.keep_problems(p_problems);
  update public.deliveries d set state = 'dead', last_error = p.reason, claim_id = null, lease_until = null
    from jsonb_to_recordset(p_problems) as p(id uuid, reason text)
    where d.id = p.id and d.claim_id = p_claim and d.state = 'running';
  get diagnostics ended = row_count;
  return ended;
end $function$;
grant execute on function functions.deliveries_put_aside(uuid, jsonb) to millwright_notification_sender;

CREATE OR REPLACE FUNCTION functions.email_change(p_profile uuid, p_password text, p_email text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  answer constant jsonb := private.judge_own_password(p_profile, p_password);
  wait integer;
  owner uuid;
begin
  if answer ->> 'outcome' <> 'ok' then
    return answer;
  end if;
  wait := private.count_use('email_change', private.counted_as(p_profile::text), 5, 3600);
  if wait is not null then
    return jsonb_build_object('outcome', 'slowed', 'retry_after', wait);
  end if;
  select id into owner from public.profiles where email collate private.alike = p_email;
  if owner is null or owner = p_profile then
    perform private.send_link('email_confirmation', p_profile, lower(p_email), 24);
  else
    perform private.end_links(p_profile, 'email_confirmation');
    perform private.write_letter('email_taken', p.id, p.email, null, now() + interval '24 hours')
      from public.profiles p where p.id = owner and p.active and not p.service_account;
  end if;
  return answer;
end $function$;
grant execute on function functions.email_change(uuid, text, text) to millwright_request_api;

CREATE OR REPLACE FUNCTION functions.email_confirm(p_hash text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  link constant private.links := private.use_link(p_hash, 'email_confirmation');
  former constant text := (select email from public.profiles where id = link.profile_id);
begin
  if link.profile_id is null then
    return jsonb_build_object('outcome', 'invalid');
  end if;
  -- The audit log names them.
  perform set_config('request.jwt.claims', (coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb
    || jsonb_build_object('sub', link.profile_id))::text, true);
  begin
    update public.profiles set email = link.email where id = link.profile_id;
  exception when unique_violation then
    -- Someone else has come in with it meanwhile.
    return jsonb_build_object('outcome', 'invalid');
  end;
  perform private.end_links(link.profile_id, 'invitation', 'password_reset', 'email_confirmation');
  if former is distinct from link.email then
    perform private.write_letter('email_changed', link.profile_id, former, null, now() + interval '72 hours');
  end if;
  return jsonb_build_object('outcome', 'ok');
end $function$;
grant execute on function functions.email_confirm(text) to millwright_request_api;

CREATE OR REPLACE FUNCTION functions.escalation_apply(p_now timestamp with time zone, p_decisions jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  told constant jsonb := private.write_apart('write_decisions', p_now, p_decisions);
  problems constant jsonb := (
    select coalesce(jsonb_agg(jsonb_build_object('work_order_id', r -> 'row' -> 'work_order_id',
      'clock_version', r -> 'row' -> 'clock_version', 'subject', 'work order ' || (r -> 'row' ->> 'work_order_id'),
      'reason', r -> 'reason')), '[]')
    from jsonb_array_elements(told -> 'refused') r);
begin
  return jsonb_build_object('problems', problems,
    'counts', (told -> 'counts') || case when problems <> '[]' then
      jsonb_build_object('put_off', functions.escalation_put_off(p_now, problems)) else '{}' end);
end $function$;
grant execute on function functions.escalation_apply(timestamp with time zone, jsonb) to millwright_escalation_checker;

CREATE OR REPLACE FUNCTION functions.escalation_book()
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  return private.escalation_rulebook(null);
end $function$;
grant execute on function functions.escalation_book() to millwright_escalation_checker;

CREATE OR REPLACE FUNCTION functions.escalation_page(p_now timestamp with time zone, p_urgent_only boolean, p_after_at timestamp with time zone, p_after_id uuid, p_limit integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  ids uuid[];
  after_at constant timestamptz := coalesce(p_after_at, '-infinity');
  after_id constant uuid := coalesce(p_after_id, '00000000-0000-0000-0000-000000000000');
begin
  if p_urgent_only then
    ids := array(select d.work_order_id from (
      (select c.check_at, c.work_order_id from private.escalation_clocks c
        where c.urgent and c.check_at <= p_now and (c.check_at, c.work_order_id) > (after_at, after_id)
        order by c.check_at, c.work_order_id limit p_limit)
      union all
      (select c.check_at, c.work_order_id from private.escalation_clocks c
        where not c.urgent and c.check_at = 'epoch' and (c.check_at, c.work_order_id) > (after_at, after_id)
        order by c.check_at, c.work_order_id limit p_limit)) d
      order by d.check_at, d.work_order_id limit p_limit);
  else
    ids := array(select c.work_order_id from private.escalation_clocks c
      where c.check_at <= p_now and (c.check_at, c.work_order_id) > (after_at, after_id)
      order by c.check_at, c.work_order_id limit p_limit);
  end if;
  return private.escalation_orders(ids);
end $function$;
grant execute on function functions.escalation_page(timestamp with time zone, boolean, timestamp with time zone, uuid, integer) to millwright_escalation_checker;

CREATE OR REPLACE FUNCTION functions.escalation_put_off(p_now timestamp with time zone, p_problems jsonb)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  put_off integer;
begin
  perform private.keep_problems(p_problems);
  with stuck as (
    select c.work_order_id from jsonb_to_recordset(p_problems) as p(work_order_id uuid, clock_version integer)
    join private.escalation_clocks c on c.work_order_id = p.work_order_id and c.version = p.clock_version
    order by c.work_order_id for update of c)
  update private.escalation_clocks c set check_at = p_now + interval '1 day'
    from stuck where stuck.work_order_id = c.work_order_id;
  get diagnostics put_off = row_count;
  return put_off;
end $function$;
grant execute on function functions.escalation_put_off(timestamp with time zone, jsonb) to millwright_escalation_checker;

CREATE OR REPLACE FUNCTION functions.events_waiting(p_limit integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  return (select coalesce(jsonb_agg(to_jsonb(waiting) order by waiting.id), '[]') from (
    select e.id, e.kind, e.details, e.actor_id,
      (select to_jsonb(wo) from (select w.id, w.number, w.title, w.type, w.priority, w.due_at) wo) as work_order,
      coalesce((select jsonb_agg(jsonb_build_object('id', p.id, 'role', p.role,
          'assignee', p.id is not distinct from w.assigned_to,
          'requester', p.id is not distinct from w.requested_by) order by p.id)
        from public.profiles p
        where p.active and not p.service_account
          and (private.sees_all(p.role) or p.warehouse_id = e.warehouse_id)
          and (p.role = 'supervisor' or private.sees_all(p.role) or p.id in (w.assigned_to, w.requested_by))),
        '[]') as candidates
    from public.events e left join public.work_orders w on w.id = e.work_order_id
    where e.expanded_at is null
      and not exists (select from public.dead_letters d
        where d.source = private.calling_function() and d.reference = 'event ' || e.id and private.is_put_aside(d.last_seen_at))
    order by e.id limit p_limit) waiting);
end $function$;
grant execute on function functions.events_waiting(integer) to millwright_notification_sender;

CREATE OR REPLACE FUNCTION functions.forget_changes(p_now timestamp with time zone)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  forgotten integer;
begin
  with went as (
    delete from public.changes where gone and changed_at < p_now - interval '180 days' returning changed_in)
  insert into private.forgotten_changes as f (changed_in) select max(changed_in) from went having count(*) > 0
    on conflict (only_one) do update set changed_in = greatest(f.changed_in, excluded.changed_in);
  get diagnostics forgotten = row_count;
  return forgotten;
end $function$;
grant execute on function functions.forget_changes(timestamp with time zone) to millwright_pm_scheduler;

CREATE OR REPLACE FUNCTION functions.forget_keys(p_now timestamp with time zone)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  forgotten integer;
begin
  delete from private.idempotency_keys where created_at < p_now - interval '7 days';
  get diagnostics forgotten = row_count;
  return forgotten;
end $function$;
grant execute on function functions.forget_keys(timestamp with time zone) to millwright_pm_scheduler;

CREATE OR REPLACE FUNCTION functions.forget_mutations(p_now timestamp with time zone)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  forgotten integer;
begin
  delete from private.sync_mutations where created_at < p_now - interval '180 days';
  get diagnostics forgotten = row_count;
  return forgotten;
end $function$;
grant execute on function functions.forget_mutations(timestamp with time zone) to millwright_pm_scheduler;

CREATE OR REPLACE FUNCTION functions.forget_problems(p_now timestamp with time zone)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  forgotten integer;
begin
  delete from public.dead_letters
    where private.is_of_a_problem(source) and last_seen_at < p_now - interval '2 days';
  get diagnostics forgotten = row_count;
  return forgotten;
end $function$;
grant execute on function functions.forget_problems(timestamp with time zone) to millwright_pm_scheduler;

CREATE OR REPLACE FUNCTION functions.forget_rates(p_now timestamp with time zone)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  forgotten integer;
begin
  delete from private.rates where ctid = any (array(
    select r.ctid from private.rates r where r.ends_at <= p_now order by r.ends_at limit 500000));
  get diagnostics forgotten = row_count;
  return forgotten;
end $function$;
grant execute on function functions.forget_rates(timestamp with time zone) to millwright_pm_scheduler;

CREATE OR REPLACE FUNCTION functions.health()
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  return jsonb_build_object(
    'schema_version', (select max(version) from public.schema_migrations),
    'events_waiting', (select count(*) from public.events where expanded_at is null),
    'dead_letters', (select count(*) from public.dead_letters),
    'last_runs', (select coalesce(jsonb_object_agg(r.function, r.row), '{}') from (
      select distinct on (function) function,
        jsonb_build_object('outcome', outcome, 'started_at', started_at, 'finished_at', finished_at) as row
      from public.job_runs order by function, started_at desc) r));
end $function$;
grant execute on function functions.health() to millwright_request_api;

CREATE OR REPLACE FUNCTION functions.job_finish(p_run uuid, p_outcome public.run_outcome, p_counts jsonb, p_problems jsonb)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update public.job_runs
    set outcome = p_outcome, counts = p_counts, problems = p_problems, finished_at = clock_timestamp()
    where id = p_run and function = private.calling_function() and outcome = 'running';
  return found;
end $function$;
grant execute on function functions.job_finish(uuid, public.run_outcome, jsonb, jsonb) to millwright_escalation_checker, millwright_file_processor, millwright_notification_sender, millwright_pm_scheduler;

CREATE OR REPLACE FUNCTION functions.job_start(p_trigger text, p_scheduled_for timestamp with time zone)
 RETURNS uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  run uuid;
begin
  insert into public.job_runs (function, trigger, scheduled_for)
    values (private.calling_function(), p_trigger, p_scheduled_for) returning id into run;
  return run;
end $function$;
grant execute on function functions.job_start(text, timestamp with time zone) to millwright_escalation_checker, millwright_file_processor, millwright_notification_sender, millwright_pm_scheduler;

CREATE OR REPLACE FUNCTION functions.notifications_apply(p_told jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  told constant jsonb := private.write_apart('write_notifications', now(), p_told);
  problems constant jsonb := (
    select coalesce(jsonb_agg(jsonb_build_object('subject', 'event ' || (r -> 'row' ->> 'event_id'), 'reason', r -> 'reason')), '[]')
    from jsonb_array_elements(told -> 'refused') r);
begin
  perform private.keep_problems(problems);
  return jsonb_build_object('counts', told -> 'counts', 'problems', problems);
end $function$;
grant execute on function functions.notifications_apply(jsonb) to millwright_notification_sender;

CREATE OR REPLACE FUNCTION functions.password_accept(p_hash text, p_password text, p_refresh_hash text, p_refresh_seconds integer, p_next_device_hash text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  link constant private.links := private.use_link(p_hash, 'invitation', 'password_reset');
  person public.profiles;
begin
  if link.profile_id is null then
    return jsonb_build_object('outcome', 'invalid');
  end if;
  select * into person from public.profiles where id = link.profile_id;
  insert into private.credentials as c (profile_id, password_hash) values (person.id, private.password_hash(p_password))
    on conflict (profile_id) do update set password_hash = excluded.password_hash, changed_at = now();
  perform private.end_links(person.id, 'invitation', 'password_reset', 'email_confirmation');
  perform private.end_sign_ins(person.id);
  perform private.begin_family(person.id, p_refresh_hash, p_refresh_seconds);
  perform private.keep_device(person.id, p_next_device_hash);
  return jsonb_build_object('outcome', 'ok', 'profile', private.profile_told(person));
end $function$;
grant execute on function functions.password_accept(text, text, text, integer, text) to millwright_request_api;

CREATE OR REPLACE FUNCTION functions.password_change(p_profile uuid, p_current text, p_new text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  answer constant jsonb := private.judge_own_password(p_profile, p_current);
begin
  if answer ->> 'outcome' = 'ok' then
    update private.credentials set password_hash = private.password_hash(p_new), changed_at = now()
      where profile_id = p_profile;
    perform private.end_sign_ins(p_profile);
  end if;
  return answer;
end $function$;
grant execute on function functions.password_change(uuid, text, text) to millwright_request_api;

CREATE OR REPLACE FUNCTION functions.password_forgot(p_email text, p_network text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  quarter_hour constant integer := 900;
  wait constant integer := coalesce(
    private.count_use('forgot_here', private.counted_as(lower(p_email), p_network), 5, quarter_hour),
    private.count_use('forgot_address', private.counted_as(lower(p_email)), 25, quarter_hour),
    case when p_network is not null then private.count_use('forgot_network', private.counted_as(p_network), 300, quarter_hour) end);
  person public.profiles;
begin
  if wait is not null then
    return jsonb_build_object('outcome', 'slowed', 'retry_after', wait);
  end if;
  select * into person from public.profiles where email = lower(p_email) and active and not service_account;
  if person.id is not null and private.count_use('forgot_letter', private.counted_as(person.id::text), 3, 3600) is null then
    perform private.send_link('password_reset', person.id, person.email, 1);
  end if;
  return jsonb_build_object('outcome', 'ok');
end $function$;
grant execute on function functions.password_forgot(text, text) to millwright_request_api;

CREATE OR REPLACE FUNCTION functions.pm_apply(p_now timestamp with time zone, p_plans jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  told constant jsonb := private.write_apart('write_plans', p_now, p_plans);
  problems constant jsonb := (
    select coalesce(jsonb_agg(jsonb_build_object('schedule_id', s.id, 'version', s.version,
      'subject', 'template ' || s.template_id, 'reason', format('schedule %s: %s', s.id, r ->> 'reason'))), '[]')
    from jsonb_array_elements(told -> 'refused') r
    join public.pm_schedules s on s.id = (r -> 'row' ->> 'schedule_id')::uuid);
begin
  return jsonb_build_object('problems', problems,
    'counts', (told -> 'counts') || case when problems <> '[]' then
      jsonb_build_object('put_off', functions.pm_put_off(p_now, problems)) else '{}' end);
end $function$;
grant execute on function functions.pm_apply(timestamp with time zone, jsonb) to millwright_pm_scheduler;

CREATE OR REPLACE FUNCTION functions.pm_due(p_now timestamp with time zone, p_after_date date, p_after_id uuid, p_limit integer)
 RETURNS json
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  return (with place as materialized (
    select w.id, w.time_zone, private.local_date(p_now, w.time_zone) as today,
      coalesce(private.local_date(p_now, w.time_zone), (p_now at time zone 'UTC')::date) as today_or_so
    from public.warehouses w),
  due as materialized (
    select s.* from public.pm_schedules s join place on place.id = s.warehouse_id
    where s.active
      and s.generate_on <= (p_now + interval '14 hours')::date
      and s.generate_on <= place.today_or_so
      and (s.generate_on, s.id) > (coalesce(p_after_date, '-infinity'), coalesce(p_after_id, '00000000-0000-0000-0000-000000000000'))
    order by s.generate_on, s.id limit p_limit),
  schedule as (
    select d.id, d.version, d.template_id, d.warehouse_id, d.since, d.next_due_on, d.generate_on, d.last_due_on, d.anchor_on,
      case when d.rested_until > d.rested_from then
        json_build_object('from', d.rested_from, 'until', d.rested_until, 'reason', d.rest_reason) end as rest,
      case when w.id is not null then
        json_build_object('number', w.number, 'untouched', private.is_untouched(w.status)) end as open,
      case when d.meter_id is not null then (
        select json_build_object('total', m.total, 'base', d.meter_base, 'due_at', d.meter_due_at, 'fired_on', d.meter_fired_on)
        from public.meters m where m.id = d.meter_id) end as meter,
      case when d.anchor_on is not null then array(
        select o.occurs_on from public.pm_occurrences o where o.schedule_id = d.id and o.occurs_on >= d.anchor_on) else '{}' end
        as decided,
      -- A date is moved by 31 days at most.
      array(select o.due_on from public.pm_occurrences o
        where o.schedule_id = d.id and o.decision = 'generated' and o.due_on >= d.next_due_on - 31
          and o.occurs_on between d.next_due_on - 62 and d.next_due_on - 1) as taken
    from due d left join public.work_orders w on w.id = d.last_work_order_id
      and private.is_open(w.status)
    order by d.generate_on, d.id)
  select json_build_object(
    'schedules', (select coalesce(json_agg(s), '[]') from schedule s),
    'templates', private.pm_timings(array(select distinct template_id from due), true),
    'places', (select coalesce(json_agg(json_build_object('id', p.id, 'time_zone', p.time_zone, 'today', p.today, 'holidays', (
        select coalesce(json_agg(json_build_object('on_date', h.on_date, 'name', h.name)), '[]')
        from public.holidays h where h.warehouse_id = p.id))), '[]') from place p
      where p.id in (select warehouse_id from due))));
end $function$;
grant execute on function functions.pm_due(timestamp with time zone, date, uuid, integer) to millwright_pm_scheduler;

CREATE OR REPLACE FUNCTION functions.pm_put_off(p_now timestamp with time zone, p_problems jsonb)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  put_off integer;
begin
  perform private.keep_problems(p_problems);
  with stuck as (
    select s.id, coalesce(private.local_date(p_now, w.time_zone), (p_now at time zone 'UTC')::date) + 1 as tomorrow
    from jsonb_to_recordset(p_problems) as p(schedule_id uuid, version integer)
    join public.pm_schedules s on s.id = p.schedule_id and s.version = p.version
    join public.warehouses w on w.id = s.warehouse_id
    order by s.id for update of s)
  update public.pm_schedules s set generate_on = stuck.tomorrow from stuck where stuck.id = s.id;
  get diagnostics put_off = row_count;
  return put_off;
end $function$;
grant execute on function functions.pm_put_off(timestamp with time zone, jsonb) to millwright_pm_scheduler;

CREATE OR REPLACE FUNCTION functions.pm_sync_schedules(p_now timestamp with time zone, p_limit integer, p_taken_by bigint, p_after uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  taker constant bigint := coalesce(p_taken_by, pg_current_xact_id()::text::bigint);
  is_last boolean;
  templates uuid[];
  stale_machines uuid[];
  retimed_templates uuid[];
  machines uuid[];
  opened integer;
  changed integer;
begin
  if p_taken_by is null then
    update private.pm_stale set taken_by = taker where id in (select id from private.pm_stale order by id for update);
  end if;
  select coalesce(array_agg(distinct template_id) filter (where template_id is not null), '{}'),
    coalesce(array_agg(distinct equipment_id) filter (where equipment_id is not null), '{}'),
    coalesce(array_agg(distinct template_id) filter (where retimed), '{}')
    into templates, stale_machines, retimed_templates
    from (select * from private.pm_stale where taken_by = taker order by id for update) stale;
  machines := array(select m.id from (
      select unnest(stale_machines) as id
      union select e.id from public.pm_templates t join public.equipment e on e.model = t.equipment_model
        where t.id = any (templates)
      union select t.equipment_id from public.pm_templates t where t.id = any (templates) and t.equipment_id is not null
      union select s.equipment_id from public.pm_schedules s where s.template_id = any (templates)) m
    where p_after is null or m.id > p_after order by m.id limit p_limit);
  is_last := cardinality(machines) < p_limit;
  if is_last then
    delete from private.pm_stale where taken_by = taker;
  end if;
  -- Reduced to this page: the list may be long, and is searched for each machine.
  stale_machines := array(select unnest(stale_machines) intersect select unnest(machines));
  if machines = '{}' then
    return jsonb_build_object('counts', jsonb_build_object('schedules_opened', 0, 'schedules_switched', 0));
  end if;

  with pair as (
    select t.id as template_id, e.id as equipment_id from unnest(machines) as machine(id)
      join public.equipment e on e.id = machine.id join public.pm_templates t on t.equipment_model = e.model
    union
    select t.id, t.equipment_id from unnest(machines) as machine(id) join public.pm_templates t on t.equipment_id = machine.id),
  wanted as (
    select t.id as template_id, e.id as equipment_id, e.warehouse_id, t.rrule, t.lead_time_days, m.id as meter_id,
      coalesce(m.total, 0) as base, coalesce(t.meter_at, m.total + t.meter_every) as meter_due_at, today,
      greatest(t.starts_on, today) as since
    from pair
    join public.pm_templates t on t.id = pair.template_id
      and (t.id = any (templates) or pair.equipment_id in (select unnest(stale_machines)))
    join public.equipment e on e.id = pair.equipment_id and (t.warehouse_id is null or t.warehouse_id = e.warehouse_id)
    join public.warehouses w on w.id = e.warehouse_id
    left join public.meters m on m.equipment_id = e.id and m.name = t.meter_name
    cross join lateral (select coalesce(private.local_date(p_now, w.time_zone), (p_now at time zone 'UTC')::date) as today) d
    where t.active and private.runs_schedules(e.status, t.rests_in_maintenance))
  insert into public.pm_schedules (template_id, equipment_id, warehouse_id, since, next_due_on, generate_on, meter_id,
      meter_base, meter_due_at)
    select template_id, equipment_id, warehouse_id, since, case when rrule is not null then since end,
      case when base >= meter_due_at then least(today, since - lead_time_days)
        when rrule is not null then since - lead_time_days end,
      meter_id, base, case when meter_id is not null then meter_due_at end
    from wanted
    on conflict (template_id, equipment_id) do nothing;
  get diagnostics opened = row_count;

  with known as (
    select s.id, s.active as was_active, t.active and not s.paused
        and private.runs_schedules(e.status, t.rests_in_maintenance)
        and (e.model is not distinct from t.equipment_model or e.id is not distinct from t.equipment_id) as is_active,
      coalesce(private.local_date(p_now, w.time_zone), (p_now at time zone 'UTC')::date) as today,
      case when s.paused then 'it was paused' when not t.active then 'its template was not active'
        when e.model <> t.equipment_model then 'its machine was of another model'
        else 'its machine was out of service (' || e.status || ')' end as why,
      t.id = any (retimed_templates) as retimed, t.basis, t.rrule, t.meter_every, t.meter_at,
      m.id as meter_id, m.total, m.id is distinct from s.meter_id as meter_changed
    from public.pm_schedules s
    join public.pm_templates t on t.id = s.template_id
    join public.equipment e on e.id = s.equipment_id
    join public.warehouses w on w.id = e.warehouse_id
    left join public.meters m on m.equipment_id = e.id and m.name = t.meter_name
    where s.equipment_id in (select unnest(machines))
      and (t.id = any (templates) or s.equipment_id in (select unnest(stale_machines))))
  update public.pm_schedules s set
    active = k.is_active,
    rested_from = case when k.was_active and not k.is_active then coalesce(s.rested_from, k.today) else s.rested_from end,
    rested_until = case when k.is_active and not k.was_active then k.today when not k.is_active then null else s.rested_until end,
    rest_reason = case when k.was_active and not k.is_active then k.why else s.rest_reason end,
    -- Looked at today, even if it waits for something: its plan says how it goes on.
    generate_on = case when k.is_active then least(s.generate_on, k.today) else s.generate_on end,
    next_due_on = case when not k.retimed then s.next_due_on
      when k.rrule is null or (k.basis = 'floating' and s.anchor_on is not null) then null
      -- Dates that are decided are not decided again.
      else greatest(s.since, k.today,
        (select max(o.occurs_on) + 1 from public.pm_occurrences o where o.schedule_id = s.id)) end,
    meter_id = k.meter_id,
    meter_base = case when k.meter_changed then coalesce(k.total, 0) else s.meter_base end,
    meter_due_at = case when not (k.retimed or k.meter_changed) then s.meter_due_at
      when k.meter_id is null then null
      when k.meter_every is not null then case when k.meter_changed then k.total else s.meter_base end + k.meter_every
      else (select k.meter_at where not exists (
        select from public.pm_occurrences o where o.schedule_id = s.id and o.meter_step = k.meter_at and o.annulled_at is null)) end
    from known k
    where k.id = s.id and (k.is_active <> k.was_active or k.retimed or k.meter_changed);
  get diagnostics changed = row_count;
  return jsonb_build_object(
    'counts', jsonb_build_object('schedules_opened', opened, 'schedules_switched', changed),
    'further', case when not is_last then
      jsonb_build_object('taken_by', taker, 'after', machines[cardinality(machines)]) end);
end $function$;
grant execute on function functions.pm_sync_schedules(timestamp with time zone, integer, bigint, uuid) to millwright_pm_scheduler;

CREATE OR REPLACE FUNCTION functions.replay(p_caller uuid, p_key text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if not exists (select from public.profiles p where p.id = p_caller and p.active) then
    raise insufficient_privilege using message = 'whoever asks is not active';
  end if;
  return (select jsonb_build_object('fingerprint', k.fingerprint, 'answer', k.answer)
    from private.idempotency_keys k where k.caller = p_caller and k.key = p_key);
end $function$;
grant execute on function functions.replay(uuid, text) to millwright_request_api;

CREATE OR REPLACE FUNCTION functions.report_problems(p_problems jsonb)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  return private.keep_problems(p_problems);
end $function$;
grant execute on function functions.report_problems(jsonb) to millwright_escalation_checker, millwright_notification_sender, millwright_request_api;

CREATE OR REPLACE FUNCTION functions.scan_read(p_token text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  return (select jsonb_build_object(
      'machine', jsonb_build_object('name', e.name, 'model', e.model, 'asset_tag', e.asset_tag, 'area', e.area, 'status', e.status),
      'reports_open', w.public_reports)
    from public.equipment_labels l join public.equipment e on e.id = l.equipment_id
    join public.warehouses w on w.id = e.warehouse_id where l.token = p_token);
end $function$;
grant execute on function functions.scan_read(text) to millwright_request_api;

CREATE OR REPLACE FUNCTION functions.scan_report(p_token text, p_report jsonb, p_photo jsonb, p_once jsonb, p_rate jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  machine public.equipment;
  reporters uuid;
  opened public.work_orders;
  photo public.attachments;
  told jsonb;
begin
  select e.* into machine from public.equipment_labels l join public.equipment e on e.id = l.equipment_id
    where l.token = p_token;
  if machine.id is null then
    return null;
  elsif not (select w.public_reports from public.warehouses w where w.id = machine.warehouse_id) then
    return jsonb_build_object('outcome', 'closed');
  end if;
  if p_once ->> 'key' is not null then
    -- The reporter has no account, so the key is kept under an id that is the machine's alone: its own may be a person's, too.
    reporters := md5('reporters at ' || machine.id)::uuid;
    insert into private.idempotency_keys (caller, key, fingerprint)
      values (reporters, p_once ->> 'key', p_once ->> 'fingerprint') on conflict (caller, key) do nothing;
    if not found then
      select k.answer into told from private.idempotency_keys k
        where k.caller = reporters and k.key = p_once ->> 'key' and k.fingerprint = p_once ->> 'fingerprint';
      -- A reporter whose call broke off before the photo was stored may send it now.
      return case when told is null then jsonb_build_object('outcome', 'reused')
        when told -> 'photo' ->> 'id' is null then told
        else jsonb_set(told, '{photo, waits}', to_jsonb(exists (select from public.attachments a
          where a.id = (told -> 'photo' ->> 'id')::uuid and a.state = 'uploaded'))) end;
    end if;
  end if;
  perform private.take_rate('report', p_rate ->> 'subject', (p_rate ->> 'max')::integer, (p_rate ->> 'seconds')::integer);
  insert into public.work_orders (type, title, description, area, asset_model, equipment_id, priority, warehouse_id,
      reporter_name, reporter_contact)
    values ('corrective', p_report ->> 'title', p_report ->> 'description', machine.area, machine.model, machine.id,
      coalesce((p_report ->> 'priority')::public.priority, 'medium'), machine.warehouse_id,
      p_report ->> 'reporter_name', p_report ->> 'reporter_contact')
    returning * into opened;
  if p_photo ->> 'id' is not null then
    insert into public.attachments (id, work_order_id, file_name, content_type, size_bytes)
      values ((p_photo ->> 'id')::uuid, opened.id, p_photo ->> 'file_name', p_photo ->> 'content_type',
        (p_photo ->> 'size_bytes')::bigint)
      returning * into photo;
  end if;
  told := jsonb_build_object('outcome', 'taken', 'number', opened.number, 'photo',
    case when photo.id is not null then jsonb_build_object('id', photo.id, 'key_prefix', private.key_prefix(photo), 'waits', true) end);
  update private.idempotency_keys k set answer = told
    where k.caller = reporters and k.key = p_once ->> 'key';
  return told;
end $function$;
grant execute on function functions.scan_report(text, jsonb, jsonb, jsonb, jsonb) to millwright_request_api;

CREATE OR REPLACE FUNCTION functions.sign_in(p_email text, p_password text, p_refresh_hash text DEFAULT NULL::text, p_refresh_seconds integer DEFAULT NULL::integer, p_network text DEFAULT NULL::text, p_device_hash text DEFAULT NULL::text, p_next_device_hash text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
grant execute on function functions.sign_in(text, text, text, integer, text, text, text) to millwright_request_api;

CREATE OR REPLACE FUNCTION functions.sign_in_refresh(p_hash text, p_next_hash text, p_next_seconds integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
grant execute on function functions.sign_in_refresh(text, text, integer) to millwright_request_api;

CREATE OR REPLACE FUNCTION functions.sign_out(p_hash text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update private.refresh_families set revoked_at = now()
    where revoked_at is null and id = (select family_id from private.refresh_tokens where token_hash = p_hash);
  return found;
end $function$;
grant execute on function functions.sign_out(text) to millwright_request_api;

CREATE OR REPLACE FUNCTION functions.sync_apply(p_person uuid, p_device uuid, p_items jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  item jsonb;
  op jsonb;
  known jsonb;
  became jsonb;
  told jsonb[] := '{}';
  state text;
  words text;
  more text;
  -- What was written by then is kept. A call that is ended by the database keeps nothing, and would be the same the next time.
  ends constant timestamptz := clock_timestamp() + interval '4 seconds';
begin
  perform private.speak_for(p_person);
  -- As many as one request may bring: they hold their locks until the end.
  if jsonb_array_length(p_items) > 500 then
    raise invalid_parameter_value using message = 'too many mutations at once';
  end if;
  perform private.lock_for_sync(p_items);
  for item in select * from jsonb_array_elements(p_items) loop
    if clock_timestamp() > ends then
      told := told || '{"stale": true}'::jsonb;
      continue;
    end if;
    begin
      perform set_config('millwright.mutation', item ->> 'mutation', true);
      known := private.take_mutation(p_device, item);
      if known is not null then
        became := jsonb_build_object('known', known);
      else
        became := '{"done": true}';
        for op in select * from jsonb_array_elements(item -> 'ops') loop
          perform private.write_offline(op);
        end loop;
        perform private.must_be_seen(item ->> 'entity', (item ->> 'entity_id')::uuid);
        if item -> 'answer' ->> 'outcome' = 'needs_review' then
          perform private.must_be_theirs_to_write(item);
        end if;
      end if;
    exception when others then
      get stacked diagnostics state = returned_sqlstate, words = message_text, more = pg_exception_detail;
      if state = 'PT412' then
        became := '{"stale": true}';
      elsif state = '42501' or left(state, 2) in ('22', '23') or left(state, 3) = 'PT4' then
        became := jsonb_build_object('refused', jsonb_build_object('code', state, 'message', words, 'details', more));
      else
        raise;
      end if;
    end;
    told := told || became;
  end loop;
  perform set_config('millwright.mutation', '', true);
  return to_jsonb(told);
end $function$;
grant execute on function functions.sync_apply(uuid, uuid, jsonb) to millwright_request_api;

-- ------------------------------------------------------------------ auth: functions

CREATE OR REPLACE FUNCTION auth.uid()
 RETURNS uuid
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$ select (nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub')::uuid $function$;
grant execute on function auth.uid() to anon, authenticated;
