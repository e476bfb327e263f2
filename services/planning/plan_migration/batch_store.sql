-- name: lock_plans_to_move(workflow, period, npsn, after_ptk_id, after_period, size)
-- The next plans that a migration concerns, in the order of their keys. FOR NO KEY UPDATE is the lock of a change of the
-- plan. A stronger one would block acts on timers, which refer to the plan.
SELECT
  ptk_id, period, npsn, school, workflow, catalog, state, version, last_hash, tab, profile, content, updated_at,
  submitted_at, revision_due, note, reopened_at, state_since
FROM plan
WHERE workflow = :workflow AND (ptk_id, period) > (:after_ptk_id::uuid, :after_period)
  AND (:period::text IS NULL OR period = :period) AND (:npsn::text IS NULL OR npsn = :npsn)
ORDER BY ptk_id, period
LIMIT :size
FOR NO KEY UPDATE;

-- name: lock_moved_plans(migration, after_ptk_id, after_period, size)
-- The next plans that a migration has moved, with the version of that event and the state they had before.
SELECT
  ptk_id, period, npsn, school, workflow, catalog, plan.state, plan.version, last_hash, tab, profile, content,
  updated_at, submitted_at, revision_due, note, reopened_at, state_since,
  migration_outcome.version AS moved_at, migration_outcome.state AS former_state
FROM migration_outcome JOIN plan USING (ptk_id, period)
WHERE migration = :migration AND NOT is_backward AND migration_outcome.version IS NOT NULL
  AND (ptk_id, period) > (:after_ptk_id::uuid, :after_period)
ORDER BY ptk_id, period
LIMIT :size
FOR NO KEY UPDATE OF plan;

-- name: find_next_events(ptk_ids, periods, versions)
-- The event after the given version of each plan.
SELECT ptk_id::text, period, kind, body::json ->> 'trigger' AS trigger, at
FROM unnest(:ptk_ids::uuid[], :periods::text[], :versions::int[]) AS plan_version(ptk_id, period, version)
JOIN plan_event USING (ptk_id, period)
WHERE plan_event.version = plan_version.version + 1;

-- name: lock_timers(ptk_ids, periods)
SELECT ptk_id::text, period, timer, first_due, due, count
FROM unnest(:ptk_ids::uuid[], :periods::text[]) AS plan_key(ptk_id, period)
JOIN plan_timer USING (ptk_id, period)
ORDER BY ptk_id, period, timer
FOR UPDATE OF plan_timer;

-- name: record_outcomes(migration, is_backward, outcomes, at)
-- Records plans that moved (with a version) and plans that were refused (with a code). Counts the newly refused plans,
-- and the moved plans that were refused before.
WITH outcome AS (
  SELECT * FROM jsonb_to_recordset(:outcomes::jsonb) AS o(
    ptk_id uuid, period text, state text, version int, code text, params jsonb)
),
move_upsert AS (
  INSERT INTO migration_outcome (migration, is_backward, ptk_id, period, state, version, at)
  SELECT :migration, :is_backward, ptk_id, period, state, version, :at
  FROM outcome
  WHERE version IS NOT NULL
  ON CONFLICT (migration, is_backward, ptk_id, period) DO UPDATE SET
    state = excluded.state, version = excluded.version, at = excluded.at, code = NULL, params = NULL
),
refusal_insert AS (
  INSERT INTO migration_outcome (migration, is_backward, ptk_id, period, state, code, params, at)
  SELECT :migration, :is_backward, ptk_id, period, state, code, params, :at
  FROM outcome
  WHERE version IS NULL
  ON CONFLICT DO NOTHING
  RETURNING ptk_id
)
SELECT
  (SELECT count(*) FROM refusal_insert)::int AS newly_refused,
  (SELECT count(*) FROM outcome JOIN migration_outcome AS earlier USING (ptk_id, period)
    WHERE earlier.migration = :migration AND earlier.is_backward = :is_backward
      AND outcome.version IS NOT NULL AND earlier.version IS NULL)::int AS refused_before;
