import { describe, expect, it } from 'vitest';
import type { GivenKeys } from '../../api/managedvm.ts';
import type { KeySet } from '../machine/keysets.ts';
import { managedVMOf } from '../managedvm/rendering.fixtures.ts';
import { hasJustGone, type KeySight, keysToDrop, keyToMake, rotated } from './rotation.ts';
import { keptForDisks, refusedAfterRotation, rotationPending } from './rotationwords.ts';

const NOW = new Date('2026-11-29T03:00:00Z');
const BEFORE = '2026-11-28T03:00:00Z';
const print = (generation: number): string => `SHA256:${generation}`;
const keySet = (generation: number, host = 'host'): KeySet => ({ generation, provider: print(generation), host });
const given = (more: Partial<GivenKeys> = {}): GivenKeys => ({ provider: print(1), host: 'host', ...more });
const second = (more: Partial<GivenKeys> = {}): GivenKeys => ({
  provider: print(2),
  host: 'host',
  generation: 2,
  ...more,
});
const next = { provider: print(2), generation: 2 };
const former = (goneAt?: string) => [{ provider: print(1), generation: 1, ...(goneAt && { goneAt }) }];
const opened = (generation: number, ordered = [generation], kept = true): KeySight => {
  return { opened: print(generation), ordered: ordered.map(print), kept };
};

function order(ordered: number, keys?: GivenKeys, firstBootAt: string | undefined = BEFORE) {
  const managedVM = managedVMOf({
    ...{ operatingSystem: 'debian-13', serviceLevel: 'Admin', access: { providerKey: { generation: ordered } } },
  });
  const firstBoot = {
    users: [],
    networks: [],
    exporter: false,
    ownUpdater: true,
    ...(firstBootAt && { at: firstBootAt }),
  };
  return { ...managedVM, status: { firstBoot, ...(keys && { keys }) } };
}

function facts(ordered: number, keys: GivenKeys, stored: readonly KeySet[], sight?: KeySight) {
  return { managedVM: order(ordered, keys), observed: { virtualMachine: undefined, keySets: stored }, sight };
}

describe("the provider's next key is made beside the present one (MO-8)", () => {
  const full = given({ former: [7, 8, 9].map(generation => ({ provider: print(generation), generation })) });
  it.each<[string, number | undefined, Parameters<typeof facts>]>([
    ['when it is ordered and the present one has opened the guest', 2, [2, given(), [keySet(1)], opened(1)]],
    ['as the generation that is ordered, whatever lies between', 9, [9, given(), [keySet(1)], opened(1)]],
    ['never unasked', undefined, [1, given(), [keySet(1)], opened(1)]],
    ['not for a lower number than the one in use', undefined, [1, second(), [keySet(2)], opened(2)]],
    ['not before the guest was reached', undefined, [2, given(), [keySet(1)]]],
    ['not while the guest is opened by another key', undefined, [2, given(), [keySet(1)], opened(7)]],
    ['not where the present one is lost', undefined, [2, given(), [], opened(1)]],
    [
      'not where the present one is another than was given',
      undefined,
      [2, given(), [{ ...keySet(1), provider: 'x' }], opened(1)],
    ],
    ['not where one is stored already', undefined, [2, given(), [keySet(1), keySet(2)], opened(1)]],
    ['not over keys of another host key', undefined, [2, given(), [keySet(1), keySet(2, 'other')], opened(1)]],
    ['not in the place of one that was published and is lost', undefined, [2, given({ next }), [keySet(1)], opened(1)]],
    ['as a later one, which gives up the one that is lost', 3, [3, given({ next }), [keySet(1)], opened(1)]],
    ['not while as many former ones are kept as may be', undefined, [2, full, [keySet(1)], opened(1)]],
  ])('%s', (_, made, input) => {
    expect(keyToMake(facts(...input))).toBe(made);
  });

  it('not while a first boot is still to come, which would be given another content', () => {
    const input = facts(2, given(), [keySet(1)], opened(1));
    expect(keyToMake({ ...input, managedVM: order(2, given(), '') })).toBeUndefined();
  });
});

