/** Where a change stands: pure, of the change, the decisions on it and the time. */
import { type Approval, ApprovalSpec } from '../../api/approval.ts';
import {
  type ChangeRequest,
  ChangeRequestSpec,
  type ChangeRequestStatus,
  type Claim,
} from '../../api/changerequest.ts';
import { isNewRootOperation } from '../../api/newroot.ts';
import type { PatchRun } from '../../api/patchrun.ts';
import type { Child } from '../contract/child.ts';
import { type ConditionInput, earliest, instant } from '../contract/condition.ts';
import { bounded, cut } from '../contract/excerpt.ts';
import type { Fields } from '../contract/json.ts';
import { readable } from '../contract/readable.ts';
import { isRestoredCopy } from '../contract/restoredcopy.ts';
import { endedBySteward } from '../contract/stewardchange.ts';
import { sentence, type Unreadable } from '../contract/unreadable.ts';
import { accessStep, isAccessOperation } from './accesschange.ts';
import { agreementOf } from './agreement.ts';
import { type Decision, deadlineOf, endOf, type Judging, judge } from './decisions.ts';
import type { CustomerSide } from './ground.ts';
import { type OperationStep, type OperationTarget, operationStep } from './operation.ts';
import { isOrder, patchStep } from './patchwork.ts';
import { planHashOf } from './planhash.ts';
import { remedyStep } from './remedystep.ts';
import { isRequest, requestStep } from './requeststep.ts';
import { acceptedCondition, doneCondition } from './result.ts';
import { rootStep } from './rootstep.ts';
import { waitingOf } from './turn.ts';
import { effectiveWindow, windowCondition } from './window.ts';

export type ChangeFacts = {
  readonly change: ChangeRequest;
  /** Those that name it. */
  readonly approvals: readonly Approval[];
  readonly customer: CustomerSide;
  /** Approvals cannot be read: then nothing is known of who agreed. */
  readonly unreadable?: Unreadable | undefined;
  /** Of a change that Steward carries out. */
  readonly target?: OperationTarget | undefined;
  /** Of one that KubeVirt carries out: the VirtualMachine. */
  readonly virtualMachine?: Fields | undefined;
  /** Of a change by which guests are patched: the PatchRuns that cite it; undefined: they cannot be read. */
  readonly runs?: readonly PatchRun[] | undefined;
  readonly now: Date;
};

export type ChangeAssessment = {
  readonly status: Omit<ChangeRequestStatus, 'conditions'>;
  readonly conditions: readonly ConditionInput[];
  readonly nextEdge?: Date | undefined;
  /** Whether somebody's turn is to come, or it is told for a while that it never will: all others are closed, and pile up. */
  readonly isOpen: boolean;
  /** What KubeVirt is to be asked for, once. */
  readonly ask?: Child;
  /** What Steward has to write as the result of what it has carried out. */
  readonly result?: ChangeRequestSpec['result'];
};

/** How long it is told that a change was never agreed to: its condition goes on to say so, the alert does not. */
const TOLD_MS = 7 * 24 * 3_600_000;
/** Decisions that a status shows; see the schema. */
const MOST_SHOWN = 64;

