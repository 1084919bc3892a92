import { type GuestStateSpec, guestState } from '../../api/gueststate.ts';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { apiVersionOf, type KubeObject } from '../../runtime/api/object.ts';
import { type ControllerDefinition, defineController } from '../../runtime/pass/controller.ts';
import type { Keyring } from './keyring.ts';
import type { Shards } from './shards.ts';

/**
 * Gives each ManagedVM its GuestState. One of that name that is another's (copied by a restore, of a former ManagedVM) is neither believed nor
 * touched: somebody must delete it first.
 */
export function guestRecordController(shards: Shards, keyring: Keyring): ControllerDefinition<ManagedVM & KubeObject> {
  return defineController<ManagedVM & KubeObject>({
    name: 'guestrecord',
    kind: managedVM,
    owns: [{ kind: guestState, named: (owner, { metadata }) => metadata.name === owner.metadata.name }],
    watches: [],
    polls: [shards.source()],
    // No private key stays in memory longer than its VM.
    forget: uid => keyring.forget(uid),
    reconcile: async ({ object, apply, log }) => {
      const { name, namespace = '', uid = '' } = object.metadata;
      if (!shards.holds(namespace)) return;
      const spec: GuestStateSpec = { managedVM: uid };
      const record = {
        apiVersion: apiVersionOf(guestState),
        kind: guestState.kind,
        metadata: { name, namespace },
        spec,
      };
      const [outcome] = await apply([record]);
      if (outcome?.error !== undefined) log.warn({ reason: outcome.error.reason }, 'no record of the guest');
    },
  });
}
