/** Months: closed from records alone, at night, by somebody who is ended now and then and asks again. */
import { billOf, totalsOf } from '../../src/domain/billing/bill.ts';
import { closeMonth, faultsIn, type Generation, readGeneration } from '../../src/domain/billing/closing.ts';
import type { World } from './world.ts';

const DAY = 86_400;

/** What was closed, by contract and month, and what was wrong with it. */
export class Months {
  readonly closed = new Map<string, Generation[]>();
  readonly wrong: string[] = [];

  close(world: World, contract: string, month: string): void {
    const key = `${contract} ${month}`;
    const before = this.closed.get(key) ?? [];
    const bill = billOf(world.records.history, contract, month);
    if (bill === undefined) return void this.wrong.push(`${key}: no contract`);
    if (bill.open.length > 0) this.wrong.push(`${key}: ${bill.open.map(({ why }) => why).join('; ')}`);
    const source = world.records.headOf(`contract-${contract}`);
    const files = closeMonth(bill, before, [source], 'Example GmbH');
    if (files === undefined) return;
    if (world.fault('a close of a month was ended before it was written', 0.4))
      world.simulation.in(600, () => this.close(world, contract, month));
    else this.closed.set(key, [...before, readGeneration(files)]);
  }

  /** Into the diary: what all generations of each month come to. */
  tell(world: World): void {
    for (const [key, generations] of this.closed) {
      const [contract = '', month = ''] = key.split(' ');
      this.wrong.push(...faultsIn(generations).map(fault => `${key}: ${fault}`));
      if (generations.length > 1)
        this.wrong.push(`${key}: it was closed ${generations.length} times, and nothing was recorded late`);
      const lines = generations.flatMap(each => each.lines);
      const total = totalsOf(lines)[0]?.amount ?? '0.00';
      const told = lines.map(({ kind, subject, item, level, days = [], amount, id }) => ({
        ...{ kind, uid: subject.uid, item: item?.uid, level, days, amount, id },
      }));
      world.diary.bills.push({ contract, month, lines: told, total });
    }
  }
}

/** An hour after each month has ended by the clock in Berlin, and again some days later. */
export function keepMonths(world: World, months: Months): void {
  const { simulation, contracts, options, dice } = world;
  for (let month = 1; month <= 12; month++) {
    const name = `${options.year}-${String(month).padStart(2, '0')}`;
    const [year, next] = month === 12 ? [options.year + 1, 1] : [options.year, month + 1];
    const ends = new Date(Date.UTC(year, next - 1, 1, 1, 0, 0));
    for (const contract of contracts.keys()) {
      simulation.at(ends, () => months.close(world, contract, name));
      simulation.at(ends.getTime() + dice.int(1, 20) * DAY * 1000, () => months.close(world, contract, name));
    }
  }
}
