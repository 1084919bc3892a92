/** Objects that today's schema would refuse, stored while it took anything: nothing crashes, others go on, and a repair is enough. */
import { ApiError, type KubeObject } from '../../../../hack/testbed/client/client.ts';
import { pathOf } from '../../../../hack/testbed/client/path.ts';
import { approval } from '../../../../src/api/approval.ts';
import { backupPolicy } from '../../../../src/api/backuppolicy.ts';
import { changeRequest } from '../../../../src/api/changerequest.ts';
import { clusterBackupPolicy } from '../../../../src/api/clusterbackuppolicy.ts';
import { clusterPatchPolicy } from '../../../../src/api/clusterpatchpolicy.ts';
import { contract } from '../../../../src/api/contract.ts';
import { incident } from '../../../../src/api/incident.ts';
import { maintenanceWindow } from '../../../../src/api/maintenancewindow.ts';
import { managedApplication } from '../../../../src/api/managedapplication.ts';
import { managedVM } from '../../../../src/api/managedvm.ts';
import { operatingSystem } from '../../../../src/api/operatingsystem.ts';
import { patchPolicy } from '../../../../src/api/patchpolicy.ts';
import { problem } from '../../../../src/api/problem.ts';
import { product } from '../../../../src/api/product.ts';
import { restore as restoreKind } from '../../../../src/api/restore.ts';
import { serviceCalendar } from '../../../../src/api/servicecalendar.ts';
import { servicePlan } from '../../../../src/api/serviceplan.ts';
import { serviceRequest } from '../../../../src/api/servicerequest.ts';
import * as upstream from '../../../../src/api/upstream.ts';
import { isObject } from '../../../../src/runtime/api/json.ts';
import type { Outcome } from '../../cases.ts';
import { currentCrds, enforce, type OwnCrds } from '../../cluster/crds.ts';
import { OWN_KINDS } from '../../cluster/ownkinds.ts';
import { loose } from '../../cluster/schemas.ts';
import { decided, isIn, lifeOf, type Operation, type OwnKind, orderOfLife, prepare, tellFound } from '../../lives.ts';
import type { FaultRun } from '../../run.ts';

import { orderOf, restore } from './oldschema.ts';

type Spec = Readonly<Record<string, unknown>>;
export type Violation = {
  readonly name: string;
  readonly kind: OwnKind;
  /** Merged over a good spec; null takes a field away. Undefined: there is no spec at all. */
  readonly spec: Spec | undefined;
};

