import type { ApplicationBackup } from '../../api/applicationbackup.ts';
import type { ApplicationUpdate } from '../../api/applicationupdate.ts';
import type { GuestModules } from '../../api/guestmodules.ts';
import type { GuestPutBack } from '../../api/guestputback.ts';
import type { GuestStateStatus } from '../../api/gueststate.ts';
import type { Incident } from '../../api/incident.ts';
import type { ManagedApplication, ManagedApplicationStatus } from '../../api/managedapplication.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { OperatingSystem } from '../../api/operatingsystem.ts';
import type { ProductSpec } from '../../api/product.ts';
import { lineOf } from '../application/line.ts';
import { supported } from '../application/supported.ts';
import type { ApplicationPlan } from '../contract/applicationplan.ts';
import { applicationOfSetting, stepOfSetting } from '../contract/applicationsetting.ts';
import { type ConditionInput, earliest, instant } from '../contract/condition.ts';
import { type Finding, unknown, type Verdict } from '../contract/finding.ts';
import { applyProblems, type Outcome } from '../contract/outcome.ts';
import { systemNameOf } from '../contract/system.ts';
import type { GuestRecord } from '../guest/record.ts';
import { counted, enumerated, named, quoted, since } from '../guest/words.ts';
import { incidentsInTime } from '../incident/intime.ts';
import type { Reception } from '../incident/reception.ts';
import { backupCompliant, type DumpFacts, restoreVerified } from './applicationbackup.ts';
import { type Decision, designatedOf } from './applicationdecision.ts';
import type { Measured } from './applicationmeasured.ts';
import { monitored, responsive, WATCH_KINDS, type WatchFacts } from './applicationwatched.ts';
import { ceasedSum, withEnd } from './endoflifewords.ts';
import { licenceMetered } from './licencemetered.ts';
import type { LineDecision } from './linedecision.ts';
import { modulesCompliant } from './modulescompliant.ts';
import { performanceReviewed, type Reviewed } from './performancereviewed.ts';
import { type Assessment, observed, reconciling, stalled } from './policystatus.ts';
import { reachable } from './reachable.ts';
import { withRepeatedDrift } from './repeateddrift.ts';
import { updatesCompliant, updatesOf } from './updatescompliant.ts';

/** What is known of an application when its children were applied. */
export type ApplicationFacts = {
  readonly application: ManagedApplication;
  readonly product?: ProductSpec | undefined;
  readonly managedVM?: ManagedVM | undefined;
  readonly operatingSystem?: OperatingSystem | undefined;
  readonly record: GuestRecord | undefined;
  readonly decision: Decision;
  /** What the guest worker is told now, with its hash. */
  readonly told: { readonly plan: ApplicationPlan; readonly revision: string } | undefined;
  readonly outcomes: readonly Outcome[];
  readonly watch: WatchFacts;
  /** Those that concern this very application; undefined: they cannot be read. */
  readonly incidents: readonly Incident[] | undefined;
  /** Whether alerts are heard. */
  readonly reception: Reception;
  /** Its part of the status that is not judged here. */
  readonly kept: Pick<ManagedApplicationStatus, 'plan' | 'credentials' | 'binding'> & Measured & Reviewed;
  readonly now: Date;
};

/** Conditions that count as promises of an application. */
export const COUNTED = [
  ...([
    'Supported',
    'Provisioned',
    'Configured',
    'Available',
    'Monitored',
    'Responsive',
    'Reachable',
    'PerformanceReviewed',
    'SoleRoot',
    'LicenceMetered',
    'IncidentsInTime',
  ] as const),
  ...(['ModulesCompliant', 'UpdatesCompliant', 'BackupCompliant', 'RestoreVerified'] as const),
];
type Counted = (typeof COUNTED)[number];

/** Milliseconds from its order in which an application may be installed for the first time. */
const INSTALLING_MS = 60 * 60_000;

