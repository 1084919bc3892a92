import type { ApplicationPlan } from '../../domain/contract/applicationplan.ts';
import type { DesiredGuest } from '../../domain/guest/desired.ts';
import { EXPORTER_PORTS } from '../../domain/machine/firstboot/exporters.ts';
import { SENSOR_STALE_SECONDS } from '../../domain/monitoring/guestevents.ts';
import { SENSORS_READ_METRIC } from '../../domain/monitoring/scrape.ts';
import { eventScript, type Listeners, SENSOR_FOLDER, SENSOR_METRICS } from './eventscript.ts';
import { GUEST } from './ground.ts';
import { TEXTFILE_FOLDER } from './nodeexporter.ts';
import type { GuestFile, Setting } from './setting.ts';
import { base64, sha256 } from './words.ts';

const SCRIPT = '/usr/local/sbin/steward-sensors';
const TIMER = 'steward-sensors.timer';
const SERVICE = 'steward-sensors.service';

/** Seconds after which a reading of every minute is called stale. */
const STALE = SENSOR_STALE_SECONDS;

/** Ports that the provider itself needs: those of sshd and the exporter. */
const OWN_PORTS = [22, EXPORTER_PORTS.Linux];

const sensorFiles = (listeners: Listeners): readonly GuestFile[] => [
  { path: SCRIPT, permissions: '0755', content: eventScript(GUEST, listeners) },
  {
    path: `/etc/systemd/system/${SERVICE}`,
    permissions: '0644',
    content: `# By Steward.
[Unit]
Description=Sensors of the managed system

[Service]
Type=oneshot
ExecStart=${SCRIPT}
TimeoutStartSec=30
Nice=10
NoNewPrivileges=yes
ProtectHome=read-only
ProtectSystem=strict
PrivateTmp=yes
StateDirectory=steward/sensors
StateDirectoryMode=0700
ReadWritePaths=${TEXTFILE_FOLDER}
`,
  },
  {
    path: `/etc/systemd/system/${TIMER}`,
    permissions: '0644',
    content: `# By Steward.
[Unit]
Description=Reads the sensors of the managed system every minute

[Timer]
OnBootSec=10
OnUnitActiveSec=60
AccuracySec=5

[Install]
WantedBy=timers.target
`,
  },
];

/** A timer reads the guest's sensors for the exporter, where the level watches the guest; elsewhere nothing of it is there. */
export function sensorsSetting(wanted: boolean, listeners: Listeners): Setting {
  const files = sensorFiles(listeners);
  return {
    name: 'sensors',
    units: [TIMER],
    files,
    look: wanted ? lookThere(files) : 'look_no_sensors',
    heal: wanted ? healThere(files) : 'heal_no_sensors',
  };
}

/** Who listens as ordered: the provider, applications at the ports that their plans tell, and the services that the order names at any. */
export function listenersOf({ applications, services }: DesiredGuest): Listeners {
  return { ports: [...OWN_PORTS, ...portsOf(applications)], units: services.flatMap(unitsOf) };
}

/** A unit that only stands for its instances listens by them (Debian's postgresql). */
function unitsOf(service: string): readonly string[] {
  if (/\.(socket|timer|target|mount|path)$/.test(service)) return [service];
  const name = service.replace(/\.service$/, '');
  return name.includes('@') ? [`${name}.service`] : [`${name}.service`, `${name}@*.service`];
}

function portsOf(plans: readonly ApplicationPlan[]): readonly number[] {
  const told = plans.flatMap(({ steps, probes }) => [
    ...steps.flatMap(step => (step.type === 'firewallPort' ? [step.port] : [])),
    ...[...probes, ...steps.flatMap(step => (step.type === 'waitFor' ? [step.probe] : []))].flatMap(probe =>
      'port' in probe ? [probe.port] : [],
    ),
  ]);
  return [...new Set(told)].toSorted((one, other) => one - other);
}

const lookThere = (files: readonly GuestFile[]): string =>
  [
    ...files.map(({ path, content }) => `same ${path} ${sha256(content)} || differs "${path} is another"`),
    'look_sensors',
  ].join('\n');

const healThere = (files: readonly GuestFile[]): string =>
  [
    'before=$did',
    ...files.map(({ path, content, permissions }) => `put ${path} ${permissions} ${base64(content)}`),
    'heal_sensors "$before"',
  ].join('\n');

const PATHS = [SCRIPT, `/etc/systemd/system/${SERVICE}`, `/etc/systemd/system/${TIMER}`].join(' ');

export const LOOK_SENSORS = `
look_sensors() {
  running ${TIMER} "the timer of the sensors"
  if [ "$enabled" != enabled ]; then differs "the timer of the sensors does not start with the system"; fi
  if [ "$standing" != kept ]; then return; fi
  read_at=$(limit 2 head -c 4096 -- "$R${SENSOR_METRICS}" < /dev/null | awk '$1 == "${SENSORS_READ_METRIC}" && $2 ~ /^[0-9]+$/ { print $2 }' | head -n 1)
  if [ -z "$read_at" ] || [ "\${#read_at}" -gt 12 ]; then differs "the sensors were never read"
  elif [ $((clock - read_at)) -gt ${STALE} ]; then differs "the sensors were not read for more than ${STALE} seconds"
  fi
}

look_no_sensors() {
  for each in ${PATHS} ${SENSOR_METRICS}; do
    if [ -e "$R$each" ]; then differs "$each is there, which the level does not include"; fi
  done
}
`;

export const HEAL_SENSORS = `
# heal_sensors BEFORE
heal_sensors() {
  mkdir -p "$R${TEXTFILE_FOLDER}"
  if [ "$did" != "$1" ]; then systemctl daemon-reload; fi
  if [ "$(state ${TIMER} UnitFileState)" = masked ]; then systemctl unmask --quiet ${TIMER}; fi
  start ${TIMER}
  systemctl start ${SERVICE}
}

heal_no_sensors() {
  if [ -e "$R/etc/systemd/system/${TIMER}" ]; then systemctl disable --quiet --now ${TIMER}; fi
  before=$did
  remove ${PATHS} ${SENSOR_METRICS}
  rm -rf -- "$R${SENSOR_FOLDER}"
  if [ "$did" != "$before" ]; then systemctl daemon-reload; fi
}
`;
