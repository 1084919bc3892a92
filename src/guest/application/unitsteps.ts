import { type Scripts, type StepOf, unitName } from './planwords.ts';

type Step = StepOf<'unit'>;

export function unitThere({ unit }: Pick<Step, 'unit'>): Scripts {
  return { look: `look_unit ${unitName(unit)}`, heal: `heal_unit ${unitName(unit)}` };
}

export function unitGone({ unit }: Pick<Step, 'unit'>): Scripts {
  return { look: `look_no_unit ${unitName(unit)}`, heal: `heal_no_unit ${unitName(unit)}` };
}

const PROPERTIES = ['LoadState', 'ActiveState', 'SubState', 'UnitFileState', 'NeedDaemonReload', 'Type'];

/** One whose name alone is active proves nothing: its process may have ended, or it may be an umbrella for others (research 4.0). */
export const LOOK_UNITS = `
# shown UNIT: asks systemd; said PROPERTY sets $said to what it answered.
shown() {
  shown=$(limit 5 systemctl show ${PROPERTIES.map(each => `--property=${each}`).join(' ')} -- "$1" < /dev/null | head -c 4096)
  said LoadState
  [ -n "$said" ]
}
said() {
  said="$NL$shown$NL"
  case "$said" in *"$NL$1="*) said=\${said#*"$NL$1="}; said=\${said%%"$NL"*};; *) said=;; esac
}

look_unit() {
  if ! shown "$1"; then failed "systemd does not answer"; return; fi
  case "$said" in
    loaded) ;;
    masked) differs "$1 is masked"; return;;
    not-found) differs "$1 is not installed"; return;;
    *) differs "systemd cannot read $1 ($said)"; return;;
  esac
  said Type; type=$said; said SubState; sub=$said; said ActiveState
  case "$said" in
    active|reloading) if [ "$sub" = exited ] && [ "$type" != oneshot ]; then stopped "the process of $1 has ended"; fi;;
    activating) failed "$1 is starting ($sub)";;
    *) stopped "$1 does not run ($said, $sub)";;
  esac
  said UnitFileState
  case "$said" in disabled|masked*) differs "$1 does not start with the system ($said)";; esac
  said NeedDaemonReload
  if [ "$said" = yes ]; then differs "systemd has not read what $1 is now"; fi
}

look_no_unit() {
  if ! shown "$1"; then failed "systemd does not answer"; return; fi
  said ActiveState
  case "$said" in active|reloading|activating) differs "$1 still runs";; esac
  said UnitFileState
  if [ "$said" = enabled ]; then differs "$1 still starts with the system"; fi
}
`;

export const HEAL_UNITS = `
heal_unit() {
  if [ "$(state "$1" NeedDaemonReload)" = yes ]; then systemctl daemon-reload; changed "systemd has read its units anew"; fi
  start "$1"
  if ended_already "$1"; then systemctl restart "$1"; changed "$1 started anew"; fi
  if ended_already "$1"; then give_up "$1 ends as soon as it is started"; fi
}

ended_already() { [ "$(state "$1" SubState)" = exited ] && [ "$(state "$1" Type)" != oneshot ]; }

heal_no_unit() {
  if [ "$(state "$1" UnitFileState)" = enabled ]; then systemctl disable --quiet "$1"; changed "$1 disabled"; fi
  case "$(state "$1" ActiveState)" in active|reloading|activating) systemctl stop "$1"; changed "$1 stopped";; esac
}
`;
