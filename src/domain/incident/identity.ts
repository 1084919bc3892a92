import { createHash } from 'node:crypto';
import type { IncidentAlert } from '../../api/incident.ts';

/**
 * Name of the Incident of an alert: of one subject, one fingerprint and one beginning there is one, however often and in whatever order it is told. A VM
 * that was made anew under its name is another subject. Any change here makes every alert that fires a second incident.
 */
export function incidentName(
  subjectUID: string,
  { fingerprint, startsAt }: Pick<IncidentAlert, 'fingerprint' | 'startsAt'>,
) {
  const text = JSON.stringify([subjectUID, fingerprint, startsAt]);
  return `inc-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}
