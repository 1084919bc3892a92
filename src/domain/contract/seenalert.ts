/** An alert of Steward's rules for a guest, as Prometheus has it. */
export type SeenAlert = {
  readonly alert: string;
  /** When its expression held first, of the last time that it came to fire. */
  readonly began: Date;
  /** Whether it fires now. */
  readonly firing: boolean;
};
