/**
 * The change of an application to another version line (GE-11, GE-13): the data are brought into a second instance while no client is let in, and the
 * old one stays as it is until the customer has accepted. Where anything fails before a client was let in, the old one serves again.
 */
import type { LinuxPackageManager } from '../../api/operatingsystem.ts';
import { type ApplicationPlan, isLineStep, type LineStep } from '../../domain/contract/applicationplan.ts';
import { shellWord } from '../shellword.ts';
import { CLOSED_RULES, closingOf } from './closing.ts';
import { changeUID, type Place, packageName, type Scripts, type StepOf, seconds, versionLine } from './planwords.ts';
import { judgingOf } from './probes.ts';

const percent = (number: number): string => {
  if (Number.isInteger(number) && number >= 100 && number <= 1000) return String(number);
  throw new RangeError('a plan has a room that is none');
};

/** Root notes here how far the last change of the line is. */
const noteOf = ({ application }: Pick<Place, 'application'>): string =>
  `/var/lib/steward/applications/${application}/line-change`;

const words = (step: LineStep, place: Pick<Place, 'application'>): string =>
  [noteOf(place), changeUID(step.change), versionLine(step.from), versionLine(step.to), percent(step.freeSpacePercent)]
    .concat(step.packages.map(packageName))
    .join(' ');

export function lineChanged(step: StepOf<'lineChange'>, { probes }: ApplicationPlan, place: Place): Scripts {
  return {
    look: `look_line_change ${words(step, place)}`,
    heal: `${groundOf(step, probes, place)}\nheal_line_change ${words(step, place)}`,
  };
}

export function lineOpened(step: StepOf<'lineOpen'>, { probes }: ApplicationPlan, place: Place): Scripts {
  return {
    look: `look_line_open ${words(step, place)}`,
    heal: `${groundOf(step, probes, place)}\npatience=${seconds(step.withinSeconds)}\nheal_line_open ${words(step, place)}`,
  };
}

export function lineRetired(step: StepOf<'lineRetire'>, place: Place): Scripts {
  return { look: `look_line_retire ${words(step, place)}`, heal: `heal_line_retire ${words(step, place)}` };
}

/** How the interface is closed, and by what it is judged whether a server serves. */
function groundOf({ ports }: { readonly ports: readonly number[] }, probes: ApplicationPlan['probes'], place: Place) {
  return `${closingOf(place.application, ports)}\n${judgingOf(probes)}`;
}

/** Plans that have a step of a change of the line: of each the look tells how far it is. */
export const lineSteps = (plan: ApplicationPlan): readonly LineStep[] =>
  plan.present ? plan.steps.filter(isLineStep) : [];

/** A command that tells how far it is, and what stands against it where that is asked. */
export function tellLine(step: LineStep, application: string): string {
  const asks = step.type === 'lineCheck' ? 'yes' : 'no';
  return `tell_line ${application} ${asks} ${words(step, { application })}`;
}

const REFUSED = 'lines are changed by apt alone so far';

const NOTES = `
# line_note NOTE CHANGE: how far that change is; fails where nothing of it was begun.
line_note() {
  line_phase=; line_at=0; line_closed=0; line_port=5432
  [ -f "$R$1" ] || return 1
  read -r noted line_phase line_at line_closed line_port more < "$R$1" || [ -n "$line_port" ]
  [ "$noted" = "$2" ]
}

cluster_is() { pg_lsclusters -h 2> /dev/null < /dev/null | awk -v line="$1" '$1 == line && $2 == "main" { print $4; found = 1; exit } END { exit !found }'; }

# ask_line LINE DATABASE SECONDS: runs the SQL of its standard input in the server of that line.
ask_line() {
  limit "$3" setpriv --reuid=postgres --regid=postgres --init-groups -- env -i PATH="$PATH" LC_ALL=C PGCLUSTER="$1/main" PGDATABASE="$2" \\
    PGOPTIONS="-c search_path=pg_catalog -c statement_timeout=0 -c lock_timeout=30s" psql -X -A -t -q -w -v ON_ERROR_STOP=1
}

# number LINE SQL: one number, or nothing.
number() { printf %s "$2" | ask_line "$1" postgres 20 2> /dev/null | awk '/^[0-9]+$/ { print; exit }'; }

# line_checks FROM TO PERCENT PACKAGES…: what stands against it, a sentence a line. Its interface is closed by nftables.
line_checks() {
  from=$1; to=$2; percent=$3; shift 3
  for each in "$@" nftables; do
    candidate=$(limit 10 apt-cache policy -- "$each" 2> /dev/null < /dev/null | awk '$1 == "Candidate:" { print $2 }')
    case "$candidate" in ''|'(none)') echo "package $each is not to be had";; esac
  done
  if [ "$(cluster_is "$from")" != online ]; then echo "the server of line $from does not run"; return; fi
  count=$(number "$from" 'select count(*) from pg_prepared_xacts')
  if [ "$count" != 0 ]; then echo "\${count:-an unknown number of} prepared transactions are open"; fi
  count=$(number "$from" 'select count(*) from pg_replication_slots')
  if [ "$count" != 0 ]; then echo "\${count:-an unknown number of} replication slots are in use"; fi
  size=$(number "$from" 'select coalesce(sum(pg_database_size(oid)), 0)::bigint from pg_database')
  free=$(limit 5 df -P -B1 -- /var/lib/postgresql 2> /dev/null | awk 'NR == 2 { print $4 }')
  if [ -z "$size" ] || [ -z "$free" ]; then echo "how much room its data take and is left cannot be told"
  elif [ $((size / 100 * percent)) -gt "$free" ]; then echo "$free bytes are free, and a second copy of its data takes $((size / 100 * percent))"
  fi
}
`;

