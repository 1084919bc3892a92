import { approval } from '../../api/approval.ts';
import { backupPolicy } from '../../api/backuppolicy.ts';
import { changeRequest } from '../../api/changerequest.ts';
import { clusterBackupPolicy } from '../../api/clusterbackuppolicy.ts';
import { clusterPatchPolicy } from '../../api/clusterpatchpolicy.ts';
import { contract } from '../../api/contract.ts';
import { guestState } from '../../api/gueststate.ts';
import { incident } from '../../api/incident.ts';
import type { KindDefinition } from '../../api/kind.ts';
import { maintenanceWindow } from '../../api/maintenancewindow.ts';
import { managedApplication } from '../../api/managedapplication.ts';
import { managedVM } from '../../api/managedvm.ts';
import { notice } from '../../api/notice.ts';
import { operatingSystem } from '../../api/operatingsystem.ts';
import { patchBaseline } from '../../api/patchbaseline.ts';
import { patchPolicy } from '../../api/patchpolicy.ts';
import { patchRun } from '../../api/patchrun.ts';
import { problem } from '../../api/problem.ts';
import { product } from '../../api/product.ts';
import { recordPage } from '../../api/recordpage.ts';
import { reportPage } from '../../api/reportpage.ts';
import { restore } from '../../api/restore.ts';
import { serviceCalendar } from '../../api/servicecalendar.ts';
import { servicePlan } from '../../api/serviceplan.ts';
import { serviceReport } from '../../api/servicereport.ts';
import { serviceRequest } from '../../api/servicerequest.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { at, fields, listAt, numberAt, textAt } from '../contract/json.ts';
import { fingerprintOfLine } from '../machine/sshkeys.ts';
import type { Facts } from './entry.ts';
import { bounded, factOf } from './facts.ts';

/** A kind whose changes are recorded. */
export type RecordedKind = {
  readonly kind: KindDefinition;
  /** What of its status matters; names begin with `status.` or `condition.`. */
  readonly observed: (object: KubeObject) => Facts;
  /** Fields of the spec that are told otherwise than they are written; undefined leaves one out. */
  readonly ordered?: Readonly<Record<string, (value: unknown) => unknown>>;
  /** Fields of the spec, by their path, whose own fields are told one by one: one that is long is not told by its hash because of another. */
  readonly apart?: readonly string[];
  /** Lists of the spec whose entries are told one by one, each under a name of ours. */
  readonly each?: Readonly<Record<string, (entry: unknown) => readonly [string, unknown]>>;
  /** Whom the spec names, held to his own name by admission when he wrote it. */
  readonly persons?: readonly Named[];
  /** Who writes the status, by what it calls itself. */
  readonly observer: string;
};

/** `when`: what he did: he made the object (`Appeared`), or wrote this field of it. `path`: where the spec names him. */
type Named = { readonly when: 'Appeared' | `spec.${string}`; readonly path: readonly string[] };

/** What is offered, answered and ceased at the end of support, each by itself (GE-12). */
const END_OF_LIFE = ['offered', 'reminded', 'answer', 'ceased'].map(part => `endOfLife.${part}`);

/** Kinds that leave no records, and why. */
export const NOT_RECORDED: ReadonlyMap<KindDefinition, string> = new Map([
  [recordPage, 'it is what records are written on'],
  [reportPage, 'its hash is recorded of the ServiceReport whose page it is'],
]);

/**
 * Which kinds leave records, and what of them matters (MO-16, GE-8). One line for each: every field of its order, and what it says here of its status.
 * A kind is here or in NOT_RECORDED.
 */
