import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { LOOK_FUNCTIONS } from './lookfunctions.ts';

/** What a look tells of a setting whose command says nothing: `begun` is when it began, by the clock of the machine, in seconds. */
function told(begun: string): string {
  const script = [
    'N=n0nce R=',
    LOOK_FUNCTIONS,
    begun,
    `owner() { is=$(limit 2 true); if [ "$is" != root ]; then differs "it belongs to \${is:-nobody}"; fi; }`,
    'setting file owner',
  ].join('\n');
  const [, , , standing, found = ''] = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).trim().split(' ');
  return `${standing}: ${Buffer.from(found, 'base64')}`;
}

test('a look tells a difference that it has seen', () => {
  expect(told('')).toBe('differs: it belongs to nobody');
});

test('MO-16: a look whose time is over asks nothing more, and calls nothing changed that it has not seen', () => {
  expect(told('begun=-100')).toBe('failed: there was no time left to look (it belongs to nobody)');
});
