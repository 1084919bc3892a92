import type { PatchRun } from '../../api/patchrun.ts';
import { excerpt } from '../../domain/contract/excerpt.ts';
import type { OperatorStep } from '../../domain/patching/run.ts';
import { withEnd } from '../../domain/patching/runstatus.ts';
import { isApiError, isTransient } from '../../runtime/api/errors.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { ReconcileContext } from '../../runtime/pass/controller.ts';

export type RunContext = ReconcileContext<PatchRun & KubeObject>;

/** What a step of a run asks KubeVirt for, made at most once, and the run's whatever its name and labels say; undefined where it cannot be: then the step has failed. */
export async function madeOnce(
  context: RunContext,
  step: OperatorStep,
  wanted: KubeObject,
): Promise<KubeObject | undefined> {
  try {
    return await context.createOnce(wanted);
  } catch (error) {
    // What no retry can cure: KubeVirt's admission, a kind that is not served, a name that is another's.
    if (isTransient(error) || !isApiError(error)) throw error;
    await failStep(context, step, `it was refused: ${excerpt(error.message, 200)}`);
    return undefined;
  }
}

/** Writes that the step has failed, and why. */
export function failStep({ object, now, status }: RunContext, step: OperatorStep, detail: string): Promise<unknown> {
  return status(withEnd(object.status ?? { phase: 'Planned' }, step, { verdict: 'Failed', detail }, now));
}
