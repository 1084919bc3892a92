/** Where the played guests say that they are: each at an address of its own out of those for benchmarks (RFC 2544), which lead to loopback. */
const BENCHMARKS = '198.18.';
const LOOPBACK = '127.18.';
const EACH = 250;

const of = (prefix: string, index: number): string => `${prefix}${Math.floor(index / EACH)}.${(index % EACH) + 1}`;

export const addressOf = (index: number): string => of(BENCHMARKS, index);
export const loopbackOf = (index: number): string => of(LOOPBACK, index);

/** The address to dial in place of one that a guest says it has. */
export function dialled(address: string): string {
  return address.startsWith(BENCHMARKS) ? `${LOOPBACK}${address.slice(BENCHMARKS.length)}` : address;
}
