/** Records of the year, made as the record writer makes them: the facts of an object, what differs, a chain of signed lines for each stream. */
import { generateKeyPairSync } from 'node:crypto';
import { History, type RecordedEntry } from '../../src/domain/billing/history.ts';
import { beginningOf, type Head, type Matter, readEntry, seal, type What } from '../../src/domain/record/entry.ts';
import { difference } from '../../src/domain/record/facts.ts';
import { factsOf, RECORDED, type RecordedKind } from '../../src/domain/record/recordable.ts';
import { publicKeyFile, type Signer, signerOf } from '../../src/domain/record/recordkey.ts';
import { type Standing, tell } from '../../src/domain/record/standing.ts';
import { fileName, verifyStream } from '../../src/domain/record/verify.ts';
import type { KubeObject } from '../../src/runtime/api/object.ts';

type Stream = { head: Head; readonly lines: string[]; readonly standings: Map<string, Standing> };

export class Records {
  readonly #signer: Signer;
  readonly #streams = new Map<string, Stream>();
  readonly history = new History();

  constructor() {
    const { privateKey } = generateKeyPairSync('ed25519');
    this.#signer = signerOf(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
  }

  get count(): number {
    return [...this.#streams.values()].reduce((sum, { lines }) => sum + lines.length, 0);
  }

  get streams(): string[] {
    return [...this.#streams.keys()];
  }

  /** Told again and again it writes once: what it has recorded it knows from the stream. */
  seen(stream: string, object: KubeObject, at: Date): void {
    const recorded = kindOf(object);
    const { uid = '', name, namespace } = object.metadata;
    const facts = factsOf(recorded, object);
    const known = this.#streamNamed(stream, at).standings.get(uid);
    const change = known === undefined ? { before: undefined, after: facts } : difference(known.facts, facts);
    if (change === undefined) return;
    const of = { kind: object.kind ?? '', ...(namespace && { namespace }), name, uid };
    this.#write(stream, {
      at,
      what: known === undefined ? 'Appeared' : 'Changed',
      who: {},
      why: WHY,
      object: of,
      ...change,
    });
  }

  gone(stream: string, uid: string, at: Date): void {
    const known = this.#streamNamed(stream, at).standings.get(uid);
    if (known === undefined) return;
    this.#write(stream, { at, what: 'Gone', who: {}, why: WHY, object: known.object, before: known.facts });
  }

  /** The lines of a stream from a place on. */
  linesOf(stream: string): readonly string[] {
    return this.#streams.get(stream)?.lines ?? [];
  }

  headOf(stream: string): Head {
    return this.#streams.get(stream)?.head ?? beginningOf(stream);
  }

  /** What `steward verify` finds. */
  faults(): string[] {
    const keys = new Map([[`${this.#signer.id}.pem`, publicKeyFile(this.#signer)]]);
    return [...this.#streams].flatMap(([stream, { head, lines }]) => {
      const text = lines.map(line => `${line}\n`).join('');
      const files = [{ name: fileName(1), read: () => text }];
      const verdict = verifyStream({ stream, files, head: JSON.stringify(head) }, keys);
      return verdict.faults.map(({ wrong }) => `${stream}: ${wrong}`);
    });
  }

  #streamNamed(name: string, at: Date): Stream {
    const known = this.#streams.get(name);
    if (known !== undefined) return known;
    const stream: Stream = { head: beginningOf(name), lines: [], standings: new Map() };
    this.#streams.set(name, stream);
    const { id: key, publicKey } = this.#signer;
    this.#write(name, { at, what: 'KeyNamed' as What, who: {}, why: WHY, after: { key, publicKey } });
    return stream;
  }

  #write(name: string, matter: Matter): void {
    const stream = this.#streamNamed(name, matter.at);
    const { line, head } = seal(stream.head, matter, this.#signer);
    stream.head = head;
    stream.lines.push(line);
    const entry = readEntry(line);
    tell(stream.standings, entry);
    this.history.take(entry as RecordedEntry);
  }
}

const WHY = { requirements: ['GE-8'] };

function kindOf({ kind }: KubeObject): RecordedKind {
  const recorded = RECORDED.find(each => each.kind.kind === kind);
  if (recorded === undefined) throw new Error(`${kind} is not recorded`);
  return recorded;
}
