import { pageName, type RecordPage, type RecordPageStatus, recordPage } from '../../api/recordpage.ts';
import type { Append } from '../../domain/record/pages.ts';
import { isNotFound } from '../../runtime/api/errors.ts';
import { apiVersionOf, type KubeObject, type ObjectKey, pathOf } from '../../runtime/api/object.ts';
import type { Transport } from '../../runtime/http/transport.ts';
import { createUncached, getUncached, listUncached, replaceUncached } from '../../runtime/http/uncached.ts';

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
  list(stream?: string): Promise<readonly Page[]> {
    const fieldSelector = stream === undefined ? undefined : `spec.stream=${stream}`;
    const wanted = { namespace: this.#namespace, fieldSelector, atOnce: PAGES_AT_ONCE };
    return listUncached(this.#transport, recordPage, wanted);
  }

  get(stream: string, number: number): Promise<Page | undefined> {
    return getUncached(this.#transport, recordPage, this.#key(stream, number));
  }

  /** Writes a page; `read` is the last page as it was read. Conflict or AlreadyExists: another has written meanwhile. */
  write({ page, created }: Append, read: Page | undefined): Promise<Page> {
    const object = {
      ...{ apiVersion: apiVersionOf(recordPage), kind: recordPage.kind },
      metadata: created ? this.#key(page.stream, page.number) : { ...read?.metadata },
      spec: page,
    };
    const write = created ? createUncached : replaceUncached;
    return write(this.#transport, recordPage, object as Page);
  }

  writeStatus(read: Page, status: RecordPageStatus): Promise<Page> {
    return replaceUncached(this.#transport, recordPage, { ...read, status }, 'status');
  }

  /** Deletes a page exactly as it was read; gone already is fine. */
  async delete({ metadata, spec }: Page): Promise<void> {
    const { uid, resourceVersion } = metadata;
    const body = JSON.stringify({ kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid, resourceVersion } });
    try {
      await this.#transport.call({
        method: 'DELETE',
        path: pathOf(recordPage, this.#key(spec.stream, spec.number)),
        contentType: JSON_TYPE,
        body,
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  #key(stream: string, number: number): ObjectKey {
    return { namespace: this.#namespace, name: pageName(stream, number) };
  }
}

export type { Page };
