import type { Reason } from './reasons.ts';

/** How far something is: as ordered, on its way by itself, or waiting for somebody to act. */
export type Standing = 'ok' | 'waiting' | 'failed';

/** Why a ManagedVM is not as ordered. */
export type Finding = {
  readonly standing: Exclude<Standing, 'ok'>;
  readonly reason: Reason;
  /** Full sentences with numbers, the same as long as the facts are. */
  readonly message: string;
};

export function failed(reason: Reason, message: string): Finding {
  return { standing: 'failed', reason, message };
}

export function waiting(reason: Reason, message: string): Finding {
  return { standing: 'waiting', reason, message };
}

/** What somebody must act on comes before what goes on by itself; otherwise the order stays. */
export function gravest(findings: readonly Finding[]): Finding | undefined {
  return findings.find(finding => finding.standing === 'failed') ?? findings[0];
}

/** What is said about one promise. */
export type Verdict = {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: Reason;
  readonly message: string;
  /** When time alone changes this. */
  readonly nextEdge?: Date;
};