/** Whether what was ordered is there, works, and is as the level promises (AP-1, AP-9 to AP-14). */
export function assessApplication(facts: ApplicationFacts): Assessment<ManagedApplicationStatus> {
  const { application, decision, kept } = facts;
  const view = viewOf(facts);
  const end = decision.end === undefined ? application.status?.endOfLife : decision.end.record;
  const watched = { ...facts, application: { ...application, status: { ...application.status, endOfLife: end } } };
  const installing = whileInstalling(facts);
  const licence = licenceMetered(facts);
  const verdicts: Record<Counted, Verdict> = {
    Supported: withEnd(supportOf(facts), end),
    Provisioned: installing(provisioned(facts, view)),
    Configured: installing(withRepeatedDrift(configured(view), view.putBack)),
    Available: installing(available(view)),
    Monitored: monitored(watched),
    Responsive: responsive(watched),
    PerformanceReviewed: performanceReviewed({ ...watched, kept }),
    LicenceMetered: licence.verdict,
    Reachable: reachable(watched, available(view)),
    ModulesCompliant: modulesCompliant({ plan: facts.told?.plan, ...view, found: view.modules }),
    UpdatesCompliant: installing(updatesCompliant(designatedOf(lineOf(facts.application), facts), view, facts.now)),
    SoleRoot: soleRoot(facts.managedVM),
    IncidentsInTime: ofIncidents(facts),
    BackupCompliant: installing(ofDumps(facts, view, backupCompliant)),
    RestoreVerified: installing(ofDumps(facts, view, restoreVerified)),
  };
  const version = view.silent === undefined ? view.version : undefined;
  // What was found last stays while nobody gets into the guest.
  const { backup } = view.silent === undefined ? view : (application.status ?? {});
  const updates = updatesOf(application.status?.updates, view.silent === undefined ? view.update : undefined);
  const nextEdge = earliest(decision.nextEdge, ...COUNTED.map(type => verdicts[type].nextEdge));
  return {
    status: {
      ...observed(application.metadata.generation),
      ...kept,
      ...lineStatus(application, decision.line),
      ...(end && { endOfLife: end }),
      ...installedAt(facts, verdicts),
      ...(licence.licence && { licence: licence.licence }),
      ...(version !== undefined && { version }),
      ...(backup !== undefined && { backup }),
      ...(decision.pending.length > 0 && { pending: decision.pending }),
      ...(updates.length > 0 && { updates: [...updates] }),
    },
    conditions: [
      ...readiness(facts, verdicts),
      ...COUNTED.map(type => said(type, verdicts[type])),
      said('SLACompliant', (end && ceasedSum(end)) ?? sum(application, verdicts)),
    ],
    ...(nextEdge && { nextEdge }),
  };
}

/** Until all of it was there once, what is still missing is on its way: no promise is broken by it, for an hour from the order. */
function whileInstalling({ application, decision, now }: ApplicationFacts): (verdict: Verdict) => Verdict {
  const { metadata, status } = application;
  const until = new Date(Date.parse(metadata.creationTimestamp ?? '') + INSTALLING_MS);
  const isOnItsWay = status?.installed === undefined && decision.refusal === undefined && now < until;
  return verdict =>
    isOnItsWay && verdict.status === 'False'
      ? { ...unknown('Installing', `It is being installed. ${verdict.message}`), nextEdge: until }
      : verdict;
}

/** What runs, until a change has brought it to another line. */
function lineStatus(
  application: ManagedApplication,
  decided: LineDecision | undefined,
): Pick<ManagedApplicationStatus, 'line' | 'lineChange'> {
  const isOn = decided !== undefined && decided.part?.act !== 'Change';
  const line = isOn ? decided.line : lineOf(application);
  const lineChange = decided === undefined ? application.status?.lineChange : decided.status;
  return { line, ...(lineChange && { lineChange }) };
}

function installedAt(
  { application, now }: ApplicationFacts,
  { Provisioned, Configured, Available }: Record<Counted, Verdict>,
): { readonly installed?: string } {
  const isThere = [Provisioned, Configured, Available].every(({ status }) => status === 'True');
  const installed = application.status?.installed ?? (isThere ? instant(now) : undefined);
  return installed === undefined ? {} : { installed };
}

type Difference = NonNullable<GuestStateStatus['differences']>[number];

/** What was found in the guest of the plan that it was told; or why nothing of it is known. */
type View =
  | {
      readonly silent: Verdict;
      readonly modules?: never;
      readonly putBack?: never;
      readonly version?: never;
      readonly update?: never;
    }
  | {
      readonly silent?: never;
      readonly plan: ApplicationPlan;
      readonly differences: readonly Difference[];
      readonly version: string | undefined;
      readonly failing: readonly string[] | undefined;
      readonly backup: ApplicationBackup | undefined;
      readonly modules: GuestModules | undefined;
      readonly putBack: readonly GuestPutBack[] | undefined;
      readonly update: ApplicationUpdate | undefined;
    };

