/** What was done about an incident, as its changes tell it, and whether it has helped, as the sensor tells it. */
import type { ChangeRequest } from '../../api/changerequest.ts';
import { instant } from '../contract/condition.ts';
import { cut } from '../contract/excerpt.ts';
import type { Decision } from './decision.ts';
import { LADDERS } from './ladders.ts';

const MINUTE = 60_000;

export type Step = {
  readonly step: number;
  readonly action: string;
  readonly at: string;
  readonly outcome: 'Running' | 'Succeeded' | 'Failed' | 'Skipped' | 'DryRun' | 'Forbidden';
  readonly message: string;
};

export type StepFacts = {
  readonly uid: string;
  /** Changes by which it was to be mended. */
  readonly remedies: readonly ChangeRequest[];
  /** When its alarm has ended, each time. */
  readonly ended: readonly Date[];
  readonly decision: Decision;
  /** What was told before: that a person was called, and what would have been done, keep their time. */
  readonly before: readonly Step[];
  readonly isDryRun: boolean;
  readonly now: Date;
};

/** Most that an incident tells; the first are told, for they have begun it. */
const MOST = 30;

/** The steps of an incident in their order. */
export function stepsOf({ uid, remedies, ended, decision, before, isDryRun, now }: StepFacts): Step[] {
  const own = remedies
    .filter(({ spec }) => spec.remedy?.incident.uid === uid)
    .toSorted((a, b) => ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1));
  const done = own.map((change, step) => stepOf(change, step, ended, now)).slice(0, MOST);
  const kept = before.filter(({ action, outcome }) => action === PERSON || outcome === 'DryRun');
  const isCalled = kept.some(({ action }) => action === PERSON);
  const added: Omit<Step, 'step'>[] = [];
  if (decision.act === 'Person' && !isCalled)
    added.push({ action: PERSON, at: instant(now), outcome: 'Forbidden', message: cut(decision.message, 500) });
  if (decision.act === 'Remedy' && isDryRun && kept.length === 0)
    added.push({
      ...{ action: decision.wanted.remedy.action, at: instant(now), outcome: 'DryRun' },
      message: cut(`Remedies are set to DryRun: Steward would ${decision.wanted.words}.`, 500),
    });
  return [...done, ...kept, ...added].map((each, step) => ({ ...each, step }));
}

/** That a machine can do nothing more. */
export const PERSON = 'Person';

function stepOf({ metadata, spec }: ChangeRequest, step: number, ended: readonly Date[], now: Date): Step {
  const { remedy, result } = spec;
  const base = { step, action: remedy?.action ?? 'Remedy', at: metadata.creationTimestamp ?? instant(now) };
  const told = (outcome: Step['outcome'], words: string): Step => ({
    ...{ ...base, outcome },
    message: cut(`ChangeRequest ${metadata.name}: ${words}`, 500),
  });
  if (result === undefined) return told('Running', 'under way.');
  const notes = result.notes ?? '';
  if (result.outcome === 'Cancelled') return told('Skipped', notes);
  if (result.outcome !== 'Succeeded') return told('Failed', notes);
  if (remedy?.action === 'Look') return told('Succeeded', notes);
  const finished = new Date(result.finishedAt);
  const verified = new Date(finished.getTime() + cooldownOf(spec) * MINUTE);
  const end = ended.find(at => at >= new Date(base.at) && at <= verified);
  if (end !== undefined) return told('Succeeded', `${notes} The alarm has ended at ${instant(end)}.`);
  if (now < verified)
    return told('Running', `${notes} Whether it has helped the sensor tells until ${instant(verified)}.`);
  return told('Failed', `${notes} The alarm has not ended until ${instant(verified)}: it has not helped.`);
}

function cooldownOf({ remedy }: ChangeRequest['spec']): number {
  const rung = LADDERS.get(remedy?.alert ?? '')?.find(({ name }) => name === remedy?.rung);
  return remedy?.waitMinutes ?? rung?.cooldownMinutes ?? 10;
}
