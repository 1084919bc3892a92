import { describe, expect, it } from 'vitest';
import { type MachineFacts, missingControllers, missingFacts, whatIsMissing } from './prerequisites.ts';

const fit: MachineFacts = { platform: 'linux', arch: 'x64', memory: 8 * 1024 ** 3, uid: 0 };

describe('what a machine lacks is said in a sentence each', () => {
  it.each<[string, Partial<MachineFacts>, string[]]>([
    ['a fit one lacks nothing', {}, []],
    ['another system', { platform: 'darwin' }, ['A real node needs Linux; this is darwin.']],
    [
      'another architecture',
      { arch: 'arm64' },
      ['Its guests are amd64 machines, which need an amd64 machine; this one is arm64.'],
    ],
    ['no root', { uid: 1000 }, ['It needs root, for namespaces, mounts and containers.']],
    ['little memory', { memory: 4 * 1024 ** 3 }, ['It needs 6.0 GiB of memory; this machine has 4.0 GiB.']],
  ])('%s', (_, facts, sentences) => {
    expect(missingFacts({ ...fit, ...facts })).toEqual(sentences);
  });

  it('everything that is wrong is said at once', () => {
    expect(missingFacts({ platform: 'darwin', arch: 'arm64', memory: 0, uid: undefined })).toHaveLength(4);
  });
});

describe('control groups', () => {
  const header = '#subsys_name\thierarchy\tnum_cgroups\tenabled\n';
  const row = (name: string, hierarchy = 1, enabled = 1) => `${name}\t${hierarchy}\t1\t${enabled}\n`;
  const all = ['cpu', 'cpuset', 'devices', 'memory', 'pids'];

  it.each([
    ['of version 1, all mounted', undefined, header + all.map(name => row(name)).join(''), []],
    [
      'of version 1, one not mounted and one disabled',
      undefined,
      header + all.map(name => row(name, name === 'pids' ? 0 : 1, name === 'cpuset' ? 0 : 1)).join(''),
      ['The kernel offers no control groups for cpuset, pids.'],
    ],
    ['of version 2, which has none for devices', 'cpuset cpu io memory hugetlb pids\n', '', []],
    ['of version 2 without memory', 'cpuset cpu pids\n', '', ['The kernel offers no control groups for memory.']],
  ])('%s', (_, unified, table, sentences) => {
    expect(missingControllers(unified, table)).toEqual(sentences);
  });
});

it('every machine gets an answer', async () => {
  for (const sentence of await whatIsMissing()) expect(sentence).toMatch(/^[A-Z].*\.$/s);
});
