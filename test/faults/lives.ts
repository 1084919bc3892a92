/** What happens in a case: create, update and delete of each kind of ours, over what must be there before. */
import { ApiError, type Client, type KubeObject } from '../../hack/testbed/client/client.ts';
import { pathOf } from '../../hack/testbed/client/path.ts';
import { approval } from '../../src/api/approval.ts';
import { backupPolicy } from '../../src/api/backuppolicy.ts';
import { type ChangeRequest, changeRequest } from '../../src/api/changerequest.ts';
import { clusterBackupPolicy } from '../../src/api/clusterbackuppolicy.ts';
import { clusterPatchPolicy } from '../../src/api/clusterpatchpolicy.ts';
import { contract } from '../../src/api/contract.ts';
import { incident } from '../../src/api/incident.ts';
import { maintenanceWindow } from '../../src/api/maintenancewindow.ts';
import { managedApplication } from '../../src/api/managedapplication.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { operatingSystem } from '../../src/api/operatingsystem.ts';
import { patchPolicy } from '../../src/api/patchpolicy.ts';
import { problem } from '../../src/api/problem.ts';
import { product } from '../../src/api/product.ts';
import { restore } from '../../src/api/restore.ts';
import { serviceCalendar } from '../../src/api/servicecalendar.ts';
import { servicePlan } from '../../src/api/serviceplan.ts';
import { serviceRequest } from '../../src/api/servicerequest.ts';
import { planHashOf } from '../../src/domain/change/planhash.ts';
import { isObject } from '../../src/runtime/api/json.ts';
import type { ResourceKind } from '../../src/runtime/api/object.ts';
import {
  advancedPlan,
  changeOf,
  contractOf,
  dailyPolicy,
  decisionOn,
  incidentOf,
  linuxSystem,
  machine,
  offeredDatabase,
  orderedDatabase,
  ownPatches,
  problemOf,
  regularHours,
  restoreOrder,
  standardBackups,
  standardPatches,
  weeklyWindow,
  workOrder,
} from '../integration/support/orders.ts';

/** Acts of persons: this bed has no admission, and the tester acts as those whom it would let. */
export type ActKind = 'Approval' | 'ChangeRequest' | 'ServiceRequest';
/** What does not work: the tester writes an Incident as the receiver of alerts does, and a Problem as a person. */
export type TroubleKind = 'Incident' | 'Problem';
/** Kinds that people write. */
export type OwnKind =
  | ActKind
  | TroubleKind
  | ('ManagedVM' | 'BackupPolicy' | 'Contract' | 'ServicePlan' | 'OperatingSystem' | 'ServiceCalendar')
  | ('MaintenanceWindow' | 'PatchPolicy' | 'ClusterPatchPolicy' | 'ClusterBackupPolicy' | 'Restore')
  | ('Product' | 'ManagedApplication');
/** A plan, a decision and an order never change. */
type Fixed = 'ServicePlan' | 'Approval' | 'ServiceRequest' | 'Restore';
export type Operation = `${OwnKind} ${'create' | 'delete'}` | `${Exclude<OwnKind, Fixed>} update`;
/** Of the kinds of patching, which have no children, one of each sort: what the others would cost is a status too. */
export const OPERATIONS: readonly Operation[] = [
  'Approval create',
  'Approval delete',
  'ChangeRequest create',
  'ChangeRequest update',
  'ChangeRequest delete',
  'ServiceRequest create',
  'ServiceRequest delete',
  'Incident create',
  'Incident update',
  'Incident delete',
  'Problem create',
  'Problem update',
  'Problem delete',
  'Restore create',
  'Restore delete',
  'ManagedApplication create',
  'ManagedApplication update',
  'ManagedApplication delete',
  'ManagedVM create',
  'ManagedVM update',
  'ManagedVM delete',
  'BackupPolicy create',
  'BackupPolicy update',
  'BackupPolicy delete',
  'ClusterBackupPolicy delete',
  'MaintenanceWindow update',
  'MaintenanceWindow delete',
  'PatchPolicy create',
  'PatchPolicy delete',
  'ClusterPatchPolicy delete',
  'Contract create',
  'Contract update',
  'Contract delete',
  'ServicePlan create',
  'ServicePlan delete',
  'Product create',
  'Product update',
  'Product delete',
  'OperatingSystem create',
  'OperatingSystem update',
  'OperatingSystem delete',
  'ServiceCalendar create',
  'ServiceCalendar update',
  'ServiceCalendar delete',
];

