import { PROBE_METRICS } from '../../domain/application/probemetrics.ts';

/** A file system of the guest of which more is used is full, and a server that is restarted on it may not come up again. Percent. */
const FULL_PERCENT = 95;

/**
 * `probe_fails APPLICATION PROBE`: asks the probes of the application here and now, by the unit that always asks them. Where the probe succeeds, or nobody can tell,
 * nothing is done.
 */
export const PROBE_FAILS = `
probe_fails() {
  limit 150 systemctl start -- "steward-probe-$1.service" > /dev/null 2>&1
  values=$(limit 2 head -c 16384 -- "$R/run/steward-probe-$1/metrics" 2> /dev/null)
  read_at=$(printf '%s\\n' "$values" | awk -v want="${PROBE_METRICS.readAt}{application=\\"$1\\",probe=\\"$2\\"}" '$1 == want && $2 ~ /^[0-9]+$/ { print $2; exit }')
  success=$(printf '%s\\n' "$values" | awk -v want="${PROBE_METRICS.success}{application=\\"$1\\",probe=\\"$2\\"}" '$1 == want { print $2; exit }')
  if [ -z "$read_at" ] || [ "\${#read_at}" -gt 12 ] || [ $(($(date +%s) - read_at)) -gt 60 ]; then failed "probe $2 of $1 could not be asked in the guest: nothing was done"; fi
  case "$success" in
    0) ;;
    *) healthy "probe $2 of $1 succeeds in the guest: nothing was done";;
  esac
}
`;

/**
 * What forbids a remedy (AP-3): what cannot be told forbids too. `unless_full`: no file system of a disk is full. `unless_recovering UNIT`: the server neither starts nor
 * stops nor recovers; PostgreSQL says that it does by the name of a process, the others are starting as long.
 */
export const FORBIDDEN_WHEN = `
unless_full() {
  full=$(limit 10 df --local --output=pcent,source,target 2> /dev/null | awk '
    NR > 1 && $2 ~ /^\\/dev\\// { sub("%", "", $1); seen = 1; if ($1 + 0 >= ${FULL_PERCENT}) { print $1 " percent of " $3 " are used"; exit } }
    END { if (!seen) print "nobody can tell how full the disks are" }')
  if [ -n "$full" ]; then forbidden "DiskFull: $full"; fi
}

unless_recovering() {
  if [ -z "$1" ]; then forbidden "EngineRecovering: nobody knows which unit it is"; fi
  active=$(state "$1" ActiveState)
  case "$active" in
    '') forbidden "EngineRecovering: systemd does not answer";;
    deactivating) forbidden "EngineRecovering: $1 is stopping";;
    activating) case "$(state "$1" SubState)" in auto-restart*) return;; *) forbidden "EngineRecovering: $1 is starting";; esac;;
    active|reloading|refreshing) ;;
    *) return;;
  esac
  group=$(state "$1" ControlGroup)
  case "$group" in /?*) ;; *) forbidden "EngineRecovering: nobody can tell what $1 is doing";; esac
  for each in $(limit 5 find "$R/sys/fs/cgroup$group" -name cgroup.procs -exec cat {} + 2> /dev/null | head -n 512); do
    case "$(limit 2 head -c 256 "$R/proc/$each/cmdline" 2> /dev/null | tr '\\0' ' ')" in
      postgres:*startup*) forbidden "EngineRecovering: $1 recovers";;
    esac
  done
}
`;
