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

keep postgres_password "$(random)"
keep identity_database_url "asyncpg://identity:$(random)@postgres:5432/identity"
keep planning_database_url "asyncpg://planning:$(random)@postgres:5432/planning"
keep key_secret "$(random)"
