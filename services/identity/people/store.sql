-- name: lock_numbers(numbers)
-- Advisory locks until the transaction ends. Every transaction takes them in the same order, so that none deadlocks.
SELECT count(pg_advisory_xact_lock(number)) FROM (SELECT unnest(:numbers::bigint[]) AS number ORDER BY 1) AS numbers;

-- name: insert_changes(kinds, keys, at)
INSERT INTO registry_change (seq, kind, key, at)
SELECT (SELECT coalesce(max(seq), 0) FROM registry_change) + number, kind, key, :at
FROM unnest(:kinds::text[], :keys::text[]) WITH ORDINALITY AS change (kind, key, number);
