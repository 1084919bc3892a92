import type { Report } from './step.ts';

/** What the guest said of a step, and in which boot. */
export type Said =
  | { readonly bootId: string; readonly report: Report }
  | { readonly bootId: string; readonly report: 'Overtaken' };

/**
 * Reads the answer of `askScript` out of all that a login shell may say around it. Undefined where it is not there, or is anything but what the
 * script says: then nothing is known of the step.
 */
export function readSaid(output: string, nonce: string): Said | undefined {
  const words = ourWords(output, nonce);
  if (words === undefined) return undefined;
  const [bootId = '', state, status = '', ...more] = words;
  if (!/^[0-9a-f-]{36}$/.test(bootId) || more.length > 0) return undefined;
  if (state === 'Finished') {
    return /^\d{1,3}$/.test(status) ? { bootId, report: { state, exitCode: Number(status) } } : undefined;
  }
  if (status !== '') return undefined;
  if (state === 'Never' || state === 'Running' || state === 'Gone') return { bootId, report: { state } };
  return state === 'Overtaken' ? { bootId, report: state } : undefined;
}

export type Beginning = 'Begun' | 'Refused' | 'Known';

/** The same for `beginScript`. */
export function readBeginning(output: string, nonce: string): Beginning | undefined {
  const [, said, ...more] = ourWords(output, nonce) ?? [];
  if (more.length > 0) return undefined;
  return said === 'Begun' || said === 'Refused' || said === 'Known' ? said : undefined;
}

/** The answer of `outputScript`: what the step has printed. Undefined where it is anything else. */
export function readOutput(output: string, nonce: string): string | undefined {
  const [encoded = '', ...more] = ourWords(output, nonce) ?? [' '];
  return more.length === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(encoded)
    ? Buffer.from(encoded, 'base64').toString('utf8')
    : undefined;
}

/** Why a guest could not write down what it is told to do, or could not start what it has written down: then it has begun nothing. */
export type Unrecorded = 'NoFolder' | 'NotWritable' | 'Locked' | 'NotStarted';

/** The same scripts by their exit status, where they say nothing. */
export function readUnrecorded(exitCode: number | undefined): Unrecorded | undefined {
  switch (exitCode) {
    case 73:
      return 'NoFolder';
    case 74:
      return 'NotWritable';
    case 75:
      return 'Locked';
    default:
      return undefined;
  }
}

/** The words after the nonce, in the one line that begins with it; two such lines are none. */
function ourWords(output: string, nonce: string): readonly string[] | undefined {
  const ours = output.split('\n').filter(line => line.startsWith(`${nonce} `));
  const [line, ...more] = ours;
  return line === undefined || more.length > 0
    ? undefined
    : line
        .slice(nonce.length + 1)
        .trimEnd()
        .split(' ');
}
