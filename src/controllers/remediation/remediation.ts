/** What is done about an incident by the machine (MO-6, MO-13): decided here for its pass, and made as a change, once (GE-6). */
import { type ChangeRequest, changeRequest } from '../../api/changerequest.ts';
import { type Incident, incident, type RemediationStep } from '../../api/incident.ts';
import { cut } from '../../domain/contract/excerpt.ts';
import { remedyChange, remedyChangeName } from '../../domain/remediation/change.ts';
import { type Decision, decideRemedy } from '../../domain/remediation/decide.ts';
import { stepsOf } from '../../domain/remediation/steps.ts';
import { type KubeObject, keyOf } from '../../runtime/api/object.ts';
import type { OwnedKind, ReconcileContext, WatchedKind } from '../../runtime/pass/controller.ts';
import type { RemediationMode } from '../settings.ts';
import { remedyFacts, remedyWatches, SUBJECT_INDEX, subjectOf } from './gather.ts';

type Change = ChangeRequest & KubeObject;
type Passed = Pick<ReconcileContext<Incident & KubeObject>, 'object' | 'read' | 'now' | 'createOnce'>;

/** What an incident's pass is told of its remedy. */
export type Remediation = {
  readonly steps: readonly RemediationStep[];
  /** Why something is done, or nothing. */
  readonly message: string;
  readonly nextEdge: Date | undefined;
  /** Makes the change that was decided on, if there is one. Throws ApiError. */
  readonly carryOut: () => Promise<void>;
};

/** What the controller of incidents finds them by, watches and owns for it. */
export const REMEDY_INDEXES = { [SUBJECT_INDEX]: subjectOf };
export const REMEDY_WATCHES: readonly WatchedKind[] = remedyWatches((path, read) =>
  read.byIndex(incident, SUBJECT_INDEX, path).map(keyOf),
);
export const REMEDY_CHANGES: OwnedKind = {
  kind: changeRequest,
  selector: '',
  // A record, made once: neither healed nor thrown away.
  prune: () => false,
  named: ({ metadata: { name, uid = '' } }, child) => {
    const step = Number(child.metadata.name.split('-').at(-1));
    return Number.isInteger(step) && child.metadata.name === remedyChangeName({ name, uid }, step);
  },
};

/** Decides for all incidents of this process, so that what one has set out to do counts for the others before the cache knows of it. */
export class Remediator {
  readonly #mode: RemediationMode;
  readonly #making = new Map<string, Change>();

  constructor(mode: RemediationMode) {
    this.#mode = mode;
  }

  of({ object, read, now, createOnce }: Passed): Remediation {
    const before = object.status?.remediation ?? [];
    const waiting = this.#notSeen(read);
    const facts = remedyFacts(object, waiting, read, now);
    const decision: Decision =
      this.#mode === 'Never'
        ? { act: 'None', why: 'Over', message: 'Remedies are switched off.' }
        : decideRemedy(facts);
    const isDryRun = this.#mode === 'DryRun';
    const ended = object.spec.signals?.flatMap(({ at, firing }) => (firing ? [] : [new Date(at)])) ?? [];
    const steps = stepsOf({
      ...{ uid: object.metadata.uid ?? '', remedies: facts.remedies, ended, decision, isDryRun, now },
      before: before.map(step => ({ ...step, message: step.message ?? '' })) as Parameters<typeof stepsOf>[0]['before'],
    });
    const carriesOut = decision.act === 'Remedy' && !isDryRun && facts.managedVM !== undefined;
    const change =
      carriesOut && facts.trouble.plan !== undefined && facts.managedVM !== undefined
        ? (remedyChange(decision.wanted, facts.managedVM, facts.trouble.plan, now) as Change)
        : undefined;
    const key = change && `${change.metadata.namespace}/${change.metadata.name}`;
    if (key !== undefined && change !== undefined)
      this.#making.set(key, { ...change, metadata: { ...change.metadata, creationTimestamp: now.toISOString() } });
    return {
      steps,
      message: cut(messageOf(decision, isDryRun), 1000),
      nextEdge: decision.act === 'None' ? decision.nextEdge : undefined,
      carryOut: async () => {
        if (change === undefined || key === undefined) return;
        try {
          await createOnce(change);
        } catch (error) {
          this.#making.delete(key);
          throw error;
        }
      },
    };
  }

  /** What the cache does not have yet of what was set out to be made. */
  #notSeen(read: Passed['read']): readonly Change[] {
    for (const [key, { metadata }] of this.#making)
      if (read.get(changeRequest, { namespace: metadata.namespace ?? '', name: metadata.name }))
        this.#making.delete(key);
    return [...this.#making.values()];
  }
}

function messageOf(decision: Decision, isDryRun: boolean): string {
  if (decision.act !== 'Remedy') return decision.message;
  const { words } = decision.wanted;
  return isDryRun ? `Remedies are set to DryRun: Steward would ${words}.` : `Steward is to ${words}.`;
}
