#!/bin/sh
# PostgreSQL's image runs this once, on empty data: a role and a database for each service, which the other cannot enter.
# The password is the one in the service's URL, so that it stands in one place.
set -eu

for name in identity planning; do
  url=$(cat "${SECRETS:-/run/secrets}/${name}_database_url")
  password=${url#*://*:}
  SERVICE=$name PASSWORD=${password%%@*} psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 \
    --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv service SERVICE
\getenv password PASSWORD
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
done
