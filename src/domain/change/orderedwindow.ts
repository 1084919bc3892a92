/** When what is ordered may be done. */
import type { ServiceRequestSpec } from '../../api/servicerequest.ts';
import { instant } from '../contract/condition.ts';

/** How long an ordered PatchRun waits for agreement, and how long a rescue lasts, where nobody has set an end. Milliseconds. */
const AGREEMENT_MS = 72 * 3_600_000;
const RESCUE_MS = 4 * 3_600_000;

/** Longest that a rescue may last: whoever has come in that way is not to stay. */
export const LONGEST_RESCUE_HOURS = 24;

/** The window of its own in which an ordered PatchRun or Rescue may be done; it is made once, and so is the change. */
export function orderedWindow(
  { service, notBefore, notAfter }: Pick<ServiceRequestSpec, 'service' | 'notBefore' | 'notAfter'>,
  now: Date,
): { readonly notBefore: string; readonly notAfter: string } {
  const from = notBefore ?? instant(now);
  const longest = service === 'Rescue' ? RESCUE_MS : AGREEMENT_MS;
  return { notBefore: from, notAfter: notAfter ?? instant(new Date(Date.parse(from) + longest)) };
}

/** Services that have an end. */
export function hasEnd(service: ServiceRequestSpec['service']): boolean {
  return service === 'PatchRun' || service === 'Rescue';
}
