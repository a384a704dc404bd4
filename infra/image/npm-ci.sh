#!/bin/sh
# npm ci while the image is built. Certificates of infra/image/ca are trusted beside the usual ones, for this step only.
set -eu
if ls /build/*.crt >/dev/null 2>&1; then
  cat ${NODE_EXTRA_CA_CERTS:+"$NODE_EXTRA_CA_CERTS"} /build/*.crt >/tmp/ca.pem
  export NODE_EXTRA_CA_CERTS=/tmp/ca.pem
fi
# An empty build argument is none.
[ -n "${NPM_CONFIG_REGISTRY:-}" ] || unset NPM_CONFIG_REGISTRY
# No package needs its install script here.
exec npm ci --ignore-scripts --no-audit --no-fund --loglevel=error "$@"
