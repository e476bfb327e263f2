-- name: select_period(code, day)
-- By code, or if :code is null the period that :day falls in; of several, the one that began last. `workflows` are the
-- published versions, newest first, without those retired since: a release that cannot build one takes the one before.
SELECT
  period.code, label, starts, ends, catalog, workflow,
  (
    SELECT sha256 FROM catalog WHERE catalog.code = period.catalog ORDER BY imported_at DESC LIMIT 1
  ) AS catalog_sha256,
  ARRAY(
    SELECT sha256
    FROM workflow_act AS publication
    WHERE name = period.workflow AND act = 'published'
      AND NOT EXISTS (
        SELECT FROM workflow_act AS retirement
        WHERE retirement.name = publication.name AND retirement.sha256 = publication.sha256
          AND retirement.act = 'retired' AND retirement.number > publication.number
      )
    ORDER BY number DESC
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
-- A number that the period has already is left as it is.
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
