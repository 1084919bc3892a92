import type { ManagedVM } from '../../api/managedvm.ts';
import { firstBootSecretName } from '../contract/child.ts';
import { unknown } from '../contract/finding.ts';
import { CONTACT_WORDS, isContactFailure } from './contactreasons.ts';
import type { Verdict } from './reasons.ts';
import type { GuestRecord } from './record.ts';
import { refusedAfterRotation } from './rotationwords.ts';
import type { Contact, RecordView } from './view.ts';
import { named, quoted, since } from './words.ts';

/** Whether the guest worker gets into the guest, and finds it to be the one whose host key is on record. */
export function reachable(
  managedVM: ManagedVM,
  view: RecordView | undefined,
  record: GuestRecord | undefined,
): Verdict {
  if (view === undefined) return notLookedInto(managedVM, record);
  if (view.silent !== undefined) return view.silent;
  const { contact } = view;
  if (contact.outcome === 'Reached') {
    return {
      status: 'True',
      reason: 'Reached',
      message: `The guest has been reached${where(contact)}${since(contact.since)}, and proves itself with the host key on record.`,
    };
  }
  return isEnrolled(managedVM) ? notReached(contact, managedVM) : notEnrolled(contact, managedVM);
}

function notLookedInto({ metadata, spec }: ManagedVM, record: GuestRecord | undefined): Verdict {
  if (spec.powerState === 'Stopped') return unknown('PoweredOff', 'The VM is powered off as ordered.');
  return unknown('NotLookedInto', `No guest worker looks into the guest: ${whyNot(metadata.name, record)}.`);
}

function whyNot(name: string, record: GuestRecord | undefined): string {
  if (record === undefined) return `there is no GuestState ${name}`;
  if (record.state !== 'others') return 'it has no hands for its system';
  return `GuestState ${name} is that of another ManagedVM and says nothing of this one; once it is deleted, one is made for this`;
}

/** A guest that was not born of this order does not know its keys before somebody has let them in, once. */
function isEnrolled({ status }: ManagedVM): boolean {
  const before = status?.conditions?.find(({ type }) => type === 'GuestReachable');
  return status?.adopted === undefined || status.adopted.enrolledAt !== undefined || before?.status === 'True';
}

function notEnrolled(contact: Contact, { metadata, spec }: ManagedVM): Verdict {
  const secret = firstBootSecretName({ metadata, spec });
  const why = isContactFailure(contact.outcome) ? ` (${contact.outcome})` : '';
  return {
    status: 'False',
    reason: 'NotEnrolled',
    message: `The guest was taken over and does not know the provider yet: it has not been reached${where(contact)}${why}. Run the script of Secret ${secret} (key enrol) in it once, as root.`,
  };
}

function notReached(contact: Contact, { status }: ManagedVM): Verdict {
  const { outcome, detail = '' } = contact;
  if (!isContactFailure(outcome)) {
    return unknown(
      'RecordUnreadable',
      `How the guest was reached is told by a word that is not known: ${quoted(outcome, 40)}.`,
    );
  }
  const words = detail === '' ? '' : ` (${quoted(detail, 200)})`;
  const message = `The guest has not been reached${where(contact)}${since(contact.since)}: ${CONTACT_WORDS[outcome]}${words}.`;
  const more = outcome === 'LoginRefused' && status?.keys !== undefined ? refusedAfterRotation(status.keys) : '';
  return { status: 'False', reason: outcome, message: `${message} ${more}`.trim() };
}

function where({ address, way }: Contact): string {
  const through = way === undefined ? '' : " through KubeVirt's portforward";
  return address === undefined ? '' : ` at ${named(address, 64)}${through}`;
}