const WRONG: Readonly<Record<OwnKind, readonly (Spec | undefined)[]>> = {
  Approval: [
    undefined,
    { changeRef: null },
    { changeRef: 7 },
    { planHash: 'none' },
    { party: 'Both' },
    { decision: 'Perhaps' },
    { decidedBy: null },
    { validUntil: 'soon' },
    { stated: 'anna' },
    { contract: [] },
  ],
  ChangeRequest: [
    undefined,
    { class: 'Routine' },
    { target: null },
    { target: 'vm' },
    { plan: [] },
    { plan: 'all' },
    { risk: 'low' },
    { window: 'tonight' },
    { window: { notBefore: 'soon' } },
    { agreement: null },
    { agreement: { parties: 'both' } },
    { operation: 'Explode' },
    { requestedBy: 5 },
    { result: 'fine' },
  ],
  ServiceRequest: [
    undefined,
    { service: 'Coffee' },
    { service: null },
    { target: null },
    { target: 'vm' },
    { target: { kind: 'Pod', name: 7 } },
    { notBefore: 'soon' },
    { requestedBy: null },
    { description: 5 },
  ],
  Incident: [
    undefined,
    { subject: null },
    { subject: 'vm' },
    { subject: { kind: 'Pod', name: 7 } },
    { alert: 'down' },
    { alert: { name: 7, startsAt: 'soon' } },
    { detectedAt: 'yesterday' },
    { proof: 'Proven' },
    { proof: { verdict: 'Sure' } },
    { signals: 'often' },
    { signals: [{ at: 'soon', firing: 'perhaps' }] },
    { rating: { incident: 5 } },
    { terms: { response: 'soon' } },
    { handling: { notes: 'all', waitingForCustomer: true } },
  ],
  Problem: [
    undefined,
    { subject: null },
    { subject: { kind: 'Pod', name: 7, uid: [] } },
    { alert: 5 },
    { opened: null },
    { opened: { because: 'Perhaps', at: 'soon' } },
    { since: 'ever' },
    { terms: { incidents: 'many' } },
    { handling: { remedy: 'grow' } },
  ],
  ManagedVM: [
    undefined,
    { serviceLevel: null },
    { serviceLevel: 'Gold' },
    { operatingSystem: null },
    { operatingSystem: 'No Such Thing' },
    { powerState: 'Paused' },
    { sizing: 'large' },
    { sizing: { cpu: 'two', memory: null } },
    { sizing: { memory: 'lots', cpu: null } },
    { disks: [] },
    { disks: 'all' },
    { disks: [{ size: '5Gi' }] },
    { networks: [] },
    { networks: { name: 'default' } },
    { access: { users: { name: 'ada' } } },
    { services: [1, null] },
    { alertThresholds: { cpuPercent: 'half' } },
    { backupPolicyRef: 'daily' },
    { backupPolicyRef: { kind: 7, name: null } },
    { restartPolicy: 5 },
  ],
  BackupPolicy: [
    undefined,
    { tiers: [] },
    { tiers: null },
    { tiers: 'daily' },
    { tiers: [{ name: 'daily' }] },
    { tiers: [{ name: 'daily', schedule: 'now and then', retention: '720h' }] },
    { tiers: [{ name: 'daily', schedule: '0 1 2 1 *', retention: 'for ever' }] },
    { timeZone: 'Mars/Olympus' },
    { recoveryPointObjective: null },
    { recoveryPointObjective: 'soon' },
    { consistency: 'Sometimes' },
    { storageLocation: 5 },
  ],
  OperatingSystem: [
    undefined,
    { family: null },
    { family: 'BeOS' },
    { distribution: null },
    { version: 13 },
    { lifeCycle: null },
    { lifeCycle: { endOfSupport: 'soon' } },
    { defaults: null },
    { defaults: { memory: 'lots', cpu: -1 } },
    { image: null },
    { image: { http: 'https://images.example/debian-13.qcow2' } },
    { serviceLevels: null },
    { serviceLevels: 'Admin' },
    { packageManager: 'brew' },
  ],
  ManagedApplication: [
    undefined,
    { product: null },
    { line: 17 },
    { serviceLevel: 'Gold' },
    { managedVMs: null },
    { managedVMs: 'vm' },
    { managedVMs: [5, null] },
    { parameters: 'all' },
    { parameters: { work_mem: [] } },
    { modules: [7] },
    { windowRef: 5 },
  ],
  Product: [
    undefined,
    { levels: 'all' },
    { supportedBy: 'Nobody' },
    { lines: null },
    { lines: [{ name: 17 }] },
    { lines: [{ name: '17', endOfSupport: 'soon', operatingSystems: 'all' }] },
    { conflicts: 'all' },
    { parameters: [{ name: 'work_mem', type: 'Text', pattern: '(a*)*' }] },
    { steps: [] },
    { steps: [{ name: 'packages', package: 'database' }] },
    { probes: null },
    { interface: { port: 'high' } },
  ],
  ServiceCalendar: [
    undefined,
    { timeZone: null },
    { timeZone: 'Mars/Olympus' },
    { coreHours: null },
    { coreHours: [] },
    { coreHours: 'office' },
    { coreHours: [{ days: ['Funday'], from: '09:00', to: '18:00' }] },
    { coreHours: [{ days: ['Monday'], from: '18:00', to: '09:00' }] },
    { holidays: 'all' },
    { holidays: { region: 'DE-XX' } },
    { holidays: { additional: [{ date: '2026-02-30', name: 'No day' }] } },
  ],
  ServicePlan: [
    undefined,
    { serviceLevel: 'Gold' },
    { validFrom: 'soon' },
    { calendarRef: 5 },
    { availability: null },
    { availability: 'always' },
    { incidents: { priorities: null } },
    { incidents: { priorities: { P1: { response: '2 days', resolution: '1h' } } } },
    { incidents: { matrix: [['P1'], 'P2'] } },
    { patching: { deadlines: [] } },
    { prices: { perMonth: 49 } },
    { prices: { onDemand: 'free' } },
  ],
  Contract: [
    undefined,
    { namespaces: null },
    { namespaces: 'all' },
    { namespaces: [1, null] },
    { timeZone: 'Mars/Olympus' },
    { language: 'tlh' },
    { contacts: 'anna' },
    { contacts: [{ name: 5 }] },
    { bridges: [{}] },
    { plans: [] },
    { plans: 'all' },
    { plans: [{ level: 'Gold', plan: 7, from: 'soon' }] },
  ],
  MaintenanceWindow: [
    undefined,
    { schedule: null },
    { schedule: '*/5 * * * *' },
    { timeZone: 'Mars/Olympus' },
    { duration: 'all night' },
    { exclusions: [{ from: 'soon', to: 'later' }] },
    { validUntil: 5 },
  ],
  PatchPolicy: [
    undefined,
    { windowRefs: null },
    { windowRefs: 'yearly' },
    { windowRefs: [5, null] },
    { approve: { exclude: [{ package: 'a b', until: 'soon' }] } },
    { deadlines: { Critical: 'now' } },
    { rings: [{ name: 'first', maxParallel: 'most' }] },
    { suspend: 'please' },
  ],
  // Read by the same code as a BackupPolicy, whose fields it has.
  ClusterBackupPolicy: [],
  Restore: [],
  ClusterPatchPolicy: [
    undefined,
    { namespaceSelector: null },
    { namespaceSelector: { matchExpressions: [{ key: 5, operator: 'Like' }] } },
    { windows: [] },
    { windows: [{ name: 'nightly', schedule: 'now and then' }] },
    { rings: null },
    { rings: [{ name: 'only' }] },
    { reboot: 'Perhaps' },
  ],
};
const KINDS = {
  Approval: approval,
  ChangeRequest: changeRequest,
  ServiceRequest: serviceRequest,
  Restore: restoreKind,
  Incident: incident,
  Problem: problem,
  ManagedApplication: managedApplication,
  Product: product,
  ManagedVM: managedVM,
  BackupPolicy: backupPolicy,
  OperatingSystem: operatingSystem,
  ServiceCalendar: serviceCalendar,
  ServicePlan: servicePlan,
  Contract: contract,
  MaintenanceWindow: maintenanceWindow,
  PatchPolicy: patchPolicy,
  ClusterPatchPolicy: clusterPatchPolicy,
  ClusterBackupPolicy: clusterBackupPolicy,
};
/** Before which nothing is wrong. */
const UNTOUCHED: Operation = 'ManagedVM update';
/** Healthy namespaces beside those that are not, each as it is before an operation. */
const HEALTHY: readonly Operation[] = [UNTOUCHED, UNTOUCHED, UNTOUCHED, 'ManagedApplication update', 'Incident update'];
/** Writes that a wrong object may cost until it is repaired. */
const MOST_WRITES = 150;

