import { approval } from '../../api/approval.ts';
import { backupPolicy } from '../../api/backuppolicy.ts';
import { changeRequest } from '../../api/changerequest.ts';
import { contract } from '../../api/contract.ts';
import { guestState } from '../../api/gueststate.ts';
import type { KindDefinition } from '../../api/kind.ts';
import { managedVM } from '../../api/managedvm.ts';
import { operatingSystem } from '../../api/operatingsystem.ts';
import { serviceCalendar } from '../../api/servicecalendar.ts';
import { servicePlan } from '../../api/serviceplan.ts';
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
  /** Whom the spec names as who made the object, held to his own name by admission. */
  readonly person?: (object: KubeObject) => string | undefined;
  /** Who writes the status, by what it calls itself. */
  readonly observer: string;
};

/** One line for each kind; a kind that is not here leaves no records (MO-16, GE-8). */
export const RECORDED: readonly RecordedKind[] = [
  { kind: managedVM, observer: 'steward', ordered: { access: accessFacts }, observed: managedVMFacts },
  { kind: guestState, observer: 'steward-guest', observed: guestFacts },
  { kind: contract, observer: 'steward', ordered: { contacts: contactFacts }, observed: contractFacts },
  { kind: servicePlan, observer: 'steward', observed: conditionFacts },
  { kind: changeRequest, observer: 'steward', person: named('requestedBy'), observed: changeFacts },
  { kind: approval, observer: 'steward', person: named('decidedBy'), observed: conditionFacts },
  { kind: serviceRequest, observer: 'steward', person: named('requestedBy'), observed: requestFacts },
  { kind: backupPolicy, observer: 'steward', observed: conditionFacts },
  { kind: operatingSystem, observer: 'steward', observed: conditionFacts },
  {
    kind: serviceCalendar,
    observer: 'steward',
    observed: object => ({ ...conditionFacts(object), ...picked(object, ['revision']) }),
  },
];

/** Which requirement a fact serves; what is not here is a change that matters for operation (GE-8). */
const REQUIREMENTS: readonly (readonly [RegExp, string])[] = [
  [/^spec\.operatingSystem$/, 'MO-1'],
  [/^spec\.(serviceLevel|service)$/, 'MO-2'],
  [/^(spec\.patchPolicyRef|condition\.PatchCompliant)$/, 'MO-3'],
  [/^(condition\.Monitored|spec\.alertThresholds)$/, 'MO-5'],
  [/^(spec\.access|status\.(access|foreign|keys)|condition\.(Configured|GuestReachable))$/, 'MO-8'],
  [/^(spec\.backupPolicyRef|condition\.BackupCompliant|spec\.recoveryPointObjective)$/, 'AP-13'],
  [/^condition\.Supported$/, 'GE-9'],
  [/^(spec\.(plans|prices|validFrom|billingId)|status\.plans)$/, 'GE-1'],
  [/^spec\.(contacts|bridges)$/, 'GE-4'],
  [/^spec\.acceptance$/, 'GE-13'],
  [/^(spec\.(changeRef|planHash|decision|decidedBy|party|class|plan|agreement)|status\.planHash)$/, 'GE-6'],
];

/** Ids of the requirements that the facts serve, in their order. */
export function requirementsOf(names: readonly string[]): string[] {
  const ids = names.map(name => REQUIREMENTS.find(([pattern]) => pattern.test(name))?.[1] ?? 'GE-8');
  return [...new Set(ids)].sort();
}

/** What is recorded of an object: its order field by field (`spec.…`), and what is observed. Nothing secret: of keys, fingerprints. */
export function factsOf(recorded: RecordedKind, object: KubeObject): Facts {
  const ordered = Object.entries(fields(object.spec)).flatMap(([name, value]) => {
    const told = recorded.ordered?.[name];
    const fact = told === undefined ? value : told(value);
    return fact === undefined ? [] : [[`spec.${name}`, factOf(fact)] as const];
  });
  return bounded({ ...Object.fromEntries(ordered), ...recorded.observed(object) });
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

function picked(object: KubeObject, names: readonly string[]): Facts {
  const found = names.map(name => [`status.${name}`, at(object, 'status', name)] as const);
  return Object.fromEntries(found.flatMap(([name, value]) => (value === undefined ? [] : [[name, factOf(value)]])));
}

function managedVMFacts(object: KubeObject): Facts {
  return { ...conditionFacts(object), ...picked(object, ['state', 'keys']) };
}

/** Who shall have access: names, rights, and the fingerprints of their public keys. */
function accessFacts(access: unknown): unknown {
  return listAt(access, 'users').map(user => ({
    name: textAt(user, 'name'),
    administrator: at(user, 'administrator'),
    keys: listAt(user, 'sshKeys').map(line => fingerprintOfLine(String(line))),
  }));
}

function changeFacts(object: KubeObject): Facts {
  return { ...conditionFacts(object), ...picked(object, ['planHash', 'window']) };
}

function requestFacts(object: KubeObject): Facts {
  return { ...conditionFacts(object), ...picked(object, ['change', 'effort']) };
}

function named(field: string): (object: KubeObject) => string | undefined {
  return object => textAt(object, 'spec', field);
}

function contractFacts(object: KubeObject): Facts {
  return { ...conditionFacts(object), ...picked(object, ['plans']) };
}

/** Who may decide and hears of what. Addresses are left out: a record cannot be taken back, and they say nothing of operation. */
function contactFacts(contacts: unknown): unknown {
  return listAt(contacts).map(contact => ({
    name: textAt(contact, 'name'),
    user: textAt(contact, 'user'),
    roles: listAt(contact, 'roles').map(String),
  }));
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
