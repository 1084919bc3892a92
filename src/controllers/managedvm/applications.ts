import { type ManagedApplication, managedApplication } from '../../api/managedapplication.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { textsAt } from '../../domain/contract/json.ts';
import type { PlannedApplication } from '../../domain/guest/facts.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Reader, WatchedKind } from '../../runtime/pass/controller.ts';

const APPLICATIONS_INDEX = 'applicationsOn';

/** What is read of the applications on a VM: as soon as one is to be set up there, the provider alone holds root (AP-9). */
export const APPLICATION_WATCH: WatchedKind = {
  kind: managedApplication,
  indexes: {
    [APPLICATIONS_INDEX]: application =>
      machinesOf(application).map(name => `${application.metadata.namespace}/${name}`),
  },
  part: application => [
    (application as ManagedApplication & KubeObject).status?.plan?.revision,
    machinesOf(application),
  ],
  toKeys: application =>
    machinesOf(application).map(name => ({ namespace: application.metadata.namespace ?? '', name })),
};

/**
 * The managed applications that are set up on a ManagedVM, for which the provider alone holds root in its guest (AP-9); undefined where that cannot
 * be read. One that was refused is none.
 */
export function applicationsOn(
  { metadata: { namespace = '', name } }: ManagedVM,
  read: Reader,
): readonly PlannedApplication[] | undefined {
  if (read.state(managedApplication, namespace) === 'unreadable') return undefined;
  const all = read.byIndex<ManagedApplication & KubeObject>(
    managedApplication,
    APPLICATIONS_INDEX,
    `${namespace}/${name}`,
  );
  return all.flatMap(({ metadata, status }) =>
    status?.plan === undefined
      ? []
      : [{ name: metadata.name, uid: metadata.uid ?? '', revision: status.plan.revision }],
  );
}

/** An order may have been stored under another schema. */
function machinesOf(application: KubeObject): readonly string[] {
  return textsAt(application, 'spec', 'managedVMs');
}
