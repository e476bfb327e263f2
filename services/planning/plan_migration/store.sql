-- name: insert_run(kind, number, plan_count, began_at, after_ptk_id, after_period, counts, pass_moved_plans, seconds, stopped, ended_at)
INSERT INTO batch_run (
  kind, number, plan_count, began_at, after_ptk_id, after_period, counts, pass_moved_plans, seconds, stopped, ended_at
)
VALUES (
  :kind, :number, :plan_count, :began_at, :after_ptk_id, :after_period, :counts::jsonb, :pass_moved_plans,
  :seconds, :stopped, :ended_at
);

-- name: select_open_runs(kinds)
SELECT kind, number FROM batch_run
WHERE ended_at IS NULL AND NOT stopped AND kind = ANY(:kinds::text[])
ORDER BY number;

-- name: claim_run(kind, number)
SELECT * FROM batch_run
WHERE kind = :kind AND number = :number AND ended_at IS NULL AND NOT stopped
FOR UPDATE SKIP LOCKED;

-- name: lock_run(kind, number)
SELECT * FROM batch_run WHERE kind = :kind AND number = :number FOR UPDATE;

-- name: update_run(kind, number, after_ptk_id, after_period, counts, pass_moved_plans, seconds, stopped, ended_at)
UPDATE batch_run
SET
  after_ptk_id = :after_ptk_id, after_period = :after_period, counts = :counts::jsonb,
  pass_moved_plans = :pass_moved_plans, seconds = :seconds, stopped = :stopped, ended_at = :ended_at
WHERE kind = :kind AND number = :number;

-- name: lock_migrations()
SELECT pg_advisory_xact_lock(hashtext('migration'));

-- name: select_last_number()
SELECT coalesce(max(number), 0) FROM migration;

-- name: insert_migration(number, old_version, new_version, states, period, npsn)
INSERT INTO migration (number, old_version, new_version, states, period, npsn)
VALUES (:number, :old_version, :new_version, :states::jsonb, :period, :npsn);

-- name: select_migrations(numbers, before, is_unfinished, size)
-- Those of :numbers, or those before a number, newest first; if :is_unfinished only those with a run that has not ended.
SELECT
  to_jsonb(migration) AS migration,
  (
    SELECT jsonb_agg(admin_act ORDER BY admin_act.id) FROM admin_act
    WHERE admin_act.subject = 'migration ' || migration.number
  ) AS acts,
  (
    SELECT jsonb_object_agg(batch_run.kind, batch_run) FROM batch_run
    WHERE batch_run.number = migration.number AND batch_run.kind IN ('migrate', 'rollback')
  ) AS runs
FROM migration
WHERE (:numbers::int[] IS NULL OR number = ANY(:numbers)) AND (:before::int IS NULL OR number < :before)
  AND (
    NOT :is_unfinished
    OR EXISTS (
      SELECT FROM batch_run
      WHERE batch_run.number = migration.number AND batch_run.kind IN ('migrate', 'rollback') AND batch_run.ended_at IS NULL
    )
  )
ORDER BY number DESC
LIMIT :size;

-- name: count_plans(workflow, period, npsn)
SELECT period, count(*)::int AS plans
FROM plan
WHERE workflow = :workflow AND (:period::text IS NULL OR period = :period) AND (:npsn::text IS NULL OR npsn = :npsn)
GROUP BY period
ORDER BY period;

-- name: select_skipped_plans(migration, is_backward, after_ptk_id, after_period, size)
SELECT
  migration_outcome.ptk_id::text, migration_outcome.period, migration_outcome.state, code, params, plan.school
FROM migration_outcome
JOIN plan USING (ptk_id, period)
WHERE migration = :migration AND is_backward = :is_backward AND migration_outcome.version IS NULL
  AND (migration_outcome.ptk_id, migration_outcome.period) > (:after_ptk_id, :after_period)
ORDER BY migration_outcome.ptk_id, migration_outcome.period
LIMIT :size;
