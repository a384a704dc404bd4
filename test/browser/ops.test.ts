import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { AuditEntry, DeadLetterGroup, TeamView } from '@crosscheck/contracts';
import { findBarriers, findOverflow, noBrowser } from '../support/browser.ts';
import { openConsoleHouse } from '../support/console.ts';
import { makePrompts, SWEEP } from '../support/house.ts';

const LANE = 'sim/sonnet35-like';
const SMALL = { ...SWEEP, models: [LANE], graders: SWEEP.graders.slice(0, 1), samples: 1 };
const PAGES = ['/ops/lanes', '/ops/depth', '/ops/teams', '/ops/dead-letters', '/ops/audit'];

suite('operations in a browser', { skip: noBrowser }, () => {
  test('a lane is held and a limit changed, the sweep says so, and the audit log shows both', async (t) => {
    const { page, house, ask, complaints } = await openConsoleHouse(t);
    await ask('PUT', `/v1/lanes/${LANE}`, { requestsPerMinute: 600 });
    await page.getByRole('link', { name: 'Lanes' }).click();
    await page.getByRole('button', { name: `Pause ${LANE}` }).click();
    await page.getByLabel(/^Reason/).fill('key is rotated');
    await page.getByRole('button', { name: 'Pause the lane' }).click();
    const lane = page.getByRole('article', { name: LANE });
    await lane.getByText('key is rotated').waitFor();
    const id = await house.submit(SMALL, makePrompts(2));
    await lane.getByText(/4 trials wait/).waitFor();
    await lane.getByRole('img', { name: /^Requests \/ min: 0 of 600 now/ }).waitFor();

    await page.getByRole('button', { name: `Change the limits of ${LANE}` }).click();
    const limit = page.getByLabel('Requests a minute');
    await limit.fill('-5');
    await page.getByText('More than 0. To stop the lane, pause it.').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Set the limits' }).isDisabled());
    await limit.fill('1,200');
    await page.getByText('Requests a minute: 600 → 1,200').waitFor();
    await page.getByRole('button', { name: 'Set the limits' }).click();
    await lane.getByText('of 1.2 k').waitFor();

    await page.goto(`/sweeps/${id}`);
    await page.getByText('key is rotated').first().waitFor();
    await page.goto('/ops/lanes');
    await page.getByRole('button', { name: `Resume ${LANE}` }).click();
    await page.getByRole('button', { name: 'Resume the lane' }).click();
    await house.reached(id, ['completed']);

    await page.getByRole('link', { name: 'Audit log' }).click();
    await page.getByText('PUT /v1/lanes/{provider}/{model}').first().waitFor();
    await page.getByText('600 → 1200').waitFor();
    await page.getByText('none → key is rotated').waitFor();
    await page.getByLabel('What').selectOption('pauses of lanes');
    await page.waitForURL(/action=POST/);
    await page.getByText('PUT /v1/lanes/{provider}/{model}').first().waitFor({ state: 'detached' });
    assert.deepEqual(complaints, []);
  });

  test('a dead letter is replayed after a dry run, and its trial finishes', async (t) => {
    const fault = { faults: [{ kind: 'wrong-model' as const, p: 1 }] };
    const { page, house, ask, complaints } = await openConsoleHouse(t, { house: { simulator: { tenant: fault } } });
    const id = await house.submit(SMALL, makePrompts(2));
    await house.reached(id, ['completed']);
    await page.goto('/ops/dead-letters');
    const [cause] = (await ask<{ items: DeadLetterGroup[] }>('GET', '/v1/dead-letters')).items;
    await page
      .getByText(cause?.code ?? '')
      .first()
      .click();
    await page.getByRole('button', { name: 'Replay this cause' }).click();
    await page.getByText('Dry run: 4 trials of 1 sweep would run again.').waitFor();
    assert.equal((await ask<{ items: DeadLetterGroup[] }>('GET', '/v1/dead-letters')).items[0]?.count, 4);

    await fetch(`${house.simulator.controlUrl}/tenants/default`, {
      method: 'PATCH',
      body: JSON.stringify({ faults: [] }),
    });
    await page.getByRole('button', { name: 'Replay 4 trials' }).click();
    await page.getByText('4 trials of 1 sweep run again.').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await house.reached(id, ['completed']);
    await page.getByRole('heading', { name: 'No dead letter' }).waitFor();
    await page.goto('/ops/audit');
    await page.getByText('POST /v1/dead-letters/replay').first().waitFor();
    const { items } = await ask<{ items: AuditEntry[] }>('GET', '/v1/audit?action=POST /v1/dead-letters');
    assert.deepEqual(
      items.map(({ after }) => [after?.['dryRun'], after?.['trials']]),
      [
        [false, 4],
        [true, 4],
      ],
    );
    assert.deepEqual(complaints, []);
  });

  test('a team gets another weight and quota, and what does not fit is said at its field', async (t) => {
    const { page, ask, complaints } = await openConsoleHouse(t);
    const { items: before } = await ask<{ items: TeamView[] }>('GET', '/v1/teams');
    await page.getByRole('link', { name: 'Teams' }).click();
    await page.getByRole('button', { name: 'Change weight and quotas of team' }).click();
    const dialog = page.getByRole('dialog');
    const weight = dialog.getByRole('textbox', { name: 'Weight' });
    await weight.fill('1.5');
    await dialog.getByText('A whole number.').waitFor();
    assert.equal(await weight.getAttribute('aria-invalid'), 'true');
    assert.ok(await dialog.getByRole('button', { name: 'Change the team' }).isDisabled());
    await weight.fill('3');
    await dialog.getByRole('textbox', { name: 'Open sweeps' }).fill('1,234');
    await dialog.getByText(/^Weight: 1 → 3; Open sweeps: .+ → 1,234$/).waitFor();
    assert.deepEqual(await findBarriers(page), []);
    await dialog.getByRole('button', { name: 'Change the team' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('of 1,234').waitFor();
    const { items: after } = await ask<{ items: TeamView[] }>('GET', '/v1/teams');
    assert.deepEqual(
      after.map(({ weight: now, quotas }) => ({ weight: now, quotas })),
      before.map(({ quotas }) => ({ weight: 3, quotas: { ...quotas, sweepsOpen: 1_234 } })),
    );
    assert.deepEqual(complaints, []);
  });

  test('everything is paused and resumed in one act', async (t) => {
    const { page, ask } = await openConsoleHouse(t);
    for (const model of ['no-effect', 'sonnet35-like']) await ask('PUT', `/v1/lanes/sim/${model}`, { maxInFlight: 4 });
    await page.goto('/ops/lanes');
    await page.getByRole('button', { name: 'Pause everything' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Pause everything' }).click();
    await page.getByText('everything was paused by team team').nth(1).waitFor();
    await page.getByRole('button', { name: 'Resume everything' }).click();
    await page.getByRole('button', { name: 'Resume 2 lanes' }).click();
    await page.getByRole('heading', { name: 'Idle lanes' }).waitFor();
  });

  test('the board of raw queues opens from the page of queues, under its own policy', async (t) => {
    const { page, house } = await openConsoleHouse(t, { queue: true });
    const id = await house.submit(SMALL, makePrompts(1));
    await house.reached(id, ['completed']);
    await page.goto('/ops/depth');
    await page.getByRole('row', { name: /scheduler/ }).waitFor();
    await page.getByText('nothing is wrong').waitFor();
    await page.getByRole('link', { name: 'Raw queues' }).click();
    await page.getByText(LANE).first().waitFor();
  });

  test('a key without the scope is told what it lacks, on every page of operations', async (t) => {
    const { page, context } = await openConsoleHouse(t, { scopes: ['read'], queue: true });
    assert.equal(await page.getByRole('link', { name: 'Lanes' }).count(), 0);
    for (const url of PAGES) {
      await page.goto(url);
      await page.getByText(/are for keys with the scope “(ops|submit)”/).waitFor();
    }
    assert.equal((await context.request.get('/ops/queues')).status(), 403);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`pages of operations are for everybody, ${colorScheme}, and as narrow as a phone`, async (t) => {
      const { page, house, context, complaints } = await openConsoleHouse(t, { colorScheme });
      const id = await house.submit(SMALL, makePrompts(2));
      await house.reached(id, ['completed']);
      for (const url of PAGES) {
        await page.setViewportSize({ width: 1280, height: 900 });
        await page.goto(url);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.getByText('Loading').first().waitFor({ state: 'detached' });
        assert.deepEqual(await findBarriers(page), [], url);
        await page.setViewportSize({ width: 390, height: 844 });
        assert.equal(await findOverflow(page), 0, url);
      }
      await context.setOffline(true);
      await page.getByText('Connection lost').waitFor();
      await context.setOffline(false);
      await page.getByText('Connection lost').waitFor({ state: 'detached' });
      assert.deepEqual(complaints, []);
    });
  }
});
