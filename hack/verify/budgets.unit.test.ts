import { describe, expect, it, test } from 'vitest';
import { limits, mostOf, overrunOf, room, stateOf, sumOf, totalOverrun } from './budgets.ts';
import { stages, stepNames, steps } from './steps.ts';

describe('the shares of all steps', () => {
  it.each(['warm', 'cold'] as const)('fit into the budget %s, with room for the promises to come', state => {
    expect(sumOf(stepNames, state) + room).toBeLessThanOrEqual(limits[state]);
  });
});

describe('the steps', () => {
  it('are each in one stage, in the order of their names', () => {
    expect(steps.map(({ name }) => name)).toEqual(stepNames);
  });

  it('come after the stage of what they need, or after it in their lane', () => {
    const before = new Set<string>();
    for (const lanes of stages) {
      for (const lane of lanes)
        lane.forEach(({ name, needs = [] }, index) => {
          const here = new Set(lane.slice(0, index).map(each => each.name));
          expect([name, needs.filter(need => !before.has(need) && !here.has(need))]).toEqual([name, []]);
        });
      for (const { name } of lanes.flat()) before.add(name);
    }
  });

  it('never take more than the two cores that there are', () => {
    expect(Math.max(...stages.map(lanes => lanes.length))).toBeLessThanOrEqual(2);
  });
});

describe('a step', () => {
  it('may take half as much again as its share', () => {
    expect(overrunOf('faults', 9_000, mostOf('faults'))).toBeUndefined();
  });

  it('that takes more is named with what it took, what counts of it and its budget', () => {
    expect(overrunOf('faults', 9_000, mostOf('faults') + 1)).toMatch(
      /^faults took 9000 s and is charged \d+ s, over its budget of \d+ s by more than half/,
    );
  });

  it('that builds may take its cold share', () => {
    expect(overrunOf('test bed', 700, 700)).toBeUndefined();
  });
});

test('what counts of a run is what it took as a whole: steps beside each other share the machine', () => {
  const charges = new Map([['integration tests', limits.warm] as const, ['tests on the node', 200] as const]);
  expect(totalOverrun(charges, limits.warm)).toBeUndefined();
});

test('a run in which something was built is cold, and may take longer', () => {
  const warm = new Map([['test bed', 3] as const, ['faults', limits.warm] as const]);
  expect([stateOf(warm), totalOverrun(warm, limits.warm + 1)]).toEqual([
    'warm',
    expect.stringContaining('the budget is 2700 s warm'),
  ]);
  const cold = new Map([['test bed', 700] as const, ['faults', limits.warm] as const]);
  expect([stateOf(cold), totalOverrun(cold, limits.warm + 1)]).toEqual(['cold', undefined]);
});
