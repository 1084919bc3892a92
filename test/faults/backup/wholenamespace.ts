/**
 * A namespace that is lost and restored by Velero as a whole: our own orders and their children come back with labels, annotations and finalizers, and with
 * neither UID, nor status, nor owner references, as Velero 1.18 leaves them (pkg/restore/restore.go resetMetadata). Velero is played.
 */
import { pathOf } from '../../../hack/testbed/client/path.ts';
import { backupPolicy } from '../../../src/api/backuppolicy.ts';
import { changeRequest } from '../../../src/api/changerequest.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import { isRestored, restore } from '../../../src/api/restore.ts';
import {
  DataVolume,
  PersistentVolumeClaim,
  PrometheusRule,
  Secret,
  Service,
  ServiceMonitor,
  VeleroRestore,
  VeleroSchedule,
  VirtualMachine,
} from '../../../src/api/upstream.ts';
import type { ResourceKind } from '../../../src/runtime/api/object.ts';
import { type Any, Namespace, verdictOf } from '../../integration/support/api.ts';
import { playBackup } from '../../integration/support/playedbackup.ts';
import type { Outcome } from '../cases.ts';
import type { Ground } from './ground.ts';

/** In the order in which Velero restores, and whether there may be one of each only. */
const KINDS: readonly ResourceKind[] = [
  ...[PersistentVolumeClaim, Secret, Service, DataVolume, VirtualMachine, ServiceMonitor, PrometheusRule],
  ...[backupPolicy, managedVM, changeRequest, restore],
];
/** KubeVirt's plug-in of Velero puts it on DataVolumes: the claim comes back by itself. */
const PREPOPULATED = 'cdi.kubevirt.io/storage.prePopulated';
const RESTORED_BY = { 'velero.io/restore-name': 'disaster', 'velero.io/backup-name': 'everything-nightly' };

export async function wholeNamespace(ground: Ground): Promise<Outcome[]> {
  const { steward, interception } = await ground.launch();
  const outcomes: Outcome[] = [];
  const check = async (name: string, work: () => Promise<string | undefined>) => {
    const failure = await work().catch((error: unknown) => String(error));
    const journal = failure === undefined ? [] : interception.journal(scope).slice(-10);
    outcomes.push(failure === undefined ? { name } : { name, failure: [failure, ...journal].join('\n      ') });
  };
  const [scope = ''] = await ground.order(1);
  await ground.reads([scope], { Ready: 'True/Running' });
  await playBackup(ground.api, await ground.scheduleOf(scope), { status: {} });
  await ground.reads([scope], { BackupCompliant: 'True/RecoveryPointGood' });
  await ground.orderRestore(scope);
  await ground.lacking([scope], () => isRestored(ground.restoreOf(scope)?.status?.phase));
  const taken = await takenFrom(ground, scope);
  const former = ground.vm(scope).metadata.uid;

  await check('a namespace with a restore in it is deleted: no finalizer holds it', () => deleted(ground, scope));
  await check('its Schedules go with it', async () => {
    const isGone = async () => (await schedules(ground, scope)).length === 0;
    return ground.until('the Schedules are gone', isGone, 30_000).then(() => undefined);
  });
  await bringBack(ground, scope, taken);
  await check('the order of a restore that came back does nothing', async () => {
    await ground.lacking([scope], () => isRestored(ground.restoreOf(scope)?.status?.phase), 60_000);
    const { phase, message, engine } = ground.restoreOf(scope)?.status ?? {};
    const requests = await ground.api.list(VeleroRestore, 'velero');
    const isNothing = phase === 'Failed' && /copy of a Restore/.test(message) && engine === undefined;
    return isNothing && requests.length === 0
      ? undefined
      : `${phase}: ${message}; ${requests.length} Restores of Velero's`;
  });
  const machine = await ground.api.get(VirtualMachine, scope, scope);
  await check("the machine that came back is nobody's: it is left alone, and the VM says so", async () => {
    const saysSo = () => verdictOf(ground.vm(scope), 'Ready') === 'False/VirtualMachineNameTaken';
    await ground.lacking([scope], saysSo, 60_000);
    const machines = await ground.api.list(VirtualMachine, scope);
    const isAlone = machines.length === 1 && machines[0].metadata.uid === machine.metadata.uid;
    const isKept = machines[0]?.metadata.generation === machine.metadata.generation;
    return saysSo() && isAlone && isKept
      ? undefined
      : `${machines.length} machines; Ready is ${verdictOf(ground.vm(scope), 'Ready')}`;
  });
  await check('nothing goes by the UID of the VM that is gone', async () => {
    const { uid } = ground.vm(scope).metadata;
    const found = (await Promise.all([...KINDS].map(kind => ground.api.list(kind, scope)))).flat();
    const foreign = found.filter(({ metadata }) => metadata.ownerReferences?.some((each: Any) => each.uid === former));
    const theirs = (await schedules(ground, scope)).filter(
      ({ metadata }) => metadata.labels['managed.systems/owner-uid'] !== uid,
    );
    return foreign.length + theirs.length === 0
      ? undefined
      : [...foreign, ...theirs].map(({ metadata }) => metadata.name).join();
  });
  await check('and it comes to rest: nothing is written any more', async () => {
    const isStill = () => interception.quietForMs > 3_000;
    return ground.until('the operator is still', isStill, 60_000).then(() => undefined);
  });
  await check('it is deleted once more: no finalizer holds it', () => deleted(ground, scope));
  await steward.stop();
  return outcomes.map(({ name, ...more }) => ({ name: `a namespace restored as a whole: ${name}`, ...more }));
}

async function takenFrom(ground: Ground, scope: string): Promise<readonly (readonly [ResourceKind, Any])[]> {
  const lists = KINDS.map(async kind => (await ground.api.list(kind, scope)).map(object => [kind, object] as const));
  return (await Promise.all(lists)).flat();
}

async function deleted(ground: Ground, scope: string): Promise<undefined> {
  await ground.api.remove(Namespace, '', scope);
  const isGone = async () => (await ground.api.find(Namespace, '', scope)) === undefined;
  await ground.until('the namespace is gone', isGone, 90_000);
  return undefined;
}

async function bringBack(
  ground: Ground,
  scope: string,
  taken: readonly (readonly [ResourceKind, Any])[],
): Promise<void> {
  await ground.api.namespace(scope);
  for (const [kind, { metadata, status: _, ...rest }] of taken) {
    const { name, namespace, labels = {}, annotations = {}, finalizers } = metadata;
    const object = {
      ...rest,
      apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}`,
      kind: kind.kind,
      metadata: {
        ...{ name, namespace, finalizers, labels: { ...labels, ...RESTORED_BY } },
        annotations: { ...annotations, ...(kind === DataVolume && { [PREPOPULATED]: name }) },
      },
    };
    // A claim comes back from its snapshot, not on the volume of before; a Service is given an address.
    const { volumeName: __, clusterIP: ___, clusterIPs: ____, ...spec } = object.spec ?? {};
    const restored = kind === Secret ? object : { ...object, spec };
    await ground.api.client
      .create(pathOf(kind, scope), restored)
      .catch((error: unknown) => ground.say(`${kind.kind} ${name}: ${error}`));
  }
}

function schedules(ground: Ground, scope: string): Promise<Any[]> {
  return ground.api.list(VeleroSchedule, 'velero', `managed.systems/owner-namespace=${scope}`);
}
