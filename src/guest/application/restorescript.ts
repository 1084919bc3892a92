/**
 * How the data of an application are restored from a dump in its guest, whatever the engine: what there is, is taken aside as a whole, and comes
 * back as a whole. A program of its own, run by the heal of the step with one word of what to do.
 */
import { COMPARE, DUMP_GROUND, DUMP_LOCK } from './backupscript.ts';

/**
 * After `application`, `line`, `of` (the instant of the dump) and `restore` (the uid of the order). It says on standard output why it could not, in
 * a sentence without its end, or what `fill` has restored: tables and rows.
 */
export const RESTORE_GROUND = `${DUMP_GROUND}${COMPARE}
dump="$store/dump-$of"
work="/run/steward-restore-$application"
fail() { printf '%s\\n' "$1" | tr '\\n' ' ' | head -c 240; exit 1; }
differs() { fail "the dump cannot be restored as it was dumped: $1"; }
exec 9> ${DUMP_LOCK}
rm -rf -- "$work"; mkdir -m 0755 -- "$work" || fail "nothing can be written in /run"
`;

/**
 * After the functions of an engine: `data_folder` sets $data, `fits` fails where the dump is none for it, `stop_server` and `start_server` succeed
 * where nothing of it runs or it runs, `restore` makes the new instance in $data, `count` says what that has of $database, and `finish` ends it.
 */
export const RESTORE_MAIN = `
data_folder
kept="\${data%/*}/before-restore-$restore"

# Before anything is changed.
ready() {
  flock -n 9 || fail "a dump or a proof is being made"
  [ -f "$dump/MANIFEST" ] || fail "there is no dump of that instant any more"
  same_files
  fits
  if mountpoint -q -- "$data"; then fail "its data are a disk of their own, which cannot be taken aside"; fi
  size=$(manifest database | awk '{ sum += $4 } END { printf "%d", sum }')
  room "\${data%/*}" $((size * 2 + 134217728)) "a restore beside the data"
}

# From then on $data is what is made anew, and what clients wrote is in $kept.
aside() {
  stop_server || fail "the server could not be stopped"
  if [ ! -d "$kept" ]; then mv -T -- "$data" "$kept" && sync -- "\${kept%/*}" || fail "the data could not be taken aside"; fi
}

fill() {
  flock -w 600 9 || fail "a dump or a proof is being made"
  [ -d "$kept" ] || fail "the data are not aside"
  same_files
  stop_server || fail "the server could not be stopped"
  rm -rf -- "$data"
  manifest database > "$work/databases"
  restore
  compare
  finish
  start_server || fail "the server does not start with the restored data"
  manifest complete | cut -d ' ' -f 3,4
}

# Nobody was let in to what was restored: what clients wrote is all in $kept.
back() {
  if [ -d "$kept" ]; then
    stop_server || fail "the server could not be stopped"
    rm -rf -- "$data" && mv -T -- "$kept" "$data" && sync -- "\${kept%/*}" || fail "the data could not be brought back"
  fi
  start_server || fail "the server does not start"
}

"$1"
rm -rf -- "$work"
`;
