import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXCERPT_FILE } from './eventscript.ts';
import { LOOK_LINES, readLogLine } from './loglines.ts';
import { LOOK_FUNCTIONS } from './lookfunctions.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'steward-lines-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const decoded = (word: string) => (word === '-' ? '' : Buffer.from(word, 'base64').toString());

/** What a look tells of a guest whose sensor has kept this. */
function told(kept?: string) {
  const path = join(root, EXCERPT_FILE);
  mkdirSync(dirname(path), { recursive: true });
  if (kept !== undefined) writeFileSync(path, kept);
  const script = [
    `N=n0nce R=${root}; NL='
'`,
    LOOK_FUNCTIONS,
    LOOK_LINES,
    'look_lines; line end "$lines"',
  ].join('\n');
  const lines = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
  expect(lines.pop()).toBe(`n0nce end ${lines.length}`);
  return lines.map(line => readLogLine(line.split(' ').slice(1), decoded));
}

describe('MO-12: the last lines of a guest that matter', () => {
  it('are told with when they were read and as what they were counted', () => {
    expect(told('1700000000 oom_kill Killed process 12 (tail)\n1699999999 account_added account eve\n')).toEqual([
      { at: new Date(1_700_000_000_000), event: 'oom_kill', text: 'Killed process 12 (tail)' },
      { at: new Date(1_699_999_999_000), event: 'account_added', text: 'account eve' },
    ]);
  });

  it('are none where the sensor has kept none', () => {
    expect(told()).toEqual([]);
    expect(told('')).toEqual([]);
  });

  it('are bounded, and nothing in them is run or expanded, whatever they say', () => {
    expect(told(`1 oom_kill $(touch /tmp/x) * \`id\` "\n; id\n`)).toEqual([
      { at: new Date(1_000), event: 'oom_kill', text: '$(touch /tmp/x) * `id` "' },
    ]);
    expect(told('1 oom_kill x\n'.repeat(40))).toHaveLength(20);
    expect(told(`1 oom_kill ${'x'.repeat(4000)}\n`)[0]?.text).toHaveLength(240);
  });

  it.each([
    'told 1 no_event eA==',
    'told -1 oom_kill eA==',
    'told 123456789012 oom_kill eA==',
    'told 1 oom_kill eA== x',
  ])('are nothing where the script would not say it: %s', line =>
    expect(readLogLine(line.split(' '), decoded)).toBeUndefined(),
  );
});
