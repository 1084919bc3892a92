/** The real worker, and guests whose root wants it to fall: the fake is their sshd alone, which says what it likes. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guestState } from '../../src/api/gueststate.ts';
import { scriptedLook } from '../../src/guest/settings/scriptedlook.fixtures.ts';
import {
  type Command,
  newKeys,
  type ScriptedGuest,
  startScriptedGuest,
} from '../../src/guest/transport/scriptedguest.fixtures.ts';
import type { Any } from './support/api.ts';
import { eventually } from './support/eventually.ts';
import { GuestBed, type WorkerProcess } from './support/guestbed.ts';

const NAMESPACE = 'hostile';
/** A word that only guests say: wherever it turns up, a guest has been quoted. */
const SENTINEL = 'o6wned';
const EVIL = `\u001b]0;${SENTINEL}\u0007\u001b[2J\u0000\u202e"{{${SENTINEL}}}`;
const base64 = (text: string) => Buffer.from(text).toString('base64');

function answering(text: (script: string) => string): (command: Command) => void {
  return ({ input, channel }) =>
    void input.then(script => {
      channel.stderr.write(EVIL);
      channel.write(text(script));
      channel.exit(0);
      channel.end();
    });
}

function flood({ channel }: Command): void {
  const megabyte = Buffer.alloc(1024 * 1024, EVIL);
  let left = 1024;
  const pour = () => {
    while (left > 0 && channel.writable) {
      left -= 1;
      if (!channel.write(megabyte)) return void channel.once('drain', pour);
    }
  };
  channel.on('error', () => {});
  pour();
}

const logins = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'].map(name => `login ${name} yes yes -`);
const foreign = [`foreign Account ${base64('__proto__')} ${base64(EVIL)} 99999999999`];

const GUESTS: Readonly<Record<string, { readonly run: (command: Command) => void; readonly outcome: string }>> = {
  honest: { run: answering(script => scriptedLook(script, 'kept -')), outcome: 'Reached' },
  liar: { run: answering(script => scriptedLook(script, 'kept -', [...logins, ...foreign])), outcome: 'Reached' },
  differs: { run: answering(script => scriptedLook(script, `differs ${base64(EVIL)}`)), outcome: 'Reached' },
  // A DNS label, and what every object of JavaScript has.
  constructor: { run: answering(() => EVIL.repeat(1000)), outcome: 'NotUnderstood' },
  bomb: { run: answering(() => `{"${SENTINEL}":${'['.repeat(200_000)}`), outcome: 'NotUnderstood' },
  flood: { run: flood, outcome: 'TooMuchOutput' },
  silent: { run: () => {}, outcome: 'TimedOut' },
};

let guests: GuestBed;
let sshd: ScriptedGuest;
let worker: WorkerProcess;

beforeAll(async () => {
  guests = await GuestBed.start();
  const host = newKeys();
  const runs = new Map<string, (command: Command) => void>();
  sshd = await startScriptedGuest({
    hostKey: host,
    admits: key => runs.has(key),
    run: command => runs.get(command.key)?.(command),
  });
  await guests.api.namespace(NAMESPACE);
  worker = await guests.worker(sshd.port, {}, join(import.meta.dirname, '../../src/main.ts'));
  for (const [name, { run }] of Object.entries(GUESTS)) {
    const provider = newKeys();
    runs.set(provider.publicKey.split(' ')[1] ?? '', run);
    await guests.guest(NAMESPACE, name, { provider, host });
  }
});
afterAll(async () => {
  await sshd?.close();
  await guests?.stop();
});

/** Every text in a value that came as JSON, the names of its fields included. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => [name, ...textsIn(item)]);
}

const outcomeOf = (found: Any): string | undefined => found?.status?.contact?.outcome;
const records = (): Promise<Any[]> => guests.api.list(guestState, NAMESPACE);

describe('guests whose root is hostile (Must show 5)', () => {
  test('one that hangs holds up no other', async () => {
    await eventually(async () => expect(outcomeOf(await guests.record(NAMESPACE, 'honest'))).toBe('Reached'), 30_000);
    // It may have been looked at before it had an instance.
    expect(outcomeOf(await guests.record(NAMESPACE, 'silent')) ?? 'PoweredOff').toBe('PoweredOff');
  });

  test('each is told for what it does, and the worker stays up, small and ready', async () => {
    const expected = Object.fromEntries(Object.entries(GUESTS).map(([name, { outcome }]) => [name, outcome]));
    await eventually(async () => {
      const outcomes = (await records()).map(found => [found.metadata.name, outcomeOf(found)]);
      expect(Object.fromEntries(outcomes)).toEqual(expected);
    }, 110_000);
    expect(worker.child.exitCode).toBeNull();
    const status = await readFile(`/proc/${worker.child.pid}/status`, 'utf8');
    const [, peak = '0'] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
    console.log(`peak memory of the worker: ${Math.round(Number(peak) / 1024)} MiB`);
    expect(Number(peak) / 1024).toBeLessThan(300);
  });

  test('nothing that they say is in a status, an event, a log or a metric with a control character, or as a name of ours', async () => {
    const liar = await guests.record(NAMESPACE, 'liar');
    expect(liar.status.access.map(({ name }: Any) => name)).toEqual([
      ...['__proto__', 'constructor', 'hasOwnProperty', 'toString'],
    ]);
    const events = await guests.kubectl(['get', 'events.events.k8s.io', '-A', '-o', 'json']);
    const texts = [...(await records()), JSON.parse(events)].flatMap(textsIn);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be there
    const unescaped = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;
    expect(texts.filter(text => unescaped.test(text))).toEqual([]);
    expect(
      texts.some(text => text.includes(SENTINEL)),
      'they are quoted, in bounded words',
    ).toBe(true);
    expect(await readFile(worker.logFile, 'utf8')).not.toMatch(unescaped);
    const metrics = await (await fetch(worker.metricsURL)).text();
    expect(metrics).toContain('steward_guests{contact="TooMuchOutput"} 1');
    expect(metrics).not.toMatch(unescaped);
    expect(metrics).not.toContain(SENTINEL);
  });
});
