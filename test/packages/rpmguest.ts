import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GuestRoot, startGuestRoot } from '../../hack/testbed/guest/guestroot.ts';
import type { ReadBack } from '../../src/domain/patching/runstatus.ts';
import type { Scan } from '../../src/domain/patching/update.ts';
import { DNF_SCRIPTS, dnf } from '../../src/guest/packages/dnf.ts';
import type { Install, PackageFamily, Pin, Preflight } from '../../src/guest/packages/family.ts';
import { zypper } from '../../src/guest/packages/zypper.ts';
import { zypperInstallScript } from '../../src/guest/packages/zypperscripts.ts';
import { understood } from './aptguest.ts';

const NOW = new Date('2026-11-29T03:00:00Z');

/** A package for rpmbuild: `spec` are further lines of its head, and of sections behind `%files`. */
export type MadeRpm = {
  readonly name: string;
  readonly version: string;
  readonly spec?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly sections?: string;
};

/** What a repository says about versions of its packages. */
export type MadeAdvisory = {
  readonly id: string;
  readonly type: 'security' | 'bugfix';
  readonly severity: string;
  readonly issued: string;
  readonly of: readonly Pick<MadeRpm, 'name' | 'version'>[];
  readonly rebootSuggested?: boolean;
};

export type Manager = 'dnf 4' | 'dnf 5' | 'zypper';
const SYSTEM = {
  'dnf 4': 'ID="rocky"\nVERSION_ID="9.4"\n',
  'dnf 5': 'ID="fedora"\nVERSION_ID="9.4"\n',
  zypper: 'ID="opensuse-leap"\nVERSION_ID="15.6"\n',
} as const;
const FAMILY: Readonly<Record<Manager, PackageFamily>> = { 'dnf 4': dnf, 'dnf 5': dnf, zypper };

/**
 * dnf 4, dnf 5 or zypper of Debian's builds, with repositories `base` and `updates` of the test's own, signed by a key of its own. The system that it calls
 * itself is played.
 */
export class RpmGuest {
  readonly manager: Manager;
  readonly root: GuestRoot;

  private constructor(manager: Manager, root: GuestRoot) {
    this.manager = manager;
    this.root = root;
  }

  static async start(manager: Manager): Promise<RpmGuest> {
    const guest = new RpmGuest(manager, await startGuestRoot(manager === 'dnf 5' ? 'dnf5' : 'rpmManagers'));
    await writeFile(join(guest.root.folder, 'os-release'), SYSTEM[manager]);
    await guest.sh(`
      cp /build/os-release /etc/os-release
      export HOME=/root
      gpg --batch --quiet --passphrase '' --quick-generate-key test@example.org rsa2048 sign never
      gpg --armor --export > /build/key.asc
      mkdir -p /etc/yum.repos.d /etc/zypp/repos.d
      echo 9 > /etc/dnf/vars/releasever
      for each in base updates; do
        mkdir -p /build/$each
        printf '[%s]\\nname=%s\\nbaseurl=file:///build/%s\\nenabled=1\\ngpgcheck=1\\nrepo_gpgcheck=1\\npkg_gpgcheck=0\\ngpgkey=file:///build/key.asc\\nautorefresh=1\\n' $each $each $each > /etc/yum.repos.d/$each.repo
        cp /etc/yum.repos.d/$each.repo /etc/zypp/repos.d/
      done
      sed -i s/^gpgcheck=1/gpgcheck=0/ /etc/yum.repos.d/*.repo
      sed -i s/^gpgcheck=True/gpgcheck=False/ /etc/dnf/dnf.conf
      rpm --import /build/key.asc`);
    return guest;
  }

  stop(): Promise<void> {
    return this.root.stop();
  }

