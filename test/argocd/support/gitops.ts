/** Orders through Git: what is committed, what Argo CD is told of it, and what it says then. */
import { expect, inject } from 'vitest';
import { stringify } from 'yaml';
import { NAMESPACE } from '../../../hack/testbed/argocd/argocd.ts';
import { type Addresses, kill, type Program } from '../../../hack/testbed/argocd/processes.ts';
import { Repository } from '../../../hack/testbed/argocd/repository.ts';
import type { KubeObject } from '../../../hack/testbed/client/client.ts';
import type { ResourceKind } from '../../../src/runtime/api/object.ts';
import { type Any, Api, ConfigMap } from '../../integration/support/api.ts';
import { eventually, gone } from '../../integration/support/eventually.ts';

export const Application: ResourceKind = {
  group: 'argoproj.io',
  version: 'v1alpha1',
  kind: 'Application',
  plural: 'applications',
  namespaced: true,
};
export const AppProject: ResourceKind = { ...Application, kind: 'AppProject', plural: 'appprojects' };

/** What an Application is told besides where its manifests are. */
export type Settings = {
  /** Namespace of its objects that name none. */
  readonly namespace?: string;
  readonly project?: string;
  readonly syncOptions?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** Default: self-heal and prune. */
  readonly automated?: Readonly<Record<string, boolean>>;
  readonly finalizers?: readonly string[];
  /**
   * Default: none, so that what is refused is told at once. Argo CD's own is five times, for two and a half minutes, in which it looks at no
   * newer commit.
   */
  readonly retry?: Readonly<Record<string, unknown>>;
};

export class GitOps {
  readonly api: Api;
  readonly repository: Repository;
  readonly #argocd: Addresses;
  readonly #ordered: string[] = [];

  private constructor(api: Api, argocd: Addresses) {
    this.api = api;
    this.#argocd = argocd;
    this.repository = new Repository(argocd.git, argocd.repository);
  }

  /** What gitops.setup.ts has started. */
  static async join(): Promise<GitOps> {
    const gitops = inject('gitops');
    return new GitOps(await Api.as(gitops), gitops.argocd);
  }

