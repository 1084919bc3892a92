/**
 * Stands for CDI's API server: a program (go/cdiadmission) that admits DataVolumes with CDI's own clone authorisation, registered as CDI's
 * operator registers the real one (pkg/operator/resources/cluster/apiserver.go).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Installation } from '../build/installation.ts';
import { applyAll } from '../client/apply.ts';
import { ApiError, type Client, type KubeObject } from '../client/client.ts';
import type { ControlPlane } from '../controlplane/controlplane.ts';
import { freePorts } from '../process/ports.ts';
import { until } from '../process/until.ts';

/** Starts and registers it; returns when a wrong DataVolume is refused. */
export async function startCdiAdmission(plane: ControlPlane, client: Client, { servers }: Installation): Promise<void> {
  const [port = 0] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  plane.start('cdi-apiserver', servers.cdiAdmission, [plane.server, plane.certificates, address]);
  const authority = await readFile(join(plane.certificates, 'authority.crt'));
  await applyAll(client, [
    configuration('Mutating', 'mutate', address, authority.toString('base64')),
    configuration('Validating', 'validate', address, authority.toString('base64')),
  ]);
  await until('the admission of DataVolumes', () => refusesWrong(client), plane.died);
}

function configuration(kind: 'Mutating' | 'Validating', verb: string, address: string, caBundle: string): KubeObject {
  const rule = { apiGroups: ['cdi.kubevirt.io'], apiVersions: ['v1beta1'], resources: ['datavolumes'], scope: '*' };
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${kind}WebhookConfiguration`,
    metadata: { name: `cdi-api-datavolume-${verb}` },
    webhooks: [
      {
        name: `datavolume-${verb}.cdi.kubevirt.io`,
        rules: [{ ...rule, operations: ['CREATE', 'UPDATE'] }],
        clientConfig: { url: `https://${address}/datavolume-${verb}`, caBundle },
        ...{ failurePolicy: 'Fail', matchPolicy: 'Exact', sideEffects: 'None', timeoutSeconds: 30 },
        admissionReviewVersions: ['v1'],
      },
    ],
  } as KubeObject;
}

/** Well-formed for the CRD: only the webhooks refuse it. */
const wrongVolume = {
  apiVersion: 'cdi.kubevirt.io/v1beta1',
  kind: 'DataVolume',
  metadata: { name: 'wrong', namespace: 'default' },
  spec: { sourceRef: { kind: 'DataSource', name: 'none' }, storage: { resources: { requests: { storage: '1' } } } },
};

async function refusesWrong(client: Client): Promise<void> {
  for (const [webhook, spec] of [
    ['datavolume-mutate', wrongVolume.spec],
    ['datavolume-validate', { ...wrongVolume.spec, sourceRef: undefined, source: { blank: {} } }],
  ] as const) {
    try {
      await client.dryRun('/apis/cdi.kubevirt.io/v1beta1/namespaces/default/datavolumes', { ...wrongVolume, spec });
    } catch (error) {
      if (error instanceof ApiError && error.message.includes(`${webhook}.cdi.kubevirt.io" denied`)) continue;
      throw error;
    }
    throw new Error(`a wrong DataVolume was let through by ${webhook}`);
  }
}
