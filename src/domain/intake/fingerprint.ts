import type { Labels } from './pointer.ts';

const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;
const SEPARATOR = 0xff;
const MASK = (1n << 64n) - 1n;

/**
 * Prometheus' own hash of labels, 16 hexadecimal digits (prometheus/common, model/signature.go: FNV-1a over names and values in the order of names). Reckoned
 * over the labels that the rule gives, so it is Alertmanager's as long as no external labels are added on the way, and stays the same where they are.
 */
export function fingerprintOf(labels: Labels): string {
  let hash = OFFSET;
  const add = (byte: number) => {
    hash = ((hash ^ BigInt(byte)) * PRIME) & MASK;
  };
  for (const [name, value] of [...labels].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    for (const byte of Buffer.from(name)) add(byte);
    add(SEPARATOR);
    for (const byte of Buffer.from(value)) add(byte);
    add(SEPARATOR);
  }
  return hash.toString(16).padStart(16, '0');
}
