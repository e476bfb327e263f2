#!/bin/sh
# deploy/secrets.sh [FOLDER]: create each of our own secrets that does not exist yet; change no existing one.
# The folder is closed to other users of this machine. The files are readable, because a container reads them as another
# user.
set -eu

folder=${1:-secrets}
mkdir -p "$folder"
chmod 700 "$folder"

random() { od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n'; }

keep() {
  [ -e "$folder/$1" ] && return
  printf '%s\n' "$2" >"$folder/$1"
  chmod 444 "$folder/$1"
  echo "made $folder/$1"
}

tls="sslmode=verify-full&sslrootcert=/run/secrets/postgres_certificate"
keep postgres_password "$(random)"
for login in identity_owner identity identity_operator planning_owner planning worker planning_operator; do
  case $login in identity*) database=identity ;; *) database=planning ;; esac
  keep ${login}_database_url "asyncpg://$login:$(random)@postgres:5432/$database?$tls"
done
keep key_secret "$(random)"

# PostgreSQL shows this certificate, and our processes accept no other.
if [ ! -e "$folder/postgres_certificate" ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj /CN=postgres \
    -addext subjectAltName=DNS:postgres -keyout "$folder/postgres_key" -out "$folder/postgres_certificate" 2>/dev/null
  chmod 444 "$folder/postgres_key" "$folder/postgres_certificate"
  echo "made $folder/postgres_key and $folder/postgres_certificate"
fi
