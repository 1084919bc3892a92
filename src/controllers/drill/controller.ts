import { backupPolicy } from '../../api/backuppolicy.ts';
import { clusterBackupPolicy } from '../../api/clusterbackuppolicy.ts';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { type Restore, restore } from '../../api/restore.ts';
import { drillDue, drillOrder, drillsToForget } from '../../domain/backup/drilldue.ts';
import { textAt } from '../../domain/contract/json.ts';
import { isOwnDrill } from '../../domain/contract/owndrill.ts';
import { rehearsalOrder, unrehearsed } from '../../domain/restore/rehearsal.ts';
import { type KubeObject, keyOf } from '../../runtime/api/object.ts';
import { type ControllerDefinition, defineController, type Reader } from '../../runtime/pass/controller.ts';
import { policyOf, policyPathOf } from '../managedvm/backup.ts';
import { found, specOf } from '../managedvm/reading.ts';

type VM = ManagedVM & KubeObject;
type Order = Restore & KubeObject;

const POLICY_INDEX = 'drilledBy';
/** Restores by the ManagedVM that they are of: `namespace/name`. */
const RESTORES_INDEX = 'orderedFor';

/** Orders the drills that policies and restores ask for, and forgets those that are over and old (AP-13; docs/adr/0166). How they are made is the Restore's. */
export function drillController(): ControllerDefinition<VM> {
  return defineController<VM>({
    name: 'drill',
    kind: managedVM,
    indexes: {
      [POLICY_INDEX]: policyPathOf,
    },
    owns: [{ kind: restore, selector: '', indexes: { [RESTORES_INDEX]: vmOf } }],
    watches: [
      ...[backupPolicy, clusterBackupPolicy].map(kind => ({ kind, part: specOf, toKeys: found(POLICY_INDEX) })),
      {
        kind: restore,
        part: ({ status }) => textAt(status, 'phase'),
        toKeys: ({ metadata: { namespace = '' }, spec }) => [{ namespace, name: textAt(spec, 'managedVMRef') ?? '' }],
      },
    ],
    reconcile: async ({ object, read, now, apply, deleteObject }) => {
      const { namespace = '' } = object.metadata;
      // What cannot be read is neither missing nor over.
      if (read.state(restore, namespace) === 'unreadable') return;
      const restores = restoresOf(object, read);
      const drills = restores.filter(isOwnDrill);
      for (const old of drillsToForget(drills)) await deleteObject(restore, old as Order);
      const { run, next } = drillDue({ managedVM: object, policy: policyOf(object, read), drills }, now);
      const ordered = [...(run ? [drillOrder(object, run)] : []), ...unrehearsed(object, restores).map(rehearsalOrder)];
      // Once: an order is immutable, and what stands is never healed.
      const missing = ordered.filter(order => read.get(restore, keyOf(order)) === undefined);
      await apply(missing.map(order => ({ object: order, ownerReference: false })));
      return { requeueAt: next };
    },
  });
}

function vmOf(order: KubeObject): readonly string[] {
  return [`${order.metadata.namespace}/${textAt(order.spec, 'managedVMRef')}`];
}

/** Of this incarnation, as far as they have been looked at. */
function restoresOf({ metadata: { namespace, name, uid } }: VM, read: Reader): readonly Order[] {
  return read
    .byIndex<Order>(restore, RESTORES_INDEX, `${namespace}/${name}`)
    .filter(({ status }) => status?.managedVM === undefined || status.managedVM === uid);
}
