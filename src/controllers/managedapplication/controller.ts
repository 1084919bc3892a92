import { clusterPatchPolicy } from '../../api/clusterpatchpolicy.ts';
import { contract } from '../../api/contract.ts';
import { guestState } from '../../api/gueststate.ts';
import { maintenanceWindow } from '../../api/maintenancewindow.ts';
import { managedApplication } from '../../api/managedapplication.ts';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { operatingSystem } from '../../api/operatingsystem.ts';
import { type ProductSpec, product } from '../../api/product.ts';
import { PrometheusRule, Secret, Service, ServiceMonitor } from '../../api/upstream.ts';
import {
  bindingName,
  bindingSecret,
  credentialsSecretName,
  interfaceService,
  planSecret,
  serviceName,
} from '../../domain/application/children.ts';
import { watchedOf } from '../../domain/application/watched.ts';
import { type ApplicationPlan, planSecretName, sealed } from '../../domain/contract/applicationplan.ts';
import { applicationOfSetting } from '../../domain/contract/applicationsetting.ts';
import type { Child } from '../../domain/contract/child.ts';
import { instant } from '../../domain/contract/condition.ts';
import { type Decision, decide } from '../../domain/policies/applicationdecision.ts';
import { type Measured, measuredOf } from '../../domain/policies/applicationmeasured.ts';
import { applicationRulesName } from '../../domain/policies/applicationrules.ts';
import { exporterName } from '../../domain/policies/applicationscrape.ts';
import { assessApplication } from '../../domain/policies/applicationstatus.ts';
import { isWatched, type WatchFacts } from '../../domain/policies/applicationwatched.ts';
import { watchersOf } from '../../domain/policies/applicationwatchers.ts';
import { driftNews } from '../../domain/policies/repeateddrift.ts';
import { unreadableApplication } from '../../domain/policies/unreadableapplication.ts';
import { type KubeObject, keyOf, type ObjectKey, type ResourceKind } from '../../runtime/api/object.ts';
import {
  type ControllerDefinition,
  defineController,
  type Reader,
  type Result,
} from '../../runtime/pass/controller.ts';
import { namespacesOf } from '../contracts.ts';
import { type Reporter, STATUS_INTERVALS } from '../report.ts';
import type { Settings } from '../settings.ts';
import { CHANGES, cancelAccess, isFirst, isLast, recordAccess } from './access.ts';
import { type ApplicationContext, ensureLogin, type Login } from './credentials.ts';
import {
  CONTRACT_INDEX,
  type Facts,
  factsOf,
  machineOf,
  type Ordered,
  orderIn,
  PRODUCT_INDEX,
  pathOf,
  VM_INDEX,
  WINDOW_INDEX,
} from './facts.ts';
import { recordLine } from './line.ts';
import { ringsOf } from './rings.ts';
import type { ApplicationPrometheus } from './watch.ts';

/** On every ManagedApplication: it is taken out of its guest before it goes. */
export const APPLICATION_FINALIZER = 'managed.systems/application';

const NAMESPACE_INDEX = 'namespace';
const SYSTEM_INDEX = 'operatingSystem';

type Parts = {
  readonly settings: Settings;
  readonly reporter: Reporter;
  readonly prometheus: ApplicationPrometheus;
};

