/** How far something is: as ordered, on its way by itself, or waiting for somebody to act. */
export type Standing = 'ok' | 'waiting' | 'failed';

/** Why a ManagedVM is not as ordered. Each promise knows its reasons (its `reasons.ts`). */
export type Finding<Reason extends string = string> = {
  readonly standing: Exclude<Standing, 'ok'>;
  readonly reason: Reason;
  /** Full sentences with numbers, the same as long as the facts are. */
  readonly message: string;
};

export function failed<Reason extends string>(reason: Reason, message: string): Finding<Reason> {
  return { standing: 'failed', reason, message };
}

export function waiting<Reason extends string>(reason: Reason, message: string): Finding<Reason> {
  return { standing: 'waiting', reason, message };
}

/** What somebody must act on comes before what goes on by itself; otherwise the order stays. */
export function gravest<Reason extends string>(findings: readonly Finding<Reason>[]): Finding<Reason> | undefined {
  return findings.find(finding => finding.standing === 'failed') ?? findings[0];
}

/** What is said in one condition. */
export type Verdict<Reason extends string = string> = {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: Reason;
  readonly message: string;
  /** When time alone changes this. */
  readonly nextEdge?: Date;
};

/** What cannot be known, or is not promised. */
export function unknown<Reason extends string>(reason: Reason, message: string): Verdict<Reason> {
  return { status: 'Unknown', reason, message };
}
