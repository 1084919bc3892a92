/** What dumps and proofs of every engine have in common: one at a time, when they are due, with a record of how they ended. */
import { BACKUP_METRICS } from '../../domain/application/backupmetrics.ts';

/** Seconds until what failed is tried again. */
const DUMP_AGAIN = 3600;
const PROVE_AGAIN = 6 * 3600;
/** Longest words that a record keeps, in bytes. */
export const RECORD_BYTES = 240;

/** Held by whoever reads or writes dumps. */
export const DUMP_LOCK = '/run/steward-backup.lock';
/** Root notes here how far the last restore of an application is. */
export const restoreNoteOf = (application: string): string =>
  `/var/lib/steward/applications/${application}/data-restore`;

/** For whatever reads or writes dumps: it needs `application`, and from whoever uses it `fail WORDS`. */
export const DUMP_GROUND = `
set -u
unset IFS ENV BASH_ENV CDPATH LD_PRELOAD LD_LIBRARY_PATH; LC_ALL=C; export LC_ALL; umask 077; cd /
PATH=/usr/sbin:/usr/bin:/sbin:/bin; export PATH
limit() { timeout -k 1 "$@"; }
store="/var/lib/steward/dumps/$application"

words() { printf %s "$1" | tr '\\n' ' ' | head -c ${RECORD_BYTES} | base64 -w0; }
said_by() { { grep -m 1 -a -E 'rror:|FATAL:' -- "$1" || head -n 1 -- "$1"; } | sed -E 's/^.*(ERROR|FATAL): */\\1: /' | head -c 160; }
text_of() { printf %s "$1" | base64 -d; }
mebibytes() { echo "$(( ($1 + 1048575) / 1048576 )) MiB"; }

# What may be taken of the disk of a folder, in KiB: all that is free but for a twentieth of it, which the application itself may need.
free_of() { df -Pk -- "$1" | awk 'NR == 2 { free = $4 - $2 / 20; printf "%d", (free > 0 ? free : 0) }'; }

# room FOLDER BYTES WHAT
room() {
  free=$(free_of "$1")
  case "$free" in ''|*[!0-9]*) fail "it is not known how much of its disk is free";; esac
  free=$((free * 1024))
  if [ "$free" -lt "$2" ]; then fail "$3 may need $(mebibytes "$2") of disk and $(mebibytes "$free") may be taken, so that it was not begun"; fi
}
`;

/**
 * Before the functions of an engine, after the ground of dumps. It needs `application`, `every` and `keep`. Who is `steward-prove` has the second
 * instance, and nothing else: code of a customer runs in it while a dump is restored.
 */
export const BACKUP_GROUND = `${DUMP_GROUND}
new="$store/.new"
work="$store/.proof"
proofs=/var/lib/steward-prove
proof="$proofs/$application"
mkdir -p -- "$store" || exit 1

# While a restore is under way, what is there is neither the data of before nor those of the dump.
if grep -q -s -E '^[^ ]+ (begun|filled|back) ' -- "${restoreNoteOf('$application')}"; then exit 0; fi

# One at a time in this guest, whatever the application: what comes too early comes with the next turn of its timer.
exec 9> ${DUMP_LOCK}
flock -n 9 || exit 0
began=$(date +%s)

# dump_accounts: all else that an engine has; some have nothing.
dump_accounts() { :; }

# note NAME WORDS…: a record takes the place of the one before as a whole.
note() { name=$1; shift; printf '%s\\n' "$*" > "$store/.$name" && sync -- "$store/.$name" && mv -fT -- "$store/.$name" "$store/$name"; }

# noted NAME: sets $noted to the instant that a record begins with, 0 where there is none, or one that is still to come.
noted() {
  noted=
  if [ -f "$store/$1" ]; then read -r noted _ < "$store/$1" || :; fi
  case "$noted" in ''|*[!0-9]*|????????????*) noted=0;; esac
  if [ "$noted" -gt "$began" ]; then noted=0; fi
}

# Dumps that are whole, the newest first; one that the clock put into the future is the oldest.
dumps() {
  for each in "$store"/dump-*; do if [ -f "$each/MANIFEST" ]; then printf '%s\\n' "\${each##*/dump-}"; fi; done |
    awk -v now="$(date +%s)" '/^[0-9]+$/ { print ($0 > now + 0 ? 0 : $0), $0 }' | sort -k 1,1nr -k 2,2nr | cut -d ' ' -f 2
}

# metric NAME HELP VALUE
metric() {
  case "$3" in ''|*[!0-9]*) return;; esac
  printf '# HELP %s %s\\n# TYPE %s gauge\\n%s{application="%s"} %s\\n' "$1" "$2" "$1" "$1" "$application" "$3"
}

# part NAME NUMBER: a word of a record.
part() { if [ -f "$store/$1" ]; then cut -d ' ' -f "$2" < "$store/$1" | head -n 1; fi; }
there() { if [ -f "$store/$1" ]; then echo 1; else echo 0; fi; }

tell_metrics() (
  umask 022
  folder="/run/steward-backup-$application"
  mkdir -p -- "$folder"
  {
    metric ${BACKUP_METRICS.dumpedAt} "As of when the newest good dump holds the data." "$(part last 1)"
    metric ${BACKUP_METRICS.bytes} "Size of the newest good dump." "$(part last 2)"
    metric ${BACKUP_METRICS.dumpSeconds} "How long the newest good dump took." "$(part last 3)"
    metric ${BACKUP_METRICS.dumpFailed} "Whether the last attempt to dump failed." "$(there failed)"
    metric ${BACKUP_METRICS.provenAt} "When a dump was restored and found to hold what was dumped." "$(part proven 1)"
    metric ${BACKUP_METRICS.restoreSeconds} "How long restoring it took." "$(part proven 3)"
    metric ${BACKUP_METRICS.proofFailed} "Whether the last attempt to prove a dump failed." "$(there unproven)"
  } > "$folder/.metrics"
  mv -fT -- "$folder/.metrics" "$folder/metrics"
)
`;

