/**
 * Dumps of files by tar, and their proof in a second place. What a dump must hold is read a second time, apart from tar, and both readings count only
 * where nothing changed from before the first until after the second: so a dump is of one instant, whatever tar says of it (docs/adr/0191).
 *
 * Whoever serves the files may write into their folders while root reads them. So all is opened from its own folder, no link is followed, and nothing
 * is waited for that has taken the place of a file.
 */
import type { BackupPlan } from '../../domain/contract/backupplan.ts';
import { path } from './planwords.ts';

/** How often all is read before it is said that it does not hold still, and seconds in between. */
const ATTEMPTS = 3;
const BETWEEN = 2;
/** What tar writes besides the contents of a file or folder, in bytes, where it has all that can be said of it. */
const HEADERS = 3072;

/** Throws RangeError where there is none. */
export function foldersOf({ folders = [] }: BackupPlan): string {
  if (folders.length === 0) throw new RangeError('a plan dumps files of which it does not say where they are');
  return `folders='${folders.map(path).join(' ')}'\n`;
}

/** What is neither itself nor the octal number of its byte where tar writes a name as one word. */
const ESCAPES = '07 a 08 b 09 t 0a n 0b v 0c f 0d r 5c \\\\';

/** Functions that read folders, and how what differs in one is told. */
export const READ_FILES = `
holder=folder
thing_of() { what=$2; unit=bytes; otherwise='another owner, mode or content'; }

# listed: of all in this folder that is data: key, mode, owner, size, when it was changed last, name and target, with a NUL after each.
listed() { find . '(' -type f -o -type d -o -type l ')' -printf '%D:%i\\0%M\\0%U/%G\\0%s\\0%C@\\0%p\\0%l\\0'; }

# in_words: the same as a line of words for each, where names are written as tar writes them.
in_words() {
  od -A n -v -t x1 -w1 | awk -v escapes='${ESCAPES}' '
    BEGIN {
      for (i = 1; i < 256; i++) word[sprintf(" %02x", i)] = i > 32 && i < 127 ? sprintf("%c", i) : sprintf("\\\\%03o", i)
      count = split(escapes, escape, " ")
      for (i = 1; i < count; i += 2) word[" " escape[i]] = "\\\\" escape[i + 1]
    }
    $0 == " 00" { printf "%s", (++ended % 7 ? " " : "\\n"); next }
    { printf "%s", word[$0] }'
}

# digests SCRATCH: of each file in this folder its key and SHA-256; whatever is said on standard error, not all of it could be read.
digests() { find . -type f -execdir sh -c "$digest" "$1" '{}' +; }
digest='stat -c %d:%i -- "$@" > "$0"; for each do dd if="$each" iflag=nofollow,nonblock bs=1M status=none | sha256sum; done | paste -d " " -- "$0" -'

# entries LISTED DIGESTS: what there must be, as a table for each; fails where a file has no digest.
entries() {
  in_words < "$1" | awk '
    FILENAME == ARGV[1] { sum[$1] = $2; next }
    /^[^ ]+ -/ { if (!($1 in sum)) exit 1; print "table -", $6, $4, $2 "," $3 "," sum[$1]; next }
    { print "table -", $6, 0, $2 "," $3 "," $7 }' "$2" -
}

# archived FILE: name, mode and owner of all in it that is data.
archived() {
  tar --list --verbose --numeric-owner --quoting-style=escape --quote-chars=' ' --file="$1" | sed 's/\\\\ /\\\\040/g' |
    awk '/^[-dlh]/ { sub(/^h/, "-"); if ($6 ~ /.[/]$/) sub(/[/]$/, "", $6); print $6, $1 "," $2 }'
}

# tar_said FILE: the first that is no mere remark.
tar_said() { grep -v -e ': socket ignored$' -e 'Exiting with failure status' -- "$1" | head -n 1 | head -c 160; }
`;

