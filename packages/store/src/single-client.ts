import pg from 'pg';

/**
 * A connection of its own, for work that needs one session from its beginning to its end. The caller ends it.
 *
 * @param name shown in pg_stat_activity
 */
export async function connectClient(url: string, name: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: `crosscheck ${name}` });
  // A connection that breaks between two statements would end the process. Its next statement rejects, which is where the failure belongs.
  client.on('error', () => {});
  await client.connect();
  return client;
}
