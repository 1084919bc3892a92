/**
 * How far a change is by which Steward patches guests: as its PatchRuns say. Of an order there is one, of a window of a policy one for each guest
 * that is due. What makes them is the opening of its window (src/domain/patching/opened.ts), and each decides for itself (docs/adr/0154).
 */
import type { ChangeRequestSpec, ChangeRequestStatus } from '../../api/changerequest.ts';
import { isFinal, type PatchRun } from '../../api/patchrun.ts';
import { instant } from '../contract/condition.ts';
import { VERDICTS_MS } from '../contract/setout.ts';
import { endedBySteward, type Result } from '../contract/stewardchange.ts';
import type { OperationStep } from './operation.ts';

export type PatchWork = {
  readonly spec: ChangeRequestSpec;
  /** When it may be done, postponements counted. */
  readonly window: ChangeRequestStatus['window'];
  /** The PatchRuns that cite it; undefined: they cannot be read. */
  readonly runs: readonly PatchRun[] | undefined;
  readonly now: Date;
};

type Judged = { readonly name: string; readonly phase: string; readonly ended: string; readonly message: string };

/** So long a change of a policy is kept that no run cites any more. Milliseconds. */
const KEPT_MS = 14 * 86_400_000;
const NAMED = 3;

/** Undefined: it has a result. */
export function patchStep({ spec, window, runs, now }: PatchWork): OperationStep | undefined {
  if (spec.result !== undefined) return undefined;
  if (runs === undefined) return { says: 'PatchRuns cannot be read now: how far it is, is not known.' };
  const judged = runs.flatMap(run => judgedOf(run) ?? []);
  const closes = closing(spec, window);
  const mayBegin = closes === undefined || now < closes;
  if (judged.length < runs.length) return { says: progressOf(runs, judged.length) };
  if (mayBegin && (!isOrder(spec) || runs.length === 0)) {
    const says = runs.length === 0 ? 'No guest has been begun.' : progressOf(runs, judged.length);
    return { says, ...(closes && { nextEdge: closes }) };
  }
  const result = resultOf(judged, now);
  return { says: result.notes, result };
}

/**
 * Whether a change may be forgotten, and else from when on: those of policies alone, which come with each opening. The runs that cite it are kept by
 * their number, and the change as long as one of them is. What persons have ordered stays.
 */
export function forgottenFrom({ spec, runs }: Pick<PatchWork, 'spec' | 'runs'>): Date | undefined {
  if (runs === undefined || runs.length > 0 || spec.result === undefined) return undefined;
  if (spec.operation !== 'PatchRun' || isOrder(spec)) return undefined;
  return new Date(Date.parse(spec.result.finishedAt) + KEPT_MS);
}

/** Of one VM, which a person has ordered; all others are of a window of a policy. */
export function isOrder({ target }: Pick<ChangeRequestSpec, 'target'>): boolean {
  return target.kind === 'ManagedVM';
}

/** From when on no run is made for it any more. */
function closing(spec: ChangeRequestSpec, window: PatchWork['window']): Date | undefined {
  const { notAfter } = window ?? {};
  if (notAfter === undefined) return undefined;
  return new Date(Date.parse(notAfter) - (isOrder(spec) ? 0 : VERDICTS_MS));
}

function judgedOf({ metadata, status }: PatchRun): Judged | undefined {
  const { phase = '', ended, message = '' } = status ?? {};
  return isFinal(phase) && ended !== undefined ? { name: metadata.name, phase, ended, message } : undefined;
}

function progressOf(runs: readonly PatchRun[], done: number): string {
  const [only] = runs;
  if (only !== undefined && runs.length === 1)
    return `PatchRun ${only.metadata.name} is ${only.status?.phase ?? 'Planned'}.`;
  return `${done} of ${runs.length} PatchRuns have their verdict.`;
}

function resultOf(judged: readonly Judged[], now: Date) {
  const ended =
    judged
      .map(each => each.ended)
      .sort()
      .at(-1) ?? instant(now);
  return endedBySteward(outcomeOf(judged), notesOn(judged), new Date(ended));
}

/** The worst of all. What was skipped, or found no time, changed nothing. */
function outcomeOf(judged: readonly Judged[]): Result['outcome'] {
  const phases = new Set(judged.map(({ phase }) => phase));
  if (phases.has('Failed') || phases.has('Unknown')) return 'Failed';
  if (phases.has('RolledBack')) return 'RolledBack';
  const done = ['Succeeded', 'SucceededRebootPending', 'NothingToDo'];
  return done.some(phase => phases.has(phase)) ? 'Succeeded' : 'Cancelled';
}

function notesOn(judged: readonly Judged[]): string {
  const [only] = judged;
  if (only === undefined) return 'No guest was begun in its window.';
  if (judged.length === 1) return `PatchRun ${only.name} is ${only.phase}: ${only.message}`;
  const byPhase = Map.groupBy(judged, ({ phase }) => phase);
  const counts = [...byPhase].sort(([a], [b]) => (a < b ? -1 : 1)).map(([phase, each]) => `${each.length} ${phase}`);
  const bad = judged.filter(({ phase }) => ['Failed', 'Unknown', 'RolledBack'].includes(phase)).map(({ name }) => name);
  const named =
    bad.length === 0
      ? ''
      : ` Not well: ${bad.sort().slice(0, NAMED).join(', ')}${bad.length > NAMED ? ` and ${bad.length - NAMED} more` : ''}.`;
  return `${judged.length} PatchRuns: ${counts.join(', ')}.${named}`;
}
