import {
  pageName,
  type RecordPage,
  type RecordPageSpec,
  type RecordPageStatus,
  recordPage,
} from '../../api/recordpage.ts';
import type { Append } from '../../domain/record/pages.ts';
import { isNotFound } from '../../runtime/api/errors.ts';
import { apiVersionOf, collectionPath, type KubeObject, pathOf } from '../../runtime/api/object.ts';
import type { Transport } from '../../runtime/http/transport.ts';

/** Pages that one list brings at most: some megabytes. */
const PAGES_AT_ONCE = 50;
const JSON_TYPE = 'application/json';

type Page = KubeObject & RecordPage;

/** Pages of records in the API server. Each write names the version that was read, so that of two writers one is refused. Throws ApiError. */
export class PageStore {
  readonly #transport: Transport;
  readonly #namespace: string;

  constructor(transport: Transport, namespace: string) {
    this.#transport = transport;
    this.#namespace = namespace;
  }

  /** All pages, or those of one stream. */
  async list(stream?: string): Promise<readonly Page[]> {
    const selector = stream === undefined ? '' : `&fieldSelector=${encodeURIComponent(`spec.stream=${stream}`)}`;
    const pages: Page[] = [];
    let more = '';
    do {
      const path = `${collectionPath(recordPage, this.#namespace)}?limit=${PAGES_AT_ONCE}${selector}${more}`;
      const { value } = await this.#transport.call({ method: 'GET', path });
      const list = value as { items: Page[]; metadata: { continue?: string } };
      pages.push(...list.items);
      more = list.metadata.continue ? `&continue=${encodeURIComponent(list.metadata.continue)}` : '';
    } while (more !== '');
    return pages;
  }

  async get(stream: string, number: number): Promise<Page | undefined> {
    try {
      return (await this.#transport.call({ method: 'GET', path: this.#path(stream, number) })).value as Page;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Writes a page; `read` is the last page as it was read. Conflict or AlreadyExists: another has written meanwhile. */
  async write({ page, created }: Append, read: Page | undefined): Promise<Page> {
    const object = {
      ...{ apiVersion: apiVersionOf(recordPage), kind: recordPage.kind },
      metadata: created ? this.#metadata(page) : { ...read?.metadata },
      spec: page,
    };
    const request = created
      ? ({ method: 'POST', path: collectionPath(recordPage, this.#namespace) } as const)
      : ({ method: 'PUT', path: this.#path(page.stream, page.number) } as const);
    const { value } = await this.#transport.call({ ...request, contentType: JSON_TYPE, body: JSON.stringify(object) });
    return value as Page;
  }

  async writeStatus(read: Page, status: RecordPageStatus): Promise<Page> {
    const path = `${this.#path(read.spec.stream, read.spec.number)}/status`;
    const body = JSON.stringify({ ...read, status });
    return (await this.#transport.call({ method: 'PUT', path, contentType: JSON_TYPE, body })).value as Page;
  }

  /** Deletes a page exactly as it was read; gone already is fine. */
  async delete({ metadata, spec }: Page): Promise<void> {
    const { uid, resourceVersion } = metadata;
    const body = JSON.stringify({ kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid, resourceVersion } });
    try {
      await this.#transport.call({
        method: 'DELETE',
        path: this.#path(spec.stream, spec.number),
        contentType: JSON_TYPE,
        body,
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  #metadata({ stream, number }: RecordPageSpec) {
    return { name: pageName(stream, number), namespace: this.#namespace };
  }

  #path(stream: string, number: number): string {
    return pathOf(recordPage, { namespace: this.#namespace, name: pageName(stream, number) });
  }
}

export type { Page };
