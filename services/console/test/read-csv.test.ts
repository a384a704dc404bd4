import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { CsvFault, readPromptsCsv, readUtf8 } from '../src/new-sweep/read-csv.ts';

suite('prompts from a CSV file', () => {
  test('text, id, labels and variables are told by the head', () => {
    const file = '\uFEFFid,Prompt,label:domain,tone of voice\r\na,"one, ""two""\nthree",work,\r\n\r\n,second,,dry\r\n';
    assert.deepEqual(readPromptsCsv(file), [
      { id: 'a', text: 'one, "two"\nthree', labels: { domain: 'work' } },
      { id: 'row-2', text: 'second', variables: { tone_of_voice: 'dry' } },
    ]);
  });

  test('labels are told by either prefix, as the command takes them', () => {
    const [prompt] = readPromptsCsv('text,labels.topic,label:domain\nx,support,work\n');
    assert.deepEqual(prompt?.labels, { topic: 'support', domain: 'work' });
  });

  test('a file of another encoding is refused, before a letter is lost', () => {
    const bytesOf = (...bytes: number[]) => Uint8Array.from(bytes).buffer;
    assert.equal(readUtf8(bytesOf(0xef, 0xbb, 0xbf, 0x63, 0xc3, 0xa9)), 'c\u00e9');
    assert.throws(() => readUtf8(bytesOf(0x63, 0xe9)), CsvFault);
  });

  test('what does not fit is told with its line', () => {
    const cases: [file: string, line: number][] = [
      ['', 1],
      ['name,age\nx,1', 1],
      ['text', 1],
      ['id,text\na,"x\ny"\nb', 4],
      ['id,text\na,x\na,y', 3],
      ['text\n"open', 2],
      ['text,text\nx,y', 1],
      ['id,text\na,x\nb, ', 3],
    ];
    for (const [file, line] of cases) {
      assert.throws(
        () => readPromptsCsv(file),
        (error) => error instanceof CsvFault && error.line === line,
        JSON.stringify(file),
      );
    }
  });

  test('whatever text is written comes back', () => {
    const text = fc
      .string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', 'é', ' ') })
      .filter((one) => one.trim() !== '');
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 8 }), (texts) => {
        const file = ['text', ...texts.map((one) => `"${one.replaceAll('"', '""')}"`)].join('\n');
        assert.deepEqual(
          readPromptsCsv(file).map((prompt) => prompt.text),
          texts,
        );
      }),
    );
  });
});
