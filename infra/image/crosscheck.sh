#!/bin/sh
# The commands of the image. `exec` makes Node the process that the container runtime signals.
set -eu
case "${1:-}" in
  api | scheduler | worker | aggregator | simulator) exec node "/app/services/$1/src/main.ts" ;;
  migrate | backup | restore)
    command=$1
    shift
    exec node "/app/tools/$command.ts" "$@"
    ;;
  *)
    echo "crosscheck: unknown command \"${1:-}\": expected api, scheduler, worker, aggregator, simulator, migrate, backup or restore" >&2
    exit 2
    ;;
esac
