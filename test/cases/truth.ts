import type { FaultCase } from './case.ts';

const assess = 'src/domain/managedvm/assess.test.ts';
const linux = 'src/domain/machine/firstboot/linux.test.ts';
const configured = 'src/domain/guest/firstboot.test.ts';
const monitored = 'src/domain/monitoring/monitored.test.ts';
const access = 'src/api/access.test.ts';
const refusals = 'test/integration/api/refusals.test.ts';
const admission = 'test/chart/admission.test.ts';

/** Input that a guest cannot take, side effects without a promise, and conditions that claimed more than they covered. */
export const truthCases: readonly FaultCase[] = [
  {
    id: 'issue-11/3.updater',
    kind: 'side effect without the promise',
    fault: "A level with patching switched the guest's own updater off although nothing patches.",
    tests: [
      {
        file: 'src/domain/guest/desired.test.ts',
        name: 'MO-3: the own updater is off only where a policy is ordered and patching is served',
      },
      {
        file: 'src/domain/machine/firstboot/windows.test.ts',
        name: 'MO-3: Windows Update is switched off only where the service patches',
      },
    ],
  },
  {
    id: 'issue-11/3.lowered',
    kind: 'side effect without the promise',
    fault: 'Lowering the level left the updater off and the exporter on, and said UpToDate.',
    tests: [
      {
        file: configured,
        name: 'MO-3: a lower level leaves the exporter and the updater as first boot set them, and that is said',
      },
    ],
  },
  {
    id: 'issue-11/3.first-boot',
    kind: 'True without proof',
    fault:
      'Users, keys, rights, second network and exporter changed after first boot, and every setting was said to be there.',
    tests: [
      { file: configured, name: 'a user less, who can still log in after the first boot is said' },
      { file: configured, name: 'fewer rights after the first boot is said' },
      { file: configured, name: 'a second network after the first boot is said' },
      { file: configured, name: 'a level with monitoring after the first boot is said' },
      { file: configured, name: 'what was given is not called configured' },
      { file: configured, name: 'nothing is claimed where' },
      { file: assess, name: 'MO-8: says, where there is none, that this is not about the inside of the guest' },
    ],
  },
  {
    id: 'issue-11/3.supported',
    kind: 'True without proof',
    fault: 'Supported=True for a system other than the one that the guest agent reports.',
    tests: [
      { file: assess, name: 'is not Supported where it is another release than the one that was ordered' },
      { file: 'src/domain/machine/guestsystem.test.ts', name: 'contradicts the order where it is' },
    ],
  },
  {
    id: 'issue-11/3.sla',
    kind: 'True without proof',
    fault: 'SLACompliant=True in a crash loop at Admin, while the README spoke of every promise.',
    tests: [
      { file: assess, name: 'MO-1: says at Admin that a guest in a crash loop does not count' },
      { file: assess, name: 'counts at Admin what the table of design 3 counts' },
    ],
  },
  {
    id: 'issue-11/3.thresholds',
    kind: 'True without proof',
    fault: 'Monitored=True with thresholds that can never fire.',
    tests: [{ file: monitored, name: 'MO-12: is False with a threshold that was stored before the API refused it' }],
  },
  {
    id: 'issue-11/3.rules',
    kind: 'True without proof',
    fault: 'Monitored=True without the rules object looked at.',
    tests: [
      { file: monitored, name: 'is Unknown without the rules of the namespace, although Prometheus still shows' },
      { file: monitored, name: 'is Unknown without the rules that have its own thresholds in place' },
    ],
  },
  {
    id: 'issue-11/3.events',
    kind: 'True without proof',
    fault: 'Monitored=True although event logs and security events (MO-12) are not watched.',
    tests: [{ file: monitored, name: 'MO-12: event logs and security events are told apart' }],
  },
  {
    id: 'issue-11/3.new-orders',
    kind: 'input that cannot be kept',
    fault: 'A new order of a system past its end was accepted at every level.',
    tests: [
      { file: admission, name: 'takes orders until its last day, and none at any level after it' },
      { file: admission, name: 'leaves orders that stand editable, their level included' },
      { file: assess, name: 'MO-1, GE-9: takes no order that came after its end' },
      { file: assess, name: 'GE-9: carries on with an order' },
    ],
  },
  {
    id: 'issue-11/5.names',
    kind: 'input that cannot be kept',
    fault: 'The user name default, and others that cloud-init, Linux or Windows treat specially, were accepted.',
    tests: [
      { file: access, name: 'MO-8: a login name that a guest has for itself is refused with the reason' },
      { file: refusals, name: 'MO-8: a user called default' },
    ],
  },
  {
    id: 'cluster/14',
    kind: 'input that cannot be kept',
    fault: 'Users backup and operator made cloud-init abort, and the accounts after them were never made.',
    tests: [
      { file: refusals, name: 'MO-8: a user called operator' },
      { file: linux, name: 'MO-8: no account depends on a group of its name' },
      { file: refusals, name: 'stays editable, and what is new in it is held to the rule' },
    ],
  },
  {
    id: 'cluster/13',
    kind: 'input that cannot be kept',
    fault: 'RSA-8192 keys were refused, truncated keys and keys of another type than their word accepted.',
    tests: [
      { file: refusals, name: 'MO-8: an RSA key of 8192 bits is accepted' },
      { file: access, name: 'cut off anywhere' },
      { file: access, name: 'under the word of another type' },
      { file: refusals, name: 'MO-8: a key that is cut off' },
    ],
  },
  {
    id: 'cluster/16',
    kind: 'input that cannot be kept',
    fault: 'MSSQL$SQLEXPRESS and units that systemd escapes were refused.',
    tests: [
      { file: refusals, name: 'MO-12: a named instance of SQL Server is accepted' },
      { file: refusals, name: 'MO-12: a unit whose name systemd escapes is accepted' },
    ],
  },
  {
    id: 'cluster/20',
    kind: 'upstream says why and we drop it',
    fault: "Addresses of docker0 and cali interfaces, and the guest's control characters, stood in the status.",
    tests: [
      {
        file: 'src/domain/machine/observed.test.ts',
        name: 'does not show the addresses of interfaces that the guest made for itself',
      },
      { file: assess, name: 'is written down without control characters, whatever the guest sends' },
      { file: 'src/domain/contract/excerpt.test.ts', name: 'lose what a terminal would obey' },
    ],
  },
  {
    id: 'cluster/34',
    kind: 'upstream says why and we drop it',
    fault: 'A guest paused by an IO error read Paused, with the advice to unpause it.',
    tests: [
      {
        file: 'src/domain/machine/vmstate.test.ts',
        name: 'after an IO error tells the cause, and that unpausing alone helps nothing',
      },
    ],
  },
  {
    id: 'cluster/30',
    kind: 'doubtful: decided',
    fault: 'Two networks gave the guest two default routes of equal weight.',
    tests: [{ file: linux, name: 'the default route is the first network’s' }],
  },
  {
    id: 'cluster/29',
    kind: 'doubtful: decided',
    fault: 'Windows got a socket for each CPU, of which client editions use two and SQL Server Standard four.',
    tests: [
      { file: 'src/domain/machine/virtualmachine.test.ts', name: 'MO-1: Windows gets its CPUs as cores of one socket' },
      {
        file: 'src/domain/machine/virtualmachine.test.ts',
        name: 'MO-1: a Windows guest that runs with as many sockets keeps them',
      },
    ],
  },
  {
    id: 'domain/a.2',
    kind: 'side effect without the promise',
    fault: 'First boot masked the timers of apt, and switched Windows Update off, at a level that nothing patches.',
    tests: [
      {
        file: 'src/domain/guest/desired.test.ts',
        name: 'MO-3: the own updater is off only where a policy is ordered and patching is served',
      },
      { file: 'src/domain/machine/firstboot/windows.test.ts', name: 'MO-3: Windows Update is switched off only where' },
    ],
  },
  {
    id: 'domain/a.3',
    kind: 'True without proof',
    fault: 'A user was taken out of the order after first boot, and nothing said that he can still log in.',
    tests: [{ file: configured, name: 'a user less, who can still log in after the first boot is said' }],
  },
  {
    id: 'domain/a.4',
    kind: 'True without proof',
    fault: 'Debian 13 was ordered, the guest reported Debian 11, and Supported was True.',
    tests: [{ file: assess, name: 'is not Supported where it is another release than the one that was ordered' }],
  },
  {
    id: 'domain/a.9-users',
    kind: 'input that cannot be kept',
    fault: 'The schema took the users default and sshd.',
    tests: [{ file: access, name: 'MO-8: a login name that a guest has for itself is refused with the reason' }],
  },
  {
    id: 'domain/c.network',
    kind: 'True without proof',
    fault: 'A second network that came after first boot was never brought up in the guest, and nothing said so.',
    tests: [{ file: configured, name: 'a second network after the first boot is said' }],
  },
  {
    id: 'domain/c.level',
    kind: 'True without proof',
    fault:
      'A level that was raised or lowered after first boot read UpToDate, without the exporter or with it left running.',
    tests: [
      { file: configured, name: 'a level with monitoring after the first boot is said' },
      { file: configured, name: 'MO-3: a lower level leaves the exporter and the updater as first boot set them' },
    ],
  },
  {
    id: 'domain/d.sla',
    kind: 'True without proof',
    fault: 'SLACompliant read True at Admin while the guest was in a crash loop, and said nothing of it.',
    tests: [{ file: assess, name: 'MO-1: says at Admin that a guest in a crash loop does not count' }],
  },
  {
    id: 'domain/d.monitored',
    kind: 'True without proof',
    fault: 'Monitored read True with thresholds of 100 percent and a wait of 999999 hours.',
    tests: [{ file: monitored, name: 'MO-12: is False with a threshold that was stored before the API refused it' }],
  },
];
