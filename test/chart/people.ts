/** People of a provider and of two customers, each with an identity of his own and the roles of the chart. */

import type { TestBed } from '../../hack/testbed/testbed.ts';
import { type Kubectl, kubectlOf } from './chart.ts';

export const PEOPLE = ['tom', 'anna', 'ben', 'kim', 'lee', 'max', 'mallory', 'eve'] as const;
export type Person = (typeof PEOPLE)[number];

/** As the API server names him. */
export const userOf = (person: Person) => `system:serviceaccount:people:${person}`;

/** May do everything in a namespace that a Role can give. */
const wildcard = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name: 'everything', namespace: 'acme' },
  rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
};

/**
 * tom orders for acme, anna and ben decide for it, mallory has a Role there that holds every verb on everything; eve orders for globex; kim and lee
 * are the provider's, for all customers, and max is for acme alone: in globex his right is worth nothing.
 */
export async function invite(bed: TestBed, admin: Kubectl): Promise<Readonly<Record<Person, Kubectl>>> {
  for (const namespace of ['people', 'acme', 'globex', 'shop']) await admin(`create namespace ${namespace}`);
  await admin('create -f -', wildcard);
  for (const person of PEOPLE) await admin(`create serviceaccount ${person} -n people`);
  const bind = (person: Person, namespace: string, role: string) =>
    admin(
      `create rolebinding ${person}-${role} -n ${namespace} --clusterrole=steward-${role} --serviceaccount=people:${person}`,
    );
  for (const person of ['tom', 'anna', 'ben'] as const) await bind(person, 'acme', 'tenant-view');
  await bind('eve', 'globex', 'tenant-view');
  await bind('tom', 'acme', 'tenant-edit');
  await bind('eve', 'globex', 'tenant-edit');
  for (const person of ['anna', 'ben'] as const) await bind(person, 'acme', 'tenant-approve');
  await admin('create rolebinding mallory -n acme --role=everything --serviceaccount=people:mallory');
  const staff = ['kim', 'lee'].map(person => `--serviceaccount=people:${person}`).join(' ');
  await admin(`create clusterrolebinding staff --clusterrole=steward-provider-approve ${staff}`);
  await admin(`create clusterrolebinding on-call --clusterrole=steward-provider-handle ${staff}`);
  await admin(
    'create clusterrole staff-of-acme --verb=approve --resource=contracts.managed.systems --resource-name=acme',
  );
  await admin('create clusterrolebinding staff-of-acme --clusterrole=staff-of-acme --serviceaccount=people:max');
  for (const namespace of ['acme', 'globex']) await bind('max', namespace, 'provider-approve');
  const speaking = PEOPLE.map(
    async person => [person, kubectlOf(bed, await bed.kubeconfigFor('people', person))] as const,
  );
  return Object.fromEntries(await Promise.all(speaking)) as Record<Person, Kubectl>;
}
