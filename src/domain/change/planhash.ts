import type { ChangeRequest } from '../../api/changerequest.ts';
import { sortedJson } from '../../runtime/api/json.ts';
import { digestOf } from '../contract/digest.ts';

/**
 * SHA-256 of everything that is agreed to (GE-6): the spec without what is written afterwards, and which ChangeRequest it is. Its uid is
 * part of it, so that no decision on one that was deleted counts for another of its name. As it is stored: fields that only another release
 * knows count too.
 */
export function planHashOf({ metadata, spec }: ChangeRequest): string {
  const { result: _result, acceptance: _acceptance, ...agreedTo } = spec;
  const { namespace, name, uid } = metadata;
  return digestOf(sortedJson({ change: { namespace, name, uid }, agreedTo }));
}
