import { describe, expect, it } from 'vitest';
import { ALERTS_QUERY, guestAlerts } from './guestalerts.ts';

const series = (of: string, alertname: string, value: string, managed_vm = 'shop-db') => ({
  metric: { of, alertname, namespace: 'acme', managed_vm },
  value: [1_000, value],
});
const alert = (began: string, firing: boolean) => ({ alert: 'ManagedVMDown', began: new Date(began), firing });

describe('alerts about guests, as Prometheus tells them (MO-11, MO-12)', () => {
  it('are those of the rules for guests, and none on promises', () => {
    expect(ALERTS_QUERY).toContain('ManagedVMDown|');
    expect(ALERTS_QUERY).toContain('ManagedVMFileSystemFull');
    expect(ALERTS_QUERY).not.toContain('Patch');
  });

  it('have begun when their expression held first, and fire or have fired', () => {
    const answer = [series('began', 'ManagedVMDown', '60'), series('began', 'ManagedVMDown', '120.5', 'shop-web')];
    const found = guestAlerts([...answer, series('firing', 'ManagedVMDown', '1')]);
    expect(found.get('acme/shop-db')).toEqual([alert('1970-01-01T00:01:00Z', true)]);
    expect(found.get('acme/shop-web')).toEqual([alert('1970-01-01T00:02:00.5Z', false)]);
    expect(found.get('acme/other')).toBeUndefined();
  });

  it('that tell no instant are new: nothing passes by what is not understood', () => {
    const [seen] = guestAlerts([series('began', 'ManagedVMDown', 'NaN')]).get('acme/shop-db') ?? [];
    expect(seen?.began.getTime()).toBeGreaterThan(Date.parse('2100-01-01'));
  });
});
