import type { Alert } from '../contract/alert.ts';
import { RECORDED } from './recorded.ts';
import { those, type Watched } from './watched.ts';

/** Whether the last question from outside succeeded, as the blackbox exporter has it. */
export const OUTSIDE_METRIC = 'probe_success';

/** Inside and outside differ exactly when what lies between them is at fault (AP-11). */
export function outsideAlerts(watched: Watched): readonly Alert[] {
  if (watched.isAskedOutside !== true) return [];
  const { namespace, application } = watched;
  const subject = `ManagedApplication ${namespace}/${application}`;
  const outside = `${OUTSIDE_METRIC}${those(watched)}`;
  return [
    {
      alert: 'ManagedApplicationUnreachable',
      expr: `max(${outside}) == 0 and on () max(${RECORDED.working}${those(watched)}) == 1`,
      for: '5m',
      severity: 'critical',
      summary: `${application} works, and nobody reaches it`,
      description: `For 5 minutes all probes inside of the guest of ${subject} have succeeded, and none from the cluster has: what lies between them is at fault, not the application.`,
    },
    {
      alert: 'ManagedApplicationOutsideSilent',
      expr: `absent(${outside})`,
      for: '15m',
      severity: 'warning',
      summary: `${application}: nobody asks it from outside`,
      description: `Prometheus has had no reading of ${subject} from outside of its guest for 15 minutes, so nobody would notice a fault of the network.`,
    },
  ];
}
