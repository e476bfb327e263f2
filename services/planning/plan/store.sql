-- name: load_plan(ptk_id, period)
SELECT
  ptk_id, period, npsn, school, workflow, catalog, state, version, last_hash, tab, profile, content, updated_at,
  submitted_at, revision_due, note, reopened_at, state_since
FROM plan
WHERE ptk_id = :ptk_id AND period = :period;

-- name: load_plans(ptk_ids, periods)
-- The plans with these keys, in two arrays of equal length.
SELECT
  ptk_id, period, npsn, school, workflow, catalog, state, version, last_hash, tab, profile, content, updated_at,
  submitted_at, revision_due, note, reopened_at, state_since
FROM plan JOIN unnest(:ptk_ids::uuid[], :periods::text[]) AS plan_key(ptk_id, period) USING (ptk_id, period);

-- name: select_person_plans(ptk_id, after, size)
-- The plans of a person, those of the newest period first. :after is the period of the last plan of the page before.
SELECT
  ptk_id, period, npsn, school, plan.workflow, plan.catalog, state, version, last_hash, tab, profile, content,
  updated_at, submitted_at, revision_due, note, reopened_at, state_since
FROM plan JOIN period ON period.code = plan.period
WHERE ptk_id = :ptk_id
  AND (:after::text IS NULL OR (starts, code) < (SELECT starts, code FROM period WHERE code = :after))
ORDER BY starts DESC, code DESC
LIMIT :size;

-- name: find_key(subject, mutation, key)
SELECT key, ptk_id::text, period, version, input_hash
FROM command_key
WHERE subject = :subject AND mutation = :mutation AND key = :key;

-- name: find_keys(subject, mutation, keys)
SELECT key, ptk_id::text, period, version, input_hash
FROM command_key
WHERE subject = :subject AND mutation = :mutation AND key = ANY(:keys::text[]);

