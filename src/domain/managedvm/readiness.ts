import type { ManagedVM } from '../../api/managedvm.ts';
import type { ConditionInput } from '../contract/condition.ts';
import { type Finding, gravest } from '../contract/finding.ts';

/**
 * Ready, Reconciling and Stalled, as kstatus reads them (cli-utils pkg/kstatus/status/generic.go): Stalled is a failure,
 * Reconciling is progress. Both are always there, False when fine, so that a watcher can wait for either value and
 * lastTransitionTime tells when a stall ended; never are both True. A broken promise is no stall: it leaves all three alone.
 * `findings`: why the order is not carried out. `whenReady`: what is said where there are none.
 */
export function readiness(
  managedVM: ManagedVM,
  findings: readonly Finding[],
  whenReady: string,
): readonly ConditionInput[] {
  const first = gravest(findings);
  if (first === undefined) return [ready(managedVM, whenReady), settled('Reconciling'), settled('Stalled')];
  const message = [first, ...findings.filter(other => other.reason !== first.reason && other.standing === 'failed')]
    .map(finding => finding.message)
    .slice(0, 3)
    .join(' ');
  const { reason } = first;
  const because = (type: string, status: ConditionInput['status']): ConditionInput => ({
    type,
    status,
    reason,
    message,
  });
  const stalls = first.standing === 'failed';
  return [
    because('Ready', reason === 'KindNotReadable' ? 'Unknown' : 'False'),
    stalls ? settled('Reconciling') : because('Reconciling', 'True'),
    stalls ? because('Stalled', 'True') : settled('Stalled'),
  ];
}

function ready({ spec }: ManagedVM, message: string): ConditionInput {
  return { type: 'Ready', status: 'True', reason: spec.powerState === 'Stopped' ? 'Stopped' : 'Running', message };
}

function settled(type: 'Reconciling' | 'Stalled'): ConditionInput {
  const message = type === 'Stalled' ? 'Nothing waits for somebody to act.' : 'Nothing is under way.';
  return { type, status: 'False', reason: 'Settled', message };
}
