import { execFile, spawnSync } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

// Its helper that removes what a killed run left behind is an image of its own; we stop what we start.
process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true';

/** The images that everything here is made of. Others of the same kind do as well: a mirror, a stand-in, another version. */
export const IMAGES = {
  postgres: process.env['POSTGRES_IMAGE'] ?? 'postgres:18-alpine',
  redis: process.env['REDIS_IMAGE'] ?? 'redis:8-alpine',
  node: process.env['NODE_IMAGE'] ?? 'node:24-bookworm-slim',
  base: process.env['BASE_IMAGE'] ?? 'debian:bookworm-slim',
};

/** Why containers cannot be run here, or false. Nothing is pulled: half a gigabyte is not for a test to fetch. */
export const skipReason: string | false = findReason();

function findReason(): string | false {
  const ask = (...args: string[]) => spawnSync('docker', args, { stdio: 'ignore', timeout: 20_000 }).status === 0;
  if (!ask('--version')) return 'containers: there is no docker command';
  if (!ask('info')) return 'containers: no Docker daemon answers';
  const missing = Object.values(IMAGES).filter((image) => !ask('image', 'inspect', image));
  const way = 'docker pull gets them, infra/ci/standin-images.sh makes stand-ins where there is no registry';
  return missing.length > 0 && `containers: ${missing.join(', ')} not here (${way})`;
}

/** What a `docker` command says. @throws with what it said when it fails */
export async function docker(...args: string[]): Promise<string> {
  const env = { ...process.env, DOCKER_BUILDKIT: '0' };
  const { stdout } = await run('docker', args, { cwd: ROOT, env, maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}

/** The image of this tree, built unless CROSSCHECK_IMAGE names one. Docker keeps the steps that did not change. */
export async function buildImage(): Promise<string> {
  const given = process.env['CROSSCHECK_IMAGE'];
  if (given) return given;
  const tag = 'crosscheck:test';
  const args = ['--build-arg', `NODE_IMAGE=${IMAGES.node}`, '--build-arg', `BASE_IMAGE=${IMAGES.base}`];
  await docker('build', '--quiet', '--network', 'host', ...args, '--tag', tag, '.');
  return tag;
}
