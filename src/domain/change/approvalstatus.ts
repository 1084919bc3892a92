import { type Approval, ApprovalSpec, type ApprovalStatus } from '../../api/approval.ts';
import type { ChangeRequest } from '../../api/changerequest.ts';
import type { ConditionInput } from '../contract/condition.ts';
import { bounded, cut } from '../contract/excerpt.ts';
import { readable } from '../contract/readable.ts';
import type { DecisionReason } from './decisions.ts';

export type ApprovalAssessment = {
  readonly status: Omit<ApprovalStatus, 'conditions'>;
  readonly conditions: readonly ConditionInput[];
};

/** What each reason means, for whoever decided. */
const MEANINGS: Readonly<Record<Exclude<DecisionReason, 'Counted'>, string>> = {
  OtherPlan:
    'it was made on another plan than the change has now: read status.planHash of the change and decide again (GE-6)',
  PartyNotAsked: 'the change does not ask this party',
  ContractNotReadable: 'who may decide for the customer cannot be read',
  OtherContract: 'it was made for another Contract than that of this namespace',
  UnknownBridge: 'it is stated by somebody whom no Contract of this namespace names as a bridge',
  NobodyStated: 'it was written by a bridge that does not say in whose name (spec.stated)',
  NotAContact: 'he is no contact of the Contract of this namespace (GE-4)',
  NotAnApprover: 'as a contact he lacks the role Approver, or the one that the change asks for besides (GE-4)',
  ByRequester: 'he requested the change himself (GE-6)',
  TooLate: 'it came after the time in which it would have counted',
  NotPostponable: 'the window cannot be postponed to this instant: see spec.postponableUntil of the change (GE-4)',
  OtherParty: 'he has decided for the other party before, and nobody decides for both',
  Superseded: 'it was followed by another decision on the same question, and the last one counts',
  Expired: 'it has expired: spec.validUntil',
};

/** Says of a decision whether it counts, as the controller of changes has judged it. */
export function assessApproval(approval: Approval, change: ChangeRequest | undefined): ApprovalAssessment {
  const { generation, name } = approval.metadata;
  const status = generation === undefined ? {} : { observedGeneration: generation };
  const { spec, problem } = readable(ApprovalSpec, approval.spec);
  if (spec === undefined) return { status, conditions: stalled('InvalidApproval', cut(`${problem}.`, 300)) };
  if (change === undefined) {
    return {
      status,
      conditions: stalled('ChangeNotFound', `There is no ChangeRequest ${spec.changeRef} in this namespace.`),
    };
  }
  const judged = change.status?.approvals?.find(each => each.name === name);
  if (judged === undefined) return { status, conditions: notShown(change) };
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'Judged',
    message: `It was judged for ChangeRequest ${spec.changeRef}.`,
  } as const;
  const reason = judged.reason as DecisionReason;
  const message = judged.counts
    ? `It counts for plan ${change.status?.planHash} of ChangeRequest ${spec.changeRef}.`
    : `It does not count: ${MEANINGS[reason as keyof typeof MEANINGS] ?? reason}.`;
  return {
    status,
    conditions: [
      ready,
      { type: 'Counted', status: judged.counts ? 'True' : 'False', reason, message: bounded(message) },
    ],
  };
}

/** Either it is new, or one of more decisions than a status holds, of which none counts. */
function notShown({ metadata, status }: ChangeRequest): ConditionInput[] {
  const [state, reason, message] =
    status?.approvalsNotShown === undefined
      ? (['Unknown', 'NotJudgedYet', `ChangeRequest ${metadata.name} has not been judged with it yet.`] as const)
      : ([
          'False',
          'NotShown',
          `It does not count, and ChangeRequest ${metadata.name} has more decisions than are shown.`,
        ] as const);
  return [
    { type: 'Ready', status: state === 'Unknown' ? 'Unknown' : 'True', reason, message },
    { type: 'Counted', status: state, reason, message },
  ];
}

function stalled(reason: string, message: string): ConditionInput[] {
  return [
    { type: 'Ready', status: 'False', reason, message },
    { type: 'Stalled', status: 'True', reason, message },
    { type: 'Counted', status: 'False', reason, message },
  ];
}
