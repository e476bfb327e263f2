-- name: lock_numbers(numbers)
-- Advisory locks until the transaction ends. Every transaction takes them in the same order, so that none deadlocks.
SELECT count(pg_advisory_xact_lock(number)) FROM (SELECT unnest(:numbers::bigint[]) AS number ORDER BY 1) AS numbers;

-- name: insert_changes(kinds, keys, at)
INSERT INTO changes (seq, kind, key, at)
SELECT (SELECT coalesce(max(seq), 0) FROM changes) + place, kind, key, :at
FROM unnest(:kinds::text[], :keys::text[]) WITH ORDINALITY AS changed (kind, key, place);
