import { useEffect, useState } from 'react';

/** How often the colours have changed since, by the reader or by the system: what is drawn on a canvas is drawn anew for each. */
export function useThemeTurns(): number {
  const [turns, setTurns] = useState(0);
  useEffect(() => {
    const turn = () => setTurns((before) => before + 1);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    window.addEventListener('crosscheck:theme', turn);
    dark.addEventListener('change', turn);
    return () => {
      window.removeEventListener('crosscheck:theme', turn);
      dark.removeEventListener('change', turn);
    };
  }, []);
  return turns;
}
