#!/bin/sh
# The image of PostgreSQL runs this once, on empty data. It creates a role and a database for each service, to which the
# other service has no access. The password is taken from the service's URL, so that it is written in one place.
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
