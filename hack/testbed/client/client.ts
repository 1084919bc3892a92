/**
 * A Kubernetes client of a few verbs for the test bed's own use. It shares nothing with the operator's: that one is what the bed tests.
 */
import { Agent, request } from 'undici';
import type { Credentials } from '../controlplane/certificates.ts';

export type OwnerReference = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
};

export type Metadata = {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
};

/** What every Kubernetes object has. */
export type KubeObject = { readonly apiVersion?: string; readonly kind?: string; readonly metadata: Metadata };

export type List<Kind> = { readonly metadata: { readonly resourceVersion: string }; readonly items: readonly Kind[] };

/** The API server's refusal. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  /** Machine-readable reason of the Status object, for example `AlreadyExists`. */
  readonly reason: string;
  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Patch = 'merge' | 'strategic' | 'json' | 'apply';
const patchTypes: Record<Patch, string> = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
};

export class Client {
  readonly #server: string;
  readonly #name: string;
  readonly #agent: Agent;

  /** `name` is the client's User-Agent and field manager. */
  constructor(server: string, credentials: Credentials, name: string) {
    this.#server = server;
    this.#name = name;
    // A watch is silent for as long as nothing happens, and holds its connection.
    this.#agent = new Agent({ connect: credentials, bodyTimeout: 0, headersTimeout: 60_000 });
  }

  get<Answer>(path: string): Promise<Answer> {
    return this.#send<Answer>('GET', path);
  }

  create<Kind extends object>(path: string, object: Kind): Promise<Kind> {
    return this.#send<Kind>('POST', `${path}?fieldManager=${this.#name}`, JSON.stringify(object));
  }

  put(path: string, object: object): Promise<unknown> {
    return this.#send('PUT', path, JSON.stringify(object));
  }

  /** Asks admission about an object without creating it. */
  dryRun(path: string, object: object): Promise<unknown> {
    return this.#send('POST', `${path}?dryRun=All`, JSON.stringify(object));
  }

  patch(type: Patch, path: string, patch: object): Promise<unknown> {
    const force = type === 'apply' ? '&force=true' : '';
    return this.#send('PATCH', `${path}?fieldManager=${this.#name}${force}`, JSON.stringify(patch), patchTypes[type]);
  }

  /** `grace` is the grace period in seconds; 0 removes a Pod at once, as a kubelet does when its containers are gone. */
  delete(path: string, grace?: number): Promise<unknown> {
    return this.#send('DELETE', path, grace === undefined ? undefined : JSON.stringify({ gracePeriodSeconds: grace }));
  }

  /** Deletes the object only if it is still this incarnation. */
  end(path: string, uid: string): Promise<unknown> {
    return this.#send('DELETE', path, JSON.stringify({ preconditions: { uid } }));
  }

  /** Lines of a watch, one JSON text each, until the server or `signal` ends it. */
  async *watch(path: string, signal: AbortSignal): AsyncGenerator<string> {
    const { statusCode, body } = await request(`${this.#server}${path}`, {
      dispatcher: this.#agent,
      headers: this.#headers(),
      signal,
    });
    if (statusCode >= 300) throw refusal(statusCode, await body.text());
    let rest = '';
    for await (const chunk of body.setEncoding('utf8')) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #send<Answer>(method: Method, path: string, content?: string, type = 'application/json'): Promise<Answer> {
    const { statusCode, body } = await request(`${this.#server}${path}`, {
      method,
      dispatcher: this.#agent,
      headers: { ...this.#headers(), ...(content === undefined ? {} : { 'content-type': type }) },
      body: content ?? null,
    });
    const text = await body.text();
    if (statusCode >= 300) throw refusal(statusCode, text);
    return (text.startsWith('{') ? JSON.parse(text) : text) as Answer;
  }

  #headers() {
    // Some of KubeVirt's subresources answer in plain text only.
    return { accept: 'application/json, */*;q=0.1', 'user-agent': this.#name };
  }
}

function refusal(status: number, text: string): ApiError {
  try {
    const { reason, message } = JSON.parse(text) as { reason?: string; message?: string };
    return new ApiError(status, reason ?? '', message ?? text);
  } catch {
    return new ApiError(status, '', text);
  }
}