/** Has applications set up in their guests by the guest worker, and says whether they are as ordered (AP-1; docs/adr/0175). */
export function managedApplicationController(parts: Parts): ControllerDefinition<Ordered> {
  const { settings, reporter, prometheus } = parts;
  const { namespace: keyNamespace } = settings.keys;
  return defineController<Ordered>({
    name: 'managedapplication',
    kind: managedApplication,
    statusIntervals: { ...STATUS_INTERVALS, isRecord: opensRecord },
    finalizer: APPLICATION_FINALIZER,
    indexes: {
      [VM_INDEX]: ordered => [pathOf(ordered)],
      [PRODUCT_INDEX]: ({ spec }) => [spec.product],
      [WINDOW_INDEX]: ({ metadata, spec }) => (spec.windowRef ? [`${metadata.namespace}/${spec.windowRef}`] : []),
      [NAMESPACE_INDEX]: ({ metadata }) => [metadata.namespace ?? ''],
    },
    owns: [
      // The login is state: it is made once, and goes only with its application.
      {
        ...{ kind: Secret, namespace: keyNamespace },
        named: ({ metadata: { uid = '' } }, { metadata: { name } }) =>
          name === planSecretName(uid) || name === credentialsSecretName(uid),
        prune: ({ metadata: { name } }) => name.endsWith('-plan'),
      },
      {
        ...{ kind: Secret, read: 'named' },
        named: (owner, { metadata: { name } }) => name === bindingName(owner as Ordered),
      },
      CHANGES,
      {
        ...{ kind: Service, listKeys: { 'spec.ports': ['port', 'protocol'] }, immutable: ['spec.clusterIP'] },
        named: (owner, { metadata: { name } }) =>
          name === serviceName(owner as Ordered) || name === exporterName(owner as Ordered),
      },
      { kind: ServiceMonitor, named: (owner, { metadata: { name } }) => name === exporterName(owner as Ordered) },
      {
        kind: PrometheusRule,
        named: (owner, { metadata: { name } }) => name === applicationRulesName(owner as Ordered),
      },
    ],
    watches: WATCHES,
    polls: prometheus.polls,
    forget: reporter.forget,
    reconcile: context => pass(context, parts),
    finalize: context => takeOut(context, parts),
  });
}

const WATCHES: ControllerDefinition<Ordered>['watches'] = [
  {
    kind: product,
    part: ({ spec }) => spec,
    toKeys: ({ metadata }, read) =>
      read
        .byIndex<Ordered>(managedApplication, PRODUCT_INDEX, metadata.name)
        .flatMap(ordered => sharing(ordered, read)),
  },
  // Who was refused for another on the same VM is looked at again when that one is gone; all else of it concerns nobody.
  {
    kind: managedApplication,
    part: () => undefined,
    toKeys: (object, read) => sharing(object as Ordered, read),
  },
  {
    kind: managedVM,
    indexes: { [SYSTEM_INDEX]: object => [(object as ManagedVM & KubeObject).spec.operatingSystem] },
    part: object => {
      const { metadata, spec, status } = object as ManagedVM & KubeObject;
      const told = status?.conditions?.filter(({ type }) => TOLD.has(type));
      return [
        metadata.uid,
        metadata.deletionTimestamp,
        spec,
        told,
        status?.patching?.nextWindow,
        status?.patching?.lastWindow,
      ];
    },
    toKeys: onMachine,
  },
  {
    kind: guestState,
    part: ({ status }) => {
      const { applications, differences } = (status ?? {}) as {
        applications?: unknown;
        differences?: readonly { setting: string }[];
      };
      return [applications, differences?.filter(({ setting }) => applicationOfSetting(setting) !== undefined)];
    },
    toKeys: onMachine,
  },
  {
    kind: operatingSystem,
    part: ({ spec }) => spec,
    toKeys: ({ metadata }, read) =>
      read.byIndex(managedVM, SYSTEM_INDEX, metadata.name).flatMap(machine => onMachine(machine, read)),
  },
  {
    kind: maintenanceWindow,
    part: ({ spec }) => spec,
    toKeys: ({ metadata }, read) =>
      read.byIndex<Ordered>(managedApplication, WINDOW_INDEX, `${metadata.namespace}/${metadata.name}`).map(keyOf),
  },
  // Its rings are asked when a window opens for an update: who waits looks then.
  { kind: clusterPatchPolicy, part: () => undefined, toKeys: () => [] },
  {
    kind: contract,
    indexes: { [CONTRACT_INDEX]: namespacesOf },
    part: ({ spec }) => spec,
    toKeys: (agreement, read) =>
      namespacesOf(agreement).flatMap(namespace =>
        read.byIndex<Ordered>(managedApplication, NAMESPACE_INDEX, namespace).map(keyOf),
      ),
  },
];

/** Conditions of a ManagedVM that its applications speak of. */
const TOLD: ReadonlySet<string> = new Set(['GuestReachable', 'SoleRoot', 'BackupCompliant']);

/** The orders on the VM of one: with a conflict that its Product states, each of them may be refused. */
function sharing(ordered: Ordered, read: Reader): readonly ObjectKey[] {
  return read.byIndex<Ordered>(managedApplication, VM_INDEX, pathOf(ordered)).map(keyOf);
}

