/** The steps around an install that policies name, by systemd: each of them is one command of ours, never a user's words to a shell. */
import { secondsOf } from '../../api/duration.ts';
import type { PatchRunPart } from '../../api/patchrun.ts';
import type { StepAfter, StepBefore } from '../../api/patchsteps.ts';
import type { Ground } from '../settings/ground.ts';
import { shellWord } from '../shellword.ts';
import { all, decoded, readAnswer } from './answer.ts';
import { packageScript } from './prelude.ts';
import { failedUnitsOf, SERVICES } from './services.ts';

type AroundStep = StepBefore | StepAfter;

/** What such a script has come to: of each step in its order, and which units had failed at its end. */
export type Around = {
  readonly parts: readonly PatchRunPart[];
  readonly failedUnits: readonly string[] | 'Unreadable';
};

/** Longest that systemd is waited for to stop or start one service. Seconds. */
const JOB_S = 120;
/** Where the step does not say how long a port is waited for. */
const PORT_WITHIN = '30s';

const FUNCTIONS = `
# part VERDICT WORDS: what became of the step that is due.
part() { line part "$1" "$(encoded "$2")"; verdict=$1; }

state() { timeout -k 5 30 systemctl is-active -- "$1" | head -n 1; }
job() { timeout -k 5 ${JOB_S} systemctl "$1" -- "$2"; }

running() {
  case $(state "$1") in
    active|reloading) part Passed '';;
    '') part Failed 'systemd does not say whether it runs';;
    *) part Failed "it is $(one "$(state "$1")")";;
  esac
}

stop_service() {
  case $(state "$1") in
    active|reloading|activating|deactivating) ;;
    inactive|failed|unknown) part Unneeded 'it did not run'; return;;
    *) part Failed 'systemd does not say whether it runs'; return;;
  esac
  job stop "$1"
  case $(state "$1") in
    inactive|failed) part Passed '';;
    *) part Failed "it did not stop within ${JOB_S} seconds";;
  esac
}

# What ends at once by its own fault is told among the services that have failed.
start_service() { if job start "$1"; then part Passed ''; else part Failed "it did not start: it is $(one "$(state "$1")")"; fi; }
restart_service() { if job restart "$1"; then part Passed ''; else part Failed "it did not start anew: it is $(one "$(state "$1")")"; fi; }
path_exists() { if [ -e "$R$1" ] || [ -L "$R$1" ]; then part Passed ''; else part Failed 'it is not there'; fi; }
path_absent() { if [ -e "$R$1" ] || [ -L "$R$1" ]; then part Failed 'it is there'; else part Passed ''; fi; }

# tcp_port PORT SECONDS: whether somebody listens, as the kernel lists it: state 0A, and the port in hexadecimal.
tcp_port() {
  wanted=$(printf '%04X' "$1")
  for i in $(seq 0 "$2"); do
    if cat "$R/proc/net/tcp" "$R/proc/net/tcp6" | awk -v port="$wanted" '$4 == "0A" { n = split($2, at, ":"); if (at[n] == port) found = 1 } END { exit !found }'; then
      part Passed ''; return
    fi
    if [ "$i" -lt "$2" ]; then sleep 1; fi
  done
  part Failed "nobody listens there after $2 seconds"
}

`;

/** Takes the steps in their order, up to the first that fails. */
export function aroundScript(steps: readonly AroundStep[], ground?: Ground): string {
  return script(
    steps.map(step => `if [ "$verdict" != Failed ]; then ${commandOf(step)}; fi`),
    ground,
  );
}

/** Starts all of them, whatever becomes of one: they ran before. */
export function startAgainScript(services: readonly string[], ground?: Ground): string {
  return script(
    services.map(name => `start_service ${shellWord(name)}`),
    ground,
  );
}

function script(commands: readonly string[], ground?: Ground): string {
  return packageScript([FUNCTIONS, SERVICES, 'verdict=', ...commands, 'services'], ground);
}

function commandOf(step: AroundStep): string {
  const { name, subject, argument } = wordsOf(step);
  return [COMMANDS[name], subject, ...argument].map((word, index) => (index === 0 ? word : shellWord(word))).join(' ');
}

const COMMANDS = {
  stopService: 'stop_service',
  startService: 'start_service',
  restartService: 'restart_service',
  serviceRunning: 'running',
  pathExists: 'path_exists',
  pathAbsent: 'path_absent',
  tcpPortOpen: 'tcp_port',
} as const;

type Words = { readonly name: keyof typeof COMMANDS; readonly subject: string; readonly argument: readonly string[] };

/** @throws RangeError for what is no step of the catalogue. */
function wordsOf(step: AroundStep): Words {
  const { startService, restartService, serviceRunning, pathExists, pathAbsent, tcpPortOpen } = step;
  const of = (name: Words['name'], subject: string, ...argument: readonly string[]): Words => ({
    name,
    subject,
    argument,
  });
  if ('stopService' in step && step.stopService !== undefined) return of('stopService', step.stopService.name);
  if (startService) return of('startService', startService.name);
  if (restartService) return of('restartService', restartService.name);
  if (serviceRunning) return of('serviceRunning', serviceRunning.name);
  if (pathExists) return of('pathExists', pathExists.path);
  if (pathAbsent) return of('pathAbsent', pathAbsent.path);
  if (tcpPortOpen)
    return of('tcpPortOpen', String(tcpPortOpen.port), String(secondsOf(tcpPortOpen.within ?? PORT_WITHIN)));
  throw new RangeError('a step that is none of the catalogue');
}

/** Of {@link aroundScript}: undefined for anything but its whole answer to exactly these steps. */
export function readAround(text: string, steps: readonly AroundStep[]): Around | undefined {
  const names = steps.map(wordsOf).map(({ name, subject }) => `${name} ${subject}`);
  const read = readParts(text, names);
  if (read === undefined) return undefined;
  const failed = read.parts.findIndex(({ verdict }) => verdict === 'Failed');
  const expected = failed < 0 ? names.length : failed + 1;
  if (read.parts.length !== expected) return undefined;
  const left = names.slice(expected).map(step => ({ step, verdict: 'NotTried' as const }));
  return { ...read, parts: [...read.parts, ...left] };
}

/** Of {@link startAgainScript}. */
export function readStartAgain(text: string, services: readonly string[]): Around | undefined {
  const read = readParts(
    text,
    services.map(name => `startService ${name}`),
  );
  return read?.parts.length === services.length ? read : undefined;
}

function readParts(text: string, names: readonly string[]): Around | undefined {
  const answer = readAnswer(text);
  const parts = answer && all(answer, 'part').map(({ words }, index) => partOf(names[index], words));
  if (answer === undefined || !parts?.every(part => part !== undefined)) return undefined;
  return { parts, failedUnits: failedUnitsOf(answer) };
}

function partOf(step: string | undefined, [verdict, words, ...more]: readonly string[]): PatchRunPart | undefined {
  const detail = decoded(words);
  if (step === undefined || detail === undefined || more.length > 0) return undefined;
  if (verdict !== 'Passed' && verdict !== 'Unneeded' && verdict !== 'Failed') return undefined;
  return { step, verdict, ...(detail !== '' && { detail: detail.slice(0, 200) }) };
}

/** The first that has failed, in words for a sentence; undefined: none has. */
export function failedPart({ parts }: Pick<Around, 'parts'>): string | undefined {
  const failed = parts.find(({ verdict }) => verdict === 'Failed');
  return failed && `${failed.step}: ${failed.detail ?? 'it failed'}`;
}
