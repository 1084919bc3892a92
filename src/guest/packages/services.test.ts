import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAnswer } from './answer.ts';
import { apt } from './apt.ts';
import { dnf } from './dnf.ts';
import { MARK, packageScript } from './prelude.ts';
import { failedUnitsOf, MOST_UNITS, SERVICES, tooManyFailed } from './services.ts';
import { zypper } from './zypper.ts';

/** As systemd 257 lists them with --plain --no-legend. */
const LISTED = [
  'nginx.service                                loaded failed     failed       A high performance web server',
  'postgresql@17-main.service                   loaded activating auto-restart PostgreSQL Cluster 17-main',
  'mnt-old\\x2ddata.mount                        loaded failed     failed       /mnt/old-data',
  'steward-step-patch-0123456789-verify-1.service loaded failed    failed       /bin/sh /var/lib/steward/steps/x/run',
];

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'services-'));
  await mkdir(join(folder, 'run'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What the script says where systemctl answers so. */
async function said(lines: readonly string[], exitCode = 0) {
  const systemctl = ['#!/bin/sh', 'case "$*" in *is-system-running*) exit 1;; esac', "cat <<'END'", ...lines, 'END'];
  await writeFile(join(folder, 'systemctl'), [...systemctl, `exit ${exitCode}`, ''].join('\n'));
  await chmod(join(folder, 'systemctl'), 0o700);
  const script = packageScript([SERVICES, 'services'], { root: folder, path: `${folder}:/usr/bin:/bin` });
  const answer = readAnswer(execFileSync('/bin/sh', ['-s'], { input: script, encoding: 'utf8' }));
  if (answer === undefined) throw new Error('the answer is not whole');
  return answer;
}

const answered = (...lines: readonly string[]) => {
  const answer = readAnswer([...lines, `end ${lines.length}`].map(line => `${MARK} ${line}\n`).join(''));
  return answer && failedUnitsOf(answer);
};

describe('services that have failed in a guest (MO-11)', () => {
  it('are those that have ended and those that systemd starts again and again, and no step of ours', async () => {
    const units = ['mnt-old\\x2ddata.mount', 'nginx.service', 'postgresql@17-main.service'];
    expect(failedUnitsOf(await said(LISTED))).toEqual(units);
    expect(failedUnitsOf(await said([]))).toEqual([]);
  });

  it('are not known where systemd does not answer: never taken for none', async () => {
    expect(failedUnitsOf(await said(['Failed to connect to bus'], 1))).toBe('Unreadable');
  });

  it('are told up to a bound, beyond which no patch begins', async () => {
    const many = await said(Array.from({ length: MOST_UNITS + 20 }, (_, each) => `unit-${each}.service loaded failed`));
    expect(failedUnitsOf(many)).toHaveLength(MOST_UNITS);
    expect(tooManyFailed(many)).toEqual(['120 services have failed already: what a patch breaks could not be told.']);
    expect(tooManyFailed(await said(LISTED))).toEqual([]);
  });

  it.each([
    [['services 1', 'unit a;reboot']],
    [['services 1', 'unit $(reboot)']],
    [['services 1', 'unit ']],
    [['services 2', 'unit a.service']],
    [['services 0', 'unit a.service']],
    [['services -']],
    [['services 1', 'services 1', 'unit a.service']],
    [[]],
  ])('are not concluded from %j', lines => {
    expect(answered(...lines)).toBe('Unreadable');
  });

  it('are asked for before and after by every package manager of Linux', () => {
    for (const { preflightScript, readBackScript } of [apt, dnf, zypper])
      for (const script of [preflightScript(), readBackScript([])]) expect(script).toMatch(/\nservices\n/);
  });
});
