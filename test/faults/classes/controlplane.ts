import { setTimeout as sleep } from 'node:timers/promises';
import { type Case, type FaultClass, namesOf, type Outcome, runCases } from '../cases.ts';
import { startProxy } from '../cluster/proxy.ts';
import { OPERATIONS } from '../lives.ts';
import type { FaultRun, Running } from '../run.ts';

/** Two minutes in the full run: longer than any time-out of a call. */
const partitionSeconds = (run: FaultRun) => (run.quick ? 4 : 120);
const KILLED = 'etcd and kube-apiserver are killed';
const CUT = 'the API server cannot be reached';
const RECOVERY_MS = 150_000;

/** etcd and kube-apiserver die and come back; the way to them is cut. */
export const controlPlane: FaultClass = {
  id: 15,
  title: 'etcd and apiserver killed and restarted, apiserver partitioned',
  names: () => namesOf([KILLED, CUT].flatMap(what => casesOf(what, () => true))),
  run: async (run, only) => {
    const killed = casesOf(KILLED, only);
    const cut = casesOf(CUT, only);
    const outcomes: Outcome[] = [];
    outcomes.push(
      ...(await runCases(run, run.chosen(killed, 4), { during: () => run.bed.restart(), limitMs: RECOVERY_MS })),
    );
    outcomes.push(...(await partitioned(run, run.chosen(cut, 4))));
    return outcomes;
  },
};

function casesOf(what: string, only: (name: string) => boolean): Case[] {
  return OPERATIONS.map(operation => ({ operation, name: `${operation}, ${what}` })).filter(({ name }) => only(name));
}

/** Packets vanish in both directions, and no connection is told. */
async function partitioned(run: FaultRun, cases: readonly Case[]): Promise<Outcome[]> {
  const proxy = await startProxy(run.bed.port);
  try {
    const settings = { server: `https://127.0.0.1:${proxy.port}`, watchSeconds: 5, graceMs: 1_000 };
    const before = async () => proxy.cut();
    const during = async (_running: Running) => {
      await sleep(partitionSeconds(run) * 1000);
      proxy.mend();
    };
    return await runCases(run, cases, { settings, before, during, limitMs: RECOVERY_MS });
  } finally {
    await proxy.close();
  }
}
