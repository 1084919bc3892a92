import { z } from 'zod';
import { withRules } from './rules.ts';

const words = (text: string): readonly string[] => text.split(/\s+/).filter(word => word !== '');

/**
 * Login names that are taken or mean something else in some guest, by where they come from. cloud-init ends the making of accounts at
 * the first that fails (a group of that name exists), and gives rights and keys to an account that it finds (Debian's `backup`).
 */
const RESERVED = {
  provider: words('steward'),
  /** Makes the image's own account instead of one of this name (cloudinit/distros/ug_util.py). */
  cloudInit: words('default'),
  /** Accounts and groups of base-passwd. */
  debian: words(`
    root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats nobody
    adm tty disk kmem dialout fax voice cdrom floppy tape sudo audio dip operator src shadow utmp video sasl plugdev
    staff users nogroup`),
  /** Accounts and groups of setup, which SUSE's and Red Hat's systems have beside those. */
  redHatAndSUSE: words(`
    shutdown halt ftp wheel mem lock gopher utempter ssh_keys trusted modem wwwrun maildrop public console xok`),
  /** Accounts and groups that packages of cloud images make. */
  packages: words(`
    admin adduser audit avahi chrony cockpit-ws cockpit-wsinstance crontab dbus dnsmasq docker firewalld fwupd-refresh gdm
    input kvm landscape libvirt lxd messagebus mysql named netdev nginx apache nm-openconnect node-exporter node_exporter
    nscd ntp polkitd pollinate postfix postgres prometheus pulse qemu rdma render rpc rpcuser rtkit saslauth setroubleshoot
    sgx ssh sshd sssd stapdev stapusr statd syslog tcpdump tss unbound usbmux uuidd vboxadd virtlogin`),
  /** The account that the vendor's own image makes where it is not told otherwise. */
  images: words(
    'debian ubuntu cloud-user centos rocky almalinux fedora opensuse suse sles ec2-user opc alpine arch vagrant',
  ),
  /** Built-in accounts, groups and identities, and names that no file and so no profile can have. */
  windows: words(`
    administrator administrators defaultaccount wdagutilityaccount guest guests system krbtgt helpassistant none everyone
    anonymous authenticated batch dialup interactive network restricted self service local localservice networkservice
    replicator con prn aux nul com1 com2 com3 com4 com5 com6 com7 com8 com9 lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9`),
} as const;

/** All of them, once each. */
export const reservedUsers: readonly string[] = [...new Set(Object.values(RESERVED).flat())];

/** Accounts that Debian's and systemd's own packages make begin so. */
const RESERVED_PREFIXES = ['_', 'systemd-'] as const;

export function isReservedUser(name: string): boolean {
  return reservedUsers.includes(name) || RESERVED_PREFIXES.some(prefix => name.startsWith(prefix));
}

/** Login name of a customer's account in the guest. */
export const UserName = withRules(
  z
    .string()
    .min(1)
    .max(32)
    .regex(/^[a-z_][a-z0-9_-]*$/),
  {
    rule: [
      `!(self in [${reservedUsers.map(name => `'${name}'`).join(', ')}])`,
      ...RESERVED_PREFIXES.map(prefix => `!self.startsWith('${prefix}')`),
    ].join(' && '),
    message:
      'is the name of an account or group that the provider, cloud-init, Linux or Windows has for itself (such as steward, default, backup, operator, users, administrator, systemd-network): the account could not be made or would have the rights of another; choose another name (MO-8)',
    holds: name => !isReservedUser(name),
  },
);
