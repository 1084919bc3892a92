/** The loss of a VM with all its disks, and its way back out of a backup of Velero, for whoever shows that a backup is worth something (AP-13). */
import { setTimeout as sleep } from 'node:timers/promises';
import { backupPolicy } from '../../src/api/backuppolicy.ts';
import { servicePlan } from '../../src/api/serviceplan.ts';
import { contractOf, type Order, regularHours, restoreOrder } from '../../test/integration/support/orders.ts';
import type { KubeObject } from '../testbed/client/client.ts';
import { NAMESPACE as VELERO } from '../testbed/velero/objects.ts';

/** Standard output of kubectl as administrator. */
type Kubectl = (args: readonly string[], input?: object) => Promise<string>;

const MINUTE = 60_000;

/** A BackupPolicy `daily` whose run of today is at the next full minute that is one away at least: Velero looks at its Schedules once a minute. */
export function policyDueSoon(namespace: string, now = new Date()): KubeObject & { readonly spec: object } {
  const at = new Date(Math.ceil((now.getTime() + MINUTE) / MINUTE) * MINUTE);
  const schedule = `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`;
  return {
    ...{ apiVersion: `${backupPolicy.group}/${backupPolicy.version}`, kind: backupPolicy.kind },
    metadata: { name: 'daily', namespace },
    spec: {
      tiers: [{ name: 'daily', schedule, retention: '720h' }],
      ...{ timeZone: 'Etc/UTC', recoveryPointObjective: '26h', consistency: 'FilesystemConsistent' },
    },
  };
}

/** What provider and customer have agreed on: a restore at the level Admin is a standard service, done within four hours, and nobody needs to approve each. */
export function restoresAgreed(namespace: string): readonly object[] {
  const level = 'Admin';
  const onDemand = [{ service: 'Restore', price: '90.00' }];
  const plan = {
    ...{ serviceLevel: level, validFrom: '2020-01-01', calendarRef: 'regular' },
    backup: { recoveryPointObjective: '26h', recoveryTimeObjective: '4h' },
    prices: { currency: 'EUR', perMonth: '15.00', effortPerHour: '120.00', onDemand },
  };
  const apiVersion = `${servicePlan.group}/${servicePlan.version}`;
  const plans = [{ level, plan: 'admin', from: '2020-01-01' }];
  return [
    regularHours('regular'),
    { apiVersion, kind: 'ServicePlan', metadata: { name: 'admin' }, spec: plan },
    contractOf(`customer-${namespace}`, [namespace], 'admin', { plans }),
  ];
}

/** The order to bring all disks of a VM back to the newest recovery point, by the administrator of the test bed. */
export function orderOfRestore(namespace: string, name: string): Order {
  return restoreOrder(namespace, `${name}-after-loss`, name, { reason: 'its storage is gone' });
}

/** Deletes the VirtualMachine and each of its disks, as somebody with every right might; returns when the storage has deleted the volumes too. */
export async function loseEverything(kubectl: Kubectl, namespace: string, name: string): Promise<void> {
  const inNamespace = ['--namespace', namespace];
  const words = async (of: readonly string[], path: string) =>
    (await kubectl([...inNamespace, 'get', ...of, `--output=jsonpath=${path}`])).split(' ');
  const claims = await words(['managedvm', name], '{.status.disks[*].claim}');
  const volumes = await words(['persistentvolumeclaim', ...claims], '{..spec.volumeName}');
  // The disks first: Steward makes a machine anew whose disks are there, and its guest starts.
  const kinds = ['datavolume', 'persistentvolumeclaim'];
  for (const kind of kinds)
    await kubectl([...inNamespace, 'delete', kind, ...claims, '--wait=false', '--ignore-not-found']);
  await kubectl([...inNamespace, 'delete', 'virtualmachine', name]);
  await kubectl(['wait', '--for=delete', '--timeout=300s', ...volumes.map(volume => `persistentvolume/${volume}`)]);
}

/** Lets Velero restore all of a backup, and returns when it has. Throws where it says that something was not. */
export async function restore(kubectl: Kubectl, backup: string): Promise<void> {
  await kubectl(['create', '--filename', '-'], {
    ...{ apiVersion: 'velero.io/v1', kind: 'Restore', metadata: { name: backup, namespace: VELERO } },
    // Else the empty part of each disk is written out.
    ...{ spec: { backupName: backup, uploaderConfig: { writeSparseFiles: true } } },
  });
  const path = '--output=jsonpath={.status.phase}';
  for (;;) {
    const phase = await kubectl(['--namespace', VELERO, 'get', 'restore.velero.io', backup, path]);
    if (phase === 'Completed') return;
    if (/^(PartiallyFailed|Failed|FailedValidation)$/.test(phase)) throw new Error(`Restore ${backup} is ${phase}`);
    await sleep(1_000);
  }
}

/** The arguments of the kubectl command line in a condition's message, which is quoted for a shell as Steward writes it. */
export function consentIn(message: string): readonly string[] {
  const [, options = '', patch = ''] = /kubectl (.*? -p) '(.*?)'/.exec(message) ?? [];
  return [...options.split(' '), patch];
}
