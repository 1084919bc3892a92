/** The files of a closed month, and whether files that somebody has are such a month, unchanged. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Bill, type Total, totalsOf } from './bill.ts';
import { type ClosedLine, nextGeneration, standingIn } from './corrections.ts';
import { focusCsv, focusMetadata } from './focus.ts';
import { germanCsv } from './germancsv.ts';
import { fractionOf } from './line.ts';
import { centsOf, share } from './money.ts';

export const MANIFEST = 'manifest.json';
const LINES = 'lines.jsonl';
const FORMAT = 'steward billing v1';

/** Where the records ended that a month was computed from. */
export type Source = { readonly stream: string; readonly sequence: number; readonly hash: string };

/** Files by their names. */
export type Files = ReadonlyMap<string, string>;

/** One generation of a month as it was closed. */
export type Generation = {
  readonly manifest: Manifest;
  /** SHA-256 of the manifest as it lies there. */
  readonly hash: string;
  readonly lines: readonly ClosedLine[];
};

const Totals = z.array(z.object({ currency: z.string(), amount: z.string() }));
const Manifest = z.looseObject({
  format: z.literal(FORMAT),
  contract: z.string(),
  billingId: z.string(),
  month: z.string(),
  timeZone: z.string(),
  generation: z.int().min(1),
  /** SHA-256 of the manifest of the generation before. */
  previous: z.string().optional(),
  lines: z.int().min(0),
  /** Of this generation alone, and of all until this one. */
  totals: Totals,
  standing: Totals,
  /** What could not be billed. */
  leftOut: z.array(z.unknown()),
  sources: z.array(z.object({ stream: z.string(), sequence: z.int(), hash: z.string() })),
  files: z.array(z.object({ name: z.string(), sha256: z.string(), bytes: z.int() })),
});
export type Manifest = z.infer<typeof Manifest>;

/** The next generation of a month; undefined where what is closed is the bill already. */
export function closeMonth(
  bill: Bill,
  before: readonly Generation[],
  sources: readonly Source[],
  issuer: string,
): Files | undefined {
  const closed = before.flatMap(({ lines }) => lines);
  const lines = nextGeneration(closed, bill.lines);
  const last = before.at(-1);
  if (last !== undefined && lines.length === 0) return undefined;
  const { contract, billingId, month, timeZone, open } = bill;
  const contents = new Map([
    [LINES, jsonLines(lines)],
    ['billing.de.csv', germanCsv(lines)],
    ['focus.csv', focusCsv(lines, { issuer, timeZone, month })],
    ['focus-metadata.json', `${JSON.stringify(focusMetadata(), undefined, 2)}\n`],
  ]);
  const manifest = {
    ...{ format: FORMAT, contract, billingId, month, timeZone, generation: (last?.manifest.generation ?? 0) + 1 },
    ...(last && { previous: last.hash }),
    ...{ lines: lines.length, totals: totalsOf(lines), standing: standingTotals([...closed, ...lines]) },
    ...{ leftOut: open, sources },
    files: [...contents].map(([name, text]) => ({ name, sha256: sha256(text), bytes: Buffer.byteLength(text) })),
  };
  return new Map([...contents, [MANIFEST, `${JSON.stringify(manifest, undefined, 2)}\n`]]);
}

function standingTotals(closed: readonly ClosedLine[]): Total[] {
  return totalsOf([...standingIn(closed).values()]);
}

function jsonLines(lines: readonly ClosedLine[]): string {
  return lines.map(line => `${JSON.stringify(line)}\n`).join('');
}

/** Reads the files of a generation. Throws Error with a sentence where they are none, or are not those that were closed. */
export function readGeneration(files: Files): Generation {
  const text = files.get(MANIFEST) ?? '';
  const read = Manifest.safeParse(parsed(text, MANIFEST));
  if (!read.success) throw new Error(`${MANIFEST} is none of a closed month`);
  for (const { name, sha256: expected } of read.data.files) {
    const found = files.get(name);
    if (found === undefined) throw new Error(`${name} is missing`);
    if (sha256(found) !== expected) throw new Error(`${name} is not the file that was closed: its SHA-256 is another`);
  }
  const strange = [...files.keys()].find(
    name => name !== MANIFEST && !read.data.files.some(each => each.name === name),
  );
  if (strange !== undefined) throw new Error(`${strange} is not named by ${MANIFEST}`);
  const lines = (files.get(LINES) ?? '').split('\n').slice(0, -1);
  return { manifest: read.data, hash: sha256(text), lines: lines.map(line => parsed(line, LINES) as ClosedLine) };
}

/** What is wrong with a month, generation by generation; empty: nothing. */
export function faultsIn(generations: readonly Generation[]): string[] {
  return generations.flatMap((generation, index) => {
    const { manifest, lines } = generation;
    const until = generations.slice(0, index + 1).flatMap(each => each.lines);
    const before = generations[index - 1];
    const bound = before?.hash;
    const wrong = [
      ...(manifest.generation === index + 1
        ? []
        : [`it is generation ${manifest.generation}, where ${index + 1} is expected`]),
      ...(manifest.previous === bound ? [] : ['it is not bound to the generation before as that stands here']),
      ...(manifest.lines === lines.length
        ? []
        : [`it has ${lines.length} lines, and its manifest says ${manifest.lines}`]),
      ...(sameTotals(manifest.totals, totalsOf(lines)) ? [] : ['its lines do not add to its totals']),
      ...(sameTotals(manifest.standing, standingTotals(until)) ? [] : ['what stands is not what all lines add to']),
      ...twice(until),
      ...lines.flatMap(amountFault),
    ];
    return wrong.map(what => `generation ${index + 1}: ${what}`);
  });
}

function amountFault({ id, quantity, rate, amount }: ClosedLine): string[] {
  const due = share(centsOf(rate), fractionOf(quantity));
  return due === centsOf(amount) ? [] : [`line ${id}: ${quantity} of ${rate} is not ${amount}`];
}

function twice(lines: readonly ClosedLine[]): string[] {
  const ids = new Set<string>();
  return lines.flatMap(({ id }) => {
    if (ids.has(id)) return [`line ${id} is there twice`];
    ids.add(id);
    return [];
  });
}

function sameTotals(a: readonly Total[], b: readonly Total[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${name} cannot be read`);
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
