-- What each database role of identity may do. `rencana migrate` applies this file after the migrations, all of it or
-- nothing. Only the owner of the database, as which `rencana migrate` runs, creates, changes and truncates tables.
--   identity_serve    the service
--   identity_operate  the commands of operators: imports, clients, keys, sessions
--   identity_read     reports; sees no secret, no session and no key
DO $$ BEGIN
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC, identity_serve, identity_operate, identity_read', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO identity_serve, identity_operate, identity_read', current_database());
END $$;
REVOKE ALL ON SCHEMA public FROM PUBLIC, identity_serve, identity_operate, identity_read;
GRANT USAGE ON SCHEMA public TO identity_serve, identity_operate, identity_read;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, identity_serve, identity_operate, identity_read;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, identity_serve, identity_operate, identity_read;

GRANT SELECT ON tortoise_migrations TO identity_serve, identity_operate, identity_read;

-- The registry, which schools push. Duties and zones come from files only.
GRANT SELECT, INSERT, UPDATE ON school, teacher, assignment, account TO identity_serve, identity_operate;
GRANT SELECT ON tugas_tambahan, province_zone TO identity_serve;
GRANT SELECT, INSERT, UPDATE ON tugas_tambahan, province_zone TO identity_operate;
GRANT SELECT, INSERT ON registry_change TO identity_serve, identity_operate;
GRANT SELECT ON school, teacher, assignment, account, tugas_tambahan, province_zone, registry_change TO identity_read;

-- Who may do what. The service can appoint nobody.
GRANT SELECT ON scope_grant TO identity_serve, identity_read;
GRANT SELECT, INSERT, UPDATE (revoked_at) ON scope_grant TO identity_operate;
GRANT SELECT ON push_credential TO identity_serve;
GRANT SELECT, INSERT, UPDATE (revoked_at) ON push_credential TO identity_operate;
GRANT SELECT, INSERT, UPDATE (revoked_at) ON client TO identity_serve, identity_operate;
GRANT SELECT, INSERT, UPDATE (state, decided_by, decided_at, decision_reason) ON client_request
  TO identity_serve, identity_operate;
GRANT SELECT ON client, client_request TO identity_read;
GRANT SELECT, INSERT, UPDATE (ends_at) ON client_secret TO identity_serve, identity_operate;

-- A service that starts makes the first key, and encrypts the keys again with a new secret.
GRANT SELECT, INSERT, UPDATE (private_pem) ON signing_key TO identity_serve;
GRANT SELECT, INSERT, UPDATE (private_pem, retired_at) ON signing_key TO identity_operate;

-- Sign-in and sessions, which operators only end.
GRANT SELECT, INSERT, DELETE ON sign_in_attempt, refresh_token TO identity_serve;
GRANT SELECT, INSERT, UPDATE ON provider_identity TO identity_serve;
GRANT SELECT, DELETE ON provider_identity TO identity_operate;
GRANT SELECT, INSERT, UPDATE (generation, last_token_hash, used_at, ended_at), DELETE ON session TO identity_serve;
GRANT SELECT, UPDATE (ended_at) ON session TO identity_operate;
GRANT SELECT, INSERT, UPDATE (session_id), DELETE ON app_code TO identity_serve;
GRANT SELECT, DELETE ON app_code TO identity_operate;

-- Nobody changes the audit, and the service does not read it.
GRANT INSERT, SELECT (seq) ON audit TO identity_serve;
GRANT SELECT, INSERT ON audit TO identity_operate;
GRANT SELECT ON audit TO identity_read;
