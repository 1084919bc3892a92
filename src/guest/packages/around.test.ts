import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StepBefore } from '../../api/patchsteps.ts';
import { aroundScript, failedPart, readAround, readStartAgain, startAgainScript } from './around.ts';
import { MARK } from './prelude.ts';

const SHOP = 'shop@1.service';
/** Port 5432 listened at by IPv4, as proc_net_tcp(5) has it; 22 is only connected. */
const LISTENING = `  sl  local_address rem_address   st
   0: 0100007F:1538 00000000:0000 0A 00000000:00000000
   1: 0100007F:0016 0100007F:A1B2 01 00000000:00000000
`;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'around-'));
  await mkdir(join(folder, 'run'));
  await mkdir(join(folder, 'proc/net'), { recursive: true });
  await writeFile(join(folder, 'proc/net/tcp'), LISTENING);
  await writeFile(join(folder, 'proc/net/tcp6'), '');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A fake: a systemd of files, one for each unit with its state, and a list of what it was told. `stuck` never leaves its state. */
async function systemd(units: Readonly<Record<string, string>>, stuck: readonly string[] = []): Promise<void> {
  for (const [name, state] of Object.entries(units)) await writeFile(join(folder, name), state);
  const lines = [
    '#!/bin/sh',
    `cd '${folder}'`,
    'case "$*" in *is-system-running*) exit 1;; *list-units*) cat failed-units 2>/dev/null; exit 0;; esac',
    'verb=$1; name=$3; [ "$2" = -- ] || exit 9',
    'if [ "$verb" = is-active ]; then cat "$name" 2>/dev/null || echo inactive; exit 0; fi',
    'echo "$verb $name" >> told',
    ...stuck.map(name => `[ "$name" = '${name}' ] && exit 1`),
    'case $verb in stop) echo inactive > "$name";; start|restart) echo active > "$name";; esac',
  ];
  await writeFile(join(folder, 'systemctl'), `${lines.join('\n')}\n`);
  await chmod(join(folder, 'systemctl'), 0o700);
}

const told = async () => (await readFile(join(folder, 'told'), 'utf8').catch(() => '')).trim().split('\n');
const ground = () => ({ root: folder, path: `${folder}:/usr/bin:/bin` });
const ran = (script: string) => execFileSync('/bin/sh', ['-s'], { input: script, encoding: 'utf8' });
const around = (steps: readonly StepBefore[]) => readAround(ran(aroundScript(steps, ground())), steps);
const verdicts = (steps: readonly StepBefore[]) => around(steps)?.parts.map(({ verdict }) => verdict);

describe('steps around an install in a guest (MO-4)', () => {
  it('are taken in their order, and each says what became of it', async () => {
    await systemd({ [SHOP]: 'active', 'other.service': 'inactive' });
    const steps: readonly StepBefore[] = [
      { serviceRunning: { name: SHOP } },
      { stopService: { name: SHOP } },
      { startService: { name: 'other.service' } },
      { restartService: { name: 'other.service' } },
      { tcpPortOpen: { port: 5432, within: '1s' } },
      { pathExists: { path: '/proc/net/tcp' } },
      { pathAbsent: { path: '/run/backup.lock' } },
    ];
    expect(verdicts(steps)).toEqual(steps.map(() => 'Passed'));
    expect(await told()).toEqual([`stop ${SHOP}`, 'start other.service', 'restart other.service']);
  });

  it.each<[string, StepBefore, string]>([
    ['does not run', { serviceRunning: { name: 'other.service' } }, 'serviceRunning other.service: it is inactive'],
    [
      'does not start',
      { startService: { name: 'stuck.service' } },
      'startService stuck.service: it did not start: it is failed',
    ],
    [
      'does not start anew',
      { restartService: { name: 'stuck.service' } },
      'restartService stuck.service: it did not start anew: it is failed',
    ],
    ['is not there', { pathExists: { path: '/srv/none' } }, 'pathExists /srv/none: it is not there'],
    ['is there', { pathAbsent: { path: '/proc/net/tcp' } }, 'pathAbsent /proc/net/tcp: it is there'],
    [
      'is not listened at',
      { tcpPortOpen: { port: 22, within: '1s' } },
      'tcpPortOpen 22: nobody listens there after 1 seconds',
    ],
  ])('block by the first that %s: nothing after it is tried', async (_, step, words) => {
    await systemd({ [SHOP]: 'active', 'stuck.service': 'failed' }, ['stuck.service']);
    const read = around([step, { stopService: { name: SHOP } }]);
    expect(read && failedPart(read)).toBe(words);
    expect(read?.parts.map(({ verdict }) => verdict)).toEqual(['Failed', 'NotTried']);
    expect(await told()).not.toContain(`stop ${SHOP}`);
  });

  it('tell a service that could not be stopped from one that did not run before', async () => {
    await systemd({ [SHOP]: 'active' }, [SHOP]);
    expect(verdicts([{ stopService: { name: 'none.service' } }, { stopService: { name: SHOP } }])).toEqual([
      'Unneeded',
      'Failed',
    ]);
    await systemd({ [SHOP]: '' });
    expect(verdicts([{ stopService: { name: SHOP } }])).toEqual(['Failed']);
  });

  it('start all that was stopped again, whatever becomes of one', async () => {
    await systemd({ 'stuck.service': 'failed', [SHOP]: 'inactive' }, ['stuck.service']);
    await writeFile(join(folder, 'failed-units'), 'stuck.service loaded failed\n');
    const read = readStartAgain(ran(startAgainScript(['stuck.service', SHOP], ground())), ['stuck.service', SHOP]);
    expect(read?.parts.map(({ verdict }) => verdict)).toEqual(['Failed', 'Passed']);
    expect(read?.failedUnits).toEqual(['stuck.service']);
    expect(await told()).toEqual(['start stuck.service', `start ${SHOP}`]);
  });

  it('never become words of the shell, even where nobody has looked at them before', async () => {
    await systemd({});
    const path = `/x'; touch '${folder}/broken`;
    expect(verdicts([{ pathExists: { path } }, { serviceRunning: { name: '$(touch broken).service' } }])?.[0]).toBe(
      'Failed',
    );
    expect(() => execFileSync('/bin/ls', [join(folder, 'broken')], { stdio: 'ignore' })).toThrow();
  });

  const steps: readonly StepBefore[] = [{ stopService: { name: SHOP } }, { pathAbsent: { path: '/run/lock' } }];
  const answer = (...lines: readonly string[]) =>
    [...lines, `end ${lines.length}`].map(line => `${MARK} ${line}\n`).join('');
  it.each([
    ['too few', ['part Passed -']],
    ['too many', ['part Passed -', 'part Passed -', 'part Passed -']],
    ['one after one that failed', ['part Failed -', 'part Passed -']],
    ['another verdict', ['part Passed -', 'part Great -']],
    ['words that are none', ['part Passed -', 'part Passed reboot']],
  ])('are not concluded from an answer with %s', (_, lines) => {
    expect(readAround(answer(...lines), steps)).toBeUndefined();
  });
});
