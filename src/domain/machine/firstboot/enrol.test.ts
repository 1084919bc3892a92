import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { keys, managedVMOf, operatingSystemOf, windows } from '../../managedvm/rendering.fixtures.ts';
import { enrolScript } from './enrol.ts';
import { renderFirstBoot } from './firstboot.ts';

const order = (spec: object = {}) => managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'any', ...spec });
const input = { managedVM: order({ adopt: { uid: 'u' } }), operatingSystem: operatingSystemOf(), keys };

describe('MO-1: the script that lets the provider into a guest that was taken over', () => {
  test('is one that a shell can read, and brings account, key and host key', () => {
    const script = enrolScript(input);
    execFileSync('sh', ['-n'], { input: script });
    for (const part of [keys.providerPublicKey, keys.hostPrivateKey.trim(), keys.hostPublicKey.trim(), 'NOPASSWD'])
      expect(script).toContain(part);
  });

  test('is in the Secret of such a guest, and of no other', () => {
    expect(renderFirstBoot(input).data).toHaveProperty('enrol');
    expect(renderFirstBoot({ ...input, managedVM: order() }).data).not.toHaveProperty('enrol');
    const ofWindows = renderFirstBoot({ ...input, operatingSystem: operatingSystemOf(windows) });
    expect(ofWindows.data).toHaveProperty('first-boot.ps1');
  });
});
