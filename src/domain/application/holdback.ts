import { deepEqual } from '../../runtime/api/json.ts';
import { type ApplicationPlan, isUpdating, type PlanStep } from '../contract/applicationplan.ts';
import { type Situation, type StepDue, updateDue } from './designated.ts';

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
export function dueNow(wanted: ApplicationPlan, told: ApplicationPlan | undefined, situation: Situation): Due {
  if (told === undefined || !told.present || !wanted.present) return { plan: wanted, waiting: [] };
  const before = new Map(told.steps.map(step => [step.name, step]));
  const due = wanted.steps.map(step => stepDue(step, before.get(step.name), situation));
  return {
    plan: { ...wanted, steps: due.map(({ step }) => step) },
    waiting: due.flatMap(({ waits }) => waits ?? []),
  };
}

function stepDue(step: PlanStep, told: PlanStep | undefined, situation: Situation): StepDue {
  if (isUpdating(step) && told?.type === 'package') return updateDue(step, told, situation);
  const waits = situation.open === undefined && interrupts(step) && told !== undefined && !deepEqual(step, told);
  return waits ? { step: told, waits: step } : { step };
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