export const lookLines = (packageManager: LinuxPackageManager): string =>
  packageManager === 'apt'
    ? NOTES + LOOK
    : `
look_line_change() { failed "${REFUSED}"; }
look_line_open() { :; }
look_line_retire() { :; }
tell_line() { line line "$1" "$6" - 0 "$(encoded "${REFUSED}")"; }
`;

export const healLines = (packageManager: LinuxPackageManager): string =>
  packageManager === 'apt'
    ? NOTES + HEAL
    : `
heal_line_change() { give_up "${REFUSED}"; }
heal_line_open() { :; }
heal_line_retire() { :; }
`;

const LOOK = `
# look_line_change NOTE CHANGE FROM TO PERCENT PACKAGES…
look_line_change() {
  if ! line_note "$1" "$2"; then differs "the data are in line $3"; return; fi
  case "$line_phase" in
    changed|done|retired) ;;
    failed) failed "the change to line $4 has failed, and line $3 serves";;
    *) differs "the change to line $4 has not come to its end ($line_phase)";;
  esac
}

look_line_open() {
  if ! line_note "$1" "$2"; then differs "line $4 serves nobody yet"; return; fi
  case "$line_phase" in
    failed) ;;
    done|retired) if [ -e "$R\${1%/*}/${CLOSED_RULES}" ]; then differs "its interface is still closed"; fi;;
    *) differs "its interface is closed ($line_phase)";;
  esac
}

look_line_retire() {
  shift 2
  if cluster_is "$1" > /dev/null; then differs "the instance of line $1 is still there"; fi
  shift 3
  for each in "$@"; do if package_version "$each" && [ -n "$version" ]; then differs "$each is still installed"; fi; done
}

# tell_line APPLICATION ASKS NOTE CHANGE FROM TO PERCENT PACKAGES…: what stands against it, or why it has failed.
tell_line() {
  application=$1; asks=$2; shift 2
  line_note "$1" "$2" || :
  case "$line_phase" in begun|changed|done|failed|back|retired) ;; *) line_phase=-;; esac
  case "$line_at" in ''|*[!0-9]*) line_at=0;; esac
  checks=
  if [ "$line_phase" = failed ]; then checks=$(head -c 256 < "$R$1.why" 2> /dev/null || :); fi
  if [ "$asks" = yes ]; then shift 2; checks=$(line_checks "$@" | head -n 8); fi
  line line "$application" "\${line_phase}" "$(printf %.11s "$line_at")" "$(encoded "$checks")"
}
`;

const ROWS = `select count(*), coalesce(sum((xpath('/row/rows/text()', query_to_xml(format('select count(*) as rows from %I.%I', schemaname, tablename), false, true, '')))[1]::text::bigint), 0) from pg_tables where schemaname not in ('pg_catalog', 'information_schema');`;

