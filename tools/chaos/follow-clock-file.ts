/**
 * Loaded before a service (`node --import`): its clock is what the file `$CROSSCHECK_CHAOS_CLOCKS/<pid>` says, in ms ahead of the true one.
 * Postgres, Redis, the simulator and the checks keep the true time.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { stepClock } from './stepped-clock.ts';

const LOOK_EVERY_MS = 50;

const clock = stepClock();
const file = path.join(process.env['CROSSCHECK_CHAOS_CLOCKS'] ?? '', String(process.pid));
setInterval(() => clock.set(readAhead()), LOOK_EVERY_MS).unref();

function readAhead(): number {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
}
