import { describe, expect, it } from 'vitest';
import { GROUP } from '../api/common.ts';
import type { ResourceKind } from '../runtime/api/object.ts';
import { OpenRegistry } from '../runtime/observe/registry.ts';
import type { AnyController, OwnedKind, WatchedKind } from '../runtime/pass/controller.ts';
import { controllersOf } from './controllers.ts';
import type { Scope, Verb } from './permission.ts';
import { permissions } from './permissions.ts';
import { readSettings } from './settings.ts';

const settings = readSettings({ STEWARD_RECORD_NAMESPACE: 'steward-records' }, 'host');
const controllers = controllersOf(settings, new OpenRegistry());

/** `scope: verb resource.group`, one line per right. */
const line = (scope: Scope, verb: Verb, resource: string, group: string) => `${scope}: ${verb} ${resource}.${group}`;

function scopeOf(kind: ResourceKind, namespace: string | undefined): Scope {
  if (namespace === settings.keys.namespace) return 'keys';
  if (namespace === settings.namespace) return 'operator-namespace';
  if (namespace === settings.veleroNamespace) return 'velero';
  if (namespace === settings.sandboxNamespace) return 'drills';
  if (!kind.namespaced) return 'cluster';
  return kind.group === GROUP ? 'own' : 'children';
}

function rights(kind: ResourceKind, verbs: readonly Verb[], namespace?: string): string[] {
  return verbs.map(verb => line(scopeOf(kind, namespace), verb, kind.plural, kind.group));
}

function ofOwned({ kind, namespace, read }: OwnedKind): string[] {
  const seen: readonly Verb[] = read === 'named' ? [] : ['get', 'list', 'watch'];
  return rights(kind, [...seen, 'create', 'patch', 'delete'], namespace);
}

function ofWatched({ kind, namespace }: Pick<WatchedKind, 'kind' | 'namespace'>): string[] {
  return rights(kind, ['get', 'list', 'watch'], namespace);
}

function ofRoot({ kind, finalizer, owns }: AnyController): string[] {
  // Across namespaces nothing refers to its owner, but to one that lies in none.
  const refersToOwner = owns.some(({ namespace }) => namespace === undefined || !kind.namespaced);
  const status = { ...kind, plural: `${kind.plural}/status` };
  const finalizers = { ...kind, plural: `${kind.plural}/finalizers` };
  return [
    ...ofWatched({ kind }),
    ...(kind.group === GROUP ? rights(status, ['patch', 'update']) : []),
    ...(finalizer === undefined ? [] : rights(kind, ['patch'])),
    ...(kind.group === GROUP && refersToOwner ? rights(finalizers, ['update']) : []),
  ];
}

/**
 * CDI makes and removes the claims with their DataVolumes; the operator only grows them, and must not be able to lose one. A change that it
 * has made is never deleted by it, nor is a Problem or a recovery point, and a snapshot never changed.
 */
const neverNeeded = [
  'children: delete persistentvolumeclaims.',
  'cluster: create persistentvolumes.',
  'cluster: delete persistentvolumes.',
  'own: delete problems.managed.systems',
  'velero: delete backups.velero.io',
  'children: patch virtualmachinesnapshots.snapshot.kubevirt.io',
  'children: patch virtualmachinerestores.snapshot.kubevirt.io',
];

/** What the runtime itself needs, what others ask for in our name, and the one call that is not a watch or an apply. */
const besides = [
  line('cluster', 'list', 'customresourcedefinitions', 'apiextensions.k8s.io'),
  line('cluster', 'watch', 'customresourcedefinitions', 'apiextensions.k8s.io'),
  ...(['get', 'list', 'watch', 'create', 'update', 'patch'] as const).map(verb =>
    line('lease', verb, 'leases', 'coordination.k8s.io'),
  ),
  ...(['children', 'cluster-events'] as const).flatMap(scope =>
    (['create', 'patch'] as const).map(verb => line(scope, verb, 'events', 'events.k8s.io')),
  ),
  line('images', 'create', 'datavolumes/source', 'cdi.kubevirt.io'),
  line('children', 'delete', 'virtualmachineinstances', 'kubevirt.io'),
  line('children', 'patch', 'virtualmachineinstances', 'kubevirt.io'),
  line('children', 'update', 'virtualmachineinstances/unfreeze', 'subresources.kubevirt.io'),
  line('children', 'update', 'virtualmachines/restart', 'subresources.kubevirt.io'),
  line('children', 'update', 'virtualmachines/stop', 'subresources.kubevirt.io'),
  line('own', 'patch', 'incidents', 'managed.systems'),
  line('own', 'delete', 'incidents', 'managed.systems'),
  // Reports: what is recorded is read past the cache, and pages are nobody's child.
  ...(['get', 'list'] as const).map(verb => line('record-read', verb, 'recordpages', GROUP)),
  ...(['get', 'list', 'create', 'delete'] as const).map(verb => line('cluster', verb, 'reportpages', GROUP)),
  ...(['create', 'patch'] as const).map(verb => line('cluster', verb, 'servicereports', GROUP)),
  line('velero', 'patch', 'backups', 'velero.io'),
  line('velero', 'delete', 'persistentvolumeclaims', ''),
  line('drills', 'delete', 'persistentvolumeclaims', ''),
  line('own', 'delete', 'patchruns', GROUP),
  ...(['roles', 'rolebindings'] as const).map(plural => line('own', 'list', plural, 'rbac.authorization.k8s.io')),
  ...(['clusterroles', 'clusterrolebindings'] as const).map(plural =>
    line('cluster', 'list', plural, 'rbac.authorization.k8s.io'),
  ),
];

describe('the permissions', () => {
  it('are what the controllers watch and apply, no more and no less', () => {
    const needed = controllers.flatMap(controller => [
      ...ofRoot(controller),
      ...controller.owns.flatMap(ofOwned),
      ...controller.watches.flatMap(ofWatched),
    ]);
    const declared = permissions.flatMap(({ scope, verbs, resource, group }) =>
      verbs.map(verb => line(scope, verb, resource, group)),
    );
    const expected = new Set([...needed, ...besides].filter(right => !neverNeeded.includes(right)));
    expect(declared.sort()).toEqual([...expected].sort());
  });

  it('each say what they are for', () => {
    expect(permissions.filter(({ why }) => !/^[A-Z].*\.$/.test(why))).toEqual([]);
  });
});
