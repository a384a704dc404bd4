#!/bin/sh
# Removes from node_modules what no process reads: types, source maps, and builds for bundlers. Licences stay.
set -eu
find "$1" -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.tsbuildinfo' \) -delete
find "$1" -type f \( -iname 'README*' -o -iname 'CHANGELOG*' -o -iname 'HISTORY*' \) -delete
find "$1" -type d \( -name test -o -name tests -o -name __tests__ -o -name benchmark -o -name benchmarks -o -name .github \) -prune -exec rm -rf {} +
# OpenTelemetry ships every build three times; Node takes build/src.
find "$1/@opentelemetry" -type d \( -path '*/build/esm' -o -path '*/build/esnext' \) -prune -exec rm -rf {} + 2>/dev/null || true
find "$1" -type d -empty -delete
