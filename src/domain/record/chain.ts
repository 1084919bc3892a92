import { NotCanonical } from './canonicaljson.ts';
import { beginningOf, type Entry, type Head, hashOf, readEntry } from './entry.ts';
import { isSignedBy, type RecordKey, readPublicKey } from './recordkey.ts';

/** How far a stream has been followed: its last record, and the key that must sign the next. */
export type Followed = { readonly head: Head; readonly key: RecordKey | undefined };

/** What is wrong with a record, in a sentence. */
export class Broken extends Error {
  override readonly name = 'Broken';
  readonly sequence: number | undefined;
  constructor(message: string, sequence?: number) {
    super(message);
    this.sequence = sequence;
  }
}

export function fromTheBeginning(stream: string): Followed {
  return { head: beginningOf(stream), key: undefined };
}

/** Follows a stream by one record. Throws Broken where the line is not the record that must come next. */
export function follow(before: Followed, line: string): { readonly entry: Entry; readonly followed: Followed } {
  const entry = linked(before.head, line);
  const { stream, sequence, hash, signature } = entry;
  const named = keyNamedIn(entry);
  const signing = before.key ?? named;
  if (signing === undefined) throw new Broken('the first record must name the key that signs', sequence);
  if (!isSignedBy(signing, hash, signature))
    throw new Broken(`its signature is not of the key ${signing.id}, which signs here`, sequence);
  return { entry, followed: { head: { stream, sequence, hash }, key: named ?? signing } };
}

/**
 * Reads the record that follows a head, but for its signature: what a writer asks of what it has written itself. Without a head, of the first
 * page that is left, it is taken as it says. Throws Broken.
 */
export function linked(head: Head | undefined, line: string): Entry {
  const entry = entryOf(line, (head?.sequence ?? 0) + 1);
  if (head !== undefined) requirePlace(head, entry);
  if (hashOf(entry) !== entry.hash)
    throw new Broken('its hash is not that of what it says: it was changed', entry.sequence);
  return entry;
}

function entryOf(line: string, expected: number): Entry {
  try {
    return readEntry(line);
  } catch (error) {
    if (error instanceof NotCanonical) throw new Broken(`where record ${expected} is expected, ${error.message}`);
    throw error;
  }
}

function requirePlace({ stream, sequence, hash }: Head, entry: Entry): void {
  const next = sequence + 1;
  if (entry.stream !== stream) throw new Broken(`it is of the stream ${entry.stream}`, entry.sequence);
  if (entry.sequence > next) {
    const missing = entry.sequence === next + 1 ? `record ${next} is` : `records ${next} to ${entry.sequence - 1} are`;
    throw new Broken(`${missing} missing before it`, entry.sequence);
  }
  if (entry.sequence < next)
    throw new Broken(`it comes after record ${sequence}: it is here twice or out of order`, entry.sequence);
  if (entry.previous !== hash) throw new Broken(`it does not follow record ${sequence} as that stands here`, next);
}

/** The key that a record names: from the next record on it must sign. Throws Broken where it names none and should. */
function keyNamedIn({ what, sequence, after }: Entry): RecordKey | undefined {
  const names = what === 'KeyNamed' || what === 'KeyRotated';
  if (!names) return undefined;
  if ((what === 'KeyNamed') !== (sequence === 1)) throw new Broken(`${what} cannot be record ${sequence}`, sequence);
  const key = typeof after?.publicKey === 'string' ? readPublicKey(after.publicKey) : undefined;
  if (key === undefined || key.id !== after?.key)
    throw new Broken('the key that it names is none of ed25519', sequence);
  return key;
}
