import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { carryOut, type Progress } from '../run/carryout.ts';
import type { Fence } from '../run/fence.ts';
import type { StepRecord } from '../run/step.ts';
import type { Step } from '../run/stepscripts.ts';
import { DEFAULT_LIMITS } from '../transport/limits.ts';
import { type ScriptedGuest, startScriptedGuest } from '../transport/scriptedguest.fixtures.ts';
import { type Answer, Session } from '../transport/session.ts';
import { POWERSHELL } from './powershell.ts';
import { FakeWindows, type Speech } from './scriptedwindows.fixtures.ts';
import { windowsSteps } from './steps.ts';

/** One connection for all, to whichever fake is there now. */
let windows: FakeWindows;
let server: ScriptedGuest;
let session: Session;
beforeAll(async () => {
  server = await startScriptedGuest({ run: command => windows.run(command) });
  session = await Session.open(server.dial, server.login, DEFAULT_LIMITS);
});
afterAll(async () => {
  session.close();
  await server.close();
});

const step: Step = { id: 'configure-7', script: "'done'", input: 'sentinel-4711' };
const NONCE = 'n0nce';

/** A fake Windows guest behind a real SSH server, and one who works in it by the production code, with a record. */
function newGuest() {
  windows = new FakeWindows();
  const script = (text: string): Promise<Answer> => session.run(POWERSHELL, text);
  const kept: { record?: StepRecord } = {};
  let count = 0;
  const world = {
    ...{ script, steps: windowsSteps, nonce: () => `n0nce-${++count}` },
    write: async (record: StepRecord) => {
      kept.record = record;
    },
  };
  return {
    kept,
    carry: (generation: number, one = step): Promise<Progress> => carryOut(one, generation, kept.record, world),
    begin: async (fence: Fence, one = step) =>
      windowsSteps.readBegun(await script(windowsSteps.begin(one, fence, NONCE)), NONCE),
  };
}

