import { provenBy } from '../../api/contract.ts';
import { guestState } from '../../api/gueststate.ts';
import { type ManagedVM, managedVM as managedVMKind } from '../../api/managedvm.ts';
import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../../api/upstream.ts';
import { fields } from '../../domain/contract/json.ts';
import type { GuestFacts, Rights } from '../../domain/guest/facts.ts';
import { type GuestRecord, recordOf } from '../../domain/guest/record.ts';
import type { Customer } from '../../domain/guest/rootways.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Reader } from '../../runtime/pass/controller.ts';
import { allow, READ } from '../permission.ts';
import { unreadableAt } from '../unreadable.ts';
import { APPLICATION_WATCH, applicationsOn } from './applications.ts';
import type { Bound } from './namespacerights.ts';
import type { Reading, Sources } from './reading.ts';
import { agreementOn } from './service.ts';

const RIGHTS = 'Reads who of a customer could become root in a guest that the provider alone is to hold (AP-9).';

/** Reads what the guest worker has written of a guest. The operator itself never connects to one. */
export const guest: Reading<GuestFacts> = {
  gather,
  indexes: {},
  owns: () => [],
  watches: () => [
    {
      kind: guestState,
      part: told,
      toKeys: ({ metadata: { namespace = '', name } }, read) =>
        read.get(managedVMKind, { namespace, name }) === undefined ? [] : [{ namespace, name }],
    },
    APPLICATION_WATCH,
  ],
  permissions: [
    allow('own', guestState, READ, 'Reads what the guest worker has found in the guest.'),
    allow('own', Role, ['list'], RIGHTS),
    allow('own', RoleBinding, ['list'], RIGHTS),
    allow('cluster', ClusterRole, ['list'], RIGHTS),
    allow('cluster', ClusterRoleBinding, ['list'], RIGHTS),
  ],
};

function gather(managedVM: ManagedVM, { read, guestWorkers, rights }: Sources): GuestFacts {
  const { namespace = '', name, uid } = managedVM.metadata;
  const record = recordOf(read.get(guestState, { namespace, name }), uid);
  const kinds = unreadableAt(read, [[guestState, namespace]]);
  return {
    record,
    applications: applicationsOn(managedVM, read),
    shard: guestWorkers.standingOf(workerOf(record)),
    rights: rightsIn(namespace, rights.of(namespace), read),
    unreadable: record?.state === 'read' ? [...kinds, ...guestWorkers.unreadable()] : kinds,
  };
}

function workerOf(record: GuestRecord | undefined): string | undefined {
  return record?.state === 'read' ? record.status.worker : undefined;
}

/** Steps, and the renewal of the lease of whoever works in a guest, concern only those who work there. */
function told({ status }: KubeObject): unknown {
  const { steps: _steps, leaseGeneration: _generation, lease, ...found } = fields(status);
  const { until: _until, ...work } = fields(lease);
  return { ...found, work };
}

/** Whose a namespace is is looked up where its rights were read, which is where the provider alone is to hold root. */
function rightsIn(namespace: string, bound: Bound | undefined, read: Reader): Rights | undefined {
  return bound === undefined || 'why' in bound ? bound : { ...bound, customer: customerIn(namespace, read) };
}

/** All of it is the customer's that the Contract of the namespace names; without one, the namespace alone. */
function customerIn(namespace: string, read: Reader): Customer {
  const { spec } = agreementOn(namespace, read).contract?.agreement ?? {};
  return {
    namespaces: [...new Set([namespace, ...(spec?.namespaces ?? [])])],
    users: spec?.contacts.map(provenBy) ?? [],
  };
}
