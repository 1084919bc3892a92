/** The end of support of a VM's operating system: offered, reminded, answered, and its services ceased on the record alone (GE-9, GE-11, GE-12; docs/adr/0227). */
import type { ChangeRequest } from '../../api/changerequest.ts';
import type { CustomerAnswer } from '../../api/endoflife.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { OperatingSystem } from '../../api/operatingsystem.ts';
import type { SystemEndOfLife } from '../../api/systemendoflife.ts';
import { earliest, instant } from '../contract/condition.ts';
import { awaitsCustomer, hasPlan, isOpen, wordOn } from '../contract/customerword.ts';
import { cut } from '../contract/excerpt.ts';
import { STEWARD } from '../contract/setout.ts';
import { changeBySteward, type StewardChange } from '../contract/stewardchange.ts';
import { NOTICE_DAYS, operatingSystemName, supportEnds } from './lifecycle.ts';

const DAY = 86_400_000;
/** How long before the end the customer is reminded, and how long an offer is there at least before silence counts. */
const REMINDER_DAYS = 90;
/** Leaves room for the name of an OperatingSystem. */
const MOST_OF_NAME = 20;

export type SystemEndFacts = {
  readonly operatingSystem: OperatingSystem | undefined;
  /** Changes that name the VM. */
  readonly changeRequests: readonly ChangeRequest[];
};

export type SystemEnd = {
  readonly record?: SystemEndOfLife | undefined;
  readonly nextEdge?: Date | undefined;
};

/** One for each system that ever ends on a VM; the VM's uid makes it a name that nobody could take beforehand. */
export function systemOfferName({ metadata: { name, uid = '' } }: ManagedVM, system: string): string {
  return `system-${[name, uid.slice(0, 8), system].map(part => part.slice(0, MOST_OF_NAME).replaceAll('.', '-')).join('-')}-offer`;
}

/** The change by which a migration is offered, to be made; undefined: support does not end soon, or it was offered before. */
export function systemOffer(
  managedVM: ManagedVM,
  system: OperatingSystem | undefined,
  now: Date,
): StewardChange | undefined {
  const ends = system && supportEnds(system);
  if (system === undefined || ends === undefined || now < daysFrom(ends, -NOTICE_DAYS)) return undefined;
  if (recordOf(managedVM, system)?.offered !== undefined) return undefined;
  return offerOf(managedVM, system, ends);
}

/** What is on record of the system that the guest has. Nothing is forgotten where its dates are not known; another system begins anew. */
export function systemEnd(managedVM: ManagedVM, facts: SystemEndFacts, now: Date): SystemEnd {
  const { operatingSystem: system, changeRequests } = facts;
  const ends = system && supportEnds(system);
  if (system === undefined || ends === undefined) return { record: managedVM.status?.endOfLife };
  const before = recordOf(managedVM, system);
  const [notice, reminder] = [NOTICE_DAYS, REMINDER_DAYS].map(days => daysFrom(ends, -days));
  if (notice === undefined || reminder === undefined) return {};
  if (now < notice && before?.offered === undefined) return { nextEdge: notice };
  const request = requestOf(managedVM, system, before, changeRequests);
  const offered = before?.offered ?? (request && { at: instant(now), change: referenceTo(request) });
  const answerBy = offered && latest(ends, daysFrom(new Date(offered.at), REMINDER_DAYS));
  const isSilent =
    answerBy !== undefined && now >= answerBy && request !== undefined && isOpen(request) && awaitsCustomer(request);
  const given = offered && answerTo(offered.at, request, migrationsOf(managedVM, changeRequests), before);
  return {
    record: {
      ...{ operatingSystem: system.metadata.name, ends: instant(ends) },
      ...(offered && { offered }),
      ...(now >= reminder && { reminded: before?.reminded ?? instant(now) }),
      ...answered(before, given ?? (isSilent ? { decision: 'Silent', at: instant(now) } : undefined), now >= ends, now),
    },
    nextEdge: earliest(...[reminder, ends, answerBy].filter(edge => edge !== undefined && edge > now)),
  };
}

