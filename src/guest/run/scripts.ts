import { word } from '../word.ts';
import type { Fence } from './fence.ts';
import { readBeginning, readOutput, readSaid, readUnrecorded } from './saying.ts';
import type { Step, StepScripts } from './stepscripts.ts';

/** Where the guest keeps what it was told to do: only root reads it. */
export const STEPS_FOLDER = '/var/lib/steward/steps';

/** Most that is kept of what a step says, in bytes: in base64 it still fits into what a session keeps of one command. */
export const STEP_OUTPUT_BYTES = 128 * 1024;

/**
 * How a step is set going so that neither our connection nor our login takes it along: `$1` is the unit, `$2` the program. One that is being
 * ended still runs, and so does one that systemd says nothing about.
 */
export const SYSTEMD_RUN =
  'launch() { systemd-run --quiet --collect --unit="$1" --property=KillMode=mixed /bin/sh "$2"; }\n' +
  'runs() { case "$(systemctl is-active "$1")" in inactive|failed|unknown) return 1;; esac; }';

/** Where the scripts work; others than these only in their own tests. */
export type Ground = { readonly folder: string; readonly launcher: string };
const GUEST: Ground = { folder: STEPS_FOLDER, launcher: SYSTEMD_RUN };

/** Steps of Linux guests: sh, with systemd as the launcher. A step has its `input` on its standard input. */
export function shellSteps(ground = GUEST): StepScripts {
  return {
    folder: ground.folder,
    ask: (id, generation, nonce) => askScript(id, generation, nonce, ground),
    begin: (step, fence, nonce) => beginScript(step, fence, nonce, ground),
    readAsked: ({ stdout, exitCode }, nonce) => readSaid(stdout, nonce) ?? readUnrecorded(exitCode),
    readBegun: ({ stdout, exitCode }, nonce) => readBeginning(stdout, nonce) ?? readUnrecorded(exitCode),
    output: (id, nonce) => outputScript(id, nonce, ground),
    readOutput: ({ stdout, truncated }, nonce) => (truncated ? undefined : readOutput(stdout, nonce)),
  };
}

/**
 * Raises the guest's fence to `generation`, then says what it knows of the step: one line, `<nonce> <boot id> <state> [exit status]`, with the
 * states of {@link Report}, or `<nonce> <boot id> Overtaken` where a later holder was here. The nonce tells our line from what a login shell says.
 * It says nothing, and exits with 73 to 75, where the guest could not write it down.
 * Throws RangeError for an id or a nonce that could be anything but a word.
 */
export function askScript(id: string, generation: number, nonce: string, ground = GUEST): string {
  return script([
    ...prelude(word(id), generation, word(nonce), ground),
    '[ "$generation" -ge "$known" ] || say Overtaken',
    // A power cut may lose the file: then the guest has booted since, and no start of before is admitted.
    'printf %s "$generation" > generation.new && mv -f generation.new generation || exit 74',
    'rm -rf "$id.new"',
    '[ -d "$id" ] || say Never',
    '[ ! -s "$id/exit" ] || say "Finished $(cat "$id/exit")"',
    'if runs "$unit"; then say Running; fi',
    // It may have ended between the two questions. A result without a word is none: the power went, or the disk was full.
    '[ ! -s "$id/exit" ] || say "Finished $(cat "$id/exit")"',
    'rm -f "$id/input"',
    'say Gone',
  ]);
}

/**
 * Begins the step once, where the guest admits the fence (`admits`) and it may begin now: says `Begun`, `Refused`, or `Known` where it has begun before.
 * It says nothing, and exits with 73 to 75, where the guest could not write the step down whole: then it has not begun.
 * What it forgets of old steps no start can begin again: each was admitted at a lower generation than the guest has seen since.
 * Throws RangeError as {@link askScript}.
 */
