import { describe, expect, it } from 'vitest';
import { GROUP } from '../../api/common.ts';
import { guestPermissions } from '../gueststate/permissions.ts';
import { permissions } from '../permissions.ts';
import { recordControllers } from './controller.ts';
import { recordPermissions } from './permissions.ts';
import type { Recorder } from './recorder.ts';

const line = (scope: string, verb: string, resource: string, group: string) => `${scope}: ${verb} ${resource}.${group}`;
const declared = recordPermissions.flatMap(({ scope, verbs, resource, group }) =>
  verbs.map(verb => line(scope, verb, resource, group)),
);
const isWrite = (verb: string) => !['get', 'list', 'watch'].includes(verb);

/** What the runtime needs, and the calls that are neither a watch nor an apply. */
const besides = [
  ...['list', 'watch'].map(verb => line('record-cluster', verb, 'customresourcedefinitions', 'apiextensions.k8s.io')),
  ...['get', 'list', 'watch', 'create', 'update'].map(verb =>
    line('record-namespace', verb, 'leases', 'coordination.k8s.io'),
  ),
  ...['get', 'list', 'create', 'update', 'delete'].map(verb => line('record-namespace', verb, 'recordpages', GROUP)),
  line('record-namespace', 'update', 'recordpages/status', GROUP),
  ...['get', 'create', 'update'].map(verb => line('record-namespace', verb, 'secrets', '')),
];

describe('the permissions of the record writer (MO-16)', () => {
  it('are to read what is recorded, and to write pages, its key and its Lease, and nothing else', () => {
    const clock = { now: () => new Date(0), monotonic: () => 0, sleep: async () => {} };
    const controllers = recordControllers({} as Recorder, { clock, watched: () => true, sweepMs: 1 });
    const read = controllers.flatMap(({ kind }) =>
      ['get', 'list', 'watch'].map(verb =>
        line(kind.namespaced ? 'record' : 'record-cluster', verb, kind.plural, kind.group),
      ),
    );
    expect(declared.sort()).toEqual([...read, ...besides].sort());
    expect(controllers.flatMap(({ owns }) => owns)).toEqual([]);
    // Which contract a namespace belongs to: a recorded kind itself.
    expect(new Set(controllers.flatMap(({ watches }) => watches.map(({ kind }) => kind.kind)))).toEqual(
      new Set(['Contract']),
    );
  });

  it('each say what they are for', () => {
    expect(recordPermissions.filter(({ why }) => !/^[A-Z].*\.$/.test(why))).toEqual([]);
  });

  it('are shared with no other account: none of ours writes pages, and it writes nothing of theirs', () => {
    const others = [...permissions, ...guestPermissions].filter(({ resource }) => resource.startsWith('recordpages'));
    // The operator reads what days are closed from.
    expect(others.filter(({ scope, verbs }) => scope !== 'record-read' || verbs.some(isWrite))).toEqual([]);
    const outside = recordPermissions.filter(({ scope, verbs }) => scope !== 'record-namespace' && verbs.some(isWrite));
    expect(outside).toEqual([]);
  });
});