-- name: commit_changes(period, changes)
-- Stores 1..n changes of plans of one period: state, events, texts, idempotency keys and timers.
-- Returns the outcome of each change: 'stored', 'version_conflict' or 'key_conflict'. A change with a conflict leaves
-- nothing behind and does not affect the others. expected_version is the version the plan was read at, 0 for a new plan.
-- Every commit locks plans in the order of ptk_id and then inserts keys in order, so that batches cannot deadlock.
-- The persons come from `change`. With `ptk_id = ANY(parameter)` beside them PostgreSQL plans every execution anew:
-- 2,358 instead of 7,375 commits/s on four connections.
-- `change` compares the period, so that PostgreSQL expects one row of it instead of 100. With 100 it reads whole tables
-- to join: 390 to 950 commits/s with 30,000 plans, where a statement for one plan reached 2,600 to 3,100. Events, texts
-- and timers are in the row of their change, so that a batch needs no join with them.
WITH change AS (
  SELECT * FROM jsonb_to_recordset(:changes::jsonb) AS c(
    ptk_id uuid, period text, expected_version int, key_subject text, key_mutation text, key text, key_input_hash text,
    key_at timestamptz, npsn text, school jsonb, workflow text, catalog text, state text, version int, last_hash text,
    tab text, profile jsonb, content jsonb, updated_at timestamptz, submitted_at timestamptz, revision_due date,
    note text, reopened_at timestamptz, state_since timestamptz, provinsi text, kabupaten_kota text, nama_key text,
    events jsonb, texts jsonb, timers jsonb, timer_names text[])
  WHERE period = :period
),
plan_lock AS (
  SELECT change.*
  FROM change JOIN plan USING (ptk_id)
  WHERE plan.period = :period AND plan.version = change.expected_version
  ORDER BY ptk_id
  FOR NO KEY UPDATE OF plan
),
-- The sort reads all locks before the first key is inserted.
key_insert AS (
  INSERT INTO command_key (subject, mutation, key, input_hash, ptk_id, period, version, at)
  SELECT key_subject, key_mutation, key, key_input_hash, ptk_id, :period, version, key_at
  FROM plan_lock
  WHERE key IS NOT NULL
  ORDER BY key_subject, key_mutation, key
  ON CONFLICT DO NOTHING
  RETURNING ptk_id
),
plan_update AS (
  UPDATE plan SET
    npsn = plan_lock.npsn, school = plan_lock.school, workflow = plan_lock.workflow, catalog = plan_lock.catalog,
    state = plan_lock.state, version = plan_lock.version, last_hash = plan_lock.last_hash, tab = plan_lock.tab,
    profile = plan_lock.profile, content = plan_lock.content, updated_at = plan_lock.updated_at,
    submitted_at = plan_lock.submitted_at, revision_due = plan_lock.revision_due, note = plan_lock.note,
    reopened_at = plan_lock.reopened_at, state_since = plan_lock.state_since, provinsi = plan_lock.provinsi,
    kabupaten_kota = plan_lock.kabupaten_kota, nama_key = plan_lock.nama_key
  FROM plan_lock
  WHERE plan.ptk_id = plan_lock.ptk_id AND plan.period = :period
    AND (plan_lock.key IS NULL OR plan_lock.ptk_id IN (SELECT ptk_id FROM key_insert))
  RETURNING plan.ptk_id, plan.npsn, events, texts, timers, timer_names
),
plan_insert AS (
  INSERT INTO plan (
    ptk_id, period, npsn, school, workflow, catalog, state, version, last_hash, tab, profile, content, updated_at,
    submitted_at, revision_due, note, reopened_at, state_since, provinsi, kabupaten_kota, nama_key)
  SELECT
    ptk_id, period, npsn, school, workflow, catalog, state, version, last_hash, tab, profile, content, updated_at,
    submitted_at, revision_due, note, reopened_at, state_since, provinsi, kabupaten_kota, nama_key
  FROM change
  WHERE expected_version = 0
  ORDER BY ptk_id
  ON CONFLICT DO NOTHING
  RETURNING ptk_id
),
plan_write AS (
  SELECT ptk_id, npsn, events, texts, timers, timer_names FROM plan_update
  UNION ALL
  SELECT ptk_id, npsn, events, texts, timers, timer_names FROM plan_insert JOIN change USING (ptk_id)
),
event_insert AS (
  INSERT INTO plan_event (ptk_id, period, version, id, kind, to_state, at, hash, body, left_state, stay_seconds)
  SELECT ptk_id, :period, version, id, kind, to_state, at, hash, body, left_state, stay_seconds
  FROM plan_write CROSS JOIN jsonb_to_recordset(events) AS event(
    version int, id uuid, kind text, to_state text, at timestamptz, hash text, body text, left_state text,
    stay_seconds int)
),
text_insert AS (
  INSERT INTO plan_text (ptk_id, period, version, name, salt, value)
  SELECT ptk_id, :period, version, name, salt, value
  FROM plan_write CROSS JOIN jsonb_to_recordset(texts) AS event_text(
    version int, name text, salt text, value text)
),
-- timer_names are all timers that the plan has afterwards, null if it keeps those it has; timers are those to write.
timer_delete AS (
  DELETE FROM plan_timer
  USING plan_write
  WHERE timer_names IS NOT NULL
    AND plan_timer.ptk_id = plan_write.ptk_id AND plan_timer.period = :period AND timer <> ALL(timer_names)
),
timer_upsert AS (
  INSERT INTO plan_timer (ptk_id, period, timer, first_due, due, count, tries)
  SELECT ptk_id, :period, timer, first_due, due, count, 0
  FROM plan_write CROSS JOIN jsonb_to_recordset(timers) AS timer(
    timer text, first_due timestamptz, due timestamptz, count int)
  ON CONFLICT (ptk_id, period, timer) DO UPDATE SET
    first_due = excluded.first_due, due = excluded.due, count = excluded.count, incident = NULL,
    tries = 0, tried_at = NULL
),
-- Once the plan is at the teacher's present school, only the head of that school finds it.
school_change_delete AS (
  DELETE FROM moved_teacher
  USING plan_write
  WHERE moved_teacher.ptk_id = plan_write.ptk_id
    AND moved_teacher.period = :period AND moved_teacher.npsn = plan_write.npsn
)
SELECT
  ptk_id::text,
  CASE
    WHEN ptk_id IN (SELECT ptk_id FROM plan_write) THEN 'stored'
    WHEN ptk_id IN (SELECT ptk_id FROM plan_lock) THEN 'key_conflict'
    ELSE 'version_conflict'
  END AS outcome
