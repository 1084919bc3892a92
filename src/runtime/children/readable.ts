import { ApiError } from '../api/errors.ts';
import type { OwnedKindView } from './family.ts';

/** Throws KindMissing or KindNotReadable where it is not known what there is of the kind: then nothing of it is written. */
export function requireReadable({ kind, view }: OwnedKindView, namespace: string | undefined): void {
  const state = view?.state(namespace) ?? 'served';
  if (state === 'missing') throw new ApiError(404, 'KindMissing', `${kind.kind} (${kind.group}) is not installed`);
  const refusal = view?.refusal(namespace);
  if (refusal === undefined) return;
  throw new ApiError(refusal.status, 'KindNotReadable', refusal.message, { cause: refusal });
}

/** What these tell ends with an event: the kind appears, or becomes readable. No other pass can change it. */
export function isUnreadable({ reason }: ApiError): boolean {
  return reason === 'KindMissing' || reason === 'KindNotReadable';
}
