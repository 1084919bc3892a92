/** What the scripts for apt say in a guest that is played: in the form that the readers of src/guest/packages/apt.ts take for their own. */
import { MARK } from '../../../src/guest/packages/prelude.ts';

const PACKAGES = Array.from({ length: 20 }, (_, index) => `libplayed${index}`);
export const OLD = '3.5.0-1';
export const NEW = '3.5.0-2+deb13u1';
/** The one that goes wrong where only one does. */
const [FIRST = ''] = PACKAGES;

/** Exactly what a ring before has proven. */
export const PINS = PACKAGES.map(name => ({ package: name, version: NEW }));

export type Installed = 'no' | 'yes' | 'half';

const answer = (...lines: readonly string[]): string =>
  [...lines, `end ${lines.length}`].map(line => `${MARK} ${line}\n`).join('');
const said = (words: string): string => `error ${Buffer.from(words).toString('base64')}`;

const SYSTEM = 'system debian 13 trixie';
const SOURCE = 'source trixie-security|trixie-security|trixie-security|Debian|Debian-Security';

/** What stands in the way before anything is changed. */
export type Blocker = 'locked' | 'full' | 'repository';

export function preflight(blocker?: Blocker): string {
  const failed = blocker === 'repository';
  return answer(
    SYSTEM,
    ...[failed ? 'sources 100 1' : 'sources 0 0', SOURCE],
    ...(failed ? [said('E: Failed to fetch http://deb.debian.org/debian-security  Connection timed out')] : []),
    `space / ${blocker === 'full' ? 1024 : 8_383_416} 8388608`,
    ...['space /boot 8383416 8388608', 'download 54200000', 'journal 0'],
    ...(blocker === 'locked'
      ? [`lock /var/lib/dpkg/lock-frontend 179 ${Buffer.from('apt-get').toString('base64')}`]
      : []),
    ...['services 0', 'reboot no'],
  );
}

export function scan(): string {
  const updates = PACKAGES.map(name => `update amd64 ${name} [${OLD}] (${NEW} Debian-Security:13/stable-security)`);
  return answer(SYSTEM, 'sources 0 0', SOURCE, ...updates, 'more 0', 'reboot no');
}

/** `failed`: a package's script did. `gone`: the version of one is not there any more. */
export function install(came: 'well' | 'failed' | 'gone'): string {
  if (came === 'failed')
    return answer(
      'exit 100',
      said(' installed libplayed0 package post-installation script subprocess returned error exit status 7'),
      said('E: Sub-process /usr/bin/dpkg returned an error code (1)'),
      ...installed('half'),
    );
  return answer(...(came === 'gone' ? [`pin ${FIRST} gone`] : []), 'exit 0', ...installed('yes', came === 'gone'));
}

export function readBack(state: Installed, { gone = false, reboot = false } = {}): string {
  return answer(...installed(state, gone), 'services 0', `reboot ${reboot ? 'yes' : 'no'}`);
}

function installed(state: Installed, gone = false): readonly string[] {
  const lines = PACKAGES.map(name => {
    if (state === 'half' && name === FIRST) return `installed ${name} iF ${NEW}`;
    return `installed ${name} ii ${state === 'no' || (gone && name === FIRST) ? OLD : NEW}`;
  });
  return [...lines, ...(state === 'half' ? [`state iF |${FIRST}`] : []), 'journal 0'];
}
