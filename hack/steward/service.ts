/** The whole service on a real node: the test bed with everything on it, and Steward as its users run it, from the image by Helm. */

import type { Progress } from '../testbed/build/progress.ts';
import { Client } from '../testbed/client/client.ts';
import { readCredentials } from '../testbed/controlplane/certificates.ts';
import { layout } from '../testbed/controlplane/controlplane.ts';
import { monitoringURLs } from '../testbed/node/monitoring/stack.ts';
import { run } from '../testbed/process/command.ts';
import { startTestBed, type TestBed } from '../testbed/testbed.ts';
import { STEWARD_IMAGE, stewardImageFile } from './onnode.ts';
import { installChart, NAMESPACE } from './steward.ts';

/** What another process needs to use the service. */
export type ServiceAddresses = {
  readonly dir: string;
  readonly server: string;
  readonly kubeconfig: string;
  readonly kubectl: string;
  readonly helm: string;
  readonly prometheus: string;
  readonly alertmanager: string;
};

export type Service = {
  readonly bed: TestBed;
  /** As administrator. */
  readonly client: Client;
  readonly addresses: ServiceAddresses;
  stop(): Promise<void>;
};

/** Often enough that nobody waits for it in a demo or a test; in production 30 s and 5 min. */
const watching = { 'prometheus.interval': '5s', 'prometheus.tolerance': '1m', 'serviceMonitor.interval': '5s' };

/** What Alertmanager's account of the bed posts becomes incidents; in production compared once a minute. */
const receiving = {
  'intake.enabled': 'true',
  'intake.senders': '{system:serviceaccount:monitoring:alertmanager}',
  'intake.alertmanager.url': 'http://alertmanager.monitoring:9093',
  'intake.interval': '15s',
};

/** A look takes an emulated guest seconds of CPU time; in production 10 min. */
const looking = { 'guest.replicas': '1', 'guest.interval': '2m' };

/** Starts in the box: the profile `node`, two replicas of Steward and a guest worker under Pod Security `restricted`. Returns when all are ready. */
export async function startService(progress: Progress): Promise<Service> {
  const bed = await startTestBed({ profile: 'node', onProgress: progress });
  const client = new Client(bed.server, await readCredentials(layout(bed.dir).certificates, 'admin'), 'service');
  const stop = async () => {
    await client.close();
    await bed.stop();
  };
  try {
    if (bed.node === undefined) throw new Error('the test bed has no node');
    progress('importing the image of Steward and installing its chart');
    await bed.node.importImage(stewardImageFile);
    await restricted(client);
    await installChart(bed, {
      replicas: '2',
      'image.repository': STEWARD_IMAGE,
      'prometheus.url': 'http://prometheus.monitoring:9090',
      ...watching,
      ...looking,
      ...receiving,
    });
    for (const deployment of ['steward', 'steward-guest', 'steward-receive']) {
      const rollout = ['-n', NAMESPACE, 'rollout', 'status', `deployment/${deployment}`, '--timeout=180s'];
      await run(bed.binaries.kubectl, rollout, { env: { ...process.env, KUBECONFIG: bed.adminKubeconfig } });
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const addresses = {
    dir: bed.dir,
    server: bed.server,
    kubeconfig: bed.adminKubeconfig,
    kubectl: bed.binaries.kubectl,
    helm: bed.binaries.helm,
    ...monitoringURLs,
  };
  return { bed, client, addresses, stop };
}

/** A namespace in which Pod Security admission enforces `restricted`. */
async function restricted(client: Client): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await client.create('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: NAMESPACE, labels },
  });
}
