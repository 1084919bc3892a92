/** The operator ends at every write of a restore, and at each of its phases: whoever goes on finds out by looking what was done. */
import { startSteward } from '../../../hack/steward/steward.ts';
import { isRestored, RestorePhase } from '../../../src/api/restore.ts';
import type { Outcome } from '../cases.ts';
import type { Ground } from './ground.ts';
import { type RestoreCase, runRestores } from './restorecases.ts';

/** A killed process leaves its Lease behind; what is proved of leases is proved in class 8. */
const WITHOUT_LEASE = { environment: { STEWARD_LEADER_ELECTION: 'false' } };

const done = { ends: 'Succeeded', why: /^The guest runs on the data of / } as const;

/** Writes about the namespace that a restore takes from the order to its verdict. */
export async function writesOf(ground: Ground): Promise<{ readonly writes: number; readonly outcome: Outcome }> {
  let writes = 0;
  const counting: RestoreCase = {
    ...{ name: 'nothing goes wrong', ...done },
    write: number => {
      writes = number;
      return 'pass';
    },
  };
  const [{ name, failure } = { name: '' }] = await runRestores(ground, [counting]);
  return { writes, outcome: { name, ...(failure !== undefined && { failure }) } };
}

/** Nothing of it is sent from write k on: what SIGKILL leaves of a process, at every k. */
export function crashesOf(writes: number): readonly RestoreCase[] {
  return Array.from({ length: writes }, (_, k) => ({
    name: `operator killed before write ${k + 1} of a restore`,
    write: number => (number > k ? 'drop' : 'pass'),
    ...done,
  }));
}

/** Carried out, but the operator never hears of it. */
export function lostAnswersOf(writes: number): readonly RestoreCase[] {
  return Array.from({ length: writes }, (_, k) => ({
    name: `answer to write ${k + 1} of a restore lost`,
    write: number => (number === k + 1 ? 'lose' : 'pass'),
    ...done,
  }));
}

const PHASES = RestorePhase.options.filter(phase => phase === 'Succeeded' || !isRestored(phase));

/** Its process gets SIGKILL as soon as a watch tells that the order stands there; another begins at once. */
export async function killedAtPhases(ground: Ground): Promise<Outcome[]> {
  const cases = PHASES.map(
    (phase): RestoreCase => ({ name: `operator's process killed (SIGKILL) at ${phase}`, ...done }),
  );
  return runRestores(ground, cases, { carriedOut: scopes => killEach(ground, scopes) });
}

async function killEach(ground: Ground, scopes: readonly string[]): Promise<void> {
  for (const [index, phase] of PHASES.entries()) {
    const scope = scopes[index] ?? '';
    const first = await startSteward(ground.bed, WITHOUT_LEASE);
    const reached = ground.once(
      scope,
      ({ status, metadata }) => status?.phase === phase && metadata.deletionTimestamp === undefined,
    );
    await first.ready();
    await ground.orderRestore(scope);
    await reached;
    await first.stop('SIGKILL');
    const second = await startSteward(ground.bed, WITHOUT_LEASE);
    await ground.lacking([scope], () => isRestored(ground.restoreOf(scope)?.status?.phase));
    await second.stop();
  }
}
