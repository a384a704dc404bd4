/**
 * The container's HEALTHCHECK, for every command of the image. A container runs one process, which listens on one of these ports; the
 * others refuse. Healthy: somebody answered, and nobody answered badly.
 */
const ports = {
  api: process.env.CROSSCHECK_PORT || '7400',
  probe: process.env.CROSSCHECK_METRICS_PORT || '0',
  simulator: process.env.CROSSCHECK_SIMULATOR_PORT || '7410',
};

async function ask(port) {
  if (port === '0') return null;
  const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(4_000) }).catch(
    (error) => (error.cause?.code === 'ECONNREFUSED' ? null : { ok: false, text: () => String(error) }),
  );
  return response && { ok: response.ok, text: await response.text() };
}

const answers = (await Promise.all(Object.values(ports).map(ask))).filter((answer) => answer !== null);
process.stdout.write(answers.map(({ text }) => text).join('\n') || 'nobody listens');
process.exitCode = answers.length > 0 && answers.every(({ ok }) => ok) ? 0 : 1;
