/** What a decision about a remedy looks at, from the cache alone. */
import { type ChangeRequest, ChangeRequestSpec, changeRequest } from '../../api/changerequest.ts';
import { type Incident, incident } from '../../api/incident.ts';
import { managedApplication } from '../../api/managedapplication.ts';
import { type ManagedVM, ManagedVMSpec, managedVM } from '../../api/managedvm.ts';
import { operatingSystem } from '../../api/operatingsystem.ts';
import { isRestored, type Restore, restore } from '../../api/restore.ts';
import { textAt } from '../../domain/contract/json.ts';
import { agreedWindow, isIn } from '../../domain/contract/setout.ts';
import { isFiring, standing } from '../../domain/incident/timeline.ts';
import { DEFAULT_THRESHOLDS, overriddenThresholds } from '../../domain/monitoring/thresholds.ts';
import type { RemedyFacts, Trouble } from '../../domain/remediation/facts.ts';
import type { Crowd } from '../../domain/remediation/guards.ts';
import { PERSON } from '../../domain/remediation/steps.ts';
import { type KubeObject, keyOf } from '../../runtime/api/object.ts';
import type { Reader, WatchedKind } from '../../runtime/pass/controller.ts';
import { readOnce } from '../contracts.ts';
import { SUBJECT_INDEX, type Subject, subjectPath } from '../problem/incidents.ts';
import { applicationOf, applicationWatches, ON_INDEX, ofProduct, ownerOf, RESTORE_INDEX } from './product.ts';

type Change = ChangeRequest & KubeObject;
type VM = ManagedVM & KubeObject;

/** Changes by which something is mended and that have no result yet, all under one word. */
const OPEN_INDEX = 'openRemedies';
/** ManagedVMs by their namespace, and by the node that runs them. */
const NAMESPACE_INDEX = 'mendedIn';
const NODE_INDEX = 'mendedOn';

const orderedIn = readOnce(ManagedVMSpec);
const plannedIn = readOnce(ChangeRequestSpec);

/** What makes an incident worth another pass, as far as its remedy goes; those are found by {@link SUBJECT_INDEX}. */
export function remedyWatches(
  incidentsOn: (path: string, read: Reader) => ReturnType<WatchedKind['toKeys']>,
): readonly WatchedKind[] {
  return [
    {
      kind: changeRequest,
      indexes: {
        [ON_INDEX]: change => [pathOn(change)],
        [OPEN_INDEX]: ({ spec }: KubeObject & { readonly spec?: Change['spec'] }) =>
          spec?.remedy !== undefined && spec.result === undefined ? ['all'] : [],
      },
      part: ({ spec, status }) => [spec, textAt(status, 'window', 'notAfter')],
      toKeys: (change, read) => incidentsOn(pathOn(change), read),
    },
    {
      kind: managedVM,
      indexes: {
        [NAMESPACE_INDEX]: ({ metadata }) => [metadata.namespace ?? ''],
        [NODE_INDEX]: vm => [textAt(vm, 'status', 'node') ?? ''],
      },
      part: ({ metadata, spec, status }) => [metadata.deletionTimestamp, spec, partOf(status as VM['status'])],
      toKeys: (vm, read) => incidentsOn(`${vm.metadata.namespace}/${vm.metadata.name}`, read),
    },
    {
      kind: restore,
      indexes: { [RESTORE_INDEX]: each => [subjectPath(restoredBy(each))] },
      part: ({ status }) => textAt(status, 'phase'),
      toKeys: (each, read) => {
        const restored = restoredBy(each);
        return restored.kind === managedVM.kind
          ? incidentsOn(`${restored.namespace}/${restored.name}`, read)
          : read.byIndex(incident, SUBJECT_INDEX, subjectPath(restored)).map(keyOf);
      },
    },
    ...applicationWatches(incidentsOn),
  ];
}

function restoredBy(order: KubeObject): Subject {
  const { namespace = '' } = order.metadata;
  const application = textAt(order, 'spec', 'managedApplicationRef');
  if (application !== undefined) return { kind: managedApplication.kind, namespace, name: application };
  return { kind: managedVM.kind, namespace, name: textAt(order, 'spec', 'managedVMRef') ?? '' };
}

/** Of a status, what a remedy is decided by. */
function partOf(status: VM['status']): unknown {
  const { patching, guestWork, conditions = [] } = status ?? {};
  const signs = conditions.filter(({ type }) => type === 'AgentConnected' || type === 'GuestReachable');
  const { lastWindow, nextWindow, lastRun } = patching ?? {};
  return [guestWork?.purpose, lastWindow, nextWindow, lastRun, signs.map(({ status: is, reason }) => [is, reason])];
}

/** The facts of one incident. `making`: changes that this process has set out to make and that the cache may not have yet. */
export function remedyFacts(of: Incident, making: readonly Change[], read: Reader, now: Date): RemedyFacts {
  const { namespace = '' } = of.metadata;
  const trouble = troubleOf(of);
  const { machine, application } = concerned(of, trouble, read);
  const { name = '', uid } = machine?.metadata ?? {};
  const all = withMaking(read, making, `${namespace}/${name}`);
  const own = all?.filter(change => change.spec.target.uid === uid) ?? [];
  const family = textAt(
    read.get(operatingSystem, { namespace: '', name: machine?.spec.operatingSystem ?? '' }),
    'spec',
    'family',
  );
  return {
    trouble,
    managedVM: machine,
    product: application && ofProduct(application, machine, read, now),
    remedies: own.filter(change => change.spec.remedy !== undefined),
    surroundings: {
      mendsInside: family === 'Linux',
      thresholds: thresholdsOf(machine?.spec),
      restores: restoresOf(read, namespace, name),
      changes: all && own.filter(change => isUnderWay(change, now)).map(({ metadata }) => metadata.name),
      crowds: machine === undefined ? [] : crowdsOf(machine, making, read),
    },
    now,
  };
}

