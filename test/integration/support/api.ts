/** The cluster as an administrator sees it, spoken to by kinds and names. */
import { ApiError, Client, type KubeObject } from '../../../hack/testbed/client/client.ts';
import { pathOf } from '../../../hack/testbed/client/path.ts';
import { readCredentials } from '../../../hack/testbed/controlplane/certificates.ts';
import { layout } from '../../../hack/testbed/controlplane/controlplane.ts';
import type { Misbehaviour } from '../../../hack/testbed/played/misbehaviour.ts';
import type { TestBed } from '../../../hack/testbed/testbed.ts';
import type { ResourceKind } from '../../../src/runtime/api/object.ts';

export type Condition = {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
};

/** An object of any kind, as far as tests ask it. */
// biome-ignore lint/suspicious/noExplicitAny: objects of many kinds, asked for one field
export type Any = any;

export const ConfigMap: ResourceKind = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};
export const Namespace: ResourceKind = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
};
export const Pod: ResourceKind = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };
export const ResourceQuota: ResourceKind = { ...Pod, kind: 'ResourceQuota', plural: 'resourcequotas' };

export class Api {
  readonly client: Client;

  private constructor(client: Client) {
    this.client = client;
  }

  static async as(bed: Pick<TestBed, 'server' | 'dir'>): Promise<Api> {
    return new Api(new Client(bed.server, await readCredentials(layout(bed.dir).certificates, 'admin'), 'test'));
  }

  get(kind: ResourceKind, namespace: string, name: string): Promise<Any> {
    return this.client.get(pathOf(kind, namespace, name));
  }

  /** Undefined where there is none. */
  async find(kind: ResourceKind, namespace: string, name: string): Promise<Any> {
    try {
      return await this.get(kind, namespace, name);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Objects of one namespace, or of all where none is named. */
  async list(kind: ResourceKind, namespace = '', selector = ''): Promise<Any[]> {
    const query = selector === '' ? '' : `?labelSelector=${encodeURIComponent(selector)}`;
    const { items } = (await this.client.get(`${pathOf(kind, namespace)}${query}`)) as { readonly items: Any[] };
    return items;
  }

  create(kind: ResourceKind, object: KubeObject): Promise<Any> {
    return this.client.create(pathOf(kind, object.metadata.namespace), object);
  }

  /** Changes fields by a merge patch. */
  edit(kind: ResourceKind, namespace: string, name: string, patch: object): Promise<Any> {
    return this.client.patch('merge', pathOf(kind, namespace, name), patch);
  }

  async remove(kind: ResourceKind, namespace: string, name: string): Promise<void> {
    await this.client.delete(pathOf(kind, namespace, name));
  }

  /** Deletes the object only if it is still this incarnation. */
  async end(kind: ResourceKind, namespace: string, name: string, uid: string): Promise<void> {
    await this.client.end(pathOf(kind, namespace, name), uid);
  }

  async namespace(name: string): Promise<string> {
    await this.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    return name;
  }

  /** Tells the played parts what to do wrong with a VirtualMachine or DataVolume; nothing at all cures. */
  async misbehave(namespace: string, name: string, ...what: Misbehaviour[]): Promise<void> {
    const data = { [`${namespace}.${name}`]: what.length > 0 ? what.join(',') : null };
    const metadata = { name: 'played-node', namespace: 'kube-system' };
    if ((await this.find(ConfigMap, metadata.namespace, metadata.name)) === undefined)
      await this.create(ConfigMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
    await this.edit(ConfigMap, metadata.namespace, metadata.name, { data });
  }

  close(): Promise<void> {
    return this.client.close();
  }
}

export function conditionOf(object: Any, type: string): Condition | undefined {
  return object?.status?.conditions?.find((each: Condition) => each.type === type);
}

/** `True/Running`, or `absent`. */
export function verdictOf(object: Any, type: string): string {
  const condition = conditionOf(object, type);
  return condition === undefined ? 'absent' : `${condition.status}/${condition.reason}`;
}
