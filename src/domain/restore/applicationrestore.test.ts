import { describe, expect, it } from 'vitest';
import type { GuestRestore } from '../../api/guestrestore.ts';
import type { ManagedApplication } from '../../api/managedapplication.ts';
import type { RestoreStatus } from '../../api/restore.ts';
import { applicationRestoreChange } from '../change/applicationrestorechange.ts';
import type { RestoreAct } from './acts.ts';
import { restoreConditions } from './conditions.ts';
import type { RestoredApplication, RestoreFacts } from './facts.ts';
import { factsOf, NOW, UID, world } from './restore.fixtures.ts';
import { nextEdge, restoreAct } from './restoring.ts';
import { velero } from './velero.ts';

const DUMP = '2026-12-01T02:00:00Z';
const NAME = `dump-${Date.parse(DUMP) / 1000}`;
const backup = {
  ...({ engine: 'PostgreSQL', everyHours: 24, proveEveryDays: 7, keep: 2 } as const),
  ...{ dumpMinutes: 60, proofMinutes: 240 },
};
const applicationWith = (status: object = {}, metadata: object = {}) =>
  ({
    metadata: { name: 'orders', namespace: 'acme', uid: 'app-uid', ...metadata },
    spec: { product: 'postgresql', line: '17', managedVMs: ['shop-db'] },
    status: { plan: { revision: 'sha256:a', since: DUMP }, ...status },
  }) as unknown as ManagedApplication;

/** The next act of an order of that status. */
function next(
  status: RestoreStatus | undefined,
  side: Partial<RestoredApplication> = {},
  more: Partial<RestoreFacts> = {},
): RestoreAct {
  const one = world({ managedVMRef: undefined, managedApplicationRef: 'orders' });
  one.order = {
    ...one.order,
    metadata: { ...one.order.metadata, annotations: { 'managed.systems/restore-uid': UID } },
    ...(status && { status }),
  };
  const application = { application: applicationWith(), backup, dumped: { dumps: [DUMP] }, found: undefined, ...side };
  return restoreAct(one.order, factsOf(one, { application, ...more }), velero, NOW);
}

function written(act: RestoreAct): RestoreStatus {
  if (act.act !== 'write') throw new Error(`It does ${act.act}`);
  return act.status;
}

const chosen = () => written(next(undefined));
const agreed = (): RestoreStatus => {
  const asked = { ...chosen(), change: { name: 'restore-again', uid: 'c' } };
  return written(next(asked, {}, { consent: { stand: 'Agreed' } }));
};
const found = (change: Partial<GuestRestore>): GuestRestore => ({ order: UID, ...change });

