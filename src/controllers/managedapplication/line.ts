import { type ChangeRequest, changeRequest } from '../../api/changerequest.ts';
import { endedBySteward } from '../../domain/contract/stewardchange.ts';
import type { Decision } from '../../domain/policies/applicationdecision.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { makeChange } from './access.ts';
import type { ApplicationContext } from './credentials.ts';
import { lineChangeRequestOf, offerRequestOf } from './linerequests.ts';

/** The changes are made before anybody is asked, and told their result before the status says that it is over. Throws ApiError. */
export async function recordLine(
  { apply, mergePatch }: ApplicationContext,
  { line, end }: Decision,
  change: (ChangeRequest & KubeObject) | undefined,
): Promise<void> {
  for (const made of [end?.makes, line?.makes]) if (made !== undefined) await makeChange(made, apply);
  if (line?.result !== undefined && change !== undefined)
    await mergePatch(changeRequest, change, { spec: { result: line.result } });
}

/** What was asked or offered and never begun goes with the order: nobody is asked any more. Throws ApiError. */
export async function cancelLine({ object, read, mergePatch, now }: ApplicationContext): Promise<void> {
  if (object.status?.lineChange?.phase === 'Changing') return;
  const requests = [lineChangeRequestOf(object, read), offerRequestOf(object, undefined, read)];
  const notes = `ManagedApplication ${object.metadata.name} is gone before its line was changed.`;
  for (const change of new Set(requests))
    if (change !== undefined && change.spec.result === undefined)
      await mergePatch(changeRequest, change, { spec: { result: endedBySteward('Cancelled', notes, now) } });
}
