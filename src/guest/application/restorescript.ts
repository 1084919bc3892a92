/**
 * How the data of an application are restored from a dump in its guest, whatever the engine: what there is, is taken aside as a whole, and comes
 * back as a whole. A program of its own, run by the heal of the step with one word of what to do.
 */
import { COMPARE, DUMP_GROUND, DUMP_LOCK } from './backupscript.ts';
import { keptNoteOf } from './dataretire.ts';

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

# each_folder COMMAND…: with $data and $kept of each folder that the data are in; most engines have one.
each_folder() { "$@"; }

# served: fails where the server that serves has other data than were counted; most engines have one server alone.
served() { :; }

# as_account NAME [VARIABLE=VALUE…] COMMAND…
as_account() {
  account=$1; shift
  setpriv --reuid="$account" --regid="$account" --init-groups --no-new-privs -- env -i PATH="$PATH" LC_ALL=C HOME=/nonexistent "$@" 2> "$work/errors" 9>&-
}

# beside COMMAND…: runs it meanwhile. It holds nothing of what this program writes to, or whoever reads that would wait for it.
beside() { ( exec < /dev/null > /dev/null 2>&1 9>&-; "$@" ) & }

# private_ones ARGUMENT: processes that were begun with it, by an attempt that was cut off too. Who looks has it for no argument.
private_ones() { printf '%s\\n' "$1" | grep -l -s -z -x -F -f - -- /proc/[0-9]*/cmdline | cut -d / -f 3; }
# gone_private ARGUMENT SECONDS: nothing of it runs any more.
gone_private() {
  for i in $(seq "$2"); do if [ -z "$(private_ones "$1")" ]; then return; fi; sleep 1; done
  return 1
}
# end_private AS ARGUMENT
end_private() {
  if [ -z "$(private_ones "$2")" ]; then return; fi
  "$1" sh -c 'kill -9 "$@"' sh $(private_ones "$2")
  gone_private "$2" 60
}
`;

/**
 * After the functions of an engine: `data_folder` sets $data, `fits` fails where the dump is none for it, `stop_server` and `start_server` succeed
 * where nothing of it runs or it runs, `restore` makes the new instance in $data, `count` says what that has of $database, and `finish` ends it.
 * Data that are in several folders have an `each_folder` of their own, and those that another server serves than was counted in a `served`.
 */
export const RESTORE_MAIN = `
data_folder
kept="\${data%/*}/before-restore-$restore"
note="${keptNoteOf('$application', '$restore')}"

# Before anything is changed.
ready() {
  flock -n 9 || fail "a dump or a proof is being made"
  [ -f "$dump/MANIFEST" ] || fail "there is no dump of that instant any more"
  same_files
  fits
  size=$(manifest database | awk '{ sum += $4 } END { printf "%d", sum }')
  each_folder can_go_aside
}
can_go_aside() {
  if [ -L "$data" ]; then fail "its data are a link, which cannot be taken aside"; fi
  if mountpoint -q -- "$data"; then fail "its data are a disk of their own, which cannot be taken aside"; fi
  room "\${data%/*}" $((size * 2 + 134217728)) "a restore beside the data"
}

# From then on $data is what is made anew, and what clients wrote is in $kept.
aside() {
  stop_server || fail "the server could not be stopped"
  each_folder take_aside || fail "the data could not be taken aside"
}
take_aside() { if [ ! -d "$kept" ]; then mv -T -- "$data" "$kept" && sync -- "\${kept%/*}"; fi; }
is_aside() { [ -d "$kept" ]; }
drop_new() { rm -rf -- "$data"; }

fill() {
  flock -w 600 9 || fail "a dump or a proof is being made"
  each_folder is_aside || fail "the data are not aside"
  same_files
  stop_server || fail "the server could not be stopped"
  each_folder drop_new
  manifest database > "$work/databases"
  restore
  compare
  finish
  start_server || fail "the server does not start with the restored data"
  served
  rm -f -- "$note.new"
  each_folder note_kept && mv -f -- "$note.new" "$note" || fail "what is kept cannot be noted"
  manifest complete | cut -d ' ' -f 3,4
}

note_kept() {
  bytes=$(du -s -B 1 -- "$kept" | cut -f 1)
  printf '%s %s %s\\n' "$(date +%s)" "\${bytes:-0}" "$kept" >> "$note.new"
}

# Nobody was let in to what was restored: what clients wrote is all in $kept.
back() {
  each_folder bring_back
  rm -f -- "$note"
  start_server || fail "the server does not start"
}
bring_back() {
  if ! is_aside; then return; fi
  stop_server || fail "the server could not be stopped"
  drop_new && mv -T -- "$kept" "$data" && sync -- "\${kept%/*}" || fail "the data could not be brought back"
}

"$1"
rm -rf -- "$work"
`;
