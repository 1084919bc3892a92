/**
 * Every kind of ours as people keep it in Git. A new kind joins these tests by a row here, and `drift.test.ts` fails until it has one.
 */
import type { KubeObject } from '../../../hack/testbed/client/client.ts';
import { backupPolicy } from '../../../src/api/backuppolicy.ts';
import { contract } from '../../../src/api/contract.ts';
import type { KindDefinition } from '../../../src/api/kind.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import { operatingSystem } from '../../../src/api/operatingsystem.ts';
import { serviceCalendar } from '../../../src/api/servicecalendar.ts';
import { servicePlan } from '../../../src/api/serviceplan.ts';
import {
  advancedPlan,
  contractOf,
  dailyPolicy,
  linuxSystem,
  machine,
  regularHours,
} from '../../integration/support/orders.ts';

export type GitKind = {
  readonly kind: KindDefinition;
  /** As tersely as it may be written, so that the API server adds every default. Of a cluster-scoped kind the namespace is part of the name. */
  terse(namespace: string, name: string): KubeObject;
  /** With everything that people write, in forms that the API server could rewrite. */
  full(namespace: string, name: string): KubeObject;
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
      }),
    handEdit: { spec: { billingId: '4711' } },
    broken: {
      reason: 'PlanNotFound',
      object: (namespace, name) => contractOf(`${name}.${namespace}`, [namespace], 'no-such-plan'),
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
