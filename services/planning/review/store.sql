-- name: lock_comments(plan)
-- Comments on one plan are numbered one after another. A statement sees what was committed before it began, so a
-- writer that waited here counts the comments of those before it.
SELECT pg_advisory_xact_lock(hashtextextended(:plan, 0));

-- name: insert_comment(ptk_id, period, at, author_ptk_id, account, head_kind, nama, text, max_comments, key)
-- The comment and its idempotency key are stored together, or neither: if the key is taken, or beyond :max_comments,
-- nothing is stored.
WITH next_number AS (
  SELECT count(*) + 1 AS number FROM plan_comment WHERE ptk_id = :ptk_id AND period = :period
),
key_insert AS (
  INSERT INTO command_key (subject, mutation, key, input_hash, ptk_id, period, version, at)
  SELECT key.subject, key.mutation, key.key, key.input_hash, :ptk_id, :period, number, key.at
  FROM next_number CROSS JOIN jsonb_to_recordset(:key::jsonb)
    AS key(subject text, mutation text, key text, input_hash text, at timestamptz)
  WHERE number <= :max_comments
  ON CONFLICT DO NOTHING
  RETURNING version
),
comment_insert AS (
  INSERT INTO plan_comment (ptk_id, period, number, at, author_ptk_id, account, head_kind, nama, text)
  SELECT :ptk_id, :period, number, :at, :author_ptk_id, :account, :head_kind, :nama, :text
  FROM next_number
  WHERE number <= :max_comments AND (:key::jsonb IS NULL OR EXISTS (SELECT FROM key_insert))
  RETURNING number
)
SELECT number FROM comment_insert;

-- name: select_comment_of_key(subject, mutation, key)
SELECT ptk_id::text, period, number, at, author_ptk_id::text, account, head_kind, nama, text, erased_at
FROM plan_comment
WHERE (ptk_id, period, number) = (
  SELECT ptk_id, period, version FROM command_key WHERE subject = :subject AND mutation = :mutation AND key = :key
);

-- name: select_comments_by_key(ptk_ids, periods, numbers)
SELECT ptk_id::text, period, number, at, author_ptk_id::text, account, head_kind, nama, text, erased_at
FROM unnest(:ptk_ids::uuid[], :periods::text[], :numbers::int[]) AS key(ptk_id, period, number)
JOIN plan_comment USING (ptk_id, period, number);

-- name: select_comments(ptk_id, period, number, size)
-- `total` counts all comments of the plan. A plan without comments gives one row without a number.
SELECT page.*, plan_total.total
FROM (SELECT count(*)::int AS total FROM plan_comment WHERE ptk_id = :ptk_id AND period = :period) AS plan_total
LEFT JOIN LATERAL (
  SELECT ptk_id::text, period, number, at, author_ptk_id::text, account, head_kind, nama, text, erased_at
  FROM plan_comment
  WHERE ptk_id = :ptk_id AND period = :period AND number > :number
  ORDER BY number
  LIMIT :size
) AS page ON true
ORDER BY number;

-- name: count_queue(period, starts, npsns, reviewer, is_running)
-- The second part counts plans of teachers who came to these schools. A teacher who moved and came back, or whose plan
-- an admin moved, may stay in moved_teacher for a moment, so the schools are compared. Its rows are out of date after
-- the end of the period. The third part counts the plans of periods that began before :starts.
SELECT workflow, state, place, count(*)::int AS plan_count
FROM (
  SELECT workflow, state, 'school' AS place
  FROM plan
  WHERE period = :period AND npsn = ANY(:npsns::text[]) AND ptk_id <> :reviewer::uuid
  UNION ALL
  SELECT plan.workflow, plan.state, 'arriving'
  FROM moved_teacher
  JOIN plan USING (ptk_id, period)
  WHERE :is_running::bool AND moved_teacher.period = :period AND moved_teacher.npsn = ANY(:npsns::text[])
    AND plan.npsn <> ALL(:npsns::text[]) AND plan.ptk_id <> :reviewer::uuid
  UNION ALL
  SELECT plan.workflow, plan.state, 'earlier_period'
  FROM period
  JOIN plan ON plan.period = period.code
  WHERE period.starts < :starts::date AND plan.npsn = ANY(:npsns::text[]) AND plan.ptk_id <> :reviewer::uuid
) AS queue
GROUP BY workflow, state, place;

