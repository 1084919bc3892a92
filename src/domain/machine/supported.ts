import { otherSystem } from './guestsystem.ts';
import { operatingSystemName, type Support, supportOf } from './lifecycle.ts';
import type { Observed } from './observed.ts';

/**
 * Whether the system of a ManagedVM is supported by its vendor (MO-1, GE-9): the one that was ordered, as the catalogue says, unless the
 * guest says that it runs another. Undefined: it is not in the catalogue.
 */
export function supported({ operatingSystem: system, guest }: Observed, now: Date): Support | undefined {
  if (system === undefined) return undefined;
  const support = supportOf(system, now);
  const other = support.status === 'True' && guest !== undefined ? otherSystem(system, guest) : undefined;
  if (other === undefined) return support;
  const ordered = `OperatingSystem ${system.metadata.name} (${operatingSystemName(system)})`;
  const message = `${ordered} was ordered, but the guest agent reports ${other}: the vendor's support for what was ordered says nothing about it.`;
  return { ...support, status: 'False', reason: 'OtherSystemInGuest', message };
}
