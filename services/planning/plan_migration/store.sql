-- name: insert_run(work, number, plans, began_at, ptk_id, period, counts, found, seconds, stopped, ended_at)
INSERT INTO run (work, number, plans, began_at, ptk_id, period, counts, found, seconds, stopped, ended_at)
VALUES (
  :work, :number, :plans, :began_at, :ptk_id, :period, :counts::jsonb, :found, :seconds, :stopped, :ended_at
);

-- name: select_open_runs(works)
SELECT work, number FROM run
WHERE ended_at IS NULL AND NOT stopped AND work = ANY(:works::text[])
ORDER BY number;

-- name: select_run(work, number)
SELECT * FROM run WHERE work = :work AND number = :number;

-- name: claim_run(work, number)
SELECT * FROM run
WHERE work = :work AND number = :number AND ended_at IS NULL AND NOT stopped
FOR UPDATE SKIP LOCKED;

-- name: lock_run(work, number)
SELECT * FROM run WHERE work = :work AND number = :number FOR UPDATE;

-- name: update_run(work, number, ptk_id, period, counts, found, seconds, stopped, ended_at)
UPDATE run
SET
  ptk_id = :ptk_id, period = :period, counts = :counts::jsonb, found = :found, seconds = :seconds,
  stopped = :stopped, ended_at = :ended_at
WHERE work = :work AND number = :number;
