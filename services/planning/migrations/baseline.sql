-- The tables of planning, by feature. Until release 0.1.0 this file is edited in place.
-- Rows of plans are keyed (ptk_id, period), so that big tables can be partitioned by period later.

-- change_requests

-- A change that one admin proposes and a second person decides. `before` and `after` have the form of the kind.
CREATE TABLE change_request (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind varchar(32) NOT NULL,
  kind_version integer NOT NULL,
  subject varchar(80) NOT NULL,
  before jsonb NOT NULL,
  after jsonb NOT NULL,
  reason text NOT NULL,
  state varchar(16) NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX ON change_request (subject, kind, id);

-- What an admin, an operator or a release did to a subject. Rows are only added. Erasure empties `reason` of acts on a plan.
CREATE TABLE admin_act (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  change_request bigint REFERENCES change_request (id),
  subject varchar(80) NOT NULL,
  act varchar(16) NOT NULL,
  actor_kind varchar(16) NOT NULL,
  account text NOT NULL,
  ptk_id uuid,
  reason text,
  at timestamptz NOT NULL,
  detail jsonb NOT NULL
);
CREATE INDEX ON admin_act (subject, id);
CREATE INDEX ON admin_act (change_request, id) WHERE change_request IS NOT NULL;

-- versions

-- A version of a workflow. Its key is the SHA-256 of its canonical JSON.
CREATE TABLE workflow_version (
  sha256 varchar(64) PRIMARY KEY,
  name varchar(64) NOT NULL,
  body text NOT NULL,
  stored_at timestamptz NOT NULL
);
CREATE INDEX ON workflow_version (name, stored_at);

-- period

-- A catalogue. Its key is the SHA-256 of its canonical JSON.
CREATE TABLE catalog (
  sha256 varchar(64) PRIMARY KEY,
  code varchar(40) NOT NULL,
  body text NOT NULL,
  imported_at timestamptz NOT NULL
);
CREATE INDEX ON catalog (code, imported_at);

-- A period. It names its catalogue and its workflow, of which the newest is used.
CREATE TABLE period (
  code varchar(16) PRIMARY KEY,
  label jsonb NOT NULL,
  starts date NOT NULL,
  ends date NOT NULL,
  catalog varchar(40) NOT NULL,
  workflow varchar(64) NOT NULL
);

-- Parameter values of a period: who set them, why, and from when. `author` and `approver` have the keys `kind`,
-- `account` and `ptk_id`, as the actor of an admin act.
CREATE TABLE period_revision (
  period varchar(16) NOT NULL REFERENCES period (code),
  number integer NOT NULL,
  "values" jsonb NOT NULL,
  author jsonb NOT NULL,
  approver jsonb NOT NULL,
  reason text NOT NULL,
  effective_from timestamptz NOT NULL,
  PRIMARY KEY (period, number)
);

-- people

-- The last answer of identity to a question, read while identity is unavailable.
CREATE TABLE identity_answer (
  path varchar(128) PRIMARY KEY,
  etag varchar(128),
  body text NOT NULL,
  as_of timestamptz NOT NULL
);
CREATE INDEX ON identity_answer (as_of);

-- plan

-- A plan as it is now. `version` is the number of its events, `last_hash` the hash of the last one.
-- `npsn` and the region repeat values of `school`, so that an index can find and count them.
-- `workflow` and `catalog` are the SHA-256 of the versions, while a period names both by code.
CREATE TABLE plan (
  ptk_id uuid NOT NULL,
  period varchar(16) NOT NULL,
  npsn varchar(8) NOT NULL,
  school jsonb NOT NULL,
  workflow varchar(64) NOT NULL,
  catalog varchar(64) NOT NULL,
  state varchar(64) NOT NULL,
  version integer NOT NULL,
  last_hash varchar(64) NOT NULL,
  tab varchar(32) NOT NULL,
  profile jsonb NOT NULL,
  content jsonb NOT NULL,
  updated_at timestamptz NOT NULL,
  submitted_at timestamptz,
  revision_due date,
  note text,
  reopened_at timestamptz,
  state_since timestamptz,
  provinsi text,
  kabupaten_kota text,
  -- The owner's name for sorting and searching (decision 33), in the order of bytes in a database of any collation.
  nama_key text COLLATE "C" NOT NULL DEFAULT '',
  PRIMARY KEY (ptk_id, period)
);
CREATE INDEX ON plan (period, npsn, state);
-- The order in which plans move to another version.
CREATE INDEX ON plan (workflow, ptk_id, period);
-- Counts the plans of a version, and finds those that wait.
CREATE INDEX ON plan (workflow, period, state, ptk_id);
-- Numbers are counted from this index alone (decision 22).
CREATE INDEX ON plan (period, provinsi, kabupaten_kota, npsn, workflow, state)
  INCLUDE (state_since, ptk_id);

-- What happened to a plan. `body` is the canonical JSON that was hashed. The other columns help to find it:
-- `left_state` is the state that the plan left, `stay_seconds` for how many seconds it had been in that state.
CREATE TABLE plan_event (
  ptk_id uuid NOT NULL,
  period varchar(16) NOT NULL,
  version integer NOT NULL,
  id uuid NOT NULL,
  kind varchar(32) NOT NULL,
  to_state varchar(64) NOT NULL,
  at timestamptz NOT NULL,
  hash varchar(64) NOT NULL,
  body text NOT NULL,
  left_state varchar(64),
  stay_seconds integer,
  PRIMARY KEY (ptk_id, period, version),
  FOREIGN KEY (ptk_id, period) REFERENCES plan (ptk_id, period)
);
-- Events are written in the order of time, so an index of ranges is tiny.
CREATE INDEX ON plan_event USING brin (at) WITH (autosummarize = on);
CREATE INDEX ON plan_event (period, left_state, stay_seconds, ptk_id) WHERE left_state IS NOT NULL;

-- Personal text that an event names by a digest only. Erasure empties it and the chain of hashes stays valid.
CREATE TABLE plan_text (
  ptk_id uuid NOT NULL,
  period varchar(16) NOT NULL,
  version integer NOT NULL,
  name varchar(32) NOT NULL,
  salt varchar(32),
  value text,
  erased_at timestamptz,
  PRIMARY KEY (ptk_id, period, version, name),
  FOREIGN KEY (ptk_id, period, version) REFERENCES plan_event (ptk_id, period, version)
);

-- An idempotency key, stored only with a command that was committed.
CREATE TABLE command_key (
  subject varchar(64) NOT NULL,
  mutation varchar(64) NOT NULL,
  key varchar(128) NOT NULL,
  input_hash varchar(64) NOT NULL,
  ptk_id uuid NOT NULL,
  period varchar(16) NOT NULL,
  version integer NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (subject, mutation, key)
);
-- For the deletion of old keys. Rows come in the order of time, so that a small index of ranges is enough.
CREATE INDEX ON command_key USING brin (at);

-- The Plt of a school has confirmed for a period. It covers later submissions too (Guide 11).
CREATE TABLE plt_confirmation (
  npsn varchar(8) NOT NULL,
  period varchar(16) NOT NULL,
  ptk_id uuid NOT NULL,
  account varchar(64) NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (npsn, period)
);

-- notifications

-- A reminder about a plan, sent by a timer to `ptk:` with a ptk_id, or to `dinas`. Names are read from the plan.
-- `count` is how often the timer had fired before.
CREATE TABLE notification (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  recipient text NOT NULL,
  created_at timestamptz NOT NULL,
  ptk_id uuid NOT NULL,
  period varchar(16) NOT NULL,
  timer varchar(60) NOT NULL,
  count integer NOT NULL,
  workflow varchar(64) NOT NULL,
  state varchar(64) NOT NULL,
  state_since timestamptz NOT NULL,
  role varchar(8) NOT NULL
);
CREATE INDEX ON notification (recipient, created_at, id);
CREATE INDEX ON notification (ptk_id, period);

-- A read mark. `reader` is `ptk:` with a ptk_id, or `account:` with an account that belongs to no person.
CREATE TABLE notification_read (
  notification_id uuid NOT NULL REFERENCES notification ON DELETE CASCADE,
  reader text NOT NULL,
  read_at timestamptz NOT NULL,
  PRIMARY KEY (notification_id, reader)
);

-- timers

-- A timer of a plan in its state. `due` is null when it fires no more.
-- `incident` holds the problems of the last try.
CREATE TABLE plan_timer (
  ptk_id uuid NOT NULL,
  period varchar(16) NOT NULL,
  timer varchar(60) NOT NULL,
  first_due timestamptz NOT NULL,
  due timestamptz,
  count integer NOT NULL,
  incident jsonb,
  tries integer NOT NULL,
  tried_at timestamptz,
  PRIMARY KEY (ptk_id, period, timer),
  FOREIGN KEY (ptk_id, period) REFERENCES plan (ptk_id, period)
);
-- Due timers in order, timer by timer: a million of one never delays another.
CREATE INDEX ON plan_timer (period, timer, due, ptk_id) WHERE due IS NOT NULL AND incident IS NULL;
-- Timers that failed, for admins.
CREATE INDEX ON plan_timer (tried_at, ptk_id, period, timer) WHERE incident IS NOT NULL;

-- review

-- The discussion of a plan. `head_kind` is the kind of head that the author was, null for the owner.
-- Erasure empties the text and keeps the number.
CREATE TABLE plan_comment (
  ptk_id uuid NOT NULL,
  period varchar(16) NOT NULL,
  number integer NOT NULL,
  at timestamptz NOT NULL,
  author_ptk_id uuid NOT NULL,
  account varchar(64) NOT NULL,
  head_kind varchar(16),
  nama text,
  text text,
  erased_at timestamptz,
  PRIMARY KEY (ptk_id, period, number),
  FOREIGN KEY (ptk_id, period) REFERENCES plan (ptk_id, period)
);

-- plan_migration

-- An order to move plans to another version. `states` maps states of the old version to states of the new one.
CREATE TABLE migration (
  number integer PRIMARY KEY,
  old_version varchar(64) NOT NULL REFERENCES workflow_version (sha256),
  new_version varchar(64) NOT NULL REFERENCES workflow_version (sha256),
  states jsonb NOT NULL,
  period varchar(16),
  npsn varchar(8)
);

-- The outcome for a plan: moved (`version` is that of its event) or refused (`code`). `is_backward`: by the rollback.
CREATE TABLE migration_outcome (
  migration integer NOT NULL,
  is_backward boolean NOT NULL,
  ptk_id uuid NOT NULL,
  period varchar(16) NOT NULL,
  state varchar(64) NOT NULL,
  version integer,
  code varchar(64),
  params jsonb,
  at timestamptz NOT NULL,
  PRIMARY KEY (migration, is_backward, ptk_id, period)
);

-- Progress of a migration, of its rollback or of a dry run. A batch locks its row and updates it in its commit.
-- `after_ptk_id` and `after_period` are the cursor: the key of the last plan that was processed.
CREATE TABLE batch_run (
  kind varchar(16) NOT NULL,
  number integer NOT NULL,
  plan_count integer NOT NULL,
  began_at timestamptz NOT NULL,
  after_ptk_id uuid NOT NULL,
  after_period varchar(16) NOT NULL,
  counts jsonb NOT NULL,
  pass_moved_plans boolean NOT NULL,
  seconds double precision NOT NULL,
  stopped boolean NOT NULL,
  ended_at timestamptz,
  PRIMARY KEY (kind, number)
);

-- A dry run of a version over the recorded commands of a period.
CREATE TABLE dry_run (
  number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sha256 varchar(64) NOT NULL,
  period varchar(16) NOT NULL,
  states jsonb NOT NULL
);

-- Commands of a dry run with the same result, counted. `next_state` is empty if the version refuses.
-- `reasons` are codes of refusals, or facts that were not recorded.
CREATE TABLE dry_run_command_count (
  dry_run integer NOT NULL REFERENCES dry_run (number),
  "trigger" text NOT NULL,
  from_state varchar(64) NOT NULL,
  to_state varchar(64) NOT NULL,
  outcome varchar(16) NOT NULL,
  next_state varchar(64) NOT NULL,
  reasons text[] NOT NULL,
  command_count integer NOT NULL,
  samples jsonb NOT NULL,
  PRIMARY KEY (dry_run, "trigger", from_state, to_state, outcome, next_state, reasons)
);

-- reconcile

-- The worker's position in the change feed of identity, and the last reconciled revision of each period.
CREATE TABLE worker_position (
  name varchar(64) PRIMARY KEY,
  "position" bigint NOT NULL,
  at timestamptz NOT NULL,
  -- the change of identity at this position, which shows whether the feed is still the same
  last_change varchar(96)
);

-- When the head of a school with waiting plans changes. The worker decides the plans again at that instant.
CREATE TABLE head_change (
  npsn varchar(8) NOT NULL,
  changes_at timestamptz NOT NULL,
  PRIMARY KEY (npsn, changes_at)
);
CREATE INDEX ON head_change (changes_at);

-- A teacher whose sekolah induk is another than the school of the plan, until the two agree again.
CREATE TABLE moved_teacher (
  ptk_id uuid NOT NULL,
  period varchar(16) NOT NULL,
  npsn varchar(8) NOT NULL,
  noticed_at timestamptz NOT NULL,
  PRIMARY KEY (ptk_id, period),
  FOREIGN KEY (ptk_id, period) REFERENCES plan (ptk_id, period)
);
CREATE INDEX ON moved_teacher (npsn, period);
