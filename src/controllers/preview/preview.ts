/** `steward plan`: what the next window would do, without doing it. Reads only. */
import { changeRequest } from '../../api/changerequest.ts';
import { clusterPatchPolicy } from '../../api/clusterpatchpolicy.ts';
import { contract } from '../../api/contract.ts';
import { guestState } from '../../api/gueststate.ts';
import { maintenanceWindow } from '../../api/maintenancewindow.ts';
import { type ManagedVM, ManagedVMSpec, managedVM } from '../../api/managedvm.ts';
import { Moment } from '../../api/moment.ts';
import { patchBaseline } from '../../api/patchbaseline.ts';
import { patchPolicy } from '../../api/patchpolicy.ts';
import { patchRun } from '../../api/patchrun.ts';
import { servicePlan } from '../../api/serviceplan.ts';
import { Namespace } from '../../api/upstream.ts';
import { readable } from '../../domain/contract/readable.ts';
import { preview } from '../../domain/patching/preview.ts';
import { isApiError, isNotFound } from '../../runtime/api/errors.ts';
import type { KubeObject, ResourceKind } from '../../runtime/api/object.ts';
import type { Transport } from '../../runtime/http/transport.ts';
import { listUncached } from '../../runtime/http/uncached.ts';
import { PATCHING_WATCHES, patchingFacts } from '../managedvm/patching.ts';
import { SERVICE_WATCHES } from '../managedvm/service.ts';
import { readManifests } from './manifests.ts';
import { type Found, readerOver } from './objectreader.ts';

/** What `steward plan` is asked. */
export type PlanQuestion = {
  /** Undefined: the cluster is asked. */
  readonly folder: string | undefined;
  /** Only the VMs of this namespace; undefined: all. */
  readonly namespace: string | undefined;
  readonly at: Date | undefined;
};

/** `isWhole`: everything could be read. */
export type Plan = { readonly text: string; readonly isWhole: boolean };

export const PLAN_USAGE = `usage: steward plan [-f FOLDER] [-n NAMESPACE] [--at INSTANT]

Prints what the next window of each ManagedVM would do, without doing it: in one order and without ages, so that two answers can be compared.
  -f FOLDER     from the manifests in a folder and not from the cluster; what guests lack is in their GuestStates, if those are there
  -n NAMESPACE  only the ManagedVMs of this namespace
  --at INSTANT  the next window after this instant, e.g. 2026-12-01T20:00:00Z, and not after now
ends with 0, or with 2 where something could not be read
`;

const KINDS: readonly ResourceKind[] = [
  ...[managedVM, guestState, patchPolicy, clusterPatchPolicy, maintenanceWindow],
  ...[patchBaseline, patchRun, changeRequest, contract, servicePlan, Namespace],
];
const AT_ONCE = 500;

/** Reads the command line after `plan`; undefined where it is not understood. */
export function readPlanQuestion(words: readonly string[]): PlanQuestion | undefined {
  const given = new Map<string, string>();
  for (let index = 0; index < words.length; index += 2) {
    const [option = '', value] = words.slice(index, index + 2);
    if (!['-f', '-n', '--at'].includes(option) || value === undefined || given.has(option)) return undefined;
    given.set(option, value);
  }
  const at = given.get('--at');
  if (at !== undefined && !Moment.safeParse(at).success) return undefined;
  return { folder: given.get('-f'), namespace: given.get('-n'), at: at === undefined ? undefined : new Date(at) };
}

/** From a folder. Throws Error where it cannot be read. */
export function planOfFolder({ folder = '.', namespace, at }: PlanQuestion, now: Date): Plan {
  return planFrom(readManifests(folder, KINDS, Namespace), namespace, at ?? now);
}

/** From the cluster, with the rights of who asks. What he may not read is said first. Throws ApiError where there is no answer. */
export async function planOfCluster(
  transport: Pick<Transport, 'call'>,
  { namespace, at }: PlanQuestion,
  now: Date,
): Promise<Plan> {
  const found = await Promise.all(KINDS.map(kind => foundOf(transport, kind)));
  return planFrom(found, namespace, at ?? now);
}

async function foundOf(transport: Pick<Transport, 'call'>, kind: ResourceKind): Promise<Found> {
  try {
    return { kind, objects: await listUncached<KubeObject>(transport, kind, { namespace: '', atOnce: AT_ONCE }) };
  } catch (error) {
    if (!isApiError(error)) throw error;
    if (isNotFound(error)) return { kind, objects: [] };
    return { kind, refusal: error };
  }
}

function planFrom(found: readonly Found[], namespace: string | undefined, now: Date): Plan {
  const read = readerOver(found, [...PATCHING_WATCHES, ...SERVICE_WATCHES]);
  const stored = read.list<ManagedVM & KubeObject>(managedVM, namespace === undefined ? {} : { namespace });
  const orders = stored.map(order => ({ order, ...readable(ManagedVMSpec, order.spec) }));
  const subjects = orders.flatMap(({ order, spec }) => {
    const ordered = spec && { ...order, spec };
    return ordered === undefined ? [] : [{ managedVM: ordered, facts: patchingFacts(ordered, read) }];
  });
  const unread = [
    ...found.flatMap(each => ('refusal' in each ? [`${each.kind.plural}: ${each.refusal.message}`] : [])),
    ...orders.flatMap(({ order: { metadata }, problem }) =>
      problem === undefined ? [] : [`ManagedVM ${metadata.namespace}/${metadata.name}: ${problem}`],
    ),
  ];
  const said = unread.map(each => `not read, ${each}\n`).join('');
  return { text: `${said}${preview(subjects, now)}`, isWhole: unread.length === 0 };
}
