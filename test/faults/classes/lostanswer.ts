import { type FaultClass, runCases } from '../cases.ts';
import { OPERATIONS } from '../lives.ts';

/** Each write once: carried out by the API server, and the answer lost on the way back. */
export const lostAnswer: FaultClass = {
  id: 2,
  title: 'answer lost after commit',
  run: (run, only) => {
    const cases = OPERATIONS.flatMap(operation => {
      const all = Array.from({ length: run.reference(operation).writes }, (_, index) => index + 1);
      return all.map(k => ({
        ...{ operation, name: `${operation}, answer to write ${k} lost` },
        fault: { write: (number: number) => (number === k ? ('lose' as const) : ('pass' as const)) },
      }));
    });
    return runCases(run, run.chosen(cases.filter(({ name }) => only(name))));
  },
};
