/**
 * Updates inside the version line (AP-2): packages are brought to the version that the provider has designated while no client is let in, and back to
 * what they were where the application does not work with it. Data are never put back, so no write that a client was told of is lost.
 */
import type { LinuxPackageManager } from '../../api/operatingsystem.ts';
import type { ApplicationPlan } from '../../domain/contract/applicationplan.ts';
import { closingLeaves, closingOf, HEAL_CLOSING, unclosed } from './closing.ts';
import {
  exactVersion,
  instantWord,
  noteOf,
  type Place,
  packageName,
  type Scripts,
  type StepOf,
  seconds,
  unitName,
} from './planwords.ts';
import { judgingOf } from './probes.ts';

type Step = StepOf<'package'>;
type Update = NonNullable<Step['update']>;

/** Packages in the designated version; the first of them is the one that has it. The probes of the plan judge what was installed. */
export function packagesUpdated(
  { packages, update }: { readonly packages: Step['packages']; readonly update: Update },
  { steps, probes }: Pick<ApplicationPlan, 'steps' | 'probes'>,
  place: Place,
): Scripts {
  const names = packages.map(packageName).join(' ');
  const until = update.notAfter === undefined ? '-' : instantWord(update.notAfter);
  const words = `${noteOf(place)} ${exactVersion(update.version)} ${until} ${names}`;
  return {
    look: `look_packages ${names}\nlook_update ${words}`,
    heal: [
      closingOf(place.application, update.ports),
      judgingOf(probes),
      `start_anew() {${steps.map(step => (step.type === 'unit' ? ` systemctl restart ${unitName(step.unit)} || :;` : '')).join('')} :; }`,
      `heal_update ${folderOf(place)} ${seconds(update.withinSeconds)} ${words}`,
    ].join('\n'),
  };
}

/** Without a designated version the packages are the system's to patch again. */
export const heldNoMore = (place: Place): Scripts => ({
  look: `look_unheld ${noteOf(place)}`,
  heal: `heal_unheld ${noteOf(place)}`,
});

/** What an update has left goes with the packages. */
export function updateGone(place: Place): Scripts {
  const paths = closingLeaves(place.application);
  return {
    look: `look_unheld ${noteOf(place)}`,
    heal: `heal_unheld ${noteOf(place)}\n${unclosed(place.application)}\nremove ${paths.join(' ')}\nrm -f -- "$R${noteOf(place)}.update" "$R${noteOf(place)}.outcome"`,
  };
}

/** Where the packages lie that are installed, and those that are to be. */
const folderOf = ({ application }: Place): string => `/var/lib/steward/applications/${application}/packages`;

/** A command that tells of the last update of an application, after the look at it. */
export const tellUpdate = (place: Place): string => `tell_update ${place.application} ${noteOf(place)}`;

const REFUSED = 'updates of applications are carried out by apt alone so far';

/** `note_of FILE` reads `from to word at closed`; fails where there is none. Root alone writes there; what it reads is shown and compared, nothing more. */
const NOTES = `
note_of() {
  from=-; to=-; phase=-; at=-; closed=-
  [ -f "$R$1" ] || return 1
  read -r from to phase at closed more < "$R$1" || [ -n "$phase" ]
}
was_tried() { note_of "$1.outcome" && [ "$to" = "$2" ] && [ "$phase" = RolledBack ]; }
held() { [ "$(limit 10 dpkg-query -W -f '\${db:Status-Want}' "$1" 2> /dev/null < /dev/null)" = hold ]; }
`;

export const lookUpdates = (packageManager: LinuxPackageManager): string =>
  packageManager === 'apt'
    ? LOOK
    : `
look_update() { failed "${REFUSED}"; }
look_unheld() { :; }
tell_update() { line update "$1" - - - - -; }
`;

export const healUpdates = (packageManager: LinuxPackageManager): string =>
  packageManager === 'apt'
    ? HEAL_CLOSING + HEAL
    : `${HEAL_CLOSING}
heal_update() { give_up "${REFUSED}"; }
heal_unheld() { :; }
`;

