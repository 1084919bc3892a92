import type { ManagedVM, ManagedVMStatus } from '../api/managedvm.ts';
import type { Outcome } from './applyproblems.ts';
import type { ConditionInput } from './condition.ts';
import type { Observed } from './observed.ts';

/** What an assessment is made from: the order, what was read, and how applying its children went. */
export type AssessInput = {
  readonly managedVM: ManagedVM;
  readonly observed: Observed;
  readonly outcomes: readonly Outcome[];
  /** The assessment of the backups, made by backupCompliance. */
  readonly backup?:
    | {
        readonly condition: ConditionInput;
        readonly backup?: ManagedVMStatus['backup'];
        readonly nextEdge?: Date | undefined;
      }
    | undefined;
  readonly now: Date;
};

export type Assessment = {
  readonly status: Omit<ManagedVMStatus, 'conditions'>;
  readonly conditions: readonly ConditionInput[];
  /** When time alone changes the assessment. */
  readonly requeueAt?: Date;
};

/** The status of a ManagedVM: pure and total, the same facts give the same status. */
export function assess(_input: AssessInput): Assessment {
  throw new Error('not yet');
}
