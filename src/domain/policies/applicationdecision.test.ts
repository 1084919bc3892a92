import { describe, expect, test } from 'vitest';
import { MaintenanceWindowSpec } from '../../api/maintenancewindow.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { application, product } from '../application/product.fixtures.ts';
import type { ApplicationPlan } from '../contract/applicationplan.ts';
import type { Ring } from '../patching/terms.ts';
import { type DecisionFacts, decide } from './applicationdecision.ts';

const NOW = new Date('2026-12-01T12:00:00Z');
const entry = product({
  parameters: [
    { name: 'work_mem', type: 'Integer', default: '4', apply: 'Reload' },
    { name: 'shared_buffers', type: 'Integer', default: '128', apply: 'Restart' },
  ],
  steps: [
    { name: 'packages', package: { names: ['postgresql-{{ line }}'] } },
    {
      name: 'settings',
      file: { path: '/etc/a', unit: 'x.service', onChange: 'Reload', content: '{{ parameters.work_mem }}' },
    },
    {
      name: 'memory',
      file: { path: '/etc/b', unit: 'x.service', onChange: 'Restart', content: '{{ parameters.shared_buffers }}' },
    },
  ],
});
const vm = {
  metadata: { name: 'shop-db' },
  spec: { serviceLevel: 'MonitoringAndPatching', operatingSystem: 'debian-13' },
};
const facts = (change: Partial<DecisionFacts> = {}): DecisionFacts => ({
  ...{ entry, product: entry.spec, productFaults: [], managedVM: vm as ManagedVM, earlier: [], agreed: undefined },
  ...{ told: undefined, verifiers: undefined, window: undefined, patchWindows: [], ...change },
});
const window = (schedule: string) => ({
  name: 'noon',
  spec: MaintenanceWindowSpec.parse({ schedule, timeZone: 'Etc/UTC', duration: '2h', cutoff: '30m' }),
});
const first = decide(application(), facts(), NOW).plan;
const ordered = application({ parameters: { work_mem: 8, shared_buffers: 256 }, windowRef: 'noon' });

function contents(plan: typeof first): readonly string[] {
  return plan?.steps.flatMap(step => (step.type === 'file' ? [step.content] : [])) ?? [];
}

describe('an order whose data are to be restored (AP-13)', () => {
  const backup = {
    ...({ engine: 'PostgreSQL', everyHours: 24, proveEveryDays: 7, keep: 2 } as const),
    ...{ dumpMinutes: 60, proofMinutes: 240 },
  };
  const restoring = { order: 'r1', of: '2026-11-30T02:00:00Z', since: '2026-12-01T11:00:00Z' };
  const told: ApplicationPlan | undefined = first && { ...first, backup };
  const change = { told, restoring, window: window('0 11 * * *') };

  test('is what was told before and the restore besides, whatever else is ordered or refused meanwhile', () => {
    const { plan, pending } = decide(ordered, facts(change), NOW);
    expect(contents(plan)).toEqual(['4', '128']);
    expect(plan?.steps.map(({ name }) => name)).toEqual([
      'packages',
      'data-restore',
      'settings',
      'memory',
      'data-open',
    ]);
    expect(plan?.steps[1]).toMatchObject({ engine: 'PostgreSQL', restore: 'r1', line: '17', of: restoring.of });
    expect(pending).toEqual([]);
    const refused = decide(ordered, facts({ ...change, productFaults: ['It is wrong.'] }), NOW);
    expect(refused.plan).toEqual(plan);
    expect(decide(ordered, facts({ ...change, told: plan }), NOW).plan).toEqual(plan);
  });

  test('begins no update meanwhile, for the end of that would let clients in', () => {
    const update = { version: '17.6', ports: [5432], withinSeconds: 60, notAfter: '2026-12-01T13:00:00Z' };
    const steps = told?.steps.map(step => (step.type === 'package' ? { ...step, update } : step)) ?? [];
    const { plan } = decide(ordered, facts({ ...change, told: told && { ...told, steps } }), NOW);
    expect(plan?.steps[0]).toMatchObject({ update: { version: '17.6', notAfter: restoring.since } });
  });

  test('removes the data of before once that is accepted, and says until when they are kept (GE-13)', () => {
    const kept = [{ restore: 'r1', at: '2026-12-01T11:30:00Z', bytes: 5_000_000 }];
    const status = { applications: [{ name: application().metadata.name, revision: 'r', backup: { kept } }] };
    const record = { state: 'read' as const, status } as unknown as NonNullable<DecisionFacts['record']>;
    const restoredAs = (accepted: string) => () =>
      ({
        name: 'again',
        change: {
          ...{ metadata: { name: 'restore-again' }, spec: { class: 'Normal' } },
          status: { conditions: [{ type: 'Accepted', status: accepted }] },
        },
      }) as unknown as ReturnType<NonNullable<DecisionFacts['restored']>>;
    const awaited = decide(application(), facts({ told, record, restored: restoredAs('False') }), NOW);
    expect(awaited.plan?.steps.map(({ type }) => type)).not.toContain('dataRetire');
    expect(awaited.pending[0]?.what).toContain('are kept until the customer accepts ChangeRequest restore-again');
    const { plan, pending } = decide(application(), facts({ told, record, restored: restoredAs('True') }), NOW);
    expect(plan?.steps.at(-1)).toEqual({ type: 'dataRetire', name: 'data-retire', restore: 'r1' });
    expect(pending[0]?.what).toContain('are being removed');
    // While another restore is under way nothing is removed but what was told to go.
    const during = decide(application(), facts({ ...change, record, restored: restoredAs('True') }), NOW).plan;
    expect(during?.steps.map(({ type }) => type)).not.toContain('dataRetire');
  });

  test('goes on as ordered when that is over', () => {
    const { plan: during } = decide(ordered, facts(change), NOW);
    const { plan } = decide(ordered, facts({ ...change, told: during, restoring: undefined }), NOW);
    expect(plan?.steps.map(({ name }) => name)).toEqual(['packages', 'settings', 'memory']);
    expect(contents(plan)).toEqual(['8', '256']);
  });
});

