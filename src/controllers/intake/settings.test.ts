import { describe, expect, it } from 'vitest';
import { readReceiveSettings } from './settings.ts';

const least = { STEWARD_PROMETHEUS_URL: 'http://prometheus:9090/', STEWARD_RECEIVE_SENDERS: 'a, b' };

describe('the settings of the receiver of alerts', () => {
  it('have defaults for all but whom it asks and who sends', () => {
    expect(readReceiveSettings(least, 'host')).toMatchObject({
      ...{ port: 9095, audience: 'steward-receive', senders: ['a', 'b'], intervalMs: 60_000 },
      ...{ tlsFolder: undefined, alertmanager: undefined, prometheus: { url: 'http://prometheus:9090' } },
      rules: { promises: { namespace: 'steward-system', name: 'steward-promises' }, blackbox: undefined },
    });
  });

  it.each([
    [{ ...least, STEWARD_PROMETHEUS_URL: '' }, 'STEWARD_PROMETHEUS_URL: without Prometheus no alert can be proven'],
    [{ ...least, STEWARD_RECEIVE_SENDERS: ' , ' }, 'STEWARD_RECEIVE_SENDERS: names no account'],
    [{ ...least, STEWARD_RECEIVE_PORT: 'x' }, 'STEWARD_RECEIVE_PORT'],
    [{ ...least, STEWARD_ALERTMANAGER_URL: 'alertmanager' }, 'STEWARD_ALERTMANAGER_URL'],
  ])('%j: %s', (environment, message) => {
    expect(() => readReceiveSettings(environment, 'host')).toThrow(message);
  });
});
