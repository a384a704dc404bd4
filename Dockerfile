# One image for every process of Crosscheck; what it is, its command says: api, scheduler, worker, aggregator, simulator, migrate, backup, restore.
#
#   docker build -t crosscheck .
#   docker run --rm --read-only --tmpfs /tmp -e DATABASE_URL=... crosscheck worker
#
# Where npm is reached through a registry of one's own: --build-arg NPM_CONFIG_REGISTRY=https://...; where TLS is signed by an authority of
# one's own: put its certificate into infra/image/ca as a .crt file. Neither is kept in the image.
ARG NODE_IMAGE=node:24-bookworm-slim
ARG BASE_IMAGE=debian:bookworm-slim

# What is installed depends on these files alone: a change of source leaves the layers of npm as they are.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /manifests
COPY package.json package-lock.json .npmrc ./
COPY packages packages
COPY services services
RUN find packages services -type f ! -name package.json -delete && find . -type d -empty -delete

FROM ${NODE_IMAGE} AS npm
ARG NPM_CONFIG_REGISTRY
WORKDIR /app
COPY infra/image/ca infra/image/npm-ci.sh /build/
COPY --from=manifests /manifests ./

FROM npm AS console
RUN sh /build/npm-ci.sh --workspace services/console
COPY tsconfig.json ./
COPY packages packages
COPY services/console services/console
# The pages are optional: the api serves what lies in dist.
RUN mkdir -p services/console/dist && if [ -e services/console/index.html ]; then npm exec --workspace services/console -- vite build; fi

FROM npm AS production
COPY infra/image/slim.sh /build/
RUN sh /build/npm-ci.sh --omit=dev --omit=optional && sh /build/slim.sh node_modules

# Node alone, without npm and yarn: what is not there needs no patching.
FROM ${BASE_IMAGE} AS runtime
# /data takes the admin key that the api makes when it is given none; nothing else is written, outside of /tmp.
RUN useradd --system --uid 10001 --user-group --home-dir /app --shell /usr/sbin/nologin crosscheck \
  && mkdir -p /data && chown crosscheck:crosscheck /data
WORKDIR /app
COPY --from=production /usr/local/bin/node /usr/local/bin/node
COPY --from=production /app /app
# Node strips types outside of node_modules only: the workspaces lie here, and node_modules links to them.
COPY packages packages
COPY services/api services/api
COPY services/scheduler services/scheduler
COPY services/worker services/worker
COPY services/aggregator services/aggregator
COPY services/simulator services/simulator
COPY tools/migrate.ts tools/backup.ts tools/restore.ts tools/backup-command.ts tools/stack-checks.ts tools/
COPY --from=console /app/services/console/dist services/console/dist
COPY infra/image/health.mjs infra/image/warm.sh infra/image/
COPY infra/image/crosscheck.sh /usr/local/bin/crosscheck
ENV NODE_ENV=production NODE_OPTIONS=--max-semi-space-size=16 CROSSCHECK_HOST=0.0.0.0 CROSSCHECK_PORT=7400 CROSSCHECK_METRICS_PORT=7401 CROSSCHECK_DATA_DIR=/data \
  CROSSCHECK_SIMULATOR_HOST=0.0.0.0 CROSSCHECK_GRACE_MS=25000
USER 10001

FROM runtime AS warm
ENV NODE_COMPILE_CACHE=/tmp/compiled
RUN sh infra/image/warm.sh

# Compiled code is Node's for one user and one version of it; for any other it is as if it were not there.
FROM runtime
COPY --from=warm --chown=0:0 /tmp/compiled /app/.compiled
ENV NODE_COMPILE_CACHE=/app/.compiled
EXPOSE 7400 7401 7410
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["node", "/app/infra/image/health.mjs"]
ENTRYPOINT ["/bin/sh", "/usr/local/bin/crosscheck"]
CMD ["api"]