describe('a restore of the data of an application (AP-13)', () => {
  it('chooses a dump once, and does nothing before both sides have agreed (GE-6, GE-13)', () => {
    const status = chosen();
    expect(status).toMatchObject({
      ...{ phase: 'Pending', managedApplication: 'app-uid', point: { name: NAME, uid: NAME, time: DUMP } },
      recoveryTime: { target: expect.any(String) },
    });
    expect(next(status).act).toBe('change');
    const change = { name: 'restore-again', uid: 'c' };
    const awaited = next({ ...status, change }, {}, { consent: { stand: 'Awaited', says: 'Anna has not agreed.' } });
    expect(written(awaited)).toMatchObject({ phase: 'Pending', message: 'Anna has not agreed.' });
    const refused = next({ ...status, change }, {}, { consent: { stand: 'Refused', says: 'It was rejected.' } });
    expect(written(refused)).toMatchObject({
      phase: 'Failed',
      message: expect.stringMatching(/^It was rejected\. The data of the application are what they were/),
    });
  });

  it('says in its change what is lost and what is kept', () => {
    const { order } = world({ managedVMRef: undefined, managedApplicationRef: 'orders' });
    const change = applicationRestoreChange({ ...order, status: chosen() }, undefined);
    expect(change?.spec).toMatchObject({
      ...{ class: 'Normal', operation: 'Restore' },
      target: { kind: 'ManagedApplication', name: 'orders', uid: 'app-uid' },
      agreement: { parties: [{ party: 'Provider' }, { party: 'Customer' }] },
    });
    expect(change?.spec.plan.join(' ')).toContain(`What was written since ${DUMP} is then in the data of before only`);
  });

  it.each([
    ['there is no such application', { application: undefined }, /^There is no ManagedApplication orders\./],
    ['it is being deleted', { application: applicationWith({}, { deletionTimestamp: DUMP }) }, /is being deleted/],
    ['it is not set up', { application: applicationWith({ plan: undefined }) }, /is not set up yet/],
    ['its Product has no backup', { backup: undefined }, /has no backup of its own/],
    [
      'its engine is none that restores',
      { backup: { ...backup, engine: 'Other' } as never },
      /^Data of Other are not restored/,
    ],
    ['nothing was dumped', { dumped: {} }, /^There is no good dump/],
  ] as const)('is refused where %s', (_, side, why) => {
    expect(written(next(undefined, side))).toMatchObject({ phase: 'Failed', message: expect.stringMatching(why) });
  });

  it.each([
    ['another restore', {}, 'Restore first of the same VM comes first.'],
    [
      'a change of its line',
      { lineChange: { from: '17', to: '18', phase: 'Changing', message: '' } },
      'It is being changed from line 17 to 18.',
    ],
    [
      'an update',
      { updates: [{ from: '17.5', to: '17.6', outcome: 'Running', at: DUMP }] },
      'It is being updated from 17.5 to 17.6.',
    ],
  ])('waits for %s', (_, status, message) => {
    const asked = { ...chosen(), change: { name: 'restore-again', uid: 'c' } };
    const ahead = message.startsWith('Restore') ? message : undefined;
    const act = next(asked, { application: applicationWith(status) }, { consent: { stand: 'Agreed' }, ahead });
    expect(written(act)).toMatchObject({ phase: 'Pending', message });
  });

  it('is over where its dump or its application is gone, also one of the same name', () => {
    const asked = { ...chosen(), change: { name: 'restore-again', uid: 'c' } };
    expect(written(next(asked, { dumped: {} }, { consent: { stand: 'Agreed' } })).message).toMatch(
      /^dump-\d+ does not lie in the guest any more/,
    );
    const other = applicationWith({}, { uid: 'other' });
    const asIs = written(next(asked, { application: other })).message;
    expect(asIs).toMatch(/with uid app-uid is gone\. The data of the application are what they were\.$/);
  });

  it.each([
    ['is gone', applicationWith({}, { uid: 'other' })],
    ['is being deleted', applicationWith({}, { deletionTimestamp: DUMP })],
  ])(
    'says nothing of the data that nobody has seen, where the application %s while its guest is at it',
    (_, application) => {
      const { message } = written(next(agreed(), { application }));
      expect(message).not.toContain('what they were');
      expect(message).toMatch(/which data it has now is not proven/);
      expect(message).toContain(`before-restore-${UID}`);
    },
  );

  it('follows what the guest says, measures from the order to the proof, and tells what is lost', () => {
    const told = agreed();
    expect(told.phase).toBe('Restoring');
    expect(next(told).act).toBe('nothing');
    expect(nextEdge({ ...world().order, status: told })).toBeUndefined();
    const begun = written(next(told, { found: found({ phase: 'Begun', closed: '2026-12-01T11:59:00Z' }) }));
    expect(begun.message).toMatch(/nobody is let in since 2026-12-01T11:59:00Z/);
    const filled = written(next(begun, { found: found({ phase: 'Filled', tables: 3, rows: 1000 }) }));
    expect(filled.steps?.map(({ name }) => name)).toEqual(['chosen', 'agreed', 'begun', 'restored']);
    const done = written(
      next(filled, { found: found({ phase: 'Done', tables: 3, rows: 1000, closed: '2026-12-01T11:59:00Z' }) }),
    );
    expect(done).toMatchObject({ phase: 'Succeeded', recoveryTime: { seconds: 120 } });
    expect(done.message).toContain('(tables: 3, rows: 1000, each found as it was dumped)');
    expect(done.message).toContain('What was written in the 599 min from then until nobody was let in any more');
    expect(restoreConditions(done).find(({ type }) => type === 'RTOMet')).toMatchObject({
      status: 'True',
      message: expect.stringMatching(/^It took 120 s from the order to an application that serves the restored data/),
    });
  });

  it('has failed where the guest says so, with its words, and the data of before serve', () => {
    const failed = written(next(agreed(), { found: found({ phase: 'Failed', why: 'no room' }) }));
    expect(failed).toMatchObject({
      phase: 'Failed',
      message: expect.stringMatching(
        /could not restore the dump .*: no room\. The data of the application are what they were\.$/,
      ),
    });
  });
});
