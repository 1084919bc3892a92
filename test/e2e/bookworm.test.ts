import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BOOT, Guests } from './support/guests.ts';

let guests: Guests;

beforeAll(async () => {
  guests = await Guests.in('older');
  await guests.order('ledger', {
    operatingSystem: 'debian-12',
    serviceLevel: 'AdvancedMonitoringAndPatching',
    services: ['ssh'],
  });
  await guests.configured('ledger');
}, BOOT);

afterAll(() => guests?.close());

describe('MO-1: the Debian before this one, at the highest level, boots by the same cloud-init', () => {
  test('MO-8: both keys open it, and it is the system that was ordered', async () => {
    expect(await guests.asCustomer('ledger', '. /etc/os-release; echo $VERSION_CODENAME')).toBe('bookworm');
    expect(await guests.asRoot('ledger', 'cloud-init status --wait | tail -n 1')).toBe('status: done');
  });

  test('MO-5: its sensors are scraped, services included', async () => {
    await guests.reads('ledger', {
      Ready: 'True/Running',
      Available: 'True/GuestAnswers',
      Monitored: 'True/PrometheusWatches',
    });
    expect(await guests.scraped('ledger')).toBe(1);
    expect(await guests.alertsOf('ledger')).not.toContain('ManagedVMServiceNotRunning');
  });

  test('MO-3: its own updater stays on, because nothing else patches it yet', async () => {
    const states = await guests.asRoot(
      'ledger',
      'systemctl is-enabled apt-daily.timer apt-daily-upgrade.timer || true',
    );
    expect(states.split('\n')).toEqual(['enabled', 'enabled']);
  });
});
