import { guestState } from '../../api/gueststate.ts';
import { managedVM } from '../../api/managedvm.ts';
import { operatingSystem } from '../../api/operatingsystem.ts';
import { InstanceSubresources, Secret, VirtualMachineInstance } from '../../api/upstream.ts';
import { allow, customResourceDefinitions, events, leases, type Permission, READ } from '../permission.ts';

/**
 * Everything the guest worker may do: it logs in to guests, in which customers are root, so it may be taken over. Then all that its account may,
 * a guest may: it can write no order and no status of one, read no Secret of a tenant, and list none at all.
 */
export const guestPermissions: readonly Permission[] = [
  allow('guest', managedVM, READ, 'Reads how a guest shall be.'),
  allow('guest', VirtualMachineInstance, READ, 'Reads where the guest runs, and when it was started anew.'),
  allow('guest', guestState, [...READ, 'create', 'patch'], 'Makes the record of each guest.'),
  allow(
    'guest',
    managedVM,
    ['update'],
    'Makes it the owner of the record, which blocks its deletion (OwnerReferencesPermissionEnforcement).',
    'finalizers',
  ),
  allow('guest', guestState, ['patch', 'update'], 'Says what it found, and what it does there.', 'status'),
  allow('guest', events, ['create', 'patch'], 'Says when something happened.'),

  allow('guest-cluster', operatingSystem, READ, 'Reads how a system is set up.'),
  allow('guest-cluster', customResourceDefinitions, ['list', 'watch'], 'Notices when KubeVirt comes or goes.'),

  allow('guest-keys', Secret, ['get'], 'Opens a guest with the key of its VM, by name: never listed.'),
  // A name that does not exist yet RBAC cannot restrict; the Lease of the operator does exist, and is out of reach.
  allow('guest-operator-namespace', leases, ['create'], 'Makes the Leases of its shards.'),
  {
    ...allow(
      'guest-operator-namespace',
      leases,
      [...READ, 'update'],
      'Shares the namespaces with its other replicas, in shards.',
    ),
    names: 'shards',
  },
];

/** What it may do besides where the chart says so (guest.portForward): any port of any guest of the namespace, as far as virt-api reaches it. */
export const portForwardPermissions: readonly Permission[] = [
  allow('guest-portforward', InstanceSubresources, ['get'], 'Reaches a guest through KubeVirt.', 'portforward'),
];
