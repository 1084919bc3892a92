import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ManagedVM } from '../../api/managedvm.ts';
import { managedVMOf, operatingSystemOf, windows as windowsSystem } from '../../domain/managedvm/rendering.fixtures.ts';
import type { StepRecord } from '../../guest/run/step.ts';
import { tongueOf } from '../../guest/tongues.ts';
import { type ScriptedGuest, startScriptedGuest } from '../../guest/transport/scriptedguest.fixtures.ts';
import { Sessions } from '../../guest/transport/sessions.ts';
import { FakeWindows } from '../../guest/windows/scriptedwindows.fixtures.ts';
import { systemClock } from '../../runtime/api/clock.ts';
import { Hands } from './hands.ts';
import type { Keyring, KeysFound } from './keyring.ts';
import { GuestMemory } from './memory.ts';
import type { Plans } from './plans.ts';
import { lookInto, type Reachable, wayInto } from './reach.ts';
import type { Situation } from './situation.ts';

let windows: FakeWindows;
let server: ScriptedGuest;
const sessions = new Sessions({ idleMs: 60_000 });
beforeAll(async () => {
  server = await startScriptedGuest({ run: command => windows.run(command) });
});
afterAll(async () => {
  sessions.close();
  await server.close();
});

const managedVM = {
  ...managedVMOf({ serviceLevel: 'AdvancedMonitoringAndPatching', operatingSystem: 'windows-2025' }),
  metadata: { name: 'shop-db', namespace: 'acme', uid: 'u1', generation: 3 },
} as ManagedVM & { metadata: { uid: string } };
const situation: Situation = {
  ...{ managedVM, operatingSystem: operatingSystemOf(windowsSystem) },
  way: { kind: 'Address', instance: 'i1', address: '127.0.0.1', forwarded: false, startedAt: new Date(0) },
};

/** A worker that may or may not work in Windows, and a fake guest. */
function newWorker(mayWindows: boolean) {
  windows = new FakeWindows();
  const { privateKey: providerPrivateKey, hostKey } = server.login;
  const prints = { provider: '', host: '' };
  const present = { providerPrivateKey, providerPublicKey: hostKey, hostPublicKey: hostKey, prints };
  const found: KeysFound = { kind: 'Ready', keys: { present, next: undefined, former: [] } };
  const keyring = { keysOf: () => Promise.resolve(found), forget: () => {} } as unknown as Keyring;
  const hands = new Hands(sessions, { port: server.port, tongueOf });
  const plans = { plansOf: () => Promise.resolve([]) } as unknown as Plans;
  const parts = { keyring, plans, hands, clock: systemClock, windows: mayWindows };
  const memory = new GuestMemory();
  return { parts, memory, hands, wayIn: () => wayInto(situation, {}, memory, parts) };
}

async function reachable() {
  const worker = newWorker(true);
  return { ...worker, reach: (await worker.wayIn()) as Reachable };
}

describe('the worker and a Windows guest', () => {
  it('do not meet unless it is told so: nothing is sent, and the guest reads as not supported (MO-7)', async () => {
    const before = server.taken();
    expect(await newWorker(false).wayIn()).toEqual({ outcome: 'NotSupported' });
    expect(server.taken()).toBe(before);
  });

  it('meet by SSH where it is: it looks, finds what differs, and tells who can log in (MO-8, MO-16)', async () => {
    const { reach, memory, parts } = await reachable();
    windows.standing.set('exporter', { standing: 'Differs', found: 'the exporter is not running (Stopped)' });
    windows.access = {
      ...{ logins: [{ name: 'steward', login: true, administrator: true, keys: [] }], noted: [] },
      foreign: [{ kind: 'Account', name: 'mallory', detail: 'S-1-5-21-1-1-1-1009, member of Administrators' }],
    };
    const { contact, found } = await lookInto(situation, reach, memory, parts);
    expect(contact).toMatchObject({ outcome: 'Reached' });
    expect(found.look.settings.filter(({ standing }) => standing !== 'Kept')).toEqual([
      { setting: 'exporter', standing: 'Differs', found: 'the exporter is not running (Stopped)' },
    ]);
    expect(found.look).toMatchObject({ access: [{ name: 'steward' }], foreign: [{ name: 'mallory' }] });
  });

  it('have differences put right by one step, which begins once (GE-8)', async () => {
    const { reach, memory, parts, hands } = await reachable();
    windows.standing.set('exporter', { standing: 'Differs', found: 'gone' });
    const { found } = await lookInto(situation, reach, memory, parts);
    const records: StepRecord[] = [];
    const heal = () =>
      hands.heal(
        reach.target,
        found.desired,
        ['exporter'],
        { id: 'configure-7', generation: 7, record: records.at(-1), remembered: [], mayBegin: () => true },
        async record => void records.push(record),
      );
    expect(await heal()).toMatchObject({ state: 'Ended', verdict: { kind: 'Finished', exitCode: 0 } });
    expect(await heal()).toMatchObject({ state: 'Ended' });
    expect(windows.begun).toHaveLength(1);
    const after = await lookInto(situation, reach, memory, parts);
    expect(after.found.look.settings.every(({ standing }) => standing === 'Kept')).toBe(true);
  });

  it('do not understand each other where it refuses, and the record says what it said', async () => {
    const { reach, memory, parts } = await reachable();
    windows.speech = () => ({ stdout: 'steward-refused ConstrainedLanguage\r\n', exitCode: 66 });
    await expect(lookInto(situation, reach, memory, parts)).rejects.toMatchObject({
      reason: 'NotUnderstood',
      message:
        'the guest did not answer as the look does: PowerShell runs in the mode ConstrainedLanguage, in which no script of ours does',
    });
  });

  it('keep its steps where people find them', async () => {
    const { reach, hands } = await reachable();
    const desired = reach.desiredBy(reach.offered[0]);
    expect(hands.stepsFolderOf(desired)).toBe(String.raw`%ProgramData%\Steward\steps`);
    expect(hands.stepsFolderOf({ ...desired, packageManager: 'apt' })).toBe('/var/lib/steward/steps');
  });
});
