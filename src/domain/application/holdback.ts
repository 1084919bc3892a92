import { deepEqual } from '../../runtime/api/json.ts';
import type { ApplicationPlan, PlanStep } from '../contract/applicationplan.ts';

/** What is done now, and what waits for a window because it interrupts whoever uses the application. */
export type Due = {
  readonly plan: ApplicationPlan;
  /** Steps that wait, as they will be. */
  readonly waiting: readonly PlanStep[];
};

/**
 * The plan as far as it may be carried out now. What is installed for the first time interrupts nobody; afterwards a step that restarts something
 * stays as it was last told until a window is open, and everything else goes ahead.
 */
export function dueNow(wanted: ApplicationPlan, told: ApplicationPlan | undefined, windowIsOpen: boolean): Due {
  if (told === undefined || !told.present || !wanted.present || windowIsOpen) return { plan: wanted, waiting: [] };
  const before = new Map(told.steps.map(step => [step.name, step]));
  const waits = (step: PlanStep) =>
    interrupts(step) && before.has(step.name) && !deepEqual(step, before.get(step.name));
  const waiting = wanted.steps.filter(waits);
  const steps = wanted.steps.map(step => (waits(step) ? (before.get(step.name) ?? step) : step));
  return { plan: { ...wanted, steps }, waiting };
}

/** Whether what a change of this step does is felt by those who use the application. */
function interrupts(step: PlanStep): boolean {
  switch (step.type) {
    case 'file':
      return step.change?.how === 'Restart';
    case 'package':
    case 'command':
      return true;
    default:
      return false;
  }
}
