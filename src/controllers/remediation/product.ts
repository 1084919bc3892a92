/** What a decision about a remedy looks at of an application and of its neighbours on the VM (AP-3, AP-4), from the cache alone. */
import { type ChangeRequest, ChangeRequestSpec, changeRequest } from '../../api/changerequest.ts';
import { incident } from '../../api/incident.ts';
import { type MaintenanceWindow, MaintenanceWindowSpec, maintenanceWindow } from '../../api/maintenancewindow.ts';
import { type ManagedApplication, ManagedApplicationSpec, managedApplication } from '../../api/managedapplication.ts';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { ProductSpec, product } from '../../api/product.ts';
import { isRestored, type Restore, restore } from '../../api/restore.ts';
import { lineOf } from '../../domain/application/line.ts';
import { listAt, textAt, textsAt } from '../../domain/contract/json.ts';
import { agreedWindow, isIn } from '../../domain/contract/setout.ts';
import { occurrenceAt } from '../../domain/patching/window.ts';
import { windowOf } from '../../domain/patching/windows.ts';
import type { OfProduct } from '../../domain/remediation/facts.ts';
import { PERSON } from '../../domain/remediation/steps.ts';
import { sameUnit } from '../../domain/remediation/taken.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Reader, WatchedKind } from '../../runtime/pass/controller.ts';
import { readOnce } from '../contracts.ts';
import { SUBJECT_INDEX, subjectPath } from '../problem/incidents.ts';

type Ordered = ManagedApplication & KubeObject;
type Change = ChangeRequest & KubeObject;

/** Applications by the VM that they run on: `namespace/name`. */
export const RUNS_ON_INDEX = 'remediedOn';
/** Changes by what they are on: `namespace/name`. */
export const ON_INDEX = 'remediesOn';
/** Restores by what is restored. */
export const RESTORE_INDEX = 'restoresOf';

const orderedIn = readOnce(ManagedApplicationSpec);
const productIn = readOnce(ProductSpec);
const plannedIn = readOnce(ChangeRequestSpec);
const windowIn = readOnce(MaintenanceWindowSpec);

/** What of applications makes the incidents of their VM worth another pass. */
export function applicationWatches(
  incidentsOn: (path: string, read: Reader) => ReturnType<WatchedKind['toKeys']>,
): readonly WatchedKind[] {
  return [
    {
      kind: managedApplication,
      indexes: { [RUNS_ON_INDEX]: machinesOf },
      part: application => [
        application.metadata.uid,
        application.spec,
        worksOf(application),
        workOn(application as Ordered),
      ],
      toKeys: (application, read) => machinesOf(application).flatMap(path => incidentsOn(path, read)),
    },
    // Read alone: its clock is looked at by whoever waits for it.
    { kind: maintenanceWindow, part: ({ spec }) => spec, toKeys: () => [] },
  ];
}

function machinesOf({ metadata, spec }: KubeObject & { readonly spec?: unknown }): readonly string[] {
  return textsAt({ spec }, 'spec', 'managedVMs').map(name => `${metadata.namespace}/${name}`);
}

/** Incidents about a VM and about what runs on it. */
export function incidentsOnMachine(path: string, read: Reader): readonly KubeObject[] {
  const own = read.byIndex(incident, SUBJECT_INDEX, `${managedVM.kind}/${path}`);
  return [...own, ...read.byIndex<Ordered>(managedApplication, RUNS_ON_INDEX, path).flatMap(each => about(each, read))];
}

function about({ metadata: { namespace = '', name } }: KubeObject, read: Reader): readonly KubeObject[] {
  return read.byIndex(incident, SUBJECT_INDEX, subjectPath({ kind: managedApplication.kind, namespace, name }));
}

/** An application of that name and UID, as it is ordered; undefined: it is gone, or another. */
export function applicationOf(namespace: string, name: string, uid: string | undefined, read: Reader) {
  const found = read.get<Ordered>(managedApplication, { namespace, name });
  const { spec } = orderedIn(found?.spec);
  return found !== undefined && spec !== undefined && found.metadata.uid === uid ? { ...found, spec } : undefined;
}

/** The application on a VM whose Product names the unit that does not run; undefined: none does. */
export function ownerOf(path: string, unit: string | undefined, read: Reader): Ordered | undefined {
  return read.byIndex<Ordered>(managedApplication, RUNS_ON_INDEX, path).find(each => {
    const steps = productOf(each, read)?.steps ?? [];
    return steps.some(step => sameUnit(step.unit?.name.replaceAll('{{ line }}', lineOf(each)), unit));
  });
}

function productOf(application: Ordered, read: Reader): ProductSpec | undefined {
  const name = textAt(application, 'spec', 'product') ?? '';
  return productIn(read.get(product, { namespace: '', name })?.spec).spec;
}

