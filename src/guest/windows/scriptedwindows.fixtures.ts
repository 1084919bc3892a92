/**
 * A fake of a Windows guest, behind a real SSH server: no PowerShell runs. It takes the command apart as Windows does (UTF-16LE in base64), reads the
 * four lines, tells our scripts by their texts, and answers in the forms that these describe from a few fields in memory. It shows that transport,
 * forms, reading and what is decided fit together, and what becomes of refusals. Whether the scripts do what they say, it does not show.
 */
import { randomUUID } from 'node:crypto';
import type { FakeUpdateAgent } from '../packages/updateagent.fixtures.ts';
import { WINDOWS_REBOOT } from '../packages/windowsupdatescripts.ts';
import type { Command } from '../transport/scriptedguest.fixtures.ts';
import { HEAL } from './healscript.ts';
import { LOOK } from './lookscript.ts';
import { POWERSHELL } from './powershell.ts';
import { ASK, BEGIN, OUTPUT, RUNNER } from './stepscripts.ts';

type Data = Readonly<Record<string, unknown>>;
type FakeStep = { readonly generation: number; exit?: number; running: boolean; output?: string };

/** What comes back of a command: by default the answer alone. */
export type Speech = { readonly stdout?: string | Buffer; readonly stderr?: string; readonly exitCode?: number };

export class FakeWindows {
  bootId: string = randomUUID();
  generation = 0;
  readonly steps = new Map<string, FakeStep>();
  /** Texts of the actions that have begun, and the secrets that came with them. */
  readonly begun: { readonly id: string; readonly action: string; readonly secret: string }[] = [];
  /** How each setting is found; default: as ordered. */
  readonly standing = new Map<string, { readonly standing: 'Differs' | 'Failed'; readonly found: string }>();
  /** What a look tells besides settings. */
  access: Data = { logins: [], foreign: [], noted: [] };
  /** Whether a step ends as soon as it has begun, and puts right what it is told to. */
  works = true;
  /** The update agent, where there is one. */
  updates: FakeUpdateAgent | undefined;
  /** Seconds since 1970. */
  clock: () => number = () => Math.floor(Date.now() / 1000);
  /** What is made of the answer on its way out: noise, refusals. */
  speech: (line: string) => Speech = line => ({ stdout: line });

  /** What sshd does with a command. */
  readonly run = ({ command, input, channel }: Command): void => {
    void input.then(text => {
      const { stdout = '', stderr = '', exitCode = 0 } = this.speech(this.#answer(command, text));
      channel.write(stdout);
      channel.stderr.write(stderr);
      channel.exit(exitCode);
      channel.end();
    });
  };

  /** Another boot: what ran is gone. The disk keeps what it has. */
  reboot(): void {
    this.bootId = randomUUID();
    for (const step of this.steps.values()) step.running = false;
    this.updates?.boot();
  }

  #answer(command: string, input: string): string {
    if (command !== POWERSHELL)
      return `'${command.split(' ')[0]}' is not recognized as an internal or external command,\r\n`;
    const [script, data, secret, end, ...rest] = input.split('\n');
    if (end !== 'end' || rest.join('') !== '') return '';
    const plain = (text = ''): string => Buffer.from(text, 'base64').toString('utf8');
    const given = JSON.parse(plain(data)) as Data;
    const answer = this.#said(plain(script), given, secret === '-' ? '' : plain(secret));
    return `${given.nonce} ${Buffer.from(JSON.stringify(answer)).toString('base64')}\r\n`;
  }

  #said(script: string, data: Data, secret: string): Data {
    switch (script) {
      case ASK:
        return this.#asked(String(data.id), Number(data.generation));
      case BEGIN:
        return this.#beginning(data, secret);
      case OUTPUT:
        return { output: Buffer.from(this.steps.get(String(data.id))?.output ?? '').toString('base64') };
      case LOOK:
        return this.#looked(data);
      default:
        throw new Error('this is none of our scripts');
    }
  }

  #asked(id: string, generation: number): Data {
    const boot = this.bootId;
    if (generation < this.generation) return { boot, state: 'Overtaken' };
    this.generation = generation;
    const step = this.steps.get(id);
    if (step === undefined) return { boot, state: 'Never' };
    if (step.exit !== undefined) return { boot, state: 'Finished', exit: step.exit };
    return { boot, state: step.running ? 'Running' : 'Gone' };
  }

  #beginning({ id, generation, bootId, action, runner, ...data }: Data, secret: string): Data {
    const { forgets, remembered, from, until } = data;
    const boot = this.bootId;
    if (Number(generation) < this.generation || bootId !== boot) return { boot, begun: 'Refused' };
    const now = this.clock();
    if (now < Number(from) || (until !== 0 && now >= Number(until))) return { boot, begun: 'Refused' };
    if (this.steps.has(String(id))) return { boot, begun: 'Known' };
    if (runner !== RUNNER) throw new Error('this is not our runner');
    for (const [old, step] of this.steps) {
      const kept = forgets !== true || (remembered as string[]).includes(old) || step.running;
      if (!kept && step.generation < Number(generation)) this.steps.delete(old);
    }
    const restarts = action === WINDOWS_REBOOT;
    const output = this.works ? this.updates?.answer(String(action)) : undefined;
    this.steps.set(String(id), {
      generation: Number(generation),
      running: !this.works,
      ...(this.works && !restarts && { exit: 0 }),
      ...(output !== undefined && { output }),
    });
    this.begun.push({ id: String(id), action: String(action), secret });
    if (restarts && this.works) this.reboot();
    if (this.works) for (const setting of healed(String(action))) this.standing.delete(setting);
    return { boot, begun: 'Begun' };
  }

  #looked({ accounts, former }: Data): Data {
    const named = (accounts as { readonly name: string }[]).flatMap(({ name }) => [
      `account:${name}`,
      `administrator:${name}`,
    ]);
    const names = ['disk', 'accounts', ...named, ...(former as string[]).map(name => `former:${name}`)];
    const settings = [...names, 'access', 'agent', 'time', 'exporter', 'sensors', 'updater'].map(name => ({
      name,
      ...(this.standing.get(name) ?? { standing: 'Kept', found: '' }),
    }));
    return { boot: this.bootId, settings, ...this.access };
  }
}

/** The settings that a heal is for. */
function healed(action: string): readonly string[] {
  const [, encoded = ''] = /FromBase64String\('([A-Za-z0-9+/=]*)'\)/.exec(action) ?? [];
  if (!action.endsWith(HEAL)) return [];
  return (JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as { settings: string[] }).settings;
}
