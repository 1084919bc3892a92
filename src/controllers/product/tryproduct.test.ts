import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import type { Transport } from '../../runtime/http/transport.ts';
import { readTryQuestion, tryProduct } from './tryproduct.ts';

const NOW = new Date('2026-12-01T12:00:00Z');
const FILE = join(import.meta.dirname, '../../../config/products/valkey.yaml');

/** A fake: an API server that has one ManagedVM on Debian 13, and keeps what it was asked. */
function cluster(serviceLevel: string) {
  const asked: string[] = [];
  const access = { users: [] };
  const vm = {
    metadata: { name: 'shop-db', namespace: 'acme', uid: 'u' },
    spec: {
      serviceLevel,
      operatingSystem: 'debian-13',
      disks: [{ name: 'root', size: '10Gi', reclaimPolicy: 'Delete' }],
      access,
    },
  };
  const call: Transport['call'] = async ({ method, path }) => {
    asked.push(method);
    const items = path.includes('/managedvms') ? [vm] : [];
    return { value: { items, metadata: {} } } as Awaited<ReturnType<Transport['call']>>;
  };
  return { call, asked };
}

const question = { file: FILE, namespace: 'acme', vm: 'shop-db', line: undefined };

describe('AP-1: a Product that is tried on a ManagedVM', () => {
  it('says what the guest would be asked, and what would be done in it, and only reads', async () => {
    const { call, asked } = cluster('MonitoringAndPatching');
    const { exitCode, text } = await tryProduct({ call }, question, NOW);
    expect([exitCode, text]).toEqual([
      0,
      expect.stringContaining('Product valkey, line 8.1 at Expert, on ManagedVM acme/shop-db'),
    ]);
    expect(text).toMatch(
      /^ {2}1[.] packages: asks the package manager for valkey-server, ssl-cert; installs what is missing[.]$/m,
    );
    expect(text).toMatch(
      /asks for [/]etc[/]valkey[/]valkey[.]conf of root:valkey with mode 0640 and these \d+ lines; writes it once sh -c .* admits it, and restarts valkey-server[.]service/,
    );
    expect(text).toMatch(/^every 30 seconds, transaction: sets, reads and deletes a key/m);
    expect(new Set(asked)).toEqual(new Set(['GET']));
  });

  it('says of the entry of the guide what the guide says', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/products.md'), 'utf8');
    const folder = mkdtempSync(join(tmpdir(), 'guide-'));
    const file = join(folder, 'beanstalkd.yaml');
    writeFileSync(file, [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text).join(''));
    const { text } = await tryProduct(cluster('MonitoringAndPatching'), { ...question, file }, NOW);
    rmSync(folder, { recursive: true });
    expect(page).toContain(`$ steward product try beanstalkd.yaml --on acme/shop-db\n${text}\`\`\``);
  });

  it('says why an order would be refused', async () => {
    const { exitCode, text } = await tryProduct(cluster('Admin'), question, NOW);
    expect([exitCode, text]).toEqual([1, expect.stringMatching(/an order would be refused, LevelTooLow[.]/)]);
    const nowhere = await tryProduct(cluster('Admin'), { ...question, vm: 'none' }, NOW);
    expect(nowhere.text).toMatch(/ManagedVMNotFound/);
    const line = await tryProduct(cluster('MonitoringAndPatching'), { ...question, line: '9.9' }, NOW);
    expect(line.text).toMatch(/LineNotOffered/);
  });
});

test.each([
  [['try', 'a.yaml', '--on', 'acme/shop-db'], { file: 'a.yaml', namespace: 'acme', vm: 'shop-db', line: undefined }],
  [
    ['try', 'a.yaml', '--on', 'acme/shop-db', '--line', '8.1'],
    { file: 'a.yaml', namespace: 'acme', vm: 'shop-db', line: '8.1' },
  ],
  [['try', 'a.yaml'], undefined],
  [['try', 'a.yaml', '--on', 'shop-db'], undefined],
  [['try', '--on', 'acme/shop-db'], undefined],
  [['try', 'a.yaml', '--on', 'acme/shop-db/x'], undefined],
  [['try', 'a.yaml', '--on', 'acme/shop-db', '--line'], undefined],
  [['try', 'a.yaml', '--on', 'acme/shop-db', 'b.yaml'], undefined],
  [['check', 'a.yaml', '--on', 'acme/shop-db'], undefined],
])('AP-1: what is to be tried is read from the command line: %j', (words, wanted) => {
  expect(readTryQuestion(words)).toEqual(wanted);
});
