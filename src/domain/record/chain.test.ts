import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Broken, type Followed, follow, fromTheBeginning } from './chain.ts';
import { LONGEST_LINE, readEntry, seal } from './entry.ts';
import { change, madeStream, naming, newSigner, STREAM } from './stream.fixtures.ts';

const { lines, keys, rotation, head } = madeStream(40);

function followedTo(sequence: number): Followed {
  return lines.slice(0, sequence).reduce((followed, line) => follow(followed, line).followed, fromTheBeginning(STREAM));
}

const brokenBy = (before: Followed, line: string): unknown => {
  try {
    return follow(before, line);
  } catch (error) {
    return error;
  }
};

describe('a chain of records (MO-16)', () => {
  it('is followed from its first record to its head, and says which key signs next', () => {
    expect(followedTo(40).head).toEqual(head);
    expect(followedTo(rotation - 1).key?.id).toBe(keys[0].id);
    expect(followedTo(rotation).key?.id).toBe(keys[1].id);
  });

  it('breaks with every single character that is changed, also within the signature', () => {
    const before = followedTo(29);
    const line = lines[29] ?? '';
    for (let index = 0; index < line.length; index++) {
      const changed = line.slice(0, index) + (line[index] === 'a' ? 'b' : 'a') + line.slice(index + 1);
      expect([index, brokenBy(before, changed)]).toEqual([index, expect.any(Broken)]);
    }
  });

  it('breaks with whatever else is put in the place of a record, and with nothing but Broken', () => {
    const before = followedTo(29);
    const others = lines.filter((_, index) => index !== 29);
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.constantFrom(...others)), line => {
        expect(brokenBy(before, line)).toBeInstanceOf(Broken);
      }),
    );
  });

  it('ends the right of the former key with the rotation', () => {
    const before = followedTo(rotation);
    expect(follow(before, seal(before.head, change(rotation + 1), keys[1]).line).entry.sequence).toBe(rotation + 1);
    expect(brokenBy(before, seal(before.head, change(rotation + 1), keys[0]).line)).toMatchObject({
      message: expect.stringMatching(/its signature is not of the key/),
    });
  });

  it.each([
    ['a first record that names no key', change(1), /must name the key/],
    ['a first record that rotates', naming('KeyRotated', keys[0]), /KeyRotated cannot be record 1/],
    [
      'a name for a key that is not its own',
      { ...naming('KeyNamed', keys[0]), after: { key: 'ab', publicKey: keys[0].publicKey } },
      /none of ed25519/,
    ],
    [
      'a key that is none',
      { ...naming('KeyNamed', keys[0]), after: { key: 'ab', publicKey: 'AAAA' } },
      /none of ed25519/,
    ],
  ])('refuses %s', (_, matter, wrong) => {
    const before = fromTheBeginning(STREAM);
    expect(brokenBy(before, seal(before.head, matter, keys[0]).line)).toMatchObject({
      message: expect.stringMatching(wrong),
    });
  });

  it('refuses a key that is named in the middle of a stream, and not by the key before it', () => {
    const before = followedTo(10);
    const line = seal(before.head, naming('KeyNamed', keys[0]), keys[0]).line;
    expect(brokenBy(before, line)).toMatchObject({ message: 'KeyNamed cannot be record 11' });
  });

  it('is not begun with a line that a reader would refuse for its length', () => {
    const long = { ...change(1), after: { text: 'x'.repeat(LONGEST_LINE) } };
    expect(() => seal(head, long, newSigner())).toThrow(/too long/);
  });

  it('reads what a later version has added to a record', () => {
    const line = lines[1] ?? '';
    expect(readEntry(line)).toMatchObject({ who: { manager: 'steward' }, why: { requirements: ['GE-8'] } });
  });
});