  /** Sets values of Argo CD's own configuration, undefined where one is to go. */
  async configure(data: Readonly<Record<string, string | undefined>>): Promise<void> {
    await this.api.edit(ConfigMap, NAMESPACE, 'argocd-cm', {
      data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, value ?? null])),
    });
  }

  /** Writes what is in the folder of that name in the repository, one file for each object, and nothing else. */
  async commit(folder: string, objects: readonly KubeObject[]): Promise<string> {
    const files = objects.map(object => [fileOf(object), stringify(object)] as const);
    return this.repository.replace(folder, new Map(files));
  }

  /** Orders an Application for the folder of its own name. */
  apply(name: string, settings: Settings = {}): Promise<void> {
    const { annotations = {}, finalizers = [], syncOptions = [] } = settings;
    return this.order({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name, namespace: NAMESPACE, annotations, finalizers },
      spec: {
        project: settings.project ?? 'default',
        source: { repoURL: '', targetRevision: 'main', path: name },
        destination: { server: 'https://kubernetes.default.svc', namespace: settings.namespace ?? name },
        syncPolicy: {
          automated: settings.automated ?? { selfHeal: true, prune: true },
          syncOptions,
          retry: settings.retry ?? { limit: 0 },
        },
      },
    });
  }

  /** Orders an Application as it is written, from this repository. */
  async order(application: Any): Promise<void> {
    const { spec } = application;
    const source = { ...spec.source, repoURL: this.repository.url };
    this.#ordered.push(application.metadata.name);
    await this.api.create(Application, { ...application, spec: { ...spec, source } });
  }

  get(name: string): Promise<Any> {
    return this.api.get(Application, NAMESPACE, name);
  }

  /**
   * Asks Argo CD to compare anew, from Git and from the cluster, and returns what it says then. Where Git or its repo server failed for a
   * moment it leaves the question unanswered until something changes (controller/appcontroller.go), so it is asked again.
   */
  async refreshed(name: string): Promise<Any> {
    const refresh = 'argocd.argoproj.io/refresh';
    let asked = 0;
    return eventually(async () => {
      asked += 1;
      const annotations = { [refresh]: 'hard', 'steward.test/asked': `${asked}` };
      await this.api.edit(Application, NAMESPACE, name, { metadata: { annotations } });
      return eventually(async () => {
        const application = await this.get(name);
        expect(application.metadata.annotations?.[refresh], `refresh of ${name}, asked ${asked} times`).toBeUndefined();
        return application;
      }, 15_000);
    }, 90_000);
  }

  /** Waits until Argo CD says so; what it says instead is in the failure. */
  async says(name: string, wanted: Verdict, timeout = 90_000): Promise<Any> {
    await this.refreshed(name);
    return eventually(
      async () => {
        const application = await this.get(name);
        expect(verdictOf(application), explain(application)).toMatchObject(wanted);
        return application;
      },
      timeout,
      500,
    );
  }

  /** Undefined: nothing is synced until somebody asks for it. */
  async automate(name: string, automated: Settings['automated']): Promise<void> {
    await this.api.edit(Application, NAMESPACE, name, { spec: { syncPolicy: { automated: automated ?? null } } });
  }

  remove(name: string): Promise<void> {
    return this.api.remove(Application, NAMESPACE, name);
  }

  gone(name: string): Promise<void> {
    return gone(this.api, Application, NAMESPACE, name);
  }

  /** Kills one of Argo CD's programs, and returns when it is there again. */
  kill(program: Program): Promise<void> {
    return kill(this.#argocd, program);
  }

  /** Takes the Applications of this file away from Argo CD, and nothing that they ordered. */
  async leave(): Promise<void> {
    for (const name of this.#ordered) {
      if ((await this.api.find(Application, NAMESPACE, name)) === undefined) continue;
      await this.api.edit(Application, NAMESPACE, name, { metadata: { finalizers: null } });
      await this.remove(name);
    }
    await this.api.close();
  }
}

export type Verdict = {
  readonly sync?: 'Synced' | 'OutOfSync';
  readonly health?: 'Healthy' | 'Progressing' | 'Degraded' | 'Missing';
  /** Phase of the last sync. */
  readonly operation?: 'Succeeded' | 'Failed' | 'Running' | 'Error';
  readonly revision?: string;
};

export const inOrder: Verdict = { sync: 'Synced', health: 'Healthy', operation: 'Succeeded' };

function verdictOf({ status }: Any): Verdict {
  return {
    sync: status?.sync?.status,
    health: status?.health?.status,
    operation: status?.operationState?.phase,
    revision: status?.sync?.revision,
  };
}

function explain({ status }: Any): string {
  const { resources = [], conditions = [], operationState } = status ?? {};
  const results = operationState?.syncResult?.resources ?? [];
  return [
    operationState?.message,
    ...conditions.map(({ type, message }: Any) => `${type}: ${message}`),
    ...resources.map(
      (each: Any) => `${each.kind} ${each.name}: ${each.status}, ${each.health?.status} ${each.health?.message ?? ''}`,
    ),
    ...results.map(
      ({ kind, name, status: verdict, message }: Any) => `sync of ${kind} ${name}: ${verdict}, ${message}`,
    ),
  ].join('\n');
}

function fileOf({ kind = '', metadata }: KubeObject): string {
  return `${kind.toLowerCase()}-${metadata.namespace ?? ''}-${metadata.name}.yaml`;
}

/** What an Application says of one of its objects. */
export function resourceOf({ status }: Any, kind: string, name: string): Any {
  return status?.resources?.find((each: Any) => each.kind === kind && each.name === name);
}

/** The object in a wave of its own: what has a higher number comes when this is healthy. */
export function inWave(wave: number, object: KubeObject): KubeObject {
  return annotated(object, { 'argocd.argoproj.io/sync-wave': `${wave}` });
}

export function annotated(object: KubeObject, annotations: Readonly<Record<string, string>>): KubeObject {
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, ...annotations } } };
}
