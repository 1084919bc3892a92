import { type ChangeRequest, changeRequest } from '../../api/changerequest.ts';
import type { LineDecision } from '../../domain/policies/linedecision.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { makeChange } from './access.ts';
import type { ApplicationContext } from './credentials.ts';

/** The change is made before anybody is asked, and told its result before the status says that it is over. Throws ApiError. */
export async function recordLine(
  { apply, mergePatch }: ApplicationContext,
  line: LineDecision | undefined,
  change: (ChangeRequest & KubeObject) | undefined,
): Promise<void> {
  if (line?.makes !== undefined) await makeChange(line.makes, apply);
  if (line?.result !== undefined && change !== undefined)
    await mergePatch(changeRequest, change, { spec: { result: line.result } });
}
