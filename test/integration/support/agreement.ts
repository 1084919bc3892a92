import { expect } from 'vitest';
import { changeRequest } from '../../../src/api/changerequest.ts';
import type { Cluster } from './cluster.ts';
import { eventually } from './eventually.ts';
import { decisionOn } from './orders.ts';

/** A person of each party agrees to a change, as it is planned when it has been judged. */
export async function agreeToChange(
  cluster: Pick<Cluster, 'api' | 'kubectl'>,
  namespace: string,
  name: string,
  patienceMs?: number,
): Promise<void> {
  for (const [party, decidedBy] of [
    ['Customer', 'anna'],
    ['Provider', 'kim'],
  ] as const)
    await decideOnChange(cluster, namespace, name, { party, decidedBy }, patienceMs);
}

/** Somebody decides on a change as it is planned. */
export async function decideOnChange(
  { api, kubectl }: Pick<Cluster, 'api' | 'kubectl'>,
  namespace: string,
  name: string,
  decided: { readonly party: string; readonly decidedBy: string; readonly decision?: string },
  patienceMs?: number,
): Promise<void> {
  const planHash = await eventually(async () => {
    const { status } = await api.get(changeRequest, namespace, name);
    expect(status?.planHash).toBeDefined();
    return status.planHash as string;
  }, patienceMs);
  const decision = decisionOn(namespace, `${name.slice(0, 50)}-${decided.decidedBy}`, name, planHash, decided);
  const as = [`--as=${decided.decidedBy}`, '--as-group=system:masters'];
  await kubectl(['create', '--filename', '-', ...as], JSON.stringify(decision));
}
