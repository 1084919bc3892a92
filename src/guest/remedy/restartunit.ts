/**
 * `restart_unit UNIT`, `reload_unit UNIT`: for a server that fails its probes, whether systemd takes it for running or not. What somebody has masked is his
 * decision. What starts or stops is left alone by both: a server that recovers, or writes its data out, must not be cut short.
 */
export const RESTART_UNIT = `
# there UNIT: it can be worked on now; sets $active.
there() {
  load=$(state "$1" LoadState)
  active=$(state "$1" ActiveState)
  case "$load" in
    loaded) ;;
    '') failed "systemd does not answer";;
    masked) missing "$1 is masked";;
    *) missing "$1 is not installed";;
  esac
  case "$active" in
    activating) case "$(state "$1" SubState)" in auto-restart*) ;; *) healthy "$1 is starting: nothing was done";; esac;;
    deactivating) healthy "$1 is stopping: nothing was done";;
  esac
}

restart_unit() {
  there "$1"
  before=$active
  limit 10 systemctl reset-failed -- "$1" > /dev/null 2>&1
  limit 150 systemctl restart -- "$1"
  code=$?
  case "$(state "$1" ActiveState)" in
    active|reloading|refreshing) mended "$1 was $before, was restarted and runs";;
    activating) mended "$1 was $before, was restarted and is on its way";;
    *) failed "$1 was $before, was restarted and does not run (systemctl ended with $code)";;
  esac
}

reload_unit() {
  there "$1"
  if [ "$active" != active ]; then failed "$1 does not run, so that it cannot be reloaded"; fi
  limit 60 systemctl reload -- "$1" || failed "$1 could not be reloaded"
  mended "$1 was reloaded"
}
`;
