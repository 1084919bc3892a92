import type { ApplicationPlan, PlanStep } from './applicationplan.ts';

/** Whether an application has extensions that a look asks for: so far those of PostgreSQL. */
export function hasModules({ present, steps }: ApplicationPlan): boolean {
  return present && steps.some(step => step.type === 'database' && step.engine === 'PostgreSQL');
}

/** The extensions that were ordered, each with its database. */
export function modulesOf({ steps }: ApplicationPlan): readonly Extract<PlanStep, { readonly type: 'extension' }>[] {
  return steps.flatMap(step => (step.type === 'extension' ? [step] : []));
}
