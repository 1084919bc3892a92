import { ApiError } from '../api/errors.ts';
import type { KubeObject } from '../api/object.ts';
import { internStrings } from './interning.ts';

export type WatchEvent = { readonly type: string; readonly object: KubeObject };

/** An object is at most 1.5 MB in etcd; a line beyond this is not Kubernetes. */
const LONGEST_LINE = 64 * 1024 * 1024;
const NEWLINE = 10;
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Cuts a byte stream into lines, however the chunks fall; work and memory are linear in the bytes. */
export function splitLines(onLine: (line: Buffer) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let size = 0;
  return chunk => {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const tail = chunk.subarray(start, end);
      const line = parts.length === 0 ? tail : Buffer.concat([...parts, tail]);
      parts = [];
      size = 0;
      start = end + 1;
      if (line.length > 0) onLine(line);
    }
    if (start === chunk.length) return;
    const rest = chunk.subarray(start);
    size += rest.length;
    if (size > LONGEST_LINE) throw new ApiError(0, 'Unreachable', `watch line longer than ${LONGEST_LINE} bytes`);
    parts.push(rest);
  };
}

/** Throws ApiError for a line that is not a watch event, and for an ERROR event the error that it carries. */
export function parseWatchEvent(line: Buffer): WatchEvent {
  let event: { type?: unknown; object?: unknown };
  try {
    event = JSON.parse(line.toString());
  } catch (cause) {
    throw new ApiError(0, 'Unreachable', 'a line of the watch is not JSON', { cause });
  }
  const { type, object } = event;
  if (typeof type !== 'string' || typeof object !== 'object' || object === null) {
    throw new ApiError(0, 'Unreachable', 'a line of the watch is not an event');
  }
  if (type === 'ERROR') throw watchError(object);
  return { type, object: object as KubeObject };
}

const VERSION_FIELD = Buffer.from('"resourceVersion":"');
const QUOTE = '"'.charCodeAt(0);
const TYPES_WITH_NEWS = ['ADDED', 'MODIFIED'].map(type => type.charCodeAt(0));
const TYPE_AT = '{"type":"'.length;

/**
 * The resourceVersion of an object that was added or modified, without reading the whole line. Undefined where the field is in the line
 * more than once, as with a label of that name: inside of a string it cannot be, for there its quotes are escaped.
 */
export function versionIn(line: Buffer): string | undefined {
  if (!TYPES_WITH_NEWS.includes(line[TYPE_AT] ?? 0)) return undefined;
  const at = line.indexOf(VERSION_FIELD);
  if (at < 0 || line.indexOf(VERSION_FIELD, at + 1) >= 0) return undefined;
  const start = at + VERSION_FIELD.length;
  return line.toString('latin1', start, line.indexOf(QUOTE, start));
}

function watchError(status: { code?: number; reason?: string; message?: string }): ApiError {
  return new ApiError(
    status.code ?? 500,
    status.reason ?? 'Unknown',
    status.message ?? 'the watch ended with an error',
  );
}

/**
 * What the cache keeps of a freshly parsed object. managedFields and kubectl's last-applied copy, two thirds of the memory, are read by no one;
 * strings that others have too are held once. Builds new objects, because `delete` would turn them into slow hash tables.
 */
export function strip(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata as KubeObject['metadata'] & { managedFields?: unknown };
  if (metadata.annotations?.[LAST_APPLIED] !== undefined) {
    const { [LAST_APPLIED]: _copy, ...annotations } = metadata.annotations;
    metadata.annotations = annotations;
  }
  object.metadata = metadata;
  // Content of Secrets has no second place.
  internStrings(object.kind === 'Secret' ? metadata : object);
  return object;
}
