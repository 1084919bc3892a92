/** The data of before a restore, which are kept until the customer has accepted it or their time is over (GE-13; docs/adr/0190). */
import { restoreNoteOf } from './backupscript.ts';
import { changeUID, type Place, type Scripts, type StepOf } from './planwords.ts';

/** Root notes here what is kept of before a restore: since when, how many bytes, and where, a line for each folder. */
export const keptNoteOf = (application: string, restore: string): string =>
  `/var/lib/steward/applications/${application}/kept-${restore}`;

/** Restores of which a guest tells that data are kept. */
export const MOST_KEPT = 8;

export function dataRetired({ restore }: StepOf<'dataRetire'>, { application }: Place): Scripts {
  const note = keptNoteOf(application, changeUID(restore));
  return {
    look: `look_data_retire ${note}`,
    heal: `heal_data_retire ${note} ${restoreNoteOf(application)}`,
  };
}

const NOTES = `
# kept_in NOTE: the folders that it names and that are there, a line each with since when and how many bytes.
kept_in() {
  uid=\${1##*/kept-}
  if [ ! -f "$R$1" ]; then return; fi
  while read -r since bytes folder; do
    case "$since/$bytes" in /*|*/|*[!0-9/]*|????????????*/*|*/????????????????*) continue;; esac
    case "$folder" in */../*|*/./*) continue;; esac
    case "\${folder##*/}" in "before-restore-$uid"|"before-restore-$uid"-*) ;; *) continue;; esac
    if [ "\${folder#/*/}" != "$folder" ] && [ -d "$R$folder" ] && [ ! -L "$R$folder" ]; then echo "$since $bytes $folder"; fi
  done < "$R$1"
}
`;

export const LOOK_KEPT = `${NOTES}
look_data_retire() { if [ -e "$R$1" ]; then differs "the data of before the restore are still there"; fi; }

# tell_kept APPLICATION
tell_kept() {
  kept=
  for each in "$R/var/lib/steward/applications/$1"/kept-*; do
    uid=\${each##*/kept-}
    case "$uid" in ''|*[!0-9a-f-]*) continue;; esac
    kept="$kept$(kept_in "\${each#"$R"}" | awk -v uid="$uid" '{ since = $1; bytes += $2 } END { if (NR > 0) printf " %s %s %.0f", uid, since, bytes }')"
  done
  kept=$(printf %s "$kept" | cut -d ' ' -f 2-${MOST_KEPT * 3 + 1})
  if [ -n "$kept" ]; then line backup "$1" kept $kept; fi
}
`;

export const HEAL_KEPT = `${NOTES}
# heal_data_retire NOTE NOTE-OF-THE-RESTORE: the folder first, so that what is cut off is gone on with.
heal_data_retire() {
  if grep -q -s -E "^\${1##*/kept-} (begun|filled|back) " -- "$R$2"; then give_up "the restore has not come to its end"; fi
  kept_in "$1" | while read -r _ _ folder; do
    rm -rf --one-file-system -- "$R$folder" || give_up "$folder could not be removed"
  done || give_up "the data of before could not be removed"
  changed "the data of before removed"
  rm -f -- "$R$1"
}
`;
