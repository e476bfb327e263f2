-- The tables of identity, by feature. Until release 0.1.0 this file is edited in place.

-- people

-- A satuan pendidikan. `read_at`: when its data were last read. Older data never overwrite them.
CREATE TABLE school (
  npsn varchar(8) PRIMARY KEY,
  nama text NOT NULL,
  bentuk_pendidikan_id integer,
  bentuk_pendidikan text,
  status_sekolah text,
  kabupaten_kota text,
  provinsi text,
  provenance jsonb NOT NULL,
  read_at timestamptz NOT NULL
);

-- A PTK: one person in any number of schools. `flags` holds codes of doubtful data.
CREATE TABLE teacher (
  ptk_id uuid PRIMARY KEY,
  nama text NOT NULL,
  nip varchar(18),
  nuptk varchar(16),
  tanggal_lahir date,
  status_kepegawaian_id integer,
  status_kepegawaian text,
  jenis_ptk_id varchar(8),
  jenis_ptk text,
  pangkat_golongan varchar(8),
  flags jsonb NOT NULL,
  provenance jsonb NOT NULL
);
CREATE INDEX ON teacher (nip);
CREATE INDEX ON teacher (nuptk);

-- A person at a school (Dapodik `ptk_terdaftar`). The row stays with `left_at` when the person leaves.
CREATE TABLE assignment (
  id uuid PRIMARY KEY,
  ptk_id uuid NOT NULL,
  npsn varchar(8) NOT NULL,
  induk boolean NOT NULL,
  since date,
  tahun_ajaran_id varchar(8),
  jenis_ptk_id varchar(8),
  jabatan_ptk_id varchar(8),
  source text NOT NULL,
  as_of timestamptz NOT NULL,
  left_at timestamptz,
  UNIQUE (ptk_id, npsn)
);
CREATE INDEX ON assignment (npsn);

-- An additional duty under a decree, from a separate file, because getGtk does not contain them.
CREATE TABLE tugas_tambahan (
  id uuid PRIMARY KEY,
  ptk_id uuid NOT NULL,
  npsn varchar(8) NOT NULL,
  jabatan_ptk_id varchar(8) NOT NULL,
  nomor_sk text,
  tmt date NOT NULL,
  tst date,
  source text NOT NULL,
  as_of timestamptz NOT NULL,
  UNIQUE (ptk_id, npsn, jabatan_ptk_id, tmt)
);
CREATE INDEX ON tugas_tambahan (npsn);

-- The time zone of a province. `key` is its name in one spelling.
CREATE TABLE province_zone (
  key varchar(64) PRIMARY KEY,
  provinsi text NOT NULL,
  zone varchar(32) NOT NULL,
  source text NOT NULL,
  as_of timestamptz NOT NULL
);

-- A belajar.id address in lower case. A closed account stays: it is the history of a person's addresses.
CREATE TABLE account (
  id uuid PRIMARY KEY,
  email varchar(254) NOT NULL UNIQUE,
  ptk_id uuid,
  npsn varchar(8),
  opened date,
  closed date,
  source text NOT NULL,
  as_of timestamptz NOT NULL
);
CREATE INDEX ON account (ptk_id);

-- A teacher or a school changed. The change number of either is the `seq` of its last change.
CREATE TABLE registry_change (
  seq bigint PRIMARY KEY,
  kind varchar(8) NOT NULL,
  key varchar(36) NOT NULL,
  at timestamptz NOT NULL
);
CREATE INDEX ON registry_change (kind, key, seq);

-- registry

