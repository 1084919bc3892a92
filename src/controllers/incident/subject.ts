import type { ServiceLevel } from '../../api/common.ts';
import { type GuestState, guestState } from '../../api/gueststate.ts';
import type { Incident } from '../../api/incident.ts';
import type { LogLine } from '../../api/loglines.ts';
import { ManagedApplicationSpec, managedApplication } from '../../api/managedapplication.ts';
import { ManagedVMSpec, managedVM } from '../../api/managedvm.ts';
import { operatingSystem } from '../../api/operatingsystem.ts';
import { ProductSpec, product } from '../../api/product.ts';
import { textAt, textsAt } from '../../domain/contract/json.ts';
import type { IncidentFacts } from '../../domain/incident/assess.ts';
import type { ApplicationFacts, SubjectFacts } from '../../domain/incident/facts.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Reader, WatchedKind } from '../../runtime/pass/controller.ts';
import { readOnce } from '../contracts.ts';
import { unreadableAt } from '../unreadable.ts';

const vmIn = readOnce(ManagedVMSpec);
const applicationIn = readOnce(ManagedApplicationSpec);
const productIn = readOnce(ProductSpec);

/** ManagedApplications by the VMs that they run on: `namespace/name`. */
const ON_INDEX = 'incidentsOn';

/** What is read of what incidents concern. By what is ordered they are rated once; later only whether it is there matters. */
export const SUBJECT_WATCHES: readonly Omit<WatchedKind, 'toKeys'>[] = [
  { kind: managedVM, part: ({ metadata, spec }) => [metadata.uid, vmIn(spec).problem] },
  {
    kind: managedApplication,
    indexes: {
      [ON_INDEX]: application =>
        textsAt(application, 'spec', 'managedVMs').map(name => `${application.metadata.namespace}/${name}`),
    },
    part: ({ metadata, spec }) => [metadata.uid, applicationIn(spec).problem],
  },
];

/** What an incident concerns, of the name that it gives, as it is ordered. */
export function subjectOf({ metadata, spec }: Incident, read: Reader): IncidentFacts['subject'] {
  const { namespace = '' } = metadata;
  const kind = textAt(spec, 'subject', 'kind') === 'ManagedApplication' ? managedApplication : managedVM;
  if (unreadableAt(read, [[kind, namespace]]).length > 0) return 'Unknown';
  const found = read.get(kind, { namespace, name: textAt(spec, 'subject', 'name') ?? '' });
  if (found === undefined) return 'Missing';
  const facts = kind === managedVM ? vmFacts(found, read) : applicationFacts(found, read);
  return { uid: found.metadata.uid ?? '', facts };
}

/** Level of the VM that is concerned, or on which what is concerned runs. */
export function vmLevelOf({ metadata, spec }: Incident, read: Reader): ServiceLevel | undefined {
  const key = { namespace: metadata.namespace ?? '', name: textAt(spec, 'subject', 'name') ?? '' };
  if (textAt(spec, 'subject', 'kind') === 'ManagedVM') return vmIn(read.get(managedVM, key)?.spec).spec?.serviceLevel;
  const [name = ''] = textsAt(read.get(managedApplication, key), 'spec', 'managedVMs');
  return vmIn(read.get(managedVM, { ...key, name })?.spec).spec?.serviceLevel;
}

function vmFacts(found: KubeObject, read: Reader): SubjectFacts | undefined {
  const { namespace = '', name } = found.metadata;
  const { spec } = vmIn(found.spec);
  if (spec === undefined) return undefined;
  const family = textAt(read.get(operatingSystem, { namespace: '', name: spec.operatingSystem }), 'spec', 'family');
  return {
    kind: 'ManagedVM',
    level: spec.serviceLevel,
    family: family === 'Linux' || family === 'Windows' ? family : undefined,
    applications: read
      .byIndex(managedApplication, ON_INDEX, `${namespace}/${name}`)
      .flatMap(each => onMachine(each, read) ?? []),
  };
}

function onMachine(application: KubeObject, read: Reader): ApplicationFacts | undefined {
  const { spec } = applicationIn(application.spec);
  if (spec === undefined) return undefined;
  const entry = productIn(read.get(product, { namespace: '', name: spec.product })?.spec).spec;
  const units = (entry?.steps ?? []).flatMap(step =>
    step.unit === undefined ? [] : [step.unit.name.replaceAll(/\{\{ line \}\}/g, spec.line)],
  );
  const remedied = (entry?.remediation ?? []).flatMap(({ trigger }) => trigger.alerts ?? []);
  return { name: application.metadata.name, level: spec.serviceLevel, units, remedied };
}

function applicationFacts(found: KubeObject, read: Reader): SubjectFacts | undefined {
  const { spec } = applicationIn(found.spec);
  if (spec === undefined) return undefined;
  const [name = ''] = spec.managedVMs;
  const machine = read.get(managedVM, { namespace: found.metadata.namespace ?? '', name });
  return {
    kind: 'ManagedApplication',
    level: spec.serviceLevel,
    vmLevel: vmIn(machine?.spec).spec?.serviceLevel,
  };
}

/** What the guest's log has last told, of a VM whose record is that of this very incarnation. */
export function linesOf({ metadata, spec, status }: Incident, read: Reader): readonly LogLine[] | undefined {
  if (textAt(spec, 'subject', 'kind') !== 'ManagedVM') return undefined;
  const key = { namespace: metadata.namespace ?? '', name: textAt(spec, 'subject', 'name') ?? '' };
  const record = read.get<GuestState & KubeObject>(guestState, key);
  return record?.spec.managedVM === status?.subject ? record?.status?.lines : undefined;
}
