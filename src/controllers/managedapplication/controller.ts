import { managedApplication } from '../../api/managedapplication.ts';
import { Probe, PrometheusRule, Secret, Service, ServiceMonitor } from '../../api/upstream.ts';
import {
  bindingName,
  bindingSecret,
  credentialsSecretName,
  interfaceService,
  planSecret,
  serviceName,
} from '../../domain/application/children.ts';
import { planSecretName, sealed } from '../../domain/contract/applicationplan.ts';
import type { Child } from '../../domain/contract/child.ts';
import { type Decision, decide } from '../../domain/policies/applicationdecision.ts';
import { applicationNews } from '../../domain/policies/applicationnews.ts';
import { outsideName } from '../../domain/policies/applicationoutside.ts';
import { applicationRulesName } from '../../domain/policies/applicationrules.ts';
import { exporterName } from '../../domain/policies/applicationscrape.ts';
import { assessApplication } from '../../domain/policies/applicationstatus.ts';
import { isWatched } from '../../domain/policies/applicationwatched.ts';
import { unreadableApplication } from '../../domain/policies/unreadableapplication.ts';
import { type ControllerDefinition, defineController, type Result } from '../../runtime/pass/controller.ts';
import { incidentsOf } from '../managedvm/incidents.ts';
import { STATUS_INTERVALS } from '../report.ts';
import { CHANGES, isFirst, recordAccess } from './access.ts';
import { type ApplicationContext, ensureLogin, type Login } from './credentials.ts';
import {
  type Facts,
  factsOf,
  NAMESPACE_INDEX,
  type Ordered,
  orderIn,
  PRODUCT_INDEX,
  pathOf,
  VM_INDEX,
  WINDOW_INDEX,
} from './facts.ts';
import { recordLine } from './line.ts';
import { measured } from './measured.ts';
import type { Parts } from './parts.ts';
import { ringsOf } from './rings.ts';
import { takeOut } from './takeout.ts';
import { keptOf, opensRecord, toldNow } from './told.ts';
import { WAKES } from './wakes.ts';
import { forgetWatchers, soundProduct, watchersIn } from './watchers.ts';

/** On every ManagedApplication: it is taken out of its guest before it goes. */
export const APPLICATION_FINALIZER = 'managed.systems/application';

/** Has applications set up in their guests by the guest worker, and says whether they are as ordered (AP-1; docs/adr/0175). */
export function managedApplicationController(parts: Parts): ControllerDefinition<Ordered> {
  const { settings, reporter, prometheus, alertReceiver } = parts;
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
      { kind: Probe, named: (owner, { metadata: { name } }) => name === outsideName(owner as Ordered) },
      {
        kind: PrometheusRule,
        named: (owner, { metadata: { name } }) => name === applicationRulesName(owner as Ordered),
      },
    ],
    watches: WAKES,
    polls: [...prometheus.polls, alertReceiver.source(({ spec }) => spec.serviceLevel !== 'Basic')],
    forget: reporter.forget,
    reconcile: context => pass(context, parts),
    finalize: context => takeOut(context, parts),
  });
}

/** One pass: gather, decide, apply, assess, one status write. */
async function pass(
  context: ApplicationContext,
  { settings, reporter, prometheus, alertReceiver }: Parts,
): Promise<Result> {
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
  await recordLine(context, decision, facts.lineChangeRequest);
  const children = childrenOf(object, facts, decision, login, keyNamespace);
  const watchers = watchersIn(object, facts, settings);
  const wanted = [...children, ...(watchers ?? [])];
  const outcomes = wanted.length === 0 ? [] : await context.apply(wanted);
  if (watchers !== undefined) await forgetWatchers(context, watchers);
  const watch = prometheus.watchOf(object, soundProduct(facts), read);
  const assessment = assessApplication({
    ...{ ...facts, application: object, decision, told, outcomes, watch, now },
    ...{ incidents: incidentsOf(object, read), reception: alertReceiver.reception() },
    kept: { ...keptOf(object, told, login, facts, now), ...measured(object, facts, watch, now) },
  });
  const isWritten = await reporter.report(context, assessment);
  for (const { type, reason, message } of isWritten ? applicationNews(object.status, assessment) : [])
    context.event(type, reason, message);
  // Our own write is not told back to us, and what watches an application comes and goes by what it says.
  const isWatchedNow = isWatched({ ...object, status: assessment.status }, facts.managedVM);
  const isTurned = isWritten && isWatchedNow !== isWatched(object, facts.managedVM);
  return { requeueAt: isTurned ? now : assessment.nextEdge };
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
