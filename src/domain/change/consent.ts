/** How it stands with a change that Steward has made for somebody's order, and carries out once it is agreed to (GE-6). */
import type { ChangeRequest } from '../../api/changerequest.ts';
import { bounded } from '../contract/excerpt.ts';
import { agreedWindow, isIn } from '../contract/setout.ts';

export type Consent = { readonly stand: 'Agreed' | 'Awaited' | 'Refused'; readonly says: string };

/** `says`: a sentence. One that is gone or has a result is refused: no other is made in its place. */
export function changeConsent(change: ChangeRequest | undefined, name: string, now: Date): Consent {
  if (change === undefined)
    return { stand: 'Refused', says: `ChangeRequest ${name} is gone, and no other is made in its place.` };
  const { spec, status } = change;
  if (spec.result !== undefined)
    return { stand: 'Refused', says: `ChangeRequest ${name} has the result ${spec.result.outcome}.` };
  const window = agreedWindow(change);
  if (window !== undefined && isIn(window, now))
    return { stand: 'Agreed', says: `ChangeRequest ${name} is agreed to.` };
  const agreed = status?.conditions?.find(({ type }) => type === 'Agreed');
  const says = bounded(`ChangeRequest ${name} waits for agreement: ${agreed?.message ?? 'it was not judged yet.'}`);
  return { stand: agreed?.reason === 'Rejected' ? 'Refused' : 'Awaited', says };
}
