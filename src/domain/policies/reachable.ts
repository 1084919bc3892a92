import { serviceName } from '../application/children.ts';
import { unknown, type Verdict } from '../contract/finding.ts';
import { asBefore, hindranceOf, noProduct, silent, type WatchedFacts } from './applicationwatched.ts';

/** Whether the application was reached from outside of its guest, through its Service (AP-11). Whether it works is said by its probes in the guest. */
export function reachable(facts: WatchedFacts, available: Verdict): Verdict {
  const { product, blackbox } = facts.watch;
  if (product === undefined) return noProduct();
  const { monitoring, interface: face } = product;
  if (monitoring?.outside === undefined || face === undefined)
    return unknown('NotIncluded', 'The Product does not say how it is asked from outside of its guest.');
  if (blackbox === undefined)
    return unknown('NotIncluded', 'The provider has no blackbox exporter that asks from outside of guests.');
  return hindranceOf(facts) ?? reached(facts, available, face.port);
}

function reached({ application, watch: { prometheus } }: WatchedFacts, available: Verdict, port: number): Verdict {
  if (prometheus === undefined) return unknown('NotObserved', 'No Prometheus is asked whether it was reached.');
  if (prometheus.state === 'silent') return silent(prometheus);
  if (prometheus.state === 'undecided') return asBefore(application, 'Reachable');
  if (prometheus.lacks.includes('outside'))
    return unknown('NotMeasured', 'Prometheus has no readings from outside of the guest.');
  const where = `port ${port} of Service ${serviceName(application)}`;
  if (prometheus.reached === true)
    return { status: 'True', reason: 'Reached', message: `From outside of the guest it was reached at ${where}.` };
  const why =
    available.status === 'True'
      ? 'Its probes in the guest succeed, so what lies between is at fault: Service, NetworkPolicy or firewall.'
      : 'Its probes in the guest are not known to succeed either: see condition Available.';
  return {
    ...{ status: 'False', reason: 'NotReached' },
    message: `From outside of the guest nobody has reached it at ${where} lately. ${why}`,
  };
}
