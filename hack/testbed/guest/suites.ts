/** What the guests of the test bed are made of, by package name. Versions and checksums are in `lock/`. */
export const suites = ['bookworm', 'trixie'] as const;
export type Suite = (typeof suites)[number];

/** Suite of the programs that build the disks, whatever Debian or other Linux the machine itself runs. */
export const workshopSuite = 'trixie' satisfies Suite;

/** Suite of what no stable Debian has. */
export const testingSuite = 'forky';

/** `?essential` is apt's pattern for what every Debian has. */
export const workshopPackages = [
  '?essential',
  'e2fsprogs',
  'fdisk',
  'grub-common',
  'grub-pc-bin',
  'mmdebstrap',
  'mount',
  'xz-utils',
] as const;

/** A small server that configures itself with cloud-init, and no package that Steward installs. */
export const diskPackages = [
  '?essential',
  'adduser',
  'apt',
  'cloud-guest-utils',
  'cloud-init',
  'dbus',
  'e2fsprogs',
  'initramfs-tools',
  'iproute2',
  'kmod',
  'linux-image-cloud-amd64',
  'netbase',
  'openssh-server',
  'passwd',
  'procps',
  'sudo',
  'systemd-resolved',
  'systemd-sysv',
  'udev',
  'zstd',
] as const;

/** What a guest fetches: the software that Steward installs, and `cron` as a service a test may stop. */
export const mirrorPackages = ['cron', 'prometheus-node-exporter', 'qemu-guest-agent', 'systemd-timesyncd'] as const;

/** What applications of the catalogue are made of, for a Debian that has nothing of them. Of trixie. */
export const applicationPackages = [
  'mariadb-server',
  'nftables',
  'nginx',
  'postgresql-17',
  'prometheus-mysqld-exporter',
  'prometheus-nginx-exporter',
  'prometheus-postgres-exporter',
  'prometheus-redis-exporter',
  'valkey-server',
] as const;

/** PostgreSQL as the Debian before has it, for a Debian 13, and what it needs there: so is a system after its own upgrade, and there a line change begins. */
export const formerPackages = {
  bookworm: ['libicu72', 'libldap-2.5-0', 'libllvm14', 'postgresql-15', 'postgresql-client-15'],
  trixie: [
    'libgnutls30t64',
    'libhogweed6t64',
    'libidn2-0',
    'libnettle8t64',
    'libp11-kit0',
    'libtasn1-6',
    'libunistring5',
  ],
} as const;

/** Package managers of other distributions, and what makes packages and repositories for them: in Debian's own builds. */
export const rpmPackages = [
  '?essential',
  'createrepo-c',
  'dnf',
  'dnf-plugins-core',
  'procps',
  'rpm',
  'zypper',
] as const;

/** The same with dnf 5. */
export const dnf5Packages = ['?essential', 'createrepo-c', 'dnf5', 'procps', 'rpm'] as const;

/** What images of programs are made of: libraries, certificates, and two programs of Debian's own. Of trixie, like the Dockerfile's base. */
export const imagePackages = [
  'ca-certificates',
  'gcc-14-base',
  'libatomic1',
  'libc6',
  'libgcc-s1',
  'libstdc++6',
  'prometheus',
  'prometheus-alertmanager',
] as const;

/** Git and Redis, which Argo CD needs, with the libraries that they load and their dynamic linker: they run on machines with another Debian. */
export const gitopsPackages = [
  'git',
  'libatomic1',
  'libc6',
  'libcap2',
  'libgcc-s1',
  'libjemalloc2',
  'liblua5.1-0',
  'liblzf1',
  'libpcre2-8-0',
  'libssl3t64',
  'libstdc++6',
  'libsystemd0',
  'libzstd1',
  'lua-bitop',
  'lua-cjson',
  'redis-tools',
  'zlib1g',
] as const;
