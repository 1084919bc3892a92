/** A folder that plays a guest: its settings are files, what is done in it is counted, and /bin/sh is really run. */
import { spawn } from 'node:child_process';
import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GuestRemedy } from '../../../src/api/remedy.ts';
import type { HandSettings } from '../../../src/controllers/gueststate/hands.ts';
import type { ScanSettings } from '../../../src/controllers/gueststate/scancontroller.ts';
import type { DesiredGuest } from '../../../src/domain/guest/desired.ts';
import type { Look, SettingFound } from '../../../src/domain/guest/look.ts';
import { apt } from '../../../src/guest/packages/apt.ts';
import { LAUNCHER as launcher } from '../../../src/guest/run/launcher.fixtures.ts';
import { shellSteps } from '../../../src/guest/run/scripts.ts';
import type { SettingScripts } from '../../../src/guest/tongue.ts';
import type { Command } from '../../../src/guest/transport/scriptedguest.fixtures.ts';

const SETTINGS = ['exporter', 'updater'];
const FORMER = 'former:';
const formerSetting = (name: string): string => `${FORMER}${name}`;

/** What a worker runs in the folder. A look is a shell's, and so is a heal; both are much smaller than the real ones. */
export function folderHands(folder: string): Omit<HandSettings, 'port'> {
  return {
    tongueOf: () => ({
      command: '/bin/sh',
      steps: shellSteps({ folder: join(folder, 'steps'), launcher }),
      settings: settingScripts(folder),
      remedyScript: remedy => remedyScript(folder, remedy),
      refusal: () => '',
    }),
  };
}

function settingScripts(folder: string): SettingScripts {
  return {
    namesOf: ({ former }) => [...SETTINGS, ...former.map(formerSetting)],
    lookScript: ({ former }, nonce) =>
      [
        `cd ${folder} || exit 1`,
        'echo look >> looks',
        `echo "${nonce} boot $(cat /proc/sys/kernel/random/boot_id)"`,
        `for file in settings/*; do echo "${nonce} $file $(cat "$file")"; done`,
        ...former.map(
          name =>
            `echo "${nonce} settings/${formerSetting(name)} $([ -e notes/${name} ] && echo Differs || echo Kept)"`,
        ),
        `for file in notes/*; do if [ -e "$file" ]; then echo "${nonce} $file"; fi; done`,
      ].join('\n'),
    readLook,
    // A step that is held goes on when the gate opens.
    healScript: (_, settings) =>
      [
        `cd ${folder} || exit 1`,
        'echo begun >> begun',
        'if [ -p gate ]; then read line < gate; fi',
        ...settings.map(setting =>
          setting.startsWith(FORMER) ? `rm notes/${setting.slice(FORMER.length)}` : `echo Kept > settings/${setting}`,
        ),
      ].join('\n'),
  };
}

/** A service is a file that says whether it runs. A step that is held goes on when the gate opens. */
function remedyScript(folder: string, { unit = '' }: GuestRemedy): string {
  return [
    `cd ${folder}/services || exit 1`,
    `if [ "$(cat ${unit})" = up ]; then echo "remedy: ${unit} runs"; exit 10; fi`,
    'echo begun >> ../begun',
    'if [ -p ../gate ]; then read line < ../gate; fi',
    `echo up > ${unit}; echo "remedy: ${unit} was started"`,
  ].join('\n');
}

/** The guest's package manager: a file says what it answers, at once. A question that is held goes on when the gate opens. */
export function folderScans(folder: string): ScanSettings {
  const scanScript = () => `cd ${folder} || exit 1\nif [ -p gate ]; then read line < gate; fi\ncat updates\n`;
  const ground = { folder: join(folder, 'steps'), launcher };
  return { familyOf: () => ({ ...apt, scanScript }), times: { firstMs: 0 }, ground };
}

