/** Which steps a change needs: what `npm test -- --changed` runs. CI runs all. */
import { type Step, type StepName, stepNames } from './steps.ts';

type Rule = { readonly paths: RegExp; readonly steps: readonly StepName[] };

const code: readonly StepName[] = ['types', 'lint', 'unit tests'];

/** The first rule that a path fits says what it needs; a path that fits none needs everything. */
const rules: readonly Rule[] = [
  { paths: /^docs\/|^[^/]+\.md$|\/README\.md$/, steps: ['generated files', 'unit tests'] },
  { paths: /\.unit\.test\.ts$|^test\/unit\/|^src\/.*\.(test|fixtures)\.ts$/, steps: code },
  { paths: /^test\/cases\//, steps: code },
  { paths: /^hack\/verify\/|^\.ci\//, steps: code },
  { paths: /\.node\.test\.ts$|^test\/node\//, steps: [...code, 'tests on the node'] },
  {
    paths: /^test\/argocd\/|^hack\/testbed\/argocd\/|^config\/argocd\//,
    steps: [...code, 'generated files', 'orders in Git'],
  },
  { paths: /^test\/backup\//, steps: code },
  { paths: /^test\/e2e\//, steps: [...code, 'guests that boot'] },
  { paths: /^hack\/e2e\.ts$/, steps: [...code, 'guests that boot', 'orders in Git'] },
  { paths: /^test\/faults\/|^hack\/faults\.ts$/, steps: [...code, 'faults'] },
  { paths: /^hack\/bench\//, steps: [...code, 'counts of the bench'] },
  { paths: /^test\/(integration|chart)\/.*\.test\.ts$/, steps: [...code, 'integration tests'] },
  { paths: /^hack\/testbed\/.*\.test\.ts$/, steps: [...code, 'integration tests'] },
  { paths: /^hack\/generate\//, steps: [...code, 'generated files'] },
  {
    paths: /^hack\/(testbed\/(node|guest)|images)\//,
    steps: [...code, 'integration tests', 'tests on the node', 'guests that boot'],
  },
];

/** Names of the steps for changed paths, which are relative to the root of the repository, with what those need; in the order of the steps. */
export function stepsFor(paths: readonly string[], steps: readonly Step[]): readonly StepName[] {
  const asked = paths.flatMap(path => rules.find(({ paths }) => paths.test(path))?.steps ?? stepNames);
  return withNeeds(asked, steps);
}

/** The steps and what they need, in the order of the steps. */
export function withNeeds(asked: readonly StepName[], steps: readonly Step[]): readonly StepName[] {
  const wanted = new Set(asked);
  for (const { name, needs = [] } of [...steps].reverse())
    if (wanted.has(name)) for (const need of needs) wanted.add(need);
  return steps.map(({ name }) => name).filter(name => wanted.has(name));
}