  /** Makes a repository of the packages. `advisories`: without any it says nothing of what its updates are for. */
  async publish(
    repository: 'base' | 'updates',
    packages: readonly MadeRpm[],
    advisories: readonly MadeAdvisory[] = [],
  ): Promise<void> {
    const specs = packages.map(
      (made, each) =>
        `cat > /tmp/${each}.spec <<'END'\n${specOf(made)}\nEND\nrpmbuild -bb --quiet --define '_rpmdir /build/${repository}' --define '_topdir /tmp/rpmbuild' --define '_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' /tmp/${each}.spec`,
    );
    await this.sh(`set -e; export HOME=/root; rm -rf /build/${repository}; mkdir -p /build/${repository}\n${specs.join('\n')}
      createrepo_c --quiet /build/${repository}
      cat > /tmp/updateinfo.xml <<'END'\n${updateinfoOf(advisories)}\nEND
      ${advisories.length > 0 ? `modifyrepo_c /tmp/updateinfo.xml /build/${repository}/repodata > /dev/null` : ''}
      gpg --batch --quiet --detach-sign --armor /build/${repository}/repodata/repomd.xml
      cp /build/key.asc /build/${repository}/repodata/repomd.xml.key`);
  }

  /** Publishes the packages and installs them, as the guest was before. */
  async begin(...packages: readonly MadeRpm[]): Promise<void> {
    await this.publish('base', packages);
    await this.publish('updates', []);
    await this.sh('rpm -i --quiet /build/base/*.rpm');
  }

  /** Throws where the commands do not end with 0. */
  async sh(commands: string): Promise<string> {
    const ran = await this.root.run(commands);
    if (ran.exitCode !== 0) throw new Error(`${commands}\n${ran.stdout}${ran.stderr}`);
    return ran.stdout;
  }

  async scan(): Promise<Scan> {
    const { scanScript, readScan } = FAMILY[this.manager];
    return understood(readScan((await this.root.run(scanScript())).stdout, NOW));
  }

  async preflight(): Promise<Preflight> {
    const { preflightScript, readPreflight } = FAMILY[this.manager];
    return understood(readPreflight((await this.root.run(preflightScript())).stdout));
  }

  /** `lockSeconds`: how long it waits for another's lock. */
  async install(pins: readonly Pin[], lockSeconds = 60): Promise<Install> {
    const script = (this.manager === 'zypper' ? zypperInstallScript : DNF_SCRIPTS.install)(pins, lockSeconds);
    const { stdout, exitCode } = await this.root.run(script);
    return understood(FAMILY[this.manager].readInstall(stdout, exitCode ?? -1));
  }

  async readBack(pins: readonly Pin[]): Promise<ReadBack> {
    const { readBackScript, readBack } = FAMILY[this.manager];
    return understood(readBack((await this.root.run(readBackScript(pins))).stdout));
  }
}

function specOf({ name, version, spec = '', files = {}, sections = '' }: MadeRpm): string {
  const paths = Object.entries(files);
  const making = paths.map(
    ([path, content]) => `mkdir -p $(dirname %{buildroot}${path})\necho '${content}' > %{buildroot}${path}`,
  );
  const listed = paths.map(([path]) => (path.startsWith('/etc/') ? `%config(noreplace) ${path}` : path));
  return `Name: ${name}\nVersion: ${version}\nRelease: 1\nSummary: made by a test\nLicense: none\nBuildArch: noarch\n${spec}
%description\nmade by a test\n%install\n${making.join('\n')}\n%files\n${listed.join('\n')}\n${sections}`;
}

function updateinfoOf(advisories: readonly MadeAdvisory[]): string {
  const updates = advisories.map(({ id, type, severity, issued, of, rebootSuggested = false }) => {
    const packages = of.map(
      ({ name, version }) =>
        `<package name="${name}" version="${version}" release="1" epoch="0" arch="noarch"><filename>${name}-${version}-1.noarch.rpm</filename>${rebootSuggested ? '<reboot_suggested>True</reboot_suggested>' : ''}</package>`,
    );
    return `<update from="test@example.org" status="stable" type="${type}" version="1"><id>${id}</id><title>${id}</title><severity>${severity}</severity><issued date="${issued} 00:00:00"/><description>made by a test</description><pkglist><collection short="updates"><name>updates</name>${packages.join('')}</collection></pkglist></update>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<updates>${updates.join('\n')}</updates>`;
}
