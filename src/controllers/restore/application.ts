/** What a restore of the data of an application asks of the cluster. */
import { type GuestState, guestState } from '../../api/gueststate.ts';
import { type ManagedApplication, ManagedApplicationSpec, managedApplication } from '../../api/managedapplication.ts';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { type Product, ProductSpec, product } from '../../api/product.ts';
import type { Restore } from '../../api/restore.ts';
import { at, listAt, textAt } from '../../domain/contract/json.ts';
import { applicationIn, recordOf } from '../../domain/guest/record.ts';
import type { RestoredApplication } from '../../domain/restore/facts.ts';
import type { KubeObject, ResourceKind } from '../../runtime/api/object.ts';
import type { ControllerDefinition, Reader } from '../../runtime/pass/controller.ts';
import { readOnce } from '../contracts.ts';

type Ordered = Restore & KubeObject;

/** Kinds of its namespace that it stands on. */
export const APPLICATION_KINDS: readonly ResourceKind[] = [managedApplication, guestState];

const orderedIn = readOnce(ManagedApplicationSpec);
const entryOf = readOnce(ProductSpec);

/** Undefined: it is no restore of an application. */
export function restoredApplication(ordered: Ordered, read: Reader): RestoredApplication | undefined {
  if (textAt(ordered, 'spec', 'managedApplicationRef') === undefined) return undefined;
  const application = applicationOf(ordered, read);
  const { spec } = application === undefined ? {} : orderedIn(application.spec);
  const entry = spec && read.get<Product & KubeObject>(product, { namespace: '', name: spec.product });
  return {
    application,
    backup: entryOf(entry?.spec).spec?.backup,
    ...(application === undefined ? NOTHING : saidBy(ordered, application, read)),
  };
}

/** Name of the VM that the application of a restore runs on; undefined: it is no such restore, or there is no such application. */
export function machineOfApplication(ordered: Ordered, read: Reader): string | undefined {
  const [name] = listAt(applicationOf(ordered, read), 'spec', 'managedVMs');
  return typeof name === 'string' ? name : undefined;
}

function applicationOf(ordered: Ordered, read: Reader): (ManagedApplication & KubeObject) | undefined {
  const name = textAt(ordered, 'spec', 'managedApplicationRef');
  const { namespace = '' } = ordered.metadata;
  return name === undefined ? undefined : read.get(managedApplication, { namespace, name });
}

type Said = Pick<RestoredApplication, 'dumped' | 'found'>;
const NOTHING: Said = { dumped: undefined, found: undefined };

/** By the guest of this very VM. Of this very order only what it says of the plan that it was told last. */
function saidBy({ metadata: { namespace = '', uid } }: Ordered, application: ManagedApplication, read: Reader): Said {
  const [name = ''] = application.spec.managedVMs;
  const vm = read.get<ManagedVM & KubeObject>(managedVM, { namespace, name });
  const record = recordOf(read.get<GuestState & KubeObject>(guestState, { namespace, name }), vm?.metadata.uid);
  const looked = applicationIn(record, application.metadata.name);
  const isTold = looked?.revision === application.status?.plan?.revision;
  const found = isTold && looked?.restore?.order === uid ? looked?.restore : undefined;
  return { dumped: looked && (looked.backup ?? {}), found };
}

/** Whether the guest worker is told of it, so that it must come to its end. */
export function isInGuest({ status }: Ordered): boolean {
  return status?.managedApplication !== undefined && status.phase === 'Restoring';
}

type Watch = NonNullable<ControllerDefinition<Ordered>['watches']>[number];

/** `beside`: the orders of its namespace that are not over. */
export function applicationWatches(beside: Watch['toKeys']): readonly Watch[] {
  return [
    {
      kind: managedApplication,
      part: ({ metadata, status }) => [
        ...[metadata.uid, metadata.deletionTimestamp],
        ...(['plan', 'lineChange', 'updates'] as const).map(field => at(status, field)),
      ],
      toKeys: beside,
    },
    { kind: guestState, part: ({ status }) => at(status, 'applications'), toKeys: beside },
    // What it says of dumps is asked when one is chosen.
    { kind: product, part: () => undefined, toKeys: () => [] },
  ];
}
