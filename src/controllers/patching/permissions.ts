import { guestState } from '../../api/gueststate.ts';
import { managedVM } from '../../api/managedvm.ts';
import { patchRun } from '../../api/patchrun.ts';
import { Secret, VirtualMachineInstance } from '../../api/upstream.ts';
import { allow, type Permission } from '../permission.ts';

/**
 * Everything the runner of patches may do: it logs in to guests, in which customers are root, so it may be taken over. It makes no run, reads no
 * Secret of a tenant, and lists none at all; of what is ordered it writes nothing.
 */
export const patchPermissions: readonly Permission[] = [
  allow('patch', patchRun, ['get', 'list', 'watch'], 'Reads what is to be patched.'),
  allow('patch', patchRun, ['update'], 'Says how it goes, and the verdict.', 'status'),
  allow('patch', managedVM, ['get'], 'Reads which keys the guest was given.'),
  allow('patch', VirtualMachineInstance, ['get'], 'Reads where the guest runs.'),
  allow('patch', guestState, ['get'], 'Reads who works in the guest, and what was begun there.'),
  allow('patch', guestState, ['update'], 'Takes the lease of the VM, and claims each step before it begins.', 'status'),
  allow('patch-keys', Secret, ['get'], 'Opens a guest with the key of its VM, by name: never listed.'),
];
