import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type FailureReason, GuestFailure } from './failure.ts';
import { dialInTurn, LED_MS, type Led, type WayName } from './ways.ts';

const limit = () => new AbortController().signal;

/** Two ways, of which each fails for the reason that is set, and what was tried. */
function twoWays() {
  const tried: WayName[] = [];
  const fails = new Map<WayName, FailureReason>();
  const way = (name: WayName) => ({
    name,
    dial: async () => {
      tried.push(name);
      const reason = fails.get(name);
      if (reason !== undefined) throw new GuestFailure(reason, `${name} failed`);
      return new PassThrough();
    },
  });
  const memory: { led?: Led | undefined } = {};
  let time = 0;
  const dial = dialInTurn([way('Direct'), way('PortForward')], memory, () => time);
  return {
    ...{ fails, memory },
    /** What one dialling tries. */
    dial: async () => {
      tried.length = 0;
      await dial(limit);
      return [...tried];
    },
    error: () => dial(limit).catch((error: unknown) => error),
    pass: (ms: number) => {
      time += ms;
    },
  };
}

describe('the ways to a guest', () => {
  it('are tried in turn, and the second only where the first leads nowhere', async () => {
    const ways = twoWays();
    expect(await ways.dial()).toEqual(['Direct']);
    expect(ways.memory.led?.name).toBe('Direct');
    ways.fails.set('Direct', 'NoAnswer');
    expect(await ways.dial()).toEqual(['Direct', 'PortForward']);
    expect(ways.memory.led?.name).toBe('PortForward');
  });

  it('begin with the one that led last, so that not each connection waits in vain, and with the first again after an hour', async () => {
    const ways = twoWays();
    ways.fails.set('Direct', 'NoAnswer');
    await ways.dial();
    ways.pass(LED_MS - 1);
    expect(await ways.dial()).toEqual(['PortForward']);
    ways.pass(1);
    expect(await ways.dial()).toEqual(['Direct', 'PortForward']);
    expect(await ways.dial()).toEqual(['PortForward']);
    ways.pass(LED_MS);
    ways.fails.clear();
    expect(await ways.dial()).toEqual(['Direct']);
  });

  it('go back to the first where the one that led last no longer does', async () => {
    const ways = twoWays();
    ways.fails.set('Direct', 'NoAnswer');
    await ways.dial();
    ways.fails.clear();
    ways.fails.set('PortForward', 'NotReachable');
    expect(await ways.dial()).toEqual(['PortForward', 'Direct']);
    expect(ways.memory.led?.name).toBe('Direct');
  });

  it('fail for the reason of the first, with the words of both, whichever was tried first', async () => {
    const ways = twoWays();
    ways.fails.set('Direct', 'NoAnswer');
    await ways.dial();
    ways.fails.set('PortForward', 'NotReachable');
    expect(await ways.error()).toMatchObject({ reason: 'NoAnswer', message: 'Direct failed; PortForward failed' });
    expect(ways.memory.led).toBeUndefined();
    ways.fails.delete('PortForward');
    expect(await ways.dial()).toEqual(['Direct', 'PortForward']);
  });

  it('are left alone where something else than the network failed', async () => {
    const broken = async () => {
      throw new RangeError('a mistake of ours');
    };
    const second = async () => new PassThrough();
    const ways = [
      { name: 'Direct', dial: broken },
      { name: 'PortForward', dial: second },
    ] as const;
    await expect(dialInTurn(ways, {}, () => 0)(limit)).rejects.toThrow('a mistake of ours');
  });
});
