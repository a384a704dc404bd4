import type { ReactElement } from 'react';

export function SweepPage(): ReactElement {
  return <h1>Sweep</h1>;
}
