/** The steps of a plan by which the data of an application are restored from a dump (AP-13). */
import type { ProductSpec } from '../../api/product.ts';
import type { ApplicationPlan, PlanStep } from '../contract/applicationplan.ts';
import { isRestoreStep, restoreEngine } from '../contract/applicationplan.ts';
import { closedPorts } from './designated.ts';

/** What a guest is to restore: of an order that is agreed to and has not come to its end. */
export type Restoring = {
  /** UID of the Restore. */
  readonly order: string;
  /** As of when the dump has the data. */
  readonly of: string;
  /** When the order was agreed to: no update is begun from then on. */
  readonly since: string;
};

/** Seconds within which the probes succeed with the restored data, or those of before serve again. */
const WORKS_WITHIN = 300;

/**
 * What the guest was told last, and the restore besides: nothing else is changed meanwhile, and no update begins, for it would let clients in. After
 * the packages and before anything else, for a server with damaged data may not start. Undefined: its data are not dumped by a method that restores.
 */
export function withRestoreSteps(
  told: ApplicationPlan,
  { order, of, since }: Restoring,
  product: ProductSpec,
  line: string,
): ApplicationPlan | undefined {
  const engine = restoreEngine(told.backup?.engine ?? '');
  if (!told.present || engine === undefined) return undefined;
  const words = { engine, restore: order, line, of, ports: [...closedPorts(product)] };
  const steps = told.steps.filter(step => !isRestoreStep(step)).map(step => withoutUpdate(step, since));
  const installed = steps.findIndex(({ type }) => type === 'package') + 1;
  return {
    ...told,
    steps: [
      ...steps.slice(0, installed),
      { type: 'dataRestore', name: 'data-restore', ...words },
      ...steps.slice(installed),
      { type: 'dataOpen', name: 'data-open', ...words, withinSeconds: WORKS_WITHIN },
    ],
  };
}

function withoutUpdate(step: PlanStep, since: string): PlanStep {
  return step.type === 'package' && step.update !== undefined
    ? { ...step, update: { ...step.update, notAfter: since } }
    : step;
}
