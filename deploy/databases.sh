#!/bin/sh
# The image of PostgreSQL runs this once, on empty data. It creates a database for each service, to which the other service
# has no access, and a role for each kind of process. A password is taken from the URL of its role, so that it is written in
# one place. `rencana migrate` grants what each role may do.
set -eu

run_sql() { psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres; }

create_login() {
  url=$(cat "${SECRETS:-/run/secrets}/$1_database_url")
  password=${url#*://*:}
  LOGIN=$1 PASSWORD=${password%%@*} run_sql <<'SQL'
\getenv login LOGIN
\getenv password PASSWORD
CREATE ROLE :"login" LOGIN PASSWORD :'password';
SQL
}

for service in identity planning; do
  create_login ${service}_owner
  run_sql <<SQL
CREATE DATABASE $service OWNER ${service}_owner;
REVOKE ALL ON DATABASE $service FROM PUBLIC;
CREATE ROLE ${service}_read;
SQL
done

# who logs in, and the role whose rights it has
while read -r login role; do
  create_login "$login"
  run_sql <<SQL
CREATE ROLE $role;
GRANT $role TO $login;
SQL
done <<'ROLES'
identity identity_serve
identity_operator identity_operate
planning planning_serve
worker planning_worker
planning_operator planning_operate
ROLES