/** Says of a change who agreed to it, whether it may be done now, how it ended and whether it was accepted (GE-4, GE-6, GE-13). */
export function assessChange({
  change,
  approvals,
  customer,
  unreadable,
  target,
  virtualMachine,
  runs,
  now,
}: ChangeFacts): ChangeAssessment {
  const { generation } = change.metadata;
  const seen = generation === undefined ? {} : { observedGeneration: generation };
  const { spec, problem } = readable(ChangeRequestSpec, change.spec);
  // What was set out to do must not be forgotten, whatever else is known.
  const claim = change.status?.claim;
  const known = { ...seen, ...withClaim(claim) };
  if (spec === undefined) {
    return { status: known, conditions: stalled('InvalidChange', cut(`${problem}.`, 300)), isOpen: false };
  }
  const planHash = planHashOf(change);
  if (unreadable) return { status: { ...known, planHash }, conditions: notReadable(unreadable), isOpen: true };
  const judging: Judging = { spec, planHash, customer, now };
  const decisions = judge(approvals.filter(isReadable), judging);
  const agreement = agreementOf(judging, decisions);
  const window = effectiveWindow(spec.window, decisions);
  const { missing: _missing, ...agreed } = agreement;
  const accepted = acceptedCondition(judging);
  const inWindow = windowCondition(spec, window, now);
  const mayBegin = agreed.status === 'True' && inWindow.status === 'True';
  const step = stepOf({
    ...{ change, spec, uid: change.metadata.uid, claim, target, virtualMachine, mayBegin, window, runs, now },
  });
  const done = step ? { ...doneCondition(judging), message: step.says } : doneCondition(judging);
  const parts = [agreed, inWindow, done, accepted];
  const waitingFor = waitingOf({ judging, agreement, accepted: accepted.reason }, change.status?.waitingFor);
  const toldUntil = agreed.reason === 'AgreementOverdue' ? weekAfter(deadlineOf(spec, now)) : undefined;
  return {
    status: {
      ...seen,
      planHash,
      ...(window && { window }),
      ...(typeof customer !== 'string' && { contract: customer.contract }),
      ...(waitingFor && { waitingFor }),
      ...withClaim(step ? step.claim : claim),
      ...shown(decisions),
    },
    conditions: [...readiness(parts, isOverRescue(spec)), ...parts].map(each => ({
      ...each,
      message: bounded(each.message),
    })),
    nextEdge: earliest(nextEdge(judging, decisions, window), step?.nextEdge, ...ahead(now, toldUntil)),
    isOpen: (waitingFor !== undefined && !isOfPolicy(spec)) || ahead(now, toldUntil).length > 0,
    ...(step?.ask && { ask: step.ask }),
    ...(step?.result && { result: step.result }),
  };
}

type Work = Pick<ChangeFacts, 'change' | 'target' | 'virtualMachine' | 'runs' | 'now'> & {
  readonly uid: string | undefined;
  readonly spec: ChangeRequestSpec;
  readonly claim: Claim | undefined;
  readonly mayBegin: boolean;
  readonly window: ReturnType<typeof effectiveWindow>;
};

/** How far what Steward carries out itself is; undefined: people do the work, or it has a result. */
function stepOf({
  change,
  spec,
  uid,
  claim,
  target,
  virtualMachine,
  mayBegin,
  window,
  runs,
  now,
}: Work): OperationStep | undefined {
  if (spec.operation === 'PatchRun') return patchStep({ spec, window, runs, now });
  if (target === undefined) return undefined;
  if (isRestoredCopy(change) && claim === undefined && spec.result === undefined) {
    const says = 'It came back from a backup: what it was for was done or left then, and is not done again.';
    return { says, result: endedBySteward('Cancelled', says, now) };
  }
  const { operation } = spec;
  if (isRequest(operation)) return requestStep({ change, spec, claim, target, virtualMachine, mayBegin, now });
  if (isNewRootOperation(operation)) return rootStep({ spec, uid, claim, target, mayBegin, now });
  if (operation === 'Remedy') return remedyStep({ spec, uid, window, target, now });
  if (!isAccessOperation(operation)) return operationStep({ spec, claim, target, mayBegin, now });
  return target.unknown === undefined ? accessStep(spec, target.managedVM, now) : { says: target.unknown };
}

/** One that was stored under another schema says so itself, and keeps no change from being judged. */
function isReadable({ spec }: Approval): boolean {
  return readable(ApprovalSpec, spec).spec !== undefined;
}

function withClaim(claim: Claim | undefined): { claim?: Claim } {
  return claim === undefined ? {} : { claim };
}

/** What stops a change until somebody acts, the gravest first. */
const OBSTACLES: ReadonlySet<string> = new Set([
  'DoneWithoutAgreement',
  'AgreementOverdue',
  'Rejected',
  'AgreementLapsed',
  'WindowPassed',
  'NotAccepted',
  'AcceptedByNoApprover',
]);