export const RECORDED: readonly RecordedKind[] = [
  {
    kind: managedVM,
    observer: 'steward',
    ordered: { access: accessFacts },
    observed: conditionsAnd('state', 'keys', ...END_OF_LIFE),
  },
  { kind: guestState, observer: 'steward-guest', observed: guestFacts },
  {
    kind: contract,
    observer: 'steward',
    ordered: { contacts: contactFacts },
    each: { plans: planFact },
    observed: contractFacts,
  },
  { kind: servicePlan, observer: 'steward', apart: ['prices'], observed: conditionsAnd('revision', 'usedFrom') },
  {
    kind: changeRequest,
    observer: 'steward',
    apart: ['result'],
    persons: [
      { when: 'Appeared', path: ['requestedBy'] },
      { when: 'spec.result', path: ['result', 'by'] },
      { when: 'spec.acceptance', path: ['acceptance', 'by'] },
    ],
    observed: conditionsAnd('planHash', 'window', 'waitingFor', 'claim'),
  },
  {
    kind: approval,
    observer: 'steward',
    persons: [{ when: 'Appeared', path: ['decidedBy'] }],
    observed: conditionsAnd(),
  },
  {
    kind: serviceRequest,
    observer: 'steward',
    persons: [{ when: 'Appeared', path: ['requestedBy'] }],
    observed: conditionsAnd('change', 'waitingFor', 'effort'),
  },
  {
    kind: problem,
    observer: 'steward',
    apart: ['handling'],
    persons: [
      { when: 'Appeared', path: ['opened', 'by'] },
      ...['knownError', 'workaround', 'remedy', 'closed'].map(said => ({
        when: `spec.handling.${said}` as const,
        path: ['handling', said, 'by'],
      })),
    ],
    observed: conditionsAnd('phase', 'count', 'remedy', 'closedAt'),
  },
  {
    kind: restore,
    observer: 'steward',
    persons: [{ when: 'Appeared', path: ['requestedBy'] }],
    observed: conditionsAnd('phase', 'message', 'point', 'disks', 'change', 'recoveryTime'),
  },
  {
    kind: incident,
    observer: 'steward',
    ordered: { alert: alertFacts, joined: alerts => listAt(alerts).map(alertFacts) },
    apart: ['rating', 'handling', 'handling.resolution'],
    persons: [{ when: 'Appeared', path: ['report', 'by'] }],
    observed: conditionsAnd('phase', 'timeline', 'response', 'resolution', 'remediation', 'problem'),
  },
  {
    kind: serviceReport,
    observer: 'steward',
    ordered: { days: days => listAt(days).at(-1) },
    persons: [{ when: 'spec.comment', path: ['comment', 'by'] }],
    observed: conditionsAnd('phase', 'today', 'promises', 'breaches'),
  },
  { kind: backupPolicy, observer: 'steward', observed: conditionsAnd() },
  { kind: clusterBackupPolicy, observer: 'steward', observed: conditionsAnd() },
  { kind: maintenanceWindow, observer: 'steward', observed: conditionsAnd() },
  { kind: patchPolicy, observer: 'steward', observed: conditionsAnd() },
  { kind: clusterPatchPolicy, observer: 'steward', observed: conditionsAnd() },
  { kind: operatingSystem, observer: 'steward', observed: conditionsAnd() },
  { kind: product, observer: 'steward', observed: conditionsAnd() },
  {
    kind: managedApplication,
    observer: 'steward',
    observed: conditionsAnd('version', 'plan', 'credentials', 'binding', 'pending', 'licence', ...END_OF_LIFE),
  },
  { kind: serviceCalendar, observer: 'steward', observed: conditionsAnd('revision') },
  { kind: patchRun, observer: 'steward-patch', observed: conditionsAnd('phase', 'message', 'packages') },
  { kind: notice, observer: 'steward-tell', ordered: { receiver: receiverFacts }, observed: toldFacts },
  { kind: patchBaseline, observer: 'steward', ordered: { content: provenFacts }, observed: conditionsAnd() },
];

