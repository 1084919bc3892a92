import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BOOT, Guests } from './support/guests.ts';
import { keepKilling } from './support/node.ts';

const MINUTE = 60_000;
/** Milliseconds on top of an alert's own delay: sensors are read and rules evaluated in intervals, on a busy machine. */
const SLACK = 4 * MINUTE;
/** Milliseconds in which a cure shows. KubeVirt tries a guest that did not start again after a while that grows to 5 minutes. */
const CURE = 25 * MINUTE;

let guests: Guests;
const machineIsWell = new AbortController();

/** What goes wrong in a guest, the alert it must raise in Alertmanager, and how it is cured. */
const troubles = [
  {
    name: 'mute',
    promise: 'a guest agent that stopped',
    breaks: () => guests.asRoot('mute', 'systemctl stop qemu-guest-agent'),
    condition: 'AgentConnected',
    alert: 'ManagedVMAgentLost',
    // Alert and condition wait for the same grace.
    delay: 15 * MINUTE,
    cures: () => guests.asRoot('mute', 'systemctl start qemu-guest-agent'),
  },
  {
    name: 'full',
    promise: 'a file system that is full',
    breaks: () => guests.asRoot('full', fill),
    alert: 'ManagedVMFileSystemFull',
    delay: 5 * MINUTE,
    cures: () => guests.asRoot('full', 'rm /var/ballast; sync'),
  },
  {
    name: 'idle',
    promise: 'a service that stopped',
    breaks: () => guests.asRoot('idle', 'systemctl stop systemd-resolved'),
    alert: 'ManagedVMServiceNotRunning',
    delay: 5 * MINUTE,
    cures: () => guests.asRoot('idle', 'systemctl start systemd-resolved'),
  },
  {
    name: 'killed',
    promise: 'a guest that is killed whenever it starts',
    breaks: async () => void keepKilling(guests.namespace, 'killed', machineIsWell.signal),
    condition: 'Available',
    alert: 'ManagedVMDown',
    delay: 5 * MINUTE,
    cures: async () => machineIsWell.abort(),
  },
];

/** Leaves 1 % of the root file system. */
const fill = 'set -- $(df -B1 --output=avail,size / | tail -n 1); fallocate -l $(($1 - $2 / 100)) /var/ballast';

beforeAll(async () => {
  guests = await Guests.in('alarms');
  for (const { name } of troubles) await guests.orderInTurn(name, { services: ['systemd-resolved'] });
  for (const { name } of troubles) {
    await guests.configured(name);
    await guests.reads(name, { Monitored: 'True/PrometheusWatches' });
  }
}, 2 * BOOT);

afterAll(async () => {
  machineIsWell.abort();
  await guests?.close();
});

// All at once, so that the alerts' own delays pass together.
describe.concurrent('MO-5, MO-12: trouble in a guest', () => {
  test.each(troubles)('$promise raises $alert, and its cure clears it', async trouble => {
    const { name, breaks, condition, alert, delay, cures } = trouble;
    expect(await guests.alertsOf(name)).not.toContain(alert);
    const say = newTeller(name);
    await breaks();
    const alarmed = guests.alarmed(name, alert, delay + SLACK).then(() => say(`${alert} is in Alertmanager`));
    const seen =
      condition === undefined
        ? undefined
        : guests
            .fails(name, condition, delay + SLACK)
            .then(({ reason, message }) => say(`${condition}=False/${reason}: ${message}`));
    await Promise.all([alarmed, seen]);
    await cures();
    say('cured');
    await guests.cleared(name, alert, CURE);
    say(`${alert} is gone`);
    await guests.reads(name, {
      Ready: 'True/Running',
      Available: 'True/GuestAnswers',
      AgentConnected: 'True/AgentAnswers',
    });
    say('as before');
  });
});

/** Says when something was seen, counted from now. */
function newTeller(name: string): (what: string) => void {
  const began = performance.now();
  return what => console.log(`${name}, after ${Math.round((performance.now() - began) / 1000)} s: ${what}`);
}
