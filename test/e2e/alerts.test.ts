import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../integration/support/eventually.ts';
import { BOOT, Guests, kubectl } from './support/guests.ts';

/** Milliseconds: the agent has 15 min of grace and the alerts wait 5 to 10 min; then come evaluation and a busy machine. */
const ALARM = 25 * 60_000;

let guests: Guests;

beforeAll(async () => {
  guests = await Guests.in('alarms');
  const names = ['mute', 'full', 'idle', 'killed'];
  for (const name of names) await guests.order(name, { services: ['systemd-resolved'] });
  for (const name of names) {
    await guests.booted(name);
    await guests.reads(name, { Monitored: 'True/PrometheusWatches' });
    await guests.reachable(name);
  }
}, 2 * BOOT);

afterAll(() => guests?.close());

/**
 * What goes wrong in each guest, the alert it must raise in Alertmanager, and how it is cured. All are broken at once, so
 * that the alerts' own delays (5 to 10 min) pass together.
 */
const troubles = [
  {
    name: 'mute',
    promise: 'MO-12: a guest agent that stopped',
    breaks: () => guests.asRoot('mute', 'systemctl stop qemu-guest-agent'),
    condition: { AgentConnected: 'False/AgentNotConnected' },
    alert: 'ManagedVMAgentLost',
    cures: () => guests.asRoot('mute', 'systemctl start qemu-guest-agent'),
  },
  {
    name: 'full',
    promise: 'MO-12: a file system that is full',
    breaks: () => guests.asRoot('full', fill),
    condition: {},
    alert: 'ManagedVMFileSystemFull',
    cures: () => guests.asRoot('full', 'rm /var/ballast; sync'),
  },
  {
    name: 'idle',
    promise: 'MO-12: a service that stopped',
    breaks: () => guests.asRoot('idle', 'systemctl stop systemd-resolved'),
    condition: {},
    alert: 'ManagedVMServiceNotRunning',
    cures: () => guests.asRoot('idle', 'systemctl start systemd-resolved'),
  },
];

/** Leaves 1 % of the root file system. */
const fill = 'fallocate -l $(df -B1 --output=avail,size / | awk \'END {printf "%d", $1 - $2 / 100}\') /var/ballast';

describe('MO-5: trouble in a guest reaches Alertmanager, and its cure clears it', () => {
  beforeAll(async () => {
    for (const { breaks } of troubles) await breaks();
  }, BOOT);

  test.each(troubles)('$promise raises $alert', async ({ name, condition, alert }) => {
    await guests.reads(name, condition, ALARM);
    await eventually(async () => expect(await guests.alertsOf(name)).toContain(alert), ALARM);
  });

  test.each(troubles)('$promise, cured, ends $alert', async ({ name, alert, cures }) => {
    await cures();
    await eventually(async () => expect(await guests.alertsOf(name)).not.toContain(alert), ALARM);
    await guests.reads(name, { Ready: 'True/Running', AgentConnected: 'True/AgentAnswers' });
  });
});

describe('MO-5: a guest that keeps dying', () => {
  test('is seen on its object and by ManagedVMDown, and clears when it stays up', async () => {
    const cured = new AbortController();
    const killing = keepKilling('killed', cured.signal);
    try {
      await guests.reads('killed', { Available: 'False/CrashLoop' }, ALARM);
      await eventually(async () => expect(await guests.alertsOf('killed')).toContain('ManagedVMDown'), ALARM);
    } finally {
      cured.abort();
      await killing;
    }
    await guests.reads('killed', { Available: 'True/GuestAnswers', Ready: 'True/Running' }, ALARM);
    await eventually(async () => expect(await guests.alertsOf('killed')).not.toContain('ManagedVMDown'), ALARM);
  });
});

/** Ends the guest's emulator again and again, as a failing machine would. */
async function keepKilling(name: string, signal: AbortSignal): Promise<void> {
  const selector = `vm.kubevirt.io/name=${name}`;
  while (!signal.aborted) {
    const pods = await kubectl('-n', 'alarms', 'get', 'pods', '-l', selector, '-o', 'name').catch(() => '');
    for (const pod of pods.split('\n').filter(Boolean))
      await kubectl('-n', 'alarms', 'exec', pod, '-c', 'compute', '--', 'pkill', '-9', 'qemu').catch(() => '');
    await new Promise(resolve => setTimeout(resolve, 3_000));
  }
}
