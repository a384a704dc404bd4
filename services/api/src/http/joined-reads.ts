/**
 * Makes the sharing of readings among those who ask at the same time. Whoever comes while a reading is under way waits for the next one, and
 * shares it with all who came meanwhile: so each gets what was true after they asked, their own changes included, and however many ask,
 * one reading of a key is under way at a time.
 */
export function makeJoinedReads<Answer>(): (key: string, read: () => Promise<Answer>) => Promise<Answer> {
  const flights = new Map<string, { current: Promise<Answer>; next: Promise<Answer> | null }>();

  function start(key: string, read: () => Promise<Answer>): Promise<Answer> {
    const current = read();
    const flight = { current, next: null as Promise<Answer> | null };
    flights.set(key, flight);
    const end = () => {
      if (flight.next === null) flights.delete(key);
    };
    current.then(end, end);
    return current;
  }

  return (key, read) => {
    const flight = flights.get(key);
    if (!flight) return start(key, read);
    const startNext = () => start(key, read);
    flight.next ??= flight.current.then(startNext, startNext);
    return flight.next;
  };
}