-- name: select_queue(period, npsns, reviewer, is_running, workflows, states, name, literal, after_name, after_id, size)
-- The plans of the first two parts of count_queue, in the order of names. A name is searched by its sort key, and by
-- :literal if that text has no letter or digit. Whole rows are read for the page only.
WITH page AS (
  SELECT ptk_id, nama_key, is_arriving
  FROM (
    SELECT ptk_id, workflow, state, profile, nama_key, false AS is_arriving
    FROM plan
    WHERE period = :period AND npsn = ANY(:npsns::text[]) AND ptk_id <> :reviewer::uuid
    UNION ALL
    SELECT plan.ptk_id, workflow, state, profile, nama_key, true
    FROM moved_teacher
    JOIN plan USING (ptk_id, period)
    WHERE :is_running::bool AND moved_teacher.period = :period AND moved_teacher.npsn = ANY(:npsns::text[])
      AND plan.npsn <> ALL(:npsns::text[]) AND plan.ptk_id <> :reviewer::uuid
  ) AS queue
  WHERE (workflow, state) IN (SELECT * FROM unnest(:workflows::text[], :states::text[]))
    AND position(:name IN nama_key) > 0
    AND (:literal::text = '' OR position(:literal IN profile #>> '{nama,value}') > 0)
    AND (nama_key, ptk_id::text) > (:after_name, :after_id)
  ORDER BY nama_key, ptk_id::text
  LIMIT :size
)
SELECT
  ptk_id, period, npsn, school, workflow, catalog, state, version, last_hash, tab, profile, content, updated_at,
  submitted_at, revision_due, note, reopened_at, state_since, page.nama_key, is_arriving,
  (
    SELECT count(*)::int FROM plan_comment
    WHERE plan_comment.ptk_id = plan.ptk_id AND plan_comment.period = plan.period
  ) AS comment_count
FROM page
JOIN plan USING (ptk_id)
WHERE plan.period = :period
ORDER BY page.nama_key, ptk_id::text;

-- name: count_reopened(period, npsns, reviewer)
SELECT npsn, min(school ->> 'nama') AS nama, count(*)::int AS plans
FROM plan
WHERE period = :period AND npsn = ANY(:npsns::text[]) AND ptk_id <> :reviewer::uuid AND reopened_at IS NOT NULL
GROUP BY npsn
ORDER BY npsn;

-- name: select_comment_numbers(ptk_id, period)
SELECT number FROM plan_comment
WHERE ptk_id = :ptk_id AND period = :period AND erased_at IS NULL
ORDER BY number;

-- name: erase_comments(ptk_id, period, numbers, erased_at)
UPDATE plan_comment SET text = NULL, nama = NULL, erased_at = :erased_at
WHERE ptk_id = :ptk_id AND period = :period AND number = ANY(:numbers::int[]);

-- name: count_comments_by(author_ptk_id, period)
SELECT count(*) FROM plan_comment
WHERE author_ptk_id = :author_ptk_id
  AND ptk_id <> :author_ptk_id AND erased_at IS NULL AND (:period::text IS NULL OR period = :period);

-- name: erase_comments_by(author_ptk_id, period, erased_at)
-- An idempotency key stays without the hash of its input, from which a short comment could be guessed.
WITH key_update AS (
  UPDATE command_key SET input_hash = ''
  WHERE subject = 'ptk:' || :author_ptk_id::uuid AND mutation = 'commentOnPlan' AND ptk_id <> :author_ptk_id
    AND (:period::text IS NULL OR period = :period)
)
UPDATE plan_comment SET text = NULL, nama = NULL, erased_at = :erased_at
WHERE author_ptk_id = :author_ptk_id
  AND ptk_id <> :author_ptk_id AND erased_at IS NULL AND (:period::text IS NULL OR period = :period)
RETURNING number;
