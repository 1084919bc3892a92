import { describe, expect, test } from 'vitest';
import type { ManagedApplication, ManagedApplicationStatus } from '../../api/managedapplication.ts';
import { application } from '../application/product.fixtures.ts';
import type { Ring } from '../patching/terms.ts';
import { awaitedRing, type Peer } from './applicationrings.ts';

const now = new Date('2026-12-04T12:00:00Z');
const designated = { version: '17.13', since: '2026-11-20' };
const HOUR = 3_600_000;
const ring = (
  name: string,
  namespaces: string[] | undefined,
  soakHours: number,
  maxFailures: Ring['maxFailures'] = 0,
): Ring => ({
  ...{ party: 'Provider', name, namespaces, selector: undefined, soakMs: soakHours * HOUR, maxFailures },
  ...{ maxParallel: 1, checks: [] },
});
const RINGS = [ring('canary', ['pilot'], 72), ring('early', ['friends'], 24), ring('all', undefined, 0)];
const at = (namespace: string) => ({ namespace, labels: {} });

/** One that has had that version since an instant, and has worked since another. */
function peer(
  namespace: string,
  version: string,
  installed: string,
  works = installed,
  status: 'True' | 'False' = 'True',
): Peer {
  const condition = { type: 'Available', status, reason: 'x', message: 'x', lastTransitionTime: works };
  const said = { version, installed, conditions: [condition] } as ManagedApplicationStatus;
  return { application: { ...application(), status: said } as ManagedApplication, placed: at(namespace) };
}
const LONG_AGO = '2026-11-25T00:00:00Z';

describe('what the rings before must have shown of a designated version (AP-2, MO-11)', () => {
  test.each<[string, readonly Peer[], string, string | undefined, string?]>([
    ['the first ring waits for nobody', [], 'pilot', undefined],
    ['one without an order proves nothing, and holds up nobody', [], 'acme', undefined],
    ['it runs it for the soak', [peer('pilot', '17.13', LONG_AGO)], 'acme', undefined],
    [
      'it runs it, not long enough',
      [peer('pilot', '17.13', '2026-12-04T00:00:00Z')],
      'acme',
      'ring canary runs it first, and 0 of its 1 orders have for 72 hours',
      '2026-12-07T00:00:00Z',
    ],
    [
      'it has worked again since a moment',
      [peer('pilot', '17.13', LONG_AGO, '2026-12-04T11:00:00Z')],
      'acme',
      'ring canary',
      '2026-12-07T11:00:00Z',
    ],
    ['it does not work', [peer('pilot', '17.13', LONG_AGO, LONG_AGO, 'False')], 'acme', 'ring canary'],
    ['it has another', [peer('pilot', '17.12', LONG_AGO)], 'acme', 'ring canary'],
    ['it has a newer one, which proves nothing of this', [peer('pilot', '17.14', LONG_AGO)], 'acme', 'ring canary'],
    [
      'one of two lacks it',
      [peer('pilot', '17.13', LONG_AGO), peer('pilot', '17.12', LONG_AGO)],
      'acme',
      'and 1 of its 2 orders',
    ],
    [
      'the second ring has it not',
      [peer('pilot', '17.13', LONG_AGO), peer('friends', '17.12', LONG_AGO)],
      'acme',
      'ring early',
    ],
    [
      'the second ring waits for the first alone',
      [peer('pilot', '17.13', LONG_AGO), peer('friends', '17.12', LONG_AGO)],
      'friends',
      undefined,
    ],
    ['what is in the same ring holds up nobody', [peer('acme', '17.12', LONG_AGO)], 'acme', undefined],
  ])('%s', (_, peers, namespace, why, until) => {
    const awaited = awaitedRing(designated, { rings: RINGS, placed: at(namespace), peers }, now);
    if (why === undefined) expect(awaited).toBeUndefined();
    else expect(awaited?.why).toContain(why);
    expect(awaited?.until).toEqual(until === undefined ? undefined : new Date(until));
  });

  test('rings that cannot be read hold it up, whatever they may be', () => {
    expect(awaitedRing(designated, 'unknown', now)?.why).toContain('can be read again');
  });

  test('an update counts from when it was begun, and as many may lack it as may fail in the ring', () => {
    const updated = peer('pilot', '17.13', LONG_AGO);
    const update = { from: '17.12', to: '17.13', outcome: 'Updated', at: '2026-12-03T12:00:00Z' } as const;
    if (updated.application.status) updated.application.status.updates = [update];
    const facts = { rings: RINGS, placed: at('acme'), peers: [updated] };
    expect(awaitedRing(designated, facts, now)?.until).toEqual(new Date('2026-12-06T12:00:00Z'));
    const lenient = [ring('canary', ['pilot'], 72, '50%'), ...RINGS.slice(1)];
    const peers = [peer('pilot', '17.13', LONG_AGO), peer('pilot', '17.12', LONG_AGO)];
    expect(awaitedRing(designated, { ...facts, rings: lenient, peers }, now)).toBeUndefined();
    expect(awaitedRing(designated, { ...facts, rings: [], peers }, now)).toBeUndefined();
  });
});
