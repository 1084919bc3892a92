import type { GuestStateStatus } from '../../api/gueststate.ts';
import type { SoleRoot } from '../../api/insideguest.ts';
import type { GivenKeys } from '../../api/managedvm.ts';
import { applicationOfSetting } from '../contract/applicationsetting.ts';
import { instant } from '../contract/condition.ts';
import { unknown } from '../contract/finding.ts';
import { asGiven, type Given, onlyAtFirstBoot } from './firstboot.ts';
import type { Verdict } from './reasons.ts';
import { keptForDisks, rotationPending } from './rotationwords.ts';
import type { RecordView } from './view.ts';
import { counted, enumerated, named, quoted, shownInstant, since } from './words.ts';

/** Milliseconds from its first boot in which a guest may be set up for the first time, packages included. */
const SETTING_UP_MS = 15 * 60_000;

/** What the operator has decided about a guest besides its order. */
type Settled = { readonly keys: GivenKeys | undefined; readonly soleRoot: SoleRoot | undefined; readonly now: Date };

/** Whether the guest is set up inside as ordered (MO-8), and what is in it that nobody ordered (MO-16). */
export function configured(given: Given, view: RecordView | undefined, { keys, soleRoot, now }: Settled): Verdict {
  const rotation = rotationPending(given.managedVM, keys);
  if (view === undefined) return rotation ?? asGiven(given);
  if (view.silent !== undefined) return view.silent;
  const { status, contact } = view;
  if (contact.outcome !== 'Reached') {
    const message = `Nobody gets into the guest${since(contact.since)}, so how it is set up cannot be known: see GuestReachable.`;
    return unknown('GuestNotReached', message);
  }
  const { generation } = given.managedVM.metadata;
  if (status.compared === undefined || status.compared !== generation)
    return unknown('Pending', pending(status, generation));
  if ((status.soleRoot === true) !== (soleRoot !== undefined))
    return unknown('Pending', 'The guest has not been compared yet with who is to hold root in it now: see SoleRoot.');
  const differences = ofSystem(status);
  if (differences.length > 0) {
    return (
      settingUp(given, status, now) ?? {
        status: 'False',
        reason: 'SettingsDiffer',
        message: `${differing(differences)} ${foreign(status)}`.trim(),
      }
    );
  }
  return rotation ?? onlyAtFirstBoot(given) ?? kept(given, status, keys);
}

/** True where the words of the look are proven to mean what they say: in systems in which it has been seen to be right. */
function kept({ observed }: Given, status: GuestStateStatus, keys: GivenKeys | undefined): Verdict {
  const message = asOrdered(status, keys);
  const family = observed.operatingSystem?.spec.family;
  if (family === 'Linux') return { status: 'True', reason: 'AsOrdered', message };
  const why =
    family === undefined
      ? 'Its system is not in the catalogue, so whether what looked into it is proven is not known.'
      : 'What looks into Windows has met no real Windows, so this proves nothing.';
  return unknown('NotProven', `${message} ${why}`);
}

function pending({ compared }: GuestStateStatus, generation: number | undefined): string {
  const before = compared === undefined ? 'with none' : `last with generation ${compared}`;
  return `The guest has not been compared with the present order yet: that has generation ${generation}, and it was compared ${before}.`;
}

/**
 * A first boot brings no more than a way in, so that all else differs until the worker has made it: that is no news until its first step has
 * ended and a look has found what it left, or the time for it is over.
 */
function settingUp({ firstBoot }: Given, status: GuestStateStatus, now: Date): Verdict | undefined {
  const { steps = [], lease } = status;
  const triedOnce = lease === undefined && steps.some(({ phase }) => phase === 'Ended');
  if (firstBoot?.at === undefined || triedOnce) return undefined;
  const until = new Date(Date.parse(firstBoot.at) + SETTING_UP_MS);
  if (now >= until) return undefined;
  const message = `The guest booted for the first time at ${firstBoot.at} and is being set up: ${counted(ofSystem(status).length, 'setting')} still to be made, by ${instant(until)} at the latest.`;
  return { ...unknown('SettingUp', message), nextEdge: until };
}

/** What is an application's stands on its ManagedApplication, and the operating system's promise ends before it (MO-9). */
function ofSystem({ differences = [] }: GuestStateStatus): readonly Difference[] {
  return differences.filter(({ setting }) => applicationOfSetting(setting) === undefined);
}

type Difference = NonNullable<GuestStateStatus['differences']>[number];

function differing(differences: readonly Difference[]): string {
  const told = differences.map(
    ({ setting, found, since: from }) => `${named(setting, 40)} (found ${quoted(found)}${since(from)})`,
  );
  const verb = differences.length === 1 ? 'is' : 'are';
  return `${counted(differences.length, 'setting')} in the guest ${verb} not as ordered: ${enumerated(told)}.`;
}

function asOrdered(status: GuestStateStatus, keys: GivenKeys | undefined): string {
  const { compared, lookedAt, access = [] } = status;
  const users = counted(access.filter(({ login }) => login).length, 'account');
  const at = shownInstant(lookedAt);
  const found = at === undefined ? '' : `, as first found at ${at}`;
  const kept = `The guest has every setting of generation ${compared}${found}; ${users} can log in: see status.access.`;
  return [kept, keptForDisks(keys), foreign(status)].filter(words => words !== '').join(' ');
}

/** What nobody ordered: root is shared, so it is the customer's right, and is told with who and since when (MO-8, MO-16). */
function foreign({ foreign: found = [] }: GuestStateStatus): string {
  if (found.length === 0) return '';
  const told = found.map(
    ({ kind, name, detail, since: from }) =>
      `${KIND_WORDS[kind]} ${quoted(name)} (${quoted(detail, 80)}, seen${since(from)})`,
  );
  const were = found.length === 1 ? 'was' : 'were';
  return `${counted(found.length, 'thing')} in it ${were} ordered by nobody: ${enumerated(told)}.`;
}

export const KIND_WORDS = {
  Account: 'account',
  Key: 'key',
  SudoRule: 'sudo rule',
  Administrator: 'administrator',
} as const;