export function beginScript(step: Step, fence: Fence, nonce: string, ground = GUEST): string {
  return script([
    ...prelude(word(step.id), fence.generation, word(nonce), ground),
    `[ "$generation" -ge "$known" ] && [ "$boot" = ${word(fence.bootId)} ] || say Refused`,
    ...(step.within === undefined ? [] : [within(step.within)]),
    '[ ! -e "$id" ] || say Known',
    ...(step.remembered === undefined ? [] : forget(step.remembered)),
    'fail() { rm -rf "$id.new"; exit 74; }',
    'rm -rf "$id.new" && mkdir "$id.new" || fail',
    ...fileOf('action', step.script),
    ...fileOf('input', step.input ?? ''),
    ...fileOf('run', runner(step.id, ground)),
    'printf %s "$generation" > "$id.new/generation" || fail',
    'mv "$id.new" "$id" || fail',
    'launch "$unit" "$PWD/$id/run" 9>&- >/dev/null 2>&1',
    'say Begun',
  ]);
}

/** The first bytes of what the step said, in base64 so that nothing of it is mistaken for anything else. */
export function outputScript(id: string, nonce: string, ground = GUEST): string {
  const folder = `${ground.folder}/${word(id)}`;
  return script([`printf '%s ' ${word(nonce)}; head -c ${STEP_OUTPUT_BYTES} ${folder}/output | base64 -w0; echo`]);
}

/** A shell reads a group to its end before it does anything: a script of which only a part arrived does nothing. */
function script(lines: readonly string[]): string {
  return ['{', ...lines, 'exit 0', '}', ''].join('\n');
}

function prelude(id: string, generation: number, nonce: string, { folder, launcher }: Ground): readonly string[] {
  return [
    // What the customer's root has put into the environment does not choose our programs.
    'PATH=/usr/sbin:/usr/bin:/sbin:/bin; export PATH; umask 077; set -u',
    launcher,
    `id=${id}; generation=${whole(generation)}; unit="steward-step-$id"`,
    'boot=$(cat /proc/sys/kernel/random/boot_id)',
    `say() { echo "${nonce} $boot $1"; exit 0; }`,
    `mkdir -p ${folder} && cd ${folder} || exit 73`,
    'exec 9>lock && flock -w 20 9 || exit 75',
    'known=$(cat generation 2>/dev/null || echo 0)',
    'case "$known" in ""|*[!0-9]*) known=0;; esac',
  ];
}

/** Removes what is left of steps that the record has forgotten, that run no more, and that a holder of before began. */
function forget(remembered: readonly string[]): readonly string[] {
  return [
    'for old in */; do',
    `old=\${old%/}`,
    `case " ${remembered.map(word).join(' ')} " in *" $old "*) continue;; esac`,
    'began=$(head -c 20 "$old/generation" 2>/dev/null) || continue',
    'case "$began" in ""|*[!0-9]*) continue;; esac',
    'if [ "$began" -lt "$generation" ] && ! ( id=$old; runs "steward-step-$old" ); then rm -rf "$old"; fi',
    'done',
  ];
}

/** Keeps the first bytes of what the step says, and writes its exit status last and whole. */
function runner(id: string, { folder }: Ground): string {
  return [
    `cd ${folder}/${id} || exit 73`,
    'umask 077',
    // Nobody else can open it any more, and nothing is left of it however the step ends.
    'exec 3< input && rm -f input || exit 74',
    `{ /bin/sh action <&3 3<&-; echo $? > exit.new; } 2>&1 | { head -c ${STEP_OUTPUT_BYTES} > output; cat > /dev/null; }`,
    '[ -s exit.new ] && mv exit.new exit',
    '',
  ].join('\n');
}

/** The file as base64: no text can end it early, and none is an argument of a program. On a full disk a part of it is not run. */
function fileOf(name: string, text: string): readonly string[] {
  const lines =
    Buffer.from(text)
      .toString('base64')
      .match(/.{1,76}/g) ?? [];
  return [`base64 -d > "$id.new/${name}" <<'END' || fail`, ...lines, 'END'];
}

function within({ from, until }: NonNullable<Step['within']>): string {
  return `now=$(date +%s); [ "$now" -ge ${seconds(from)} ] && [ "$now" -lt ${seconds(until)} ] || say Refused`;
}

function seconds(time: Date): string {
  return whole(Math.floor(time.getTime() / 1000));
}

function whole(generation: number): string {
  if (Number.isSafeInteger(generation) && generation >= 0) return String(generation);
  throw new RangeError('a generation or a time is a whole number');
}