FROM change;

-- name: count_plans(period, ptk_id)
SELECT count(*) FROM plan
WHERE (:period::text IS NULL OR period = :period) AND (:ptk_id::uuid IS NULL OR ptk_id = :ptk_id);

-- name: select_timers(ptk_id, period)
SELECT timer, first_due, due, count FROM plan_timer WHERE ptk_id = :ptk_id AND period = :period;

-- name: delete_keys(before, size)
-- Deletes up to `size` idempotency keys from before an instant. The BRIN index on `at` skips the blocks of newer ones.
WITH key_delete AS (
  DELETE FROM command_key
  WHERE ctid = ANY(ARRAY(SELECT ctid FROM command_key WHERE at < :before LIMIT :size))
  RETURNING 1
)
SELECT count(*) FROM key_delete;

-- name: select_plans(period, ptk_id, after_ptk_id, after_period, size)
-- One statement sees one instant. Several would find a plan that somebody changes at odds with its events.
SELECT coalesce(json_agg(batch ORDER BY batch.ptk_id, batch.period), '[]')::text AS plans
FROM (
  SELECT
    ptk_id, period, npsn, state, workflow, catalog, version, last_hash, content, profile, school,
    coalesce((
      SELECT json_agg(plan_event ORDER BY plan_event.version) FROM plan_event
      WHERE plan_event.ptk_id = plan.ptk_id AND plan_event.period = plan.period
    ), '[]') AS events,
    coalesce((
      SELECT json_agg(plan_text) FROM plan_text
      WHERE plan_text.ptk_id = plan.ptk_id AND plan_text.period = plan.period
    ), '[]') AS texts
  FROM plan
  WHERE (:period::text IS NULL OR period = :period) AND (:ptk_id::uuid IS NULL OR ptk_id = :ptk_id)
    AND (ptk_id, period) > (:after_ptk_id, :after_period)
  ORDER BY ptk_id, period
  LIMIT :size
) AS batch;

-- name: count_waiting_plans(period, workflows, states)
-- By index alone.
SELECT count(*) FROM plan
WHERE period = :period AND (workflow, state) IN (SELECT * FROM unnest(:workflows::text[], :states::text[]));

-- name: select_periods(ptk_id, period)
SELECT period FROM plan WHERE ptk_id = :ptk_id AND (:period::text IS NULL OR period = :period) ORDER BY period;

-- name: select_text_names(ptk_id, period)
SELECT version, array_agg(name ORDER BY name) AS names
FROM plan_text
WHERE ptk_id = :ptk_id AND period = :period AND erased_at IS NULL
GROUP BY version
ORDER BY version;

-- name: erase_texts(ptk_id, period, erased_at)
-- A key holds an unsalted hash of its whole input: a short note could be guessed from it. The key itself stays, or a
-- late repeat would write the words again. Keys are found by their subject, the first column of their index.
WITH text_update AS (
  UPDATE plan_text SET salt = NULL, value = NULL, erased_at = :erased_at
  WHERE ptk_id = :ptk_id AND period = :period AND erased_at IS NULL
),
command_subject AS (
  SELECT coalesce('ptk:' || (body::json #>> '{actor,ptk_id}'), 'account:' || (body::json #>> '{actor,account}')) AS name
  FROM plan_event
  WHERE ptk_id = :ptk_id AND period = :period
  UNION
  SELECT 'ptk:' || author_ptk_id FROM plan_comment WHERE ptk_id = :ptk_id AND period = :period
)
UPDATE command_key SET input_hash = ''
FROM command_subject
WHERE subject = command_subject.name AND ptk_id = :ptk_id AND period = :period;
