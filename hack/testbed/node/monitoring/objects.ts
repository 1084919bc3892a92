/** What the objects of monitoring have in common. */
import type { KubeObject } from '../../client/client.ts';

export const namespace = 'monitoring';

export function metadata(name: string) {
  return { name, namespace };
}

/** Whom the images run as. */
export const nobody = {
  runAsNonRoot: true,
  runAsUser: 65532,
  runAsGroup: 65532,
  fsGroup: 65532,
  seccompProfile: { type: 'RuntimeDefault' },
};

export function subject(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata(name) };
}

/** A ClusterRole of a ServiceAccount's own. */
export function roleFor(name: string, rules: readonly object[]): KubeObject[] {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const role = { name: `${namespace}-${name}` };
  const binding = {
    ...{ apiVersion, kind: 'ClusterRoleBinding', metadata: role },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role.name },
    subjects: [{ kind: 'ServiceAccount', ...metadata(name) }],
  };
  const clusterRole = { apiVersion, kind: 'ClusterRole', metadata: role, rules };
  return [clusterRole, binding];
}
