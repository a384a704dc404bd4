import type { ReactElement } from 'react';

export function MatrixPage(): ReactElement {
  return <h2>Matrix</h2>;
}
