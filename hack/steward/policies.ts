/** When the chart's admission policies hold: some seconds after Helm has installed them. */
import { approval } from '../../src/api/approval.ts';
import { contract } from '../../src/api/contract.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { operatingSystem } from '../../src/api/operatingsystem.ts';
import { ApiError, Client } from '../testbed/client/client.ts';
import { pathOf } from '../testbed/client/path.ts';
import { readCredentials } from '../testbed/controlplane/certificates.ts';
import { layout } from '../testbed/controlplane/controlplane.ts';
import { until } from '../testbed/process/until.ts';
import type { TestBed } from '../testbed/testbed.ts';

const apiVersion = 'managed.systems/v1alpha1';
const NAME = 'steward-policy-probe';
const NAMESPACE_PATH = `/api/v1/namespaces/${NAME}`;

const system = {
  apiVersion,
  kind: 'OperatingSystem',
  metadata: { name: NAME },
  spec: {
    family: 'Linux',
    distribution: 'Probe',
    version: '1',
    packageManager: 'apt',
    image: { http: { url: 'https://images.example/probe.qcow2' } },
    preference: 'debian',
    defaults: { cpu: 1, memory: '1Gi', rootDisk: '1Gi' },
    lifeCycle: { endOfSupport: '2099-12-31' },
    serviceLevels: ['Admin'],
  },
};

/** At a level that the system is not offered at (MO-7). */
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
const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAME } };

/**
 * Waits until the policy for service levels refuses what it is there to refuse. Until the API server has loaded the policies it admits
 * everything, and from then until it has discovered the kinds of their parameters it refuses all that they match. It discovers them in one
 * go, half a minute after the last: one kind may be known while those that came a moment later are not, so each is asked for.
 */
export async function untilPoliciesHold(bed: TestBed): Promise<void> {
  const client = new Client(bed.server, await readCredentials(layout(bed.dir).certificates, 'admin'), 'policy-probe');
  const path = pathOf(operatingSystem, '', NAME);
  try {
    await until('the kind OperatingSystem', () => client.patch('apply', path, system), bed.died);
    await until('the policy for service levels', () => refused(client), bed.died);
    await client.delete(path);
    await until('the policies on contracts', () => judged(client.dryRun(pathOf(contract), agreement)), bed.died);
    await until(
      'the policies on approvals',
      () => judged(client.dryRun(pathOf(approval, 'default'), decision)),
      bed.died,
    );
    await client.patch('apply', NAMESPACE_PATH, namespace);
    await until('the policies on deletions', () => judged(client.delete(NAMESPACE_PATH)), bed.died);
  } finally {
    await client.close();
  }
}

async function refused(client: Client): Promise<void> {
  const answer = await client.dryRun(pathOf(managedVM, 'default'), order).catch((error: unknown) => error);
  if (answer instanceof ApiError && answer.message.includes('is offered at Admin only')) return;
  throw answer instanceof Error ? answer : new Error('no policy has refused the order');
}

/** Whatever they say of it: throws while they cannot say anything. */
async function judged(answer: Promise<unknown>): Promise<void> {
  const said = await answer.catch((error: unknown) => error);
  if (said instanceof Error && !(said instanceof ApiError)) throw said;
  if (said instanceof ApiError && said.message.includes('failed to configure policy')) throw said;
}