/** Which requirement a fact serves, by its name, or by its kind and name; what is not here is a change that matters for operation (GE-8). */
const REQUIREMENTS: readonly (readonly [RegExp, string])[] = [
  [/^spec\.operatingSystem$/, 'MO-1'],
  [/^spec\.(serviceLevel|service)$/, 'MO-2'],
  [/^(spec\.patchPolicyRef|condition\.PatchCompliant)$/, 'MO-3'],
  [/^spec\.(windowRefs|schedule|exclusions)$/, 'MO-4'],
  [/^spec\.(approve|rings|resume)$/, 'MO-11'],
  [/^(condition\.Monitored|spec\.alertThresholds)$/, 'MO-5'],
  [/^(spec\.access|status\.(access|foreign|keys)|condition\.(Configured|GuestReachable))$/, 'MO-8'],
  [/^(spec\.backupPolicyRef|condition\.BackupCompliant|spec\.recoveryPointObjective)$/, 'AP-13'],
  [/^Restore /, 'AP-13'],
  [/^Incident spec\.terms$/, 'GE-8'],
  [/^Incident /, 'MO-14'],
  [/^Problem /, 'MO-15'],
  [/^condition\.Supported$/, 'GE-9'],
  [/^PatchBaseline /, 'MO-11'],
  [/^(spec\.(plans|prices|validFrom|billingId)|status\.(plans|usedFrom))(\..+)?$/, 'GE-1'],
  [/^status\.licence$/, 'AP-1'],
  [/^status\.endOfLife\./, 'GE-12'],
  [/^ServiceCalendar /, 'GE-5'],
  [/^ServiceReport /, 'MO-16'],
  [/^Notice /, 'GE-4'],
  [/^spec\.webhooks$/, 'GE-4'],
  [/^(spec\.(contacts|bridges|postponableUntil)|status\.waitingFor)$/, 'GE-4'],
  [/^(spec\.acceptance|ChangeRequest condition\.Accepted)$/, 'GE-13'],
  [/^(ServiceRequest condition\.(Accepted|Done)|status\.(change|effort))$/, 'GE-2'],
  [
    /^(spec\.(changeRef|planHash|decision|decidedBy|party|class|plan|agreement)|status\.(planHash|claim)|condition\.(Agreed|Counted))$/,
    'GE-6',
  ],
];

/** Ids of the requirements that these facts of a kind serve, in their order. */
export function requirementsOf(kind: string, names: readonly string[]): string[] {
  const serves =
    (name: string) =>
    ([pattern]: (typeof REQUIREMENTS)[number]) =>
      pattern.test(name) || pattern.test(`${kind} ${name}`);
  const ids = names.map(name => REQUIREMENTS.find(serves(name))?.[1] ?? 'GE-8');
  return [...new Set(ids)].sort();
}

/** What is recorded of an object: its order field by field (`spec.…`), and what is observed. Nothing secret: of keys, fingerprints. */
export function factsOf(recorded: RecordedKind, object: KubeObject): Facts {
  const ordered = toldFields(recorded, object).flatMap(([name, value]) => {
    const told = recorded.ordered?.[name];
    const fact = told === undefined ? value : told(value);
    return fact === undefined ? [] : [[`spec.${name}`, factOf(fact)] as const];
  });
  return bounded({ ...Object.fromEntries(ordered), ...recorded.observed(object) });
}

type Told = readonly (readonly [string, unknown])[];

function toldFields(recorded: RecordedKind, { spec }: KubeObject): Told {
  return Object.entries(fields(spec)).flatMap(([name, value]) => toldField(recorded, name, value));
}

function toldField(recorded: RecordedKind, name: string, value: unknown): Told {
  const { apart = [], each } = recorded;
  const entry = each?.[name];
  if (entry !== undefined)
    return listAt(value).map(item => {
      const [key, said] = entry(item);
      return [`${name}.${key}`, said];
    });
  if (!apart.includes(name)) return [[name, value]];
  return Object.entries(fields(value)).flatMap(([part, said]) => toldField(recorded, `${name}.${part}`, said));
}

/**
 * Who is proven to have done what is recorded: the object is new (`changed` is undefined), or these facts of it are others. Undefined where nobody is, or
 * where several are and no record can say which of them did what.
 */
export function personBehind(
  { persons = [] }: RecordedKind,
  object: KubeObject,
  changed: readonly string[] | undefined,
): string | undefined {
  const isOf = (when: string) => (name: string) => name === when || name.startsWith(`${when}.`);
  const did = persons.filter(({ when }) => (changed === undefined ? when === 'Appeared' : changed.some(isOf(when))));
  const names = new Set(did.map(({ path }) => textAt(object, 'spec', ...path)));
  return names.size === 1 ? [...names][0] : undefined;
}

export const isOrdered = (fact: string): boolean => fact.startsWith('spec.');

/** Whether something is on its way (kstatus); what comes of it is recorded. */
const PASSING = new Set(['Reconciling']);

