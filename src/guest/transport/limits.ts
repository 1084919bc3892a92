/**
 * What a guest may cost us, whatever it does: its customer has root in it.
 * Times in milliseconds, sizes in bytes.
 */
export type Limits = {
  /** Until the address has taken the connection; each way to it has so long. */
  readonly connectMs: number;
  /** From then until it has proved its host key and let us in. */
  readonly handshakeMs: number;
  /** All that it may send until then: banners, greetings, padding. */
  readonly handshakeBytes: number;
  /** A connection that nobody has used for so long is closed. */
  readonly idleMs: number;
  /** One command, from its start to its exit status. */
  readonly commandMs: number;
  /** What is kept of a command's standard output, and of its standard error; the rest is read and dropped. */
  readonly outputBytes: number;
  /** All that may arrive while a command runs; with more the connection is cut. */
  readonly commandBytes: number;
};

export const DEFAULT_LIMITS: Limits = {
  connectMs: 10_000,
  handshakeMs: 20_000,
  handshakeBytes: 64 * 1024,
  idleMs: 60_000,
  commandMs: 60_000,
  outputBytes: 256 * 1024,
  commandBytes: 4 * 1024 * 1024,
};
