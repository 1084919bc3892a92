/**
 * The restore of an application's data from a dump that lies in its guest (AP-13; docs/adr/0190): while no client is let in, and with the data of
 * before kept as they are. Where anything fails before a client was let in, those serve again, with every write that a client was told of.
 */
import { type ApplicationPlan, isRestoreStep, type RestoreStep } from '../../domain/contract/applicationplan.ts';
import { base64 } from '../settings/words.ts';
import { restoreNoteOf } from './backupscript.ts';
import { CLOSED_RULES, closingLeaves, closingOf, unclosed } from './closing.ts';
import { filesOf, RESTORE_FILES } from './filesrestore.ts';
import { RESTORE_MARIADB } from './mariadbrestore.ts';
import { changeUID, instantWord, type Place, type Scripts, type StepOf, seconds, versionLine } from './planwords.ts';
import { RESTORE_POSTGRESQL } from './postgresqlrestore.ts';
import { groundOf, judgingOf } from './probes.ts';
import { RESTORE_GROUND, RESTORE_MAIN } from './restorescript.ts';
import { loginOf } from './valkeybackup.ts';
import { RESTORE_VALKEY } from './valkeyrestore.ts';

/** Functions of each engine. */
const ENGINES: Readonly<Record<RestoreStep['engine'], (plan: ApplicationPlan) => string>> = {
  PostgreSQL: () => RESTORE_POSTGRESQL,
  MariaDB: () => RESTORE_MARIADB,
  Valkey: ({ probes }) => `${loginOf(probes)}${RESTORE_VALKEY}`,
  Files: plan => `${filesOf(plan)}${RESTORE_FILES}`,
};

const programOf = ({ application }: Pick<Place, 'application'>): string => `${restoreNoteOf(application)}.sh`;

const words = (step: RestoreStep, { application }: Pick<Place, 'application'>): string =>
  [restoreNoteOf(application), changeUID(step.restore), instantWord(step.of)].join(' ');

export function dataRestored(step: StepOf<'dataRestore'>, plan: ApplicationPlan, place: Place): Scripts {
  return {
    look: `look_data_restore ${words(step, place)}`,
    heal: `${hands(step, plan, place)}\nheal_data_restore ${words(step, place)}`,
  };
}

export function dataOpened(step: StepOf<'dataOpen'>, plan: ApplicationPlan, place: Place): Scripts {
  return {
    look: `look_data_open ${words(step, place)}`,
    heal: [
      hands(step, plan, place),
      `probe_ground() {\n${groundOf(plan.probes).heal}\n}`,
      `patience=${seconds(step.withinSeconds)}`,
      `heal_data_open ${words(step, place)}`,
    ].join('\n'),
  };
}

/**
 * A restore that was begun and that the plan does not ask for, is taken back: the application goes, and what is half restored must not be its data
 * when it is ordered again; or the disks of the VM are those of a backup that was made in the midst of one.
 */
export function restoreUnasked(application: string): Scripts {
  return {
    look: `look_no_restore ${restoreNoteOf(application)}`,
    heal: [
      engineIn({ application }),
      `let_in() {\n${unclosed(application)}\nremove ${closingLeaves(application).join(' ')}\n}`,
      `heal_no_restore ${restoreNoteOf(application)}`,
    ].join('\n'),
  };
}

/** How the interface is closed, by what a server is judged, and what is done with the data. */
function hands(step: RestoreStep, plan: ApplicationPlan, place: Place): string {
  return [closingOf(place.application, step.ports), judgingOf(plan.probes), programThere(step, plan, place)].join('\n');
}

function programThere(step: RestoreStep, plan: ApplicationPlan, place: Pick<Place, 'application'>): string {
  const program = [
    `application=${place.application}\nline=${versionLine(step.line)}\nof=${instantWord(step.of)}\nrestore=${changeUID(step.restore)}`,
    RESTORE_GROUND,
    ENGINES[step.engine](plan),
    RESTORE_MAIN,
  ].join('\n');
  return `put ${programOf(place)} 0600 ${base64(program)}\n${engineIn(place)}`;
}

/** `engine WORD`: what the program says, in $said; fails where it does. */
const engineIn = (place: Pick<Place, 'application'>): string =>
  `engine() { said=$(sh "$R${programOf(place)}" "$1" < /dev/null); }`;

/** The step of a plan whose restore a look tells of. */
export const restoreStepOf = (plan: ApplicationPlan): RestoreStep | undefined =>
  plan.present ? plan.steps.find(isRestoreStep) : undefined;

/** A command that tells how far it is. */
export const tellRestore = (step: RestoreStep, application: string): string =>
  `tell_restore ${application} ${words(step, { application })}`;

const NOTES = `
# restore_note NOTE UID: how far that restore is; fails where nothing of it was begun.
restore_note() {
  noted=
  if [ -f "$R$1" ]; then read -r noted restore_phase restore_closed restore_tables restore_rows restore_why more < "$R$1" || [ -n "$restore_why" ] || noted=; fi
  if [ "$noted" = "$2" ]; then return; fi
  restore_phase=; restore_closed=0; restore_tables=0; restore_rows=0; restore_why=-
  return 1
}
`;