/**
 * After the functions of an engine. `prepare` sets $server, words that its proof needs, and $needed, the bytes that a dump may take, and writes names
 * and sizes of the databases to $new/.databases; `dump_database FILE` dumps $database and leaves what it holds in $new/.rows; `dump_accounts` all else.
 */
export const BACKUP_MAIN = `
fail() {
  note failed "$began $(words "$1")"
  rm -rf -- "$new"
  tell_metrics
  exit 1
}

due() {
  noted last
  if [ $((began - noted)) -lt "$every" ]; then return 1; fi
  noted failed
  [ $((began - noted)) -ge ${DUMP_AGAIN} ]
}

dump() {
  printf 'steward-dump 1\\nbegun %s\\nserver %s\\n' "$began" "$server" > "$new/.MANIFEST"
  databases=0
  while read -r name size; do
    databases=$((databases + 1))
    database=$(text_of "$name")
    printf 'database %s %s %s\\n' "$databases" "$name" "$size" >> "$new/.MANIFEST"
    dump_database "$new/db-$databases.dump"
    grep -a -E '^(table|objects) ' "$new/.rows" | sed -E "s/^([a-z]+) /\\\\1 $databases /" >> "$new/.MANIFEST"
  done < "$new/.databases"
  dump_accounts
  tables=$(grep -c '^table ' "$new/.MANIFEST")
  rows=$(awk '$1 == "table" { sum += $5 } END { printf "%.0f", sum }' "$new/.MANIFEST")
}

# The files of a dump, each with what it must be, and last that this is all.
seal() {
  bytes=0
  for each in "$new"/*; do
    size=$(stat -c %s -- "$each"); bytes=$((bytes + size))
    printf 'file %s %s %s\\n' "\${each##*/}" "$size" "$(sha256sum < "$each" | cut -c 1-64)" >> "$new/.MANIFEST"
  done
  printf 'complete %s %s %s %s\\n' "$databases" "$tables" "$rows" "$bytes" >> "$new/.MANIFEST"
  mv -- "$new/.MANIFEST" "$new/MANIFEST" && rm -f -- "$new"/.[a-z]* && sync -- "$new"/* "$new" && mv -T -- "$new" "$store/dump-$began" && sync -- "$store"
}

drop_old() {
  dumps | tail -n +$((keep + 1)) | while read -r each; do rm -rf -- "$store/dump-$each"; done
}

if due; then
  trap 'fail "it was ended before it came to its end"' TERM INT HUP
  rm -rf -- "$new"
  mkdir -- "$new" || fail "nothing can be written on its disk"
  prepare
  room "$store" "$needed" "a dump"
  dump
  seal || fail "it could not be written to the end"
  note last "$began $bytes $(($(date +%s) - began)) $databases $tables $rows"
  rm -f -- "$store/failed"
  drop_old
fi
tell_metrics
`;

/**
 * For whatever restores $dump, before the functions of an engine: whether its files are those that were written, and `compare`, by the engine's `count`,
 * whether what is restored is what was dumped. It calls `differs`. An engine without tables says in `holder` and `thing_of` what it has instead.
 */
