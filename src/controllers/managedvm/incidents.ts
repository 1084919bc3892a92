import { type Incident, incident as incidentKind } from '../../api/incident.ts';
import { type ManagedVM, managedVM as managedVMKind } from '../../api/managedvm.ts';
import { at, textAt } from '../../domain/contract/json.ts';
import { entitlements } from '../../domain/contract/service-levels.ts';
import type { IncidentsFacts } from '../../domain/incident/facts.ts';
import type { KubeObject, ResourceKind } from '../../runtime/api/object.ts';
import type { Reader, WatchedKind } from '../../runtime/pass/controller.ts';
import { unreadableAt } from '../unreadable.ts';
import type { Reading } from './reading.ts';

/** Incidents by the UID of what they concern, as the operator has found it. */
const UID_INDEX = 'ofSubject';

/** What wakes those of a kind when an incident of theirs goes another way; and what incidents are found by. */
export function incidentWatch({ kind }: ResourceKind): WatchedKind {
  return {
    kind: incidentKind,
    indexes: { [UID_INDEX]: incident => [textAt(incident, 'status', 'subject') ?? ''] },
    part: ({ spec, status }) => [
      ...['phase', 'subject', 'response', 'resolution'].map(field => at(status, field)),
      at(spec, 'rating', 'priority'),
    ],
    toKeys: ({ metadata, spec }) =>
      textAt(spec, 'subject', 'kind') === kind
        ? [{ namespace: metadata.namespace ?? '', name: textAt(spec, 'subject', 'name') ?? '' }]
        : [],
  };
}

/** The incidents of a system, of this very incarnation; undefined: they cannot be read. */
export function incidentsOf(
  { metadata: { namespace = '', uid = '' } }: Pick<KubeObject, 'metadata'>,
  read: Reader,
): readonly (Incident & KubeObject)[] | undefined {
  if (!read.available(incidentKind, namespace)) return undefined;
  return read
    .byIndex<Incident & KubeObject>(incidentKind, UID_INDEX, uid)
    .filter(({ metadata }) => metadata.namespace === namespace);
}

/** Whether its level includes that incidents are handled, so that it matters whether alerts are heard. */
export function hasIncidents({ spec }: ManagedVM): boolean {
  return entitlements(spec.serviceLevel).incidentHandling !== 'None';
}

/** Reads how incidents of a VM go. */
export const incident: Reading<IncidentsFacts> = {
  gather: (managedVM, { read, alertReceiver }) => ({
    incidents: incidentsOf(managedVM, read) ?? [],
    installed: read.state(incidentKind, managedVM.metadata.namespace ?? '') !== 'missing',
    reception: alertReceiver.reception(),
    unreadable: unreadableAt(read, [[incidentKind, managedVM.metadata.namespace ?? '']]),
  }),
  indexes: {},
  owns: () => [],
  watches: () => [incidentWatch(managedVMKind)],
  permissions: [],
};
