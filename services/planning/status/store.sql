-- name: select_statuses(period, ptk_ids)
-- `changes` are the events that changed the state, oldest first, each with its workflow version: names of states belong
-- to one. A migration that only renames the state changes nothing.
SELECT
  plan.ptk_id::text, school, workflow, state, submitted_at,
  (
    SELECT coalesce(jsonb_agg(jsonb_build_object('to', to_state, 'at', at, 'workflow', body ->> 'workflow') ORDER BY version), '[]')
    FROM (
      SELECT version, to_state, at, body::jsonb, lag(to_state) OVER (ORDER BY version) AS state_before
      FROM plan_event
      WHERE ptk_id = plan.ptk_id AND period = plan.period
    ) AS event
    WHERE to_state IS DISTINCT FROM state_before AND body #>> '{detail,is_rename}' IS DISTINCT FROM 'true'
  ) AS changes
FROM plan
WHERE period = :period AND ptk_id = ANY(:ptk_ids::uuid[]);
