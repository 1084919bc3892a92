/** A real API server as the runtime's tests see it: direct access past the operators, and the audit log. */
import { isLook, readCalls } from '../../../../hack/testbed/client/audit.ts';
import type { TestBed } from '../../../../hack/testbed/testbed.ts';
import { isConflict, isNotFound } from '../../../../src/runtime/api/errors.ts';
import {
  apiVersionOf,
  collectionPath,
  type KubeObject,
  keyOf,
  pathOf,
  type ResourceKind,
} from '../../../../src/runtime/api/object.ts';
import { type Connection, connect } from '../../../../src/runtime/http/connection.ts';
import { Transport } from '../../../../src/runtime/http/transport.ts';
import { crdOf } from './widget.ts';

const NAMESPACE: ResourceKind = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
};
export const CRD: ResourceKind = {
  ...{ group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' },
  ...{ plural: 'customresourcedefinitions', namespaced: false },
};

/** A request as the audit log has it. */
export type Call = {
  readonly verb: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly code: number;
};
export class Cluster {
  readonly bed: TestBed;
  readonly kubeconfig: string;
  readonly connection: Connection;
  readonly #transport: Transport;

  constructor(bed: TestBed) {
    this.bed = bed;
    this.kubeconfig = bed.adminKubeconfig;
    this.connection = connect({ kubeconfig: bed.adminKubeconfig });
    this.#transport = new Transport({ connection: this.connection, userAgent: 'somebody' });
  }

  async stop(): Promise<void> {
    await this.#transport.close();
    await this.bed.stop();
  }

  /** Creates the CRD and waits until the kind is served. */
  async install(kind: ResourceKind): Promise<void> {
    await this.create(CRD, crdOf(kind));
    await until(
      `${kind.kind} is served`,
      async () => (await this.#try('GET', collectionPath(kind, 'default'))) !== undefined,
    );
  }

  async namespace(name: string, labels: Readonly<Record<string, string>> = {}): Promise<string> {
    await this.create(NAMESPACE, { metadata: { name, labels } });
    return name;
  }

  async create(kind: ResourceKind, object: Partial<KubeObject> & Pick<KubeObject, 'metadata'>): Promise<KubeObject> {
    const body = { apiVersion: apiVersionOf(kind), kind: kind.kind, ...object };
    return this.#send('POST', collectionPath(kind, object.metadata.namespace), body);
  }

  async get(kind: ResourceKind, namespace: string, name: string): Promise<KubeObject | undefined> {
    return this.#try('GET', pathOf(kind, { namespace, name })) as Promise<KubeObject | undefined>;
  }

  async list(kind: ResourceKind, namespace: string): Promise<KubeObject[]> {
    return ((await this.#send('GET', collectionPath(kind, namespace))) as unknown as { items: KubeObject[] }).items;
  }

  async patch(
    kind: ResourceKind,
    namespace: string,
    name: string,
    patch: object,
    subresource?: string,
  ): Promise<KubeObject> {
    const path = `${pathOf(kind, { namespace, name }, subresource)}?fieldManager=somebody`;
    return this.#send('PATCH', path, patch, 'application/merge-patch+json');
  }

  async delete(kind: ResourceKind, object: KubeObject): Promise<void> {
    await this.#try('DELETE', pathOf(kind, keyOf(object)));
  }

  /** What a client with this User-Agent has asked for; watches, leases and events apart. */
  async calls(userAgent: string): Promise<Call[]> {
    const { calls } = await readCalls(this.bed.auditLog, { userAgent });
    return calls.flatMap(call => {
      const { stage, objectRef, responseStatus } = call;
      const verb = isLook(call) ? 'look' : call.verb;
      const { resource = '', subresource, namespace = '', name = '' } = objectRef ?? {};
      if (stage !== 'ResponseComplete' || verb === 'watch' || resource === 'leases' || resource === 'events') return [];
      const path = subresource === undefined ? resource : `${resource}/${subresource}`;
      return [{ verb, resource: path, namespace, name, code: responseStatus?.code ?? 0 }];
    });
  }

  async #send(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    body?: object,
    contentType = 'application/json',
  ): Promise<KubeObject> {
    const content = body === undefined ? {} : { body: JSON.stringify(body), contentType };
    return (await this.#transport.call({ method, path, ...content })).value as KubeObject;
  }

  async #try(method: 'GET' | 'DELETE', path: string): Promise<unknown> {
    try {
      return (await this.#transport.call({ method, path })).value;
    } catch (error) {
      if (isNotFound(error) || isConflict(error)) return undefined;
      throw error;
    }
  }
}

/** Waits for a state of the world, at most 30 s. */
export async function until(state: string, holds: () => Promise<boolean> | boolean, withinMs = 30_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${state}`);
    await new Promise(resolve => setTimeout(resolve, 25));
  }
}
