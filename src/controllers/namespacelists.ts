import { Namespace } from '../api/upstream.ts';
import {
  INSTANCE_TYPES_ANNOTATION,
  type Permitted,
  permittedIn,
  STORAGE_LOCATIONS_ANNOTATION,
} from '../domain/contract/permitted.ts';
import type { KubeObject } from '../runtime/api/object.ts';
import type { Reader } from '../runtime/pass/controller.ts';
import type { Settings } from './settings.ts';

/** The part of a Namespace by which the provider says what may be named in it. */
export function listsOf({ metadata: { annotations = {} } }: KubeObject): readonly (string | undefined)[] {
  return [annotations[STORAGE_LOCATIONS_ANNOTATION], annotations[INSTANCE_TYPES_ANNOTATION]];
}

/** What the provider lets a namespace name of what all share; undefined while its Namespace has not been read. */
export function permittedFor(namespace: string, read: Reader, settings: Settings): Permitted | undefined {
  return permittedIn(read.get(Namespace, { namespace: '', name: namespace }), settings.permitted);
}
