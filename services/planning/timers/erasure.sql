-- name: count_reasons(ptk_id, period)
SELECT count(*) FROM plan_timer_act WHERE ptk_id = :ptk_id AND period = :period AND reason IS NOT NULL;

-- name: erase_reasons(ptk_id, period)
UPDATE plan_timer_act SET reason = NULL WHERE ptk_id = :ptk_id AND period = :period;