function onMachine({ metadata: { namespace = '', name } }: KubeObject, read: Reader): readonly ObjectKey[] {
  return read.byIndex<Ordered>(managedApplication, VM_INDEX, `${namespace}/${name}`).map(keyOf);
}

/** One pass: gather, decide, apply, assess, one status write. */
async function pass(context: ApplicationContext, { settings, reporter, prometheus }: Parts): Promise<Result> {
  const { object, read, now } = context;
  const { namespace: keyNamespace } = settings.keys;
  const { problem } = orderIn(object.spec);
  if (problem !== undefined) {
    await reporter.report(context, unreadableApplication(object, problem));
    return {};
  }
  const facts = factsOf(object, read, keyNamespace);
  const login = await loginFor(context, facts, keyNamespace);
  const verifiers = login === 'lost' ? 'lost' : login?.verifiers;
  const decision = decide(object, { ...facts, verifiers, rings: () => ringsOf(object, facts.managedVM, read) }, now);
  const told = toldNow(object, decision.plan, facts.told);
  if (isFirst(object, facts, decision)) await recordAccess('WithholdAccess', context, facts.managedVM);
  await recordLine(context, decision.line, facts.lineChangeRequest);
  const children = childrenOf(object, facts, decision, login, keyNamespace);
  const watchers = watchersIn(object, facts, settings);
  const wanted = [...children, ...(watchers ?? [])];
  const outcomes = wanted.length === 0 ? [] : await context.apply(wanted);
  if (watchers !== undefined) await forgetWatchers(context, watchers);
  const watch = prometheus.watchOf(object, soundProduct(facts), read);
  const assessment = assessApplication({
    ...{ ...facts, application: object, decision, told, outcomes, watch, now },
    kept: { ...keptOf(object, told, login, facts, now), ...measured(object, watch) },
  });
  const isWritten = await reporter.report(context, assessment);
  const news = isWritten ? driftNews(object.status, assessment.conditions) : [];
  for (const { type, reason, message } of news) context.event(type, reason, message);
  // Our own write is not told back to us, and what watches an application is made once it is installed.
  const isInstalledNow =
    isWritten && object.status?.installed === undefined && assessment.status.installed !== undefined;
  return { requeueAt: isInstalledNow ? now : assessment.nextEdge };
}

/** A Product with a fault is not carried out. */
function soundProduct({ product: entry, productFaults }: Facts): ProductSpec | undefined {
  return productFaults.length === 0 ? entry : undefined;
}

/** What shall watch it; undefined: without a Product in order that is not known, and what there is stays. */
function watchersIn(object: Ordered, facts: Facts, settings: Settings): readonly Child[] | undefined {
  const entry = soundProduct(facts);
  const { managedVM: vm } = facts;
  if (vm === undefined || !isWatched(object, vm)) return [];
  return entry && watchersOf(object, entry, vm, settings);
}

/** What Prometheus has measured; what it has not measured since stays. */
function measured(object: Ordered, { product: entry, figures }: WatchFacts): Measured {
  const { availability, responseTime } = object.status ?? {};
  const before = { ...(availability && { availability }), ...(responseTime && { responseTime }) };
  return entry === undefined ? before : measuredOf(watchedOf(object, entry), figures, before);
}

type Told = { readonly plan: ApplicationPlan; readonly revision: string };

/** What is told now, or still; undefined: nothing, or what is stored is not what the status speaks of. */
function toldNow(
  { status }: Ordered,
  next: ApplicationPlan | undefined,
  stored: ApplicationPlan | undefined,
): Told | undefined {
  const plan = next ?? stored;
  if (plan === undefined) return undefined;
  const { revision } = sealed(plan);
  return next !== undefined || revision === status?.plan?.revision ? { plan, revision } : undefined;
}

async function loginFor(context: ApplicationContext, { product: entry, managedVM: vm }: Facts, keyNamespace: string) {
  const { credentials } = context.object.status ?? {};
  const isWanted = entry?.interface?.username !== undefined && vm !== undefined;
  return isWanted || credentials !== undefined ? ensureLogin(context, keyNamespace) : undefined;
}

