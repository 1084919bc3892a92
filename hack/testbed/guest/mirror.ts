/** The package mirror of the guests: what Steward installs in them, and what Debian's security archive has newer than their disks. */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import type { Artifact } from '../build/artifact.ts';
import { ensureDebs } from './debs.ts';
import { indexOf } from './localrepository.ts';
import { readLock } from './lockfile.ts';
import { MIRROR_URL } from './mirroraddress.ts';
import { mirrorKey, SIGNING_TIME } from './mirrorkey.ts';
import { clearSigned } from './openpgp.ts';
import { type IndexedPackage, renderPackages, renderRelease } from './repository.ts';
import { suites } from './suites.ts';

/** What Debian's security archive has newer than the disks is in a suite that guests have among their sources only where a test puts it there. */
export const SECURITY_SUITE = 'trixie-security';

const locks = await Promise.all([
  ...suites.map(async suite => ({ suite, ...(await readLock(`${suite}.mirror`)) })),
  readLock('trixie.updates').then(lock => ({ suite: SECURITY_SUITE, ...lock })),
]);

/** A folder with the packages below `pool` and, for each suite, `<suite>.json` with what its index says of them. */
export const guestPackages: Artifact = {
  what: 'packages that guests install',
  minutes: 0.1,
  recipe: ['pool', ...locks.map(({ text }) => text)],
  build: async folder => {
    for (const { suite, packages } of locks) {
      const debs = await ensureDebs(packages);
      for (const { file, path } of debs) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await copyFile(file, join(folder, path));
      }
      await writeFile(join(folder, `${suite}.json`), JSON.stringify(await indexOf(debs)));
    }
  },
};

export type PackageMirror = {
  readonly port: number;
  close(): Promise<void>;
};

/** Serves the folder of {@link guestPackages} at {@link MIRROR_URL}'s path; port 0 is any free one. */
export async function startPackageMirror(folder: string, host: string, port: number): Promise<PackageMirror> {
  const files = new Map<string, Content>();
  for (const { suite } of locks) {
    const packages = JSON.parse(await readFile(join(folder, `${suite}.json`), 'utf8')) as IndexedPackage[];
    addIndex(files, suite, packages);
    for (const { path } of packages) files.set(path, { file: join(folder, path) });
  }
  for (const suite of suites) addIndex(files, `${suite}-updates`, []);
  const server = createServer((request, response) => void answer(files, request, response));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The package mirror has no port');
  return {
    port: address.port,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Content = { readonly file: string } | { readonly text: string };

/** The signed index of a suite: one component, one architecture, no compression, for it is small. */
function addIndex(files: Map<string, Content>, suite: string, packages: readonly IndexedPackage[]): void {
  const path = 'main/binary-amd64/Packages';
  const index = renderPackages(packages);
  const origin = suite === SECURITY_SUITE ? { origin: 'Debian', label: 'Debian-Security' } : {};
  const release = { suite, ...origin, architectures: ['amd64'], components: ['main'], date: SIGNING_TIME };
  const text = renderRelease({ ...release, files: { [path]: Buffer.from(index) } });
  files.set(`dists/${suite}/${path}`, { text: index });
  files.set(`dists/${suite}/InRelease`, { text: clearSigned(mirrorKey, text, SIGNING_TIME) });
}

const ROOT = `${new URL(MIRROR_URL).pathname}/`;

async function answer(files: Map<string, Content>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const path = decodeURIComponent(request.url ?? '');
    const content = path.startsWith(ROOT) ? files.get(path.slice(ROOT.length)) : undefined;
    if (content === undefined) return void response.writeHead(404).end();
    const body = 'text' in content ? content.text : await readFile(content.file);
    response.writeHead(200, { 'content-length': Buffer.byteLength(body) }).end(request.method === 'HEAD' ? '' : body);
  } catch {
    response.destroy();
  }
}
