-- name: select_confirmation(npsn, period)
SELECT npsn, period, ptk_id::text, account, at FROM plt_confirmation WHERE npsn = :npsn AND period = :period;

-- name: select_confirmed(npsns, period)
SELECT npsn FROM plt_confirmation WHERE npsn = ANY(:npsns::text[]) AND period = :period;

-- name: insert_confirmation(npsn, period, ptk_id, account, at)
-- The first confirmation of a school stays.
INSERT INTO plt_confirmation (npsn, period, ptk_id, account, at)
VALUES (:npsn, :period, :ptk_id, :account, :at)
ON CONFLICT DO NOTHING
RETURNING npsn;

-- name: select_instants(period)
SELECT npsn, at FROM plt_confirmation WHERE period = :period;