describe('what the status says next of the keys (MO-8)', () => {
  const both = [keySet(1), keySet(2)];
  it.each<[string, GivenKeys, Parameters<typeof facts>, boolean?]>([
    ['the next key is published once a first boot is given it', given({ next }), [2, given(), both, opened(1)]],
    ['and not before', given(), [2, given(), both, opened(1)], false],
    [
      'it takes the place of the present one when it has opened the guest',
      second({ former: former() }),
      [2, given({ next }), both, opened(2, [1, 2])],
    ],
    ['not when the present one has', given({ next }), [2, given({ next }), both, opened(1, [1, 2])]],
    ['not when it is lost by then', given({ next }), [2, given({ next }), [keySet(1)], opened(2, [1, 2])]],
    [
      'one that is lost is given up for a later order',
      given({ former: [next] }),
      [3, given({ next }), [keySet(1)], opened(1, [1, 2])],
    ],
    [
      'a former one that is still ordered has not gone',
      second({ former: former() }),
      [2, second({ former: former() }), both, opened(2, [1, 2])],
    ],
    [
      'a former one has not gone where the account is not as ordered',
      second({ former: former() }),
      [2, second({ former: former() }), both, opened(2, [2], false)],
    ],
    [
      'a former one has gone when the present one opened the guest without it',
      second({ former: former('2026-11-29T03:00:00Z') }),
      [2, second({ former: former() }), both, opened(2)],
    ],
    [
      'since when is kept',
      second({ former: former(BEFORE) }),
      [2, second({ former: former(BEFORE) }), both, opened(2)],
    ],
    [
      'a former one that opens the guest is back',
      second({ former: former() }),
      [2, second({ former: former(BEFORE) }), both, opened(1, [1, 2])],
    ],
    [
      'one that has gone, with its Secret, is forgotten',
      second(),
      [2, second({ former: former(BEFORE) }), [keySet(2)]],
    ],
    ['a restored Secret of a former one is listed again', second({ former: former() }), [2, second(), both]],
    [
      'nothing changes where the present one is lost',
      second({ former: former() }),
      [3, second({ former: former() }), [keySet(1)], opened(2)],
    ],
  ])('%s', (_, after, input, delivered = true) => {
    const [, keys] = input;
    expect(rotated(facts(...input), keys, { delivered, now: NOW })).toEqual(after);
  });
});

describe('the private key of before goes last (MO-8)', () => {
  const both = [keySet(1), keySet(2)];
  const gone = second({ former: former(BEFORE) });
  const later = new Date('2026-11-28T03:00:01Z');
  it.each<[string, readonly number[], Parameters<typeof facts>, Date | 'none' | undefined]>([
    ['when it has gone from the guest and there is no backup', [1], [2, gone, both, opened(2)], 'none'],
    ['when every backup is later', [1], [2, gone, both, opened(2)], later],
    ['not while a backup may have it', [], [2, gone, both, opened(2)], new Date(BEFORE)],
    ['not where backups cannot be read', [], [2, gone, both, opened(2)], undefined],
    ['not where the guest is off or not reached now', [], [2, gone, both], 'none'],
    ['not where it has opened the guest', [], [2, gone, both, opened(1, [1, 2])], 'none'],
    ['not before it was found gone', [], [2, second({ former: former() }), both, opened(2)], 'none'],
    [
      'not where what is stored is another key',
      [],
      [2, gone, [{ ...keySet(1), provider: 'x' }, keySet(2)], opened(2)],
      'none',
    ],
    ['not where the present one is lost', [], [2, gone, [keySet(1)], opened(2)], 'none'],
  ])('%s', (_, dropped, input, oldest) => {
    expect(keysToDrop(facts(...input), oldest)).toEqual(dropped);
  });
});

it.each<[string, number, GivenKeys, string]>([
  [
    'before the next is made',
    2,
    given(),
    'the next is made when the guest worker has got into the guest with that one',
  ],
  ['while it is on its way', 2, given({ next }), `generation 2 (${print(2)}) is on its way into the guest`],
  [
    'while the former one may be in the guest',
    2,
    second({ former: former() }),
    `(generation 1, ${print(1)}) has not been found gone`,
  ],
  [
    'while as many former ones are kept as may be',
    3,
    second({ former: [4, 5, 6].map(generation => ({ provider: 'x', generation })) }),
    '3 former keys are still kept',
  ],
])('a rotation is pending, with what it waits for: %s (MO-8)', (_, ordered, keys, words) => {
  const verdict = rotationPending(order(ordered), keys);
  expect(verdict).toMatchObject({ status: 'False', reason: 'KeyRotationPending' });
  expect(verdict?.message).toContain(words);
  expect(rotationPending(order(2), second({ former: former(BEFORE) }))).toBeUndefined();
});

it.each<[string, boolean, GivenKeys | undefined, GivenKeys | undefined]>([
  ['when a former key is found gone', true, second({ former: former() }), second({ former: former(BEFORE) })],
  ['when one is found gone that the status had lost', true, undefined, second({ former: former(BEFORE) })],
  ['not while it may be in the guest', false, second(), second({ former: former() })],
  ['not again while it is kept', false, second({ former: former(BEFORE) }), second({ former: former(BEFORE) })],
  ['not when it is forgotten', false, second({ former: former(BEFORE) }), second()],
])('a pass that may delete its Secret is due once the status says so: %s (MO-8)', (_, due, before, after) => {
  expect(hasJustGone(before, after)).toBe(due);
});

it('a former key that is kept for disks from backups is told, and what a refused login may mean without one (MO-8)', () => {
  expect(keptForDisks(second({ former: former(BEFORE) }))).toBe(
    `1 former key of the provider (generation 1, gone from the guest since ${BEFORE}) is kept for disks from backups.`,
  );
  expect(keptForDisks(second({ former: former() }))).toBe('');
  expect(refusedAfterRotation(given())).toBe('');
  expect(refusedAfterRotation(second())).toContain(`generation 2 (${print(2)})`);
  expect(refusedAfterRotation(second({ former: former() }))).toContain('and of generations 1 from before');
});
