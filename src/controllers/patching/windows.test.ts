import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GuestStateStatus } from '../../api/gueststate.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { PatchRunStatus } from '../../api/patchrun.ts';
import { managedVMOf } from '../../domain/managedvm/rendering.fixtures.ts';
import { at, runSpec } from '../../domain/patching/run.fixtures.ts';
import { FakeUpdateAgent } from '../../guest/packages/updateagent.fixtures.ts';
import { DEFAULT_LIMITS } from '../../guest/transport/limits.ts';
import { type ScriptedGuest, startScriptedGuest } from '../../guest/transport/scriptedguest.fixtures.ts';
import { Session } from '../../guest/transport/session.ts';
import type { Sessions } from '../../guest/transport/sessions.ts';
import { FakeWindows } from '../../guest/windows/scriptedwindows.fixtures.ts';
import type { Clock } from '../../runtime/api/clock.ts';
import type { Keyring, KeysFound } from '../gueststate/keyring.ts';
import { Patient } from './patient.ts';
import type { PatchStore, Record, Run } from './store.ts';

/** One connection for all, to whichever fake is there now. */
let windows: FakeWindows;
let server: ScriptedGuest;
let session: Session;
beforeAll(async () => {
  server = await startScriptedGuest({ run: command => windows.run(command) });
  session = await Session.open(server.dial, server.login, DEFAULT_LIMITS);
});
afterAll(async () => {
  session.close();
  await server.close();
});

const ID = 'd1f0a2c4-0b7e-4c5a-9e31-5a6b7c8d9e0f';
const OTHER = 'e2a1b3d5-1c8f-4d6b-8f42-6b7c8d9e0f1a';
const UID = '11111111-aaaa';
const metadata = { name: 'shop-db', namespace: 'acme' };

/**
 * A fake Windows guest with two updates missing, a run for it, and the production runner over a store and a clock in memory, of which each sleep takes
 * `pace` times as long. `platform`: what KubeVirt says of the VM besides.
 */
function newRun({ mayWindows = true, pace = 1, platform = (_now: Date): object => ({}) } = {}) {
  windows = new FakeWindows();
  const agent = new FakeUpdateAgent();
  agent.updates = [
    { id: ID, revision: 200, kb: '5068861', severity: 'Critical', needsRestart: true },
    { id: OTHER, revision: 1, kb: '5066131' },
  ];
  windows.updates = agent;
  let now = at('02:05').getTime();
  windows.clock = () => Math.floor(now / 1000);
  const clock: Clock = {
    now: () => new Date(now),
    monotonic: () => now,
    sleep: async ms => {
      now += pace * ms;
    },
  };
  const spec = { ...runSpec(), packageManager: 'WindowsUpdate' as const };
  let version = 1;
  const versioned = <T extends { metadata: object }>(object: T, status: unknown) =>
    ({ ...object, metadata: { ...object.metadata, resourceVersion: String(++version) }, status }) as T;
  const kind = { apiVersion: 'managed.systems/v1alpha1', kind: 'x' };
  let run: Run = { ...kind, metadata: { ...metadata, name: 'run', uid: '33333333-cccc' }, spec };
  let record: Record = { ...kind, metadata: { ...metadata, uid: 'g' }, spec: { managedVM: UID }, status: {} };
  const instance = {
    metadata: { uid: 'i1' },
    spec: { networks: [{ name: 'default', pod: {} }] },
    status: { phase: 'Running', interfaces: [{ name: 'default', ipAddress: '10.0.0.7' }] },
  };
  const managedVM = {
    ...managedVMOf({ serviceLevel: 'AdvancedMonitoringAndPatching', operatingSystem: 'windows-2025' }),
    metadata: { ...metadata, uid: UID },
  };
  const store = {
    run: async () => run,
    record: async () => record,
    managedVM: async () => managedVM as ManagedVM,
    instance: async () => ({ ...instance, status: { ...instance.status, ...platform(clock.now()) } }),
    writeRun: async (read: Run, status: PatchRunStatus) => (run = versioned(read, status)),
    writeRecord: async (read: Record, status: GuestStateStatus) => (record = versioned(read, status)),
  } as unknown as PatchStore;
  const { privateKey: providerPrivateKey, hostKey } = server.login;
  const prints = { provider: '', host: '' };
  const present = { providerPrivateKey, providerPublicKey: hostKey, hostPublicKey: hostKey, prints };
  const found: KeysFound = { kind: 'Ready', keys: { present, next: undefined, former: [] } };
  const patient = new Patient(run, {
    ...{ store, clock, identity: 'runner_1', windows: mayWindows, ways: { port: server.port }, monotonic: () => now },
    runs: { get: () => run, wrote: () => {} },
    keyring: { keysOf: async () => found, forget: () => {} } as Pick<Keyring, 'keysOf' | 'forget'>,
    sessions: { run: (_, command, text) => session.run(command, text) } as Pick<Sessions, 'run'> as Sessions,
    log: pino({ level: 'silent' }),
  });
  return {
    ...{ agent, follow: () => patient.follow(new AbortController().signal) },
    status: () => run.status,
    begun: () => windows.begun.map(({ id }) => id.replace(/^patch-[0-9a-f]+-/, '')),
  };
}

