/** The runner of one run, with the guest played (hack/bench/patching) and the API server a table with versions: what it reads, and when. */
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { PlayedGuest } from '../../hack/bench/patching/playedguest.ts';
import type { WayName } from '../../hack/bench/patching/ways.ts';
import type { GuestState } from '../../src/api/gueststate.ts';
import type { Keyring } from '../../src/controllers/gueststate/keyring.ts';
import { Patient, type PatientParts } from '../../src/controllers/patching/patient.ts';
import { stepIdOf } from '../../src/controllers/patching/steps.ts';
import { PatchStore, type Run } from '../../src/controllers/patching/store.ts';
import { runSpec } from '../../src/domain/patching/run.fixtures.ts';
import { GuestFailure } from '../../src/guest/transport/failure.ts';
import type { Sessions } from '../../src/guest/transport/sessions.ts';
import { ApiError } from '../../src/runtime/api/errors.ts';
import { LeapingClock, leaping } from '../../src/runtime/api/leapingclock.fixtures.ts';
import type { KubeObject } from '../../src/runtime/api/object.ts';
import type { CallRequest } from '../../src/runtime/http/transport.ts';

const NAMESPACE = 'acme';
const VM = { name: 'shop-db', uid: '11111111-aaaa' };
const RUN = '/apis/managed.systems/v1alpha1/namespaces/acme/patchruns/run';
const RECORD = '/apis/managed.systems/v1alpha1/namespaces/acme/gueststates/shop-db';

/** PLAYED: objects by path, each with a version; a write of another version is refused, and so is one of a run that has its verdict. */
class Table {
  readonly objects = new Map<string, KubeObject & { status?: unknown }>();
  readonly calls: string[] = [];
  #version = 1;

  put(path: string, object: object): void {
    const { metadata } = object as KubeObject;
    this.#version += 1;
    this.objects.set(path, { ...object, metadata: { ...metadata, resourceVersion: `${this.#version}` } } as KubeObject);
  }

  async call({ method, path, body }: CallRequest): Promise<{ status: number; value: unknown }> {
    const [, kind = ''] = /\/(\w+)\/[^/]+(?:\/status)?$/.exec(path) ?? [];
    this.calls.push(`${method} ${kind}`);
    const at = path.replace(/\/status$/, '');
    const found = this.objects.get(at);
    if (found === undefined) throw new ApiError(404, 'NotFound', path);
    if (method === 'GET') return { status: 200, value: structuredClone(found) };
    const written = JSON.parse(body ?? '') as KubeObject;
    if (written.metadata.resourceVersion !== found.metadata.resourceVersion) throw new ApiError(409, 'Conflict', path);
    this.put(at, written);
    return { status: 200, value: structuredClone(this.objects.get(at)) };
  }

  count(what: RegExp): number {
    return this.calls.filter(call => what.test(call)).length;
  }
}

/** One run in one guest that goes its way. `told`: what the watch tells of the run; by default its newest. */
function patient(way: WayName, { lasts = 0, told }: { lasts?: number; told?: () => Run | undefined } = {}) {
  const clock = new LeapingClock();
  const table = new Table();
  const guest = new PlayedGuest(
    way,
    false,
    () => void clock.sleep(lasts).then(() => guest.finish()),
    () => clock.now().getTime(),
  );
  const occurrence = { start: '2025-12-31T23:00:00Z', cutoff: '2026-01-01T02:00:00Z', end: '2026-01-01T03:00:00Z' };
  const metadata = { namespace: NAMESPACE, name: 'run', uid: '33333333-cccc', resourceVersion: '1' };
  const spec = { ...runSpec(), managedVM: VM, occurrence: { ...runSpec().occurrence, ...occurrence } };
  const run: Run = { apiVersion: 'a', kind: 'PatchRun', metadata, spec };
  table.put(RUN, run);
  const named = { namespace: NAMESPACE, name: VM.name };
  table.put(RECORD, { metadata: { ...named, creationTimestamp: '2026-01-01T00:00:00Z' }, spec: { managedVM: VM.uid } });
  table.put(RECORD.replace('gueststates', 'managedvms'), { metadata: { ...named, uid: VM.uid }, spec: {}, status: {} });
  table.put('/apis/kubevirt.io/v1/namespaces/acme/virtualmachineinstances/shop-db', {
    metadata: { ...named, uid: 'i' },
    spec: { networks: [{ name: 'default', pod: {} }] },
    status: { phase: 'Running', interfaces: [{ name: 'default', ipAddress: '198.18.0.1' }] },
  });
  const sent: string[] = [];
  const newest = () => structuredClone(table.objects.get(RUN)) as Run | undefined;
  const keys = { providerPrivateKey: 'a', providerPublicKey: 'b', hostPublicKey: 'c', prints: {} };
  const parts = {
    ...{ clock, monotonic: () => clock.monotonic(), identity: 'me', ways: { port: 22 }, log: pino({ enabled: false }) },
    windows: false,
    store: new PatchStore(table),
    runs: { get: told ?? newest, wrote: () => {} },
    keyring: {
      keysOf: async () => ({ kind: 'Ready', keys: { present: keys, former: [] } }),
      forget: () => {},
    } as unknown as Keyring,
    sessions: {
      run: async (_: unknown, __: string, script: string) => {
        if (guest.down) throw new GuestFailure('NoAnswer', 'it is down');
        sent.push(`${table.calls.length} ${script.includes('say Begun') ? 'begin' : 'ask'}`);
        const reaction = guest.run(script);
        if (reaction === 'cut') throw new GuestFailure('ConnectionLost', 'cut');
        return { exitCode: reaction.exitCode, signal: undefined, stdout: reaction.text, stderr: '', truncated: false };
      },
    } as unknown as Sessions,
  } satisfies PatientParts;
  const ending = new AbortController();
  return {
    run,
    table,
    guest,
    clock,
    parts,
    sent,
    ending,
    newest,
    follow: () => new Patient(run, parts).follow(ending.signal),
  };
}

