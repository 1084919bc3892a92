/**
 * What belongs to an operating system itself: units and services that its installation, or Steward, puts there. What else a customer names in spec.services is
 * his (MO-9, GE-15). Names without `.service`, as the sensors tell them; those of Windows in lower case.
 */
const LINUX: readonly RegExp[] = [
  /^(systemd|dbus|polkit|user|getty|serial-getty|session|modprobe|dracut|initrd|kmod|lvm2|blk-availability|multipathd|dm-event|mdmonitor)\b/,
  /^(ssh|sshd|sshd-keygen)(@.*)?$/,
  /^(cron|crond|atd|anacron|logrotate|rsyslog|syslog|auditd|irqbalance|tuned|haveged|rngd|smartd|fstrim|e2scrub.*)$/,
  /^(chrony|chronyd|ntp|ntpd|ntpsec|systemd-timesyncd)$/,
  /^(NetworkManager.*|networking|networkd-dispatcher|ifup@.*|wpa_supplicant|resolvconf|nscd|sssd.*|firewalld|nftables|iptables|ufw|apparmor|selinux.*)$/,
  /^(cloud-init.*|cloud-config|cloud-final|growpart|qemu-guest-agent|qemu-ga|qga)$/,
  /^(apt-daily.*|unattended-upgrades|dnf-.*|packagekit|man-db|dpkg-db-backup|motd-news|snapd.*|update-notifier.*|needrestart)$/,
  /^(node_exporter|prometheus-node-exporter.*|steward-.*)$/,
];

const WINDOWS: ReadonlySet<string> = new Set([
  ...['bfe', 'bits', 'brokerinfrastructure', 'cryptsvc', 'dcomlaunch', 'dhcp', 'dnscache', 'eventlog', 'eventsystem'],
  ...[
    'gpsvc',
    'iphlpsvc',
    'lanmanserver',
    'lanmanworkstation',
    'lsm',
    'mpssvc',
    'netlogon',
    'nlasvc',
    'nsi',
    'plugplay',
  ],
  ...[
    'power',
    'profsvc',
    'qemu-ga',
    'rpcept',
    'rpceptmapper',
    'rpcss',
    'samss',
    'schedule',
    'sens',
    'sshd',
    'termservice',
  ],
  ...[
    'trustedinstaller',
    'usermanager',
    'w32time',
    'wcmsvc',
    'windefend',
    'windows_exporter',
    'winmgmt',
    'winrm',
    'wuauserv',
  ],
]);

/** Whether a unit or service of a guest is the operating system's. */
export function isOfSystem(name: string, family: 'Linux' | 'Windows' | undefined): boolean {
  if (family === 'Windows') return WINDOWS.has(name.toLowerCase());
  const bare = name.replace(/\.(service|socket|timer|mount|target|path|scope|slice)$/, '');
  // What is no service (a mount, a slice) only the system has.
  return LINUX.some(pattern => pattern.test(bare)) || /\.(mount|swap|slice|device|target|automount)$/.test(name);
}
