import { instant } from '../contract/condition.ts';
import { unknown } from '../contract/finding.ts';
import { EVENT_SENSORS, SENSOR_STALE_SECONDS } from './guestevents.ts';
import type { EventWatch } from './prometheuswatch.ts';
import type { Verdict } from './reasons.ts';
import { asBefore, disproof, inGrace, lastSeen, notWatched, notYetShown, type WatchFacts } from './watchverdict.ts';

type Answers = Extract<EventWatch, { readonly state: 'answers' }>;

const MINUTES = SENSOR_STALE_SECONDS / 60;

/**
 * Whether event logs and security-relevant events of the guest are watched (MO-12): Prometheus evaluates the rules on them, and has a fresh reading
 * of every part of the sensor in this very guest.
 */
export function eventsMonitored(facts: WatchFacts): Verdict {
  const { managedVM, monitoring, observed } = facts;
  const without = notWatched(facts, 'MO-12');
  if (without !== undefined) return without;
  if (observed.operatingSystem?.spec.family === 'Windows') {
    const message = `Service level ${managedVM.spec.serviceLevel} includes event logs and security events (MO-12); the sensor for those of Windows has met no real Windows, so nothing proves that they are watched.`;
    return unknown('EventMonitoringNotAvailable', message);
  }
  const { eventWatch: watch } = monitoring;
  if (watch === undefined) {
    return unknown('NotObserved', 'Nothing proves that a Prometheus has readings of the sensor for events.');
  }
  if (watch.state === 'undecided') {
    return asBefore(facts, 'EventsMonitored', proven(facts), ['RulesNotEvaluated', 'EventSensorsSilent']);
  }
  if (watch.state === 'silent') {
    const message = `Prometheus has given no usable answer since ${instant(watch.since)}: ${watch.why}.`;
    return unknown('PrometheusSilent', message);
  }
  return watch.lacks.length === 0 ? proven(facts) : lacking(facts, watch);
}

function proven({ managedVM }: WatchFacts): Verdict {
  const message = `Prometheus evaluates the rules of namespace ${managedVM.metadata.namespace}, and has readings younger than ${MINUTES} minutes of all ${EVENT_SENSORS.length} parts of the sensor for events in this guest (MO-12): ${EVENT_SENSORS.join(', ')}.`;
  return { status: 'True', reason: 'EventsWatched', message };
}

function lacking(facts: WatchFacts, { lacks, lastSeen: seen = {} }: Answers): Verdict {
  const { namespace } = facts.managedVM.metadata;
  if (lacks.includes('rules')) {
    const says = `Prometheus does not evaluate the rules on events of namespace ${namespace}${lastSeen(seen.rules)}`;
    return (
      inGrace(facts, 'EventsMonitored', says) ?? disproof(facts, 'EventsMonitored', 'RulesNotEvaluated', `${says}.`)
    );
  }
  const silent = EVENT_SENSORS.filter(sensor => lacks.includes(`sensor ${sensor}`));
  const named = silent.map(sensor => `${sensor}${lastSeen(seen[`sensor ${sensor}`])}`).join(', ');
  const says = `Prometheus has no reading younger than ${MINUTES} minutes of ${silent.length} of the ${EVENT_SENSORS.length} parts of the sensor for events: ${named}`;
  return (
    notYetShown(facts, says) ??
    inGrace(facts, 'EventsMonitored', says) ??
    disproof(facts, 'EventsMonitored', 'EventSensorsSilent', `${says}.`)
  );
}