function childrenOf(
  object: Ordered,
  { product: entry, managedVM: vm }: Facts,
  { plan }: Decision,
  login: Login | 'lost' | undefined,
  keyNamespace: string,
): readonly Child[] {
  if (plan === undefined || entry === undefined || vm === undefined || login === 'lost') return [];
  const reached = entry.interface;
  return [
    planSecret(object, sealed(plan).text, keyNamespace),
    ...(reached === undefined
      ? []
      : [interfaceService(object, vm, reached), bindingSecret(object, reached, login?.credentials)]),
  ];
}

function keptOf(
  object: Ordered,
  told: Told | undefined,
  login: Login | 'lost' | undefined,
  { product: entry }: Facts,
  now: Date,
) {
  const before = object.status?.plan;
  const isSame = told === undefined || told.revision === before?.revision;
  const plan = isSame ? before : { revision: told.revision, since: instant(now) };
  const given = login === undefined || login === 'lost' ? object.status?.credentials : { verifier: login.hash };
  const isBound = plan !== undefined && entry?.interface !== undefined;
  return {
    ...(plan !== undefined && { plan }),
    ...(given !== undefined && { credentials: given }),
    ...(isBound && { binding: { name: bindingName(object) } }),
  };
}

/** Taken out of the guest, its data left there; at once where there is no guest any more. */
async function takeOut(context: ApplicationContext, { settings, reporter, prometheus }: Parts): Promise<Result> {
  const { object, read, now } = context;
  const { namespace: keyNamespace } = settings.keys;
  const facts = factsOf(object, read, keyNamespace);
  const { told: before } = facts;
  const vm = machineOf(object, read);
  if (before === undefined || vm === undefined || vm.metadata.deletionTimestamp !== undefined)
    return gone(context, keyNamespace);
  const plan: ApplicationPlan = { ...before, present: false };
  const { revision, text } = sealed(plan);
  if (isTakenOut(object, facts, revision)) {
    if (isLast(object, read)) await recordAccess('ReturnAccess', context, vm);
    return gone(context, keyNamespace);
  }
  const outcomes = await context.apply([planSecret(object, text, keyNamespace)]);
  await forgetWatchers(context, []);
  const told = { plan, revision };
  const watch = prometheus.watchOf(object, soundProduct(facts), read);
  const assessment = assessApplication({
    ...{ ...facts, application: object, decision: { pending: [] }, told, outcomes, watch, now },
    kept: { ...keptOf(object, told, undefined, facts, now), ...measured(object, watch) },
  });
  await reporter.report(context, assessment);
  return {};
}

/** Deletes what watches it beside what is wanted: no alert calls anybody for what is taken out, or powered off as ordered. */
async function forgetWatchers(
  { object, read, deleteChild }: ApplicationContext,
  wanted: readonly Child[],
): Promise<void> {
  const { namespace = '' } = object.metadata;
  const watchers: readonly (readonly [ResourceKind, string])[] = [
    [PrometheusRule, applicationRulesName(object)],
    [ServiceMonitor, exporterName(object)],
    [Service, exporterName(object)],
  ];
  for (const [kind, name] of watchers) {
    const isWanted = wanted.some(child => child.kind === kind.kind && child.metadata.name === name);
    const there = isWanted ? undefined : read.get(kind, { namespace, name });
    if (there !== undefined) await deleteChild(there);
  }
}

function isTakenOut({ metadata }: Ordered, { record }: Facts, revision: string): boolean {
  if (record?.state !== 'read') return false;
  const { applications = [], differences = [] } = record.status;
  return (
    applications.some(each => each.name === metadata.name && each.revision === revision) &&
    !differences.some(({ setting }) => applicationOfSetting(setting) === metadata.name)
  );
}

async function gone(context: ApplicationContext, keyNamespace: string): Promise<Result> {
  const { object, read, prune, deleteChild } = context;
  const login = read.get(Secret, { namespace: keyNamespace, name: credentialsSecretName(object.metadata.uid ?? '') });
  if (login !== undefined) await deleteChild(login);
  await cancelAccess(context);
  await prune([]);
  return { done: true };
}

/** What the worker is told must stand in the status at once: by its hash alone is it believed. */
function opensRecord(
  previous: Partial<NonNullable<Ordered['status']>>,
  next: Partial<NonNullable<Ordered['status']>>,
): boolean {
  return (
    previous.plan?.revision !== next.plan?.revision || previous.credentials?.verifier !== next.credentials?.verifier
  );
}