describe('a step in a Windows guest', () => {
  it('is claimed, begins once with its secret, and ends with its exit status (GE-8)', async () => {
    const { carry, kept } = newGuest();
    expect(await carry(7)).toMatchObject({ state: 'Ended', verdict: { kind: 'Finished', exitCode: 0 } });
    expect(await carry(7)).toMatchObject({ state: 'Ended', verdict: { kind: 'Finished', exitCode: 0 } });
    expect(windows.begun).toEqual([{ id: step.id, action: step.script, secret: step.input }]);
    expect(kept.record).toMatchObject({ phase: 'Ended', fence: { generation: 7, bootId: windows.bootId } });
  });

  it('that runs is found again by another, who begins nothing', async () => {
    const { carry } = newGuest();
    windows.works = false;
    expect(await carry(7)).toEqual({ state: 'Running' });
    expect(await carry(8)).toEqual({ state: 'Running' });
    expect(await carry(7)).toEqual({ state: 'Overtaken' });
    expect(windows.begun).toHaveLength(1);
  });

  it('that was cut off by a reboot is told as such, and never begins again', async () => {
    const { carry } = newGuest();
    windows.works = false;
    await carry(7);
    windows.reboot();
    expect(await carry(7)).toMatchObject({ state: 'Ended', verdict: { kind: 'CutOff' } });
    expect(windows.begun).toHaveLength(1);
  });

  it('is not begun again in a guest that was rolled back, and has forgotten it', async () => {
    const { carry } = newGuest();
    windows.works = false;
    await carry(7);
    windows.reboot();
    windows.steps.clear();
    windows.generation = 0;
    expect(await carry(8)).toMatchObject({ state: 'Ended', verdict: { kind: 'Unknown' } });
    expect(windows.begun).toHaveLength(1);
  });

  it('is refused at a lower generation and in another boot, and known where it has begun', async () => {
    const { carry, begin } = newGuest();
    await carry(7);
    const { bootId } = windows;
    expect(await begin({ generation: 7, bootId })).toBe('Known');
    expect(await begin({ generation: 6, bootId }, { ...step, id: 'a' })).toBe('Refused');
    windows.reboot();
    expect(await begin({ generation: 7, bootId }, { ...step, id: 'a' })).toBe('Refused');
    expect(windows.begun).toHaveLength(1);
  });

  it('leaves nothing behind once the record has forgotten it', async () => {
    const { carry, kept } = newGuest();
    await carry(7);
    delete kept.record;
    await carry(8, { ...step, id: 'configure-8', remembered: [] });
    expect([...windows.steps.keys()]).toEqual(['configure-8']);
  });

  it.each(['NoFolder', 'NotWritable', 'Locked', 'NotStarted'] as const)(
    'has not begun where the guest says that it could not: %s',
    async why => {
      const { carry } = newGuest();
      windows.speech = line => ({ stdout: line.replace(/ .*/, ` ${encoded({ unrecorded: why })}`) });
      expect(await carry(7)).toEqual({ state: 'NotRecorded', why });
    },
  );

  const noise = '#< CLIXML\r\n<Objs Version="1.1.0.1"><Obj S="progress" RefId="0"></Obj></Objs>';
  it.each<[string, (line: string) => Speech]>([
    ['records of progress on standard error', line => ({ stdout: line, stderr: noise })],
    ['a banner of cmd', line => ({ stdout: `Microsoft Windows [Version 10.0.20348.1]\r\n\r\nC:\\>\r\n${line}` })],
    ['the mark of an encoding', line => ({ stdout: `\uFEFF${line}` })],
    ['a banner of 100 kB', line => ({ stdout: `${'welcome '.repeat(100)}\r\n`.repeat(125) + line })],
    ['an exit status that a shell in between has changed', line => ({ stdout: line, exitCode: 1 })],
  ])('is understood around %s', async (_, speech) => {
    const { carry } = newGuest();
    windows.speech = speech;
    expect(await carry(7)).toMatchObject({ state: 'Ended' });
  });

  it.each<[string, (line: string) => Speech]>([
    ['nothing', () => ({})],
    ['that access is denied', () => ({ stderr: 'steward: Access is denied.\r\n', exitCode: 70 })],
    ['that PowerShell is disabled', () => ({ stderr: 'This program is blocked by group policy.', exitCode: 1 })],
    ['that the language is constrained', () => ({ stdout: 'steward-refused ConstrainedLanguage\r\n', exitCode: 66 })],
    ['UTF-16', line => ({ stdout: Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(line, 'utf16le')]) })],
    ['half an answer', line => ({ stdout: line.slice(0, line.length / 2) })],
    ['two answers', line => ({ stdout: line + line })],
    ['a banner of megabytes', line => ({ stdout: 'x'.repeat(3 * 1024 * 1024) + line })],
    ['an answer of another form', line => ({ stdout: line.replace(/ .*/, ` ${encoded({ state: 'Never' })}`) })],
    ['a boot that is none', line => ({ stdout: line.replace(/ .*/, ` ${encoded({ boot: 'x', state: 'Never' })}`) })],
    [
      'more than was asked',
      line => ({ stdout: line.replace(/ .*/, ` ${encoded({ boot: crypto.randomUUID(), state: 'Never', exit: 0 })}`) }),
    ],
  ])('is not known of where the guest says %s, and nothing begins', async (_, speech) => {
    const { carry } = newGuest();
    windows.speech = speech;
    await expect(carry(7)).rejects.toMatchObject({ reason: 'NotUnderstood' });
    expect(windows.begun).toEqual([]);
  });

  it.each(['../x', 'A', '', "a'b", 'a b', 'a\nb', 'a'.repeat(64)])('has no id such as %j', id => {
    const fence = { generation: 1, bootId: '11111111-1111-4111-8111-111111111111' };
    expect(() => windowsSteps.ask(id, 1, NONCE)).toThrow(RangeError);
    expect(() => windowsSteps.begin({ ...step, id }, fence, NONCE)).toThrow(RangeError);
    expect(() => windowsSteps.begin({ ...step, remembered: [id] }, fence, NONCE)).toThrow(RangeError);
    expect(() => windowsSteps.ask('a', 1, id)).toThrow(RangeError);
  });
});

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64');
}
