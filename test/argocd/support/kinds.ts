/**
 * Every kind of ours as people keep it in Git. A new kind joins these tests by a row here, and `drift.test.ts` fails until it has one.
 */
import type { KubeObject } from '../../../hack/testbed/client/client.ts';
import { backupPolicy } from '../../../src/api/backuppolicy.ts';
import { clusterBackupPolicy } from '../../../src/api/clusterbackuppolicy.ts';
import { clusterPatchPolicy } from '../../../src/api/clusterpatchpolicy.ts';
import { contract } from '../../../src/api/contract.ts';
import type { KindDefinition } from '../../../src/api/kind.ts';
import { maintenanceWindow } from '../../../src/api/maintenancewindow.ts';
import { managedApplication } from '../../../src/api/managedapplication.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import { operatingSystem } from '../../../src/api/operatingsystem.ts';
import { patchPolicy } from '../../../src/api/patchpolicy.ts';
import { product } from '../../../src/api/product.ts';
import { serviceCalendar } from '../../../src/api/servicecalendar.ts';
import { servicePlan } from '../../../src/api/serviceplan.ts';
import {
  advancedPlan,
  contractOf,
  dailyPolicy,
  linuxSystem,
  machine,
  offeredCache,
  orderedCache,
  ownPatches,
  regularHours,
  standardBackups,
  standardPatches,
  weeklyWindow,
} from '../../integration/support/orders.ts';

export type GitKind = {
  readonly kind: KindDefinition;
  /** As tersely as it may be written, so that the API server adds every default. Of a cluster-scoped kind the namespace is part of the name. */
  terse(namespace: string, name: string): KubeObject;
  /** With everything that people write, in forms that the API server could rewrite. */
  full(namespace: string, name: string): KubeObject;
  /** What Argo CD shows of both here, where nobody looks into a guest; default: Healthy. */
  readonly health?: 'Progressing';
  /** What somebody changes by hand of what the full one says, as a merge patch; absent where it never changes. */
  readonly handEdit?: object;
  /** One that cannot be served, and the reason that Argo CD then shows; absent where admission lets no such object in. */
  readonly broken?: { readonly reason: string; object(namespace: string, name: string): KubeObject };
};

const user = {
  name: 'anna',
  sshKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPJ0mzbW4bJ0eYg0Ycm0x6GfXQpQ3sZ0oHn8fWcQfN7d anna@acme.example'],
};

