import type { LinuxPackageManager } from '../../api/operatingsystem.ts';
import type { GuestFile, Setting } from './setting.ts';
import { UPDATER_FILES, UPDATER_UNITS } from './updaterunits.ts';
import { base64, sha256 } from './words.ts';

/** How the updater was before it was switched off: a line for each unit, `UNIT LoadState UnitFileState ActiveState`. */
const BEFORE = '/var/lib/steward/updater';

/** The guest's own updater is off where the service patches (MO-3, MO-10); elsewhere it is as it was before Steward switched it off. */
export function updaterSetting(packageManager: LinuxPackageManager, ownUpdater: boolean): Setting {
  const units = UPDATER_UNITS[packageManager];
  const files = UPDATER_FILES[packageManager];
  const words = units.join(' ');
  return {
    name: 'updater',
    units,
    files,
    look: ownUpdater ? lookBack(files) : lookOff(words, files),
    heal: ownUpdater ? healBack(words, files) : healOff(words, files),
  };
}

const paths = (files: readonly GuestFile[]): string => files.map(({ path }) => path).join(' ');

const lookOff = (units: string, files: readonly GuestFile[]): string => `
  for each in ${units}; do
    if ! unit "$each"; then failed "systemd does not answer"; return; fi
    if [ "$loaded" != masked ]; then differs "$each is not masked"; fi
    if [ "$active" = active ] || [ "$active" = activating ]; then differs "$each runs"; fi
  done
${files.map(({ path, content }) => `  same ${path} ${sha256(content)} || differs "${path} is another"`).join('\n')}`;

/** Only what we left is looked for: whether the customer's updater runs where the service does not patch is theirs to say. */
const lookBack = (files: readonly GuestFile[]): string => `
  for each in ${BEFORE} ${paths(files)}; do
    if [ -e "$R$each" ]; then differs "it is still switched off by Steward ($each)"; fi
  done`;

const healOff = (units: string, files: readonly GuestFile[]): string => `
  if [ ! -e "$R${BEFORE}" ]; then
    put ${BEFORE} 0600 "$(for each in ${units}; do
      echo "$each $(state "$each" LoadState) $(state "$each" UnitFileState) $(state "$each" ActiveState)"
    done | base64 -w0)"
  fi
${files.map(({ path, content, permissions }) => `  put ${path} ${permissions} ${base64(content)}`).join('\n')}
  for each in ${units}; do
    if [ "$(state "$each" LoadState)" = masked ] && [ "$(state "$each" ActiveState)" != active ]; then continue; fi
    # Stopped before it is masked: a unit that is masked while it runs ends as failed.
    systemctl stop "$each" 2> /dev/null || :
    systemctl mask --quiet "$each"
    changed "$each masked"
  done`;

/** Where no note of before is (first boot by an earlier Steward masked it): as the distribution presets it. */
const healBack = (units: string, files: readonly GuestFile[]): string => `
  for each in ${units}; do
    was=$(awk -v unit="$each" '$1 == unit { print $2 " " $3 " " $4; exit }' "$R${BEFORE}" 2> /dev/null || :)
    case "$was" in masked*) continue;; esac
    if [ "$(state "$each" LoadState)" != masked ]; then continue; fi
    systemctl unmask --quiet "$each"
    changed "$each unmasked"
    if [ "$(state "$each" LoadState)" = not-found ]; then continue; fi
    case "$was" in
      '') systemctl preset --quiet "$each" || :; case "$each" in *.timer) systemctl start "$each";; esac;;
      *' active') systemctl start "$each";;
    esac
  done
  remove ${paths(files)} ${BEFORE}`;
