import { describe, expect, it } from 'vitest';
import type { Restore, RestorePhase } from '../../api/restore.ts';
import { RestoreSpec } from '../../api/restore.ts';
import { rehearsal, rehearsalOrder, unrehearsed } from './rehearsal.ts';
import { factsOf, NOW, UID, world } from './restore.fixtures.ts';
import { restoreAct } from './restoring.ts';
import { velero } from './velero.ts';

const point = { name: 'daily-1', uid: 'backup-uid', time: '2026-12-01T01:00:00Z' };
const wanting = { ...world({ proveFirst: true }).order, status: { phase: 'Pending', point } } as Restore;
const drillIn = (phase: RestorePhase, more: object = {}): Restore =>
  ({ ...rehearsalOrder(wanting), status: { phase, point, message: 'So it went.', ...more } }) as unknown as Restore;

describe('AP-13: a restore in place that is proven first', () => {
  it('has a drill of exactly its point, by one name for the order', () => {
    const { metadata, spec } = rehearsalOrder(wanting);
    expect(RestoreSpec.safeParse(spec).error).toBeUndefined();
    expect(spec).toMatchObject({ point: { name: 'daily-1' }, target: { sandbox: true }, requestedBy: 'steward' });
    expect(metadata.name).toMatch(/^proof-again-[0-9a-f]{8}$/);
    const long = rehearsalOrder({ ...wanting, metadata: { ...wanting.metadata, name: 'r'.repeat(63) } });
    expect(long.metadata.name.length).toBeLessThanOrEqual(63);
  });

  it.each<[string, Restore | undefined, 'Proven' | 'Awaited' | 'Refused']>([
    ['waits where its drill is not ordered yet', undefined, 'Awaited'],
    ['waits for it', drillIn('Starting'), 'Awaited'],
    ['goes on when a guest has booted', drillIn('Succeeded'), 'Proven'],
    ['comes to nothing where none did', drillIn('Failed'), 'Refused'],
    ['comes to nothing where it could not be tried', drillIn('Unproven'), 'Refused'],
    [
      'believes no drill of another backup of that name',
      drillIn('Succeeded', { point: { ...point, uid: 'x' } }),
      'Refused',
    ],
    [
      'believes no other order that has the name',
      { ...drillIn('Succeeded'), spec: { ...drillIn('Succeeded').spec, requestedBy: 'mallory' } },
      'Refused',
    ],
  ])('%s', (_, drill, stand) => {
    expect(rehearsal(wanting, false, drill).stand).toBe(stand);
  });

  it('goes on at once from a point that a restore has proven', () => {
    expect(rehearsal(wanting, true, undefined)).toEqual({ stand: 'Proven' });
  });

  it.each([
    ['nothing is asked of Velero before', undefined, 'Pending'],
    ['Velero is asked after it', drillIn('Succeeded'), 'Restoring'],
    ['nothing is restored where it failed, and the disks are what they were', drillIn('Failed'), 'Failed'],
  ])('%s', (_, drill, phase) => {
    const here = world({ proveFirst: true });
    const annotations = { 'managed.systems/restore-uid': UID };
    const disks = [{ disk: 'root', before: { claim: 'shop-db-root', uid: 'old-root' } }];
    here.order = { ...here.order, metadata: { ...here.order.metadata, annotations } };
    here.order.status = { phase: 'Pending', point, managedVM: 'vm-uid', disks, change: { name: 'c', uid: 'c' } };
    here.consent = { stand: 'Agreed' };
    const act = restoreAct(here.order, factsOf(here, { rehearsal: drill }), velero, NOW);
    expect(act).toMatchObject({ act: 'write', status: { phase } });
  });
});

it('AP-13: a drill is ordered for who wants one and whose point nobody has proven, and for no other', () => {
  const plain = { ...wanting, spec: { ...wanting.spec, proveFirst: undefined } } as Restore;
  const begun = { ...wanting, status: { ...wanting.status, phase: 'Restoring' } } as Restore;
  expect(unrehearsed({}, [plain, begun, wanting])).toEqual([wanting]);
  const verified = [{ restore: 'r', point: 'daily-1', pointTime: point.time, time: point.time, seconds: 1 }];
  expect(unrehearsed({ status: { backup: { policy: 'daily', verified } } } as never, [wanting])).toEqual([]);
  const another = verified.map(each => ({ ...each, pointTime: '2026-11-30T01:00:00Z' }));
  expect(unrehearsed({ status: { backup: { policy: 'daily', verified: another } } } as never, [wanting])).toEqual([
    wanting,
  ]);
});
