/** Every type of step of a plan, and what somebody with root may do to what it keeps: a row without which TypeScript is not content. */
import type { PlanStep } from '../../src/domain/contract/applicationplan.ts';
import { CONF, UNIT } from './postgresqlplan.ts';

/** What somebody does, in words and as commands of root, and what a look says of it. */
type Tampering = readonly [what: string, commands: string, found: RegExp];

/** Of a step: how it is tampered with, or which file has its tests, for it takes a guest of its own. */
export type StepRow =
  | { readonly step: string; readonly tamperings: readonly Tampering[] }
  | { readonly testedIn: string };

const sql = (text: string, database = 'postgres') =>
  `printf %s "${text}" | setpriv --reuid=postgres --regid=postgres --init-groups psql -X -q -d ${database}`;

export const FOLDER = '/srv/shop';
export const EXPORTER = 'shop-exporter';

export const STEP_ROWS: Readonly<Record<PlanStep['type'], StepRow>> = {
  package: {
    step: 'tool',
    tamperings: [
      ['is taken out', 'apt-get -q -y purge shop-tool', /^Differs shop-tool is not installed$/],
      [
        'is left half configured',
        "dpkg --unpack --force-all /build/made/*.deb; sed -i 's/^Status: install ok unpacked/Status: install ok half-configured/' /var/lib/dpkg/status",
        /^Differs shop-tool is not installed$/,
      ],
    ],
  },
  file: {
    step: 'settings',
    tamperings: [
      ['has another line', `echo 'work_mem = 1GB' >> ${CONF}`, /90-steward.conf is another$/],
      ['is emptied', `: > ${CONF}`, /90-steward.conf is another$/],
      ['is removed', `rm ${CONF}`, /90-steward.conf is not there$/],
      ['is a link to another', `mv ${CONF} /tmp/moved && ln -s /tmp/moved ${CONF}`, /90-steward.conf is not there$/],
      ['may be written by everybody', `chmod 0666 ${CONF}`, /belongs to root:postgres 666 instead/],
      ['belongs to somebody else', `chown nobody ${CONF}`, /belongs to nobody:postgres 640 instead/],
    ],
  },
  directory: {
    step: 'folder',
    tamperings: [
      ['is removed', `rm -r ${FOLDER}`, /\/srv\/shop is no folder$/],
      ['may be written by everybody', `chmod 0777 ${FOLDER}`, /belongs to postgres:postgres 777 instead/],
      ['belongs to somebody else', `chown nobody ${FOLDER}`, /belongs to nobody:postgres 750 instead/],
    ],
  },
  systemUser: {
    step: 'account',
    tamperings: [
      ['is removed', `userdel ${EXPORTER}`, /there is no account shop-exporter$/],
      ['is given a shell', `usermod -s /bin/sh ${EXPORTER}`, /the account shop-exporter has a shell$/],
    ],
  },
  unit: {
    step: 'server',
    tamperings: [
      ['is stopped', `systemctl stop ${UNIT}`, /does not run \(inactive, dead\)$/],
      ['is stopped and masked', `systemctl stop ${UNIT}; touch /run/masked/${UNIT}`, /is masked$/],
    ],
  },
  role: {
    step: 'login',
    tamperings: [
      ['is given another password', sql("alter role shop password 'x'"), /its password is another$/],
      ['is given every right', sql('alter role shop superuser'), /it has rights that nobody ordered$/],
      [
        'is dropped with all that it owns',
        `${sql('drop database shop')} && ${sql('drop role shop')}`,
        /there is no such role$/,
      ],
    ],
  },
  database: {
    step: 'database',
    tamperings: [
      ['is given to somebody else', sql('alter database shop owner to postgres'), /it belongs to another role$/],
      ['is dropped', sql('drop database shop'), /there is no such database$/],
    ],
  },
  extension: {
    step: 'module',
    tamperings: [['is dropped', sql('drop extension pg_trgm', 'shop'), /there is no such extension$/]],
  },
  command: {
    step: 'once',
    tamperings: [['is undone', 'rm /var/lib/postgresql/once', /its check says that it is not so$/]],
  },
  firewallPort: {
    step: 'port',
    tamperings: [['is closed', 'firewall-cmd --quiet --remove-port=PORT/tcp', /firewalld does not let port \d+ in$/]],
  },
  waitFor: {
    step: 'answers',
    tamperings: [
      ['waits for a server that is stopped', `systemctl stop ${UNIT}`, /the probe answers does not succeed$/],
    ],
  },
  lineCheck: { testedIn: 'linechange.test.ts' },
  lineChange: { testedIn: 'linechange.test.ts' },
  lineOpen: { testedIn: 'linechange.test.ts' },
  lineRetire: { testedIn: 'linechange.test.ts' },
  dataRestore: { testedIn: 'restore.test.ts' },
  dataRetire: { testedIn: 'restorevalkey.test.ts' },
  dataOpen: { testedIn: 'restore.test.ts' },
};
