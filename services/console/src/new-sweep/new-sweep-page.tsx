import type { ReactElement } from 'react';

export function NewSweepPage(): ReactElement {
  return <h1>New</h1>;
}
