import { join } from 'node:path';
import { callFaults } from '../../integration/runtime/support/faults.ts';
import { aftermath, flawIn, life, RecordPlace } from '../../integration/support/recordplace.ts';
import { type FaultClass, namesOf, type Outcome } from '../cases.ts';
import type { FaultRun } from '../run.ts';
import { suspend, suspensions } from './suspendedwriter.ts';

/** More writes than a life has; those cases of which there is no such write are told apart. */
const MOST_WRITES = 16;
const FATES = { drop: 'before', lose: 'without the answer of' } as const;
type End = { readonly name: string; readonly write: number; readonly fate: keyof typeof FATES };

const ends: readonly End[] = (['drop', 'lose'] as const).flatMap(fate =>
  Array.from({ length: MOST_WRITES }, (_, index) => ({
    ...{ write: index + 1, fate },
    name: `the record writer ends ${FATES[fate]} its write ${index + 1}`,
  })),
);

/** Another writer goes on where one was ended: the chain is whole, everything is recorded once, and the export verifies. */
async function end(run: FaultRun, { name, write: last, fate }: End): Promise<Outcome> {
  const namespace = `records-${fate}-${last}`;
  const place = new RecordPlace(run.bed.client, run.bed.kubeconfig, {
    namespace,
    folder: join(run.bed.dir, namespace),
  });
  await place.make();
  let dead = false;
  const dying = callFaults((_info, write) => {
    if (dead) return 'drop';
    dead = write === last;
    return dead ? fate : 'pass';
  });
  await life(place.writer(dying), place).catch(() => undefined);
  if (!dead) return { name, idle: true };
  await aftermath(place.writer());
  const flaw = flawIn(await place.records());
  if (flaw !== undefined) return { name, failure: flaw };
  const keys = await place.keys();
  if (keys.join() !== 'current') return { name, failure: `the Secret of the keys holds ${keys.join(' and ')}` };
  const { exitCode, text } = place.verified();
  return exitCode === 0 ? { name } : { name, failure: text };
}

export const records: FaultClass = {
  id: 16,
  title:
    'the record writer ended before and after every write, or with its answer lost; suspended while another takes its place',
  names: () => [...namesOf(ends), ...namesOf(suspensions)],
  run: async (run, only) => {
    const outcomes: Outcome[] = [];
    for (const each of ends.filter(({ name }) => only(name))) {
      const failed = (error: unknown): Outcome => ({ name: each.name, failure: String(error) });
      outcomes.push(await end(run, each).catch(failed));
    }
    for (const each of run.chosen(
      suspensions.filter(({ name }) => only(name)),
      1,
    )) {
      const failed = (error: unknown): Outcome => ({ name: each.name, failure: String(error) });
      outcomes.push(await suspend(run, each).catch(failed));
    }
    return outcomes;
  },
};