describe('a patch run in a Windows guest (a fake)', () => {
  it('MO-3: installs what is pinned once, restarts the guest, and believes what it reads back in the next boot', async () => {
    const { agent, follow, status, begun } = newRun();
    const before = windows.bootId;
    await follow();
    expect(status()).toMatchObject({
      ...{ phase: 'Succeeded', rebootPending: false, bootIdBefore: before, bootIdAfter: windows.bootId },
      message: '2 of 2 planned packages are installed, as read back from the guest. The guest was rebooted.',
      packages: [
        { package: 'KB5068861', to: `${ID}.200`, state: 'Installed', severity: 'Critical', security: true },
        { package: 'KB5066131', to: `${OTHER}.1`, state: 'Installed' },
      ],
    });
    expect(begun()).toEqual(['preflight-1', 'plan-1', 'install-1', 'verify-1', 'reboot-1', 'recheck-1']);
    expect(agent.installations).toEqual([['KB5068861', 'KB5066131']]);
  });

  it('MO-7: is not made in one where Steward is not told to work in Windows: nothing is sent, and the run says so', async () => {
    const { follow, status, begun } = newRun({ mayWindows: false, pace: 60 });
    await follow();
    expect(status()).toMatchObject({ phase: 'Skipped' });
    expect(status()?.message).toContain('Steward is not told to work in Windows guests (guest.windows).');
    expect(begun()).toEqual([]);
  });

  it('GE-8: begins no change while its file systems are held for a backup, and installs once they go on', async () => {
    const thawed = at('02:20');
    const { follow, status } = newRun({
      platform: now => ({ fsFreezeStatus: now < thawed ? 'frozen' : 'thawed' }),
    });
    await follow();
    expect(status()).toMatchObject({ phase: 'Succeeded' });
    const install = status()?.steps?.find(({ name }) => name === 'install');
    expect(Date.parse(install?.began ?? '')).toBeGreaterThanOrEqual(thawed.getTime());
  });

  it('GE-8: is left alone where it is moved to another node until the cutoff, and the run says so', async () => {
    const { follow, status, begun } = newRun({
      pace: 60,
      platform: () => ({ migrationState: { startTimestamp: '2026-12-02T02:00:00Z' } }),
    });
    await follow();
    expect(status()).toMatchObject({ phase: 'Skipped' });
    expect(status()?.message).toContain('The VM is being moved to another node.');
    expect(begun()).toEqual([]);
  });

  it('has failed where the boot has undone an update, though the installation said that it went well', async () => {
    const { agent, follow, status } = newRun();
    agent.updates = agent.updates.map(update => ({ ...update, undone: true }));
    await follow();
    expect(status()).toMatchObject({
      phase: 'Failed',
      packages: [
        { package: 'KB5068861', state: 'Failed', reason: 'it is not installed' },
        { package: 'KB5066131', state: 'Installed' },
      ],
    });
  });

  it('leaves an update whose terms nobody has accepted, with that reason, and installs the others', async () => {
    const { agent, follow, status } = newRun();
    agent.updates = agent.updates.map(update => ({ ...update, eula: update.kb !== '5068861' }));
    await follow();
    expect(status()).toMatchObject({
      phase: 'Succeeded',
      packages: [
        { package: 'KB5066131', state: 'Installed' },
        {
          package: 'KB5068861',
          state: 'Left',
          reason: 'it needs a licence, a subscription, or terms that somebody accepts',
        },
      ],
    });
    expect(agent.installations).toEqual([['KB5066131']]);
  });

  it('restarts the guest first where Windows wants that, and leaves the updates to the next window', async () => {
    const { agent, follow, status, begun } = newRun();
    agent.restartFirst = true;
    agent.restart = true;
    await follow();
    expect(status()).toMatchObject({
      phase: 'Succeeded',
      message: 'No package was to be installed. The guest was rebooted.',
    });
    expect(begun()).toEqual(['preflight-1', 'plan-1', 'reboot-1', 'recheck-1']);
    expect(agent.installations).toEqual([]);
  });

  it.each([
    ['80240044', 'Failed', 'the account may not install updates for the machine (0x80240044)'],
    ['8024001E', 'Failed', 'the Windows Update service was stopped, or the system went down (0x8024001E)'],
    ['80240016', 'Failed', 'another installation was under way, or a restart has to come first (0x80240016)'],
  ] as const)('changes nothing where the agent refuses with %s from the start', async (hresult, phase, words) => {
    const { agent, follow, status } = newRun();
    agent.throws = { hresult, words: 'Zugriff verweigert' };
    await follow();
    expect(status()).toMatchObject({ phase });
    expect(status()?.message).toContain(words);
    expect(agent.installations).toEqual([]);
  });

  it.each([
    ['80240016', 4],
    ['8024001E', 5],
  ] as const)('says of each update why it was not installed, and tries none again: %s', async (hresult, code) => {
    const { agent, follow, status } = newRun();
    agent.updates = agent.updates.map(update => ({ ...update, installs: [code, hresult], needsRestart: false }));
    await follow();
    expect(status()).toMatchObject({ phase: 'Failed', packages: [{ state: 'Failed' }, { state: 'Failed' }] });
    expect(status()?.packages?.[0]?.reason).toContain(`(0x${hresult})`);
    expect(agent.installations).toHaveLength(1);
  });

  it('installs nothing where the source cannot be reached: nobody knows what is missing', async () => {
    const { agent, follow, status } = newRun();
    agent.search = [3, 1];
    await follow();
    expect(status()).toMatchObject({ phase: 'Failed' });
    expect(agent.installations).toEqual([]);
  });

  it('is skipped or given up where the guest answers nothing that is understood, and nothing was begun', async () => {
    const { follow, status, begun } = newRun({ pace: 60 });
    windows.speech = line => ({ stdout: Buffer.from(line, 'utf16le') });
    await follow();
    expect(status()).toMatchObject({ phase: 'Skipped' });
    expect(status()?.message).toContain('NotUnderstood');
    expect(begun()).toEqual([]);
  });

  it('is Unknown, and installs nothing twice, where its answers are lost after the installation', async () => {
    const { agent, follow, status, begun } = newRun({ pace: 60 });
    windows.speech = line => (agent.installations.length > 0 ? { stdout: line.slice(0, 40) } : { stdout: line });
    await follow();
    expect(status()).toMatchObject({ phase: 'Unknown' });
    expect(agent.installations).toHaveLength(1);
    expect(begun().filter(id => id.startsWith('install'))).toHaveLength(1);
  });
});