function viewOf({ application, managedVM, record, told, decision }: ApplicationFacts): View {
  const name = application.metadata.name;
  if (told === undefined) {
    const { reason, message } = decision.refusal ?? {
      reason: 'Pending',
      message: 'Nothing was set up in the guest yet.',
    };
    return { silent: unknown(reason, message) };
  }
  const contact = managedVM?.status?.conditions?.find(({ type }) => type === 'GuestReachable');
  if (contact?.status !== 'True')
    return {
      silent: unknown(
        'GuestNotReached',
        `Nobody gets into the guest of ManagedVM ${managedVM?.metadata.name ?? 'none'}, so nothing of it is known: ${contact?.message ?? 'see its condition GuestReachable.'}`,
      ),
    };
  const status = record?.state === 'read' ? record.status : undefined;
  const compared = status?.applications?.find(each => each.name === name);
  if (status === undefined || compared?.revision !== told.revision)
    return { silent: unknown('Pending', 'The guest has not been compared with the present plan yet.') };
  const differences = (status.differences ?? []).filter(({ setting }) => applicationOfSetting(setting) === name);
  const { version, failing, backup, modules, putBack, update } = compared;
  return { plan: told.plan, differences, version, failing, backup, modules, putBack, update };
}

function supportOf({ application, product, managedVM, operatingSystem, now }: ApplicationFacts): Verdict {
  if (product === undefined)
    return unknown('ProductNotFound', 'Without a catalogue entry its life cycle is not known.');
  return supported(product, lineOf(application), systemNameOf(managedVM ?? {}), operatingSystem, now);
}

function provisioned({ application, decision }: ApplicationFacts, view: View): Verdict {
  if (view.silent !== undefined)
    return decision.refusal === undefined || application.status?.plan !== undefined
      ? view.silent
      : { ...decision.refusal, status: 'False' };
  return asPlanned(view, step => !isFile(view, step), 'Installed', 'StepsDiffer');
}

function configured(view: View): Verdict {
  if (view.silent !== undefined) return view.silent;
  return asPlanned(view, step => isFile(view, step), 'AsPlanned', 'FilesDiffer');
}

function isFile({ plan }: Extract<View, { plan: unknown }>, name: string): boolean {
  return plan.steps.some(step => step.name === name && (step.type === 'file' || step.type === 'directory'));
}

/** Steps of one sort: all are as planned, or those that are not, with what was found. */
function asPlanned(
  view: Extract<View, { plan: unknown }>,
  counts: (step: string) => boolean,
  kept: string,
  differ: string,
): Verdict {
  const steps = view.plan.steps.filter(({ name }) => counts(name));
  const found = view.differences.filter(({ setting }) => counts(stepOfSetting(setting)));
  if (found.length === 0)
    return {
      ...{ status: 'True', reason: kept },
      message: `${counted(steps.length, 'step')} of ${steps.length} found as planned in the guest.`,
    };
  const told = found.map(
    ({ setting, found: what, since: from }) =>
      `${named(stepOfSetting(setting), 40)} (found ${quoted(what)}${since(from)})`,
  );
  return {
    ...{ status: 'False', reason: differ },
    message: `${found.length} of ${counted(steps.length, 'step')} not as planned in the guest: ${enumerated(told)}.`,
  };
}

/** By the transaction and other probes in the guest, which measure every 30 seconds (AP-11). */
function available(view: View): Verdict {
  if (view.silent !== undefined) return view.silent;
  const { failing } = view;
  const { length } = view.plan.probes;
  if (failing === undefined)
    return unknown('NotMeasured', 'Nobody has asked its probes when the guest was looked into last.');
  if (failing.length > 0)
    return {
      ...{ status: 'False', reason: 'ProbeFailed' },
      message: `${failing.length} of ${counted(length, 'probe')} in the guest did not succeed when it was looked into last: ${enumerated(failing.map(probe => quoted(probe)))}.`,
    };
  const names = view.plan.probes.map(({ name }) => name);
  return {
    ...{ status: 'True', reason: 'ProbesSucceed' },
    message: `${length} of ${counted(length, 'probe')} succeeded when the guest was looked into last: ${enumerated(names)}.`,
  };
}

