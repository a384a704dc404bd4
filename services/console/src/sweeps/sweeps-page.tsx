import type { ReactElement } from 'react';

export function SweepsPage(): ReactElement {
  return <h1>Sweeps</h1>;
}
