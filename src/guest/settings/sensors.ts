import { SENSORS_READ_METRIC } from '../../domain/monitoring/scrape.ts';
import { TEXTFILE_FOLDER } from './nodeexporter.ts';
import type { GuestFile, Setting } from './setting.ts';
import { base64, sha256 } from './words.ts';

const TIMER = 'steward-sensors.timer';
const SERVICE = 'steward-sensors.service';
const METRICS = `${TEXTFILE_FOLDER}/steward.prom`;

/** Seconds after which a reading of every minute is called stale. */
const STALE = 600;

const FILES: readonly GuestFile[] = [
  {
    path: '/usr/local/sbin/steward-sensors',
    permissions: '0755',
    content: `#!/bin/sh
# By Steward: reads this guest's sensors into a file for node_exporter (MO-12).
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
temporary=$(mktemp ${TEXTFILE_FOLDER}/.steward.XXXXXX)
trap 'rm -f "$temporary"' EXIT
cat > "$temporary" <<END
# HELP ${SENSORS_READ_METRIC} When the sensors of this guest were last read.
# TYPE ${SENSORS_READ_METRIC} gauge
${SENSORS_READ_METRIC} $(date +%s)
END
chmod 0644 "$temporary"
mv -fT "$temporary" ${METRICS}
`,
  },
  {
    path: `/etc/systemd/system/${SERVICE}`,
    permissions: '0644',
    content: `# By Steward.
[Unit]
Description=Sensors of the managed system

[Service]
Type=oneshot
ExecStart=/usr/local/sbin/steward-sensors
TimeoutStartSec=30
NoNewPrivileges=yes
ProtectHome=yes
ProtectSystem=strict
PrivateTmp=yes
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
export function sensorsSetting(wanted: boolean): Setting {
  return {
    name: 'sensors',
    units: [TIMER],
    files: FILES,
    look: wanted ? 'look_sensors' : 'look_no_sensors',
    heal: wanted ? 'heal_sensors' : 'heal_no_sensors',
  };
}

const each = (line: (file: GuestFile) => string): string => FILES.map(line).join('\n');

export const LOOK_SENSORS = `
look_sensors() {
${each(({ path, content }) => `  same ${path} ${sha256(content)} || differs "${path} is another"`)}
  running ${TIMER} "the timer of the sensors"
  if [ "$enabled" != enabled ]; then differs "the timer of the sensors does not start with the system"; fi
  if [ "$standing" != kept ]; then return; fi
  read_at=$(limit 2 head -c 4096 -- "$R${METRICS}" < /dev/null | awk '$1 == "${SENSORS_READ_METRIC}" && $2 ~ /^[0-9]+$/ { print $2 }' | head -n 1)
  if [ -z "$read_at" ] || [ "\${#read_at}" -gt 12 ]; then differs "the sensors were never read"
  elif [ $((clock - read_at)) -gt ${STALE} ]; then differs "the sensors were not read for more than ${STALE} seconds"
  fi
}

look_no_sensors() {
  for each in ${FILES.map(({ path }) => path).join(' ')} ${METRICS}; do
    if [ -e "$R$each" ]; then differs "$each is there, which the level does not include"; fi
  done
}
`;

export const HEAL_SENSORS = `
heal_sensors() {
  before=$did
  mkdir -p "$R${TEXTFILE_FOLDER}"
${each(({ path, content, permissions }) => `  put ${path} ${permissions} ${base64(content)}`)}
  if [ "$did" != "$before" ]; then systemctl daemon-reload; fi
  if [ "$(state ${TIMER} UnitFileState)" = masked ]; then systemctl unmask --quiet ${TIMER}; fi
  start ${TIMER}
  systemctl start ${SERVICE}
}

heal_no_sensors() {
  if [ -e "$R/etc/systemd/system/${TIMER}" ]; then systemctl disable --quiet --now ${TIMER}; fi
  before=$did
  remove ${FILES.map(({ path }) => path).join(' ')} ${METRICS}
  if [ "$did" != "$before" ]; then systemctl daemon-reload; fi
}
`;