const LOOK = `${NOTES}
# look_update NOTE VERSION UNTIL MAIN OTHERS…
look_update() {
  note=$1; designated=$2; until=$3; shift 3
  if note_of "$note.update"; then
    differs "the update of $1 from $from to $to has not come to its end ($phase)"
    if [ "$closed" != - ]; then differs "its interface is closed since $(date -u -d "@$closed" +%Y-%m-%dT%H:%M:%SZ)"; fi
    return
  fi
  if ! package_version "$1" || [ -z "$version" ]; then return; fi
  if dpkg --compare-versions "$version" lt "$designated" && ! was_tried "$note" "$designated" && { [ "$until" = - ] || [ "$worker_clock" -lt "$until" ]; }; then
    why=
    if [ -f "$R$note.refused" ]; then read -r for why < "$R$note.refused" || :; [ "$for" = "$designated" ] || why=; fi
    differs "$1 is $version, and $designated is designated\${why:+; not begun: $why}"
  fi
  for each in "$@"; do
    if ! held "$each"; then differs "$each is not left out of the patches of the system"; fi
  done
}

look_unheld() { if [ -e "$R$1.held" ]; then differs "its packages are left out of the patches of the system, and no version is designated"; fi; }

# tell_update APPLICATION NOTE
tell_update() {
  if note_of "$2.update"; then case "$phase" in Failed) ;; *) phase=Running;; esac; else note_of "$2.outcome" || :; fi
  for each in "$from" "$to"; do case "$each" in ''|*[!A-Za-z0-9.+~:-]*) from=-; to=-; phase=-; at=-; closed=-;; esac; done
  case "$at" in *[!0-9]*|'') at=-; esac
  case "$closed" in *[!0-9]*|'') closed=-;; esac
  line update "$1" "$(printf %.64s "$from")" "$(printf %.64s "$to")" "$(printf %.16s "$phase")" "$(printf %.11s "$at")" "$(printf %.11s "$closed")"
}
`;

const APT =
  'DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends --no-remove --allow-change-held-packages -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0';

