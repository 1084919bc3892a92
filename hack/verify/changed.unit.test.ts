import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { stepsFor, withNeeds } from './changed.ts';
import { stepNames, steps } from './steps.ts';

const quick = ['types', 'lint', 'unit tests'];

describe('a change', () => {
  it.each<[path: string, needed: readonly string[]]>([
    ['docs/testbed.md', ['generated files', 'unit tests']],
    ['README.md', ['generated files', 'unit tests']],
    ['charts/steward/README.md', ['generated files', 'unit tests']],
    ['src/runtime/http/transport.test.ts', quick],
    ['src/domain/machine/machine.fixtures.ts', quick],
    ['test/unit/imports.test.ts', quick],
    ['hack/testbed/ports.unit.test.ts', quick],
    ['test/cases/backup.ts', quick],
    ['hack/verify/budgets.ts', quick],
    ['test/integration/state.test.ts', [...quick, 'test bed', 'integration tests']],
    ['test/chart/install.test.ts', [...quick, 'test bed', 'integration tests']],
    ['hack/testbed/testbed.test.ts', [...quick, 'test bed', 'integration tests']],
    ['test/faults/classes/crash.ts', [...quick, 'test bed', 'faults']],
    ['test/argocd/sync.test.ts', [...quick.toSpliced(2, 0, 'generated files'), 'test bed', 'orders in Git']],
    ['hack/bench/quick.ts', [...quick, 'test bed', 'counts of the bench']],
    ['test/backup/volumes.test.ts', quick],
    ['test/e2e/life/power.ts', [...quick, 'test bed', 'real node', 'guests that boot']],
    ['test/node/deployment.node.test.ts', [...quick, 'test bed', 'real node', 'tests on the node']],
    ['hack/generate/crds.ts', ['types', 'lint', 'generated files', 'unit tests']],
    [
      'hack/testbed/node/kubelet.ts',
      [...quick, 'test bed', 'real node', 'integration tests', 'tests on the node', 'guests that boot'],
    ],
    ['src/runtime/http/transport.ts', stepNames],
    ['src/main.ts', stepNames],
    ['charts/steward/values.yaml', stepNames],
    ['test/integration/support/cluster.ts', stepNames],
    ['package-lock.json', stepNames],
    ['something/new.txt', stepNames],
  ])('of %s needs %j', (path, needed) => {
    expect(stepsFor([path], steps)).toEqual(needed);
  });

  it('of several paths needs what each of them needs', () => {
    expect(stepsFor(['docs/testbed.md', 'test/faults/run.ts'], steps)).toEqual([
      'types',
      'lint',
      'generated files',
      'unit tests',
      'test bed',
      'faults',
    ]);
  });

  it('of nothing needs nothing', () => {
    expect(stepsFor([], steps)).toEqual([]);
  });

  it('of any source that is no test needs everything', () => {
    const sources = globSync('src/**/*.ts', { cwd: join(import.meta.dirname, '../..') });
    const others = sources.filter(file => !/\.(test|fixtures)\.ts$/.test(file));
    expect(others.filter(file => stepsFor([file], steps).length < stepNames.length)).toEqual([]);
  });
});

test('a step that is asked for brings what it needs', () => {
  expect(withNeeds(['guests that boot'], steps)).toEqual(['test bed', 'real node', 'guests that boot']);
});
