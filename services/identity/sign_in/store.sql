-- name: bind_provider_identity(account_id, issuer, subject, at)
-- The update locks the row, so that of two first sign-ins at once the second sees the id of the first.
INSERT INTO provider_identity AS stored (account_id, issuer, subject, bound_at)
VALUES (:account_id, :issuer, :subject, :at)
ON CONFLICT (account_id) DO UPDATE SET
  subject = CASE WHEN stored.issuer = excluded.issuer THEN stored.subject ELSE excluded.subject END,
  bound_at = CASE WHEN stored.issuer = excluded.issuer THEN stored.bound_at ELSE excluded.bound_at END,
  issuer = excluded.issuer
RETURNING subject;

-- name: take_attempt(state_hash, browser_hash, now)
-- Only the browser that began an attempt has its secret.
DELETE FROM sign_in_attempt
WHERE state_hash = :state_hash AND browser_hash = :browser_hash AND expires_at > :now
RETURNING nonce, code_verifier, return_to, app::text;

-- name: delete_sessions_before(account_id, instant)
WITH session_delete AS (
  DELETE FROM session WHERE account_id = :account_id AND created_at < :instant RETURNING id
)
DELETE FROM refresh_token WHERE session_id IN (SELECT id FROM session_delete);
