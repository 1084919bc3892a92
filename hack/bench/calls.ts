/** Which calls of a contestant count as what. */
import { type Call, isLook, isWrite } from '../testbed/client/audit.ts';

/** A watch that has begun; its end is another line of the log. */
export function isWatch({ verb, stage }: Call): boolean {
  return verb === 'watch' && stage === 'ResponseStarted';
}

/** A watch that begins with every object there is. */
export function isInitialWatch(call: Call): boolean {
  return isWatch(call) && call.requestURI.includes('sendInitialEvents=true');
}

/** Reads of single objects, also those by a patch that changes nothing; lists, watches and discovery apart. */
export function isGet(call: Call): boolean {
  return (call.verb === 'get' && call.objectRef?.name !== undefined) || isLook(call);
}

export function isRead(call: Call): boolean {
  return isGet(call) || call.verb === 'list';
}

export function isStatusWrite(call: Call, roots: string): boolean {
  return isWrite(call) && call.objectRef?.resource === roots && call.objectRef.subresource === 'status';
}
