import { describe, expect, it } from 'vitest';
import type { LiveObject } from '../../contract/child.ts';
import { keys, managedVMOf, operatingSystemOf } from '../../managedvm/rendering.fixtures.ts';
import type { Claims } from './delivery.ts';
import { firstBootChild } from './firstboot.ts';

const OTHER_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl steward';
const ANNA = {
  name: 'anna',
  sshKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea'],
};
const record = { users: [], networks: ['default'], exporter: true, ownUpdater: true };
const booted = { ...record, at: '2026-11-23T11:21:00Z', disk: 'claim' };
const claims = (uid?: string): Claims => new Map(uid === undefined ? [] : [['root', { uid }]]);

type Change = {
  readonly spec?: Record<string, unknown>;
  readonly firstBoot?: object;
  readonly keys?: Partial<typeof keys>;
};

function wanted({ spec = {}, firstBoot = booted, keys: changed = {} }: Change = {}, observed = claims('claim')) {
  const order = { serviceLevel: 'Admin', operatingSystem: 'debian-13', access: { users: [ANNA] }, ...spec };
  const managedVM = { ...managedVMOf(order), status: { firstBoot } as NonNullable<unknown> };
  const child = firstBootChild(
    { managedVM, operatingSystem: operatingSystemOf(), keys: { ...keys, ...changed } },
    observed,
  );
  if (!('object' in child) || 'apiVersion' in child) throw new Error('no child with what its applying must know');
  return child;
}

/** What an older Steward wrote, which gave first boot the users and the exporter too. */
function older(): LiveObject {
  const { object } = wanted();
  const { userdata = '', ...rest } = object.data as Record<string, string>;
  const text = Buffer.from(userdata, 'base64').toString();
  const more = text.replace(/^(users: .*)\]$/m, '$1,{"name":"anna"}]').concat('write_files: []\n');
  expect(more).not.toBe(text);
  return { ...object, data: { ...rest, userdata: Buffer.from(more).toString('base64') } };
}

describe('a first-boot Secret that an older Steward wrote', () => {
  it('stays as it is where its guest has booted and its keys and networks are the same', () => {
    expect(wanted().suffices?.(older())).toBe(true);
    expect(wanted({ spec: { serviceLevel: 'MonitoringAndPatching', access: {} } }).suffices?.(older())).toBe(true);
  });

  it.each<[string, Change, Claims]>([
    ['its guest has not booted', { firstBoot: record }, claims('claim')],
    ['its guest booted from another disk', {}, claims('another')],
    ['its disk is not there', {}, claims()],
    ['the provider has another key', { keys: { providerPublicKey: OTHER_KEY } }, claims('claim')],
    ['the host has another key', { keys: { hostPrivateKey: 'another' } }, claims('claim')],
    [
      'another network is ordered',
      { spec: { networks: [{ name: 'default' }, { name: 'lan', multusNetwork: 'vlan40' }] } },
      claims('claim'),
    ],
  ])('is written anew where %s', (_, change, observed) => {
    expect(wanted(change, observed).suffices?.(older())).toBe(false);
  });

  it('is written anew where it is not one of Steward at all', () => {
    expect(wanted().suffices?.({ ...older(), data: {} })).toBe(false);
    expect(wanted().suffices?.({ ...older(), data: { userdata: 'bm9uZQ==' } })).toBe(false);
  });
});
