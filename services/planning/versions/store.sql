-- name: select_acts(subject)
-- A proposal and its approval name the version by their change request, other acts by their detail.
SELECT
  act, actor_kind, account, admin_act.ptk_id::text, admin_act.reason, at, change_request,
  coalesce(detail ->> 'sha256', after ->> 'sha256') AS sha256, after ->> 'based_on' AS based_on
FROM admin_act
LEFT JOIN change_request ON change_request.id = admin_act.change_request
WHERE admin_act.subject = :subject
ORDER BY admin_act.id;

-- name: count_plans_by_state(sha256s)
-- Reads only the index.
SELECT workflow, period, state, count(*)::int AS plans
FROM plan
WHERE workflow = ANY(:sha256s::text[])
GROUP BY workflow, period, state
ORDER BY workflow, period, state;
