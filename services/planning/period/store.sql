-- name: select_period(code, day)
-- Selects by code, or if :code is null the period that includes :day; of several, the one that starts last.
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
WHERE CASE WHEN :code::text IS NULL THEN :day::date BETWEEN starts AND ends ELSE period.code = :code END
ORDER BY starts DESC
LIMIT 1;

-- name: lock_period(name)
SELECT pg_advisory_xact_lock(hashtext(:name));

-- name: insert_new_revisions(period, revisions)
-- Leaves a revision as it is if its number is stored.
INSERT INTO period_revision (period, number, "values", author, approver, reason, effective_from)
SELECT :period, number, "values", author, approver, reason, effective_from
FROM jsonb_to_recordset(:revisions::jsonb)
  AS revision(number int, "values" jsonb, author text, approver text, reason text, effective_from timestamptz)
ON CONFLICT DO NOTHING;

-- name: insert_revisions(period, revisions)
-- Fails if a number is taken.
INSERT INTO period_revision (period, number, "values", author, approver, reason, effective_from)
SELECT :period, number, "values", author, approver, reason, effective_from
FROM jsonb_to_recordset(:revisions::jsonb)
  AS revision(number int, "values" jsonb, author text, approver text, reason text, effective_from timestamptz);

-- name: has_plans()
SELECT EXISTS (SELECT FROM plan);

-- name: insert_catalog(sha256, code, body, at)
-- The instant is later than that of every other catalogue of the code, even if the clock has not advanced.
INSERT INTO catalog (sha256, code, body, imported_at)
SELECT :sha256, :code::text, :body, greatest(:at::timestamptz, max(imported_at) + interval '1 microsecond')
FROM catalog
WHERE code = :code::text
ON CONFLICT (sha256) DO UPDATE SET imported_at = excluded.imported_at;