-- The hash of the bearer token with which one school pushes its data.
CREATE TABLE push_credential (
  id uuid PRIMARY KEY,
  npsn varchar(8) NOT NULL,
  token_hash varchar(64) NOT NULL UNIQUE,
  created_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE INDEX ON push_credential (npsn);

-- accounts

-- A platform scope of an account. It is revoked, never deleted.
CREATE TABLE scope_grant (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL,
  scope varchar(64) NOT NULL,
  granted_at timestamptz NOT NULL,
  granted_by text NOT NULL,
  revoked_at timestamptz
);
CREATE INDEX ON scope_grant (account_id);

-- clients

-- An API client. It is revoked, never deleted.
CREATE TABLE client (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  contact text NOT NULL,
  scopes jsonb NOT NULL,
  territory jsonb NOT NULL,
  registered_at timestamptz NOT NULL,
  registered_by text NOT NULL,
  revoked_at timestamptz
);

-- A change request for a client of wide reach, or for a secret of somebody else's client.
CREATE TABLE client_request (
  id uuid PRIMARY KEY,
  kind varchar(16) NOT NULL,
  client_id uuid NOT NULL,
  "values" jsonb NOT NULL,
  reason text NOT NULL,
  state varchar(16) NOT NULL,
  expires_at timestamptz NOT NULL,
  proposed_at timestamptz NOT NULL,
  proposed_by text NOT NULL,
  proposed_ptk_id uuid,
  decided_by text,
  decided_at timestamptz,
  decision_reason text
);

-- The hash of a client's secret. After a rotation two are valid until the older one ends.
CREATE TABLE client_secret (
  id uuid PRIMARY KEY,
  client_id uuid NOT NULL,
  hash varchar(64) NOT NULL UNIQUE,
  created_at timestamptz NOT NULL,
  ends_at timestamptz
);
CREATE INDEX ON client_secret (client_id);

-- tokens

-- A key that signs tokens from `active_from` until a younger one does, published until `retired_at`.
CREATE TABLE signing_key (
  kid varchar(64) PRIMARY KEY,
  private_pem text NOT NULL,
  public_jwk jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  active_from timestamptz NOT NULL,
  retired_at timestamptz
);

-- sign_in

-- A sign-in at the provider, for one browser and one use, for minutes.
CREATE TABLE sign_in_attempt (
  state_hash varchar(64) PRIMARY KEY,
  browser_hash varchar(64) NOT NULL,
  nonce varchar(64) NOT NULL,
  code_verifier varchar(128) NOT NULL,
  return_to text,
  app jsonb,
  expires_at timestamptz NOT NULL
);
CREATE INDEX ON sign_in_attempt (expires_at);

-- The provider's id (`sub`) of the person who signed in first with an account. Another id is refused.
CREATE TABLE provider_identity (
  account_id uuid PRIMARY KEY,
  issuer text NOT NULL,
  subject varchar(255) NOT NULL,
  bound_at timestamptz NOT NULL
);

-- A session of an account in a browser (hash of its cookie) or in an app (refresh tokens).
-- `generation` and `last_token_hash` are those of the last refresh token that was used.
CREATE TABLE session (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL,
  app varchar(64),
  cookie_hash varchar(64) UNIQUE,
  created_at timestamptz NOT NULL,
  used_at timestamptz NOT NULL,
  ended_at timestamptz,
  generation integer NOT NULL,
  last_token_hash varchar(64)
);
CREATE INDEX ON session (account_id);

-- A code that an app receives after a sign-in and exchanges once. `session_id` is the session it got.
CREATE TABLE app_code (
  code_hash varchar(64) PRIMARY KEY,
  account_id uuid NOT NULL,
  app varchar(64) NOT NULL,
  redirect_uri text NOT NULL,
  code_challenge varchar(64) NOT NULL,
  created_at timestamptz NOT NULL,
  session_id uuid
);
CREATE INDEX ON app_code (created_at);

-- A refresh token of a session in an app. A used token stays, so that its reuse is detected.
CREATE TABLE refresh_token (
  token_hash varchar(64) PRIMARY KEY,
  session_id uuid NOT NULL,
  generation integer NOT NULL
);
CREATE INDEX ON refresh_token (session_id);

-- audit

-- The audit log: grants, sign-ins, tokens and refusals. Rows are only added.
CREATE TABLE audit (
  seq bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  kind varchar(32) NOT NULL,
  outcome varchar(64) NOT NULL,
  account_id uuid,
  client_id uuid,
  actor text,
  scope text,
  request_id varchar(64)
);
CREATE INDEX ON audit (account_id);
CREATE INDEX ON audit (client_id);
