/** prometheus-operator as a Deployment, with the rights it asks for (its example/rbac). */
import type { KubeObject } from '../../client/client.ts';
import { imageNames } from './images.ts';
import { metadata, namespace, nobody, roleFor, subject } from './objects.ts';

const name = 'prometheus-operator';
const every = ['*'];

const rules = [
  { apiGroups: ['monitoring.coreos.com'], resources: every, verbs: every },
  { apiGroups: ['apps'], resources: ['statefulsets'], verbs: every },
  { apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: every },
  { apiGroups: [''], resources: ['pods'], verbs: ['list', 'delete'] },
  {
    apiGroups: [''],
    resources: ['services', 'services/finalizers', 'endpoints'],
    verbs: ['get', 'create', 'update', 'delete'],
  },
  { apiGroups: [''], resources: ['nodes'], verbs: ['list', 'watch'] },
  { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
  { apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['storage.k8s.io'], resources: ['storageclasses'], verbs: ['get'] },
];

const args = [
  `--prometheus-config-reloader=${imageNames.reloader}`,
  // Nothing reserved: the node of a test bed is small.
  ...['cpu-request', 'cpu-limit', 'memory-request', 'memory-limit'].map(each => `--config-reloader-${each}=0`),
];

const labels = { 'app.kubernetes.io/name': name };

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { ...metadata(name), labels },
  spec: {
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        serviceAccountName: name,
        securityContext: nobody,
        containers: [
          {
            ...{ name, image: imageNames.operator, imagePullPolicy: 'IfNotPresent', args },
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    },
  },
};

export const operatorObjects: readonly KubeObject[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
  subject(name),
  ...roleFor(name, rules),
  deployment,
];
