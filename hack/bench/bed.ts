/** A fresh test bed with the chart installed and the orders' prerequisites in place; no operator runs on it yet. */
import { installChart, NAMESPACE } from '../steward/steward.ts';
import { Client } from '../testbed/client/client.ts';
import { makeAlmighty, userOf } from '../testbed/controlplane/account.ts';
import { readCredentials } from '../testbed/controlplane/certificates.ts';
import { layout } from '../testbed/controlplane/controlplane.ts';
import { startTestBed, type TestBed } from '../testbed/testbed.ts';
import { prerequisites } from './workload.ts';

export type BenchBed = {
  readonly bed: TestBed;
  /** The administrator, who orders. */
  readonly client: Client;
  /** Kubeconfig and user name of a ServiceAccount that may do everything. */
  contestant(): Promise<{ readonly kubeconfig: string; readonly user: string }>;
  stop(): Promise<void>;
};

type BedOptions = { readonly webhooks?: boolean };

const ACCOUNT = { namespace: NAMESPACE, account: 'contestant' };
/** Every contestant writes first-boot Secrets, which only Steward may where the policy is in force. */
export const EVERY_WRITER = { 'admission.firstBootSecrets': 'false' } as const;

/** Does the work on a bed of its own, which ends with it. */
export async function onBenchBed<Result>(
  work: (bench: BenchBed) => Promise<Result>,
  options?: BedOptions,
): Promise<Result> {
  const bench = await startBenchBed(options);
  try {
    return await work(bench);
  } finally {
    await bench.stop();
  }
}

/** `webhooks`: with KubeVirt's webhooks and controller, and everything that reacts to a VM played; else nothing reacts to children. */
async function startBenchBed({ webhooks = false }: BedOptions = {}): Promise<BenchBed> {
  const bed = await startTestBed({ kubevirt: webhooks, played: webhooks });
  const client = new Client(bed.server, await readCredentials(layout(bed.dir).certificates, 'admin'), 'bench');
  const stop = async () => {
    await client.close();
    await bed.stop();
  };
  try {
    await installChart(bed, EVERY_WRITER);
    await makeAlmighty(client, ACCOUNT);
    for (const { path, object } of prerequisites) await client.create(path, object);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...{ bed, client, stop },
    contestant: async () => ({
      kubeconfig: await bed.kubeconfigFor(ACCOUNT.namespace, ACCOUNT.account),
      user: userOf(ACCOUNT),
    }),
  };
}
