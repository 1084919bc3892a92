import { describe, expect, it } from 'vitest';
import { type ApplicationPlan, sealed } from '../../domain/contract/applicationplan.ts';
import { seenByPlan } from './plandrift.ts';

const plan = (application: string, versionOf = 'a'): ApplicationPlan => ({
  ...{ application, uid: 'u', present: true, versionOf, steps: [], probes: [] },
});
const noted = (...plans: readonly ApplicationPlan[]) => ({
  applications: plans.map(each => ({ name: each.application, revision: sealed(each).revision })),
});
const asked = (...applications: readonly ApplicationPlan[]) => ({ desired: { applications } });

describe('what differs since an application was planned anew (GE-10, MO-12)', () => {
  it.each([
    ['the same plans', noted(plan('shop'), plan('wiki')), asked(plan('shop'), plan('wiki')), [true, true, true]],
    ['none', noted(), asked(), [false, true, true]],
    ['another plan', noted(plan('shop'), plan('wiki')), asked(plan('shop', 'b'), plan('wiki')), [false, true, false]],
    ['one more', noted(plan('wiki')), asked(plan('shop'), plan('wiki')), [false, true, false]],
    ['one less', noted(plan('shop'), plan('wiki')), asked(plan('wiki')), [false, true, false]],
  ])('is drift of an application, another setting and the sensors by %s or not', (_, before, found, expected) => {
    const isSame = seenByPlan(before, found);
    expect(['app:shop:file', 'time', 'sensors'].map(isSame)).toEqual(expected);
  });
});
