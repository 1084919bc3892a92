import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  type Child,
  keySecretName,
  metricsName,
  overrideRulesName,
  type RenderInput,
  scheduleName,
  virtualMachineName,
} from '../contract/child.ts';
import { renderDisks } from '../machine/disks.ts';
import { renderFirstBoot } from '../machine/firstboot/firstboot.ts';
import { renderVirtualMachine } from '../machine/virtualmachine.ts';
import { renderScrape } from '../monitoring/scrape.ts';
import { anyInput, keys, managedVMOf } from './rendering.fixtures.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const SERVICE_NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

/** Members that are a choice by being there: KubeVirt's and CDI's empty structs. */
const CHOICES = new Set(['masquerade', 'bridge', 'pod', 'blank', 'rng', 'disk']);

describe('what is rendered from any valid ManagedVM', () => {
  test('has names and label values within the limits of Kubernetes', () => {
    fc.assert(
      fc.property(anyInput, fc.stringMatching(/^[a-z0-9]{1,20}$/), (input, tier) => {
        for (const child of renderAll(input)) {
          const { name, labels = {} } = child.metadata;
          expect(name.length).toBeLessThanOrEqual(child.kind === 'Service' ? 63 : 253);
          expect(name).toMatch(child.kind === 'Service' ? SERVICE_NAME : SUBDOMAIN);
          for (const value of Object.values(labels)) {
            expect(value.length).toBeLessThanOrEqual(63);
            expect(value).toMatch(LABEL_VALUE);
          }
        }
        const { managedVM } = input;
        const names = [overrideRulesName(managedVM), keySecretName(managedVM.metadata.uid ?? '')];
        for (const name of names) expect(name).toMatch(SUBDOMAIN);
        expect(scheduleName(managedVM, tier).length).toBeLessThanOrEqual(63);
        expect(scheduleName(managedVM, tier)).toMatch(SUBDOMAIN);
      }),
    );
  });

  test('is the same JSON each time, with nothing undefined, null or empty in it', () => {
    fc.assert(
      fc.property(anyInput, input => {
        const first = renderAll(input);
        expect(JSON.stringify(renderAll(structuredClone(input)))).toBe(JSON.stringify(first));
        for (const child of first) expect(hollow(child)).toEqual([]);
      }),
    );
  });

  test('takes nothing from another ManagedVM, and leaves what it is given as it is', () => {
    fc.assert(
      fc.property(anyInput, anyInput, (one, other) => {
        const before = structuredClone(one);
        const alone = JSON.stringify(renderAll(one));
        renderAll(other);
        expect(JSON.stringify(renderAll(one))).toBe(alone);
        expect(isDeepStrictEqual(one, before)).toBe(true);
      }),
    );
  });

  test('is in the namespace of the ManagedVM, each object once', () => {
    fc.assert(
      fc.property(anyInput, input => {
        const children = renderAll(input);
        const identities = children.map(child => `${child.kind}/${child.metadata.name}`);
        expect(new Set(identities).size).toBe(identities.length);
        for (const child of children) expect(child.metadata.namespace).toBe(input.managedVM.metadata.namespace);
      }),
    );
  });

  test('names every disk of the VM as a volume and every interface as a network', () => {
    fc.assert(
      fc.property(anyInput, input => {
        const { template } = renderVirtualMachine(input).spec as { template: { spec: Template } };
        const { domain, volumes, networks } = template.spec;
        expect(volumes.map(volume => volume.name)).toEqual(domain.devices.disks.map(disk => disk.name));
        expect(networks.map(network => network.name)).toEqual(domain.devices.interfaces.map(nic => nic.name));
        expect(new Set(volumes.map(volume => volume.name)).size).toBe(volumes.length);
      }),
    );
  });

  test('first boot holds no private key other than the host key, and no key of another', () => {
    fc.assert(
      fc.property(anyInput, input => {
        const text = Object.values(firstBootFiles(input)).map(decodeScript).join('\n');
        expect(text.match(/PRIVATE KEY-----/g)?.length).toBe(2);
        expect(text.replaceAll(/\\n/g, '\n').replaceAll(/^ +/gm, '')).toContain(keys.hostPrivateKey.trim());
      }),
    );
  });

  test('first boot of Linux reads back as YAML of the version that cloud-init reads, with whom no worker makes by name', () => {
    fc.assert(
      fc.property(
        anyInput.filter(input => input.operatingSystem.spec.family === 'Linux'),
        input => {
          const { userdata = '' } = firstBootFiles(input);
          expect(userdata.startsWith('#cloud-config\n')).toBe(true);
          const config = parse(userdata, { version: '1.1' }) as { users: { name: unknown }[] };
          const { access, networks } = input.managedVM.spec;
          const ordered = (access?.users ?? []).map(user => user.name);
          const isReached = networks.some(({ multusNetwork }) => multusNetwork === undefined);
          expect(config.users.map(user => user.name)).toEqual(['steward', ...(isReached ? [] : ordered)]);
        },
      ),
    );
  });
});

describe('names', () => {
  test('a ManagedVM without virtualMachineName gives its own name to the VM', () => {
    const plain = managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'debian-13' });
    expect(virtualMachineName(plain)).toBe('shop-db');
    const named = { ...plain, spec: { ...plain.spec, virtualMachineName: 'legacy' } };
    expect([virtualMachineName(named), metricsName(named)]).toEqual(['legacy', 'legacy-metrics']);
  });

  test('Schedules of two VMs never share a name, however namespace, name and tier are cut', () => {
    const schedule = (namespace: string, name: string, tier: string): string =>
      scheduleName(managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'x' }, { namespace, name }), tier);
    expect(schedule('a-b', 'c', 'daily')).not.toBe(schedule('a', 'b-c', 'daily'));
    expect(schedule('acme', 'shop-db', 'daily')).toMatch(/^acme-shop-db-daily-[0-9a-f]{8}$/);
    const long = 'x'.repeat(60);
    expect(schedule(long, long, 'daily')).not.toBe(schedule(long, long, 'weekly'));
  });
});

type Named = { name: string };
type Template = {
  domain: { devices: { disks: Named[]; interfaces: Named[] } };
  volumes: Named[];
  networks: Named[];
};

function renderAll(input: RenderInput): readonly Child[] {
  const { dataVolumes } = renderDisks({ ...input, liveDataVolumes: new Map(), livePVCs: new Map() });
  return [
    renderVirtualMachine(input),
    ...dataVolumes.map(disk => disk.object),
    renderFirstBoot({ ...input, keys }),
    ...renderScrape({ ...input, monitoringLabels: { release: 'prometheus' } }),
  ];
}

function firstBootFiles(input: RenderInput): Record<string, string> {
  const data = renderFirstBoot({ ...input, keys }).data as Record<string, string>;
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, Buffer.from(value, 'base64').toString()]),
  );
}

/** The settings in the first line of the Windows script, in clear. */
function decodeScript(text: string): string {
  return text.replace(/^\$encoded = '([^']*)'/, (_line, encoded: string) => Buffer.from(encoded, 'base64').toString());
}

/** Paths of values that say nothing. */
function hollow(value: unknown, path = ''): string[] {
  if (value === undefined || value === null) return [path];
  if (typeof value !== 'object') return [];
  const entries = Object.entries(value);
  const name = path.split('.').at(-1) ?? '';
  if (entries.length === 0 && !CHOICES.has(name)) return [path];
  return entries.flatMap(([key, member]) => hollow(member, `${path}.${key}`));
}
