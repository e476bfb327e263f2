-- name: list_due_names(timers, now)
-- The periods and names of which a timer is due.
SELECT period.code, name.timer
FROM period CROSS JOIN unnest(:timers::text[]) AS name(timer)
WHERE EXISTS (
  SELECT FROM plan_timer
  WHERE period = period.code AND plan_timer.timer = name.timer AND due <= :now AND incident IS NULL
);

-- name: select_due(period, timer, now, after_due, after_ptk_id, workflows, size)
-- A version that this release cannot read is left to a release that can.
SELECT
  ptk_id::text, period, timer, first_due, due, count, npsn, workflow, state,
  school ->> 'zone' AS zone, coalesce(state_since, updated_at) AS since
FROM plan_timer JOIN plan USING (ptk_id, period)
WHERE period = :period AND timer = :timer AND due <= :now AND incident IS NULL
  AND (due, ptk_id) > (:after_due, :after_ptk_id::uuid) AND workflow = ANY(:workflows::text[])
ORDER BY due, ptk_id
LIMIT :size;

-- name: select_of_period(period, timers, after_ptk_id, after_timer, workflows, size)
SELECT
  ptk_id::text, period, timer, first_due, due, count, npsn, workflow, state,
  school ->> 'zone' AS zone, coalesce(state_since, updated_at) AS since
FROM plan_timer JOIN plan USING (ptk_id, period)
WHERE period = :period AND timer = ANY(:timers::text[]) AND workflow = ANY(:workflows::text[])
  AND (ptk_id, timer) > (:after_ptk_id::uuid, :after_timer)
ORDER BY ptk_id, timer
LIMIT :size;

-- name: list_of_plan(ptk_id, period)
SELECT timer, first_due, due, count
FROM plan_timer
WHERE ptk_id = :ptk_id AND period = :period AND due IS NOT NULL AND incident IS NULL
ORDER BY due, timer;

-- name: update_timers(updates, now)
-- Continues timers that are still as they were read, skips rows that another worker holds, and notifies in the same
-- statement: a worker that stops between two statements would hold row locks. Returns the number of updated timers.
WITH timer_change AS (
  SELECT * FROM jsonb_to_recordset(:updates::jsonb) AS change(
    ptk_id uuid, period text, timer text, due timestamptz, count int, next_first_due timestamptz,
    next_due timestamptz, next_count int, recipient text, role text, workflow text, state text, since timestamptz)
),
timer_lock AS (
  SELECT timer_change.*
  FROM plan_timer JOIN timer_change USING (ptk_id, period, timer)
  WHERE plan_timer.due IS NOT DISTINCT FROM timer_change.due AND plan_timer.count = timer_change.count
    AND incident IS NULL
  FOR UPDATE OF plan_timer SKIP LOCKED
),
timer_update AS (
  UPDATE plan_timer
  SET first_due = next_first_due, due = next_due, count = next_count, tries = 0, tried_at = NULL
  FROM timer_lock
  WHERE plan_timer.ptk_id = timer_lock.ptk_id AND plan_timer.period = timer_lock.period
    AND plan_timer.timer = timer_lock.timer
  RETURNING timer_lock.*
),
notification_insert AS (
  INSERT INTO notification (recipient, created_at, ptk_id, period, timer, count, workflow, state, state_since, role)
  SELECT recipient, :now, ptk_id, period, timer, count, workflow, state, since, role
  FROM timer_update
  WHERE recipient IS NOT NULL
)
SELECT count(*)::int FROM timer_update;

-- name: fail_timers(failures, now)
WITH timer_failure AS (
  SELECT * FROM jsonb_to_recordset(:failures::jsonb) AS change(
    ptk_id uuid, period text, timer text, due timestamptz, count int, incident jsonb)
),
timer_lock AS (
  SELECT timer_failure.*
  FROM plan_timer JOIN timer_failure USING (ptk_id, period, timer)
  WHERE plan_timer.due IS NOT DISTINCT FROM timer_failure.due AND plan_timer.count = timer_failure.count
    AND plan_timer.incident IS NULL
  FOR UPDATE OF plan_timer SKIP LOCKED
)
UPDATE plan_timer
SET incident = timer_lock.incident, tries = tries + 1, tried_at = :now
FROM timer_lock
WHERE plan_timer.ptk_id = timer_lock.ptk_id AND plan_timer.period = timer_lock.period
  AND plan_timer.timer = timer_lock.timer;

-- name: lock_plan_and_timer(ptk_id, period, timer, version, due, count)
-- Locks the plan first, as every command does, so that no two transactions wait for each other.
SELECT FROM plan JOIN plan_timer USING (ptk_id, period)
WHERE ptk_id = :ptk_id AND period = :period AND timer = :timer
  AND version = :version AND due = :due AND count = :count AND incident IS NULL
FOR NO KEY UPDATE;

-- name: select_timers(ptk_ids, periods, timers)
SELECT
  ptk_id::text, period, timer, first_due, due, count, npsn, workflow, state,
  school ->> 'zone' AS zone, coalesce(state_since, updated_at) AS since,
  incident, tries, tried_at
FROM unnest(:ptk_ids::uuid[], :periods::text[], :timers::text[]) AS key(ptk_id, period, timer)
JOIN plan_timer USING (ptk_id, period, timer) JOIN plan USING (ptk_id, period);

-- name: select_incidents(period, after_tried_at, after_ptk_id, after_period, after_timer, size)
SELECT
  ptk_id::text, period, timer, first_due, due, count, npsn, workflow, state,
  school ->> 'zone' AS zone, coalesce(state_since, updated_at) AS since,
  incident, tries, tried_at
FROM plan_timer JOIN plan USING (ptk_id, period)
WHERE incident IS NOT NULL AND (:period::text IS NULL OR period = :period)
  AND (tried_at, ptk_id, period, timer) > (:after_tried_at, :after_ptk_id::uuid, :after_period, :after_timer)
ORDER BY tried_at, ptk_id, period, timer
LIMIT :size;

-- name: retry_timer(ptk_id, period, timer, count)
UPDATE plan_timer SET incident = NULL
WHERE ptk_id = :ptk_id AND period = :period AND timer = :timer AND count = :count AND incident IS NOT NULL
RETURNING timer;

-- name: skip_timer(ptk_id, period, timer, due, count, next_due, next_count)
UPDATE plan_timer SET due = :next_due, count = :next_count, incident = NULL, tries = 0
WHERE ptk_id = :ptk_id AND period = :period AND timer = :timer AND due = :due AND count = :count
RETURNING timer;

-- name: list_acts(subjects)
SELECT row_to_json(admin_act)::text AS act
FROM admin_act
WHERE subject = ANY(:subjects::text[]) AND detail ? 'timer'
ORDER BY id;
