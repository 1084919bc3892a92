/** Files and folders of an application, and the accounts that own them. */
import type { GuestFile, Setting } from '../settings/setting.ts';
import { base64, sha256 } from '../settings/words.ts';
import { shellWord } from '../shellword.ts';
import { keptOf, login, mode, noteOf, type Place, path, type StepOf, unitName } from './planwords.ts';

type FileStep = StepOf<'file'>;
type Scripts = Pick<Setting, 'look' | 'heal' | 'files'>;

/** Most that is kept of a changed file, in bytes, and most copies of each file: whoever has root could fill the disk by it. */
const KEPT_BYTES = 1_048_576;
const KEPT_COPIES = 10;

/** A new file takes its place whole, once what checks it has admitted it; whoever uses it is told, also where a cut came between the two. */
export function fileThere(step: FileStep, place: Place): Scripts {
  const { content, change } = step;
  const owner = `${login(step.owner)}:${login(step.group)}`;
  const words = [path(step.path), sha256(content), owner, octal(step.mode)].join(' ');
  const tell = change === undefined ? "'' ''" : `${unitName(change.unit)} ${change.how}`;
  return {
    files: [fileOf(step)],
    look: `look_owned ${words} ${noteOf(place)}`,
    heal: [
      `validate() { ${validation(step)}; }`,
      `heal_owned ${words} ${noteOf(place)} ${keptOf(place)} ${tell} ${base64(content)}`,
    ].join('\n'),
  };
}

/** Only what is as Steward wrote it goes: what somebody has changed is theirs. */
export function fileGone(step: FileStep, place: Place): Scripts {
  const words = [path(step.path), sha256(step.content), noteOf(place)].join(' ');
  return { files: [fileOf(step)], look: `look_no_owned ${words}`, heal: `heal_no_owned ${words}` };
}

const fileOf = (step: FileStep): GuestFile => ({ path: step.path, content: step.content, permissions: step.mode });

/** As stat says it: without the first zeros. */
const octal = (text: string): string => Number.parseInt(mode(text), 8).toString(8);

function validation({ validate }: FileStep): string {
  if (validate === undefined) return ':';
  const withFile = (text: string) => text.split('{{ file }}').map(shellWord).join('"$1"');
  return `limit 60 ${validate.map(withFile).join(' ')} < /dev/null`;
}

export function directoryThere(step: StepOf<'directory'>): Scripts {
  const words = `${path(step.path)} ${login(step.owner)}:${login(step.group)} ${octal(step.mode)}`;
  return { look: `look_folder ${words}`, heal: `heal_folder ${words}` };
}

/** An account stays when its application goes: another with its number would own the data that are left. */
export function systemUserThere(step: StepOf<'systemUser'>): Scripts {
  const words = `${login(step.login)} ${path(step.home)}`;
  return { look: `look_system_user ${words}`, heal: `heal_system_user ${words}` };
}

export const LOOK_FILES = `
# look_owned PATH SHA256 OWNER:GROUP MODE NOTE
look_owned() {
  if [ -L "$R$1" ] || [ ! -e "$R$1" ]; then differs "$1 is not there"; return; fi
  if ! same "$1" "$2"; then differs "$1 is another"; return; fi
  is=$(limit 2 stat -c '%U:%G %a' -- "$R$1" < /dev/null)
  if [ -z "$is" ]; then failed "whose $1 is was not told within 2 s"
  elif [ "$is" != "$3 $4" ]; then differs "$1 belongs to $is instead of $3 $4"
  elif [ -e "$R$5.untold" ]; then differs "what uses $1 has not been told of it yet"
  fi
}

# look_no_owned PATH SHA256 NOTE
look_no_owned() {
  if [ -L "$R$1" ] || [ ! -f "$R$1" ]; then return; fi
  ours=$(limit 2 head -c 64 -- "$R$3.sha256" < /dev/null)
  if same "$1" "$2" || { [ -n "$ours" ] && same "$1" "$ours"; }; then differs "$1 is still there"; fi
}

# look_folder PATH OWNER:GROUP MODE
look_folder() {
  if [ -L "$R$1" ] || [ ! -d "$R$1" ]; then differs "$1 is no folder"; return; fi
  is=$(limit 2 stat -c '%U:%G %a' -- "$R$1" < /dev/null)
  if [ -z "$is" ]; then failed "whose $1 is was not told within 2 s"
  elif [ "$is" != "$2 $3" ]; then differs "$1 belongs to $is instead of $2 $3"
  fi
}

# look_system_user NAME
look_system_user() {
  is=$(limit 3 getent passwd "$1" < /dev/null | head -n 1)
  case "$is" in
    '') differs "there is no account $1";;
    */nologin|*/false) ;;
    *) differs "the account $1 has a shell";;
  esac
}
`;

/**
 * A folder may belong to the application's own account, which could put a link where root is about to write. So root writes in a folder of its own
 * within it, which it has entered, and moves the file from there.
 */
