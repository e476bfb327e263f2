-- name: insert_dry_run(sha256, period, states)
INSERT INTO dry_run (sha256, period, states)
VALUES (:sha256, :period, :states::jsonb)
RETURNING number;

-- name: find_dry_run(number)
SELECT to_jsonb(d) AS dry_run, to_jsonb(r) AS run, (
    SELECT to_jsonb(a) FROM admin_act AS a WHERE a.subject = 'dry run ' || d.number ORDER BY a.id LIMIT 1
  ) AS act, (
    SELECT jsonb_object_agg(outcome, commands) FROM (
      SELECT outcome, sum(commands) AS commands FROM dry_run_finding WHERE dry_run = d.number GROUP BY outcome
    ) AS by_outcome
  ) AS commands
FROM dry_run AS d JOIN run AS r ON r.number = d.number AND r.kind = 'dry_run'
WHERE d.number = :number;

-- name: count_plans(period)
-- The index (workflow, period, state, ptk_id) answers both parts.
SELECT counts.workflow, counts.state, counts.plans, ARRAY (
    SELECT ptk_id::text FROM plan
    WHERE workflow = counts.workflow AND period = :period AND state = counts.state
    ORDER BY ptk_id LIMIT 5
  ) AS samples
FROM (
  SELECT workflow, state, count(*)::integer AS plans FROM plan WHERE period = :period GROUP BY workflow, state
) AS counts
ORDER BY counts.workflow, counts.state;

-- name: select_histories(period, after, size)
SELECT p.ptk_id::text, p.school ->> 'zone' AS zone, (
    SELECT '[' || string_agg(e.body, ',' ORDER BY e.version) || ']' FROM plan_event AS e
    WHERE e.ptk_id = p.ptk_id AND e.period = p.period AND e.kind = 'transition'
  ) AS events
FROM plan AS p
WHERE p.period = :period AND p.ptk_id > :after
ORDER BY p.ptk_id
LIMIT :size;

-- name: add_findings(dry_run, findings, max_samples)
INSERT INTO dry_run_finding AS f
  (dry_run, "trigger", from_state, to_state, outcome, next_state, reasons, commands, samples)
SELECT :dry_run, n."trigger", n.from_state, n.to_state, n.outcome, n.next_state, n.reasons, n.commands, n.samples
FROM jsonb_to_recordset(:findings::jsonb) AS n
  ("trigger" text, from_state text, to_state text, outcome text, next_state text, reasons text[],
   commands integer, samples jsonb)
ON CONFLICT (dry_run, "trigger", from_state, to_state, outcome, next_state, reasons) DO UPDATE
SET commands = f.commands + excluded.commands, samples = (
    SELECT coalesce(jsonb_agg(s.sample ORDER BY s.place), '[]')
    FROM jsonb_array_elements(f.samples || excluded.samples) WITH ORDINALITY AS s (sample, place)
    WHERE s.place <= :max_samples
  );

-- name: select_findings(dry_run, size)
SELECT "trigger", from_state, to_state, outcome, next_state, reasons, commands, samples
FROM dry_run_finding
WHERE dry_run = :dry_run
ORDER BY outcome, commands DESC, "trigger", from_state, to_state, next_state, reasons
LIMIT :size;