/** A rescue that is rejected while it lasts ends by that, as it was planned to. */
function isOverRescue({ operation, result }: ChangeRequestSpec): boolean {
  return operation === 'Rescue' && result !== undefined;
}

function readiness(parts: readonly ConditionInput[], isOver: boolean): ConditionInput[] {
  const done = parts.find(({ type }) => type === 'Done');
  const cancelled = done?.reason === 'Cancelled' || isOver;
  const [obstacle] = cancelled ? [] : parts.filter(({ reason }) => OBSTACLES.has(reason));
  if (obstacle) return stalled(obstacle.reason, obstacle.message);
  const closed =
    cancelled ||
    (done?.status === 'True' && !parts.some(({ status, reason }) => status !== 'True' && AWAITED.has(reason)));
  return [
    closed
      ? { type: 'Ready', status: 'True', reason: 'Closed', message: 'Nothing is left to be decided or done.' }
      : {
          type: 'Ready',
          status: 'True',
          reason: 'UnderWay',
          message: 'It goes its way: status.waitingFor says whose turn it is.',
        },
  ];
}

const AWAITED: ReadonlySet<string> = new Set(['AwaitingAgreement', 'AwaitingAcceptance', 'ContractNotReadable']);

function stalled(reason: string, message: string): ConditionInput[] {
  return [
    { type: 'Ready', status: 'False', reason, message },
    { type: 'Stalled', status: 'True', reason, message },
  ];
}

function notReadable(unreadable: Unreadable): ConditionInput[] {
  const said = { reason: 'KindNotReadable', message: sentence(unreadable) };
  return [
    { type: 'Ready', status: 'Unknown', ...said },
    { type: 'Stalled', status: 'True', ...said },
    { type: 'Agreed', status: 'Unknown', ...said },
  ];
}

function shown(decisions: readonly Decision[]): Pick<ChangeRequestStatus, 'approvals' | 'approvalsNotShown'> {
  if (decisions.length === 0) return {};
  const newest = decisions.toReversed();
  const [counting, others] = [newest.filter(counts), newest.filter(each => !counts(each))];
  const approvals = [...counting, ...others].slice(0, MOST_SHOWN).map(each => ({
    name: each.name,
    party: each.spec.party,
    decision: each.spec.decision,
    at: instant(each.at),
    by: each.spec.decidedBy,
    ...(each.spec.stated && { stated: each.spec.stated.name }),
    counts: counts(each),
    reason: each.reason,
  }));
  const rest = decisions.length - approvals.length;
  return { approvals, ...(rest > 0 && { approvalsNotShown: rest }) };
}

function counts({ reason }: Decision): boolean {
  return reason === 'Counted';
}

/** When time alone changes the answer: nothing does once it is over and agreed. */
function nextEdge(
  judging: Judging,
  decisions: readonly Decision[],
  window: ChangeRequestStatus['window'],
): Date | undefined {
  const { spec, now } = judging;
  const open = [window?.notBefore, window?.notAfter, ...decisions.filter(counts).map(each => each.spec.validUntil)];
  const times = [spec.result?.finishedAt, ...(endOf(spec, now) ? [] : open)].filter(time => time !== undefined);
  const edges = [deadlineOf(spec, now), ...times.map(time => new Date(time))];
  return earliest(...ahead(now, ...edges));
}

function ahead(now: Date, ...instants: readonly (Date | undefined)[]): Date[] {
  return instants.flatMap(each => (each !== undefined && each > now ? [each] : []));
}

/** A window of a policy is nobody's turn, and there is one in each namespace that it patches. */
function isOfPolicy(spec: ChangeRequestSpec): boolean {
  return spec.operation === 'PatchRun' && !isOrder(spec);
}

function weekAfter(instant: Date | undefined): Date | undefined {
  return instant && new Date(instant.getTime() + TOLD_MS);
}