/** Conditions as `status reason`: messages hold numbers that change with every look. */
function conditionFacts(object: KubeObject): Facts {
  const told = listAt(object, 'status', 'conditions').flatMap(condition => {
    const [type, status, reason] = ['type', 'status', 'reason'].map(name => textAt(condition, name));
    return type === undefined || PASSING.has(type) ? [] : [[`condition.${type}`, `${status} ${reason}`] as const];
  });
  return Object.fromEntries(told);
}

/** Its conditions, and these fields of its status, by their path, as they are. */
function conditionsAnd(...names: readonly string[]): (object: KubeObject) => Facts {
  return object => {
    const found = names.map(name => [`status.${name}`, at(object, 'status', ...name.split('.'))] as const);
    const given = found.flatMap(([name, value]) => (value === undefined ? [] : [[name, factOf(value)] as const]));
    return { ...conditionFacts(object), ...Object.fromEntries(given) };
  };
}

/** Who shall have access: names, rights, and the fingerprints of their public keys. */
function accessFacts(access: unknown): unknown {
  return listAt(access, 'users').map(user => ({
    name: textAt(user, 'name'),
    administrator: at(user, 'administrator'),
    keys: listAt(user, 'sshKeys').map(line => fingerprintOfLine(String(line))),
  }));
}

/** Who may decide and hears of what. Addresses are left out: a record cannot be taken back, and they say nothing of operation. */
function contactFacts(contacts: unknown): unknown {
  return listAt(contacts).map(contact => ({
    name: textAt(contact, 'name'),
    user: textAt(contact, 'user'),
    roles: listAt(contact, 'roles').map(String),
  }));
}

/** One plan of a contract, by level and first day: a list of them would soon be told by its hash, and bills are made from these. */
function planFact(entry: unknown): readonly [string, unknown] {
  return [`${textAt(entry, 'level')}.${textAt(entry, 'from')}`, textAt(entry, 'plan')];
}

/** Which plans have begun, and what each said then. */
function contractFacts(object: KubeObject): Facts {
  const begun = listAt(object, 'status', 'plans').map(entry => {
    const [key, plan] = planFact(entry);
    return [`status.plans.${key}`, factOf({ plan, revision: at(entry, 'revision') })] as const;
  });
  return { ...conditionFacts(object), ...Object.fromEntries(begun) };
}

/** Who was told, by his name. */
function receiverFacts(receiver: unknown): unknown {
  return Object.fromEntries(['way', 'contract', 'name'].map(name => [name, textAt(receiver, name)]));
}

/** How it ended, and when; tries in between are the teller's own matter. */
function toldFacts(object: KubeObject): Facts {
  const ended = ['sentAt', 'endedAt'].flatMap(name => {
    const time = textAt(object, 'status', name);
    return time === undefined ? [] : [[`status.${name}`, time] as const];
  });
  return Object.fromEntries(ended);
}

/** Which alert it was. What it says at length, lines of a guest's log among it, is left out: a record cannot be taken back. */
function alertFacts(alert: unknown): unknown {
  return Object.fromEntries(
    ['name', 'severity', 'startsAt', 'fingerprint'].map(name => [name, textAt(alert, name) ?? null]),
  );
}

/** What rings have proven, by its revision, which grows with every change of it: the versions themselves are hundreds. */
function provenFacts(content: unknown): unknown {
  return { revision: at(content, 'revision'), proven: at(content, 'proven') };
}

/** What was found in a guest, in words that are names; what it says at length is left out. */
function guestFacts(object: KubeObject): Facts {
  const each = (list: string, names: readonly string[]) =>
    listAt(object, 'status', list).map(item =>
      Object.fromEntries(names.map(name => [name, factOf(at(item, name) ?? null)])),
    );
  if (object.status === undefined) return {};
  return {
    'status.access': each('access', ['name', 'ordered', 'login', 'administrator', 'keys']),
    'status.foreign': each('foreign', ['kind', 'name']),
    'status.differences': each('differences', ['setting']).map(({ setting }) => setting ?? null),
    'status.healed': numberAt(object, 'status', 'drift', 'healed') ?? 0,
  };
}
