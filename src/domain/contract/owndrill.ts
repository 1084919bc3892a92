import { isDrill, type Restore, type RestorePoint } from '../../api/restore.ts';
import { STEWARD } from './setout.ts';

type Ordered = { readonly name: string; readonly namespace?: string | undefined };

/** A drill that Steward orders itself (ADR 0166). `reason`: a sentence. */
export function ownDrill({ name, namespace = '' }: Ordered, managedVMRef: string, point: RestorePoint, reason: string) {
  return {
    apiVersion: 'managed.systems/v1alpha1',
    kind: 'Restore',
    metadata: { name, namespace },
    spec: { managedVMRef, point, target: { sandbox: true }, reason, requestedBy: STEWARD },
  };
}

/** Whether Steward has ordered it itself, in whose name admission lets nobody else order: drills of people are theirs to keep. */
export function isOwnDrill({ spec }: Pick<Restore, 'spec'>): boolean {
  return isDrill(spec) && spec.requestedBy === STEWARD;
}
