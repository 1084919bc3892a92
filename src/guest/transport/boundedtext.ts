/** The first bytes of what somebody says; of the rest it is only known that there was more. */
export class BoundedText {
  readonly #limit: number;
  readonly #chunks: Buffer[] = [];
  #length = 0;
  #truncated = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get truncated(): boolean {
    return this.#truncated;
  }

  add(chunk: Buffer): void {
    const rest = this.#limit - this.#length;
    if (chunk.length > rest) this.#truncated = true;
    if (rest <= 0) return;
    // A copy: a slice would hold the whole packet it came in.
    this.#chunks.push(Buffer.from(chunk.subarray(0, rest)));
    this.#length += Math.min(rest, chunk.length);
  }

  /** UTF-8; what is none reads U+FFFD. */
  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}