export const COMPARE = `
holder=database
# thing_of SCHEMA NAME
thing_of() { what="table $(text_of "$1").$(text_of "$2")"; unit=rows; otherwise='other contents in them'; }

# manifest KIND: the lines of that kind.
manifest() { grep -a "^$1 " -- "$dump/MANIFEST"; }

same_files() {
  manifest complete > /dev/null || differs "the list of what was dumped has no end"
  manifest file > "$work/files"
  while read -r _ name size sum; do
    if [ "$(stat -c %s -- "$dump/$name" 2> /dev/null)" != "$size" ] || [ "$(sha256sum < "$dump/$name" | cut -c 1-64)" != "$sum" ]; then
      differs "$name of the dump is not what was written"
    fi
  done < "$work/files"
}

compare() {
  while read -r _ number name _; do
    database=$(text_of "$name")
    count > "$work/rows" && grep -q -x counted "$work/rows" || fail "$holder $database cannot be counted: $(said_by "$work/errors")"
    grep -a -E "^(table|objects) $number " -- "$dump/MANIFEST" | cut -d ' ' -f 1,3- > "$work/dumped"
    first=$(first_difference "$work/dumped" "$work/rows")
    if [ -n "$first" ]; then tell_difference $first; fi
  done < "$work/databases"
}

# first_difference DUMPED RESTORED: KIND NAME SECOND-NAME DUMPED-ROWS RESTORED-ROWS, - where there is none.
first_difference() {
  awk '
    { key = $1 " " $2 " " ($1 == "table" ? $3 : "-"); count = $1 == "table" ? $4 : $3; hash = $1 == "table" ? $5 : "" }
    $1 != "table" && $1 != "objects" { next }
    FILENAME == ARGV[1] { counts[key] = count; hashes[key] = hash; next }
    !(key in counts) { print key, "-", count; found = 1; exit }
    counts[key] != count || hashes[key] != hash { print key, counts[key], count; found = 1; exit }
    { delete counts[key] }
    END { if (!found) for (key in counts) { print key, counts[key], "-"; exit } }' "$1" "$2"
}

tell_difference() {
  case "$1" in
    table) thing_of "$2" "$3";;
    *) what="$2"; unit=;;
  esac
  if [ "$4" = - ]; then differs "$holder $database: $what is restored and was not there"
  elif [ "$5" = - ]; then differs "$holder $database: $what is not restored"
  elif [ "$4" = "$5" ]; then differs "$holder $database: $what has the same $4 $unit, and $otherwise"
  else differs "$holder $database: $what has $5 $unit instead of $4"
  fi
}
`;

/** After {@link COMPARE} and the functions of an engine: `restore` makes the second instance of $dump, and `count` says on standard output what it has of $database. */
export const PROVE_MAIN = `
# not_proven differs|failed WORDS
not_proven() {
  note unproven "$began $of $1 $(words "$2")"
  tell_metrics
  exit 1
}
fail() { not_proven failed "$1"; }
differs() { not_proven differs "$1"; }

# Of a proof that was cut off something may still run, and lie about. Nobody but proofs has this account.
clean() {
  setpriv --reuid=steward-prove --regid=steward-prove --clear-groups -- sh -c 'kill -9 -1' 2> /dev/null
  rm -rf -- "$proofs"/* "$work"
}

due() {
  noted proven
  if [ $((began - noted)) -lt "$every" ]; then return 1; fi
  noted unproven
  [ $((began - noted)) -ge ${PROVE_AGAIN} ]
}

# prover [VARIABLE=VALUE…] COMMAND…: as the account of the second instance, to which no file of a dump is open: it is given what it reads.
prover() {
  setpriv --reuid=steward-prove --regid=steward-prove --clear-groups --no-new-privs -- env -i PATH="$PATH" LC_ALL=C HOME="$proof" "$@" 2> "$work/errors" 9>&-
}

of=$(dumps | head -n 1)
dump="$store/dump-$of"
if [ -n "$of" ] && due; then
  trap clean EXIT
  trap 'fail "it was ended before it came to its end"' TERM INT HUP
  clean
  mkdir -- "$work" && mkdir -p -m 0711 -- "$proofs" && install -d -m 0700 -o steward-prove -g steward-prove -- "$proof" ||
    fail "nothing can be written on its disk"
  same_files
  size=$(manifest database | awk '{ sum += $4 } END { printf "%d", sum }')
  room "$proof" $((size * 2 + 134217728)) "a proof"
  manifest database > "$work/databases"
  restoring=$(date +%s)
  restore
  took=$(($(date +%s) - restoring))
  compare
  note proven "$began $of $took $(manifest complete | cut -d ' ' -f 3,4)"
  rm -f -- "$store/unproven"
fi
tell_metrics
`;
