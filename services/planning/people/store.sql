-- name: select_induk(ptk_ids, periods, today)
-- Rows of periods that have ended are outdated: nobody updates them.
SELECT moved_teacher.ptk_id::text, moved_teacher.period, moved_teacher.npsn
FROM moved_teacher
JOIN period ON period.code = moved_teacher.period AND period.ends >= :today
WHERE (moved_teacher.ptk_id, moved_teacher.period) IN (SELECT * FROM unnest(:ptk_ids::uuid[], :periods::text[]));

-- name: select_with_plans(ptk_ids, today)
SELECT DISTINCT plan.ptk_id::text
FROM plan
JOIN period ON period.code = plan.period
WHERE plan.ptk_id = ANY(:ptk_ids::uuid[]) AND period.ends >= :today;

-- name: update_moved_teachers(teachers, today, noticed_at)
-- The statement reads the school of the plan itself, because an admin may have moved the plan since identity was asked.
WITH teacher AS (
  SELECT plan.ptk_id, plan.period, nullif(facts.induk, plan.npsn) AS induk
  FROM jsonb_to_recordset(:teachers::jsonb) AS facts(ptk_id uuid, induk text)
  JOIN plan USING (ptk_id)
  JOIN period ON period.code = plan.period AND period.ends >= :today
),
move_delete AS (
  DELETE FROM moved_teacher
  USING teacher
  WHERE (moved_teacher.ptk_id, moved_teacher.period) = (teacher.ptk_id, teacher.period) AND teacher.induk IS NULL
)
INSERT INTO moved_teacher (ptk_id, period, npsn, noticed_at)
SELECT ptk_id, period, induk, :noticed_at
FROM teacher
WHERE induk IS NOT NULL
ON CONFLICT (ptk_id, period) DO UPDATE SET npsn = excluded.npsn, noticed_at = excluded.noticed_at
WHERE moved_teacher.npsn <> excluded.npsn;

-- name: select_confirmation(npsn, period)
SELECT npsn, period, ptk_id::text, account, at FROM plt_confirmation WHERE npsn = :npsn AND period = :period;

-- name: select_confirmed(npsns, period)
SELECT npsn FROM plt_confirmation WHERE npsn = ANY(:npsns::text[]) AND period = :period;

-- name: insert_confirmation(npsn, period, ptk_id, account, at)
-- The first confirmation of a school stays.
INSERT INTO plt_confirmation (npsn, period, ptk_id, account, at)
VALUES (:npsn, :period, :ptk_id, :account, :at)
ON CONFLICT DO NOTHING
RETURNING npsn;

-- name: select_instants(period)
SELECT npsn, at FROM plt_confirmation WHERE period = :period;

-- name: select_answer(path)
SELECT path, etag, body, as_of FROM identity_answer WHERE path = :path;

-- name: upsert_answers(paths, etags, bodies, instants, expired_before, latest)
-- An answer after :latest was stored under a clock that ran ahead, and any answer replaces it.
-- An answer without a body deletes the row. All processes write in the order of paths, because two that write the same
-- rows in different orders deadlock.
WITH answer (path, etag, body, as_of) AS (
  SELECT * FROM unnest(:paths::text[], :etags::text[], :bodies::text[], :instants::timestamptz[])
),
unknown_delete AS (
  DELETE FROM identity_answer
  USING answer
  WHERE identity_answer.path = answer.path AND answer.body IS NULL AND (identity_answer.as_of <= answer.as_of OR identity_answer.as_of > :latest)
),
expired_delete AS (
  DELETE FROM identity_answer WHERE (as_of < :expired_before OR as_of > :latest) AND path <> ALL(:paths::text[])
)
INSERT INTO identity_answer (path, etag, body, as_of)
SELECT path, etag, body, as_of FROM answer WHERE body IS NOT NULL ORDER BY path
ON CONFLICT (path) DO UPDATE SET etag = excluded.etag, body = excluded.body, as_of = excluded.as_of
WHERE identity_answer.as_of <= excluded.as_of OR identity_answer.as_of > :latest;
