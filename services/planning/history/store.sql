-- name: select_events(ptk_id, period, version, size)
-- Of the texts written with an event only `reason` and `nama` are read: the others are whole copies of the plan.
SELECT plan_event.body, event_text.texts, coalesce(event_text.is_erased, false) AS is_erased
FROM plan_event
LEFT JOIN LATERAL (
  SELECT
    jsonb_object_agg(name, value) FILTER (WHERE name IN ('reason', 'nama')) AS texts,
    bool_or(erased_at IS NOT NULL) AS is_erased
  FROM plan_text
  WHERE ptk_id = plan_event.ptk_id AND period = plan_event.period AND version = plan_event.version
) AS event_text ON true
WHERE ptk_id = :ptk_id AND period = :period AND version < :version
ORDER BY version DESC
LIMIT :size;

-- name: select_schools(ptk_id, period)
-- The newest snapshot of each school that the plan was at. A plan stays with the school of its snapshot.
SELECT DISTINCT ON (school ->> 'npsn') school::text
FROM (
  SELECT version, value::jsonb -> 'school' AS school
  FROM plan_text
  WHERE ptk_id = :ptk_id AND period = :period AND name = 'profile' AND value IS NOT NULL
) AS snapshot
ORDER BY school ->> 'npsn', version DESC;

-- name: select_submissions(ptk_id, period, size)
-- Only a submission stores `content`. An erased text keeps its row without a value.
SELECT content.value AS content, profile.value AS profile
FROM plan_text AS content
JOIN plan_text AS profile USING (ptk_id, period, version)
WHERE content.ptk_id = :ptk_id AND content.period = :period
  AND content.name = 'content' AND profile.name = 'profile'
ORDER BY version DESC
LIMIT :size;
