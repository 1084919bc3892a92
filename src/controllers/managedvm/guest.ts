import { guestState } from '../../api/gueststate.ts';
import { type ManagedVM, managedVM as managedVMKind } from '../../api/managedvm.ts';
import { fields } from '../../domain/contract/json.ts';
import type { GuestFacts } from '../../domain/guest/facts.ts';
import { type GuestRecord, recordOf } from '../../domain/guest/record.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { allow, READ } from '../permission.ts';
import { unreadableAt } from '../unreadable.ts';
import { APPLICATION_WATCH, applicationsOn } from './applications.ts';
import type { Reading, Sources } from './reading.ts';

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
  permissions: [allow('own', guestState, READ, 'Reads what the guest worker has found in the guest.')],
};

function gather(managedVM: ManagedVM, { read, guestWorkers }: Sources): GuestFacts {
  const { namespace = '', name, uid } = managedVM.metadata;
  const record = recordOf(read.get(guestState, { namespace, name }), uid);
  const kinds = unreadableAt(read, [[guestState, namespace]]);
  return {
    record,
    applications: applicationsOn(managedVM, read),
    shard: guestWorkers.standingOf(workerOf(record)),
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
