-- name: insert_dry_run(sha256, period, states)
INSERT INTO dry_run (sha256, period, states)
VALUES (:sha256, :period, :states::jsonb)
RETURNING number;

-- name: select_dry_runs(numbers)
SELECT to_jsonb(d) AS dry_run, to_jsonb(r) AS run, (
    SELECT to_jsonb(a) FROM admin_act AS a WHERE a.subject = 'dry run ' || d.number ORDER BY a.id LIMIT 1
  ) AS act, (
    SELECT jsonb_object_agg(outcome, commands) FROM (
      SELECT outcome, sum(command_count) AS commands FROM dry_run_command_count
      WHERE dry_run = d.number GROUP BY outcome
    ) AS by_outcome
  ) AS commands
FROM dry_run AS d JOIN batch_run AS r ON r.number = d.number AND r.kind = 'dry_run'
WHERE d.number = ANY(:numbers::int[]);

-- name: count_plans(period)
SELECT count(*)::integer FROM plan WHERE period = :period;

-- name: select_plan_groups(period, sha256, after_workflow, after_state, size)
-- The index (workflow, period, state, ptk_id) answers both parts.
SELECT counts.workflow, counts.state, counts.plans, ARRAY (
    SELECT ptk_id::text FROM plan
    WHERE workflow = counts.workflow AND period = :period AND state = counts.state
    ORDER BY ptk_id LIMIT 5
  ) AS samples
FROM (
  SELECT workflow, state, count(*)::integer AS plans FROM plan
  WHERE period = :period AND workflow <> :sha256 AND (workflow, state) > (:after_workflow, :after_state)
  GROUP BY workflow, state
  ORDER BY workflow, state
  LIMIT :size
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

-- name: add_command_counts(dry_run, counts, max_samples)
INSERT INTO dry_run_command_count AS f
  (dry_run, "trigger", from_state, to_state, outcome, next_state, reasons, command_count, samples)
SELECT :dry_run, n."trigger", n.from_state, n.to_state, n.outcome, n.next_state, n.reasons, n.command_count, n.samples
FROM jsonb_to_recordset(:counts::jsonb) AS n
  ("trigger" text, from_state text, to_state text, outcome text, next_state text, reasons text[],
   command_count integer, samples jsonb)
ON CONFLICT (dry_run, "trigger", from_state, to_state, outcome, next_state, reasons) DO UPDATE
SET command_count = f.command_count + excluded.command_count, samples = (
    SELECT coalesce(jsonb_agg(s.sample ORDER BY s.number), '[]')
    FROM jsonb_array_elements(f.samples || excluded.samples) WITH ORDINALITY AS s (sample, number)
    WHERE s.number <= :max_samples
  );

-- name: select_command_counts(dry_run, outcome, negative_count, trigger, from_state, to_state, next_state, reasons, size)
SELECT "trigger", from_state, to_state, outcome, next_state, reasons, command_count, samples
FROM dry_run_command_count
WHERE dry_run = :dry_run
  AND (outcome, -command_count, "trigger", from_state, to_state, next_state, reasons)
    > (:outcome, :negative_count, :trigger, :from_state, :to_state, :next_state, :reasons::text[])
ORDER BY outcome, command_count DESC, "trigger", from_state, to_state, next_state, reasons
LIMIT :size;
