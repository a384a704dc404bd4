import type { SweepDetail } from '@crosscheck/contracts';
import { progressLines } from './progress-lines.ts';
import { hasColours, type Terminal } from './terminal.ts';

/** Shows a sweep's progress on standard error, in place for a person, as a line now and then for a log. */
export type LiveProgress = {
  show(view: SweepDetail): void;
  /** leaves the last state standing and goes below it */
  end(): void;
};

const LINE_EVERY_MS = 5_000;

export function makeLiveProgress(terminal: Pick<Terminal, 'env' | 'stderr'>): LiveProgress {
  return terminal.stderr.isTTY === true ? makeInPlace(terminal) : makeLog(terminal);
}

function makeInPlace(terminal: Pick<Terminal, 'env' | 'stderr'>): LiveProgress {
  let height = 0;
  return {
    show(view) {
      const width = terminal.stderr.columns ?? 80;
      const lines = progressLines(view, { width, colours: hasColours(terminal, terminal.stderr) });
      // Up to the first line of the last drawing, then each line anew; what was longer is cleared.
      const up = height > 0 ? `\x1b[${height}A` : '';
      terminal.stderr.write(`${up}\r${lines.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J`);
      height = lines.length;
    },
    end() {
      height = 0;
    },
  };
}

function makeLog({ stderr }: Pick<Terminal, 'stderr'>): LiveProgress {
  let [lastMs, lastState] = [0, ''];
  return {
    show(view) {
      const nowMs = performance.now();
      if (view.state === lastState && nowMs - lastMs < LINE_EVERY_MS) return;
      [lastMs, lastState] = [nowMs, view.state];
      stderr.write(`${progressLines(view, { width: 200, colours: false }).join('\n')}\n`);
    },
    end() {},
  };
}