export const DUMP_FILES = `${READ_FILES}
enter() { cd -P -- "$database" 2> /dev/null && [ "$(pwd -P)" = "$database" ] || fail "folder $database is not there, or a link leads to it"; }

prepare() {
  : > "$new/.databases"
  needed=0
  for database in $folders; do
    enter
    size=$(du -sk . 2> /dev/null | cut -f 1); count=$(find . -printf . 2> /dev/null | wc -c)
    case "$size" in ''|*[!0-9]*) fail "it is not known how much folder $database has";; esac
    needed=$((needed + size * 1024 + count * ${HEADERS}))
    printf '%s %s\\n' "$(printf %s "$database" | base64 -w0)" "$((size * 1024))" >> "$new/.databases"
  done
  server=$(tar --version | head -n 1)
}

# Owners by name and number, rights of every kind, extended attributes, and holes as holes; links as links, and other file systems with what is in them.
copy() { ( ulimit -f $(($(free_of "$store") * 2)); tar --create --format=posix --pax-option=delete=atime,delete=ctime --acls --xattrs --sparse --sort=name --file=- . 9>&- ); }

# once FILE: fails where something changed meanwhile, or could not be read, and $new/.errors says what.
once() {
  listed > "$new/.before" 2> "$new/.errors" && copy > "$1" 2> "$new/.errors" || return
  digests "$new/.keys" > "$new/.digests" 2> "$new/.errors" && [ ! -s "$new/.errors" ] || return
  listed > "$new/.after" 2> "$new/.errors" || return
  if cmp -s -- "$new/.before" "$new/.after"; then return; fi
  in_words < "$new/.after" | sort > "$new/.words"
  in_words < "$new/.before" | sort | comm -3 - "$new/.words" | awk 'NR == 1 { print $6 " changed meanwhile" }' > "$new/.errors"
  return 1
}

# What tar has written is read back: an exit status of 0 has been seen of an archive that lacks files.
dump_database() {
  why="folder $database"
  enter
  attempts=0
  until once "$1"; do
    attempts=$((attempts + 1))
    if [ "$attempts" -ge ${ATTEMPTS} ]; then fail "$why could not be read as it was at one instant, ${ATTEMPTS} times: $(tar_said "$new/.errors")"; fi
    sleep ${BETWEEN}
  done
  entries "$new/.before" "$new/.digests" > "$new/.rows" || fail "$why: not every file could be read"
  archived "$1" | sort > "$new/.archived"
  missing=$(awk '{ split($5, is, ","); print $3, is[1] "," is[2] }' "$new/.rows" | sort | comm -3 - "$new/.archived" | awk 'NR == 1 { print $1 }')
  [ -z "$missing" ] || fail "$why: $missing is not in what tar has written as it is in the folder"
  cd /
}
`;

/** Unpacked by an account that owns nothing, which can give nothing away: owners and modes are compared as the archive has them. */
export const PROVE_FILES = `${READ_FILES}
restore() {
  while read -r _ number name _; do
    if prover sh -c 'mkdir -- "$1" && cd -- "$1" && exec tar --extract --file=- --no-same-owner --no-same-permissions' sh "$proof/$number" < "$dump/db-$number.dump"; then continue; fi
    # A device is nothing that is compared, and nothing that this account may make.
    said=$(grep -v ': Cannot mknod: ' "$work/errors" > "$work/said"; tar_said "$work/said")
    [ -z "$said" ] || fail "folder $(text_of "$name") cannot be restored: $said"
  done < "$work/databases"
}

count() {
  cd -P -- "$proof/$number" || return
  listed > "$work/listed" 2> "$work/errors" && digests "$work/keys" > "$work/digests" 2> "$work/errors" && [ ! -s "$work/errors" ] || return
  cd /
  archived "$dump/db-$number.dump" > "$work/archived" 2> "$work/errors"
  in_words < "$work/listed" | awk '
    FILENAME == ARGV[1] { sum[$1] = $2; next }
    FILENAME == ARGV[2] { is[$1] = $2; next }
    { file = $2 ~ /^-/; print "table -", $6, (file ? $4 : 0), is[$6] "," (file ? sum[$1] : $7) }' "$work/digests" "$work/archived" -
  echo counted
}
`;