const HEAL = `${NOTES}
# heal_update FOLDER PATIENCE NOTE VERSION UNTIL MAIN OTHERS…
heal_update() {
  home=$1; patience=$2; note=$3; designated=$4; until=$5; main=$6
  shift 5
  if ! note_of "$note.update"; then
    package_version "$main" || give_up "the package manager does not answer"
    if [ -z "$version" ]; then install_first "$@"
    elif is_due; then
      begun_at=$(date +%s)
      prepare_update "$@"
      mark "$note.update" "$version $designated begun $begun_at -"
    fi
  fi
  if note_of "$note.update"; then bring_to_end; fi
  heal_packages "$@"
  hold_packages "$@"
  keep_installed
}

is_due() {
  dpkg --compare-versions "$version" lt "$designated" && ! was_tried "$note" "$designated" && { [ "$until" = - ] || [ "$(date +%s)" -lt "$until" ]; }
}

install_first() {
  shift
  install_packages "$main=$designated" "$@"
}

# refuse WORDS: nothing was changed, and nothing is.
refuse() { mark "$note.refused" "$designated $1"; give_up "not begun: $1"; }

# What is installed must lie here before anything else comes: archives keep the newest version only.
prepare_update() {
  repair
  if [ -n "$closes" ] && ! can_close; then refuse "its interface cannot be closed, for the package $lacking is not to be had"; fi
  plan_update "$@" || { apt-get -q -o DPkg::Lock::Timeout=300 update < /dev/null > /dev/null || :; plan_update "$@"; } || refuse "the guest's package manager has no way to $designated"
  rm -rf -- "$R$home/new"; mkdir -p -- "$R$home/kept" "$R$home/new"
  while read -r name old new; do
    if [ "$old" != - ]; then fetch kept "$name" "$old" || refuse "there is no way back: $name $old is not to be had any more"; fi
    fetch new "$name" "$new" || refuse "$name $new is not to be had"
  done < "$R$home/plan"
  sync
  rm -f -- "$R$note.refused"
}

# plan_update MAIN OTHERS…: what would be changed, as \`name old new\`.
plan_update() {
  shift
  ${APT} -s install "$main=$designated" "$@" < /dev/null 2> /dev/null > "$R$home.said" || { mkdir -p -- "$R$home"; return 1; }
  mkdir -p -- "$R$home"
  awk '$1 == "Inst" { old = "-"; at = 3; if ($3 ~ /^\\[/) { old = substr($3, 2, length($3) - 2); at = 4 } print $2, old, substr($at, 2) }' "$R$home.said" > "$R$home/plan"
  rm -f -- "$R$home.said"
  grep -q "^$main " "$R$home/plan"
}

# fetch kept|new NAME VERSION
fetch() {
  if [ -n "$(deb_of "$1" "$2" "$3")" ]; then return; fi
  ( cd "$R$home/$1" && apt-get -q -o DPkg::Lock::Timeout=300 download "$2=$3" < /dev/null > /dev/null 2>&1 ) || :
  [ -n "$(deb_of "$1" "$2" "$3")" ]
}

# deb_of kept|new NAME VERSION: the file, if it is whole.
deb_of() {
  for each in "$R$home/$1/\${2%%:*}_$(printf %s "$3" | sed 's/:/%3a/g')_"*.deb; do
    if [ -f "$each" ] && dpkg-deb --info "$each" > /dev/null 2>&1; then printf '%s\\n' "$each"; fi
  done
}

# phase_is WORD: noted before what it says is begun.
phase_is() { phase=$1; mark "$note.update" "$from $to $phase $at $closed"; }

# An update that was cut off goes on where it was, forward once more and then back; whether it works says what it has come to.
bring_to_end() {
  if outcome_stands; then finish; return; fi
  close_for_update
  case "$phase" in
    begun) forward installing;;
    installing) forward again;;
    again) ;;
    back|Failed) if ! works 1; then back; fi;;
  esac
  judge_update
}

close_for_update() {
  if [ -n "$closes" ] && [ "$closed" = - ]; then closed=$(date +%s); phase_is "$phase"; fi
  if close_interface "$closed"; then return; fi
  if [ "$phase" != begun ]; then give_up "the interface could not be closed"; fi
  open_interface
  rm -f -- "$R$note.update"
  refuse "the interface could not be closed, or its sessions did not end"
}

# What runs is started anew even if a package has left it as it was: nothing would be known of what it has brought.
forward() {
  phase_is "$1"
  repair
  ${APT} install "$R$home/new/"*.deb < /dev/null || changed "the package manager ended with an error"
  start_anew
}

back() {
  phase_is back
  set --
  while read -r name old new; do
    if [ "$old" != - ]; then set -- "$@" "$(deb_of kept "$name" "$old")"; fi
  done < "$R$home/plan"
  repair
  ( DPKG_FORCE="$DPKG_FORCE,downgrade"; ${APT} --allow-downgrades install "$@" < /dev/null || DEBIAN_FRONTEND=noninteractive dpkg --install "$@" < /dev/null ) || :
  start_anew
}

repair() { DEBIAN_FRONTEND=noninteractive dpkg --configure -a < /dev/null > /dev/null 2>&1 || :; }

# works SECONDS: within that time all that was installed is whole, and all probes succeed.
works() { within "$1" is_whole; }
is_whole() { [ -z "$(dpkg --audit "$main" 2>&1 < /dev/null)" ] && judged; }

judge_update() {
  if [ "$phase" != back ] && [ "$phase" != Failed ] && ! { package_version "$main" && [ "$version" = "$to" ] && works "$patience"; }; then back; fi
  package_version "$main" || version=
  if ! works "$patience"; then
    phase_is Failed
    give_up "$main works neither as $to nor as $from\${closes:+: its interface stays closed}"
  fi
  case "$version" in
    "$to") outcome=Updated;;
    *) outcome=RolledBack;;
  esac
  mark "$note.outcome" "$from $to $outcome $at -"
  finish
}

# outcome_stands: this update has come to its end, and was cut off before that was tidied up.
outcome_stands() { ( this=$at; note_of "$note.outcome" && [ "$at" = "$this" ] ); }

finish() {
  package_version "$main" || version=
  open_interface
  if [ "$version" = "$to" ]; then
    while read -r name old _; do rm -f -- "$(deb_of kept "$name" "$old")"; done < "$R$home/plan"
    mv -f -- "$R$home/new/"*.deb "$R$home/kept/" 2> /dev/null || :
    changed "$main updated from $from to $to"
  else changed "$main is $from again, for it did not work as $to"
  fi
  rm -f -- "$R$note.update"
}

hold_packages() {
  for each in "$@"; do
    if ! held "$each"; then mark "$note.held" "$*"; apt-mark hold "$each" > /dev/null; changed "$each left out of the patches of the system"; fi
  done
}

# keep_installed: what is installed of one source lies here as far as it is to be had; whether it is all that an update needs is asked before it.
keep_installed() {
  mkdir -p -- "$R$home/kept"
  dpkg-query -W -f '\${db:Status-Status} \${source:Package} \${Package} \${Version}\\n' > "$R$home/installed"
  source=$(dpkg-query -W -f '\${source:Package}' "$main")
  while read -r status of name version; do
    if [ "$status" = installed ] && [ "$of" = "$source" ]; then fetch kept "$name" "$version" || :; fi
  done < "$R$home/installed"
}

heal_unheld() {
  if [ ! -e "$R$1.held" ]; then return; fi
  for each in $(cat "$R$1.held"); do apt-mark unhold "$each" > /dev/null 2>&1 || :; done
  rm -f -- "$R$1.held"
  changed "its packages are patched with the system again"
}
`;
