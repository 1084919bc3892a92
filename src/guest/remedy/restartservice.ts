/** Most instances of one service that are told apart. */
const MOST_INSTANCES = 32;

/**
 * `restart_service STEM`: starts what does not run of a service, and nothing else. What runs by a socket runs. Of a service that stands only for its
 * instances (Debian's postgresql.service is active whatever becomes of postgresql@17-main.service) the instances that failed are started, and itself
 * only where none is active: the same as the sensor asks (src/domain/monitoring/guestalerts.ts).
 * What is starting is left alone. A unit that somebody has masked is his decision. One that cannot be found is not guessed.
 */
export const RESTART_SERVICE = `
# down STEM: sets $down to the units that do not run.
down() {
  down=
  unit="$1.service"
  load=$(state "$unit" LoadState)
  active=$(state "$unit" ActiveState)
  case "$load" in
    '') failed "systemd does not answer";;
    masked) missing "$unit is masked";;
  esac
  case "$active" in
    active|reloading|refreshing) ;;
    # A database that recovers takes its time, and must not be cut short.
    activating) case "$(state "$unit" SubState)" in auto-restart*) down=$unit;; *) starting "$unit";; esac;;
    *)
      socket=$(state "$1.socket" ActiveState)
      if [ "$socket" != active ] || [ "$active" = failed ]; then
        case "$load" in
          loaded) down=$unit;;
          *) [ "$(state "$1.socket" LoadState)" != loaded ] || down="$1.socket";;
        esac
      fi;;
  esac
  case "$1" in *@*) return;; esac
  instances=$(limit 10 systemctl list-units --all --plain --no-legend --full -- "$1@*.service" | head -n ${MOST_INSTANCES} | awk '$1 ~ /^[A-Za-z0-9_][A-Za-z0-9._@:-]*[.]service$/ { print $1 " " $3 }')
  for each in $(printf '%s\\n' "$instances" | awk '$2 == "activating" { print $1 }'); do
    case "$(state "$each" SubState)" in auto-restart*) ;; *) starting "$each";; esac
  done
  bad=$(printf '%s\\n' "$instances" | awk '$2 == "failed" || $2 == "activating" { print $1 }')
  good=$(printf '%s\\n' "$instances" | awk '$2 == "active" || $2 == "reloading" { print $1 }')
  if [ -n "$bad" ]; then down="$down $bad"
  elif [ -n "$instances" ] && [ -z "$good" ]; then down="$down $unit"
  fi
  if [ "$load" != loaded ] && [ -z "$instances" ] && [ -z "$down" ] && [ "\${socket:-}" != active ]; then missing "$unit is not installed"; fi
}

# starting UNIT: before anything was tried it is left alone; after that it is on its way, and the sensor tells.
tried=
starting() { if [ -n "$tried" ]; then mended "$tried was started, and $1 is on its way"; else healthy "$1 is starting: nothing was done"; fi; }

restart_service() {
  down "$1"
  if [ -z "$down" ]; then healthy "$1 runs: nothing was done"; fi
  set -f
  set -- "$1" $(printf '%s\\n' $down | awk '!seen[$0]++')
  set +f
  stem=$1; shift
  limit 10 systemctl reset-failed -- "$@" > /dev/null 2>&1
  # Of what is active already and stands for others, only a restart reaches them.
  limit 150 systemctl restart -- "$@"
  code=$?
  tried="$*"
  down "$stem"
  if [ -n "$down" ]; then failed "$tried was started and does not run (systemctl ended with $code)"; fi
  mended "$tried was started and runs"
}
`;