function readLook(output: string, nonce: string, { former }: DesiredGuest): Look | undefined {
  const lines = output.split('\n').filter(line => line.startsWith(`${nonce} `));
  const rows = lines.map(line => line.slice(nonce.length + 1).split(' '));
  const bootId = rows.find(([word]) => word === 'boot')?.[1];
  if (bootId === undefined) return undefined;
  const settings = rows
    .filter(([word]) => word?.startsWith('settings/'))
    .map(([word = '', standing = '']): SettingFound => {
      const setting = word.slice('settings/'.length);
      return standing === 'Kept'
        ? { setting, standing, found: '' }
        : { setting, standing: 'Differs', found: `found ${standing}` };
    });
  const steward = { name: 'steward', login: true, administrator: true, keys: ['SHA256:provider'] };
  const notes = rows.flatMap(([word = '']) => (word.startsWith('notes/') ? [word.slice('notes/'.length)] : []));
  const noted = notes.filter(name => !former.includes(name));
  return { bootId, settings, access: [steward], foreign: [], noted, applications: [] };
}

/** The guest's side of it. */
export class GuestFolder {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async in(folder: string, settings: readonly (typeof SETTINGS)[number][] = []): Promise<GuestFolder> {
    await mkdir(join(folder, 'settings'), { recursive: true });
    const guest = new GuestFolder(folder);
    for (const setting of settings) await guest.set(setting, 'Differs');
    return guest;
  }

  set(setting: string, standing: 'Kept' | 'Differs'): Promise<void> {
    return writeFile(join(this.folder, 'settings', setting), `${standing}\n`);
  }

  /** Notes that Steward has given an account, as it does in a guest. */
  async note(name: string): Promise<void> {
    await mkdir(join(this.folder, 'notes'), { recursive: true });
    await writeFile(join(this.folder, 'notes', name), '');
  }

  /** What its package manager answers from now on. */
  async updates(answer: string): Promise<void> {
    await writeFile(join(this.folder, 'updates'), answer);
  }

  /** Whether a service runs. */
  async service(name: string, runs: 'up' | 'down'): Promise<void> {
    await mkdir(join(this.folder, 'services'), { recursive: true });
    await writeFile(join(this.folder, 'services', name), `${runs}\n`);
  }

  async serviceRuns(name: string): Promise<boolean> {
    return (await readFile(join(this.folder, 'services', name), 'utf8')).trim() === 'up';
  }

  async notes(): Promise<string[]> {
    return readdir(join(this.folder, 'notes'));
  }

  async standing(setting: string): Promise<string> {
    return (await readFile(join(this.folder, 'settings', setting), 'utf8')).trim();
  }

  /** How often a step has begun, and how often somebody has looked. */
  begun(): Promise<number> {
    return this.#lines('begun');
  }

  looks(): Promise<number> {
    return this.#lines('looks');
  }

  /** Steps that begin from now on wait until the gate is opened. */
  async close(): Promise<void> {
    await this.#shell('mkfifo gate');
  }

  async open(): Promise<void> {
    await this.#shell('echo go > gate; rm gate');
  }

  /** What sshd does with a command: here a shell of this machine, whatever shell it asks for. */
  readonly run = ({ input, channel }: Command): void => {
    const shell = spawn('/bin/sh', [], { cwd: this.folder, stdio: 'pipe' });
    void input.then(text => shell.stdin.end(text));
    shell.stdin.on('error', () => {});
    shell.stdout.pipe(channel, { end: false });
    shell.stderr.pipe(channel.stderr, { end: false });
    shell.on('close', code => {
      channel.exit(code ?? 1);
      channel.end();
    });
  };

  async #lines(file: string): Promise<number> {
    await appendFile(join(this.folder, file), '');
    return (await readFile(join(this.folder, file), 'utf8')).split('\n').length - 1;
  }

  #shell(script: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const shell = spawn('/bin/sh', ['-c', script], { cwd: this.folder, stdio: 'ignore' });
      shell.on('close', code => (code === 0 ? resolve() : reject(new Error(`${script} ended with ${code}`))));
    });
  }
}
