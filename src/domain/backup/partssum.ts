import { PARTS, type Part } from './parts.ts';
import { REASONS, type Reason, type Verdict } from './reasons.ts';

/** What is said of each part. */
export type Parts = Readonly<Record<Part, Verdict>>;

/** No backup is promised, and so no part of it. */
export const NOT_ORDERED: Verdict = {
  status: 'Unknown',
  reason: 'NotIncluded',
  message: 'No backup was ordered: spec.backupPolicyRef names no policy.',
};

/**
 * `BackupCompliant`: the sum of the parts that the policy asks for (AP-13). It carries the reason of the part that decides, which of several
 * broken ones is one that the provider has to answer for, and that part's sentences; where all are kept those of RPOMet.
 */
export function sumOfParts(parts: Parts): Verdict {
  const all = PARTS.map(part => [part, parts[part]] as const);
  const asked = all.filter(([, { reason }]) => reason !== 'NotIncluded');
  if (asked.length === 0) return NOT_ORDERED;
  const reading = (status: Verdict['status']) => asked.filter(([, verdict]) => verdict.status === status);
  const [kept, broken, unknown] = [reading('True'), reading('False'), reading('Unknown')];
  const decisive = (broken.find(([, { reason }]) => !waitsForCustomer(reason)) ?? broken[0] ?? unknown[0])?.[1];
  const names = kept.length === 0 ? '' : `: ${kept.map(([part]) => part).join(', ')}`;
  const sum = [
    `${kept.length} of ${asked.length} parts of the promise are kept${names}`,
    ...(broken.length > 0 ? [`${broken.length} broken: ${named(broken)}`] : []),
    ...(unknown.length > 0 ? [`${unknown.length} not known: ${named(unknown)}`] : []),
    ...(asked.length < all.length ? [`not asked for: ${notAsked(all)}`] : []),
  ].join('; ');
  const { status, reason, message } = decisive ?? parts.RPOMet;
  return { status, reason, message: `${sum}. ${message}` };
}

/** Whether the customer has to mend what is broken. */
export function waitsForCustomer(reason: Reason): boolean {
  return Object.entries(REASONS).some(([name, meaning]) => name === reason && 'cooperation' in meaning);
}

function named(parts: readonly (readonly [string, Verdict])[]): string {
  return parts.map(([part, { reason }]) => `${part} (${reason})`).join(', ');
}

function notAsked(parts: readonly (readonly [string, Verdict])[]): string {
  return parts.flatMap(([part, { reason }]) => (reason === 'NotIncluded' ? [part] : [])).join(', ');
}
