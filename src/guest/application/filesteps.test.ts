import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { LOOK_FUNCTIONS } from '../settings/lookfunctions.ts';
import { LOOK_FILES } from './filesteps.ts';

test.each([
  ['a file', 'look_owned /etc/passwd sum root:root 644 /note', 'whose /etc/passwd is was not told within 2 s'],
  ['a folder', 'look_folder /etc root:root 755', 'whose /etc is was not told within 2 s'],
])('GE-10: %s whose owner a slow guest does not tell in time is not called changed', (_, look, found) => {
  const script = [
    ...['N=n0nce R=', LOOK_FUNCTIONS, LOOK_FILES, 'limit() { return 124; }', 'same() { return 0; }'],
    ...[`looked() { ${look}; }`, 'setting file looked'],
  ].join('\n');
  const [, , , standing, said = ''] = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).trim().split(' ');
  expect([standing, `${Buffer.from(said, 'base64')}`]).toEqual(['failed', found]);
});
