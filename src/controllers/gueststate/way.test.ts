import { describe, expect, it } from 'vitest';
import { wayTo } from './way.ts';

const metadata = { uid: 'u1', creationTimestamp: '2026-11-28T20:00:00Z' };
const networks = [
  { name: 'lan', multus: { networkName: 'lan' } },
  { name: 'default', pod: {} },
];
const running = (interfaces: readonly object[], more: object = {}) => ({
  ...{ metadata, spec: { networks } },
  status: { phase: 'Running', interfaces, ...more },
});

describe('the way to a guest', () => {
  it('leads to its first address on the Pod network, not to one of a secondary network', () => {
    const lan = { name: 'lan', ipAddress: '192.168.1.10' };
    const pod = { name: 'default', ipAddress: '10.0.0.7', ipAddresses: ['10.0.0.7', 'fd00::7'] };
    expect(wayTo(running([lan, pod]))).toMatchObject({ kind: 'Address', instance: 'u1', address: '10.0.0.7' });
    expect(wayTo(running([lan]))).toMatchObject({ kind: 'NoPath', instance: 'u1' });
  });

  it('leads to what only the guest agent tells where nobody else tells anything', () => {
    const agent = { name: 'default', infoSource: 'guest-agent', ipAddress: '10.9.9.9' };
    const domain = { name: 'default', infoSource: 'domain', ipAddress: '10.0.0.7' };
    expect(wayTo(running([agent, domain]))).toMatchObject({ address: '10.0.0.7' });
    expect(wayTo(running([agent]))).toMatchObject({ address: '10.9.9.9' });
  });

  it('is that of portforward too where its first interface has the address that is dialled', () => {
    const [lan, pod] = [
      { name: 'lan', ipAddress: '192.168.1.10' },
      { name: 'default', ipAddress: '10.0.0.7' },
    ];
    expect(wayTo(running([pod, lan]))).toMatchObject({ address: '10.0.0.7', forwarded: true });
    expect(wayTo(running([lan, pod]))).toMatchObject({ address: '10.0.0.7', forwarded: false });
    const agents = { name: 'default', infoSource: 'guest-agent', ipAddress: '10.9.9.9' };
    expect(wayTo(running([agents, pod]))).toMatchObject({ address: '10.0.0.7', forwarded: false });
  });

  it.each(['127.0.0.1', '0.0.0.0', '::1', '::', '169.254.169.254', 'fe80::1', '::ffff:127.0.0.1', 'host; reboot', ''])(
    'never leads to %j: the guest may tell anything',
    ipAddress => {
      expect(wayTo(running([{ name: 'default', ipAddress }])).kind).toBe('NoPath');
    },
  );

  it.each([[undefined], [null], [{ metadata }], [{ metadata, status: { phase: 'Scheduled' } }], [[]], ['text']])(
    'is none where nothing runs: %j',
    instance => {
      expect(wayTo(instance)).toEqual({ kind: 'PoweredOff' });
    },
  );

  it('knows since when the instance runs', () => {
    const phaseTransitionTimestamps = [
      { phase: 'Scheduled', phaseTransitionTimestamp: '2026-11-28T20:59:00Z' },
      { phase: 'Running', phaseTransitionTimestamp: '2026-11-28T21:00:00Z' },
    ];
    expect(wayTo(running([], { phaseTransitionTimestamps }))).toMatchObject({
      startedAt: new Date('2026-11-28T21:00:00Z'),
    });
    expect(wayTo(running([]))).toMatchObject({ startedAt: new Date('2026-11-28T20:00:00Z') });
  });
});
