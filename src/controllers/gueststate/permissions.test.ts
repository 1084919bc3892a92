import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { GROUP } from '../../api/common.ts';
import { KEY_PLACES } from '../../domain/machine/keymove.ts';
import { Sessions } from '../../guest/transport/sessions.ts';
import { systemClock } from '../../runtime/api/clock.ts';
import { Transport } from '../../runtime/http/transport.ts';
import { OpenRegistry } from '../../runtime/observe/registry.ts';
import type { AnyController } from '../../runtime/pass/controller.ts';
import { permissions } from '../permissions.ts';
import { guestController } from './controller.ts';
import { Hands } from './hands.ts';
import { Keyring } from './keyring.ts';
import { Memories } from './memory.ts';
import { GuestMetrics } from './metrics.ts';
import { guestPermissions, portForwardPermissions } from './permissions.ts';
import { Plans } from './plans.ts';
import { guestRecordController } from './record.ts';
import { Shards } from './shards.ts';

const namespace = 'steward-system';
const clock = systemClock;
const connection = { server: 'https://api.example', credentials: async () => ({ headers: {} }) };
const transport = new Transport({ connection, userAgent: 'test' });
const log = pino({ enabled: false });
const shards = new Shards({ count: 1, namespace, identity: 'worker', transport, clock, log });
const tongueOf = (): never => {
  throw new Error('nobody gets as far as the guest');
};
const keyring = new Keyring(transport, KEY_PLACES);
const controllers: readonly AnyController[] = [
  guestRecordController(shards, keyring),
  guestController({
    ...{
      identity: 'worker',
      shards,
      keyring,
      plans: new Plans(transport, KEY_PLACES.namespace),
      memories: new Memories(),
      clock,
    },
    ...{
      hands: new Hands(new Sessions({ idleMs: 1 }), { port: 22, tongueOf }),
      windows: false,
      intervalMs: 1,
      random: Math.random,
    },
    metrics: new GuestMetrics(new OpenRegistry(), shards),
  }),
];

type Named = { readonly group: string; readonly plural: string; readonly namespaced: boolean };
const line = (scope: string, verb: string, resource: string, group: string) => `${scope}: ${verb} ${resource}.${group}`;
const lines = ({ group, plural, namespaced }: Named, verbs: readonly string[], subresource = '') =>
  verbs.map(verb => line(namespaced ? 'guest' : 'guest-cluster', verb, `${plural}${subresource}`, group));

/** What the runtime needs, and the calls that are neither a watch nor an apply. */
const besides = [
  ...['list', 'watch'].map(verb => line('guest-cluster', verb, 'customresourcedefinitions', 'apiextensions.k8s.io')),
  ...['create', 'patch'].map(verb => line('guest', verb, 'events', 'events.k8s.io')),
  ...['get', 'list', 'watch', 'create', 'update'].map(verb =>
    line('guest-operator-namespace', verb, 'leases', 'coordination.k8s.io'),
  ),
  line('guest-keys', 'get', 'secrets', ''),
];

describe('the permissions of the guest worker (MO-16)', () => {
  it('are what its controllers watch and apply, and no status but that of GuestStates', () => {
    const read = ['get', 'list', 'watch'];
    const needed = controllers.flatMap(({ kind, owns, watches }) => [
      ...lines(kind, read),
      ...owns.flatMap(owned => lines(owned.kind, [...read, 'create', 'patch'])),
      // A kind of ours that is its own root has a status to write; one that owns records is the operator's.
      ...(owns.length > 0 ? lines(kind, ['update'], '/finalizers') : lines(kind, ['patch', 'update'], '/status')),
      ...watches.flatMap(watched => lines(watched.kind, read)),
    ]);
    const declared = guestPermissions.flatMap(({ scope, verbs, resource, group }) =>
      verbs.map(verb => line(scope, verb, resource, group)),
    );
    expect(declared.sort()).toEqual([...new Set([...needed, ...besides])].sort());
  });

  it('reach a guest through KubeVirt only by a right of its own, to read nothing and to write nothing', () => {
    const declared = portForwardPermissions.flatMap(({ scope, verbs, resource, group }) =>
      verbs.map(verb => line(scope, verb, resource, group)),
    );
    expect(declared).toEqual(['guest-portforward: get virtualmachineinstances/portforward.subresources.kubevirt.io']);
  });

  it('each say what they are for', () => {
    expect([...guestPermissions, ...portForwardPermissions].filter(({ why }) => !/^[A-Z].*\.$/.test(why))).toEqual([]);
  });

  it('write no kind of ours that the operator writes, and the operator none that it writes', () => {
    const written = (all: typeof permissions) =>
      new Set(
        all
          .filter(({ group, verbs }) => group === GROUP && verbs.some(verb => !['get', 'list', 'watch'].includes(verb)))
          .map(({ resource }) => resource)
          .filter(resource => !resource.endsWith('/finalizers')),
      );
    expect([...written(permissions)].filter(resource => written(guestPermissions).has(resource))).toEqual([]);
  });
});