/** Until support has ended the last word counts, so that all of it can be turned; what ended the services then stays on record. */
function answered(
  before: SystemEndOfLife | undefined,
  answer: CustomerAnswer | undefined,
  isEnded: boolean,
  now: Date,
): Pick<SystemEndOfLife, 'answer' | 'ceased'> {
  if (before?.answer !== undefined && before.ceased !== undefined)
    return { answer: before.answer, ceased: before.ceased };
  if (answer === undefined) return {};
  return isEnded && answer.decision !== 'Approved' ? { answer, ceased: instant(now) } : { answer };
}

/** His last word on what was offered, or on a migration that was ordered since; that of before where the offer is gone or was not judged. */
function answerTo(
  since: string,
  request: ChangeRequest | undefined,
  migrations: readonly ChangeRequest[],
  before: SystemEndOfLife | undefined,
): CustomerAnswer | undefined {
  const ordered = migrations.flatMap(change => wordOn(change) ?? []).filter(word => word.at >= since);
  const words = [...ordered, ...[wordOn(request)].filter(word => word !== undefined)];
  if (words.length > 0) return words.toSorted((a, b) => (a.at < b.at ? -1 : 1)).at(-1);
  const isKnown = request !== undefined && hasPlan(request);
  return isKnown || before?.answer?.decision === 'Silent' ? undefined : before?.answer;
}

function recordOf({ status }: ManagedVM, { metadata }: OperatingSystem): SystemEndOfLife | undefined {
  return status?.endOfLife?.operatingSystem === metadata.name ? status.endOfLife : undefined;
}

/** The very one that was offered. A name proves nothing: it is Steward's alone to say that Steward asks (admission), for this very order. */
function requestOf(
  managedVM: ManagedVM,
  system: OperatingSystem,
  before: SystemEndOfLife | undefined,
  changes: readonly ChangeRequest[],
): ChangeRequest | undefined {
  const { name, uid } = before?.offered?.change ?? { name: systemOfferName(managedVM, system.metadata.name) };
  return changes.find(
    ({ metadata, spec }) =>
      metadata.name === name &&
      (uid === undefined || metadata.uid === uid) &&
      spec.requestedBy === STEWARD &&
      spec.target.uid === managedVM.metadata.uid,
  );
}

function migrationsOf({ metadata }: ManagedVM, changes: readonly ChangeRequest[]): readonly ChangeRequest[] {
  return changes.filter(({ spec }) => spec.operation === 'Migration' && spec.target.uid === metadata.uid);
}

function referenceTo({ metadata: { name, uid } }: ChangeRequest) {
  return { name, ...(uid !== undefined && { uid }) };
}

function offerOf(managedVM: ManagedVM, system: OperatingSystem, ends: Date): StewardChange {
  const { name, namespace, uid = '' } = managedVM.metadata;
  const called = operatingSystemName(system);
  return changeBySteward(systemOfferName(managedVM, system.metadata.name), namespace, {
    title: cut(`Migrate ManagedVM ${name} from ${called} to a supported release`, 120),
    class: 'Normal',
    target: { kind: 'ManagedVM', name, uid },
    plan: [
      `Customer and provider choose an OperatingSystem of the catalogue that its vendor supports, in place of ${called}.`,
      'A Migration to it is ordered by a ServiceRequest; it is carried out in a window, on a new root disk, and the old one stays until the customer accepts.',
      'Where there is no way for what runs on it, a new ManagedVM is ordered and its data are moved.',
    ],
    risk: { rating: 'Medium', reasons: ['What runs on it may behave otherwise on another release.'] },
    reason: cut(
      `Vendor support for ${called} ends at ${instant(ends)}, so a migration is offered (GE-11). Where it is rejected or not answered by then, all managed services for it may be ceased (GE-12).`,
      500,
    ),
    wayBack: 'Until the new system is accepted the old root disk is there, and the VM is turned back to it.',
    agreement: { parties: [{ party: 'Provider' }, { party: 'Customer' }] },
  });
}

function latest(one: Date, other: Date): Date {
  return one > other ? one : other;
}

function daysFrom(at: Date, days: number): Date {
  return new Date(at.getTime() + days * DAY);
}
