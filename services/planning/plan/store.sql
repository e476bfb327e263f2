-- name: count_plans(period, ptk_id)
SELECT count(*) FROM plan
WHERE (:period::text IS NULL OR period = :period) AND (:ptk_id::uuid IS NULL OR ptk_id = :ptk_id);

-- name: select_plans(period, ptk_id, after_ptk_id, after_period, size)
-- One statement sees one instant. Several would find a plan that somebody changes at odds with its events.
SELECT coalesce(json_agg(batch ORDER BY batch.ptk_id, batch.period), '[]')::text AS plans
FROM (
  SELECT
    ptk_id, period, npsn, state, workflow, catalog, version, last_hash, content, profile, school,
    coalesce((
      SELECT json_agg(plan_event ORDER BY plan_event.version) FROM plan_event
      WHERE plan_event.ptk_id = plan.ptk_id AND plan_event.period = plan.period
    ), '[]') AS events,
    coalesce((
      SELECT json_agg(plan_text) FROM plan_text
      WHERE plan_text.ptk_id = plan.ptk_id AND plan_text.period = plan.period
    ), '[]') AS texts
  FROM plan
  WHERE (:period::text IS NULL OR period = :period) AND (:ptk_id::uuid IS NULL OR ptk_id = :ptk_id)
    AND (ptk_id, period) > (:after_ptk_id, :after_period)
  ORDER BY ptk_id, period
  LIMIT :size
) AS batch;
