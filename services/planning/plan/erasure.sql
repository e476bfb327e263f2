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
  SELECT 'ptk:' || author FROM plan_comment WHERE ptk_id = :ptk_id AND period = :period
)
UPDATE command_key SET input_hash = ''
FROM command_subject
WHERE subject = command_subject.name AND ptk_id = :ptk_id AND period = :period;
