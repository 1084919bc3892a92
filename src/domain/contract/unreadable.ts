import { saying } from './excerpt.ts';
import type { Verdict } from './finding.ts';
import type { SharedReason } from './reasons.ts';

/** A kind of which the API server refuses to say what there is: neither missing nor empty (design 4). */
export type Unreadable = {
  readonly kind: string;
  /** Empty for a cluster-scoped kind. */
  readonly namespace: string;
  /** In the words of the API server. */
  readonly why: string;
};

/** With these a promise is not owed now: the order alone decides it, whatever can be read, and it is neither kept nor broken. */
export const NOT_OWED: ReadonlySet<string> = new Set<SharedReason>(['NotIncluded', 'PoweredOff']);

/** What is said, or Unknown where it rests on kinds that cannot be read: a copy from before proves nothing. */
export function asFarAsReadable(said: Verdict, restsOn: readonly string[], unreadable: readonly Unreadable[]): Verdict {
  const lacking = unreadable.find(({ kind }) => restsOn.includes(kind));
  if (lacking === undefined || NOT_OWED.has(said.reason)) return said;
  return { status: 'Unknown', reason: 'KindNotReadable', message: sentence(lacking) };
}

export function sentence({ kind, namespace, why }: Unreadable): string {
  const where = namespace === '' ? '' : ` in namespace ${namespace}`;
  return `What there is of the kind ${kind}${where} cannot be read${saying(why)}`;
}
