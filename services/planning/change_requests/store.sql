-- name: lock_subject(subject)
SELECT pg_advisory_xact_lock(hashtext(:subject));

-- name: insert_change_request(kind, kind_version, subject, before, after, expires_at, actor_kind, account, ptk_id, reason, at)
WITH change_request_insert AS (
  INSERT INTO change_request (kind, kind_version, subject, before, after, reason, state, expires_at)
  VALUES (:kind, :kind_version, :subject::text, :before::jsonb, :after::jsonb, :reason::text, 'proposed', :expires_at)
  RETURNING id
),
admin_act_insert AS (
  INSERT INTO admin_act (change_request, subject, act, actor_kind, account, ptk_id, reason, at, detail)
  SELECT id, :subject, 'proposed', :actor_kind, :account, :ptk_id::uuid, :reason, :at, '{}'
  FROM change_request_insert
)
SELECT id FROM change_request_insert;

-- name: update_state(id, former, state, actor_kind, account, ptk_id, reason, at, detail)
-- Returns no row if the request has left the former state: of two decisions at once, one counts.
WITH change_request_update AS (
  UPDATE change_request SET state = :state::text WHERE id = :id AND state = :former RETURNING id, subject
),
admin_act_insert AS (
  INSERT INTO admin_act (change_request, subject, act, actor_kind, account, ptk_id, reason, at, detail)
  SELECT id, subject, :state, :actor_kind, :account, :ptk_id::uuid, :reason, :at, :detail::jsonb
  FROM change_request_update
)
SELECT id FROM change_request_update;

-- name: insert_admin_acts(acts)
INSERT INTO admin_act (change_request, subject, act, actor_kind, account, ptk_id, reason, at, detail)
SELECT change_request, subject, act, actor_kind, account, ptk_id, reason, at, detail
FROM jsonb_to_recordset(:acts::jsonb) AS act(
  change_request bigint, subject text, act text, actor_kind text, account text, ptk_id uuid, reason text,
  at timestamptz, detail jsonb
);

-- name: select_by_ids(ids)
SELECT to_jsonb(change_request) AS request, (
  SELECT jsonb_agg(admin_act ORDER BY admin_act.id) FROM admin_act WHERE admin_act.change_request = change_request.id
) AS acts
FROM change_request
WHERE id = ANY(:ids::bigint[]);

-- name: select_page(kinds, subject, before_id, size)
SELECT to_jsonb(change_request) AS request, (
  SELECT jsonb_agg(admin_act ORDER BY admin_act.id) FROM admin_act WHERE admin_act.change_request = change_request.id
) AS acts
FROM change_request
WHERE kind = ANY(:kinds::text[]) AND (:subject::text IS NULL OR subject = :subject) 
  AND (:before_id::bigint IS NULL OR id < :before_id)
ORDER BY id DESC
LIMIT :size;

-- name: select_open(kind, subject, now)
SELECT to_jsonb(change_request) AS request, (
  SELECT jsonb_agg(admin_act ORDER BY admin_act.id) FROM admin_act WHERE admin_act.change_request = change_request.id
) AS acts
FROM change_request
WHERE kind = :kind AND subject = :subject AND state = 'proposed' AND expires_at > :now
ORDER BY id;

-- name: count_reasons(subject)
SELECT count(*) FROM admin_act WHERE subject = :subject AND reason IS NOT NULL;

-- name: erase_reasons(subject)
UPDATE admin_act SET reason = NULL WHERE subject = :subject;

-- name: select_admin_acts(subject)
SELECT to_jsonb(admin_act) AS act FROM admin_act WHERE subject = :subject ORDER BY id;
