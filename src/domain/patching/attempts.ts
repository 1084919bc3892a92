import type { PatchRunSpec, PatchRunStatus, PatchRunStep } from '../../api/patchrun.ts';

/** A PatchRun as far as it decides what comes next. */
export type Run = { readonly spec: PatchRunSpec; readonly status?: PatchRunStatus | undefined };

export type StepAttempt = NonNullable<PatchRunStatus['steps']>[number];

export function lastOf({ status }: Pick<Run, 'status'>, name: PatchRunStep): StepAttempt | undefined {
  return status?.steps?.findLast(step => step.name === name);
}

export function sentence(words: string): string {
  const text = words.trim().replace(/[.\s]+$/, '');
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}
