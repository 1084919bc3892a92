/** How it is measured in the guest that an application works, and how long it takes (AP-11). */

import { PROBE_INTERVAL_SECONDS, PROBE_METRICS, PROBE_STALE_SECONDS } from '../../domain/application/probemetrics.ts';
import type { PlanProbe } from '../../domain/contract/applicationplan.ts';
import { TEXTFILE_FOLDER } from '../settings/nodeexporter.ts';
import type { GuestFile, Setting } from '../settings/setting.ts';
import { base64, sha256 } from '../settings/words.ts';
import { shellWord } from '../shellword.ts';
import { ASK_MARIADB, mariadbProbe, probeSchemaThere } from './mariadb.ts';
import { command, port, type StepOf, seconds, stepName } from './planwords.ts';
import { ASK_POSTGRESQL, postgresqlProbe, probeTableThere } from './postgresql.ts';
import { keyValueProbe } from './valkey.ts';

type Scripts = Pick<Setting, 'look' | 'heal' | 'units' | 'files'>;

/** The body of a function of sh that succeeds where the probe does. */
export function probeBody(probe: PlanProbe): string {
  const within = seconds(probe.timeoutSeconds);
  switch (probe.type) {
    case 'sql':
      return (probe.engine === 'MariaDB' ? mariadbProbe : postgresqlProbe)(probe.transaction, within);
    case 'keyValue':
      return keyValueProbe(probe, within);
    case 'tcp':
      return `limit ${within} bash -c 'exec 3<> "/dev/tcp/127.0.0.1/$0"' ${port(probe.port)}`;
    case 'http':
      return `limit ${within} bash -c ${shellWord(HTTP)} ${port(probe.port)} ${shellWord(probe.path)} ${port(probe.status)}`;
    case 'command':
      return commandBody(probe.run, probe.output, within);
  }
}

/** For a heal: `judged` succeeds where all probes do. */
export function judgingOf(probes: readonly PlanProbe[]): string {
  return [
    ...probes.map((probe, index) => `judge_${index}() {\n  ${probeBody(probe)}\n}`),
    `judged() { ${probes.map((_, index) => `judge_${index} > /dev/null 2>&1 < /dev/null`).join(' && ')}; }`,
  ].join('\n');
}

const HTTP =
  'exec 3<> "/dev/tcp/127.0.0.1/$0"; printf "GET %s HTTP/1.1\\r\\nHost: localhost\\r\\nUser-Agent: steward\\r\\nConnection: close\\r\\n\\r\\n" "$1" >&3; read -r _ status _ <&3; [ "$status" = "$2" ]';

/** What it says last is compared too: some programs end with 0 whatever has failed (research 4.0). */
function commandBody(run: readonly string[], output: string | undefined, within: string): string {
  const tail = `said=$({ limit ${within} ${command(run)} < /dev/null 2> /dev/null; printf '\\n%s\\n' "$?"; } | grep -v '^$' | tail -n 2 | tail -c 1000)`;
  const last = output === undefined ? '' : ` && [ "\${said%?0}" = ${shellWord(output)} ]`;
  return `${tail}\n  [ "\${said##*[!0-9]}" = 0 ]${last}`;
}

export function probesThere(application: string, probes: readonly PlanProbe[]): Scripts {
  const files = filesOf(application, probes);
  const [script] = files;
  const table = groundOf(probes);
  return {
    files,
    units: [timerOf(application)],
    look: [
      ...files.map(({ path, content }) => `same ${path} ${sha256(content)} || differs "${path} is another"`),
      `look_probes ${timerOf(application)} ${metricsOf(application)}`,
      table.look,
    ].join('\n'),
    heal: [
      'before=$did',
      ...files.map(({ path, content, permissions }) => `put ${path} ${permissions} ${base64(content)}`),
      table.heal,
      `heal_probes ${script?.path} ${timerOf(application)} ${serviceOf(application)} ${metricsOf(application)} ${linkOf(application)}`,
    ].join('\n'),
  };
}

/** What probes write into must be there first. */
export function groundOf(probes: readonly PlanProbe[]): Scripts {
  const written = probes.find(probe => probe.type === 'sql' && probe.transaction);
  if (written?.type !== 'sql') return { look: ':', heal: ':' };
  return written.engine === 'MariaDB' ? probeSchemaThere : probeTableThere;
}

/** The table of the probe stays: it is in the customer's server, whose data stay. */
export function probesGone(application: string): Scripts {
  const words = [timerOf(application), ...filesOf(application, []).map(({ path }) => path), linkOf(application)].join(
    ' ',
  );
  return { look: `look_no_probes ${words}`, heal: `heal_no_probes ${words}` };
}

const serviceOf = (application: string): string => `steward-probe-${application}.service`;
const timerOf = (application: string): string => `steward-probe-${application}.timer`;

/** In memory, so that a full disk is measured too. */
const folderOf = (application: string): string => `/run/steward-probe-${application}`;
export const metricsOf = (application: string): string => `${folderOf(application)}/metrics`;
const linkOf = (application: string): string => `${TEXTFILE_FOLDER}/steward-probe-${application}.prom`;

function filesOf(application: string, probes: readonly PlanProbe[]): readonly GuestFile[] {
  const path = `/usr/local/sbin/steward-probe-${application}`;
  return [
    { path, permissions: '0755', content: scriptOf(application, probes) },
    {
      path: `/etc/systemd/system/${serviceOf(application)}`,
      permissions: '0644',
      content: `# By Steward.
[Unit]
Description=Probes of the managed application ${application}

[Service]
Type=oneshot
ExecStart=${path}
TimeoutStartSec=300
RuntimeDirectory=steward-probe-${application}
RuntimeDirectoryPreserve=yes
NoNewPrivileges=yes
ProtectHome=yes
ProtectSystem=strict
PrivateTmp=yes
`,
    },
    {
      path: `/etc/systemd/system/${timerOf(application)}`,
      permissions: '0644',
      content: `# By Steward.
[Unit]
Description=Measures the managed application ${application} every ${PROBE_INTERVAL_SECONDS} seconds

[Timer]
OnBootSec=15
OnUnitActiveSec=${PROBE_INTERVAL_SECONDS}
AccuracySec=1

[Install]
WantedBy=timers.target
`,
    },
  ];
}

