/**
 * Who wrote a decision in another's name. Admission sees of an impersonated request only the name that was assumed (`kubectl --as`), so that
 * such a decision passes, and nothing but the API server's audit log tells who it was (GE-6).
 */
import { GROUP } from '../../api/common.ts';
import { cut } from '../contract/excerpt.ts';
import { at, textAt, timeAt } from '../contract/json.ts';

/** A write that was made, and who really made it. */
export type Impersonation = {
  readonly when: string;
  readonly who: string;
  readonly as: string;
  readonly verb: string;
  /** `approvals acme/yes`. */
  readonly what: string;
};

const RESOURCES: ReadonlySet<unknown> = new Set(['approvals', 'changerequests', 'servicerequests']);
const WRITES: ReadonlySet<unknown> = new Set(['create', 'update', 'patch']);
/** Longest name of a user or an object that is told. */
const LONGEST = 253;

/** What a line of the audit log (`audit.k8s.io/v1`, JSON) tells of that; undefined: nothing. Throws SyntaxError where it is no JSON. */
export function impersonationIn(line: string): Impersonation | undefined {
  // Most lines are of no interest, and to look for a word is much cheaper than to parse.
  if (!line.includes('"impersonatedUser"')) return undefined;
  const event: unknown = JSON.parse(line);
  const verb = textAt(event, 'verb');
  const as = textAt(event, 'impersonatedUser', 'username');
  if (as === undefined || verb === undefined || !WRITES.has(verb) || !isDone(event)) return undefined;
  if (at(event, 'objectRef', 'apiGroup') !== GROUP || !RESOURCES.has(at(event, 'objectRef', 'resource')))
    return undefined;
  return {
    when: timeAt(event, 'requestReceivedTimestamp')?.toISOString() ?? 'at an unknown time',
    who: named(textAt(event, 'user', 'username')),
    as: named(as),
    verb,
    what: objectOf(event),
  };
}

/** Neither refused nor a dry run. */
function isDone(event: unknown): boolean {
  const code = at(event, 'responseStatus', 'code');
  const wasTaken = typeof code === 'number' && code >= 200 && code < 300;
  return (
    wasTaken && at(event, 'stage') === 'ResponseComplete' && !/[?&]dryRun=/.test(textAt(event, 'requestURI') ?? '')
  );
}

function objectOf(event: unknown): string {
  const part = (name: string) => textAt(event, 'objectRef', name);
  // Of a generated name only a log of level RequestResponse tells.
  const name = part('name') ?? textAt(event, 'responseObject', 'metadata', 'name');
  const resource = [part('resource'), part('subresource')].filter(each => each !== undefined).join('/');
  return `${resource} ${named(part('namespace'))}/${name === undefined ? '(generated name)' : named(name)}`;
}

function named(text: string | undefined): string {
  return text === undefined ? '(unknown)' : cut(text, LONGEST);
}
