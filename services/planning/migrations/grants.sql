-- What each database role of planning may do. `rencana migrate` applies this file after the migrations, all of it or
-- nothing. Only the owner of the database, as which `rencana migrate` runs, creates, changes and truncates tables.
--   planning_serve    the service
--   planning_worker   the worker
--   planning_operate  the commands of operators: imports, verify, erase. Only they change what is stored of the past,
--                     and only the columns that erasing clears.
--   planning_read     reports and `rencana verify`
DO $$ BEGIN
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC, planning_serve, planning_worker, planning_operate, planning_read',
    current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO planning_serve, planning_worker, planning_operate, planning_read',
    current_database());
END $$;
REVOKE ALL ON SCHEMA public FROM PUBLIC, planning_serve, planning_worker, planning_operate, planning_read;
GRANT USAGE ON SCHEMA public TO planning_serve, planning_worker, planning_operate, planning_read;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, planning_serve, planning_worker, planning_operate, planning_read;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, planning_serve, planning_worker, planning_operate, planning_read;

GRANT SELECT ON tortoise_migrations TO planning_serve, planning_worker, planning_operate, planning_read;

-- Change requests and the record of what admins did.
GRANT SELECT, INSERT, UPDATE (state) ON change_request TO planning_serve, planning_operate;
GRANT SELECT, INSERT ON admin_act TO planning_serve, planning_operate;
GRANT UPDATE (reason) ON admin_act TO planning_operate;
GRANT SELECT ON change_request, admin_act TO planning_worker, planning_read;

-- What plans refer to. A catalogue that is imported again becomes the newest.
GRANT SELECT, INSERT ON workflow_version, period, period_revision TO planning_serve, planning_operate;
GRANT SELECT, INSERT, UPDATE (imported_at) ON catalog TO planning_serve, planning_operate;
GRANT SELECT ON workflow_version, period, period_revision, catalog TO planning_worker, planning_read;

-- Answers of identity, and who confirmed to act as head.
GRANT SELECT, INSERT, UPDATE, DELETE ON identity_answer TO planning_serve;
GRANT SELECT ON identity_answer TO planning_read;
GRANT SELECT, INSERT ON plt_confirmation TO planning_serve;
GRANT SELECT ON plt_confirmation TO planning_worker, planning_operate, planning_read;

-- Plans. Every change of a plan is one statement, which names these tables.
GRANT SELECT, INSERT, UPDATE ON plan TO planning_serve, planning_worker, planning_operate;
GRANT SELECT, INSERT ON plan_event, plan_text, command_key TO planning_serve, planning_worker, planning_operate;
GRANT UPDATE (salt, value, erased_at) ON plan_text TO planning_operate;
GRANT UPDATE (input_hash) ON command_key TO planning_operate;
GRANT DELETE ON command_key TO planning_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON plan_timer TO planning_serve, planning_worker, planning_operate;
GRANT SELECT, DELETE ON moved_teacher TO planning_serve, planning_worker, planning_operate;
GRANT INSERT, UPDATE ON moved_teacher TO planning_worker;
GRANT SELECT ON plan, plan_event, plan_text, command_key, plan_timer, moved_teacher TO planning_read;

-- Notifications and comments.
GRANT SELECT ON notification TO planning_serve, planning_read;
GRANT SELECT, INSERT ON notification TO planning_worker;
GRANT SELECT, DELETE ON notification, notification_read TO planning_operate;
GRANT SELECT, INSERT ON notification_read TO planning_serve;
GRANT SELECT, INSERT ON plan_comment TO planning_serve;
GRANT SELECT, UPDATE (text, nama, erased_at) ON plan_comment TO planning_operate;
GRANT SELECT ON notification_read, plan_comment TO planning_read;

-- Migrations and dry runs: the service starts and stops them, the worker executes them.
GRANT SELECT, INSERT ON migration, dry_run TO planning_serve;
GRANT SELECT, INSERT, UPDATE ON batch_run TO planning_serve;
GRANT SELECT, UPDATE ON batch_run TO planning_worker;
GRANT SELECT, INSERT, UPDATE ON migration_outcome, dry_run_command_count TO planning_worker;
GRANT SELECT ON migration, dry_run TO planning_worker;
GRANT SELECT ON migration_outcome, dry_run_command_count TO planning_serve;
GRANT SELECT ON migration, dry_run, batch_run, migration_outcome, dry_run_command_count TO planning_read;

-- What the worker has done.
GRANT SELECT, INSERT, UPDATE ON worker_position TO planning_worker;
GRANT SELECT, INSERT, DELETE ON head_change TO planning_worker;
GRANT SELECT ON worker_position, head_change TO planning_serve, planning_read;
