/** Who may log in to a ManagedVM, with what, as the cluster has it on record. */
import { keySecretName } from '../../src/domain/contract/child.ts';
import type { Client } from '../testbed/client/client.ts';
import { CUSTOMER } from './guestorders.ts';
import type { Login } from './ssh.ts';
import { KEY_NAMESPACE } from './steward.ts';

type Machine = {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly status?: { readonly addresses?: readonly string[]; readonly keys?: { readonly generation?: number } };
};
type KeySecret = { readonly data: Readonly<Record<string, string>> };

/** Throws when the VM has no address yet, and ApiError when there is no such VM or its keys are not made yet. */
export async function loginsOf(
  client: Client,
  namespace: string,
  name: string,
  customerKey: string,
): Promise<{ customer: Login; provider: Login }> {
  const path = `/apis/managed.systems/v1alpha1/namespaces/${namespace}/managedvms/${name}`;
  const machine = await client.get<Machine>(path);
  const secretName = keySecretName(machine.metadata.uid, machine.status?.keys?.generation);
  const { data } = await client.get<KeySecret>(`/api/v1/namespaces/${KEY_NAMESPACE}/secrets/${secretName}`);
  const key = (field: string) => Buffer.from(data[field] ?? '', 'base64').toString('utf8');
  const [address] = machine.status?.addresses ?? [];
  if (address === undefined) throw new Error(`${namespace}/${name} has no address yet`);
  const hostKey = key('host-key.pub');
  return {
    customer: { user: CUSTOMER, address, privateKey: customerKey, hostKey },
    provider: { user: 'steward', address, privateKey: key('provider-key'), hostKey },
  };
}
