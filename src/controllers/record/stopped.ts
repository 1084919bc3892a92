/** Why records cannot be written until a person has decided something. */
export type StopReason = 'KeyLost' | 'StreamBroken';

/** State is not healed like configuration: nothing is written before a person has acted. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
  readonly reason: StopReason;
  constructor(reason: StopReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
