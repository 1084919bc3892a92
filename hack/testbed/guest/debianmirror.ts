/** The Debian mirror of this machine: the one its own apt is configured with. */
import { run } from '../process/command.ts';
import type { Archive } from './lockfile.ts';

/** Addresses of the archives, each with a slash at its end. */
export type DebianMirror = Readonly<Record<Archive, string>>;

export async function debianMirror(): Promise<DebianMirror> {
  const format = '$(REPO_URI) $(RELEASE) $(COMPONENT)';
  const ask = () => run('apt-get', ['indextargets', '--format', format, 'Identifier: Packages']);
  const targets = await ask();
  if (targets.trim() !== '') return mirrorOf(targets);
  // An apt that has never looked at its sources names none.
  await run('apt-get', ['update', '-qq']);
  return mirrorOf(await ask());
}

/** Reads apt's list of `address release component`. Throws where it has not both Debian and its security updates. */
export function mirrorOf(targets: string): DebianMirror {
  const main = targets
    .split('\n')
    .map(line => line.split(' '))
    .filter(([, , component]) => component === 'main');
  const releases = new Map(main.map(([address = '', release = '']) => [release, address] as const));
  const [security, address] = [...releases].find(([release]) => release.endsWith('-security')) ?? [];
  const debian = releases.get(security?.replace(/-security$/, '') ?? '');
  if (address === undefined || debian === undefined)
    throw new Error('apt on this machine knows no mirror of Debian with security updates: see `apt-get indextargets`');
  return { debian, security: address };
}
