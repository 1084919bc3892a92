import { describe, expect, it } from 'vitest';
import type { ApplicationPlan } from '../../domain/contract/applicationplan.ts';
import { withUpdates } from './readupdate.ts';

const planOf = (application: string, version?: string): ApplicationPlan => {
  const update = version === undefined ? {} : { update: { version, ports: [1], withinSeconds: 1 } };
  return {
    ...{ application, uid: application, present: true, probes: [], versionOf: 'a' },
    steps: [{ type: 'package', name: 'packages', packages: ['a'], ...update }],
  };
};
const PLANS = [planOf('plain'), planOf('shop', '2'), planOf('wiki', '2')];
const FOUND = PLANS.map(({ application: name }) => ({ name, failing: [] }));
const read = (...lines: readonly string[]) =>
  withUpdates(
    FOUND,
    lines.map(line => line.split(' ')),
    PLANS,
  );
const NONE = 'update wiki - - - - -';

describe('what a guest says of updates', () => {
  it('AP-2: is told of each application with a designated version, as far as one was ever begun', () => {
    expect(read('update shop 1:17.12-0+deb13u1 1:17.13~a Failed 1764000000 1764000100', NONE)).toEqual([
      FOUND[0],
      {
        ...FOUND[1],
        update: {
          ...{ from: '1:17.12-0+deb13u1', to: '1:17.13~a', outcome: 'Failed' },
          ...{ at: new Date(1_764_000_000_000), closedSince: new Date(1_764_000_100_000) },
        },
      },
      FOUND[2],
    ]);
    expect(read('update shop 1 2 Updated 1764000000 -', NONE)?.[1]?.update).not.toHaveProperty('closedSince');
  });

  it.each([
    ['is said of one only', ['update shop - - - - -']],
    ['is said the other way round', [NONE, 'update shop - - - - -']],
    ['is said of one without a version', ['update plain - - - - -', NONE]],
    ['has a word too few', ['update shop 1 2 Updated 1', NONE]],
    ['has a word too much', ['update shop 1 2 Updated 1 - -', NONE]],
    ['has an outcome that there is not', ['update shop 1 2 constructor 1 -', NONE]],
    ['has no instant', ['update shop 1 2 Updated - -', NONE]],
    ['has a time that is none', ['update shop 1 2 Updated 1e400 -', NONE]],
    ['has a time after all times', ['update shop 1 2 Updated 1 999999999999', NONE]],
    ['has a version with a quotation mark', ['update shop "1" 2 Updated 1 -', NONE]],
    ['has a long version', [`update shop ${'1'.repeat(65)} 2 Updated 1 -`, NONE]],
    ['is of another kind', ['application shop 1 2 Updated 1 -', NONE]],
  ])('is nothing where it %s', (_, lines) => {
    expect(read('update shop 1 2 Updated 1 -', NONE)).toBeDefined();
    expect(read(...lines)).toBeUndefined();
  });
});
