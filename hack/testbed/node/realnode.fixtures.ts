/** Pods for the tests of the real node: kubectl is a client as good as any, and with `proxy` a server too. */
import { stringify } from 'yaml';
import { Client } from '../client/client.ts';
import { readCredentials } from '../controlplane/certificates.ts';
import { layout } from '../controlplane/controlplane.ts';
import type { TestBed } from '../testbed.ts';
import { nodeNetwork } from './addresses.ts';

const namespace = 'strict';
const account = '/var/run/secrets/kubernetes.io/serviceaccount';

export async function adminClient(bed: TestBed): Promise<Client> {
  return new Client(bed.server, await readCredentials(layout(bed.dir).certificates, 'admin'), 'test');
}

/** A Pod that serves the API to whoever asks it, its Service `answerer`, and all they need. */
export function strictPod(image: string, name = 'asker'): readonly object[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'config', namespace },
      data: {
        address: kubeconfig(`https://${nodeNetwork.apiService}:443`),
        name: kubeconfig(`https://kubernetes.default.svc.${nodeNetwork.domain}`),
      },
    },
    pod(image, name),
    ...(name === 'asker' ? [pod(image, 'answerer'), service] : []),
  ];
}

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'answerer', namespace },
  spec: { selector: { app: 'answerer' }, ports: [{ port: 80, targetPort: 8080 }] },
};

function pod(image: string, name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'kubectl',
          image,
          args: ['kubectl', 'proxy', '--address=0.0.0.0', '--port=8080', '--accept-hosts=.*'],
          readinessProbe: { httpGet: { path: '/version', port: 8080 }, periodSeconds: 1 },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            readOnlyRootFilesystem: true,
          },
          volumeMounts: [{ name: 'config', mountPath: '/config' }],
        },
      ],
      volumes: [{ name: 'config', configMap: { name: 'config' } }],
    },
  };
}

function kubeconfig(server: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'it', cluster: { server, 'certificate-authority': `${account}/ca.crt` } }],
    users: [{ name: 'it', user: { tokenFile: `${account}/token` } }],
    contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
    'current-context': 'it',
  });
}
