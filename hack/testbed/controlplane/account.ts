/** ServiceAccounts as callers: what a program speaks as, and what the audit log calls it. */
import { join } from 'node:path';
import { applyAll } from '../client/apply.ts';
import type { Client, KubeObject } from '../client/client.ts';
import { readCredentials } from './certificates.ts';
import { layout } from './controlplane.ts';
import { writeKubeconfig } from './kubeconfig.ts';

export type Account = { readonly namespace: string; readonly account: string };

/** As the audit log names it. */
export function userOf({ namespace, account }: Account): string {
  return `system:serviceaccount:${namespace}:${account}`;
}

/** Makes an account that may do everything, so that a program has a name of its own in the audit log. */
export async function makeAlmighty(client: Client, { namespace, account: name }: Account): Promise<void> {
  const account: KubeObject = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
  const binding: KubeObject & Readonly<Record<string, unknown>> = {
    ...{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name } },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  };
  await applyAll(client, [account, binding]);
}

type TokenRequest = { readonly status: { readonly token: string } };

/** Path of a kubeconfig that speaks as an account that is there, with a token good for a day; `dir` is the bed's folder. */
export async function accountKubeconfig(
  client: Client,
  server: string,
  dir: string,
  { namespace, account }: Account,
): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 86_400 } };
  const { status } = (await client.create<object>(path, request)) as TokenRequest;
  const { ca } = await readCredentials(layout(dir).certificates, 'admin');
  const file = join(layout(dir).kubeconfigs, `${namespace}.${account}.yaml`);
  await writeKubeconfig(file, server, ca, { token: status.token }, namespace);
  return file;
}
