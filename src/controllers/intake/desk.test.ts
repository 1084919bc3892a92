import { describe, expect, it } from 'vitest';
import type { Pointer } from '../../domain/intake/pointer.ts';
import { Desk } from './desk.ts';

const pointer = (name: string): Pointer => ({
  ...{ name, firing: true, labels: new Map(), startsAt: new Date(0), endsAt: undefined },
});

describe('MO-14: messages that come while others are settled', () => {
  it('are settled together, and each is answered when its own are', async () => {
    const batches: string[][] = [];
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const desk = new Desk(async pointers => {
      batches.push(pointers.map(({ name }) => name));
      await gates[batches.length - 1]?.promise;
    });
    const answered: string[] = [];
    const told = ['a', 'b', 'c'].map(name => desk.submit([pointer(name)]).then(() => answered.push(name)));
    gates[0]?.resolve();
    await told[0];
    expect([batches, answered]).toEqual([[['a'], ['b', 'c']], ['a']]);
    gates[1]?.resolve();
    await Promise.all(told);
    expect(answered).toEqual(['a', 'b', 'c']);
  });

  it('are told what hindered them, and the next are settled', async () => {
    let broken = true;
    const desk = new Desk(async () => {
      if (broken) throw new Error('Prometheus is silent');
    });
    await expect(desk.submit([pointer('a')])).rejects.toThrow('Prometheus is silent');
    broken = false;
    await desk.submit([pointer('b')]);
  });

  it('are settled in batches of at most five thousand alerts, or one message', async () => {
    const sizes: number[] = [];
    const desk = new Desk(async pointers => {
      sizes.push(pointers.length);
      await Promise.resolve();
    });
    const many = (count: number) => Array.from({ length: count }, () => pointer('a'));
    await Promise.all([1, 3000, 2000, 1, 9000, 5].map(count => desk.submit(many(count))));
    expect(sizes).toEqual([1, 5000, 1, 9000, 5]);
  });
});
