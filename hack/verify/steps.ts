/** What `npm test` consists of, and what may run at the same time. */
import { join } from 'node:path';
import { vitestReport } from './report.ts';

export type Step = {
  readonly name: StepName;
  /** What it checks, for `npm test -- --help`. */
  readonly checks: string;
  readonly command: readonly string[];
  /** Arguments by which the command writes a report (report.ts) to a file; absent: the command is one check. */
  readonly reportTo?: (file: string) => readonly string[];
  /** Steps that must have succeeded before: without them it is not run, and failed. */
  readonly needs?: readonly StepName[];
  /** Whether it takes a machine that can have a real node. */
  readonly node?: boolean;
};

/** In the order of the stages. */
export const stepNames = [
  'types',
  'lint',
  'generated files',
  'unit tests',
  'test bed',
  'real node',
  'integration tests',
  'orders in Git',
  'tests on the node',
  'counts of the bench',
  'faults',
  'guests that boot',
] as const;
export type StepName = (typeof stepNames)[number];

const biome = join(import.meta.dirname, '../biome.mjs');
const testbed = ['node', 'hack/testbed/cli.ts'];
const ownReport = (file: string) => ['--report', file];

const types: Step = { name: 'types', checks: 'TypeScript, strict', command: ['tsc', '--noEmit'] };

const lint: Step = { name: 'lint', checks: 'biome: rules and format', command: ['node', biome, 'check', '.'] };

const generated: Step = {
  name: 'generated files',
  checks: 'no drift of crds, chart, config and docs from their sources',
  command: ['node', 'hack/generate/generate.ts', '--check'],
};

const units: Step = {
  name: 'unit tests',
  checks: 'decisions, tables, properties, imports, links of the docs',
  command: ['vitest', 'run', '--project', 'unit'],
  reportTo: vitestReport,
};

const bed: Step = {
  name: 'test bed',
  checks: 'builds etcd, Kubernetes, KubeVirt, Argo CD and the like where the cache lacks them',
  command: [...testbed, 'build', '--argocd', '--velero'],
};

const integration: Step = {
  name: 'integration tests',
  checks: 'promises, admission and chart on a real control plane',
  command: ['vitest', 'run', '--project', 'integration'],
  reportTo: vitestReport,
  needs: ['test bed'],
};

const bench: Step = {
  name: 'counts of the bench',
  checks: 'requests of a hundred ManagedVMs, and of forty guests in a window, never their time',
  command: ['node', 'hack/bench/bench.ts', '--quick'],
  reportTo: ownReport,
  needs: ['test bed'],
};

const faults: Step = {
  name: 'faults',
  checks: 'a sample of each class of faults; `npm run faults` runs all',
  command: ['node', 'hack/faults.ts', '--quick', '--seed', '1', '--beds', '2'],
  reportTo: ownReport,
  needs: ['test bed'],
};

const git: Step = {
  name: 'orders in Git',
  checks:
    'catalogue and orders by the real Argo CD; `npm run e2e -- --argocd` has every way to compare, prune and track',
  command: ['node', 'hack/e2e.ts', '--argocd', '--sample'],
  reportTo: ownReport,
  needs: ['test bed'],
};

const node: Step = {
  name: 'real node',
  checks: 'builds kubelet, containerd, guests and the like where the cache lacks them',
  command: [...testbed, 'build', '--profile', 'node'],
  needs: ['test bed'],
  node: true,
};

const onNode: Step = {
  name: 'tests on the node',
  checks: 'the chart and the test bed on a real node',
  command: [...testbed, 'in-box', '--', 'vitest', 'run', '--project', 'node'],
  reportTo: vitestReport,
  needs: ['real node'],
  node: true,
};

const guests: Step = {
  name: 'guests that boot',
  checks: 'the life of a guest, a chapter for each promise; `npm run e2e -- --node` has the long ones too',
  command: ['node', 'hack/e2e.ts', '--node', '--sample'],
  reportTo: ownReport,
  needs: ['real node'],
  node: true,
};

/**
 * Stages run one after the other, the lanes of a stage side by side, the steps of a lane one after the other. Two lanes at most: there are
 * two cores, and two integration tests run at a time. What a cold cache lacks is built before, lest compilers starve the tests. The bench
 * counts and times nothing, so it takes what the integration tests leave. The faults
 * have the machine to themselves, because they tell a silence from a slow answer, and so have the guests, which are emulated.
 */
export const stages: readonly (readonly (readonly Step[])[])[] = [
  [[types, lint], [generated]],
  [[units]],
  [[bed, node]],
  [[integration], [git, onNode, bench]],
  [[faults]],
  [[guests]],
];

export const steps: readonly Step[] = stages.flat(2);
