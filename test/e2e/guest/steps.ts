import { randomBytes } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import type { Fence } from '../../../src/guest/run/fence.ts';
import { STEP_OUTPUT_BYTES, STEPS_FOLDER } from '../../../src/guest/run/scripts.ts';
import { nextOf, type Report } from '../../../src/guest/run/step.ts';
import { eventually } from '../../integration/support/eventually.ts';
import { BOOT, kubectl } from '../support/guests.ts';
import type { Hands } from '../support/hands.ts';
import type { GuestChapter } from './chapter.ts';

/** Where each step of this chapter leaves a line: what it did, it did as often as there are lines. */
const EFFECTS = '/var/lib/steward/effects';

export const steps: GuestChapter = {
  title: 'GE-8: a step in a real guest',
  tell: subject => {
    let hands: Hands;
    let fence: Fence;

    const asRoot = (command: string) => subject().guests.asRoot(subject().name, command);
    /** The guest never forgets an id: one of its own for each telling. */
    const telling = randomBytes(4).toString('hex');
    const idOf = (name: string) => `${name}-${telling}`;
    const counting = (name: string, more = '') => {
      const id = idOf(name);
      return { id, script: `echo ${id} >> ${EFFECTS}\n${more}` };
    };
    const effectsOf = (name: string) => asRoot(`grep -cx ${idOf(name)} ${EFFECTS} || true`);
    const reportOf = async (name: string, generation = fence.generation) =>
      (await hands.ask(idOf(name), generation)).report;
    const until = (name: string, report: Report | 'Overtaken') =>
      eventually(async () => expect(await reportOf(name)).toEqual(report), BOOT, 500);
    /** As a worker that has just taken the lease: no step of before is admitted any more. */
    const takeLease = async (generation: number) => {
      const { bootId } = await hands.ask(idOf('nothing'), generation);
      fence = { generation, bootId };
    };

    beforeAll(async () => {
      hands = await subject().guests.hands(subject().name);
      const known = await asRoot(`cat ${STEPS_FOLDER}/generation 2>/dev/null || echo 0`);
      await takeLease(Number(known) + 1);
    });

    test('runs on when the connection that began it is closed, and is found again with its result', async () => {
      await asRoot('mkfifo /run/gate');
      expect(await hands.begin(counting('survives', 'read line < /run/gate; exit 7'), fence)).toBe('Begun');
      await until('survives', { state: 'Running' });
      const group = await asRoot(`cat "/proc/$(systemctl show -P MainPID steward-step-${idOf('survives')})/cgroup"`);
      expect(group).toBe(`0::/system.slice/steward-step-${idOf('survives')}.service`);
      await asRoot('echo go > /run/gate; rm /run/gate');
      await until('survives', { state: 'Finished', exitCode: 7 });
      expect(await effectsOf('survives')).toBe('1');
    });

    test('begins once, however many starts come at once and afterwards', async () => {
      const starts = Array.from({ length: 6 }, () => hands.begin(counting('once'), fence));
      expect((await Promise.all(starts)).sort()).toEqual(['Begun', ...Array(5).fill('Known')]);
      await until('once', { state: 'Finished', exitCode: 0 });
      expect(await hands.begin(counting('once'), fence)).toBe('Known');
      expect(await effectsOf('once')).toBe('1');
    });

    test('of one who was overtaken does not begin', async () => {
      const old = fence;
      await takeLease(old.generation + 1);
      expect(await hands.begin(counting('overtaken'), old)).toBe('Refused');
      expect(await reportOf('overtaken', old.generation)).toBe('Overtaken');
      expect(await reportOf('overtaken')).toEqual({ state: 'Never' });
      expect(await effectsOf('overtaken')).toBe('0');
    });

    test('that somebody stops is told as gone, and leaves nothing running', async () => {
      await hands.begin(counting('stopped', 'tail -f /dev/null'), fence);
      await until('stopped', { state: 'Running' });
      await asRoot(`systemctl stop steward-step-${idOf('stopped')}`);
      await until('stopped', { state: 'Gone' });
      expect(await asRoot('pgrep -fx "tail -f /dev/null" || echo none')).toBe('none');
      expect(await hands.begin(counting('stopped'), fence)).toBe('Known');
    });

    test('keeps the first bytes of what it says, and all of them come through', async () => {
      await hands.begin({ id: idOf('talks'), script: "yes 'über' | head -c 3000000; echo >&2" }, fence);
      await until('talks', { state: 'Finished', exitCode: 0 });
      expect(await hands.output(idOf('talks'))).toEqual(
        Buffer.from('über\n'.repeat(30_000)).subarray(0, STEP_OUTPUT_BYTES),
      );
    });

    test('its secret is seen by nobody: no process, no journal, no log of the guest or of ours, no file', async () => {
      const sentinel = `sentinel-${randomBytes(8).toString('hex')}`;
      const script = 'read -r secret; mkfifo /run/gate; read -r line < /run/gate; printf %s "$secret" | wc -c';
      await hands.begin({ id: idOf('secret'), script, input: `${sentinel}\n` }, fence);
      await eventually(() => asRoot('test -p /run/gate'), BOOT, 500);
      // The pattern comes by standard input, lest the search find itself.
      const whileItRuns = await hands.run(searches(sentinel));
      await asRoot('echo go > /run/gate; rm /run/gate');
      await until('secret', { state: 'Finished', exitCode: 0 });
      const afterwards = await hands.run(searches(sentinel));
      expect(`${await hands.output(idOf('secret'))}`.trim()).toBe(`${sentinel.length}`);
      for (const { stdout, exitCode } of [whileItRuns, afterwards]) {
        expect(stdout.split('\n')).toEqual(expect.arrayContaining(['searched processes', 'searched files']));
        expect(stdout).not.toContain('FOUND');
        expect(exitCode).toBe(0);
      }
      const logs = await kubectl('-n', 'steward-system', 'logs', '-l', 'app.kubernetes.io/name=steward', '--tail=-1');
      expect(logs).not.toBe('');
      expect(logs).not.toContain(sentinel);
    });

    test('finds no disk to be written down on: it does not begin, and begins once there is room', async () => {
      await asRoot(`mount -t tmpfs -o size=64k small ${STEPS_FOLDER}`);
      try {
        await takeLease(fence.generation + 1);
        await asRoot(`head -c 1M /dev/zero > ${STEPS_FOLDER}/filler || true`);
        await expect(hands.begin(counting('nospace', `# ${'x'.repeat(9_000)}`), fence)).rejects.toThrow(
          'exit status 74',
        );
        await expect(reportOf('nospace', fence.generation + 1)).rejects.toThrow('exit status 74');
        await asRoot(`rm ${STEPS_FOLDER}/filler`);
        expect(await reportOf('nospace')).toEqual({ state: 'Never' });
        expect(await hands.begin(counting('nospace', `# ${'x'.repeat(9_000)}`), fence)).toBe('Begun');
        await until('nospace', { state: 'Finished', exitCode: 0 });
        expect(await effectsOf('nospace')).toBe('1');
      } finally {
        await asRoot(`umount ${STEPS_FOLDER}`);
      }
      await takeLease(fence.generation);
    });

    test.each([
      ['is shut down in good order', 'systemctl reboot; tail -f /dev/null'],
      ['loses its power', 'sync; echo b > /proc/sysrq-trigger'],
    ])('amid which the guest %s is told as cut off, and no start of before is admitted', async (how, end) => {
      const name = how.startsWith('loses') ? 'powercut' : 'reboot';
      const before = fence;
      const step = counting(name, end);
      // The guest may be gone before its answer has left it.
      expect(await hands.begin(step, before).catch(() => 'not heard of')).toMatch(/^(Begun|not heard of)$/);
      await eventually(
        async () => expect(await subject().guests.reachable(subject().name)).not.toBe(before.bootId),
        BOOT,
      );
      await takeLease(before.generation);
      expect(fence.bootId).not.toBe(before.bootId);
      const report = await reportOf(name);
      expect(report).toEqual({ state: 'Gone' });
      const next = nextOf({ phase: 'Claimed', fence: before }, fence, report as Report);
      expect(next).toMatchObject({ act: 'end', record: { verdict: { kind: 'CutOff' } } });
      for (const start of [before, fence]) expect(['Known', 'Refused']).toContain(await hands.begin(step, start));
      expect(await hands.begin(counting(`${name}-later`), before)).toBe('Refused');
      expect(await effectsOf(name)).toBe('1');
      expect(await effectsOf(`${name}-later`)).toBe('0');
    });
  },
};

/** A script that says FOUND, and where, for each place that shows the text; the text is no argument of it, lest it find itself. */
function searches(text: string): string {
  return `{
pattern() { cat <<'END'
${text}
END
}
search() { pattern | grep -aqF -D skip -r -f - "$1" 2>/dev/null && echo "FOUND in $1"; }
for file in /proc/[0-9]*/cmdline /proc/[0-9]*/environ; do search "$file"; done
echo searched processes
journalctl --flush
journalctl --all --output export > /run/exported-journal
for place in /run /tmp /root /var/log /var/tmp /var/lib/cloud /var/lib/steward; do search "$place"; done
rm /run/exported-journal
echo searched files
exit 0
}
`;
}
