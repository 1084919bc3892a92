import { type Ground, GUEST } from '../settings/ground.ts';
import { shellWord } from '../shellword.ts';
import type { Pin } from './family.ts';

/** Begins each line of an answer. */
export const MARK = 'steward-packages';

/** Longest text that a line carries, in bytes before base64. */
export const WORDS_BYTES = 240;

/**
 * Most updates that are told of one guest, most names in any list beside them, and bytes of the longest line: all of it together fits into what
 * a step may say (STEP_OUTPUT_BYTES).
 */
export const MOST_UPDATES = 340;
export const MOST_NAMES = 120;
export const LINE_BYTES = 220;

const FUNCTIONS = `
# line KIND WORDS…: one line of ours; all are said together at the end, so that no package's script can say anything between them.
line() { printf '%s %s\\n' "$N" "$*" >> "$T/said"; }

# lines KIND: the same for each line of standard input, with nothing but printable ASCII and no more of it than is read.
lines() { tr -cd '\\12\\40-\\176' | cut -c 1-${LINE_BYTES} | sed "s/^/$N $1 /" >> "$T/said"; }

encoded() { if [ -n "$1" ]; then printf %s "$1" | head -c ${WORDS_BYTES} | base64 -w0; else printf -; fi; }

# one WORD: itself where it is one of those that versions and names are made of.
one() { case "$1" in ''|*[!A-Za-z0-9.+~:_^-]*) printf -;; *) printf %.64s "$1";; esac; }

# errors FILE: what a package manager has said of failures: the last of it is what it ended by.
errors() { tail -n 12 "$1" | while IFS= read -r said; do line error "$(encoded "$said")"; done; }

system() {
  line system "$(one "$(field ID)")" "$(one "$(field VERSION_ID)")" "$(one "$(field VERSION_CODENAME)")"
}
# os-release is a list of assignments, which the customer's root may have written: it is read, not run.
field() { sed -n "s/^$1=//p" "$R/etc/os-release" | head -n 1 | tr -d "\\"'" | head -c 64; }

# space FOLDER: what is left on the disk below it, in KiB.
space() { if [ -d "$R$1" ]; then line space "$1" $(df -Pk "$R$1" | awk 'NR == 2 { print $4 + 0, $2 + 0 }'); fi; }

# holder FILE: process and name of who has a lock on the file, as the kernel tells it.
holder() {
  inode=$(stat -c %i "$R$1") || return 0
  pid=$(awk -v inode="$inode" '{ n = split($(NF - 2), at, ":") } n == 3 && at[3] == inode && $(NF - 3) > 0 { print $(NF - 3); exit }' /proc/locks)
  if [ -n "$pid" ]; then echo "$pid $(encoded "$(head -c 64 "/proc/$pid/comm")")"; fi
}

# free FILE SECONDS: waits until nobody has a lock on the file; says who has it where that takes too long.
free() {
  for i in $(seq 0 "$2"); do
    held=$(holder "$1")
    if [ -z "$held" ]; then return 0; fi
    if [ "$i" -lt "$2" ]; then sleep 1; fi
  done
  line lock "$1" $held
  return 1
}
`;

/**
 * A script for a shell of root, read to its end before any of it runs. It chooses none of its programs by the environment, says what it has to
 * say in one piece at its end, and nothing else. It keeps what it needs meanwhile in memory (`/run`), for the disk may be full; where that
 * fails it exits with 73 and has done nothing.
 */
export function packageScript(lines: readonly string[], ground: Ground = GUEST): string {
  return [
    '{',
    '\\unalias -a 2>/dev/null; unset IFS ENV BASH_ENV CDPATH LD_PRELOAD LD_LIBRARY_PATH LANGUAGE APT_CONFIG ZYPP_CONF',
    // What packages install is for everybody to read; what is ours meanwhile is not.
    'LC_ALL=C; HOME=/root; export LC_ALL HOME; umask 022; cd /',
    `PATH=${shellWord(ground.path)}; export PATH; R=${shellWord(ground.root)}; N=${MARK}`,
    'T=$(mktemp -d "$R/run/steward-packages-XXXXXX") || exit 73',
    'trap \'rm -rf "$T"\' EXIT',
    ': > "$T/said" || exit 73',
    FUNCTIONS,
    ...lines,
    'cat "$T/said" >&3',
    'echo "$N end $(wc -l < "$T/said")" >&3',
    'exit 0',
    '} 3>&1 >/dev/null 2>&1 </dev/null',
    '',
  ].join('\n');
}

/** What is asked for, and what may come along with it, as two files of the script: the latter by name and version alone. */
export function pinFiles(pins: readonly Pin[], wordsOf: (pin: Pin) => readonly string[]): string {
  const words = pins.map(pin => ({ along: pin.comesAlong === true, row: wordsOf(pin) }));
  const rows = (along: boolean) => words.filter(each => each.along === along).map(({ row }) => row);
  const named = rows(true).map(row => [row[0] ?? '', row.at(-1) ?? '']);
  return [fileOfWords('pins', rows(false)), fileOfWords('along', named)].join('\n');
}

/** A file of the script's own, below its folder `$T`. Every line is made of words that the shell leaves as they are. */
function fileOfWords(name: 'pins' | 'along', rows: readonly (readonly string[])[]): string {
  return [`cat > "$T/${name}" <<'END'`, ...rows.map(row => row.join(' ')), 'END'].join('\n');
}

/** Within an install, after its plan: what it would change besides the pins is refused, but for what may come along. */
export const EXTRAS_ALONG = `  extras > "$T/besides"
  grep -vxF -f "$T/along" "$T/besides" > "$T/extras"
  if [ -s "$T/extras" ]; then lines extra < "$T/extras"; line refused Others; return; fi
  grep -xF -f "$T/along" "$T/besides" > "$T/brought"`;