/** By the level of the application: Basic includes no incident handling (AP-3, AP-4). */
function ofIncidents({ application: { spec, status }, incidents, reception }: ApplicationFacts): Verdict {
  if (spec.serviceLevel === 'Basic') return unknown('NotIncluded', 'Basic does not include incident handling (AP-3).');
  if (incidents === undefined)
    return unknown('IncidentsNotRead', 'Incidents cannot be read, so nobody knows whether one is late.');
  return incidentsInTime(incidents, reception, status?.conditions);
}

/** Said of the guest as a whole, on its ManagedVM (AP-9). */
function soleRoot(managedVM: ManagedVM | undefined): Verdict {
  const condition = managedVM?.status?.conditions?.find(({ type }) => type === 'SoleRoot');
  if (condition === undefined || condition.reason === 'NotIncluded')
    return unknown(
      'Pending',
      'The guest has not been compared yet as one in which the provider alone holds root (AP-9).',
    );
  const { status, reason, message } = condition;
  return { status, reason, message };
}

/** What is not included is not, whether or not the guest is reached. */
function ofDumps(
  { application: { status }, product, told, managedVM, now }: ApplicationFacts,
  view: View,
  judge: (facts: DumpFacts) => Verdict,
): Verdict {
  const isIncluded = told === undefined ? product?.backup !== undefined : told.plan.backup !== undefined;
  if (view.silent !== undefined && isIncluded) return view.silent;
  const { installed, plan } = status ?? {};
  // A Product may have been given its backup after it was installed.
  const due = [installed, plan?.since].map(at => Date.parse(at ?? ''));
  const since = due.some(Number.isNaN) ? undefined : new Date(Math.max(...due));
  return judge({
    plan: told?.plan.backup,
    found: view.silent === undefined ? view.backup : undefined,
    managedVM,
    since,
    now,
  });
}

function readiness(
  { decision, outcomes }: ApplicationFacts,
  { Provisioned: installed, Configured: set }: Record<Counted, Verdict>,
): ConditionInput[] {
  const problem: Finding | undefined = decision.refusal ?? applyProblems(outcomes, KINDS)[0];
  if (problem?.standing === 'failed') return stalled(problem.reason, problem.message);
  const lacking = problem ?? [installed, set].find(({ status }) => status !== 'True');
  if (lacking === undefined) {
    const waits =
      decision.pending.length === 0
        ? ''
        : ` ${counted(decision.pending.length, 'change')} waiting: see status.pending.`;
    return [{ type: 'Ready', status: 'True', reason: 'AsOrdered', message: `${installed.message}${waits}` }];
  }
  return reconciling(lacking.reason, lacking.message);
}

const KINDS = new Map([...['Secret', 'Service'].map(kind => [kind, {}] as const), ...WATCH_KINDS]);

/** Reasons of what is left out of the sum: it is not promised, or nothing can be measured as ordered (design 3). */
const LEFT_OUT = ['NotIncluded', 'PoweredOff'];

function sum({ spec }: ManagedApplication, verdicts: Record<Counted, Verdict>): Verdict {
  const counting = COUNTED.filter(type => !LEFT_OUT.includes(verdicts[type].reason));
  const of = (status: Verdict['status']) => counting.filter(type => verdicts[type].status === status);
  const listed = (types: readonly Counted[]) => types.map(type => `${type} (${verdicts[type].reason})`).join(', ');
  const [kept, broken, open] = [of('True'), of('False'), of('Unknown')];
  const parts = [
    ...(kept.length > 0 ? [`kept: ${listed(kept)}`] : []),
    ...(broken.length > 0 ? [`broken: ${listed(broken)}`] : []),
    ...(open.length > 0 ? [`not known: ${listed(open)}`] : []),
  ];
  const message = `${kept.length} of ${counting.length} promises that count at ${spec.serviceLevel} are kept; ${parts.join('; ')}.`;
  if (broken.length > 0) return { status: 'False', reason: 'PromiseBroken', message };
  return open.length > 0 ? unknown('PromiseUnknown', message) : { status: 'True', reason: 'PromisesKept', message };
}

function said(type: string, { status, reason, message }: Verdict): ConditionInput {
  return { type, status, reason, message };
}