export const HEAL_FILES = `
hash_of() { sha256sum < "$R$1" | cut -c 1-64; }

# mark NOTE TEXT
mark() {
  ( umask 077; mkdir -p -- "$R\${1%/*}"; printf %s "$2" > "$R$1.new"; sync -- "$R$1.new"; mv -fT -- "$R$1.new" "$R$1" )
}

# heal_owned PATH SHA256 OWNER:GROUP MODE NOTE KEPT UNIT HOW BASE64
heal_owned() {
  if ! owned_so "$1" "$2" "$3" "$4"; then
    keep_changed "$1" "$2" "$5" "$6"
    write_owned "$1" "$3" "$4" "$9" "$5" "$7"
    changed "$1 written"
  fi
  if [ "$(cat "$R$5.sha256" 2> /dev/null || :)" != "$2" ]; then mark "$5.sha256" "$2"; fi
  if [ -e "$R$5.untold" ]; then
    tell "$7" "$8"
    rm -f -- "$R$5.untold"
  fi
}

owned_so() {
  [ -f "$R$1" ] && [ ! -L "$R$1" ] && [ "$(stat -c '%U:%G %a' -- "$R$1")" = "$3 $4" ] && [ "$(hash_of "$1")" = "$2" ]
}

# keep_changed PATH SHA256 NOTE KEPT: what is neither as it shall be nor as Steward wrote it last was changed by somebody.
keep_changed() {
  if [ -L "$R$1" ] || [ ! -f "$R$1" ]; then return 0; fi
  is=$(hash_of "$1")
  if [ "$is" = "$2" ] || [ "$is" = "$(cat "$R$3.sha256" 2> /dev/null || :)" ]; then return 0; fi
  copy="$4.$(printf %.12s "$is")"
  ( umask 077; mkdir -p -- "$R\${copy%/*}"; head -c ${KEPT_BYTES} < "$R$1" > "$R$copy" )
  changed "$1 as it was is kept in $copy"
  for old in $(ls -t -- "$R$4".* | tail -n +${KEPT_COPIES + 1}); do rm -f -- "$old"; done
}

# write_owned PATH OWNER:GROUP MODE BASE64 NOTE UNIT: that the unit is to be told is noted before the file takes its place, and only of one that does.
write_owned() {
  folder="$R\${1%/*}"
  if [ ! -d "$folder" ]; then give_up "the folder of $1 is not there"; fi
  rm -rf -- "$folder"/.steward-new.*
  (
    own=$(mktemp -d -- "$folder/.steward-new.XXXXXX")
    trap 'cd /; rm -rf -- "$own"' EXIT
    cd -P -- "$own"
    [ "$(stat -c %u .)" = "$owner" ] || give_up "somebody else works in the folder of $1"
    printf %s "$4" | base64 -d > new
    chown "$2" new
    chmod "$3" new
    validate "$own/new" || give_up "what checks $1 refuses the new one"
    if [ -n "$6" ]; then mark "$5.untold" "$6"; fi
    sync -- new
    mv -fT -- new "../\${1##*/}"
  )
}

# tell UNIT HOW: one that does not run reads the file when it starts.
tell() {
  case "$(state "$1" ActiveState)" in active|reloading|activating) ;; *) return 0;; esac
  if [ "$2" = Reload ]; then systemctl reload "$1"; changed "$1 reloaded"
  else systemctl restart "$1"; changed "$1 started anew"
  fi
  case "$(state "$1" ActiveState)" in active|reloading|activating) ;; *) give_up "$1 does not run since it was told of a change";; esac
}

# heal_no_owned PATH SHA256 NOTE
heal_no_owned() {
  if [ ! -L "$R$1" ] && [ -f "$R$1" ]; then
    is=$(hash_of "$1")
    if [ "$is" = "$2" ] || [ "$is" = "$(cat "$R$3.sha256" 2> /dev/null || :)" ]; then remove "$1"; fi
  fi
  rm -f -- "$R$3.sha256" "$R$3.untold"
}

# heal_folder PATH OWNER:GROUP MODE
heal_folder() {
  if [ ! -e "$R$1" ] && [ ! -L "$R$1" ]; then mkdir -p -- "$R\${1%/*}"; mkdir -m 0700 -- "$R$1"; changed "$1 made"; fi
  if [ -L "$R$1" ] || [ ! -d "$R$1" ]; then give_up "$1 is no folder"; fi
  if [ "$(stat -c '%U:%G %a' -- "$R$1")" = "$2 $3" ]; then return; fi
  above=$(realpath -- "$R\${1%/*}")
  (
    cd -P -- "$R$1"
    [ "$(pwd -P)" = "\${above%/}/\${1##*/}" ] || give_up "$1 is no folder"
    chown "$2" .
    chmod "$3" .
  )
  changed "$1 given to $2 with mode $3"
}

# heal_system_user NAME HOME
heal_system_user() {
  is=$(getent passwd "$1" || :)
  case "$is" in
    '') useradd --system --user-group --no-create-home --home-dir "$2" --shell /usr/sbin/nologin "$1"; changed "$1 made";;
    */nologin|*/false) ;;
    *) usermod -s /usr/sbin/nologin "$1"; changed "$1 has no shell any more";;
  esac
}
`;
