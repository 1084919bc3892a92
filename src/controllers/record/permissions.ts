import { recordPage } from '../../api/recordpage.ts';
import { Secret } from '../../api/upstream.ts';
import { RECORDED } from '../../domain/record/recordable.ts';
import { allow, customResourceDefinitions, leases, type Permission, READ } from '../permission.ts';

/**
 * Everything the record writer may do: it reads what is recorded and writes pages of records, and nothing else. Nobody but it may read the key that signs.
 */
export const recordPermissions: readonly Permission[] = [
  ...RECORDED.map(({ kind }) =>
    allow(kind.namespaced ? 'record' : 'record-cluster', kind, READ, `Records what becomes of each ${kind.kind}.`),
  ),
  allow('record-cluster', customResourceDefinitions, ['list', 'watch'], 'Notices when a kind comes or goes.'),

  allow(
    'record-namespace',
    recordPage,
    ['get', 'list', 'create', 'update', 'delete'],
    'Appends records to pages, and lets those leave the cluster that were exported.',
  ),
  allow('record-namespace', recordPage, ['update'], 'Says where nothing is recorded any more.', 'status'),
  // A name that does not exist yet RBAC cannot restrict.
  allow('record-namespace', Secret, ['create'], 'Makes the key that signs records, once.'),
  {
    ...allow(
      'record-namespace',
      Secret,
      ['get', 'update'],
      'Signs records, and takes the next key where somebody asks for it.',
    ),
    names: 'recordKey',
  },
  allow('record-namespace', leases, ['create'], 'Makes its Lease.'),
  { ...allow('record-namespace', leases, [...READ, 'update'], 'One of its replicas leads.'), names: 'recordLease' },
];