export const LOOK_RESTORES = `${NOTES}
# look_data_restore NOTE UID OF
look_data_restore() {
  if ! restore_note "$1" "$2"; then differs "the data are not restored yet"; return; fi
  case "$restore_phase" in
    filled|done) ;;
    failed) failed "the restore has failed, and the data of before serve";;
    *) differs "the restore has not come to its end ($restore_phase)";;
  esac
}

look_data_open() {
  if ! restore_note "$1" "$2"; then differs "the restored data serve nobody yet"; return; fi
  case "$restore_phase" in
    failed) ;;
    done) if [ -e "$R\${1%/*}/${CLOSED_RULES}" ]; then differs "its interface is still closed"; fi;;
    *) differs "its interface is closed ($restore_phase)";;
  esac
}

look_no_restore() {
  if grep -q -s -E '^[^ ]+ (begun|filled|back) ' -- "$R$1"; then differs "a restore was begun that nobody asks for any more"; fi
}

# tell_restore APPLICATION NOTE UID OF
tell_restore() {
  restore_note "$2" "$3" || restore_phase=
  case "$restore_phase" in begun|filled|done|back|failed) ;; *) restore_phase=-;; esac
  for each in "$restore_closed" "$restore_tables" "$restore_rows"; do
    case "$each" in ''|*[!0-9]*|????????????????*) restore_closed=0; restore_tables=0; restore_rows=0;; esac
  done
  case "$restore_why" in ''|*[!A-Za-z0-9+/=]*) restore_why=-;; esac
  line restore "$1" "$3" "$restore_phase" "$(printf %.11s "$restore_closed")" "$restore_tables" "$restore_rows" "$restore_why"
}
`;

export const HEAL_RESTORES = `${NOTES}
# noted_restore PHASE [WHY]: before what it says is begun.
noted_restore() {
  restore_phase=$1
  if [ -n "\${2:-}" ]; then restore_why=$(printf %s "$2" | head -c 240 | base64 -w0); fi
  mark "$note" "$restore $restore_phase $restore_closed $restore_tables $restore_rows $restore_why"
}

# heal_data_restore NOTE UID OF
heal_data_restore() {
  note=$1; restore=$2
  if restore_note "$note" "$restore"; then
    case "$restore_phase" in
      filled|done) return;;
      failed) give_up "the restore has failed, and is not tried again by this order";;
      back) restore_back "it was being taken back";;
    esac
  else begin_restore
  fi
  close_interface "$restore_closed" || restore_back "the interface could not be closed"
  engine aside || restore_back "$said"
  engine fill || restore_back "$said"
  restore_tables=\${said% *}; restore_rows=\${said#* }
  noted_restore filled
  changed "the data of the dump are restored ($restore_tables tables, $restore_rows rows)"
}

# All is asked before anything is closed. What may pass by itself is waited for; else the order has failed, and nothing was changed.
begin_restore() {
  if [ -e "$R\${note%/*}/${CLOSED_RULES}" ]; then give_up "not begun: its interface is closed for something else"; fi
  if [ -n "$closes" ] && ! can_close; then said="its interface cannot be closed, for the package $lacking is not to be had"
  elif engine ready; then said=
  fi
  if [ -n "$said" ]; then
    case "$said" in *'being made') give_up "not begun: $said";; esac
    noted_restore failed "not begun: $said"
    give_up "not begun: $said"
  fi
  restore_closed=$(date +%s)
  noted_restore begun
}

# restore_back WHY: no client was let in, so what the old data have is all that there is.
restore_back() {
  noted_restore back "$1"
  if ! { engine back && within 60 judged; }; then give_up "$1; the data of before do not serve either, and its interface stays closed"; fi
  noted_restore failed "$1"
  open_interface
  give_up "$1; the data of before serve again"
}

# heal_data_open NOTE UID OF
heal_data_open() {
  note=$1; restore=$2
  restore_note "$note" "$restore" || give_up "the data were not restored"
  case "$restore_phase" in
    filled) ;;
    done) open_interface; return;;
    *) give_up "the data were not restored ($restore_phase)";;
  esac
  ( probe_ground ) || :
  within "$patience" judged || restore_back "the application did not serve within $patience seconds with the restored data"
  # Before anybody is let in: from then on there is no way back by which no write is lost.
  noted_restore done
  open_interface
  changed "clients are let in to the restored data; those of before are kept beside them"
}

# heal_no_restore NOTE
heal_no_restore() {
  note=$1
  if ! grep -q -s -E '^[^ ]+ (begun|filled|back) ' -- "$R$note"; then return; fi
  read -r restore restore_phase restore_closed restore_tables restore_rows restore_why more < "$R$note" || :
  engine back || give_up "$said"
  let_in
  noted_restore failed "nobody asks for it any more"
  changed "the data of before brought back"
}
`;
