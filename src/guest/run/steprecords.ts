import type { GuestStateStatus } from '../../api/gueststate.ts';
import { instant } from '../../domain/contract/condition.ts';
import type { StepRecord, Verdict } from './step.ts';

export type StoredStep = NonNullable<GuestStateStatus['steps']>[number];

/** So many are remembered; one that may still run is never forgotten. */
const REMEMBERED = 16;

/** A step as the record has it. */
export function readStep({ phase, fence, verdict, exitCode }: StoredStep): StepRecord {
  if (phase === 'Claimed') return { phase, fence };
  return { phase, fence, verdict: verdictOf(verdict, exitCode) };
}

function verdictOf(kind: StoredStep['verdict'], exitCode: number | undefined): Verdict {
  if (kind === 'CutOff' || kind === 'Withdrawn') return { kind };
  return kind === 'Finished' && exitCode !== undefined ? { kind, exitCode } : { kind: 'Unknown' };
}

/** The steps with this one as it is now, the newest last. */
export function withStep(
  steps: readonly StoredStep[],
  id: string,
  record: StepRecord,
  now: Date,
): readonly StoredStep[] {
  const others = steps.filter(step => step.id !== id);
  const spare = others.filter(({ phase }) => phase === 'Ended').slice(0, Math.max(0, others.length + 1 - REMEMBERED));
  return [...others.filter(step => !spare.includes(step)), stored(id, record, now)];
}

function stored(id: string, record: StepRecord, now: Date): StoredStep {
  const { phase, fence } = record;
  const at = instant(now);
  if (record.phase === 'Claimed') return { id, phase, fence, at };
  const { kind } = record.verdict;
  const exit = record.verdict.kind === 'Finished' ? { exitCode: record.verdict.exitCode } : {};
  return { id, phase, fence, verdict: kind, ...exit, at };
}

/** The step that was claimed and has no verdict yet: it may run in the guest. */
export function openStep(steps: readonly StoredStep[] = []): StoredStep | undefined {
  return steps.find(({ phase }) => phase === 'Claimed');
}
