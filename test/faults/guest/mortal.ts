/** A worker as a process of its own, which is killed at a moment of its work: `node mortal.ts '<Mortal as JSON>'`. */
import type { Step } from '../../../src/guest/run/stepscripts.ts';
import { dialAddress } from '../../../src/guest/transport/dial.ts';
import { Ledger } from './ledger.ts';
import type { Place } from './place.ts';
import { work } from './worker.ts';

export type Mortal = {
  readonly port: number;
  readonly place: Pick<Place, 'login' | 'ground' | 'counter'>;
  readonly ledgerFile: string;
  readonly step: Step;
  readonly moment: 'before' | 'after';
  readonly number: number;
};

if (import.meta.main) {
  const { port, place, ledgerFile, step, ...end } = JSON.parse(process.argv[2] ?? '') as Mortal;
  const dial = dialAddress('127.0.0.1', port);
  await work({
    name: 'mortal',
    place: { ...place, dial, effects: async () => 0, close: async () => {} },
    ledger: new Ledger(ledgerFile),
    step,
    fate: (moment, number) => {
      if (moment === end.moment && number === end.number) process.kill(process.pid, 'SIGKILL');
    },
  });
}
