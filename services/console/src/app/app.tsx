import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { makeQueryClient } from '../api/query-client.ts';
import { makeRouter } from '../routes.tsx';
import { headStart } from './head-start.ts';

/** The whole console. Everything that lives as long as the page is made here. */
export function App(): ReactElement {
  const [queryClient] = useState(makeQueryClient);
  const [router] = useState(() => {
    const made = makeRouter(queryClient);
    headStart(made, queryClient);
    return made;
  });
  return (
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
