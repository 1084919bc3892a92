import { generateKeyPairSync } from 'node:crypto';
import { beginningOf, type Head, type Matter, seal } from './entry.ts';
import { publicKeyFile, type Signer, signerOf } from './recordkey.ts';
import { type ExportedStream, fileName, type KeyFiles } from './verify.ts';

export const STREAM = 'contract-acme';
const AT = Date.parse('2026-12-01T00:00:00Z');
const WHY = { requirements: ['GE-8'] };

export function newSigner(): Signer {
  const { privateKey } = generateKeyPairSync('ed25519');
  return signerOf(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
}

/** A record of a VM that runs and stops by turns. */
export function change(sequence: number): Matter {
  const [before, after] = sequence % 2 === 0 ? ['Running', 'Stopped'] : ['Stopped', 'Running'];
  return {
    ...{ at: new Date(AT + sequence * 60_000), what: 'Changed', who: { manager: 'steward' }, why: WHY },
    object: { kind: 'ManagedVM', namespace: 'acme', name: `vm-${sequence % 7}`, uid: `uid-${sequence % 7}` },
    ...{ before: { state: before }, after: { state: after } },
  };
}

export function naming(what: 'KeyNamed' | 'KeyRotated', key: Signer): Matter {
  return { ...change(0), what, object: undefined, before: undefined, after: { key: key.id, publicKey: key.publicKey } };
}

/** A stream of so many records; the key is rotated after half of them. */
export function madeStream(records: number, { stream = STREAM, keys = [newSigner(), newSigner()] } = {}) {
  const [first, second] = keys;
  if (first === undefined || second === undefined) throw new Error('a stream of the tests has two keys');
  const rotation = Math.max(2, Math.floor(records / 2));
  const lines: string[] = [];
  let head: Head = beginningOf(stream);
  for (let sequence = 1; sequence <= records; sequence++) {
    const matter =
      sequence === 1
        ? naming('KeyNamed', first)
        : sequence === rotation
          ? naming('KeyRotated', second)
          : change(sequence);
    const sealed = seal(head, matter, sequence > rotation ? second : first);
    lines.push(sealed.line);
    head = sealed.head;
  }
  return { lines, head, keys: [first, second] as const, rotation };
}

/** Files by their names, each with at most so many records. */
export function filesOf(lines: readonly string[], perFile = 50): Map<string, string> {
  const files = new Map<string, string>();
  for (let from = 0; from < lines.length; from += perFile)
    files.set(fileName(from + 1), `${lines.slice(from, from + perFile).join('\n')}\n`);
  return files;
}

export function exportedOf(files: ReadonlyMap<string, string>, head: Head, stream = STREAM): ExportedStream {
  const entries = [...files].map(([name, text]) => ({ name, read: () => text }));
  return { stream, files: entries, head: JSON.stringify(head) };
}

export function keyFilesOf(keys: readonly Signer[]): KeyFiles {
  return new Map(keys.map(key => [`${key.id}.pem`, publicKeyFile(key)]));
}
