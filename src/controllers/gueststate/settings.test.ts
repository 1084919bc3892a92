import { describe, expect, it } from 'vitest';
import { readGuestSettings } from './settings.ts';

describe('the settings of the guest worker', () => {
  it('have defaults for everything', () => {
    expect(readGuestSettings({}, 'host')).toMatchObject({
      ...{ namespace: 'steward-system', watchNamespaces: [], shards: 8, guestIntervalMs: 600_000, sshPort: 22 },
      portForward: false,
      windows: false,
      ...{ metricsPort: 8080, healthPort: 8081 },
    });
  });

  it('give each process an identity of its own, also under one name of a Pod', () => {
    const identities = [1, 2].map(() => readGuestSettings({ POD_NAME: 'steward-guest-x' }, 'host').identity);
    expect(new Set(identities).size).toBe(2);
    expect(identities.every(identity => identity.startsWith('steward-guest-x_'))).toBe(true);
  });

  it.each([
    ['STEWARD_GUEST_SHARDS', '0'],
    ['STEWARD_GUEST_SHARDS', 'many'],
    ['STEWARD_GUEST_INTERVAL', 'soon'],
    ['STEWARD_GUEST_SSH_PORT', '70000'],
    ['STEWARD_GUEST_PORT_FORWARD', 'yes'],
    ['STEWARD_GUEST_WINDOWS', 'maybe'],
  ])('name what is wrong: %s=%s', (name, value) => {
    expect(() => readGuestSettings({ [name]: value }, 'host')).toThrow(name);
  });
});
