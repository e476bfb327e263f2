-- name: select_periods(codes, day, before_starts, before_code, size)
-- Selects the periods of these codes, that include a day, or that come after a position, each unless it is null. The
-- period that starts last comes first.
-- `workflows` are the published versions that are not retired, newest first: a release that cannot build one uses the
-- next.
SELECT
  period.code, label, starts, ends, catalog, workflow,
  (
    SELECT sha256 FROM catalog WHERE catalog.code = period.catalog ORDER BY imported_at DESC LIMIT 1
  ) AS catalog_sha256,
  ARRAY(
    SELECT publication.detail ->> 'sha256'
    FROM admin_act AS publication
    WHERE subject = 'workflow ' || period.workflow AND act IN ('executed', 'published')
      AND NOT EXISTS (
        SELECT FROM admin_act AS retirement
        WHERE retirement.subject = publication.subject AND retirement.act = 'retired'
          AND retirement.detail ->> 'sha256' = publication.detail ->> 'sha256' AND retirement.id > publication.id
      )
    ORDER BY id DESC
  ) AS workflows,
  (
    SELECT json_agg(period_revision ORDER BY number) FROM period_revision WHERE period_revision.period = period.code
  ) AS revisions
FROM period
WHERE (:codes::text[] IS NULL OR period.code = ANY(:codes))
  AND (:day::date IS NULL OR :day BETWEEN starts AND ends)
  AND (:before_starts::date IS NULL OR (starts, period.code) < (:before_starts, :before_code::text))
ORDER BY starts DESC, period.code DESC
LIMIT :size;

-- name: select_newest_catalogs(codes)
SELECT DISTINCT ON (code) code, sha256 FROM catalog WHERE code = ANY(:codes::text[]) ORDER BY code, imported_at DESC;

-- name: lock_period(name)
SELECT pg_advisory_xact_lock(hashtext(:name));

-- name: insert_new_revisions(period, revisions)
-- Leaves a revision as it is if its number is stored.
INSERT INTO period_revision (period, number, "values", author, approver, reason, effective_from)
SELECT :period, number, "values", author, approver, reason, effective_from
FROM jsonb_to_recordset(:revisions::jsonb)
  AS revision(number int, "values" jsonb, author jsonb, approver jsonb, reason text, effective_from timestamptz)
ON CONFLICT DO NOTHING;

-- name: insert_revisions(period, revisions)
-- Fails if a number is taken.
INSERT INTO period_revision (period, number, "values", author, approver, reason, effective_from)
SELECT :period, number, "values", author, approver, reason, effective_from
FROM jsonb_to_recordset(:revisions::jsonb)
  AS revision(number int, "values" jsonb, author jsonb, approver jsonb, reason text, effective_from timestamptz);

-- name: has_plans()
SELECT EXISTS (SELECT FROM plan);

-- name: insert_catalog(sha256, code, body, at)
-- The instant is later than that of every other catalogue of the code, even if the clock has not advanced.
INSERT INTO catalog (sha256, code, body, imported_at)
SELECT :sha256, :code::text, :body, greatest(:at::timestamptz, max(imported_at) + interval '1 microsecond')
FROM catalog
WHERE code = :code::text
ON CONFLICT (sha256) DO UPDATE SET imported_at = excluded.imported_at;
