import type { ProductSpec } from '../../../api/product.ts';

/** Where the provider's own access, and what Steward itself keeps in a guest, lies: no matter of an application. */
const KEPT = [
  ...['/etc/steward', '/var/lib/steward', '/run/steward'],
  ...['/etc/ssh', '/root', '/etc/pam.d', '/etc/security', '/etc/sudoers', '/etc/sudoers.d', '/etc/polkit-1'],
  ...['/etc/passwd', '/etc/group', '/etc/shadow', '/etc/gshadow', '/etc/subuid', '/etc/subgid', '/etc/login.defs'],
  ...['/etc/passwd-', '/etc/group-', '/etc/shadow-', '/etc/gshadow-', '/etc/nsswitch.conf', '/etc/securetty'],
  ...['/etc/ld.so.preload', '/etc/ld.so.conf', '/etc/ld.so.conf.d', '/etc/cloud', '/var/lib/cloud'],
  ...['/etc/apt/trusted.gpg', '/etc/apt/trusted.gpg.d', '/proc', '/sys', '/dev', '/boot'],
];

/** Names that decide who can log in, wherever they lie. */
const KEPT_NAMES = ['.ssh', 'authorized_keys', 'authorized_keys2', '.rhosts', '.shosts'];
const STEWARDS_UNIT = /^steward-/;

/** Accounts that are there with the system, or are the provider's. */
const KEPT_ACCOUNTS = ['root', 'daemon', 'bin', 'sys', 'sync', 'nobody', 'sshd', 'messagebus', 'steward'];

/** What is wrong with the places at which a Product writes. */
export function pathFaults(spec: ProductSpec): readonly string[] {
  const written = placesOf(spec);
  const seen = new Map<string, string>();
  return written.flatMap(({ place, name, path, mode }) => {
    const earlier = seen.get(path);
    seen.set(path, name);
    const faults = [
      ...placeFaults(path),
      ...(earlier === undefined ? [] : [`${path} is what step ${earlier} makes already`]),
      ...(othersMayWrite(mode) ? [`mode ${mode} lets everybody write what the provider answers for`] : []),
    ];
    return faults.map(fault => `${place}: ${fault}.`);
  });
}

/** What is wrong with the accounts and units that a Product makes its own. */
export function accountFaults({ steps }: ProductSpec): readonly string[] {
  return steps.flatMap(({ name, systemUser, unit, file }) => [
    ...(systemUser !== undefined && KEPT_ACCOUNTS.includes(systemUser.name)
      ? [`spec.steps.${name}.systemUser.name: ${systemUser.name} is an account of the system or of the provider.`]
      : []),
    ...[unit?.name, file?.unit]
      .filter(each => each !== undefined && STEWARDS_UNIT.test(each))
      .map(each => `spec.steps.${name}: unit ${each} is Steward’s own.`),
  ]);
}

type Place = { readonly place: string; readonly name: string; readonly path: string; readonly mode: string };

function placesOf({ steps }: ProductSpec): readonly Place[] {
  return steps.flatMap(({ name, file, directory }) => [
    ...(file === undefined ? [] : [{ place: `spec.steps.${name}.file.path`, name, path: file.path, mode: file.mode }]),
    ...(directory === undefined
      ? []
      : [{ place: `spec.steps.${name}.directory.path`, name, path: directory.path, mode: directory.mode }]),
  ]);
}

function placeFaults(path: string): readonly string[] {
  const names = path.split('/');
  if (names.some(name => name === '.' || name === '..')) return [`${path} leads elsewhere than it seems`];
  const kept = KEPT.some(each => path === each || path.startsWith(`${each}/`));
  const keptName = names.some(name => KEPT_NAMES.includes(name) || STEWARDS_UNIT.test(name));
  return kept || keptName ? [`${path} is not an application’s to write`] : [];
}

function othersMayWrite(mode: string): boolean {
  return (Number.parseInt(mode, 8) & 0o002) !== 0;
}
