/** Packages and repositories that a test makes itself: small, signed, served by this machine. */
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { run } from '../process/command.ts';
import type { Deb } from './debs.ts';
import { indexOf } from './localrepository.ts';
import { mirrorKey, SIGNING_TIME } from './mirrorkey.ts';
import { clearSigned } from './openpgp.ts';
import { renderPackages, renderRelease } from './repository.ts';

export type MadeDeb = {
  readonly name: string;
  readonly version: string;
  readonly architecture?: string;
  /** Further fields of its control file, e.g. `Depends`. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Fields that only the repository's index has, e.g. `Phased-Update-Percentage`. */
  readonly indexFields?: Readonly<Record<string, string>>;
  /** Content by absolute path; what lies below /etc is a configuration file. */
  readonly files?: Readonly<Record<string, string>>;
  /** Maintainer scripts by name, e.g. `postinst`: lines of sh. */
  readonly scripts?: Readonly<Record<string, string>>;
};

/** Builds the package in the folder. */
export async function makeDeb(folder: string, made: MadeDeb): Promise<{ file: string; path: string; sha256: string }> {
  const { name, version, architecture = 'all', fields = {}, files = {}, scripts = {} } = made;
  await mkdir(folder, { recursive: true });
  const tree = await mkdtemp(join(folder, `${name}-`));
  const control = {
    Package: name,
    Version: version,
    Architecture: architecture,
    Maintainer: 'Steward <steward@example.org>',
  };
  const text = Object.entries({ ...control, ...fields, Description: 'made by a test' });
  await chmod(tree, 0o755);
  await mkdir(join(tree, 'DEBIAN'));
  await writeFile(join(tree, 'DEBIAN/control'), text.map(([field, value]) => `${field}: ${value}\n`).join(''));
  const conffiles = Object.keys(files).filter(path => path.startsWith('/etc/'));
  await writeFile(join(tree, 'DEBIAN/conffiles'), conffiles.map(path => `${path}\n`).join(''));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), content);
  }
  for (const [script, lines] of Object.entries(scripts)) {
    await writeFile(join(tree, 'DEBIAN', script), `#!/bin/sh\nset -e\n${lines}\n`);
    await chmod(join(tree, 'DEBIAN', script), 0o755);
  }
  const file = `${tree}.deb`;
  // One time for all that is inside: the same package, built again, is the same file.
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(SIGNING_TIME.getTime() / 1000) };
  await run('dpkg-deb', ['--root-owner-group', '-Zgzip', '--build', tree, file], { env });
  await rm(tree, { recursive: true });
  const sha256 = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  return { file, sha256, path: `pool/${name}_${version.replace(/:/g, '%3a')}_${architecture}.deb` };
}

/** A suite with its packages, and what its Release file calls it. */
export type MadeSuite = {
  readonly suite: string;
  readonly codename?: string;
  readonly origin?: string;
  readonly label?: string;
  readonly packages: readonly MadeDeb[];
  /** Besides: packages as their distribution made them. */
  readonly others?: readonly Pick<Deb, 'file' | 'path' | 'sha256'>[];
};

export type Served = {
  readonly url: string;
  /** What is answered from now on: content by path, without a leading slash. */
  readonly serve: (files: ReadonlyMap<string, Buffer>) => void;
  readonly close: () => Promise<void>;
};

/** A server of files, reached at an address of this machine. */
export async function serveFiles(host = '127.0.0.1'): Promise<Served> {
  let served: ReadonlyMap<string, Buffer> = new Map();
  const server = createServer((request, response) => {
    const content = served.get(decodeURIComponent((request.url ?? '').slice(1)));
    if (content === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-length': content.length }).end(request.method === 'HEAD' ? undefined : content);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return {
    url: `http://${host}:${address.port}`,
    serve: files => {
      served = files;
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The files of a repository of apt with these suites, each signed by the key of the test bed. Packages are built in `folder`. */
export async function aptRepository(folder: string, suites: readonly MadeSuite[]): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const { packages, others = [], ...names } of suites) {
    const built = [...(await Promise.all(packages.map(made => makeDeb(folder, made)))), ...others];
    for (const { path, file } of built) files.set(path, await readFile(file));
    const indexed = (await indexOf(built)).map((index, each) => {
      const more = Object.entries(packages[each]?.indexFields ?? {}).map(([field, value]) => `${field}: ${value}\n`);
      return { ...index, control: `${index.control.trimEnd()}\n${more.join('')}` };
    });
    const index = Buffer.from(renderPackages(indexed));
    const path = 'main/binary-amd64/Packages';
    const release = {
      ...names,
      architectures: ['amd64'],
      components: ['main'],
      date: SIGNING_TIME,
      files: { [path]: index },
    };
    files.set(`dists/${names.suite}/${path}`, index);
    files.set(
      `dists/${names.suite}/InRelease`,
      Buffer.from(clearSigned(mirrorKey, renderRelease(release), SIGNING_TIME)),
    );
  }
  return files;
}
