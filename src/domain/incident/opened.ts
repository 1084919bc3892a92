/** What a new Incident says. Who sees an alert writes only what was seen; how it is rated and by which terms it is handled, the operator adds once. */
import { GROUP, VERSION } from '../../api/common.ts';
import type { Incident, IncidentAlert, IncidentProof, IncidentSignal, IncidentSubject } from '../../api/incident.ts';
import { instant } from '../contract/condition.ts';
import { excerpt } from '../contract/excerpt.ts';
import { incidentName } from './identity.ts';

/** Of what an alert is, and that it is there. */
export type OpenedFor = {
  readonly namespace: string;
  readonly subject: IncidentSubject & { readonly uid: string };
  readonly alert: IncidentAlert;
  readonly proof: IncidentProof;
};

/**
 * The Incident of an alert. Its clocks begin when the alert began to fire, so that what intake and operator take counts against the provider; never in the
 * future, whatever an alert says.
 */
export function incidentFor({ namespace, subject, alert, proof }: OpenedFor, now: Date): Incident {
  const { summary, labels, ...known } = alert;
  const began = new Date(Math.min(Date.parse(alert.startsAt), now.getTime()));
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: 'Incident',
    metadata: { name: incidentName(subject.uid, alert), namespace },
    spec: {
      subject,
      alert: {
        ...known,
        ...(summary !== undefined && { summary: excerpt(summary) }),
        ...(labels && { labels: labels.map(({ name, value }) => ({ name, value: excerpt(value, 200) })) }),
      },
      detectedAt: instant(began),
      proof,
    },
  };
}

/**
 * The signals of an incident with one more; undefined where it says nothing new: it was told twice, late, or as often as is kept. At the beginning an alert
 * fires.
 */
export function withSignal(
  signals: readonly IncidentSignal[] = [],
  signal: IncidentSignal,
  most: number,
): IncidentSignal[] | undefined {
  const last = signals.at(-1);
  const isNews = signal.firing !== (last?.firing ?? true) && (last === undefined || last.at <= signal.at);
  return isNews && signals.length < most ? [...signals, signal] : undefined;
}
