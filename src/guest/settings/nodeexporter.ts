import type { LinuxPackageManager } from '../../api/operatingsystem.ts';
import { type Download, EXPORTER_PORTS } from '../../domain/machine/firstboot/exporters.ts';
import { shellWord } from '../shellword.ts';
import type { GuestFile } from './setting.ts';

/** Where the guest's own jobs put metrics as files; Debian's packages of collectors write there. */
export const TEXTFILE_FOLDER = '/var/lib/prometheus/node-exporter';

const ENVIRONMENT_FILE = '/etc/steward/node-exporter';
/** The program that brings and starts it. */
export const INSTALLER = '/usr/local/sbin/steward-install-node-exporter';

/** Debian and EPEL call the unit so, SUSE otherwise; whichever is there reads our arguments. */
export const EXPORTER_UNITS = ['prometheus-node-exporter', 'prometheus-node_exporter'] as const;

const ARGUMENTS = [
  `--web.listen-address=:${EXPORTER_PORTS.Linux}`,
  '--collector.systemd',
  `--collector.textfile.directory=${TEXTFILE_FOLDER}`,
].join(' ');

/**
 * Files by which node_exporter comes into a Linux guest (MO-5, MO-12), the installer last: the distribution's package where it has
 * one, else the upstream release by its SHA-256. The systemd collector is off by default and tells of services.
 */
export function exporterFiles(packageManager: LinuxPackageManager, release: Download): readonly GuestFile[] {
  const dropIn = `[Service]\nEnvironmentFile=${ENVIRONMENT_FILE}\n`;
  return [
    { path: ENVIRONMENT_FILE, content: `ARGS="${ARGUMENTS}"\n`, permissions: '0644' },
    ...EXPORTER_UNITS.map(unit => ({
      path: `/etc/systemd/system/${unit}.service.d/steward.conf`,
      content: dropIn,
      permissions: '0644',
    })),
    { path: INSTALLER, content: installer(packageManager, release), permissions: '0755' },
  ];
}

/** Packages that may have brought it. */
export const EXPORTER_PACKAGES: Readonly<Record<LinuxPackageManager, readonly string[]>> = {
  apt: ['prometheus-node-exporter'],
  dnf: ['node-exporter', 'golang-github-prometheus-node-exporter'],
  zypper: ['golang-github-prometheus-node_exporter'],
};

const INSTALL_PACKAGE: Readonly<Record<LinuxPackageManager, string>> = {
  // Its lists may be older than what the mirror still has.
  apt: `export DEBIAN_FRONTEND=noninteractive
set -- -o DPkg::Lock::Timeout=300
apt-get install -y --no-install-recommends prometheus-node-exporter "$@" || {
  apt-get update "$@" && apt-get install -y --no-install-recommends prometheus-node-exporter "$@"
}`,
  // EPEL: a package of most rebuilds; Oracle has its own; for RHEL itself it is fetched by address.
  dnf: `major=$(. /etc/os-release; echo "\${VERSION_ID%%.*}")
dnf install -y epel-release || dnf install -y "oracle-epel-release-el$major" ||
  dnf install -y "https://dl.fedoraproject.org/pub/epel/epel-release-latest-$major.noarch.rpm"
dnf install -y node-exporter || dnf install -y golang-github-prometheus-node-exporter`,
  zypper: 'zypper --non-interactive install --no-recommends golang-github-prometheus-node_exporter',
};

function installer(packageManager: LinuxPackageManager, release: Download): string {
  const check =
    release.sha256 === undefined ? '' : `echo '${release.sha256}  '"$archive" | sha256sum --check --quiet\n  `;
  return `#!/bin/sh
# By Steward: installs and starts node_exporter.
set -e

install_package() {
${INSTALL_PACKAGE[packageManager]}
}

install_release() {
  archive=$(mktemp)
  trap 'rm -f "$archive"' EXIT
  curl --fail --silent --show-error --location --retry 5 --output "$archive" ${shellWord(release.url)}
  ${check}tar --extract --gzip --file "$archive" --directory /usr/local/bin --strip-components=1 --wildcards '*/node_exporter'
  useradd --system --no-create-home --shell /sbin/nologin prometheus 2>/dev/null || true
  cat >/etc/systemd/system/${EXPORTER_UNITS[0]}.service <<'UNIT'
[Unit]
Description=Prometheus exporter for machine metrics
After=network-online.target
Wants=network-online.target
[Service]
User=prometheus
ExecStart=/usr/local/bin/node_exporter $ARGS
Restart=on-failure
[Install]
WantedBy=multi-user.target
UNIT
}

mkdir -p ${TEXTFILE_FOLDER}
# As a condition, so that a distribution without the package ends nothing; the release is no condition, so that a wrong
# checksum ends everything (set -e does not count in one).
if ! install_package; then install_release; fi
if systemctl is-active --quiet firewalld; then
  firewall-cmd --quiet --permanent --add-port=${EXPORTER_PORTS.Linux}/tcp
  firewall-cmd --quiet --reload
fi
systemctl daemon-reload
for unit in ${EXPORTER_UNITS.join(' ')}; do
  systemctl cat "$unit.service" >/dev/null 2>&1 || continue
  systemctl enable "$unit.service"
  systemctl restart "$unit.service"
done
`;
}
