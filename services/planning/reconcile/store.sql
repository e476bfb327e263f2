-- name: select_position(name)
SELECT position FROM worker_position WHERE name = :name;

-- name: select_feed_position(name)
SELECT position, last_change FROM worker_position WHERE name = :name;

-- name: advance_positions(names, positions, changes, at)
-- A position never decreases.
INSERT INTO worker_position (name, position, at, last_change)
SELECT name, position, :at, last_change
FROM unnest(:names::text[], :positions::bigint[], :changes::text[]) AS positions(name, position, last_change)
ON CONFLICT (name) DO UPDATE SET
  position = greatest(worker_position.position, excluded.position),
  at = excluded.at,
  last_change = CASE
    WHEN excluded.position > worker_position.position THEN excluded.last_change ELSE worker_position.last_change
  END;

-- name: reset_positions(names)
UPDATE worker_position SET position = 0, last_change = NULL WHERE name = ANY(:names::text[]);

-- name: set_position(name, position, at)
INSERT INTO worker_position (name, position, at) VALUES (:name, :position, :at)
ON CONFLICT (name) DO UPDATE SET position = excluded.position, at = excluded.at;

-- name: select_period_positions(prefix)
SELECT code, worker_position.position
FROM period
LEFT JOIN worker_position ON worker_position.name = :prefix || ' ' || code
ORDER BY code;

-- A plan waits if its state has automatic transitions. A plan whose version this release cannot read counts too:
-- deciding it fails until a newer release decides it.

-- name: select_waiting_at_schools(workflows, states, readable, npsns)
SELECT ptk_id::text, period, npsn, version
FROM plan
WHERE period = ANY(ARRAY(SELECT code FROM period)) AND npsn = ANY(:npsns::text[])
  AND (
    (workflow, state) IN (SELECT * FROM unnest(:workflows::text[], :states::text[]))
    OR workflow <> ALL(:readable::text[])
  )
ORDER BY period, npsn, ptk_id::text;

-- name: select_waiting_in_period(workflows, states, readable, period, after, size)
-- Few plans wait among millions. The index (workflow, period, state, ptk_id) returns the plans of each state in order.
SELECT ptk_id::text, period, npsn, version
FROM (
  SELECT waiting.*
  FROM unnest(:workflows::text[], :states::text[]) AS waiting_state(workflow, state)
  CROSS JOIN LATERAL (
    SELECT ptk_id, period, npsn, version
    FROM plan
    WHERE workflow = waiting_state.workflow AND period = :period AND state = waiting_state.state
      AND ptk_id > :after::uuid
    ORDER BY ptk_id
    LIMIT :size
  ) AS waiting
  UNION ALL
  SELECT unreadable.*
  FROM workflow_version
  CROSS JOIN LATERAL (
    SELECT ptk_id, period, npsn, version
    FROM plan
    WHERE workflow = workflow_version.sha256 AND period = :period AND ptk_id > :after::uuid
    ORDER BY ptk_id
    LIMIT :size
  ) AS unreadable
  WHERE workflow_version.sha256 <> ALL(:readable::text[])
) AS waiting_plan
ORDER BY waiting_plan.ptk_id
LIMIT :size;

-- name: select_new_waiting_plans(workflows, states, readable, since, until)
SELECT ptk_id::text, period, npsn, version
FROM plan_event
JOIN plan USING (ptk_id, period, version)
WHERE plan_event.at >= :since AND plan_event.at < :until
  AND (
    (workflow, state) IN (SELECT * FROM unnest(:workflows::text[], :states::text[]))
    OR workflow <> ALL(:readable::text[])
  )
ORDER BY plan_event.at;

-- name: insert_head_changes(npsns, instants)
-- Several workers write the same rows. The order prevents a deadlock.
INSERT INTO head_change (npsn, changes_at)
SELECT npsn, changes_at FROM unnest(:npsns::text[], :instants::timestamptz[]) AS changes (npsn, changes_at)
ORDER BY npsn, changes_at
ON CONFLICT DO NOTHING;

-- name: find_due_schools(now, size)
SELECT npsn, max(changes_at) AS changed_at FROM head_change
WHERE changes_at <= :now GROUP BY npsn ORDER BY min(changes_at), npsn LIMIT :size;

-- name: delete_head_changes(npsns, until)
DELETE FROM head_change WHERE npsn = ANY(:npsns::text[]) AND changes_at <= :until;