/** Undefined: its Product is gone, or cannot be read. */
export function ofProduct(
  application: Ordered,
  machine: ManagedVM | undefined,
  read: Reader,
  now: Date,
): OfProduct | undefined {
  const { spec: entry } = { spec: productOf(application, read) };
  const { spec } = orderedIn(application.spec);
  if (entry === undefined || spec === undefined) return undefined;
  const { name, uid = '' } = application.metadata;
  const window = windowOpen(application, read, now);
  return {
    application: { name, uid },
    ...{ level: spec.serviceLevel, line: lineOf({ ...application, spec }), product: spec.product },
    ladder: entry.remediation ?? [],
    forbidding: known({
      WindowOpen: window === 'Unknown' ? undefined : window !== undefined,
      RunActive: either(isWorkedOn(application, read, now), machine && isPatched(machine)),
      RestoreInProgress: isBeingRestored(application, read),
      OtherApplicationHealthy: anotherWorks(application, read),
    }),
    ...(window instanceof Date && { until: window }),
    called: about(application, read).flatMap(calledOf),
  };
}

/** What nobody knows is left out. */
function known(found: Readonly<Record<string, boolean | undefined>>): OfProduct['forbidding'] {
  return Object.fromEntries(Object.entries(found).filter(([, is]) => is !== undefined));
}

/** Undefined where one is unknown and the other is not so. */
function either(one: boolean | undefined, other: boolean | undefined): boolean | undefined {
  if (one === true || other === true) return true;
  return one === false && other === false ? false : undefined;
}

/** When the window of the order closes that is open now; undefined: none is. */
function windowOpen({ metadata, spec }: Ordered, read: Reader, now: Date): Date | 'Unknown' | undefined {
  const { namespace = '' } = metadata;
  const name = textAt({ spec }, 'spec', 'windowRef');
  if (name === undefined) return undefined;
  if (!read.available(maintenanceWindow, namespace)) return 'Unknown';
  const stored = read.get<MaintenanceWindow & KubeObject>(maintenanceWindow, { namespace, name });
  if (stored === undefined) return undefined;
  const { spec: times } = windowIn(stored.spec);
  return times === undefined ? 'Unknown' : occurrenceAt([windowOf(name, times)], now)?.end;
}

/** Whether its version or line is changed, or a change of it is under way; undefined: that cannot be read. */
function isWorkedOn(application: Ordered, read: Reader, now: Date): boolean | undefined {
  const { namespace = '', name, uid } = application.metadata;
  if (workOn(application)) return true;
  if (!read.available(changeRequest, namespace)) return undefined;
  return read.byIndex<Change>(changeRequest, ON_INDEX, `${namespace}/${name}`).some(change => {
    const { spec } = plannedIn(change.spec);
    const window = spec?.target.uid === uid ? agreedWindow(change) : undefined;
    if (window === undefined || spec?.operation === undefined) return false;
    return (window.notAfter !== undefined && isIn(window, now)) || change.status?.claim !== undefined;
  });
}

function workOn({ status }: Ordered): boolean {
  return status?.lineChange?.phase === 'Changing' || status?.updates?.[0]?.outcome === 'Running';
}

function isPatched({ status }: ManagedVM): boolean {
  return status?.patching?.lastRun?.underWay === true || status?.guestWork?.purpose === 'Patch';
}

function isBeingRestored({ metadata: { namespace = '', name } }: Ordered, read: Reader): boolean | undefined {
  // Where nobody can order one there is none.
  if (read.state(restore, namespace) === 'missing') return false;
  if (!read.available(restore, namespace)) return undefined;
  return read
    .byIndex<Restore & KubeObject>(
      restore,
      RESTORE_INDEX,
      subjectPath({ kind: managedApplication.kind, namespace, name }),
    )
    .some(({ status }) => status?.phase !== undefined && status.phase !== 'Pending' && !isRestored(status.phase));
}

/** Whether another application on the VM works; undefined: of one nobody knows. */
function anotherWorks(application: Ordered, read: Reader): boolean | undefined {
  const [path = ''] = machinesOf(application);
  const others = read
    .byIndex<Ordered>(managedApplication, RUNS_ON_INDEX, path)
    .filter(({ metadata }) => metadata.uid !== application.metadata.uid)
    .map(worksOf);
  if (others.includes('True')) return true;
  return others.every(works => works === 'False') ? false : undefined;
}

function worksOf(application: KubeObject): string | undefined {
  const condition = listAt(application, 'status', 'conditions').find(each => textAt(each, 'type') === 'Available');
  return textAt(condition, 'status');
}

function calledOf(object: KubeObject): readonly Date[] {
  return listAt(object, 'status', 'remediation')
    .filter(step => textAt(step, 'action') === PERSON)
    .map(step => new Date(textAt(step, 'at') ?? ''))
    .filter(at => !Number.isNaN(at.getTime()));
}
