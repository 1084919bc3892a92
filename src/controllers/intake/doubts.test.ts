import { beforeEach, describe, expect, it } from 'vitest';
import { DOUBT_MS, DOUBT_OVER_MS } from '../../domain/intake/doubt.ts';
import { FIRED, labels, NOW, named, uid } from '../../domain/intake/intake.fixtures.ts';
import { ManualClock } from '../../runtime/api/manualclock.ts';
import { Doubts } from './doubts.ts';
import { PlayedStock } from './playedstock.fixtures.ts';
import type { Stock } from './stock.ts';

const FORGED = labels('ManagedVMDown', { n: '1' });

let stock: PlayedStock;
let clock: ManualClock;
let doubts: Doubts;

beforeEach(() => {
  stock = new PlayedStock();
  clock = new ManualClock(NOW);
  doubts = new Doubts(stock as unknown as Stock, clock);
});

async function refusedAfter(ms: number, its = FORGED) {
  await clock.advance(ms);
  const pointer = { name: 'ManagedVMDown', firing: true, labels: its, startsAt: FIRED, endsAt: undefined };
  doubts.refused({ pointer, subject: { ...named, uid }, why: 'NotFiring', message: 'It does not fire.' });
  await doubts.settle();
}

describe('MO-13: alerts that are not proven', () => {
  it('are kept once, by whichever replica, when they go on', async () => {
    await refusedAfter(0);
    expect(stock.incidents()).toEqual([]);
    await refusedAfter(DOUBT_MS);
    await refusedAfter(60_000);
    expect(stock.incidents().map(({ spec }) => spec.proof?.verdict)).toEqual(['Unproven']);
  });

  it('are not kept where they are proven after all', async () => {
    await refusedAfter(0);
    doubts.proven(FORGED);
    await refusedAfter(DOUBT_MS);
    expect(stock.incidents()).toEqual([]);
  });

  it('are over when nobody tells of them any more', async () => {
    await refusedAfter(0);
    await refusedAfter(DOUBT_MS);
    await clock.advance(DOUBT_OVER_MS);
    await doubts.settle();
    expect(stock.incidents().map(({ spec }) => spec.signals?.map(({ firing }) => firing))).toEqual([[false]]);
  });

  it('remember no more than two thousand of what is forged', async () => {
    for (let index = 0; index < 5_000; index += 1) {
      const pointer = {
        name: 'ManagedVMDown',
        firing: true,
        labels: labels('ManagedVMDown', { n: `${index}` }),
        startsAt: FIRED,
        endsAt: undefined,
      };
      doubts.refused({ pointer, subject: { ...named, uid }, why: 'NotFiring', message: 'It does not fire.' });
    }
    await clock.advance(DOUBT_MS);
    await doubts.settle();
    expect(stock.incidents()).toHaveLength(1);
  });
});