function scriptOf(application: string, probes: readonly PlanProbe[]): string {
  return `#!/bin/sh
# By Steward: measures the managed application ${application} for node_exporter (AP-11).
set -u
unset IFS ENV BASH_ENV CDPATH LD_PRELOAD LD_LIBRARY_PATH; LC_ALL=C; export LC_ALL; umask 022; cd /
PATH=/usr/sbin:/usr/bin:/sbin:/bin; export PATH
limit() { timeout -k 1 "$@"; }
${probes.some(({ type }) => type === 'sql') ? ASK_POSTGRESQL + ASK_MARIADB : ''}
successes=; durations=; instants=
# measure NAME FUNCTION
measure() {
  labels="{application=\\"${application}\\",probe=\\"$1\\"}"
  success=0
  begun=$(date +%s%N)
  if "$2" > /dev/null 2>&1 < /dev/null; then success=1; fi
  took=$(($(date +%s%N) - begun))
  if [ "$took" -lt 0 ]; then took=0; fi
  successes="\${successes}${PROBE_METRICS.success}$labels $success\\n"
  durations="\${durations}${PROBE_METRICS.duration}$labels $(printf '%d.%09d' $((took / 1000000000)) $((took % 1000000000)))\\n"
  instants="\${instants}${PROBE_METRICS.readAt}$labels $(date +%s)\\n"
}

${probes.map((probe, index) => `probe_${index}() {\n  ${probeBody(probe)}\n}\nmeasure ${stepName(probe.name)} probe_${index}\n`).join('\n')}
mkdir -p ${folderOf(application)}
temporary=$(mktemp ${folderOf(application)}/.new.XXXXXX) || exit 1
trap 'rm -f "$temporary"' EXIT
printf '%b' "# HELP ${PROBE_METRICS.success} Whether the probe of the application succeeded.
# TYPE ${PROBE_METRICS.success} gauge
\${successes}# HELP ${PROBE_METRICS.duration} How long the probe took, also one that did not succeed.
# TYPE ${PROBE_METRICS.duration} gauge
\${durations}# HELP ${PROBE_METRICS.readAt} When it was read.
# TYPE ${PROBE_METRICS.readAt} gauge
\${instants}" > "$temporary" && chmod 0644 "$temporary" && mv -fT "$temporary" ${metricsOf(application)}
`;
}

export function waitForThere({ probe, timeoutSeconds }: StepOf<'waitFor'>): Scripts {
  const once = `probe_once() {\n  ${probeBody(probe)}\n}`;
  const name = stepName(probe.name);
  return {
    look: `${once}\nif ! probe_once > /dev/null 2>&1; then differs "the probe ${name} does not succeed"; fi`,
    heal: `${groundOf([probe]).heal}\n${once}\nheal_wait ${name} ${seconds(timeoutSeconds)}`,
  };
}

export const LOOK_PROBES = `
# look_probes TIMER METRICS
look_probes() {
  running "$1" "the timer of the probes"
  if [ "$enabled" != enabled ]; then differs "the timer of the probes does not start with the system"; fi
  if [ "$standing" != kept ]; then return; fi
  read_at=$(limit 2 head -c 16384 -- "$R$2" < /dev/null 2> /dev/null | awk '/^${PROBE_METRICS.readAt}[{]/ && $2 ~ /^[0-9]+$/ { print $2 }' | sort -n | head -n 1)
  if [ -z "$read_at" ] || [ "\${#read_at}" -gt 12 ]; then differs "the probes were never read"
  elif [ $((clock - read_at)) -gt ${PROBE_STALE_SECONDS} ]; then differs "the probes were not read for more than ${PROBE_STALE_SECONDS} seconds"
  fi
}

# look_no_probes TIMER FILES…
look_no_probes() {
  shift
  for each in "$@"; do
    if [ -e "$R$each" ] || [ -L "$R$each" ]; then differs "$each is still there"; fi
  done
}
`;

export const HEAL_PROBES = `
# heal_probes SCRIPT TIMER SERVICE METRICS LINK
heal_probes() {
  if [ "$did" != "$before" ]; then systemctl daemon-reload; fi
  link_metrics "$4" "$5"
  start "$2"
  systemctl start "$3"
}

# link_metrics METRICS LINK
link_metrics() {
  if [ "$(readlink -- "$R$2" 2> /dev/null || :)" != "$1" ]; then
    mkdir -p -- "$R\${2%/*}"
    ln -sfT -- "$1" "$R$2"
    changed "$2 made"
  fi
}

# heal_no_probes TIMER FILES…
heal_no_probes() {
  stop_timer "$1"
  shift
  before=$did
  remove "$@"
  if [ "$did" != "$before" ]; then systemctl daemon-reload; fi
}

stop_timer() {
  if [ -e "$R/etc/systemd/system/$1" ]; then systemctl disable --quiet --now "$1"; fi
}

# heal_wait NAME SECONDS
heal_wait() { within "$2" probe_once > /dev/null 2>&1 || give_up "the probe $1 does not succeed within $2 seconds"; }

# within SECONDS FUNCTION: it succeeds within that time, tried once a second.
within() {
  for i in $(seq "$1"); do
    if "$2"; then return; fi
    sleep 1
  done
  return 1
}
`;
