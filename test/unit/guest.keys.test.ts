import { describe, expect, it } from 'vitest';
import { keysToDrop } from '../../src/domain/guest/rotation.ts';
import { type Exploration, explore } from '../guest/explore.ts';
import { brokenKeys, KEY_RULES, type KeyChances, type KeyRules, keyEventsOf, keyWorld } from '../guest/keyworld.ts';

const NONE: KeyChances = {
  ...{ order: 1, backup: 0, restoreDisk: 0, restoreSecrets: 0, loseStatus: 0, loseSecret: 0, restart: 0 },
};

function rotations(chances: Partial<KeyChances>, rules: Partial<KeyRules> = {}, image = false): Exploration {
  const all = { ...KEY_RULES, ...rules };
  const left = { ...NONE, ...chances };
  return explore(keyWorld(left, image), keyEventsOf(all), brokenKeys(all, left.loseSecret > 0), 200_000);
}

const DISKS = { order: 2, backup: 1, restoreDisk: 1 };

describe("the provider's keys, in every order of passes, crashes, looks, late steps, restores and losses (MO-8, GE-8)", {
  timeout: 240_000,
}, () => {
  it.each<[string, Partial<KeyChances>, boolean]>([
    ['two rotations, and a disk restored from before, between or after them', DISKS, false],
    ['Secrets that had gone restored', { order: 2, restoreSecrets: 1, restart: 1 }, false],
    ['the status lost', { order: 2, loseStatus: 1, backup: 1 }, false],
    ['a root disk that is made anew by each start', { order: 2, restart: 2 }, true],
  ])('one of them always opens the guest, and it ends with the ordered one: %s', (what, chances, image) => {
    const seen = rotations(chances, {}, image);
    console.log(`provider's keys, ${what}: ${seen.states} states, ${seen.depth} steps deep`);
    expect(seen.broken).toBeUndefined();
  });

  // Where status and Secret are both lost, nobody can know of the key any more: an order for it then makes another.
  it('where a Secret is lost, no key is made in its place', () => {
    const seen = rotations({ order: 2, loseSecret: 1, restoreSecrets: 1 });
    console.log(`provider's keys, a Secret lost: ${seen.states} states, ${seen.depth} steps deep`);
    expect(seen.broken).toBeUndefined();
  });

  const promotedUnproved: KeyRules['rotated'] = (facts, given, when) =>
    KEY_RULES.rotated(
      { ...facts, sight: { opened: given.next?.provider ?? '', ordered: [], kept: true } },
      given,
      when,
    );
  const madeAnyway: KeyRules['keyToMake'] = ({ managedVM }) => managedVM.spec.access?.providerKey?.generation;
  const goneAsSoonAsUnordered: KeyRules['keysToDrop'] = ({ managedVM }) =>
    managedVM.status?.keys?.former?.map(({ generation }) => generation) ?? [];
  it.each<[string, Partial<KeyRules>, Partial<KeyChances>]>([
    [
      'the next key takes the place of the present one before it has opened the guest',
      { rotated: promotedUnproved },
      {},
    ],
    ['a former key goes before it has gone from the guest', { keysToDrop: goneAsSoonAsUnordered }, { loseStatus: 1 }],
    ['a former key goes while a backup has it', { keysToDrop: facts => keysToDrop(facts, 'none') }, DISKS],
    ['a key that is stored, or was lost, is made again', { keyToMake: madeAnyway }, { loseSecret: 1 }],
    [
      'the key that opened the guest is taken out by the look that it opened',
      { keysToHave: ({ present }) => [present] },
      { loseStatus: 1 },
    ],
    [
      'the present key is offered before the next',
      { inOrderOfTrial: ({ present, former }) => [present, ...former] },
      {},
    ],
    ['former keys are not offered', { inOrderOfTrial: ({ present, next }) => [next ?? present, present] }, DISKS],
  ])('a mutant is found: %s', (_, rules, chances) => {
    const { broken } = rotations(chances, rules);
    expect(broken?.way.length).toBeGreaterThan(0);
  });
});
