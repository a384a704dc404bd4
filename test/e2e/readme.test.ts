import { suite, test } from 'node:test';
import { curlMissing, followPage } from '../support/session.ts';

suite('the README', () => {
  test('its first sweep runs as it is written, and answers what it says', { skip: curlMissing() }, (t) =>
    followPage(t, 'README.md', 6),
  );
});