describe('what an order comes to (AP-1, MO-4)', () => {
  test('all of it at first', () => {
    expect(contents(first)).toEqual(['4', '128']);
  });

  test('what takes a restart waits for the window of the order, with the instant', () => {
    const { plan, pending, nextEdge } = decide(ordered, facts({ told: first, window: window('0 20 * * *') }), NOW);
    expect(contents(plan)).toEqual(['8', '128']);
    expect(pending).toEqual([
      {
        what: 'Step memory of PostgreSQL changes as ordered, with a restart: in the window at 2026-12-01T20:00:00Z.',
        notBefore: '2026-12-01T20:00:00Z',
      },
    ]);
    expect(nextEdge).toEqual(new Date('2026-12-01T20:00:00Z'));
  });

  test('and is done in it', () => {
    const { plan, pending } = decide(ordered, facts({ told: first, window: window('0 11 * * *') }), NOW);
    expect([contents(plan), pending]).toEqual([['8', '256'], []]);
  });

  test('without a window of its own it is that of the VM’s patches, up to its cutoff; without any it says what to name', () => {
    const own = application({ parameters: { shared_buffers: 256 } });
    const span = (start: string, cutoff: string) => ({
      start: `2026-12-01T${start}:00Z`,
      cutoff: `2026-12-01T${cutoff}:00Z`,
    });
    const within = (...patchWindows: DecisionFacts['patchWindows']) =>
      decide(own, facts({ told: first, patchWindows }), NOW);
    expect(contents(within(span('11:00', '13:00')).plan)).toEqual(['4', '256']);
    expect(contents(within(span('11:00', '12:00')).plan)).toEqual(['4', '128']);
    expect(within(span('22:00', '23:00')).pending[0]?.notBefore).toBe('2026-12-01T22:00:00Z');
    expect(within().pending[0]?.what).toContain('name one in spec.windowRef');
  });

  test('AP-2: a designated version waits for the window too, and says from what to what, why, when, and from when on it is overdue', () => {
    const designated = { version: '17.13', since: '2026-11-20' };
    const lines = [{ name: '17', endOfSupport: '2029-11-08', operatingSystems: [{ name: 'debian-13', designated }] }];
    const updated = product({ lines, interface: { port: 5432, type: 'postgresql' } });
    const status = { applications: [{ name: 'shop-orders', revision: 'r', version: '17.12' }] };
    const change = { entry: updated, product: updated.spec, record: { state: 'read' as const, status } };
    const order = application({ windowRef: 'noon' });
    const told = decide(order, facts({ ...change, record: undefined }), NOW).plan;
    expect(told?.steps[0]).toMatchObject({ update: { version: '17.13', ports: [5432] } });
    const before = told && {
      ...told,
      steps: [{ type: 'package' as const, name: 'packages', packages: ['postgresql-17'] }],
    };
    const waiting = decide(order, facts({ ...change, told: before, window: window('0 20 * * *') }), NOW);
    expect(waiting.plan).toEqual(before);
    expect(waiting.pending[0]?.what).toBe(
      'PostgreSQL is updated from 17.12 to 17.13, which the provider has designated since 2026-11-20, with a restart, and nobody is let in meanwhile: in the window at 2026-12-01T20:00:00Z; it is overdue from 2026-12-20T00:00:00Z on.',
    );
    const due = decide(order, facts({ ...change, told: before, window: window('0 11 * * *') }), NOW);
    const ring: Ring = {
      party: 'Provider',
      name: 'canary',
      namespaces: ['pilot'],
      soakMs: 72 * 3_600_000,
      maxFailures: 0,
      selector: undefined,
      maxParallel: 1,
      checks: [],
    };
    const placed = { namespace: 'pilot', labels: {} };
    const rings = () => ({
      rings: [ring, { ...ring, name: 'all' }],
      placed: { ...placed, namespace: 'acme' },
      peers: [{ application: order, placed }],
    });
    const held = decide(order, facts({ ...change, told: before, window: window('0 11 * * *'), rings }), NOW);
    expect([held.plan, held.pending.length]).toEqual([before, 1]);
    expect(held.pending[0]?.what).toContain(
      'meanwhile: in a window after ring canary runs it first, and 0 of its 1 orders have for 72 hours; it is overdue',
    );
    expect(due.plan?.steps[0]).toMatchObject({ update: { version: '17.13', notAfter: '2026-12-01T12:30:00Z' } });
    expect(due.pending).toEqual([]);
  });

  test('nothing where a login is lost, or a parameter is refused: what was told stays', () => {
    const lost = decide(ordered, facts({ told: first, verifiers: 'lost' }), NOW);
    expect([lost.plan, lost.refusal?.reason]).toEqual([undefined, 'CredentialsLost']);
    const refused = decide(application({ parameters: { fsync: 'off' } }), facts({ told: first }), NOW);
    expect([refused.plan, refused.refusal?.reason]).toEqual([undefined, 'ParameterRefused']);
  });
});
