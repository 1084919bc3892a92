/** When the chart's admission policies hold: some seconds after Helm has installed them. */
import { approval } from '../../src/api/approval.ts';
import { contract } from '../../src/api/contract.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { ApiError, Client } from '../testbed/client/client.ts';
import { pathOf } from '../testbed/client/path.ts';
import { readCredentials } from '../testbed/controlplane/certificates.ts';
import { layout } from '../testbed/controlplane/controlplane.ts';
import { until } from '../testbed/process/until.ts';
import type { TestBed } from '../testbed/testbed.ts';

const apiVersion = 'managed.systems/v1alpha1';
const NAME = 'steward-policy-probe';
const DISK_PATH = `/api/v1/namespaces/default/persistentvolumeclaims/${NAME}`;

/** Refuses what nothing else does. Watches tell in the order of writing: who sees it refuse knows of every policy that was there before. */
const last = [
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: NAME },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
      },
      matchConditions: [{ name: 'the-probe', expression: `object.metadata.name == "${NAME}"` }],
      validations: [{ expression: 'false', message: 'all policies are known' }],
    },
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: NAME },
    spec: { policyName: NAME, validationActions: ['Deny'] },
  },
] as const;
const refusedByLast = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: NAME, namespace: 'default' } };

const order = {
  apiVersion,
  kind: 'ManagedVM',
  metadata: { name: NAME, namespace: 'default' },
  spec: { serviceLevel: 'AdvancedMonitoringAndPatching', operatingSystem: NAME },
};

/** What policies with parameters of other kinds look at: customers' namespaces and plans, and a change. */
const agreement = {
  apiVersion,
  kind: 'Contract',
  metadata: { name: NAME },
  spec: {
    ...{ customer: 'Probe', namespaces: [NAME], billingId: '1' },
    contacts: [{ name: 'probe', email: 'probe@probe.example', roles: ['Approver', 'Technical', 'Billing'] }],
    plans: [{ level: 'Admin', plan: NAME, from: '2026-01-01' }],
  },
};
const decision = {
  apiVersion,
  kind: 'Approval',
  metadata: { name: NAME, namespace: 'default' },
  spec: {
    ...{ changeRef: NAME, planHash: `sha256:${'0'.repeat(64)}`, party: 'Provider' },
    ...{ decision: 'Approve', decidedBy: NAME },
  },
};
/** By its label it says that it is a part of a ManagedVM, so that the policy on those is asked whether it may go. */
const disk = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: NAME, namespace: 'default', labels: { 'managed.systems/owner-kind': 'ManagedVM' } },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } }, storageClassName: NAME },
};

/**
 * Waits until the policies of the chart judge. Until the API server has loaded them it admits everything, and from then until it has
 * discovered the kinds of their parameters it refuses all that they match. It discovers them in one go, half a minute after the last: one
 * kind may be known while those that came a moment later are not, so one policy of each is asked that fails where it cannot judge.
 */
export async function untilPoliciesHold(bed: TestBed): Promise<void> {
  const client = new Client(bed.server, await readCredentials(layout(bed.dir).certificates, 'admin'), 'policy-probe');
  const known = (what: string, ask: () => Promise<unknown>) => until(what, () => judged(ask()), bed.died);
  try {
    for (const object of last) await client.patch('apply', policyPath(object.kind), object);
    await until('the list of policies', () => refused(client), bed.died);
    for (const { kind } of last) await client.delete(policyPath(kind));
    await known('the policy for service levels', () => client.dryRun(pathOf(managedVM, 'default'), order));
    await known('the policies on contracts', () => client.dryRun(pathOf(contract), agreement));
    await known('the policies on approvals', () => client.dryRun(pathOf(approval, 'default'), decision));
    await client.patch('apply', DISK_PATH, disk);
    await known('the policies on deletions', () => client.delete(DISK_PATH));
  } finally {
    await client.close();
  }
}

function policyPath(kind: (typeof last)[number]['kind']): string {
  const plural =
    kind === 'ValidatingAdmissionPolicy' ? 'validatingadmissionpolicies' : 'validatingadmissionpolicybindings';
  return `/apis/admissionregistration.k8s.io/v1/${plural}/${NAME}`;
}

async function refused(client: Client): Promise<void> {
  const answer = await client
    .dryRun('/api/v1/namespaces/default/configmaps', refusedByLast)
    .catch((error: unknown) => error);
  if (answer instanceof ApiError && answer.message.includes('all policies are known')) return;
  throw answer instanceof Error ? answer : new Error('the last policy has refused nothing');
}

/** Whatever they say of it: throws while they cannot say anything. */
async function judged(answer: Promise<unknown>): Promise<void> {
  const said = await answer.catch((error: unknown) => error);
  if (said instanceof Error && !(said instanceof ApiError)) throw said;
  if (said instanceof ApiError && said.message.includes('failed to configure policy')) throw said;
}
