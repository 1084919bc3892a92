/** A test bed with the chart installed and the operator's own process running under the chart's ServiceAccount. */
import { expect } from 'vitest';
import { installChart, type StewardOptions, type StewardProcess, startSteward } from '../../../hack/steward/steward.ts';
import type { Call } from '../../../hack/testbed/client/audit.ts';
import { run } from '../../../hack/testbed/process/command.ts';
import { startTestBed, type TestBed, type TestBedOptions } from '../../../hack/testbed/testbed.ts';
import { Api } from './api.ts';
import { callsSince } from './audit.ts';

export type Cluster = {
  readonly bed: TestBed;
  readonly api: Api;
  /** The operator that runs now. */
  steward(): StewardProcess;
  startSteward(): Promise<StewardProcess>;
  /** Standard output of kubectl as administrator. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  stop(): Promise<void>;
};

/** `chart`: false where the test installs it, and starts the operator, itself; `values`: of the chart; `environment`: what the operator would read of them, since its process is not the chart's. */
type Settled = { readonly chart?: boolean; readonly values?: Readonly<Record<string, string>> } & Pick<
  StewardOptions,
  'environment'
>;

export async function startCluster(
  options: TestBedOptions = {},
  { chart = true, values, ...more }: Settled = {},
): Promise<Cluster> {
  const bed = await startTestBed(options);
  const cluster = clusterOn(bed, await Api.as(bed), more);
  try {
    if (!chart) return cluster;
    await installChart(bed, values);
    await cluster.startSteward();
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

function clusterOn(bed: TestBed, api: Api, options: StewardOptions): Cluster {
  let steward: StewardProcess | undefined;
  return {
    bed,
    api,
    steward: () => {
      if (steward === undefined) throw new Error('the operator has not been started');
      return steward;
    },
    startSteward: async () => {
      steward = await startSteward(bed, options);
      await steward.ready();
      return steward;
    },
    kubectl: (args, input) =>
      run(bed.binaries.kubectl, args, {
        env: { ...process.env, KUBECONFIG: bed.adminKubeconfig },
        ...(input === undefined ? {} : { input }),
      }),
    stop: async () => {
      await steward?.stop('SIGKILL');
      await api.close();
      await bed.stop();
    },
  };
}

/** Must show 4: the chart's roles suffice for everything that the operator did in this bed. */
export async function expectNoRefusals({ bed }: Cluster): Promise<void> {
  const calls = await callsSince(bed);
  expect(calls.length).toBeGreaterThan(0);
  expect(calls.filter(({ responseStatus }) => responseStatus?.code === 403 && !endsThere(responseStatus))).toEqual([]);
}

/** In a namespace that is being deleted nobody may create anything, whatever his roles. */
function endsThere({ details }: NonNullable<Call['responseStatus']>): boolean {
  return details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') === true;
}
