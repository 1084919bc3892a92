/** The same trouble of a VM again and again, as the receiver of alerts writes it down and Steward rates it. */
import { incident } from '../../../src/api/incident.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import { instant } from '../../../src/domain/contract/condition.ts';
import { incidentFor } from '../../../src/domain/incident/opened.ts';
import type { Any } from './api.ts';
import type { Cluster } from './cluster.ts';
import { eventually } from './eventually.ts';

const HOUR_MS = 3_600_000;
/** By its name, which admission asks for, with every right. */
const RECEIVER = ['--as', 'system:serviceaccount:steward-system:steward-receive', '--as-group', 'system:masters'];

/** `count` incidents of one alert of a ManagedVM, an hour apart, the first one an hour ago; resolves when Steward has rated each. */
export async function recurring(
  { api, kubectl }: Cluster,
  namespace: string,
  name: string,
  alert: string,
  count: number,
): Promise<Any[]> {
  const { uid } = (await api.get(managedVM, namespace, name)).metadata;
  const now = new Date();
  const made = Array.from({ length: count }, async (_, back) => {
    const startsAt = instant(new Date(now.getTime() - (back + 1) * HOUR_MS));
    const proof = { verdict: 'Proven', at: instant(now) } as const;
    const seen = { name: alert, fingerprint: 'c0ffee', startsAt, severity: 'critical' } as const;
    const subject = { kind: 'ManagedVM', name, uid } as const;
    const object = incidentFor({ namespace, subject, alert: seen, proof }, now);
    await kubectl(['create', '-f', '-', ...RECEIVER], JSON.stringify(object));
    return eventually(async () => {
      const found = await api.get(incident, namespace, object.metadata.name);
      if (found.spec.rating === undefined) throw new Error(`${object.metadata.name} is not rated`);
      return found;
    });
  });
  return Promise.all(made);
}
