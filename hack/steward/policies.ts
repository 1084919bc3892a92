/** When the chart's admission policies hold: some seconds after Helm has installed them. */
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

/**
 * Waits until the policy for service levels refuses what it is there to refuse. Until the API server has loaded the policies it admits
 * everything, and from then until it has discovered the kinds of their parameters it refuses every ManagedVM.
 */
export async function untilPoliciesHold(bed: TestBed): Promise<void> {
  const client = new Client(bed.server, await readCredentials(layout(bed.dir).certificates, 'admin'), 'policy-probe');
  const path = pathOf(operatingSystem, '', NAME);
  try {
    await until('the kind OperatingSystem', () => client.patch('apply', path, system), bed.died);
    await until('the policy for service levels', () => refused(client), bed.died);
    await client.delete(path);
  } finally {
    await client.close();
  }
}

async function refused(client: Client): Promise<void> {
  const answer = await client.dryRun(pathOf(managedVM, 'default'), order).catch((error: unknown) => error);
  if (answer instanceof ApiError && answer.message.includes('is offered at Admin only')) return;
  throw answer instanceof Error ? answer : new Error('no policy has refused the order');
}
