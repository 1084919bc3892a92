import { quotaRefusal, saying } from './excerpt.ts';
import { type Finding, failed, waiting } from './finding.ts';
import type { SharedReason } from './reasons.ts';
import { sentence } from './unreadable.ts';

/** How applying one child went, as the runtime reports it. */
export type Outcome = {
  readonly child: { readonly kind: string; readonly namespace: string; readonly name: string };
  readonly action: string;
  readonly error?: { readonly status: number; readonly reason: string; readonly message: string } | undefined;
  /** The child as it is now. */
  readonly object?: { readonly metadata: { readonly creationTimestamp?: string | undefined } } | undefined;
};

/** What a promise knows of a kind of its children beyond what holds for all. */
export type ChildKind<Reason extends string = string> = {
  /** The system that serves it, and the reason given where that is not installed. */
  readonly servedBy?: { readonly system: string; readonly reason: Reason };
  /** What it means that an object of that name is there and is not ours. */
  readonly taken?: (name: string) => Finding<Reason>;
  /** What its own admission says. */
  readonly refused?: (name: string, message: string) => Finding<Reason> | undefined;
};

/** The kinds of children of a promise, by name. */
export type ChildKinds<Reason extends string = string> = ReadonlyMap<string, ChildKind<Reason>>;

/** Why children of these kinds are not in place, in the order of the outcomes. */
export function applyProblems<Reason extends string>(
  outcomes: readonly Outcome[],
  kinds: ChildKinds<Reason>,
): readonly Finding<Reason | SharedReason>[] {
  return outcomes.flatMap(outcome => {
    const kind = kinds.get(outcome.child.kind);
    return kind === undefined ? [] : (applyProblem(outcome, kind) ?? []);
  });
}

/** Whether a child of this kind was applied, or was found as it should be. */
export function applied(outcomes: readonly Outcome[], kind: string): boolean {
  return outcomes.some(
    ({ child, action }) => child.kind === kind && ['created', 'updated', 'unchanged'].includes(action),
  );
}

/** The system that serves a kind is not there. */
export function missing<Reason extends string>(
  kind: string,
  { system, reason }: { readonly system: string; readonly reason: Reason },
): Finding<Reason> {
  return failed(reason, `${system} is not installed in this cluster: the kind ${kind} is not served.`);
}

function applyProblem<Reason extends string>(
  { child, action, error }: Outcome,
  { servedBy, taken, refused }: ChildKind<Reason>,
): Finding<Reason | SharedReason> | undefined {
  if (action !== 'failed') return undefined;
  const name = `${child.kind} ${child.namespace === '' ? '' : `${child.namespace}/`}${child.name}`;
  const { status = 0, reason = '', message = '' } = error ?? {};
  if (reason === 'KindMissing') {
    return servedBy === undefined
      ? waiting('ApplyRetrying', `${name} waits: the kind ${child.kind} is not served.`)
      : missing(child.kind, servedBy);
  }
  if (reason === 'KindNotReadable') return failed('KindNotReadable', sentence({ ...child, why: message }));
  if (reason === 'NotOurs') return taken?.(name) ?? nameTaken(name);
  if (reason === 'Terminating') {
    return waiting('ChildTerminating', `${name} is being deleted; Steward creates it again as soon as it is gone.`);
  }
  const quota = quotaRefusal(message);
  if (quota !== undefined) return failed('QuotaExceeded', `${name} does not fit${saying(quota)}`);
  return refused?.(name, message) ?? refusal(name, status, reason, message);
}

function nameTaken(name: string): Finding<SharedReason> {
  return failed(
    'ChildNameTaken',
    `${name} exists and is not Steward's; it is left alone, so what Steward needs there is missing.`,
  );
}

function refusal(name: string, status: number, reason: string, message: string): Finding<SharedReason> {
  if (isTransient(status, reason)) {
    return waiting(
      'ApplyRetrying',
      `${name} could not be applied just now (${code(status, reason)}); Steward tries again.`,
    );
  }
  return failed('ApplyRefused', `${name} was refused (${code(status, reason)})${saying(message)}`);
}

/** The same request may well succeed a little later. */
function isTransient(status: number, reason: string): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500 || (status === 409 && reason === 'Conflict');
}

function code(status: number, reason: string): string {
  if (status === 0) return reason || 'no answer';
  return reason === '' ? `${status}` : `${status} ${reason}`;
}
