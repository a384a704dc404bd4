import { suite, test } from 'node:test';
import { curlMissing, followPage } from '../support/session.ts';

suite('the guide', () => {
  test(
    'leads from a question to a report by commands that run as they are written',
    { skip: curlMissing(), timeout: 240_000 },
    (t) => followPage(t, 'docs/guide.md', 9),
  );
});
