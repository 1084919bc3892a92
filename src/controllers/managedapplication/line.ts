import { type ChangeRequest, changeRequest } from '../../api/changerequest.ts';
import type { Decision } from '../../domain/policies/applicationdecision.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { makeChange } from './access.ts';
import type { ApplicationContext } from './credentials.ts';

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
