import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { billOf, totalsOf } from './bill.ts';
import { type ClosedLine, nextGeneration, standingIn } from './corrections.ts';
import { CONTRACTS, daysFound, feeOn, RANKS, recordsOf, type World, world } from './histories.fixtures.ts';
import { History } from './history.ts';
import type { Line } from './line.ts';

/** A sample in `npm test`; `npm run histories` has 10 000. */
const numRuns = Number(process.env.HISTORIES ?? 60);
const timeout = 60_000 + 60 * numRuns;

function linesOf(history: History, contract: string, month: string): readonly Line[] {
  return billOf(history, contract, month)?.lines ?? [];
}
function datesOf({ days = [] }: Pick<Line, 'days'>): string[] {
  return days.flatMap(span => {
    const [from = '', to = from] = span.split('/');
    const length = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;
    return Array.from({ length }, (_, day) => new Date(Date.parse(from) + day * 86_400_000).toISOString().slice(0, 10));
  });
}
const inCents = (amount: string) => Number(amount.replace('.', ''));
const hasOneZone = ({ zones: [a, b] }: World) => a === b;

describe('GE-1: of any history', () => {
  it('one that moves to and fro between contracts of two zones around a midnight has no date twice (found by 6583 histories)', () => {
    const moved = [2880, 44_580, 44_640].map(at => ({ act: 'Moved' as const, at }));
    const of: World = {
      ...{ month: '2026-02', zones: ['Europe/Berlin', 'America/New_York'], prices: [0, 0, 0, 0, 0, 0] },
      ...{ second: 1, billWhenStopped: false },
      lives: [{ begins: 0, level: 0, events: [{ act: 'Provisioned', at: 2 }, ...moved] }],
    };
    const { history } = recordsOf(of);
    const dates = CONTRACTS.flatMap(contract => linesOf(history, contract, of.month).flatMap(datesOf));
    expect(dates.toSorted()).toEqual([...new Set(dates)].sort());
    expect(dates).toContain('2026-02-16');
  });

  it(
    'the days of lines are the days on which systems stood, each once, at the highest level of the day',
    () => {
      fc.assert(
        fc.property(world, of => {
          const { history } = recordsOf(of);
          const billed = new Map<string, unknown>();
          for (const contract of CONTRACTS)
            for (const line of linesOf(history, contract, of.month))
              for (const date of datesOf(line)) {
                const key = `${contract} ${line.subject.name} ${date}`;
                expect(billed.has(key), `${key} is billed twice`).toBe(false);
                billed.set(key, { level: RANKS.indexOf(line.level ?? ''), isFree: line.note === 'powered off' });
              }
          const isFree = (isStopped: boolean) => isStopped && !of.billWhenStopped;
          const found = [...daysFound(of)].map(
            ([key, { level, isStopped }]) => [key, { level, isFree: isFree(isStopped) }] as const,
          );
          if (hasOneZone(of) && of.lives.every(({ events }) => events.every(({ act }) => act !== 'Moved')))
            expect(new Map([...billed].sort())).toEqual(new Map(found.toSorted()));
          else {
            // Whoever moves: no date twice, of whichever contract, and none lost.
            const withoutContract = (keys: Iterable<string>) => [...keys].map(key => key.slice(key.indexOf(' ') + 1));
            const dates = withoutContract(billed.keys());
            expect(new Set(dates).size).toBe(dates.length);
            expect(withoutContract(found.map(([key]) => key)).filter(date => !dates.includes(date))).toEqual([]);
          }
        }),
        { numRuns },
      );
    },
    timeout,
  );

  it(
    'lines are their days of the month to half a cent, and add to the bill',
    () => {
      fc.assert(
        fc.property(world, of => {
          const { history } = recordsOf(of);
          for (const contract of CONTRACTS) {
            const lines = linesOf(history, contract, of.month);
            for (const line of lines) {
              const dates = datesOf(line);
              const fees = new Set(
                dates.map(date => (line.note ? 0 : feeOn(of, RANKS.indexOf(line.level ?? ''), date))),
              );
              expect([...fees]).toEqual([inCents(line.rate)]);
              const length = new Date(Number(of.month.slice(0, 4)), Number(of.month.slice(5)), 0).getDate();
              const twice = 2 * Math.abs(inCents(line.amount) * length - inCents(line.rate) * dates.length);
              expect(twice).toBeLessThanOrEqual(length);
            }
            const sum = lines.reduce((all, { amount }) => all + inCents(amount), 0);
            expect(totalsOf(lines).map(({ amount }) => inCents(amount))).toEqual(lines.length === 0 ? [] : [sum]);
          }
        }),
        { numRuns },
      );
    },
    timeout,
  );

  it(
    'neither the order of streams nor how often they are read matters',
    () => {
      fc.assert(
        fc.property(world, of => {
          const { entries, history } = recordsOf(of);
          const turned = new History();
          for (const stream of ['contract-other', 'cluster', 'contract-acme'])
            for (const entry of entries) if (entry.stream === stream) turned.take(entry);
          for (const contract of CONTRACTS)
            expect(linesOf(turned, contract, of.month)).toEqual(linesOf(history, contract, of.month));
        }),
        { numRuns },
      );
    },
    timeout,
  );

  it(
    'closed at any times, with restarts before and after every write, all generations are the bill, and no id comes twice',
    () => {
      const closes = fc.array(fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }), isLost: fc.boolean() }), {
        maxLength: 5,
      });
      fc.assert(
        fc.property(world, closes, (of, times) => {
          const { entries } = recordsOf(of);
          const inTime = entries.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at) || a.sequence - b.sequence);
          const read = (share: number) => {
            const history = new History();
            for (const entry of inTime.slice(0, Math.ceil(inTime.length * share))) history.take(entry);
            return linesOf(history, 'acme', of.month);
          };
          const closed: ClosedLine[] = [];
          for (const { share, isLost } of [...times, { share: 1, isLost: true }, { share: 1, isLost: false }]) {
            const next = nextGeneration(closed, read(share));
            if (!isLost) closed.push(...next);
          }
          const bill = read(1);
          expect(nextGeneration(closed, bill)).toEqual([]);
          expect([...standingIn(closed).keys()].sort()).toEqual(bill.map(({ id }) => id).sort());
          expect(new Set(closed.map(({ id }) => id)).size).toBe(closed.length);
          const sum = (lines: readonly { readonly amount: string }[]) =>
            lines.reduce((all, { amount }) => all + inCents(amount), 0);
          expect(sum(closed)).toBe(sum(bill));
        }),
        { numRuns },
      );
    },
    timeout,
  );
});
