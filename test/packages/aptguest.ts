import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GuestRoot, type Ran, startGuestRoot } from '../../hack/testbed/guest/guestroot.ts';
import {
  aptRepository,
  type MadeDeb,
  type MadeSuite,
  type Served,
  serveFiles,
} from '../../hack/testbed/guest/madepackages.ts';
import { mirrorKey } from '../../hack/testbed/guest/mirrorkey.ts';
import { publicKeyring } from '../../hack/testbed/guest/openpgp.ts';
import type { Suite } from '../../hack/testbed/guest/suites.ts';
import type { ReadBack } from '../../src/domain/patching/runstatus.ts';
import type { Scan } from '../../src/domain/patching/update.ts';
import { apt } from '../../src/guest/packages/apt.ts';
import { aptInstallScript } from '../../src/guest/packages/aptscripts.ts';
import type { Install, Pin, Preflight } from '../../src/guest/packages/family.ts';

const ROOTS = { bookworm: 'aptBookworm', trixie: 'aptTrixie' } as const;
const NOW = new Date('2026-11-29T03:00:00Z');

/** A Debian with its real apt, whose sources are a repository of the test's own: its suite and the one of its security updates. */
export class AptGuest {
  readonly suite: Suite;
  readonly root: GuestRoot;
  readonly repository: Served;

  private constructor(suite: Suite, root: GuestRoot, repository: Served) {
    this.suite = suite;
    this.root = root;
    this.repository = repository;
  }

  static async start(suite: Suite, sources: readonly string[] = [suite, `${suite}-security`]): Promise<AptGuest> {
    const [root, repository] = await Promise.all([startGuestRoot(ROOTS[suite]), serveFiles()]);
    const guest = new AptGuest(suite, root, repository);
    await writeFile(join(root.folder, 'key.gpg'), publicKeyring(mirrorKey));
    const lines = sources.map(name => `deb [signed-by=/build/key.gpg] ${repository.url} ${name} main\n`).join('');
    await writeFile(join(root.folder, 'sources.list'), lines);
    await guest.sh('cp /build/sources.list /etc/apt/sources.list');
    return guest;
  }

  async stop(): Promise<void> {
    await Promise.all([this.root.stop(), this.repository.close()]);
  }

  /** From now on the suite has these packages, and the suite of security updates those. */
  async publish(main: readonly MadeDeb[], security: readonly MadeDeb[] = []): Promise<void> {
    const codename = `${this.suite}-security`;
    await this.publishSuites([
      { suite: this.suite, origin: 'Debian', packages: main },
      { suite: codename, origin: 'Debian', label: 'Debian-Security', packages: security },
    ]);
  }

  async publishSuites(suites: readonly MadeSuite[]): Promise<void> {
    this.repository.serve(await aptRepository(join(this.root.folder, 'made'), suites));
  }

  /** Publishes the packages and installs them, as the guest was before. */
  async begin(...packages: readonly MadeDeb[]): Promise<void> {
    await this.publish(packages);
    const names = packages.map(({ name }) => name).join(' ');
    await this.sh(
      `apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 install ${names}`,
    );
  }

  /** Throws where the commands do not end with 0. */
  async sh(commands: string): Promise<string> {
    const ran = await this.root.run(commands);
    if (ran.exitCode !== 0) throw new Error(`${commands}\n${ran.stdout}${ran.stderr}`);
    return ran.stdout;
  }

  async scan(): Promise<Scan> {
    return understood(apt.readScan((await this.root.run(apt.scanScript())).stdout, NOW));
  }

  async preflight(): Promise<Preflight> {
    return understood(apt.readPreflight((await this.root.run(apt.preflightScript())).stdout));
  }

  /** `lockSeconds`: how long it waits for another's lock. */
  async install(pins: readonly Pin[], lockSeconds = 60): Promise<Install> {
    const { stdout, exitCode }: Ran = await this.root.run(aptInstallScript(pins, lockSeconds));
    return understood(apt.readInstall(stdout, exitCode ?? -1));
  }

  async readBack(pins: readonly Pin[]): Promise<ReadBack> {
    return understood(apt.readBack((await this.root.run(apt.readBackScript(pins))).stdout));
  }
}

export function understood<Read>(read: Read | undefined): Read {
  if (read === undefined) throw new Error('The answer was not understood');
  return read;
}