/** The VM and the application that it is about; another incarnation of a name is another. */
function concerned({ metadata: { namespace = '' }, spec }: Incident, { labels, scope }: Trouble, read: Reader) {
  const { kind, name, uid } = spec.subject;
  if (kind === 'ManagedApplication') {
    const application = applicationOf(namespace, name, uid, read);
    const [vm = ''] = application?.spec.managedVMs ?? [];
    return { machine: machineOf(namespace, vm, read), application };
  }
  const found = machineOf(namespace, name, read);
  const machine = found?.metadata.uid === uid ? found : undefined;
  const unit = labels.get('service') ?? labels.get('unit');
  return { machine, application: scope === 'Application' ? ownerOf(`${namespace}/${name}`, unit, read) : undefined };
}

function machineOf(namespace: string, name: string, read: Reader): VM | undefined {
  const vm = read.get<VM>(managedVM, { namespace, name });
  const { spec } = orderedIn(vm?.spec);
  return vm && spec && { ...vm, spec };
}

export function troubleOf({ metadata, spec, status }: Incident): Trouble {
  const { alert, rating, terms, handling, proof } = spec;
  const stands = standing(status?.timeline ?? []);
  const fired = spec.signals?.findLast(({ firing }) => firing)?.at ?? alert?.startsAt ?? spec.detectedAt;
  return {
    ...{ name: metadata.name, uid: metadata.uid ?? '', alert: alert?.name ?? '' },
    subject: spec.subject.kind,
    since: new Date(fired ?? metadata.creationTimestamp ?? 0),
    labels: new Map(alert?.labels?.map(({ name, value }) => [name, value])),
    verdict: proof?.verdict ?? 'Unproven',
    isOpen: rating?.incident === metadata.uid && stands === 'Open' && isFiring(spec) === true,
    scope: rating?.scope ?? 'Customer',
    billing: rating?.billing ?? 'Included',
    plan: terms?.plan.name,
    calendar: terms?.calendar?.spec,
    person: handling?.acknowledgedBy ?? handling?.assignee,
    called: status?.remediation?.some(({ action }) => action === PERSON) ?? false,
  };
}

/** Undefined: they cannot be read. */
function withMaking(read: Reader, making: readonly Change[], path: string): readonly Change[] | undefined {
  const [namespace = ''] = path.split('/');
  if (!read.available(changeRequest, namespace)) return undefined;
  const found = read.byIndex<Change>(changeRequest, ON_INDEX, path).flatMap(change => {
    const { spec } = plannedIn(change.spec);
    return spec === undefined ? [] : [{ ...change, spec }];
  });
  const seen = new Set(found.map(({ metadata }) => metadata.name));
  return [...found, ...making.filter(change => pathOn(change) === path && !seen.has(change.metadata.name))];
}

/** What somebody does to the VM now by a change that has a window, or that Steward has set out to do. */
function isUnderWay(change: Change, now: Date): boolean {
  if (change.spec.remedy !== undefined) return false;
  const window = agreedWindow(change);
  if (window === undefined) return false;
  return (window.notAfter !== undefined && isIn(window, now)) || change.status?.claim !== undefined;
}

function restoresOf(read: Reader, namespace: string, name: string): readonly string[] | undefined {
  // Where nobody can order one there is none.
  if (read.state(restore, namespace) === 'missing') return [];
  if (!read.available(restore, namespace)) return undefined;
  return read
    .byIndex<Restore & KubeObject>(restore, RESTORE_INDEX, subjectPath({ kind: managedVM.kind, namespace, name }))
    .filter(({ status }) => status?.phase !== undefined && status.phase !== 'Pending' && !isRestored(status.phase))
    .map(({ metadata }) => metadata.name);
}

function crowdsOf({ metadata, status }: VM, making: readonly Change[], read: Reader): readonly Crowd[] {
  const { namespace = '', name } = metadata;
  const open = [...read.byIndex<Change>(changeRequest, OPEN_INDEX, 'all'), ...making];
  const others = new Set(open.map(pathOn).filter(path => path !== `${namespace}/${name}`));
  const nodeOf = (path: string) => {
    const [of = '', vm = ''] = path.split('/');
    return textAt(read.get(managedVM, { namespace: of, name: vm }), 'status', 'node');
  };
  const inNamespace = [...others].filter(path => path.startsWith(`${namespace}/`)).length;
  const tenants = {
    name: `namespace ${namespace}`,
    busy: inNamespace,
    total: read.count(managedVM, NAMESPACE_INDEX, namespace),
  };
  const node = status?.node;
  if (node === undefined) return [tenants];
  const onNode = [...others].filter(path => nodeOf(path) === node).length;
  return [tenants, { name: `node ${node}`, busy: onNode, total: read.count(managedVM, NODE_INDEX, node) }];
}

function thresholdsOf(spec: ManagedVMSpec | undefined): RemedyFacts['surroundings']['thresholds'] {
  const { fileSystemWarningPercent, fileSystemCriticalPercent } =
    (spec && overriddenThresholds(spec)) ?? DEFAULT_THRESHOLDS;
  return { warning: fileSystemWarningPercent, critical: fileSystemCriticalPercent };
}

function pathOn({ metadata, spec }: KubeObject & { readonly spec?: unknown }): string {
  return `${metadata.namespace}/${textAt(spec, 'target', 'name')}`;
}
