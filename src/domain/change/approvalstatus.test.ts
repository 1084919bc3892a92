import { describe, expect, it } from 'vitest';
import type { Approval } from '../../api/approval.ts';
import { assessApproval } from './approvalstatus.ts';
import { changeOf, decisionOn, told } from './change.fixtures.ts';

const change = changeOf();
const judged = (approvals: readonly Approval[]) => {
  const { status, conditions } = told(change, approvals, '10:00');
  const lastTransitionTime = '2026-12-01T10:00:00Z';
  return { ...change, status: { ...status, conditions: conditions.map(each => ({ ...each, lastTransitionTime })) } };
};
const saysOf = (...args: Parameters<typeof assessApproval>) =>
  Object.fromEntries(
    assessApproval(...args).conditions.map(({ type, status, reason }) => [type, `${status}/${reason}`]),
  );

describe('GE-6: a decision says whether it counts', () => {
  it('and for which plan', () => {
    const decision = decisionOn(change, 'ben', '09:00');
    const { conditions } = assessApproval(decision, judged([decision]));
    expect(conditions.map(({ message }) => message)).toEqual([
      'It was judged for ChangeRequest chg-1.',
      `It counts for plan ${decision.spec.planHash} of ChangeRequest chg-1.`,
    ]);
  });

  it('or why not, in a sentence', () => {
    const decision = decisionOn(change, 'carl', '09:00');
    const { conditions } = assessApproval(decision, judged([decision]));
    expect(conditions.at(-1)).toEqual({
      ...{ type: 'Counted', status: 'False', reason: 'NotAnApprover' },
      message:
        'It does not count: as a contact he lacks the role Approver, or the one that the change asks for besides (GE-4).',
    });
  });

  it('and that it waits, before the change was judged with it', () => {
    expect(saysOf(decisionOn(change, 'ben', '09:00'), judged([]))).toEqual({
      Ready: 'Unknown/NotJudgedYet',
      Counted: 'Unknown/NotJudgedYet',
    });
  });

  it('and that it does not count, where a change has more decisions than a status holds', () => {
    const last = decisionOn(change, 'mallory', '08:30');
    const many = Array.from({ length: 70 }, () => decisionOn(change, 'mallory', '09:00'));
    expect(saysOf(last, judged([last, ...many]))).toEqual({ Ready: 'True/NotShown', Counted: 'False/NotShown' });
  });

  it('and that there is no such change', () => {
    expect(saysOf(decisionOn(change, 'ben', '09:00'), undefined)).toMatchObject({ Stalled: 'True/ChangeNotFound' });
  });

  it('and what cannot be read of it', () => {
    const broken = { ...decisionOn(change, 'ben', '09:00'), spec: undefined as never };
    expect(saysOf(broken, judged([]))).toMatchObject({
      Stalled: 'True/InvalidApproval',
      Counted: 'False/InvalidApproval',
    });
  });
});
