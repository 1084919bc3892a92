import { describe, expect, it } from 'vitest';
import { PROMISES_ANNOTATION, promisesOf, type Sample, unkept } from './promises.ts';

function sample(promises: string, conditions: [string, string, string][], observedGeneration = 2): Sample {
  return {
    kind: 'ManagedVM',
    metadata: { name: 'vm', namespace: 'acme', generation: 2, annotations: { [PROMISES_ANNOTATION]: promises } },
    status: {
      observedGeneration,
      conditions: conditions.map(([type, status, reason]) => ({ type, status, reason, message: 'why' })),
    },
  };
}

describe('promises of samples', () => {
  it('are kept when status and, where named, reason agree', () => {
    expect(
      unkept(
        sample('A=True, B=Unknown/NotIncluded', [
          ['A', 'True', 'Any'],
          ['B', 'Unknown', 'NotIncluded'],
        ]),
      ),
    ).toEqual([]);
  });

  it.each([
    ['another status', [['A', 'False', 'X']]],
    ['no such condition', []],
  ] as [string, [string, string, string][]][])('are broken by %s', (_, conditions) => {
    expect(unkept(sample('A=True', conditions))).toHaveLength(1);
  });

  it('are broken by another reason', () => {
    expect(unkept(sample('A=Unknown/NotIncluded', [['A', 'Unknown', 'Other']]))[0]).toContain('Unknown/Other: why');
  });

  it('are never kept by a status of an older generation', () => {
    expect(unkept(sample('A=True', [['A', 'True', 'X']], 1))[0]).toContain('generation 2');
  });

  it('that cannot be read are an error, not a pass', () => {
    expect(() => promisesOf(sample('A is fine', []))).toThrow('A is fine');
  });
});
