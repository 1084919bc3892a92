/**
 * How files are restored from a dump: each folder as a whole in the place of the old one, which is kept as it is. What is ordered now stays ordered:
 * files that Steward itself writes among them are taken from the old ones. The units of the application are stopped meanwhile.
 */
import type { ApplicationPlan } from '../../domain/contract/applicationplan.ts';
import { foldersOf, READ_FILES } from './filesbackup.ts';
import { path, unitName } from './planwords.ts';

/** Throws RangeError where the plan dumps no files. */
export function filesOf({ backup, steps }: ApplicationPlan): string {
  if (backup === undefined) throw new RangeError('a plan restores files of which it does not say where they are');
  const units = steps.flatMap(step => (step.type === 'unit' ? [unitName(step.unit)] : []));
  const written = steps.flatMap(step => (step.type === 'file' ? [path(step.path)] : []));
  return `${foldersOf(backup)}units='${units.join(' ')}'\nwritten='${written.join(' ')}'\n`;
}

/** After {@link filesOf}. Nobody is let in, and who unpacks is root: names and owners in the archive were compared with what was dumped when it was made. */
export const RESTORE_FILES = `${READ_FILES}
data_folder() { data=\${folders%% *}; }
each_folder() { for data in $folders; do kept="\${data%/*}/before-restore-$restore-\${data##*/}"; "$@" || return; done; }

fits() {
  [ "$(manifest database | while read -r _ _ name _; do text_of "$name"; echo; done)" = "$(printf '%s\\n' $folders)" ] || fail "the dump is of other folders"
  each_folder alone
}
alone() {
  if awk -v below="$data/" 'index($5, below) == 1 { found = 1 } END { exit !found }' /proc/self/mountinfo; then fail "another file system is below $data, and cannot be taken aside with it"; fi
}

stop_server() { for unit in $units; do systemctl stop "$unit"; if systemctl is-active --quiet "$unit"; then return 1; fi; done; }
start_server() { for unit in $units; do systemctl start "$unit" 9>&- && systemctl is-active --quiet "$unit" || return; done; }

# enter FOLDER: as it is, and not where a link in its place leads.
enter() { cd -P -- "$1" 2> /dev/null && [ "$(pwd -P)" = "$1" ]; }

restore() { each_folder made; }
made() {
  number=$(manifest database | awk -v name="$(printf %s "$data" | base64 -w0)" '$3 == name { print $2 }')
  mkdir -m 0700 -- "$data" && enter "$data" || fail "nothing can be written on its disk"
  tar --extract --numeric-owner --same-owner --preserve-permissions --acls --xattrs --xattrs-include='*' --file="$dump/db-$number.dump" 2> "$work/errors" ||
    fail "folder $data cannot be restored: $(tar_said "$work/errors")"
  cd /
}

count() {
  enter "$database" && listed > "$work/listed" 2> "$work/errors" && digests "$work/keys" > "$work/digests" 2> "$work/errors" && [ ! -s "$work/errors" ] || return
  cd /
  entries "$work/listed" "$work/digests" && echo counted
}

finish() { each_folder ordered; }
ordered() {
  for each in $written; do
    old="$kept\${each#"$data"}"
    case "$each" in "$data"/*) ;; *) continue;; esac
    if [ ! -f "$old" ] || [ -L "$old" ]; then continue; fi
    enter "\${each%/*}" && cp -a -T --remove-destination -- "$old" "./\${each##*/}" || fail "$each could not be kept as it is ordered"
    cd /
  done
  sync -f -- "$data" || fail "the data cannot be written to their disk"
}
`;
