import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { text } from 'node:stream/consumers';
import { openDatasetFile } from '../src/cli/dataset-file.ts';
import { UsageError } from '../src/cli/failure.ts';
import { readSweepFile } from '../src/cli/sweep-file.ts';

function write(t: TestContext, name: string, content: string | Buffer): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-files-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

async function readDataset(file: string): Promise<unknown[]> {
  const { lines } = await openDatasetFile(file);
  const ndjson = await text(ReadableStream.from(lines));
  return ndjson
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

suite('dataset files', () => {
  test('CSV: quotes, line breaks, a byte order mark and CRLF are read as spreadsheets write them', async (t) => {
    const file = write(t, 'p.csv', '\ufeffid,text\r\na,"one, ""two""\nthree"\r\n,plain\r\n');
    assert.deepEqual(await readDataset(file), [
      { id: 'a', text: 'one, "two"\nthree' },
      { id: 'row-2', text: 'plain' },
    ]);
  });

  test('CSV: labels and variables are columns of their own, empty cells are not there', async (t) => {
    const file = write(t, 'p.csv', 'prompt,labels.topic,city\nhi,travel,Oslo\nho,,\n');
    assert.deepEqual(await readDataset(file), [
      { id: 'row-1', text: 'hi', labels: { topic: 'travel' }, variables: { city: 'Oslo' } },
      { id: 'row-2', text: 'ho' },
    ]);
  });

  test('CSV: a file for the console is read alike', async (t) => {
    const file = write(t, 'p.csv', 'id,question,label:topic\na,hi,travel\n');
    assert.deepEqual(await readDataset(file), [{ id: 'a', text: 'hi', labels: { topic: 'travel' } }]);
  });

  test('TSV is read by its tabs', async (t) => {
    assert.deepEqual(await readDataset(write(t, 'p.tsv', 'id\ttext\na\tone, two\n')), [{ id: 'a', text: 'one, two' }]);
  });

  test('a CSV without the column is refused with what it has, and an empty text with its line', async (t) => {
    const without = write(t, 'p.csv', 'id;text\na;b\n');
    await assert.rejects(readDataset(without), /p\.csv:2: there is no column "text" \(or "prompt", .*\), only id;text/);
    await assert.rejects(readDataset(write(t, 'p.csv', 'id,text\na,b\nc,\n')), /p\.csv:3: the column "text" is empty/);
    await assert.rejects(readDataset(write(t, 'p.csv', 'id,text\na,b,c\n')), /p\.csv is not CSV: .*line 2/);
  });

  test('a CSV in another encoding, or with a column twice, is refused before anything is lost', async (t) => {
    const latin = write(t, 'p.csv', Buffer.from('id,text\na,caf\u00e9\n', 'latin1'));
    await assert.rejects(readDataset(latin), /p\.csv is not UTF-8/);
    const cut = write(t, 'p.csv', Buffer.from('id,text\na,caf\u00e9').subarray(0, -1));
    await assert.rejects(readDataset(cut), /p\.csv is not UTF-8/);
    await assert.rejects(
      readDataset(write(t, 'p.csv', 'id,text,text\na,b,c\n')),
      /p\.csv:1: the column "text" is there twice/,
    );
  });

  test('NDJSON goes up byte for byte, so that the server can name a line', async (t) => {
    const content = '{"id":"a","text":"x"}\n\nnot json\n';
    const { lines, name } = await openDatasetFile(write(t, 'mine.jsonl', content));
    assert.equal(await text(ReadableStream.from(lines)), content);
    assert.equal(name, 'mine');
  });

  test('an absent file and an unknown kind are said to be so', async (t) => {
    await assert.rejects(
      openDatasetFile('/nowhere/p.csv'),
      new UsageError('the dataset /nowhere/p.csv does not exist'),
    );
    await assert.rejects(
      openDatasetFile(write(t, 'p.xlsx', '')),
      /is of no known kind: expected \.jsonl, \.ndjson, \.csv or \.tsv/,
    );
  });
});

suite('sweep files', () => {
  test('YAML and JSON say the same, and a dataset file is relative to the sweep', async (t) => {
    const yaml = write(t, 's.yaml', 'name: x\nmodels: [sim/no-effect]\ndataset: { file: data/p.csv, name: mine }\n');
    assert.deepEqual(await readSweepFile(yaml), {
      spec: { name: 'x', models: ['sim/no-effect'] },
      dataset: { file: path.join(path.dirname(yaml), 'data/p.csv'), name: 'mine' },
    });
    const json = write(t, 's.json', '{"name":"x","models":["sim/no-effect"],"dataset":{"id":"d1"}}');
    assert.deepEqual(await readSweepFile(json), {
      spec: { name: 'x', models: ['sim/no-effect'], dataset: { id: 'd1' } },
      dataset: null,
    });
  });

  test('what is no sweep is refused with its place', async (t) => {
    await assert.rejects(readSweepFile(write(t, 's.yaml', 'name: [x\n')), /is neither YAML nor JSON: .*line 2/s);
    await assert.rejects(readSweepFile(write(t, 's.yaml', '- x\n')), /holds no sweep/);
    const latin = write(t, 's.yaml', Buffer.from('name: caf\u00e9\n', 'latin1'));
    await assert.rejects(readSweepFile(latin), /s\.yaml is not UTF-8/);
    await assert.rejects(readSweepFile(write(t, 's.yaml', 'dataset: { file: a.csv, sheet: 2 }\n')), /at most a name/);
    await assert.rejects(readSweepFile('/nowhere/s.yaml'), new UsageError('/nowhere/s.yaml does not exist'));
  });
});