export function violations(): Violation[] {
  return (Object.keys(WRONG) as OwnKind[]).flatMap(kind =>
    WRONG[kind].map(spec => ({
      ...{ kind, spec },
      name: `${kind} stored ${spec === undefined ? 'without a spec' : `with ${JSON.stringify(spec)}`}`,
    })),
  );
}

export async function runViolations(run: FaultRun, cases: readonly Violation[]): Promise<Outcome[]> {
  if (cases.length === 0) return [];
  const crds = await currentCrds();
  const scopes = await run.scopes(cases.length + HEALTHY.length);
  const each = cases.map((one, index) => ({ one, scope: scopes[index] ?? '' }));
  for (const { one, scope } of each) run.label(scope, one.name);
  const healthy = scopes.slice(cases.length).map((scope, index) => ({ scope, operation: HEALTHY[index] ?? UNTOUCHED }));
  for (const { scope } of healthy) run.label(scope, 'a healthy neighbour of wrong objects');
  try {
    await takeAnything(run, crds);
    await Promise.all(each.map(({ one, scope }) => storeWrong(run, one, scope)));
  } finally {
    await restore(run, crds);
    await refuseAgain(run, crds);
  }
  const running = await run.start({}, interception => {
    for (const { scope } of each) interception.arm(scope, {});
  });
  await Promise.all(healthy.map(({ scope, operation }) => prepare(run.bed.client, operation, scope)));
  const suffering = await run.converge(
    new Map(healthy.map(({ scope, operation }) => [scope, run.reference(operation).baseline])),
  );
  const wasted = new Map(each.map(({ scope }) => [scope, running.interception.count(scope).writes]));
  await Promise.all(each.map(({ one, scope }) => repair(run, one, scope)));
  const mended = await converge(run, each, healthy);
  await run.still(running);
  const ended = !running.steward.ready();
  const journal = (scope: string) => running.interception.journal(scope).slice(-8);
  await running.steward.stop();
  return [
    neighbours(suffering, ended),
    ...each.map(({ one: { name }, scope }) => {
      const writes = wasted.get(scope) ?? 0;
      const failure =
        mended.get(scope) ?? (writes > MOST_WRITES ? `${writes} writes before it was repaired` : undefined);
      if (failure === undefined) return { name };
      return { name, failure: [`in ${scope}: ${failure}`, ...journal(scope)].join('\n      ') };
    }),
  ];
}

