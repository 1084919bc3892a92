import { type Case, type FaultClass, namesOf, runCases } from '../cases.ts';
import { OPERATIONS } from '../lives.ts';
import type { FaultRun } from '../run.ts';

/** Each write once: carried out by the API server, and the answer lost on the way back. */
export const lostAnswer: FaultClass = {
  id: 2,
  title: 'answer lost after commit',
  names: run => namesOf(casesOf(run)),
  run: (run, only) => runCases(run, run.chosen(casesOf(run).filter(({ name }) => only(name)))),
};

function casesOf(run: FaultRun): Case[] {
  return OPERATIONS.flatMap(operation => {
    const all = Array.from({ length: run.reference(operation).writes }, (_, index) => index + 1);
    return all.map(k => ({
      ...{ operation, name: `${operation}, answer to write ${k} lost` },
      fault: { write: (number: number) => (number === k ? ('lose' as const) : ('pass' as const)) },
    }));
  });
}
