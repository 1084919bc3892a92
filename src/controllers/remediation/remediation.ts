/** What is done about an incident by the machine (MO-6, MO-13): decided here for its pass, and made as a change, once (GE-6). */
import { type ChangeRequest, changeRequest } from '../../api/changerequest.ts';
import type { Incident, RemediationStep } from '../../api/incident.ts';
import { instant } from '../../domain/contract/condition.ts';
import { cut } from '../../domain/contract/excerpt.ts';
import { remedyChange, remedyChangeName } from '../../domain/remediation/change.ts';
import { decideRemedy } from '../../domain/remediation/decide.ts';
import type { Decision } from '../../domain/remediation/decision.ts';
import type { RemedyFacts } from '../../domain/remediation/facts.ts';
import { PERSON, stepsOf } from '../../domain/remediation/steps.ts';
import { type KubeObject, keyOf } from '../../runtime/api/object.ts';
import type { OwnedKind, ReconcileContext, WatchedKind } from '../../runtime/pass/controller.ts';
import type { RemediationMode } from '../settings.ts';
import { remedyFacts, remedyWatches } from './gather.ts';
import { incidentsOnMachine } from './product.ts';

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

/** What the controller of incidents watches and owns for it. */
export const REMEDY_WATCHES: readonly WatchedKind[] = remedyWatches((path, read) =>
  incidentsOnMachine(path, read).map(keyOf),
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

/** Of what was made but never seen: it was deleted at once, or the cache stands still. Milliseconds. */
const FORGOTTEN_MS = 10 * 60_000;

/** Decides for all incidents of this process, so that what one has set out to do counts for the others before the cache knows of it. */
export class Remediator {
  readonly #mode: RemediationMode;
  readonly #making = new Map<string, Change>();

  constructor(mode: RemediationMode) {
    this.#mode = mode;
  }

  of(passed: Passed): Remediation {
    const { object, now } = passed;
    const { decision, remedies } = this.#decided(passed);
    const isDryRun = this.#mode === 'DryRun';
    const ended = object.spec.signals?.flatMap(({ at, firing }) => (firing ? [] : [new Date(at)])) ?? [];
    const before = (object.status?.remediation ?? []).map(step => ({ ...step, message: step.message ?? '' }));
    const steps = stepsOf({ uid: object.metadata.uid ?? '', remedies, ended, decision, before, isDryRun, now });
    return {
      steps,
      message: cut(whyCalled(object, decision, steps) ?? messageOf(decision, isDryRun), 500),
      nextEdge: decision.act === 'None' ? decision.nextEdge : undefined,
      carryOut: () => this.#carryOut(passed),
    };
  }

  #decided({
    object,
    read,
    now,
  }: Passed): { readonly decision: Decision; readonly remedies: readonly ChangeRequest[] } & Pick<
    RemedyFacts,
    'managedVM'
  > {
    const facts = remedyFacts(object, this.#notSeen(read, now), read, now);
    const decision = this.#mode === 'Never' ? SWITCHED_OFF : decideRemedy(facts);
    return { decision, remedies: facts.remedies, managedVM: facts.managedVM };
  }

  /** Decided once more: while the status was written another incident may have set out to do something. From here to the call nothing comes between. */
  async #carryOut(passed: Passed): Promise<void> {
    const { object, now, createOnce } = passed;
    const { decision, managedVM } = this.#decided(passed);
    const plan = object.spec.terms?.plan.name;
    if (decision.act !== 'Remedy' || this.#mode !== 'Active' || managedVM === undefined || plan === undefined) return;
    const change = remedyChange(decision.wanted, managedVM, plan, now) as Change;
    const key = keyOf(change);
    const path = `${key.namespace}/${key.name}`;
    this.#making.set(path, { ...change, metadata: { ...change.metadata, creationTimestamp: instant(now) } });
    try {
      await createOnce(change);
    } catch (error) {
      this.#making.delete(path);
      throw error;
    }
  }

  /** What the cache does not have yet of what was set out to be made. */
  #notSeen(read: Passed['read'], now: Date): readonly Change[] {
    for (const [path, change] of this.#making) {
      const isOld = now.getTime() - Date.parse(change.metadata.creationTimestamp ?? '') > FORGOTTEN_MS;
      if (isOld || read.get(changeRequest, keyOf(change)) !== undefined) this.#making.delete(path);
    }
    return [...this.#making.values()];
  }
}

const SWITCHED_OFF: Decision = { act: 'None', why: 'Over', message: 'Remedies are switched off (remediation: Never).' };

/** Why a person was called is said for as long as none has come: by the pass that calls him, and by each that looks again. */
function whyCalled({ spec }: Incident, decision: Decision, steps: readonly RemediationStep[]): string | undefined {
  const isAwaited = decision.act === 'Person' || (decision.act === 'None' && decision.why === 'PersonAtWork');
  const hasCome = spec.handling?.acknowledgedBy !== undefined || spec.handling?.assignee !== undefined;
  return isAwaited && !hasCome ? steps.find(({ action }) => action === PERSON)?.message : undefined;
}

function messageOf(decision: Decision, isDryRun: boolean): string {
  if (decision.act !== 'Remedy') return decision.message;
  const { words } = decision.wanted;
  return isDryRun ? `Remedies are set to DryRun: Steward would ${words}.` : `Steward is to ${words}.`;
}
