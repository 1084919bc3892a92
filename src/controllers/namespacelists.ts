import { Namespace } from '../api/upstream.ts';
import {
  HARDWARE_ANNOTATION,
  IMAGE_SOURCES_ANNOTATION,
  INSTANCE_TYPES_ANNOTATION,
  METADATA_PREFIXES_ANNOTATION,
  type Permitted,
  permittedIn,
  STORAGE_LOCATIONS_ANNOTATION,
} from '../domain/contract/permitted.ts';
import type { KubeObject } from '../runtime/api/object.ts';
import type { Reader } from '../runtime/pass/controller.ts';
import type { Settings } from './settings.ts';

const LISTS = [
  STORAGE_LOCATIONS_ANNOTATION,
  INSTANCE_TYPES_ANNOTATION,
  HARDWARE_ANNOTATION,
  IMAGE_SOURCES_ANNOTATION,
  METADATA_PREFIXES_ANNOTATION,
] as const;

/** The part of a Namespace by which the provider says what may be named in it. */
export function listsOf({ metadata: { annotations = {} } }: KubeObject): readonly (string | undefined)[] {
  return LISTS.map(list => annotations[list]);
}

/** What the provider lets a namespace name of what all share; undefined while its Namespace has not been read. */
export function permittedFor(namespace: string, read: Reader, settings: Settings): Permitted | undefined {
  return permittedIn(read.get(Namespace, { namespace: '', name: namespace }), settings.permitted);
}
