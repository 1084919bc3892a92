import { expect, it } from 'vitest';
import { NEW_ROOT_OPERATIONS, type NewRoot, NewRootPhase } from '../../api/newroot.ts';
import { managedVM } from '../managedvm/assessment.fixtures.ts';
import { heldBy } from './held.ts';
import type { PatchTerms } from './terms.ts';

const terms = { rings: [] } as unknown as PatchTerms;
const held = (phase: NewRoot['phase'], operation: NewRoot['operation']) => {
  const status = { newRoot: { phase, operation, change: { name: 'chg', uid: 'c0ffee' } } as NewRoot };
  return heldBy({ ...managedVM(), status }, terms, [] as never, true);
};
const each = NEW_ROOT_OPERATIONS.flatMap(operation => NewRootPhase.options.map(phase => [phase, operation] as const));
const begins: readonly string[] = ['Making', 'OnTrial', 'Accepted', 'Failed'];

it.each(each)(
  'MO-3, GE-11: a guest whose root disk is %s for a %s is patched only where it runs on one that stays',
  (phase, operation) => {
    const isPatched = begins.includes(phase) && !(phase === 'OnTrial' && operation === 'Rescue');
    expect(held(phase, operation) === undefined).toBe(isPatched);
  },
);