const level = 'AdvancedMonitoringAndPatching';

type Fields = Readonly<Record<string, unknown>>;
type Order = KubeObject & { readonly spec: Fields };
type Part = {
  readonly kind: ResourceKind;
  readonly object: (scope: string) => Order;
  /** Merged into the spec; absent for what never changes. */
  readonly edit?: (scope: string) => Fields;
  /** What its status says because something was found in a guest: there is none here, so the tester writes it. */
  readonly found?: Fields;
};

const VM = 'vm';
const POLICY = 'daily';
export const YEARLY = 'yearly';
const CHANGE = 'grow';
export const INCIDENT = 'inc-down';
const ALERT = 'ManagedVMAgentLost';
/** A person's Problem is of another: of one alert that Steward has a Problem of, which of the two counts an incident is whose looks first. */
const OTHER_ALERT = 'ManagedVMDown';
/** Of a VM that is not there. */
export const NOBODY = '00000000-0000-4000-8000-000000000000';

/** Two disks of either fate, thresholds of its own and two tiers: every sort of child. */
const ORDER: Fields = {
  sizing: { cpu: 1, memory: '2Gi' },
  disks: [
    { name: 'root', size: '20Gi', reclaimPolicy: 'Delete' },
    { name: 'data', size: '5Gi', reclaimPolicy: 'Retain' },
  ],
  alertThresholds: { cpuPercent: 80 },
  backupPolicyRef: { kind: 'BackupPolicy', name: POLICY },
  patchPolicyRef: { kind: 'PatchPolicy', name: YEARLY },
};
/** Far from any hour at which a tier would run: a status that names the next run must not change under a check of silence. */
const TIERS = [
  { name: 'yearly', schedule: '0 1 2 1 *', retention: '9000h' },
  { name: 'spring', schedule: '0 3 2 4 *', retention: '8900h' },
];

const DURING_TRADE = { from: '2090-12-15', to: '2091-01-06', reason: 'Christmas trade' };

const ACTS: ReadonlySet<string> = new Set<ActKind>(['Approval', 'ChangeRequest', 'ServiceRequest']);
/** In lives of these nobody requests and decides: they have nothing to do with it, and each life costs. */
const WITHOUT_ACTS: ReadonlySet<string> = new Set([
  'BackupPolicy',
  'ClusterBackupPolicy',
  'ServicePlan',
  'OperatingSystem',
  'ServiceCalendar',
  'MaintenanceWindow',
  'PatchPolicy',
  'ClusterPatchPolicy',
  'Restore',
  'Product',
  'ManagedApplication',
  'Incident',
  'Problem',
]);
/** Only in lives of each other: what is on a VM changes what is told of its guest, and each life costs. */
/** Only in lives of each other: what is done about an incident depends on what its VM went through, and is not taken back. */
const TROUBLES: ReadonlySet<string> = new Set<TroubleKind>(['Incident', 'Problem']);
const APPLICATIONS: ReadonlySet<string> = new Set<OwnKind>(['Product', 'ManagedApplication']);
/** In lives of others nobody has one: it is made as a BackupPolicy is, or its verdict is told at once for want of a backup, and each life costs. */
const ALONE: ReadonlySet<string> = new Set<OwnKind>(['ClusterBackupPolicy', 'Restore']);
/** Of no change that there is. */
const NO_PLAN = `sha256:${'0'.repeat(64)}`;

