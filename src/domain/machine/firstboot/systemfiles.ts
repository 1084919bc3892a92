import { hash } from 'node:crypto';
import type { PackageSources } from '../../../api/guestsources.ts';
import type { LinuxPackageManager } from '../../../api/operatingsystem.ts';
import type { SystemSettings } from '../../../api/systemsettings.ts';

/** A file of a guest. `permissions` in octal. */
type SystemFile = { readonly path: string; readonly content: string; readonly permissions: string };

/** Something that is ordered of a guest's system, and the files by which it is so. First boot writes them, and the guest worker keeps them. */
export type SystemPart = {
  readonly name: 'proxy' | 'certificates' | 'time-servers' | 'package-sources';
  /** As they shall be. The last one says that what was written has taken effect. */
  readonly files: readonly SystemFile[];
  /** What else may be there of an earlier order: shell patterns. */
  readonly places: readonly string[];
  /** Brings what is written into effect; POSIX sh, `R` is the folder below which the files are. */
  readonly effect: string;
};

/** What is ordered of a guest's system, in the order in which it is made: package managers need all of it, and certificates first. */
export function systemParts(
  { proxy, caCertificates = [], timeServers = [] }: SystemSettings,
  sources: PackageSources | undefined,
  packageManager: LinuxPackageManager,
): readonly SystemPart[] {
  const trust = TRUST[packageManager];
  const certificates = caCertificates.map(({ name, certificate }) =>
    readable(`${trust.folder}/steward-${name}.${trust.suffix}`, `${certificate.trimEnd()}\n`),
  );
  return [
    part('certificates', certificates, [`${trust.folder}/steward-*.${trust.suffix}`], trust.effect),
    part(
      'proxy',
      proxy === undefined ? [] : proxyFiles(proxy, packageManager),
      Object.values(PROXY),
      'systemctl daemon-reload',
    ),
    part('time-servers', timeServers.length === 0 ? [] : timeFiles(timeServers), Object.values(TIME), TIME_EFFECT),
    // What the provider takes out of the catalogue again stays as it is: nobody knows what the distribution had there.
    part(
      'package-sources',
      (sources ?? []).map(({ path, content }) => readable(path, content)),
      [],
      ':',
    ),
  ];
}

/** A script of a first boot that writes what is ordered; undefined: nothing is. What fails is made by the guest worker. */
export function systemScript(parts: readonly SystemPart[]): string | undefined {
  const wanted = parts.filter(({ files }) => files.length > 0);
  if (wanted.length === 0) return undefined;
  const lines = wanted.flatMap(({ files, effect }) => {
    const [settled, ...rest] = files.toReversed();
    return [...rest.reverse().map(write), `(${effect}) && ${settled === undefined ? ':' : write(settled)}`];
  });
  return ['umask 022; R=', ...lines].join('\n');
}

function write({ path, content, permissions }: SystemFile): string {
  const folder = path.slice(0, path.lastIndexOf('/'));
  const text = Buffer.from(content).toString('base64');
  return `{ mkdir -p ${folder} && printf %s '${text}' | base64 -d > ${path} && chmod ${permissions} ${path}; }`;
}

const readable = (path: string, content: string): SystemFile => ({ path, content, permissions: '0644' });

/** With the note that what was written has taken effect, by which a heal that was cut off before is noticed. */
function part(
  name: SystemPart['name'],
  files: readonly SystemFile[],
  places: readonly string[],
  effect: string,
): SystemPart {
  const note = `/var/lib/steward/settled/${name}`;
  const sum = hash('sha256', JSON.stringify(files.map(({ path, content }) => [path, content])));
  const settled = { path: note, content: `${sum}\n`, permissions: '0600' };
  return { name, files: files.length === 0 ? [] : [...files, settled], places: [...places, note], effect };
}

type Trust = { readonly folder: string; readonly suffix: string; readonly effect: string };
/** Where each distribution takes certificates of authorities from: update-ca-certificates(8), update-ca-trust(8). */
const TRUST: Readonly<Record<LinuxPackageManager, Trust>> = {
  apt: {
    folder: '/usr/local/share/ca-certificates',
    suffix: 'crt',
    effect: 'update-ca-certificates --fresh > /dev/null',
  },
  dnf: { folder: '/etc/pki/ca-trust/source/anchors', suffix: 'pem', effect: 'update-ca-trust' },
  zypper: { folder: '/etc/pki/trust/anchors', suffix: 'pem', effect: 'update-ca-certificates > /dev/null' },
};

const PROXY = {
  apt: '/etc/apt/apt.conf.d/90-steward-proxy',
  services: '/etc/systemd/system.conf.d/90-steward-proxy.conf',
  logins: '/etc/profile.d/steward-proxy.sh',
} as const;

function proxyFiles(
  { url, except = [] }: NonNullable<SystemSettings['proxy']>,
  packageManager: LinuxPackageManager,
): readonly SystemFile[] {
  const without = ['localhost', '127.0.0.1', '::1', ...except].join(',');
  const variables = [
    ...['http_proxy', 'https_proxy', 'HTTPS_PROXY'].map(name => [name, url]),
    ...['no_proxy', 'NO_PROXY'].map(name => [name, without]),
  ];
  const environment = variables.map(([name, value]) => `"${name}=${value}"`).join(' ');
  const direct = except
    .filter(host => !host.includes('/'))
    .map(host => `Acquire::http::Proxy::${host.replace(/^\./, '')} "DIRECT";\n`);
  return [
    ...(packageManager === 'apt'
      ? [
          readable(
            PROXY.apt,
            `// By Steward.\nAcquire::http::Proxy "${url}";\nAcquire::https::Proxy "${url}";\n${direct.join('')}`,
          ),
        ]
      : []),
    readable(PROXY.services, `# By Steward.\n[Manager]\nDefaultEnvironment=${environment}\n`),
    readable(
      PROXY.logins,
      `# By Steward.\n${variables.map(([name, value]) => `export ${name}='${value}'\n`).join('')}`,
    ),
  ];
}

const TIME = {
  timesyncd: '/etc/systemd/timesyncd.conf.d/90-steward.conf',
  chrony: '/etc/chrony/sources.d/steward.sources',
  chronyd: '/etc/chrony.d/steward.conf',
} as const;

/** Which program keeps the clock is the distribution's and the customer's to say: each is told, as each reads it. */
function timeFiles(servers: readonly string[]): readonly SystemFile[] {
  const chrony = servers.map(server => `server ${server} iburst\n`).join('');
  return [
    readable(TIME.timesyncd, `# By Steward.\n[Time]\nNTP=${servers.join(' ')}\n`),
    readable(TIME.chrony, chrony),
    readable(TIME.chronyd, chrony),
  ];
}

/** chrony of RHEL reads no folder by itself (chrony.conf(5), include). */
const TIME_EFFECT = `if [ -f "$R/etc/chrony.conf" ] && ! grep -q '^include /etc/chrony.d' "$R/etc/chrony.conf"; then printf 'include /etc/chrony.d/*.conf\\n' >> "$R/etc/chrony.conf"; fi
  systemctl try-restart systemd-timesyncd.service chrony.service chronyd.service > /dev/null 2>&1 || :`;
