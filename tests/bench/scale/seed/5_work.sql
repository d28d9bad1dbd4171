-- The work on work orders: checklists, crews, time, comments, files, and the history of all that.

insert into public.checklist_items (id, work_order_id, position, component, action, state, notes, version, created_at, updated_at)
  select pg_temp.id('item', n * 8 + i, at), id, i, (array['Machine', 'Belt', 'Guards', 'Sensor', 'Emergency stop'])[i],
    (array['Lock out and tag', 'Check tension and wear', 'Check that all are fixed', 'Clean and test', 'Test every one'])[i],
    (case when finished or (status in ('in_progress', 'on_hold') and i < 3)
      then (array['done', 'done', 'done', 'done', 'done', 'skipped', 'issue'])[1 + pg_temp.pick(n * 8 + i, 31, 7)]
      else 'pending' end)::public.checklist_state,
    case when (n + i) % 7 = 0 then 'Worn, to be watched' else '' end, 1 + finished::integer, at, coalesce(ended, at)
  from (select wo.*, generate_series(1, 5) as i from wo) w;

insert into public.work_order_crew (id, work_order_id, profile_id, created_at)
  select pg_temp.id('crew', n, at), w.id, case when n % 10 = 0 then p.contractors[1 + pg_temp.pick(n, 32, 4)]
    else p.technicians[1 + pg_temp.pick(n, 33, 16)] end, at + interval '10 minutes'
  from wo w join place p on p.no = w.place_no where pg_temp.pick(n, 34, 12) = 0;

-- A log ends when its person's next one begins, at the latest. The last one of each person still runs where work does.
insert into public.time_logs (id, work_order_id, profile_id, started_at, stopped_at, note, version, created_at, updated_at)
  select pg_temp.id('time', n, begun), id, assignee, begun,
    case when next is null and status = 'in_progress' then null
      else least(begun + make_interval(mins => (15 + pg_temp.pick(n, 35, 90))::integer), next) end,
    'Found and mended', 2, begun, begun
  from (select *, lead(begun) over (partition by assignee order by n) as next from wo
    where assignee is not null and (finished or status in ('in_progress', 'on_hold'))) w
  order by n;

insert into public.comments (id, work_order_id, author_id, body, created_at)
  select pg_temp.id('comment', n * 4 + i, said), id, case when i = 1 then coalesce(requester, supervisor) else coalesce(assignee, supervisor) end,
    case when i = 1 then 'It was louder this morning than yesterday.' else 'The spring had come off; a new one is ordered.' end, said
  from (select wo.*, generate_series(1, 2) as i from wo) w cross join lateral (select at + make_interval(mins => (i * 30)::integer) as said) t
  where (n + i) % 2 = 0;

insert into public.attachments (id, work_order_id, warehouse_id, file_name, content_type, size_bytes, state, sha256, width, height,
    has_renditions, uploaded_by, created_at, updated_at)
  select pg_temp.id('file', n * 4 + i, at), id, warehouse_id, format('photo-%s.jpg', i), 'image/jpeg', 200000 + pg_temp.pick(n, 36, 900000),
    'ready', pg_temp.sha256('file', n * 4 + i), 1920, 1080, true, coalesce(requester, assignee), at + interval '1 minute',
    at + interval '2 minutes'
  from (select wo.*, generate_series(1, 2) as i from wo where n % 4 = 0) w;

-- One entry for each move. Their hashes lead nowhere: nobody verifies these histories.
insert into public.work_order_history (id, work_order_id, position, subject, subject_id, version, changes, actor_id, happened_at,
    previous_hash, hash)
  select pg_temp.id('entry', n * 8 + m.position, moved), w.id, m.position, 'work_order', w.id, 1 + m.position, m.changes,
    case when m.position in (1, 4) then supervisor else assignee end, moved, pg_temp.sha256('entry', n * 8 + m.position - 1),
    pg_temp.sha256('entry', n * 8 + m.position)
  from wo w
  join (values (1, '{"status": {"from": "new", "to": "assigned"}}'::jsonb), (2, '{"status": {"from": "assigned", "to": "in_progress"}}'),
    (3, '{"status": {"from": "in_progress", "to": "completed"}}'), (4, '{"status": {"from": "completed", "to": "verified"}}'))
    m (position, changes) on m.position <= case w.status when 'new' then 0 when 'assigned' then 1 when 'in_progress' then 2
      when 'completed' then 3 when 'verified' then 4 when 'closed' then 4 when 'cancelled' then 0 else 2 end
  cross join lateral (select case m.position when 1 then at + interval '5 minutes' when 2 then begun when 3 then ended
    else least(ended + interval '1 hour', pg_temp.last_moment()) end as moved) t;
insert into private.history_heads (work_order_id, length, hash)
  select w.id, e.length, pg_temp.sha256('entry', n * 8 + e.length)
  from wo w cross join lateral (select case w.status when 'assigned' then 1 when 'in_progress' then 2 when 'on_hold' then 2
    when 'completed' then 3 when 'verified' then 4 when 'closed' then 4 else 0 end as length) e
  where e.length > 0;

insert into public.downtime_intervals (id, equipment_id, warehouse_id, work_order_id, planned, reason, started_at, ended_at,
    created_at, updated_at)
  select pg_temp.id('downtime', n, at), equipment_id, warehouse_id, id, type = 'preventive', 'Stood still', at,
    case when finished then at + make_interval(mins => (20 + pg_temp.pick(n, 37, 600))::integer) end, at, at
  from wo where pg_temp.pick(n, 38, 8) = 0;

insert into public.pm_occurrences (id, schedule_id, warehouse_id, occurs_on, due_on, decision, reason, work_order_id, decided_for, created_at)
  select pg_temp.id('occurrence', n, at), schedule_id, warehouse_id, occurs_on, occurs_on + 7,
    (case when is_done then 'generated' else 'skipped' end)::public.occurrence_decision,
    case when is_done then 'due within the lead time' else 'out of season' end, case when is_done then id end, at, at
  from (select distinct on (s.id, w.at::date) s.id as schedule_id, s.warehouse_id, w.at::date as occurs_on, w.n, w.at, w.id, w.type = 'preventive' as is_done
    from wo w join schedule s on s.no = w.machine_no * 2 + (w.machine_no % 2 = 0 and pg_temp.pick(w.n, 39, 2) = 1)::integer
    where w.type = 'preventive' or w.n % 20 = 1
    order by s.id, w.at::date, w.n) o
  order by n;
