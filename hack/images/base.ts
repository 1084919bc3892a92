/** The lowest layer of an image of programs that need libraries: those libraries, certificates, an unprivileged user, nothing else. */
import { readdir, readFile, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { run } from '../testbed/process/command.ts';
import { isDynamic } from './elf.ts';
import { architecture, unpackPackages } from './packages.ts';
import type { TarEntry } from './tar.ts';

/** Whom images run as: the `nonroot` of distroless images. */
export const nonroot = '65532:65532';

const certificates = 'etc/ssl/certs/ca-certificates.crt';

/** Tells OpenSSL and Go where the certificates are. */
export const certificatesEnvironment = { SSL_CERT_FILE: `/${certificates}` };

export const accounts: readonly TarEntry[] = [
  {
    path: 'etc/passwd',
    content: 'root:x:0:0:root:/:/usr/sbin/nologin\nnonroot:x:65532:65532:nonroot:/:/usr/sbin/nologin\n',
  },
  { path: 'etc/group', content: 'root:x:0:\nnonroot:x:65532:\n' },
  { path: 'etc/nsswitch.conf', content: 'passwd: files\ngroup: files\nhosts: files dns\n' },
];

/** What the loaders and libraries of every program here come from. */
const libraryPackages = ['libc6', 'gcc-14-base', 'libgcc-s1', 'libstdc++6', 'libatomic1'];

const platforms = {
  amd64: { loader: 'usr/lib64/ld-linux-x86-64.so.2', libraries: 'usr/lib/x86_64-linux-gnu' },
  arm64: { loader: 'usr/lib/ld-linux-aarch64.so.1', libraries: 'usr/lib/aarch64-linux-gnu' },
};

/** Unpacks, into `root`, the packages that a base is made of and `others`; returns their control data by name. */
export function unpackBase(root: string, others: readonly string[] = []): Promise<ReadonlyMap<string, string>> {
  return unpackPackages(['ca-certificates', ...libraryPackages, ...others], root);
}

/** The base for programs, from packages unpacked in `root`. Throws when a program needs a library that none of them has. */
export async function baseOf(
  programs: readonly string[],
  root: string,
  control: ReadonlyMap<string, string>,
): Promise<TarEntry[]> {
  return [
    ...accounts,
    await trustedCertificates(root),
    ...(await librariesOf(programs, root)),
    ...(await records(root, control)),
  ];
}

async function trustedCertificates(root: string): Promise<TarEntry> {
  const folder = join(root, 'usr/share/ca-certificates/mozilla');
  const names = (await readdir(folder)).filter(name => name.endsWith('.crt')).sort();
  const texts = await Promise.all(names.map(name => readFile(join(folder, name), 'utf8')));
  return { path: certificates, content: texts.join('') };
}

async function librariesOf(programs: readonly string[], root: string): Promise<TarEntry[]> {
  const { loader, libraries } = platforms[architecture()];
  const names = new Set<string>();
  for (const program of programs) for (const name of await loadedBy(program, root)) names.add(name);
  if (names.size === 0) return [];
  const found = [...names].map(async name => ({
    path: `${libraries}/${name}`,
    source: await realpath(join(root, libraries, name)),
  }));
  return [
    { path: loader, source: await realpath(join(root, loader)), mode: 0o755 },
    { path: 'lib', target: 'usr/lib' },
    { path: 'lib64', target: 'usr/lib64' },
    { path: 'usr/lib64', folder: true },
    ...(await Promise.all(found)),
  ];
}

/** Asks the packages' own loader, which is told to look nowhere else. */
async function loadedBy(program: string, root: string): Promise<string[]> {
  if (!(await isDynamic(program))) return [];
  const { loader, libraries } = platforms[architecture()];
  const args = ['--inhibit-cache', '--library-path', join(root, libraries), '--list', program];
  const list = await run(join(root, loader), args, { env: {} });
  const names: string[] = [];
  for (const [, name = '', place = ''] of list.matchAll(/^\s*(\S+) => (.+)$/gm)) {
    if (!place.startsWith(root))
      throw new Error(`${basename(program)} needs ${name}, which no package of the image has.`);
    if (basename(name) !== basename(loader)) names.push(name);
  }
  return names;
}

/** Licences, and the control data by which scanners recognise packages in an image without dpkg. */
async function records(root: string, control: ReadonlyMap<string, string>): Promise<TarEntry[]> {
  const entries = [...control].map(async ([name, content]): Promise<TarEntry[]> => {
    const licence = await readFile(join(root, 'usr/share/doc', name, 'copyright'), 'utf8');
    return [
      { path: `var/lib/dpkg/status.d/${name}`, content },
      { path: `usr/share/doc/${name}/copyright`, content: licence },
    ];
  });
  return (await Promise.all(entries)).flat();
}
