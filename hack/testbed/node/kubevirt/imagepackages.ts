/**
 * What of Debian trixie goes into the image of KubeVirt's programs, by package name; versions and checksums are in the lock file
 * `../guest/lock/launcher.txt`. Bookworm's libvirt is too old for virt-launcher v1.8.
 */
export const launcherPackages = [
  'base-files',
  'bash',
  'coreutils',
  'dash',
  'findutils',
  'genisoimage',
  'grep',
  'iproute2',
  'libc-bin',
  'libvirt-clients',
  'libvirt-daemon',
  'libvirt-daemon-common',
  'libvirt-daemon-driver-qemu',
  'libvirt-daemon-log',
  'libvirt-dev',
  'mount',
  'nftables',
  'procps',
  'qemu-system-x86',
  'qemu-utils',
  'seabios',
  'sed',
  'tar',
  'util-linux',
  'xorriso',
] as const;

/** What the tiny guest is taken from; its lock file is `../guest/lock/tinyguest.txt`. */
export const tinyGuestPackages = [
  'base-files',
  'busybox-static',
  'linux-image-cloud-amd64',
  'qemu-guest-agent',
] as const;
