import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson, type Json, NotCanonical, readCanonicalJson } from './canonicaljson.ts';
import type { Signer } from './recordkey.ts';

/** `previous` of the first record of a stream. */
export const NOTHING_BEFORE = '0'.repeat(64);

/** Longest line of a record, in UTF-16 units. What a record says is bounded well below it. */
export const LONGEST_LINE = 8_192;

const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const SomeFacts = z.record(z.string(), z.unknown());

/**
 * What a record tells.
 * `KeyNamed`: the first of a stream; which key signs it. `KeyRotated`: from the next one on another key signs.
 * `Appeared`: an object was there for the first time. `Changed`: it is otherwise than before. `Gone`: it is there no more.
 * `Moved`: from now on another stream holds what becomes of it. `Standing`: what was told of it, once more, so that what stands before may leave the cluster.
 */
export const WHAT = ['KeyNamed', 'KeyRotated', 'Appeared', 'Changed', 'Gone', 'Moved', 'Standing'] as const;
export type What = (typeof WHAT)[number];

/** The parts by which a record is held to its place; it has more, and a later version may have more than are known here. */
const Held = z.looseObject({
  stream: z.string().min(1).max(253),
  sequence: z.int().min(1),
  at: z.string().max(40),
  what: z.string().max(40),
  object: z
    .looseObject({ kind: z.string(), namespace: z.string().optional(), name: z.string(), uid: z.string() })
    .optional(),
  before: SomeFacts.optional(),
  after: SomeFacts.optional(),
  previous: Hash,
  hash: Hash,
  signature: z.string().max(128),
});

export type RecordedObject = {
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly uid: string;
  /** Generation of its spec. */
  readonly generation?: number | undefined;
};

/** Whose doing it was, as far as that is known. */
export type Who = {
  /** The field manager that wrote it: what the writing program called itself, which nobody has checked. */
  readonly manager?: string | undefined;
  /** A person whom the API server has held to his own name when he wrote it. */
  readonly person?: string | undefined;
};

export type Facts = { readonly [name: string]: Json };

/** What is to be recorded, before it has a place in a stream. */
export type Matter = {
  /** When it was recorded. */
  readonly at: Date;
  readonly what: What;
  readonly who: Who;
  /** Why it matters: ids of requirements, and a sentence where there is one to say. */
  readonly why: { readonly requirements: readonly string[]; readonly because?: string | undefined };
  readonly object?: RecordedObject | undefined;
  /** Only what differs. */
  readonly before?: Facts | undefined;
  readonly after?: Facts | undefined;
  /** The record that is repeated here. */
  readonly refersTo?: number | undefined;
  /** At least so many changes since the last record of the object are not recorded one by one. */
  readonly leftOut?: number | undefined;
};

/** Where a stream ends: what the next record is bound to. */
export type Head = { readonly stream: string; readonly sequence: number; readonly hash: string };

/** A record as it is read. */
export type Entry = z.infer<typeof Held>;

export type Sealed = { readonly line: string; readonly head: Head };

/** The line of the next record of a stream, signed, and the head that it makes. Throws NotCanonical, also where it is too long. */
export function seal(head: Head, matter: Matter, signer: Signer): Sealed {
  const { stream } = head;
  const sequence = head.sequence + 1;
  const body = { ...matter, at: matter.at.toISOString(), stream, sequence, previous: head.hash };
  const hash = hashOf(body);
  const line = canonicalJson({ ...body, hash, signature: signer.sign(hash) });
  if (line.length > LONGEST_LINE) throw new NotCanonical(`a record of ${line.length} characters is too long`);
  return { line, head: { stream, sequence, hash } };
}

export function beginningOf(stream: string): Head {
  return { stream, sequence: 0, hash: NOTHING_BEFORE };
}

/** Reads a line. Throws NotCanonical where it is not the one text of a record. */
export function readEntry(line: string): Entry {
  if (line.length > LONGEST_LINE) throw new NotCanonical(`the line has more than ${LONGEST_LINE} characters`);
  const value = readCanonicalJson(line);
  const { success, data, error } = Held.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  throw new NotCanonical(`the line is no record: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

/** The hash (SHA-256, in hex) that a record must have: over its canonical form without hash and signature. */
export function hashOf(record: object): string {
  return createHash('sha256')
    .update(canonicalJson({ ...record, hash: undefined, signature: undefined }))
    .digest('hex');
}
