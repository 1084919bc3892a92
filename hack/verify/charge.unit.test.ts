import { describe, expect, it, test } from 'vitest';
import { busyTicks, chargeable, processOf, ticksBelow } from './charge.ts';

test('a process is read from its line, whatever its name holds', () => {
  const line = '4711 (a (b) 7 c) S 42 4711 4711 0 -1 4194560 1 2 3 4 100 20 3 4 20 0 1 0 9 9 9\n';
  expect(processOf(line)).toEqual({ pid: 4711, parent: 42, ticks: 127 });
});

test('a process that has ended is none', () => {
  expect(processOf('')).toBeUndefined();
});

test('a step has worked what its process and all that descend from it have worked', () => {
  const processes = [
    { pid: 9, parent: 7, ticks: 1000 },
    { pid: 7, parent: 5, ticks: 100 },
    { pid: 5, parent: 1, ticks: 10 },
    { pid: 6, parent: 1, ticks: 1 },
  ];
  expect(ticksBelow(5, processes)).toBe(1110);
});

test('a processor is busy with whatever is neither idle nor waiting for a disk, and with what a hypervisor takes', () => {
  expect(busyTicks('cpu  1 2 4 1000 1000 8 16 32 0 0\ncpu0 …')).toBe(63);
});

describe('a step is charged', () => {
  const spent = { took: 100, processors: 2 };

  it.each([
    ['its time, where the machine does nothing else', { own: 120, busy: 120 }, 100],
    ['its time, where it only waits', { own: 0, busy: 0 }, 100],
    ['its time less what the processors did for others', { own: 80, busy: 180 }, 50],
    ['never less than its own work takes of all processors', { own: 120, busy: 400 }, 60],
    ['never more than its time', { own: 90, busy: 80 }, 100],
  ])('%s', (_, work, charged) => {
    expect(chargeable({ ...spent, ...work })).toBe(charged);
  });
});
