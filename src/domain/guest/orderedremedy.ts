import type { ChangeRequest } from '../../api/changerequest.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { GuestAction, type OrderedRemedy } from '../../api/remedy.ts';
import { agreedWindow, isIn } from '../contract/setout.ts';

/**
 * What the guest worker is told to mend in the guest (MO-6): of the changes that say so and are agreed to, in their window and without a result the first
 * that came, one at a time. What it was told once it is told until there is a result, so that a step that has begun is followed to its end.
 */
export function orderedRemedy(
  { metadata, spec, status }: ManagedVM,
  changes: readonly ChangeRequest[],
  now: Date,
): OrderedRemedy | undefined {
  const before = status?.remedy?.change.uid;
  const isTold = ({ metadata: { uid } }: ChangeRequest) => uid === before;
  const candidates = changes
    .filter(change => change.spec.operation === 'Remedy' && change.spec.target.uid === metadata.uid)
    .toSorted((a, b) => Number(isTold(b)) - Number(isTold(a)) || byAge(a, b))
    .flatMap(change => {
      const window = agreedWindow(change);
      if (window?.notAfter === undefined) return [];
      const mayBegin = spec.paused === undefined && spec.powerState !== 'Stopped' && isIn(window, now);
      return mayBegin || isTold(change) ? [change] : [];
    });
  const [first] = candidates;
  return first && orderOf(first);
}

function orderOf({ metadata: { name, uid = '' }, spec: { remedy }, status }: ChangeRequest): OrderedRemedy | undefined {
  const action = GuestAction.safeParse(remedy?.action);
  const until = status?.window?.notAfter;
  if (remedy === undefined || !action.success || until === undefined) return undefined;
  const { unit, mountPoint, abovePercent, unless, probe } = remedy;
  return {
    ...{ change: { name, uid }, action: action.data },
    ...(unit !== undefined && { unit }),
    ...(mountPoint !== undefined && { mountPoint }),
    ...(abovePercent !== undefined && { abovePercent }),
    ...(unless !== undefined && { unless }),
    ...(probe !== undefined && { probe }),
    until,
  };
}

function byAge({ metadata: a }: ChangeRequest, { metadata: b }: ChangeRequest): number {
  const [first, second] = [a, b].map(({ creationTimestamp = '', name }) => `${creationTimestamp} ${name}`);
  return (first ?? '') < (second ?? '') ? -1 : 1;
}