/** Told apart, because it is what all the others would share. */
function neighbours(suffering: ReadonlyMap<string, string>, ended: boolean): Outcome {
  const name = NEIGHBOURS;
  if (ended) return { name, failure: 'the operator has ended' };
  return suffering.size === 0 ? { name } : { name, failure: [...suffering.values()].join('\n      ') };
}

export const NEIGHBOURS = 'wrong objects do not hold up their neighbours';

type Scoped = { readonly one: Violation; readonly scope: string };
type Healthy = { readonly scope: string; readonly operation: Operation };

/** Repairs count as generations, so both are looked at without; and an order was taken for the VM that was there then. */
function converge(run: FaultRun, each: readonly Scoped[], healthy: readonly Healthy[]) {
  const reading = (line: string) =>
    line.startsWith('ChangeRequest ') ? line.replace('<owner that is gone>', '<ManagedVM vm>') : line;
  const options = { generations: false, reading };
  const sound = new Map(healthy.map(({ scope, operation }) => [operation, run.picture(scope, options)]));
  const expected = ({ kind }: Violation) => sound.get(`${lifeOf(kind)} update`) ?? [];
  return run.converge(new Map(each.map(({ one, scope }) => [scope, expected(one)])), undefined, options);
}

async function takeAnything(run: FaultRun, crds: OwnCrds): Promise<void> {
  await Promise.all(
    [...crds].map(([kind, crd]) =>
      enforce(run, loose(crd), bare(orderOf(kind, 'default')), each => each !== undefined),
    ),
  );
}

async function refuseAgain(run: FaultRun, crds: OwnCrds): Promise<void> {
  await Promise.all(
    [...crds].map(([kind, crd]) => enforce(run, crd, bare(orderOf(kind, 'default')), each => each === undefined)),
  );
}

function bare({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  return { ...(apiVersion && { apiVersion }), ...(kind && { kind }), metadata };
}

async function storeWrong(run: FaultRun, { kind, spec }: Violation, scope: string): Promise<void> {
  for (const each of OWN_KINDS.toReversed()) {
    if (!isIn(each.kind, lifeOf(kind))) continue;
    const order = await decided(run.bed.client, orderOfLife(each.kind as OwnKind, scope));
    const stored =
      each.kind !== kind ? order : spec === undefined ? bare(order) : { ...order, spec: merged(order.spec, spec) };
    await run.bed.client.create(pathOf(each, scope), stored);
    await tellFound(run.bed.client, each.kind as OwnKind, scope);
  }
}

function merged(spec: unknown, change: Spec): Spec {
  const result: Record<string, unknown> = isObject(spec) ? { ...spec } : {};
  for (const [field, value] of Object.entries(change)) {
    if (value === null) delete result[field];
    else result[field] = isObject(value) && isObject(result[field]) ? merged(result[field], value) : value;
  }
  return result;
}

/** As its owner would. What was decided on a change that was wrong is decided anew. */
async function repair(run: FaultRun, { kind }: Violation, scope: string): Promise<void> {
  await mend(run, kind, scope);
  if (kind !== 'ChangeRequest') return;
  const { client } = run.bed;
  const decision = await decided(client, orderOfLife('Approval', scope));
  await client.delete(pathOf(approval, scope, decision.metadata.name));
  await client.create(pathOf(approval, scope), decision);
}

/** By an edit where today's rules allow that one, and else by ordering it anew. */
async function mend(run: FaultRun, kind: OwnKind, scope: string): Promise<void> {
  const { client } = run.bed;
  const order = await decided(client, orderOfLife(kind, scope));
  const path = pathOf(KINDS[kind], scope, order.metadata.name);
  const { metadata } = await client.get<KubeObject>(path);
  try {
    await client.put(path, { ...order, metadata });
  } catch (error) {
    if (!(error instanceof ApiError) || (error.status !== 422 && error.status !== 409)) throw error;
    if (error.status === 409) return mend(run, kind, scope);
    await client.delete(path);
    await run.until(`${path} is gone`, async () => {
      const found = await client.get(path).catch(() => undefined);
      return found === undefined;
    });
    const kept = kind === 'ManagedVM' ? run.world.all(upstream.DataVolume, scope) : [];
    await Promise.all(kept.map(each => client.delete(pathOf(upstream.DataVolume, scope, each.metadata.name))));
    await client.create(pathOf(KINDS[kind], scope), order);
    await tellFound(client, kind, scope);
  }
}