export const gitKinds: readonly GitKind[] = [
  {
    kind: operatingSystem,
    terse: (namespace, name) => ({
      apiVersion: 'managed.systems/v1alpha1',
      kind: 'OperatingSystem',
      metadata: { name: `${name}.${namespace}` },
      spec: {
        family: 'Linux',
        distribution: 'Debian',
        version: '13',
        packageManager: 'apt',
        image: { http: { url: 'https://images.example/debian-13.qcow2' } },
        lifeCycle: { endOfSupport: '2099-08-09' },
        serviceLevels: ['Admin'],
      },
    }),
    full: (namespace, name) => linuxSystem(`${name}.${namespace}`),
    handEdit: { spec: { defaults: { cpu: 4 } } },
  },
  {
    kind: product,
    terse: (namespace, name) => ({
      apiVersion: 'managed.systems/v1alpha1',
      kind: 'Product',
      metadata: { name: `${name}.${namespace}` },
      spec: {
        ...{ displayName: 'Cache', vendor: 'Somebody', levels: ['Basic'], supportedBy: 'Vendor' },
        lines: [{ name: '8', endOfSupport: '2099-03-31', operatingSystems: [{ name: 'debian-13' }] }],
        steps: [
          { name: 'packages', package: { names: ['valkey-server'] } },
          { name: 'settings', file: { path: '/etc/valkey/valkey.conf', content: 'port 6379\n' } },
        ],
        probes: [{ name: 'answers', http: { port: 80 } }],
      },
    }),
    full: (namespace, name) =>
      offeredCache(`${name}.${namespace}`, {
        agreement: 'ByAgreement',
        conflicts: ['redis'],
        parameters: [
          {
            ...{
              name: 'maxmemory',
              type: 'Bytes',
              default: '1024Mi',
              minimum: 1048576,
              who: 'Customer',
              apply: 'Restart',
            },
            description: 'Memory of the cache',
          },
        ],
        interface: { port: 6379, type: 'valkey', uri: 'redis' },
        steps: [
          { name: 'packages', package: { names: ['valkey-server'] } },
          {
            name: 'settings',
            file: {
              ...{ path: '/etc/valkey/valkey.conf', owner: 'valkey', group: 'valkey', mode: '0640', format: 'Valkey' },
              content: 'port {{ interface.port }}\nmaxmemory {{ parameters.maxmemory }}\n',
              ...{ unit: 'valkey-server.service', onChange: 'Restart' },
            },
          },
          { name: 'works', waitFor: { probe: 'answers', timeoutSeconds: 60 } },
        ],
      }),
    handEdit: { spec: { supportedBy: 'Distribution' } },
    broken: {
      reason: 'InvalidProduct',
      object: (namespace, name) => offeredCache(`${name}.${namespace}`, { conflicts: [`${name}.${namespace}`] }),
    },
  },
  {
    kind: backupPolicy,
    terse: (namespace, name) => ({
      apiVersion: 'managed.systems/v1alpha1',
      kind: 'BackupPolicy',
      metadata: { name, namespace },
      spec: { tiers: [{ name: 'daily', schedule: '0 1 * * *', retention: '720h' }], recoveryPointObjective: '26h' },
    }),
    full: (namespace, name) => dailyPolicy(namespace, name, { consistency: 'CrashConsistent' }),
    handEdit: { spec: { recoveryPointObjective: '48h' } },
    broken: {
      reason: 'StorageLocationNotPermitted',
      object: (namespace, name) => dailyPolicy(namespace, name, { storageLocation: 'no-such-place' }),
    },
  },
  {
    kind: serviceCalendar,
    terse: (namespace, name) => ({
      apiVersion: 'managed.systems/v1alpha1',
      kind: 'ServiceCalendar',
      metadata: { name: `${name}.${namespace}` },
      spec: { coreHours: [{ days: ['Monday'], from: '09:00', to: '18:00' }] },
    }),
    full: (namespace, name) =>
      regularHours(`${name}.${namespace}`, {
        holidays: {
          region: 'DE-NI',
          additional: [{ date: '2026-12-24', name: 'Heiligabend' }],
          removed: [{ date: '2026-10-31', name: 'Inventory' }],
        },
      }),
    handEdit: { spec: { timeZone: 'Europe/Vienna' } },
    broken: {
      reason: 'NoSuchHoliday',
      object: (namespace, name) =>
        regularHours(`${name}.${namespace}`, {
          holidays: { region: 'DE-NI', removed: [{ date: '2026-10-30', name: 'Inventory' }] },
        }),
    },
  },
  {
    kind: servicePlan,
    terse: (namespace, name) => ({
      apiVersion: 'managed.systems/v1alpha1',
      kind: 'ServicePlan',
      metadata: { name: `${name}.${namespace}` },
      spec: {
        serviceLevel: 'Admin',
        validFrom: '2020-01-01',
        calendarRef: `${name}.${namespace}`,
        prices: { currency: 'EUR', perMonth: '15.00', effortPerHour: '120.00' },
      },
    }),
    full: (namespace, name) =>
      advancedPlan(`${name}.${namespace}`, `${name}.${namespace}`, {
        backup: { recoveryPointObjective: '26h0m', recoveryTimeObjective: '240m' },
        prices: {
          ...{ currency: 'EUR', perMonth: '49.00', effortPerHour: '120.00', billWhenStopped: false },
          onDemand: [{ service: 'PatchRun', price: '25.00' }],
        },
      }),
    broken: {
      reason: 'CalendarNotFound',
      object: (namespace, name) => advancedPlan(`${name}.${namespace}`, 'no-such-calendar'),
    },
  },
  {
    kind: contract,
    terse: (namespace, name) => ({
      apiVersion: 'managed.systems/v1alpha1',
      kind: 'Contract',
      metadata: { name: `${name}.${namespace}` },
      spec: {
        customer: 'ACME',
        namespaces: [`${namespace}-${name}`],
        billingId: '1',
        contacts: [{ name: 'anna', email: 'anna@acme.example', roles: ['Approver'] }],
        plans: [{ level: 'Admin', plan: `${name}.${namespace}`, from: '2020-01-01' }],
      },
    }),
    full: (namespace, name) =>
      contractOf(`${name}.${namespace}`, [namespace], `${name}.${namespace}`, {
        ...{ language: 'en', timeZone: 'Europe/Vienna' },
        bridges: [{ name: 'Argo CD', user: 'system:serviceaccount:argocd:argocd-application-controller' }],
        products: [`${name}.${namespace}`],
      }),
    handEdit: { spec: { billingId: '4711' } },
    broken: {
      reason: 'PlanNotFound',
      object: (namespace, name) => contractOf(`${name}.${namespace}`, [namespace], 'no-such-plan'),
    },
  },
  {
    kind: clusterBackupPolicy,
    terse: (namespace, name) => ({
      apiVersion: 'managed.systems/v1alpha1',
      kind: 'ClusterBackupPolicy',
      metadata: { name: `${name}.${namespace}` },
      spec: { tiers: [{ name: 'daily', schedule: '0 1 * * *', retention: '720h' }], recoveryPointObjective: '26h' },
    }),
    full: (namespace, name) => standardBackups(`${name}.${namespace}`, { consistency: 'CrashConsistent' }),
    handEdit: { spec: { recoveryPointObjective: '48h' } },
    // One whose storage location is not there waits for it, and is not Degraded.
    broken: {
      reason: 'ScheduleTooFrequent',
      object: (namespace, name) =>
        standardBackups(`${name}.${namespace}`, {
          tiers: [{ name: 'restless', schedule: '*/5 * * * *', retention: '720h' }],
        }),
    },
  },
  {
    kind: clusterPatchPolicy,
    // None of them selects a namespace of these tests: their ManagedVMs would have several.
    terse: (namespace, name) => ({
      apiVersion: 'managed.systems/v1alpha1',
      kind: 'ClusterPatchPolicy',
      metadata: { name: `${name}.${namespace}` },
      spec: {
        namespaceSelector: { matchLabels: { patched: 'tersely' } },
        windows: [{ name: 'nightly', schedule: '0 3 * * *', duration: '2h' }],
        rings: [{ name: 'canary', namespaces: ['provider'] }, { name: 'production' }],
      },
    }),
    full: (namespace, name) =>
      standardPatches(`${name}.${namespace}`, {
        namespaceSelector: {
          matchLabels: { patched: 'fully' },
          matchExpressions: [{ key: 'tier', operator: 'In', values: ['gold', 'iron'] }],
        },
        approve: {
          ...{ updates: 'All', severities: ['Critical', 'Important'], allow: ['lib*'], deny: ['linux-*'] },
          minimumAge: { Critical: '0s', Important: '72h', Other: '10080m' },
          exclude: [{ package: 'docker-ce', reason: 'CHG-4711', until: '2096-01-31' }],
        },
        deadlines: { Critical: '72h', Important: '336h', Other: '720h' },
        ...{ reboot: 'IfRequired', rollback: 'Never', snapshot: true, keep: '9480h', suspend: false },
      }),
    handEdit: { spec: { suspend: true } },
    broken: {
      reason: 'NoWindowLeft',
      object: (namespace, name) =>
        standardPatches(`${name}.${namespace}`, {
          namespaceSelector: { matchLabels: { patched: 'never' } },
          windows: [{ name: 'past', schedule: '0 3 * * *', duration: '2h', validUntil: '2020-01-01' }],
        }),
    },
  },
  {
    kind: maintenanceWindow,
    terse: (namespace, name) => ({
      apiVersion: 'managed.systems/v1alpha1',
      kind: 'MaintenanceWindow',
      metadata: { name, namespace },
      spec: { schedule: '0 2 * * 2', duration: '4h' },
    }),
    full: (namespace, name) =>
      weeklyWindow(namespace, name, {
        ...{ duration: '240m', validFrom: '2026-01-01', validUntil: '2096-12-31' },
        exclusions: [{ from: '2026-12-15', to: '2027-01-06', reason: 'Christmas trade' }],
      }),
    handEdit: { spec: { timeZone: 'Europe/Vienna' } },
    broken: {
      reason: 'NeverOpens',
      object: (namespace, name) => weeklyWindow(namespace, name, { validUntil: '2020-01-01' }),
    },
  },
  {
    kind: patchPolicy,
    terse: (namespace, name) => ({
      apiVersion: 'managed.systems/v1alpha1',
      kind: 'PatchPolicy',
      metadata: { name, namespace },
      spec: { windowRefs: [name] },
    }),
    full: (namespace, name) =>
      ownPatches(namespace, name, name, {
        approve: {
          ...{ updates: 'Security', deny: ['linux-*'] },
          exclude: [{ package: 'docker-ce', reason: 'CHG-4711', until: '2096-01-31' }],
        },
        deadlines: { Critical: '48h', Important: '200h', Other: '30000m' },
        rings: [
          { name: 'first', selector: { matchLabels: { ring: 'first' } }, maxParallel: 1, soak: '0s' },
          { name: 'rest', gate: { checks: ['guest-health'], maxFailures: '10%' } },
        ],
        ...{ reboot: 'Never', rollback: 'Propose', snapshot: true, keep: '9480h' },
      }),
    handEdit: { spec: { rollback: 'Never' } },
    broken: {
      reason: 'WindowNotFound',
      object: (namespace, name) => ownPatches(namespace, name, 'no-such-window'),
    },
  },
  {
    kind: managedApplication,
    // Of different Products, and on the one VM that is monitored (AP-7).
    terse: (namespace, name) => ({
      apiVersion: 'managed.systems/v1alpha1',
      kind: 'ManagedApplication',
      metadata: { name, namespace },
      spec: { product: `${name}.${namespace}`, line: '8', serviceLevel: 'Basic', managedVMs: ['full'] },
    }),
    full: (namespace, name) =>
      orderedCache(namespace, name, `${name}.${namespace}`, 'full', {
        ...{ parameters: { maxmemory: '1024Mi' }, modules: [], windowRef: name },
      }),
    health: 'Progressing',
    handEdit: { spec: { serviceLevel: 'Basic' } },
    broken: {
      reason: 'ProductNotFound',
      object: (namespace, name) => orderedCache(namespace, name, 'no-such-product', 'no-such-machine'),
    },
  },
  {
    kind: managedVM,
    terse: (namespace, name) => ({
      apiVersion: 'managed.systems/v1alpha1',
      kind: 'ManagedVM',
      metadata: { name, namespace },
      spec: { serviceLevel: 'Admin', operatingSystem: 'debian-13' },
    }),
    full: (namespace, name) =>
      machine(namespace, name, {
        disks: [
          { name: 'root', size: '20Gi' },
          { name: 'data', size: '1024Mi' },
        ],
        powerState: 'Running',
        sizing: { cpu: 1, memory: '2048Mi' },
        access: { users: [user] },
        services: ['ssh'],
        alertThresholds: { memoryPercent: 95 },
        backupPolicyRef: { name: 'full' },
      }),
    handEdit: { spec: { powerState: 'Stopped' } },
    broken: {
      reason: 'OperatingSystemNotFound',
      object: (namespace, name) => machine(namespace, name, { operatingSystem: 'no-such-system' }),
    },
  },
];