const parts: Readonly<Record<string, Part>> = {
  Incident: {
    kind: incident,
    object: scope => incidentOf(scope, INCIDENT, VM, NOBODY, ALERT),
    edit: () => ({ handling: { acknowledgedBy: 'kim', assignee: 'kim', notes: [{ by: 'kim', text: 'I look.' }] } }),
  },
  Problem: {
    kind: problem,
    object: scope => problemOf(scope, 'prb-again', VM, NOBODY, OTHER_ALERT),
    edit: () => ({
      handling: {
        knownError: { text: 'Its node is old.', by: 'kim' },
        remedy: { change: { name: CHANGE }, by: 'kim' },
      },
    }),
  },
  Approval: {
    kind: approval,
    object: scope => decisionOn(scope, 'yes', CHANGE, NO_PLAN),
  },
  ChangeRequest: {
    kind: changeRequest,
    object: scope => changeOf(scope, CHANGE, VM),
    edit: () => ({ plan: ['Set spec.disks[data].size to 9Gi'], wayBack: 'None' }),
  },
  ServiceRequest: {
    kind: serviceRequest,
    object: scope => workOrder(scope, `${scope}-tune`, VM),
  },
  Restore: {
    kind: restore,
    object: scope => restoreOrder(scope, 'again', 'gone'),
  },
  ManagedApplication: {
    kind: managedApplication,
    object: scope => orderedDatabase(scope, 'orders', productOf(scope), VM, { parameters: { work_mem: 8 } }),
    edit: () => ({ serviceLevel: 'Basic', parameters: { work_mem: 16 } }),
    found: { installed: '2026-01-01T00:00:00Z' },
  },
  ManagedVM: {
    kind: managedVM,
    object: scope => machine(scope, VM, { operatingSystem: systemOf(scope), ...ORDER }),
    edit: () => ({
      sizing: { cpu: 2, memory: '4Gi' },
      services: ['nginx'],
      alertThresholds: null,
      disks: [
        { name: 'root', size: '20Gi', reclaimPolicy: 'Delete' },
        { name: 'more', size: '7Gi', reclaimPolicy: 'Delete' },
      ],
    }),
  },
  BackupPolicy: {
    kind: backupPolicy,
    object: scope => dailyPolicy(scope, POLICY, { tiers: TIERS, recoveryPointObjective: '9000h' }),
    edit: () => ({
      tiers: [
        { name: 'yearly', schedule: '0 2 3 1 *', retention: '8800h' },
        { name: 'autumn', schedule: '0 3 2 10 *', retention: '8900h' },
      ],
    }),
  },
  ClusterBackupPolicy: {
    kind: clusterBackupPolicy,
    object: scope => standardBackups(`cbp-${scope}`, { tiers: TIERS, recoveryPointObjective: '9000h' }),
    edit: () => ({ recoveryPointObjective: '9100h' }),
  },
  PatchPolicy: {
    kind: patchPolicy,
    object: scope => ownPatches(scope, YEARLY, YEARLY),
    edit: () => ({ reboot: 'Never', suspend: true }),
  },
  MaintenanceWindow: {
    kind: maintenanceWindow,
    object: scope => weeklyWindow(scope, YEARLY, { schedule: '0 1 2 1 *' }),
    edit: () => ({ schedule: '0 3 2 4 *', timeZone: 'UTC', exclusions: [DURING_TRADE] }),
  },
  ClusterPatchPolicy: {
    kind: clusterPatchPolicy,
    object: scope =>
      standardPatches(`cpp-${scope}`, {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': scope } },
        windows: [{ name: YEARLY, schedule: '0 3 2 1 *', duration: '2h' }],
      }),
    edit: () => ({ deadlines: { Critical: '48h', Important: '200h', Other: '500h' } }),
  },
  Contract: {
    kind: contract,
    object: scope => contractOf(`ctr-${scope}`, [scope], planOf(scope)),
    edit: scope => ({
      customer: 'ACME AG',
      contacts: [{ name: 'ben', email: 'ben@acme.example', roles: ['Billing'] }],
      plans: [
        { level, plan: planOf(scope), from: '2020-01-01' },
        { level, plan: planOf(scope), from: '2096-01-01' },
      ],
    }),
  },
  ServicePlan: {
    kind: servicePlan,
    object: scope => advancedPlan(planOf(scope), calendarOf(scope)),
  },
  Product: {
    kind: product,
    object: scope => offeredDatabase(productOf(scope), systemOf(scope)),
    edit: scope => ({
      parameters: [{ name: 'work_mem', type: 'Integer', default: '4', maximum: 32, apply: 'Reload' }],
      conflicts: [`other-${scope}`],
    }),
  },
  OperatingSystem: {
    kind: operatingSystem,
    object: scope => linuxSystem(systemOf(scope)),
    edit: () => ({ lifeCycle: { endOfSupport: '2098-08-09' }, preference: 'fedora' }),
  },
  ServiceCalendar: {
    kind: serviceCalendar,
    object: scope => regularHours(calendarOf(scope)),
    edit: () => ({
      timeZone: 'UTC',
      coreHours: [{ days: ['Saturday'], from: '22:00', to: '24:00' }],
      holidays: { region: null, additional: [{ date: '2096-02-29', name: 'Leap day' }] },
    }),
  },
};