const phaseOf = ({ newest }: ReturnType<typeof patient>) => newest()?.status?.phase;

describe('GE-8: what a run costs the API server', () => {
  it('is read anew at its beginning and before it changes the guest, and written at each step', async () => {
    const one = patient('well');
    await leaping(one.clock, one.follow());
    expect(phaseOf(one)).toBe('Succeeded');
    for (const kind of ['patchruns', 'gueststates', 'managedvms', 'virtualmachineinstances'])
      expect(one.table.count(new RegExp(`^GET ${kind}$`)), kind).toBe(2);
    // Lease and its return, four steps that are claimed and ended; of the run their notes and the verdict.
    expect(one.table.count(/^PUT gueststates$/)).toBe(10);
    expect(one.table.count(/^PUT patchruns$/)).toBe(9);
  });

  it('is nothing while packages are installed but the lease, however long it takes', async () => {
    const one = patient('well', { lasts: 10 * 60_000 });
    await leaping(one.clock, one.follow());
    expect(phaseOf(one)).toBe('Succeeded');
    expect(one.table.count(/^GET/)).toBe(8);
    expect(one.table.count(/^PUT gueststates$/)).toBeLessThanOrEqual(10 + (10 * 60) / 15);
  });

  it('grows ever more slowly where the guest is not reached', async () => {
    const one = patient('well');
    one.guest.down = true;
    await leaping(one.clock, one.follow());
    expect(phaseOf(one)).toBe('Skipped');
    // Two hours: every ten seconds at first, once a minute at last.
    expect(one.table.count(/^GET patchruns$/)).toBeLessThan(150);
  });
});

describe('GE-8: nothing is done in a guest by what was known before', () => {
  it.each([
    ['is cut off from us', 'cut', 'Succeeded', 1],
    ['refuses it by its clock', 'clock', 'WindowExceeded', 0],
  ] as const)(
    'sends a start again only after everything was read anew, where the guest %s',
    async (_, way, phase, installs) => {
      const one = patient(way);
      await leaping(one.clock, one.follow());
      expect(phaseOf(one)).toBe(phase);
      expect(one.guest.installs).toBe(installs);
      const begins = one.sent.filter(each => each.endsWith('begin')).map(each => Number(each.split(' ')[0]));
      expect(begins.length).toBeGreaterThan(4);
      expect(new Set(begins).size).toBe(begins.length);
      const lastly =
        /(PUT gueststates,PUT patchruns|GET patchruns,GET managedvms,GET gueststates,GET virtualmachineinstances(,PUT gueststates)?)$/;
      for (const at of begins) expect(one.table.calls.slice(0, at).join()).toMatch(lastly);
    },
  );

  it('takes no step of another for forgotten because its own record is of the past', async () => {
    let taken = false;
    const one = patient('well', {
      told: () => {
        const run = one.newest();
        if (!taken && run?.status?.steps?.at(-1)?.name === 'install' && run.status.steps.at(-1)?.verdict) {
          taken = true;
          another(one, run);
        }
        return one.newest();
      },
    });
    await leaping(one.clock, one.follow());
    expect(taken).toBe(true);
    expect(phaseOf(one)).toBe('Succeeded');
    expect(one.newest()?.status?.steps?.map(({ verdict }) => verdict)).toEqual(Array(4).fill('Passed'));
  });
});

/** Another runner has taken the lease, claimed and noted the next step, and is gone. */
function another({ table, clock }: ReturnType<typeof patient>, run: Run): void {
  const { status, ...record } = table.objects.get(RECORD) as GuestState & KubeObject;
  const [now, bootId = ''] = [clock.now().toISOString(), run.status?.bootIdAfter];
  const lease = { ...status?.lease, holder: 'another', generation: (status?.leaseGeneration ?? 0) + 1 };
  const fence = { generation: lease.generation, bootId };
  const claimed = { id: stepIdOf(run, 'verify', 1), phase: 'Claimed', fence, at: now };
  const steps = [...(status?.steps ?? []), claimed];
  table.put(RECORD, { ...record, status: { ...status, lease, leaseGeneration: lease.generation, steps } });
  const noted = { name: 'verify', attempt: 1, began: now };
  table.put(RUN, { ...run, status: { ...run.status, steps: [...(run.status?.steps ?? []), noted] } });
}

describe('GE-8: a runner that is told to end', () => {
  it('gives the lease back at once, sends nothing more, and the next one goes on', async () => {
    const one = patient('well', { lasts: 10 * 60_000 });
    const first = one.follow();
    await leaping(one.clock, one.clock.sleep(60_000));
    expect(one.table.objects.get(RECORD)?.status).toHaveProperty('lease.holder', 'me');
    const [calls, sent] = [one.table.calls.length, one.sent.length];
    one.ending.abort();
    await first;
    expect(one.table.objects.get(RECORD)?.status).not.toHaveProperty('lease');
    expect(one.table.calls.slice(calls)).toEqual(['PUT gueststates']);
    expect(one.sent).toHaveLength(sent);
    const next = new Patient(one.run, { ...one.parts, identity: 'next' }).follow(new AbortController().signal);
    await leaping(one.clock, next);
    expect(phaseOf(one)).toBe('Succeeded');
    expect(one.guest.installs).toBe(1);
  });
});