const HEAL = `
# noted PHASE: before what it says is begun.
noted() { line_phase=$1; mark "$note" "$change $line_phase $line_at $line_closed $line_port"; }

# heal_line_change NOTE CHANGE FROM TO PERCENT PACKAGES…
heal_line_change() {
  note=$1; change=$2; from=$3; to=$4
  if line_note "$note" "$change"; then
    case "$line_phase" in
      changed|done|retired) return;;
      failed) give_up "the change to line $to has failed, and is not tried again by this change";;
      back) line_back "it was being taken back";;
    esac
  else begin_line "$@"
  fi
  close_interface "$line_closed" || line_back "the interface could not be closed"
  drop_new || line_back "what was begun of line $to could not be removed"
  serve_again || line_back "the server of line $from does not start"
  before=$(rows_of "$from") || line_back "what is in line $from could not be counted"
  own_port || line_back "the settings of line $from could not be changed"
  ( pg_upgradecluster -m upgrade -v "$to" "$from" main < /dev/null 2>&1 || echo "pg_upgradecluster failed" ) > "$R$note.log"
  [ "$(cluster_is "$to")" = online ] || line_back "pg_upgradecluster: $(grep -i -m 1 error "$R$note.log" | head -c 160)"
  after=$(rows_of "$to") || line_back "what is in line $to could not be counted"
  [ "$before" = "$after" ] || line_back "line $to has other data than line $from"
  noted changed
  changed "the data of line $from are in line $to ($(printf '%s\\n' "$before" | awk '{ tables += $2; rows += $3 } END { print tables " tables, " rows " rows" }'))"
}

# All is asked before anything is closed.
begin_line() {
  shift 2
  why=$(line_checks "$@" | head -n 8)
  [ -z "$why" ] || give_up "not begun: $why"
  if cluster_is "$to" > /dev/null; then give_up "not begun: there is an instance of line $to already"; fi
  for each in $(extensions_of "$from"); do
    [ -e "/usr/share/postgresql/$to/extension/$each.control" ] || give_up "not begun: line $to has no extension $each"
  done
  if [ -n "$closes" ] && ! can_close; then give_up "not begun: its interface cannot be closed, for the package $lacking is not to be had"; fi
  rm -f -- "$R$note.why"
  line_port=$(pg_conftool -s "$from" main show port)
  line_at=$(date +%s); line_closed=$line_at
  noted begun
}

databases_of() { printf %s "select datname from pg_database where datallowconn and datname <> 'template1' order by 1" | ask_line "$1" postgres 20; }

extensions_of() {
  databases_of "$1" | while read -r each; do printf %s 'select extname from pg_extension' | ask_line "$1" "$each" 20; done | grep '^[a-z0-9_-]*$' | sort -u
}

# rows_of LINE: of each database how many tables and rows there are.
rows_of() {
  databases_of "$1" > "$R$note.databases" || return 1
  while IFS= read -r each; do
    counted=$(printf %s ${shellWord(ROWS)} | ask_line "$1" "$each" 86400 | tr '|' ' ') || return 1
    [ -n "$counted" ] || return 1
    printf '%s %s\\n' "$(printf %s "$each" | sha256sum | head -c 12)" "$counted"
  done < "$R$note.databases"
}

# Of the new line, which nobody has written to. What else lies among its settings would be those of the next.
drop_new() {
  if cluster_is "$to" > /dev/null; then pg_dropcluster --stop "$to" main || return 1; fi
  if [ ! -e "/var/lib/postgresql/$to/main/PG_VERSION" ]; then rm -rf -- "/etc/postgresql/$to/main"; fi
}

# pg_upgradecluster takes what is in conf.d along, and puts the port of either instance into postgresql.conf: a port in conf.d would be that of both.
own_port() {
  rm -rf -- "$R$note.conf.d"
  cp -a -- "/etc/postgresql/$from/main/conf.d" "$R$note.conf.d" || return 1
  for each in "/etc/postgresql/$from/main/conf.d/"*.conf; do
    if [ -f "$each" ]; then sed -i '/^[[:space:]]*port[[:space:]=]/d' "$each" || return 1; fi
  done
}

# As it was before: pg_upgradecluster leaves an old instance elsewhere, and not to be started.
serve_again() {
  if [ -d "$R$note.conf.d" ]; then cp -a -- "$R$note.conf.d/." "/etc/postgresql/$from/main/conf.d/" || return 1; fi
  pg_conftool "$from" main set port "$line_port" && echo auto > "/etc/postgresql/$from/main/start.conf" || return 1
  if [ "$(cluster_is "$from")" != online ]; then systemctl start "postgresql@$from-main.service" || return 1; fi
  [ "$(cluster_is "$from")" = online ]
}

# line_back WHY: no client was let in, so what the old instance has is all that there is.
line_back() {
  [ -s "$R$note.why" ] || mark "$note.why" "$1"
  noted back
  drop_new || :
  if ! { serve_again && within 60 judged; }; then give_up "$1; line $from does not serve either, and its interface stays closed"; fi
  rm -rf -- "$R$note.conf.d"
  noted failed
  open_interface
  give_up "$1; line $from serves again"
}

# heal_line_open NOTE CHANGE FROM TO PERCENT PACKAGES…
heal_line_open() {
  note=$1; change=$2; from=$3; to=$4
  line_note "$note" "$change" || give_up "the line was not changed"
  case "$line_phase" in
    changed) ;;
    done|retired) open_interface; return;;
    *) give_up "the line was not changed ($line_phase)";;
  esac
  within "$patience" judged || line_back "line $to did not serve within $patience seconds"
  # Before anybody is let in: from then on there is no way back by which no write is lost.
  noted done
  rm -rf -- "$R$note.conf.d"
  open_interface
  changed "clients are let in to line $to; the instance of line $from stays, stopped"
}

heal_line_retire() {
  note=$1; change=$2; from=$3; shift 5
  line_note "$note" "$change" || give_up "the line was not changed by this change"
  case "$line_phase" in done|retired) ;; *) give_up "the line was not changed by this change ($line_phase)";; esac
  if cluster_is "$from" > /dev/null; then pg_dropcluster --stop "$from" main; changed "the instance of line $from removed"; fi
  heal_no_packages "$@"
  noted retired
}
`;