function planOf(scope: string): string {
  return `plan-${scope}`;
}

function productOf(scope: string): string {
  return `app-${scope}`;
}

function calendarOf(scope: string): string {
  return `cal-${scope}`;
}

function systemOf(scope: string): string {
  return `os-${scope}`;
}

function partOf(operation: Operation): { part: Part; name: string; verb: string } {
  const [name = '', verb = ''] = operation.split(' ');
  return { part: partNamed(name), name, verb };
}

function partNamed(name: string): Part {
  const part = parts[name];
  if (part === undefined) throw new Error(`no such kind: ${name}`);
  return part;
}

async function create(client: Client, part: Part, scope: string): Promise<void> {
  const order = await decided(client, part.object(scope));
  await client.create(pathOf(part.kind, scope), order);
  await find(client, part, scope);
}

/** Writes what was found in the guest of what a life orders, where the tester does. */
export function tellFound(client: Client, name: OwnKind, scope: string): Promise<void> {
  return find(client, partNamed(name), scope);
}

async function find(client: Client, { kind, object, found }: Part, scope: string): Promise<void> {
  if (found !== undefined)
    await client.patch('merge', `${pathOf(kind, scope, object(scope).metadata.name)}/status`, { status: found });
}

/** Whoever decides reads the plan of the change before, if it is there. */
export async function decided(client: Client, order: Order): Promise<Order> {
  if (TROUBLES.has(order.kind ?? '')) return about(client, order);
  if (order.kind !== approval.kind) return order;
  const { namespace } = order.metadata;
  const change = await client
    .get<ChangeRequest & KubeObject>(pathOf(changeRequest, namespace, CHANGE))
    .catch(unlessGone);
  return isObject(change?.spec) ? { ...order, spec: { ...order.spec, planHash: planHashOf(change) } } : order;
}

/** Whoever sees what does not work knows which incarnation of the VM it is. */
async function about(client: Client, order: Order): Promise<Order> {
  const vm = await client.get<KubeObject>(pathOf(managedVM, order.metadata.namespace, VM)).catch(unlessGone);
  const subject = { kind: 'ManagedVM', name: VM, uid: vm?.metadata.uid ?? NOBODY };
  return { ...order, spec: { ...order.spec, subject } };
}

function unlessGone(error: unknown): undefined {
  if (!(error instanceof ApiError) || error.status !== 404) throw error;
  return undefined;
}

/** What is ordered in a life. */
export function orderOfLife(name: OwnKind, scope: string): Order {
  return partNamed(name).object(scope);
}

/** Creates one object of a kind of ours. */
export async function prepareOne(
  client: Client,
  name: 'BackupPolicy' | 'OperatingSystem',
  scope: string,
): Promise<void> {
  const part = parts[name];
  if (part !== undefined) await create(client, part, scope);
}

/** The kind in whose life a kind is met. */
export function lifeOf(kind: OwnKind): 'ManagedApplication' | 'ManagedVM' | 'Incident' {
  if (TROUBLES.has(kind)) return 'Incident';
  return APPLICATIONS.has(kind) ? 'ManagedApplication' : 'ManagedVM';
}

/** Whether a kind is in lives of another. */
export function isIn(kind: string, life: string): boolean {
  for (const close of [APPLICATIONS, TROUBLES]) if (close.has(kind)) return close.has(life);
  return kind === life || (!ALONE.has(kind) && !(WITHOUT_ACTS.has(life) && ACTS.has(kind)));
}

/** Creates what must be there before the operation. */
export async function prepare(client: Client, operation: Operation, scope: string): Promise<void> {
  const { name, verb } = partOf(operation);
  for (const [each, part] of Object.entries(parts).reverse()) {
    if (isIn(each, name) && (each !== name || verb !== 'create')) await create(client, part, scope);
  }
}

export async function act(client: Client, operation: Operation, scope: string): Promise<void> {
  const { part, verb } = partOf(operation);
  const path = pathOf(part.kind, scope, part.object(scope).metadata.name);
  if (verb === 'create') await create(client, part, scope);
  else if (verb === 'update') await client.patch('merge', path, { spec: part.edit?.(scope) });
  else await client.delete(path);
}
