import { type Case, type FaultClass, namesOf, runCases } from '../cases.ts';
import { OPERATIONS } from '../lives.ts';
import type { FaultRun } from '../run.ts';

/** The process dies after write k, for every k, and before the first: its namespace gets no further write from it. */
export const crash: FaultClass = {
  id: 1,
  title: 'crash after write k',
  names: run => namesOf(casesOf(run)),
  run: (run, only) => runCases(run, run.chosen(casesOf(run).filter(({ name }) => only(name))), { crash: true }),
};

function casesOf(run: FaultRun): Case[] {
  return OPERATIONS.flatMap(operation => {
    const all = Array.from({ length: run.reference(operation).writes + 1 }, (_, k) => k);
    return all.map(k => ({
      ...{ operation, name: `${operation}, crash after write ${k}` },
      fault: { write: (number: number) => (number > k ? ('drop' as const) : ('pass' as const)) },
    }));
  });
}
