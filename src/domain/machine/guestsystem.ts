import type { OperatingSystem } from '../../api/operatingsystem.ts';
import { cut } from '../contract/excerpt.ts';
import type { VirtualMachineInstance } from './observedvm.ts';

/** How a system calls itself: ID of os-release(5), and what the QEMU guest agent says for Windows; by the name that its vendor gives it. */
const IDS: ReadonlyMap<string, string> = new Map([
  ['almalinux', 'almalinux'],
  ['centos stream', 'centos'],
  ['debian', 'debian'],
  ['fedora', 'fedora'],
  ['opensuse leap', 'opensuse-leap'],
  ['oracle linux', 'ol'],
  ['red hat enterprise linux', 'rhel'],
  ['rocky linux', 'rocky'],
  ['suse linux enterprise server', 'sles'],
  ['ubuntu', 'ubuntu'],
  ['windows', 'mswindows'],
  ['windows server', 'mswindows'],
]);

/**
 * What the guest says it is, where that is another system or major release than the catalogue entry (GE-9, GE-11); undefined where
 * nothing contradicts it. What a guest says is the word of who has root in it: it can only take away, never make a system supported.
 */
export function otherSystem({ spec }: OperatingSystem, guest: VirtualMachineInstance['guest']): string | undefined {
  const wanted = IDS.get(spec.distribution.toLowerCase());
  const another = guest.id !== undefined && guest.id !== (wanted ?? guest.id);
  const otherFamily = guest.id !== undefined && (guest.id === 'mswindows') !== (spec.family === 'Windows');
  const otherRelease = guest.versionId !== undefined && !isRelease(guest.versionId, spec.version);
  if (!another && !otherFamily && !otherRelease) return undefined;
  const { name = 'a system without a name', id = 'none', versionId = 'none' } = guest;
  return `${cut(name, 64)} (ID ${cut(id, 32)}, VERSION_ID ${cut(versionId, 32)})`;
}

/** Whether a guest's version belongs to a release: `9.4` to 9, `15.7` to 15 SP7; a guest that only says `9` does not contradict 9.4. */
function isRelease(version: string, release: string): boolean {
  const [is, of] = [version, release.toLowerCase().replace(/ ?sp ?/, '.')];
  return is === of || is.startsWith(`${of}.`) || of.startsWith(`${is}.`);
}
