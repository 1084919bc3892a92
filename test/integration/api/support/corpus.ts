/** Specs of every kind for the property test: valid ones, nearly valid ones and nonsense, all drawn by fast-check. */
import fc from 'fast-check';
import { managedApplication, product } from './applicationcorpus.ts';
import { day, label, mostly, named } from './drawn.ts';
import { incidentCorpus } from './incidentcorpus.ts';
import { machine, networks, topology } from './networkcorpus.ts';
import { noticeCorpus } from './noticecorpus.ts';

export type Json = null | boolean | number | string | Json[] | { [field: string]: Json };

const optional: { requiredKeys: [] } = { requiredKeys: [] };

const amount = (least: number, most: number, ...units: string[]) =>
  fc.tuple(fc.integer({ min: least, max: most }), fc.constantFrom(...units)).map(([value, unit]) => `${value}${unit}`);
const diskSize = mostly(
  amount(1, 64, 'Gi', 'Ti', 'T', 'G'),
  '63Mi',
  '64Mi',
  '64Ti',
  '65Ti',
  '64000G',
  '70368744177665',
  '20',
  '0Gi',
  '1.5Gi',
);
const memory = mostly(
  amount(1, 16, 'Gi', 'Ti', 'T', 'G'),
  '127Mi',
  '128Mi',
  '16Ti',
  '17Ti',
  '134217727',
  '134217728',
  '4',
  '4gb',
);
const duration = mostly(
  fc.tuple(fc.nat(90), fc.nat(90), fc.integer({ min: 1, max: 90 })).map(([h, m, s]) => `${h}h${m}m${s}s`),
  '0s',
  '0h0m',
  '1',
  'h',
  '',
  '1h1h',
  '1m1h',
  '-1h',
  '1d',
  '1.5h',
  '999999h999999m999999s',
  '1h30m',
);
const timeZone = mostly(
  fc.constantFrom(
    ...Intl.supportedValuesOf('timeZone'),
    'UTC',
    'US/Eastern',
    'Etc/GMT+5',
    'Europe/Kiev',
    'Asia/Calcutta',
    'Etc/UTC',
  ),
  'Mars/Base',
  'europe/berlin',
  'Europe/BERLIN',
  'Local',
  'CET',
  '+02:00',
  'Etc/Unknown',
  'SystemV/EST5',
  'US/Pacific-New',
  'posix/Europe/Berlin',
  'right/UTC',
  'Factory',
  'GMT',
  '../etc/passwd',
  'Europe/',
  'utc',
);

/** One field of a schedule: within its range, or with numbers around it. */
function cronField(least: number, most: number, slack: number): fc.Arbitrary<string> {
  const number = fc.integer({ min: Math.max(0, least - slack), max: most + slack });
  const range = fc
    .uniqueArray(number, { minLength: 2, maxLength: 2 })
    .map(pair => (slack ? pair : pair.sort((x, y) => x - y)).join('-'));
  const step = fc.integer({ min: 2 - slack, max: most - least + slack });
  const fits = (span: string, every: number) => {
    const [first = 0, last = 0] = span.split('-').map(Number);
    return slack > 0 || every <= last - first;
  };
  const part = fc.oneof(
    number.map(String),
    range,
    fc.tuple(range, step).map(([span, every]) => (fits(span, every) ? `${span}/${every}` : span)),
  );
  const list = fc.array(part, { minLength: 1, maxLength: 3 }).map(parts => parts.join(','));
  return fc.oneof(
    fc.constant('*'),
    number.map(String),
    list,
    step.map(every => `*/${every}`),
  );
}

/** With slack, both day fields may be restricted. */
const drawnSchedule = (slack: number) =>
  fc
    .tuple(
      cronField(0, 59, slack),
      cronField(0, 23, slack),
      cronField(1, 31, slack),
      cronField(1, 12, slack),
      cronField(0, 6, slack),
      fc.boolean(),
    )
    .map(([minute, hour, dayOfMonth, month, dayOfWeek, byMonth]) => {
      const days = slack > 0 ? [dayOfMonth, dayOfWeek] : byMonth ? [dayOfMonth, '*'] : ['*', dayOfWeek];
      return [minute, hour, days[0], month, days[1]].join(' ');
    });

const shortMonths = fc
  .tuple(
    fc.constantFrom('29', '30', '31', '30-31', '31,30', '2,31'),
    fc.constantFrom('2', '02', '4,6', '2,4', '1', '9-11', '2-3', '2,2'),
    fc.constantFrom('*', '0', '*/2'),
  )
  .map(([dayOfMonth, month, dayOfWeek]) => `0 3 ${dayOfMonth} ${month} ${dayOfWeek}`);

export const schedule: fc.Arbitrary<string> = fc.oneof(
  { weight: 20, arbitrary: drawnSchedule(0) },
  { weight: 1, arbitrary: drawnSchedule(1) },
  { weight: 2, arbitrary: shortMonths },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '@daily',
      '0 22 * * MON',
      '0 22 * * 7',
      '0  22 * * *',
      '0 22 * *',
      '* * * * * *',
      '0 22 L * *',
      '0 22 * * 5#2',
      '0 22 * * ?',
    ),
  },
);

/** A value, or one that no rule meant: what a person or a broken template writes instead. */
const nonsense: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e21,
    2 ** 53,
    '',
    ' ',
    '0',
    '-1',
    '4 Gi',
    '10Ei',
    '1e3',
    [],
    {},
    [null],
    [{}],
  ),
  fc.constantFrom<Json>(
    'a'.repeat(10_000),
    'ä',
    'a\n',
    'a\u2028',
    '💾'.repeat(20),
    '\u0000',
    'A',
    '-a',
    'a-',
    'a.b',
    'a..b',
    'true',
    '~',
    '$(x)',
    '{{ x }}',
    '../x',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 300 }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.jsonValue({ maxDepth: 2 }).map(value => value as Json),
);

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea';
const rsaKey = `ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ${'Cr'.repeat(257)}`;
const sshKey = mostly(
  fc.constantFrom(
    `${key} anna@laptop`,
    rsaKey,
    `ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBB${'Cr'.repeat(43)}= Anna, desk`,
  ),
  rsaKey.slice(0, -4),
  rsaKey.slice(0, -1),
  `ssh-rsa ${key.slice('ssh-ed25519 '.length)}`,
  'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ==',
  'ssh-dss AAAAB3NzaC1kc3MAAACBAP',
  `${key} anna\nssh-rsa AAAA`,
  `${key} ä`,
  `${key} ${'x'.repeat(201)}`,
  key.slice(0, 15),
);

const device = fc.record(
  {
    bus: mostly(fc.constantFrom('virtio', 'scsi', 'sata'), 'ide'),
    serial: mostly(fc.constantFrom('WD-1', 'a.b_c+d'), 'a b', 'a'.repeat(21)),
    bootOrder: mostly(fc.integer({ min: 1, max: 16 }), 0, 17, 1),
    cache: mostly(fc.constantFrom('none', 'writethrough', 'writeback'), 'unsafe'),
    io: mostly(fc.constantFrom('native', 'threads'), 'io_uring'),
    dedicatedIOThread: mostly(fc.constant(true), false),
    blockSize: mostly(
      fc.constantFrom({ logical: 512, physical: 4096 }, { logical: 4096, physical: 4096 }),
      { logical: 4096, physical: 512 },
      { logical: 1024, physical: 4096 },
    ),
  },
  optional,
);
/** What may be said of a disk beside what most orders say. */
const special = mostly(
  fc.constantFrom<Record<string, Json>>(
    {},
    { hotpluggable: true },
    { cdrom: { ejected: true }, adopt: { claim: 'iso' } },
    { cdrom: {}, adopt: { claim: 'iso' } },
    { readOnly: true, adopt: { claim: 'old' } },
    { source: { claim: { name: 'golden', uid: 'u1' } } },
    { source: { managedVM: { name: 'web', disk: 'root' } } },
    { cdrom: {}, source: { http: { url: 'https://images.example/tools.iso' } } },
    { accessMode: 'ReadWriteMany', volumeMode: 'Block' },
  ),
  { hotpluggable: false },
  { cdrom: {} },
  { cdrom: {}, adopt: { claim: 'iso' }, readOnly: true },
  { cdrom: {}, adopt: { claim: 'iso' }, hotpluggable: true },
  { source: {} },
  { source: { snapshot: { name: 'a' }, managedVM: { name: 'a', disk: 'b' } } },
  { source: { http: { url: 'ftp://x' } } },
  { accessMode: 'ReadOnlyMany' },
  { volumeMode: 'Raw' },
);
/** What boots is plain, nearly always. */
const plain = mostly(fc.constant<Record<string, Json>>({}), { hotpluggable: true }, { cdrom: {} });

const diskOf = (
  name: fc.Arbitrary<string>,
  further: fc.Arbitrary<Record<string, Json>>,
  ...required: ('name' | 'size')[]
) =>
  fc
    .tuple(plainDiskOf(name, ...required), further, fc.option(device, { freq: 1 }))
    .map(([disk, more, how]) => ({ ...disk, ...more, ...(how && { device: how }) }));
const plainDiskOf = (name: fc.Arbitrary<string>, ...required: ('name' | 'size')[]) =>
  fc.record(
    {
      name,
      size: diskSize,
      storageClass: label,
      reclaimPolicy: mostly(fc.constantFrom('Retain', 'Delete'), 'Recycle'),
    },
    { requiredKeys: ['name', ...required] },
  );
const disks = fc
  .tuple(
    diskOf(fc.constant('root'), plain),
    named(diskOf(mostly(label, 'first-boot', 'root'), special, 'size'), { maxLength: 3 }),
    fc.nat(40),
  )
  .map(([root, others, chance]) => (chance === 0 ? others : [root, ...others]));
const percent = (least: number, most: number) => mostly(fc.integer({ min: least, max: most }), 0, 100, -1, 80, 90);
const policyReference = (...kinds: string[]) =>
  fc.record({ kind: mostly(fc.constantFrom(...kinds), 'Policy', ''), name: label }, { requiredKeys: ['name'] });
const user = fc.record(
  {
    name: mostly(
      fc.stringMatching(/^[a-z_][a-z0-9_-]{0,8}$/),
      'root',
      'steward',
      'backup',
      'systemd-network',
      '_apt',
      'Anna',
      '0a',
      'a'.repeat(33),
    ),
    sshKeys: fc.uniqueArray(sshKey, { maxLength: 3 }),
    administrator: fc.boolean(),
  },
  { requiredKeys: ['name'] },
);

const serviceLevels = ['Admin', 'MonitoringAndPatching', 'AdvancedMonitoringAndPatching'] as const;

const deviceName = mostly(fc.constantFrom('nvidia.com/GA102GL_A10', 'intel.com/sriov'), 'gpu', 'NVIDIA.com/x', 'a/b c');
const hostDevice = fc.record({ name: label, deviceName });
const hardware = fc.record(
  {
    firmware: mostly(
      fc.constantFrom<Json>({ type: 'BIOS' }, { type: 'EFI' }, { type: 'EFI', secureBoot: true, persistent: true }),
      { type: 'BIOS', secureBoot: false },
      { type: 'BIOS', persistent: true },
      { type: 'Coreboot' },
      { secureBoot: true },
    ),
    tpm: mostly(fc.constantFrom('Persistent', 'Ephemeral'), 'None'),
    watchdog: mostly(fc.constantFrom('Reset', 'PowerOff', 'Shutdown'), 'Pause'),
    serialConsole: mostly(fc.constant(false), true),
    graphics: mostly(fc.constant(false), true),
    gpus: named(hostDevice, { maxLength: 2 }),
    hostDevices: named(hostDevice, { maxLength: 2 }),
    nestedVirtualization: mostly(fc.constant(true), false),
  },
  optional,
);

const managedVM = fc.record(
  {
    serviceLevel: fc.constantFrom(...serviceLevels),
    operatingSystem: label,
    powerState: mostly(fc.constantFrom('Running', 'Stopped'), 'Paused'),
    virtualMachineName: mostly(label, 'a'.repeat(50), 'a'.repeat(51)),
    sizing: fc.oneof(
      { weight: 30, arbitrary: fc.record({ cpu: mostly(fc.integer({ min: 1, max: 256 }), 0, 257), memory }, optional) },
      { weight: 1, arbitrary: fc.record({ cpu: fc.constantFrom(4, 8), topology }, { requiredKeys: ['topology'] }) },
      { weight: 30, arbitrary: fc.record({ instanceType: label }) },
      { weight: 2, arbitrary: fc.record({ instanceType: label, cpu: fc.constant(2), memory }, optional) },
    ),
    disks,
    hardware,
    adopt: mostly(fc.constant<Json>({ uid: 'u1' }), {}, { uid: '' }),
    deletionPolicy: mostly(fc.constantFrom('Delete', 'Release'), 'Keep'),
    networks,
    ...machine,
    access: fc.record(
      {
        users: named(user, { maxLength: 3 }),
        providerKey: fc.record({ generation: mostly(fc.integer({ min: 1, max: 1_000_000 }), 0, 1_000_001) }),
      },
      optional,
    ),
    services: fc.uniqueArray(
      mostly(
        fc.constantFrom('ssh', 'ssh.service', 'getty@tty1', 'W32Time', 'MSSQL$SQLEXPRESS', 'srv\\x2ddata', 'a b'),
        'a ',
        '$a',
        'über',
        'x'.repeat(101),
      ),
      { maxLength: 4 },
    ),
    alertThresholds: fc.record(
      {
        cpuPercent: percent(1, 99),
        memoryPercent: percent(1, 99),
        fileSystemWarningPercent: percent(1, 89),
        fileSystemCriticalPercent: percent(90, 99),
        pendingFor: mostly(amount(1, 24, 'h', 'm'), '24h', '24h1s', '0s'),
      },
      optional,
    ),
    patchPolicyRef: policyReference('PatchPolicy', 'ClusterPatchPolicy'),
    updateScan: fc.boolean(),
    backupPolicyRef: policyReference('BackupPolicy', 'ClusterBackupPolicy'),
    deletionProtection: fc.boolean(),
    restartPolicy: mostly(fc.constantFrom('Manual', 'Automatic'), 'Never'),
  },
  { requiredKeys: ['serviceLevel', 'operatingSystem'] },
);

const dataSource = fc.record({ namespace: label, name: label });
const registry = fc.record({
  url: mostly(
    fc.constantFrom('docker://quay.io/containerdisks/debian:13', 'oci-archive://x'),
    'https://x',
    'docker://a b',
    'docker://ä',
    'docker://',
  ),
});
const http = fc.record({
  url: mostly(fc.constantFrom('https://x/y.qcow2', 'http://x'), 'ftp://x', 'https://', 'https://x\n'),
});
const containerDisk = fc.record({
  image: mostly(fc.constantFrom('quay.io/containerdisks/alpine:3.22', 'x@sha256:00'), ' x', 'X', 'x y'),
});
const image = fc.oneof(
  { weight: 10, arbitrary: fc.record({ dataSource }) },
  { weight: 10, arbitrary: fc.record({ registry }) },
  { weight: 10, arbitrary: fc.record({ http }) },
  { weight: 10, arbitrary: fc.record({ containerDisk }) },
  { weight: 2, arbitrary: fc.record({ dataSource, registry, http, containerDisk }, optional) },
);

const common = {
  distribution: mostly(
    fc.constantFrom('Debian', 'Windows Server', 'Red Hat Enterprise Linux', 'openSUSE Leap'),
    ' x',
    'x ',
    'Débian',
    '',
  ),
  version: mostly(fc.constantFrom('13', '24.04', '15 SP7', '2025'), 'x ', '1'.repeat(21)),
  image,
  preference: mostly(fc.constantFrom('debian', 'rhel.9', 'windows.2k25.virtio'), 'Debian', 'rhel..9'),
  architecture: mostly(fc.constantFrom('amd64', 'arm64'), 's390x'),
  defaults: fc.record({ cpu: mostly(fc.integer({ min: 1, max: 256 }), 0, 257), memory, rootDisk: diskSize }, optional),
  lifeCycle: fc.record(
    {
      released: day(2000, 2024),
      endOfSupport: day(2022, 2034),
      endOfExtendedSupport: day(2030, 2040),
      source: mostly(fc.constant('https://www.debian.org/releases/'), 'www.debian.org', 'https://a b'),
    },
    { requiredKeys: ['endOfSupport'] },
  ),
};
const levels = (...allowed: string[]) =>
  mostly(
    fc.uniqueArray(fc.constantFrom(...allowed), { minLength: 1 }),
    [],
    ['MonitoringAndPatching'],
    ['Admin', 'Admin'],
    ['Basic'],
  );
const noPreference: {
  requiredKeys: ['family', 'distribution', 'version', 'packageManager', 'image', 'lifeCycle', 'serviceLevels'];
} = {
  requiredKeys: ['family', 'distribution', 'version', 'packageManager', 'image', 'lifeCycle', 'serviceLevels'],
};
const operatingSystem = fc.oneof(
  fc.record(
    {
      ...common,
      family: fc.constant('Linux'),
      packageManager: mostly(fc.constantFrom('apt', 'dnf', 'zypper'), 'WindowsUpdate', 'pacman'),
      serviceLevels: levels(...serviceLevels),
    },
    noPreference,
  ),
  fc.record(
    {
      ...common,
      family: fc.constant('Windows'),
      packageManager: mostly(fc.constant('WindowsUpdate'), 'apt'),
      serviceLevels: levels('Admin', 'AdvancedMonitoringAndPatching'),
    },
    noPreference,
  ),
);

const avoidedSpan = fc.record({
  name: label,
  schedule: mostly(
    fc.constantFrom('0 8 * * 1-5', '30 22 1 * *', '0 0 * 12 *'),
    '0 * * * *',
    '0 8-9 * * *',
    '0 25 * * *',
  ),
  duration: mostly(fc.constantFrom('30m', '10h', '72h'), '73h', '0s'),
});

const backupPolicy = fc.record(
  {
    tiers: named(fc.record({ name: label, schedule, retention: duration }), { minLength: 1, maxLength: 3 }),
    timeZone,
    avoid: named(avoidedSpan, { maxLength: 2 }),
    storageLocation: label,
    recoveryPointObjective: duration,
    consistency: mostly(fc.constantFrom('ApplicationConsistent', 'FilesystemConsistent', 'CrashConsistent'), 'None'),
    offSite: fc.boolean(),
    recoveryTimeObjective: duration,
    retention: fc.record({ minimum: mostly(fc.constant('1s'), '720h', ''), maximum: duration }, { requiredKeys: [] }),
    verification: fc.record({ drills: schedule, maxAge: duration }, { requiredKeys: ['maxAge'] }),
  },
  { requiredKeys: ['tiers', 'recoveryPointObjective'] },
);

const timeOfDay = mostly(
  fc
    .tuple(fc.nat(24), fc.constantFrom('00', '30', '59'))
    .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${minute}`),
  '24:00',
  '9:00',
  '12:60',
  '12:00:00',
  '-1:00',
);
const weekday = fc.constantFrom('Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday');
const datedDays = mostly(
  fc.uniqueArray(
    fc.record({
      date: day(2024, 2034),
      name: mostly(
        fc.constantFrom('Heiligabend', 'Buß- und Bettag', "New Year's Day"),
        '',
        'Ø',
        'Ψ',
        'a\tb',
        '😀',
        ' a',
      ),
    }),
    { selector: ({ date }) => date, maxLength: 4 },
  ),
  [
    { date: '2026-12-24', name: 'one' },
    { date: '2026-12-24', name: 'other' },
  ],
);
const serviceCalendar = fc.record(
  {
    timeZone,
    coreHours: fc.array(
      fc
        .record({
          days: mostly(fc.uniqueArray(weekday, { minLength: 1, maxLength: 3 }), [], ['Funday'], ['Monday', 'Monday']),
          from: timeOfDay,
          to: timeOfDay,
        })
        .map(({ days, from, to }) => (from < to ? { days, from, to } : { days, from: to, to: from })),
      { minLength: 1, maxLength: 3 },
    ),
    holidays: fc.record(
      { region: mostly(fc.constant('DE-NI'), 'DE-XX', 'de-ni'), additional: datedDays, removed: datedDays },
      optional,
    ),
  },
  { requiredKeys: ['coreHours'] },
);

const zeroOrMore = fc.oneof({ weight: 5, arbitrary: duration }, { weight: 1, arbitrary: fc.constantFrom('0s', '72h') });
const atNight = mostly(
  fc
    .tuple(fc.nat(59), fc.nat(23), fc.constantFrom('* * *', '* * 2', '* * 1-5', '1 * *', '29 2 *', '*/7 * *'))
    .map(([minute, hour, days]) => `${minute} ${hour} ${days}`),
  '*/5 * * * *',
  '0 1,2 * * *',
  '0 * * * *',
  '0 1-3 * * *',
  '00 01 * * *',
  '0 1 13 * 5',
  '60 1 * * *',
);
const exclusions = fc.array(
  fc
    .record({ from: day(2024, 2034), to: day(2024, 2034), reason: mostly(fc.constant('Christmas trade'), '', 'a\tb') })
    .map(({ from, to, reason }) => (from < to ? { from, to, reason } : { from: to, to: from, reason })),
  { maxLength: 3 },
);
const windowTimes = {
  schedule: atNight,
  timeZone,
  duration: mostly(fc.constantFrom('1h', '2h', '90m', '72h'), '73h', '30m', '0s'),
  cutoff: mostly(fc.constantFrom('30m', '45m', '1s'), '2h', '0s'),
  exclusions,
  validFrom: day(2024, 2029),
  validUntil: day(2029, 2034),
};
const maintenanceWindow = fc.record(windowTimes, { requiredKeys: ['schedule', 'duration'] });

const labelKey = mostly(
  fc.constantFrom('ring', 'tier', 'example.com/ring', 'kubernetes.io/metadata.name'),
  '',
  'a b',
  '/x',
);
const labelValue = mostly(fc.constantFrom('canary', 'gold', ''), 'a b', '-a', 'a'.repeat(64));
const selector = fc.record(
  {
    matchLabels: fc.array(fc.tuple(labelKey, labelValue), { maxLength: 2 }).map(pairs => Object.fromEntries(pairs)),
    matchExpressions: fc.array(
      fc.oneof(
        fc.record({
          key: labelKey,
          operator: fc.constantFrom('In', 'NotIn'),
          values: mostly(fc.uniqueArray(labelValue, { minLength: 1, maxLength: 2 }), []),
        }),
        fc.record({ key: labelKey, operator: mostly(fc.constantFrom('Exists', 'DoesNotExist'), 'In', 'Like') }),
      ),
      { maxLength: 2 },
    ),
  },
  optional,
);
const share = mostly<number | string>(
  fc.oneof<fc.Arbitrary<number | string>[]>(fc.integer({ min: 1, max: 10_000 }), fc.constantFrom('1%', '25%', '100%')),
  ...[0, -1, 10_001, '0%', '101%', '5', '05%', ''],
);
const ring = {
  name: label,
  maxParallel: share,
  soak: zeroOrMore,
  gate: fc.record(
    {
      checks: mostly<string[]>(fc.constantFrom(['guest-health'], ['guest-health', 'no-new-alerts']), [], ['promql']),
      maxFailures: share,
    },
    optional,
  ),
};
const bySeverity = (least: number, most: number) =>
  mostly(
    fc
      .uniqueArray(fc.integer({ min: least, max: most }), { minLength: 3, maxLength: 3 })
      .map(hours => hours.toSorted((a, b) => a - b).map(each => `${each}h`))
      .map(([Critical, Important, Other]) => ({ Critical, Important, Other })),
    { Critical: '9h', Important: '8h', Other: '10h' },
    { Critical: '9h', Important: '9h', Other: '9h' },
  );
const pattern = mostly(
  fc.constantFrom('lib*', 'openssl', '*', 'linux-image-6.12+deb13', 'KB5034441'),
  '',
  'a b',
  '[a-z]',
  '$x',
);
const packagesWithheld = mostly(
  fc.uniqueArray(
    fc.record({ package: pattern, reason: fc.constantFrom('CHG-4711', 'trade'), until: day(2024, 2034) }),
    {
      selector: each => each.package,
      maxLength: 2,
    },
  ),
  [
    { package: 'a', reason: 'one', until: '2030-01-01' },
    { package: 'a', reason: 'other', until: '2030-01-01' },
  ],
);
const stoppable = fc.record({
  name: mostly(
    fc.constantFrom('postgresql@17-main.service', 'nginx.service'),
    ...['sshd.service', 'ssh.service', 'systemd-networkd.service', 'dbus.service', 'cloud-init.service'],
    ...['nginx', 'a b.service', '-a.service', '$(reboot).service', 'nginx.timer', `${'a'.repeat(121)}.service`],
  ),
});
const inGuest = fc.record({
  path: mostly(fc.constantFrom('/run/backup.lock', '/srv/shop/ready'), '/', 'run', '/a/', '/a b', '/$(reboot)', ''),
});
const port = fc.record(
  {
    port: mostly(fc.integer({ min: 1, max: 65_535 }), 0, 65_536),
    within: mostly(fc.constantFrom('30s', '5m'), '0s', '301s', '1d'),
  },
  { requiredKeys: ['port'] },
);
const stepAnywhere = [
  ...['startService', 'restartService', 'serviceRunning'].map(kind => fc.record({ [kind]: stoppable })),
  ...['pathExists', 'pathAbsent'].map(kind => fc.record({ [kind]: inGuest })),
  fc.record({ tcpPortOpen: port }),
];
const stepsOf = (...kinds: fc.Arbitrary<object>[]) =>
  fc.array(
    mostly<object>(
      fc.oneof(...kinds, ...stepAnywhere),
      ...[{}, { run: 'reboot' }, { pathExists: { path: '/a' }, pathAbsent: { path: '/b' } }],
    ),
    { maxLength: 2 },
  );
const patchSteps = fc.record(
  {
    before: stepsOf(fc.record({ stopService: stoppable })),
    after: mostly(stepsOf(), [{ stopService: { name: 'a.service' } }]),
  },
  optional,
);
const patches = {
  steps: patchSteps,
  approve: fc.record(
    {
      updates: mostly(fc.constantFrom('Security', 'All'), 'Some'),
      severities: mostly<string[]>(
        fc.constantFrom(['Critical'], ['Critical', 'Unknown']),
        [],
        ['Low', 'Low'],
        ['Grave'],
      ),
      minimumAge: bySeverity(0, 40),
      allow: mostly(fc.uniqueArray(pattern, { minLength: 1, maxLength: 2 }), []),
      deny: fc.uniqueArray(pattern, { maxLength: 2 }),
      exclude: packagesWithheld,
    },
    optional,
  ),
  deadlines: bySeverity(30, 90),
  reboot: mostly(fc.constantFrom('Never', 'IfRequired', 'Always'), 'Perhaps'),
  rollback: mostly(fc.constantFrom('Never', 'Propose', 'Automatic'), 'Perhaps'),
  snapshot: fc.boolean(),
  keep: duration,
  postponable: duration,
  suspend: fc.boolean(),
  resume: fc.record({
    ring: label,
    afterRun: mostly(fc.constant('acme/vm-nightly-2026-11-24'), 'vm', 'a/b/c', 'A/b', 'acme/'),
    reason: mostly(fc.constant('the disk was full'), '', 'a\nb'),
  }),
};
const patchPolicy = fc.record(
  {
    windowRefs: mostly<string[]>(fc.constantFrom(['tuesday-night'], ['a', 'b.c']), [], ['a', 'a'], ['A']),
    rings: fc
      .tuple(
        named(fc.record({ ...ring, selector }, { requiredKeys: ['name', 'selector'] }), { maxLength: 2 }),
        mostly<object>(fc.constant({ name: 'rest' }), { name: 'rest', selector: {} }),
      )
      .map(([before, last]) => [...before, last]),
    ...patches,
  },
  { requiredKeys: ['windowRefs'] },
);
const clusterPatchPolicy = fc.record(
  {
    namespaceSelector: selector,
    windows: mostly(
      named(fc.record({ name: label, ...windowTimes }, { requiredKeys: ['name', 'schedule', 'duration'] }), {
        ...{ minLength: 1, maxLength: 1 },
      }),
      [],
    ),
    rings: fc
      .tuple(
        named(
          fc.record(
            {
              ...{ ...ring, selector },
              namespaces: mostly<string[]>(fc.constantFrom(['provider'], ['provider', 'lab']), [], ['a', 'a'], ['a.b']),
            },
            { requiredKeys: ['name', 'namespaces'] },
          ),
          { minLength: 1, maxLength: 1 },
        ),
        mostly<object>(
          fc.constant({ name: 'rest' }),
          { name: 'rest', selector: {} },
          { name: 'rest', namespaces: ['a'] },
        ),
      )
      .map(([before, last]) => [...before, last]),
    ...patches,
  },
  { requiredKeys: ['namespaceSelector', 'windows', 'rings'] },
);

const days = fc
  .uniqueArray(fc.integer({ min: 1, max: 90 }), { minLength: 12, maxLength: 12 })
  .map(numbers => numbers.sort((a, b) => a - b).map(hours => `${hours}h`));
const money = mostly(
  fc.tuple(fc.nat(999), fc.nat(99)).map(([whole, part]) => `${whole}.${String(part).padStart(2, '0')}`),
  ...['1.5', '1', '01.00', '-1.00', '1.000', '1,00', '.50', '999999999.99', '9999999999.99', '1e3', ''],
);
const priority = fc.constantFrom('P1', 'P2', 'P3', 'P4');
const servicePlan = fc
  .tuple(
    days,
    fc.record(
      {
        serviceLevel: mostly(
          fc.constantFrom('Admin', 'MonitoringAndPatching', 'AdvancedMonitoringAndPatching'),
          'Gold',
        ),
        validFrom: day(2024, 2034),
        calendarRef: label,
        availability: fc.record({
          target: mostly(fc.constantFrom('99', '99.9', '99.95', '100', '10'), '9', '99.90', '100.0', '101', '99,9', ''),
        }),
        backup: fc.record(
          { recoveryPointObjective: duration, recoveryTimeObjective: duration, policyRef: label },
          { requiredKeys: ['recoveryPointObjective', 'recoveryTimeObjective'] },
        ),
        prices: fc.record(
          {
            currency: mostly(fc.constantFrom('EUR', 'CHF'), 'eur', 'EURO', '€'),
            perMonth: money,
            billWhenStopped: fc.boolean(),
            effortPerHour: money,
            onDemand: mostly(
              fc.uniqueArray(
                fc.record({
                  service: mostly(fc.constantFrom('PatchRun', 'Backup', 'Restore'), 'Coffee'),
                  price: money,
                }),
                { selector: ({ service }) => service, maxLength: 3 },
              ),
              [
                { service: 'Restore', price: '1.00' },
                { service: 'Restore', price: '2.00' },
              ],
            ),
          },
          { requiredKeys: ['currency', 'perMonth', 'effortPerHour'] },
        ),
      },
      { requiredKeys: ['serviceLevel', 'validFrom', 'calendarRef', 'prices'] },
    ),
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.constantFrom(undefined, [
          ['P1', 'P1', 'P2'],
          ['P1', 'P2', 'P3'],
          ['P3', 'P3', 'P4'],
        ]),
      },
      {
        weight: 1,
        arbitrary: fc.array(fc.array(priority, { minLength: 2, maxLength: 4 }), { minLength: 3, maxLength: 3 }),
      },
    ),
    fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
    mostly(fc.constant(true), false),
  )
  .map(([hours, spec, matrix, order, tidy]) => {
    const at = (index: number) => hours[tidy ? index : (order[index % 4] ?? 0)];
    const target = (index: number) => ({ response: at(index), resolution: at(index + 4) });
    const priorities = { P1: target(0), P2: target(1), P3: target(2), P4: target(3) };
    const deadlines = { Critical: at(8), Important: at(9), Other: at(10) };
    const { availability, ...rest } = spec;
    const monitored = { availability, incidents: { priorities, matrix }, patching: { deadlines } };
    return rest.serviceLevel === 'Admin' && tidy ? rest : { ...rest, ...monitored };
  });

const kubernetesUser = mostly(
  fc.constantFrom('anna', 'ben', 'oidc:anna@acme.example', 'system:serviceaccount:argocd:argocd'),
  ...['', ' ', 'anna müller', 'a\nb', 'a'.repeat(257)],
);
const person = mostly(fc.constantFrom('anna', 'ben', 'Jürgen Müller', 'Łukasz'), '', 'a\tb', ' anna', '<b>', 'Ψ');
const contract = fc.record(
  {
    customer: mostly(fc.constantFrom('ACME GmbH & Co. KG', 'Müller'), '', 'a\nb', 'a'.repeat(101)),
    namespaces: mostly(fc.uniqueArray(label, { minLength: 1, maxLength: 3 }), [], ['acme', 'acme'], ['acme/x']),
    language: mostly(fc.constantFrom('de', 'en'), 'fr', 'DE'),
    timeZone,
    billingId: mostly(fc.constantFrom('10042', 'K-7/b'), '', ' 1', 'ü'),
    contacts: named(
      fc.record(
        {
          name: person,
          email: mostly(
            fc.constantFrom('anna@acme.example', 'a.b+c@x-y.example'),
            ...['anna', '@acme', 'anna@', 'a b@acme.example', 'anna@acme.', `${'a'.repeat(250)}@x.y`],
          ),
          user: kubernetesUser,
          roles: mostly(
            fc.constantFrom<string[]>(['Approver'], ['Technical', 'Billing']),
            [],
            ['Approver', 'Approver'],
            ['Boss'],
          ),
        },
        { requiredKeys: ['name', 'email', 'roles'] },
      ),
      { minLength: 1, maxLength: 3 },
    ),
    bridges: fc.uniqueArray(fc.record({ user: kubernetesUser, name: person }), {
      selector: bridge => bridge.user,
      maxLength: 2,
    }),
    plans: mostly(
      fc.array(
        fc.record({
          level: mostly(fc.constantFrom('Admin', 'AdvancedMonitoringAndPatching'), 'Gold'),
          plan: label,
          from: day(2024, 2034),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      [],
    ),
  },
  { requiredKeys: ['customer', 'namespaces', 'billingId', 'contacts', 'plans'] },
);
const moment = mostly(
  fc
    .tuple(
      fc.constantFrom('2026-12-01', '2024-02-29', '1999-12-31'),
      fc.constantFrom('00:00:00', '20:00:00', '23:59:59'),
    )
    .map(([on, clock]) => `${on}T${clock}Z`),
  ...['2026-02-29T00:00:00Z', '2026-12-01T24:00:00Z', '2026-12-01T23:59:60Z', '2026-12-01T20:00:00+01:00'],
  ...['2026-12-01T20:00:00.5Z', '2026-12-01 20:00:00Z', '2026-12-01', '2100-02-29T00:00:00Z', '3000-01-01T00:00:00Z'],
);
const text = mostly(
  fc.constantFrom('Grow the disk', '1. “Prüfen” – dann ändern…', '<b>', '$(reboot)', ' '),
  ...['', 'a\nb', 'a\u0000b', '\u202e', 'x'.repeat(501), '😀', '\u00ad'],
);
const userName = mostly(
  fc.constantFrom('anna', 'system:serviceaccount:a:b', 'https://issuer#anna'),
  '',
  'a b',
  'ä',
  'u'.repeat(257),
);
const party = mostly(fc.constantFrom('Provider', 'Customer'), 'Nobody');
const kindName = mostly(fc.constantFrom('ManagedVM', 'BackupPolicy'), 'managedVM', 'A-B', '');
const objectName = mostly(fc.constantFrom('shop-db', 'a.b'), 'A', 'a_b', '');

const approval = fc
  .record(
    {
      changeRef: objectName,
      planHash: mostly(
        fc.constant(`sha256:${'0'.repeat(64)}`),
        `sha256:${'0'.repeat(63)}`,
        `sha256:${'A'.repeat(64)}`,
        'x',
      ),
      party,
      decision: mostly(fc.constantFrom('Approve', 'Reject'), 'Postpone', 'Maybe'),
      decidedBy: userName,
      contract: objectName,
      stated: fc.record({ name: text, system: fc.constantFrom('CHG-1', 'x'.repeat(64)) }, optional),
      comment: text,
      validUntil: moment,
    },
    { requiredKeys: ['changeRef', 'planHash', 'party', 'decision', 'decidedBy'] },
  )
  .chain(spec =>
    mostly(
      fc.constant(spec as Json),
      { ...spec, until: '2026-12-01T20:00:00Z' } as Json,
      { ...spec, decision: 'Postpone', party: 'Customer', until: '2026-12-01T20:00:00Z' } as Json,
    ),
  );

const parties = (count: 1 | 2) =>
  mostly(
    fc.uniqueArray(
      fc.record(
        { party, role: fc.constantFrom('Approver', 'Technical'), count: mostly(fc.integer({ min: 1, max: 9 }), 0, 10) },
        { requiredKeys: ['party'] },
      ),
      {
        minLength: count,
        maxLength: 2,
        selector: each => each.party,
      },
    ),
    [],
    [{ party: 'Provider' }, { party: 'Provider' }],
  );
const agreed = {
  Standard: fc.record({ preApprovedBy: fc.record({ kind: kindName, name: objectName }) }),
  Normal: fc.record({ agreement: fc.record({ parties: parties(2), until: moment }, { requiredKeys: ['parties'] }) }),
  Emergency: fc.record({ agreement: fc.record({ parties: parties(2), afterwardsWithin: duration }) }),
};
const written = fc.record(
  {
    window: fc.record({ notBefore: moment, notAfter: fc.constant('2027-01-01T00:00:00Z') }, { requiredKeys: [] }),
    result: fc.record(
      {
        outcome: mostly(fc.constantFrom('Succeeded', 'Cancelled'), 'Unknown'),
        finishedAt: moment,
        by: userName,
        notes: text,
        effort: duration,
      },
      { requiredKeys: ['outcome', 'finishedAt', 'by'] },
    ),
  },
  optional,
);
const packageWord = mostly(fc.constantFrom('openssl', '1:3.5.1-1+deb13u1~x', 'DSA-6012-1'), 'a b', '-a', '', 'ä');
const urgent = fc.record(
  {
    packages: mostly(fc.array(packageWord, { minLength: 1, maxLength: 3 }), []),
    advisories: mostly<string[]>(fc.constant(['DSA-6012-1']), [], ['a b']),
  },
  optional,
);
const changeRequest = fc
  .record({
    of: fc.constantFrom('Standard', 'Normal', 'Emergency'),
    fixed: fc.record({
      title: mostly(fc.constantFrom('Grow', 'T'.repeat(120)), 'T'.repeat(121), ''),
      target: fc.record(
        { kind: kindName, name: objectName, uid: fc.constantFrom('0a-1b', 'X') },
        { requiredKeys: ['kind', 'name'] },
      ),
      plan: mostly(
        fc.array(text, { minLength: 1, maxLength: 3 }),
        [],
        Array.from({ length: 51 }, () => 'a'),
      ),
      reason: text,
      risk: fc.record({
        rating: mostly(fc.constantFrom('Low', 'Medium'), 'High', 'None'),
        reasons: mostly(fc.array(text, { minLength: 1, maxLength: 2 }), []),
      }),
      wayBack: text,
      requestedBy: userName,
    }),
    written,
    operation: mostly(fc.constantFrom<Json>(null, 'Restart', 'PatchRun'), 'Explode'),
    more: mostly(
      fc.constant({}),
      { urgent: {} },
      { urgent: { packages: ['openssl'] } },
      { postponableUntil: '2028-01-01T00:00:00Z' },
      { acceptance: { decision: 'Accept', by: 'anna' } },
      { attests: { rootDisk: '0a-1b' } },
      { attests: { rootDisk: '0a-1b' }, target: { kind: 'ManagedVM', name: 'db', uid: '0a-1b' } },
      { agreement: null },
      { class: 'Standard' },
    ),
  })
  .chain(({ of, fixed, written, operation, more }) =>
    agreed[of as keyof typeof agreed].map(agreement => ({
      class: of,
      ...fixed,
      ...written,
      ...(operation && { operation }),
      ...agreement,
      ...more,
    })),
  );

const said = fc.record({ text, by: userName });
const openedProblem = (because: string, ordinal: object) =>
  fc
    .record(
      {
        subject: fc.record({
          kind: mostly(fc.constantFrom('ManagedVM', 'ManagedApplication'), 'Pod'),
          name: objectName,
          uid: mostly(fc.constantFrom('0a-1b', 'X'), '', 'a/b'),
        }),
        alert: mostly(fc.constantFrom('ManagedVMDown', '_a1'), '1st', 'a b', 'A'.repeat(129), ''),
        opened: fc.record({ because: mostly(fc.constant(because), 'Whim'), by: userName, at: moment, reason: text }),
        since: moment,
        terms: fc.record({
          incidents: mostly(fc.integer({ min: 2, max: 100 }), 1, 101),
          within: duration,
          heldFor: duration,
        }),
        handling: fc.record(
          {
            assignee: userName,
            ...{ knownError: said, workaround: said },
            remedy: fc.record({
              change: fc.record({ name: objectName, uid: fc.constantFrom('0a-1b', 'X') }, { requiredKeys: ['name'] }),
              by: userName,
            }),
            closed: fc.record({ cause: text, at: moment, by: userName }),
          },
          optional,
        ),
      },
      { requiredKeys: ['subject', 'opened'] },
    )
    .map(spec => ({ ...spec, ...ordinal }));
const problem = fc.oneof(
  { weight: 3, arbitrary: openedProblem('ByHand', {}) },
  { weight: 3, arbitrary: openedProblem('Recurrence', { ordinal: 1 }) },
  openedProblem('ByHand', { ordinal: 1 }),
  openedProblem('CriticalIncident', {}),
);

const serviceRequest = fc
  .record(
    {
      service: mostly(fc.constantFrom('Custom', 'PatchRun', 'PatchRun', 'Restart'), 'Coffee'),
      target: fc.record({ kind: mostly(fc.constant('ManagedVM'), 'Pod'), name: objectName }),
      ...{ notBefore: moment, notAfter: fc.constant('2027-01-01T00:00:00Z'), urgent },
      reason: text,
      requestedBy: userName,
    },
    { requiredKeys: ['service', 'target', 'reason', 'requestedBy'] },
  )
  .chain(spec => {
    const { notAfter: _, urgent: __, ...plain } = spec;
    return spec.service === 'PatchRun' ? fc.constant(spec) : mostly<Partial<typeof spec>>(fc.constant(plain), spec);
  })
  .chain(spec => {
    const described = { ...spec, description: 'Tune it' };
    return spec.service === 'Custom'
      ? mostly(fc.constant(described as Json), spec as Json)
      : mostly(fc.constant(spec as Json), described as Json);
  });

const restoredVM = fc.record(
  {
    managedVMRef: objectName,
    disks: fc.uniqueArray(fc.constantFrom('root', 'data', 'logs'), { minLength: 1, maxLength: 3 }),
    target: mostly<Json>(
      fc.oneof(
        fc.constantFrom({ inPlace: true }, { sandbox: true }),
        fc.record({ newName: mostly(fc.constantFrom('shop', 'shop-copy'), '1st') }),
      ) as fc.Arbitrary<Json>,
      { inPlace: true, sandbox: true },
    ),
  },
  { requiredKeys: ['managedVMRef', 'target'] },
);

const restoredApplication = fc.record({
  managedApplicationRef: objectName,
  target: mostly<Json>(fc.constant({ inPlace: true } as Json), { sandbox: true }),
});

const restore = fc
  .tuple(
    fc.record({
      point: mostly<Json>(
        fc.oneof(
          fc.record({ latest: mostly(fc.constantFrom('Good', 'Verified'), 'Best') }),
          fc.record({ before: moment }),
          fc.record({ name: objectName }),
        ) as fc.Arbitrary<Json>,
        { latest: 'Good', name: 'daily-1' },
      ),
      reason: text,
      requestedBy: userName,
    }),
    mostly<object>(
      fc.oneof(restoredVM, restoredApplication),
      { managedVMRef: 'shop', managedApplicationRef: 'orders', target: { inPlace: true } },
      { managedApplicationRef: 'orders', target: { inPlace: true }, disks: ['root'] },
      { managedApplicationRef: 'orders', target: { inPlace: true }, proveFirst: true },
    ),
  )
  .map(([spec, what]): Json => ({ ...spec, ...what }));

/** Names that are a property of every ECMAScript object are among the unknown fields. */
const unknownField = fc.constantFrom('colour', 'constructor', 'toString', '__proto__', 'Name', 'sizeGiB', '', 'x.y');

type Mutation = (spec: Json, place: number) => Json;
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  {
    weight: 5,
    arbitrary: nonsense.map(
      (value): Mutation =>
        (spec, place) =>
          at(spec, place, () => value),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Mutation>((spec, place) => at(spec, place, remove)) },
  { weight: 1, arbitrary: fc.constant<Mutation>((spec, place) => at(spec, place, repeatFirst(1))) },
  { weight: 1, arbitrary: fc.constant<Mutation>((spec, place) => at(spec, place, repeatFirst(40))) },
  {
    weight: 2,
    arbitrary: fc.tuple(unknownField, nonsense).map(
      ([name, value]): Mutation =>
        (spec, place) =>
          at(spec, place, add(name, value)),
    ),
  },
);

const remove = (): Json | undefined => undefined;
const repeatFirst =
  (times: number) =>
  (value: Json): Json =>
    Array.isArray(value) ? [...value, ...Array.from({ length: times }, () => value[0] ?? null)] : value;
const add =
  (name: string, addition: Json) =>
  (value: Json): Json =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries([...Object.entries(value), [name, addition]])
      : value;

/** A copy of a value with its n-th node (counted through all levels) changed; `undefined` takes it out. */
function at(root: Json, place: number, change: (value: Json) => Json | undefined): Json {
  let left = place % count(root);
  const walk = (value: Json): Json | undefined => {
    if (left-- === 0) return change(value);
    if (Array.isArray(value)) return value.map(walk).filter(item => item !== undefined);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, item]) => [key, walk(item)] as const);
    return Object.fromEntries(entries.filter((entry): entry is [string, Json] => entry[1] !== undefined));
  };
  return walk(root) ?? {};
}

const count = (value: Json): number =>
  typeof value === 'object' && value !== null
    ? 1 + Object.values(value).reduce<number>((sum, item) => sum + count(item), 0)
    : 1;

/** Specs as drawn, with one or two places spoilt, or nothing like a spec at all. */
function spoilt(spec: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  const place = fc.nat(1000);
  return fc.oneof(
    { weight: 6, arbitrary: spec },
    { weight: 5, arbitrary: fc.tuple(spec, mutation, place).map(([value, change, n]) => change(value, n)) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(spec, mutation, place, mutation, place)
        .map(([value, first, n, second, m]) => second(first(value, n), m)),
    },
    { weight: 1, arbitrary: nonsense },
  );
}

const guestState = fc.record({ managedVM: fc.oneof(fc.uuid(), fc.string({ maxLength: 80 })) });

const hash = mostly(fc.stringMatching(/^[0-9a-f]{64}$/), 'f'.repeat(63), 'F'.repeat(64), '');
const reportedDay = mostly(fc.constantFrom('2026-12-01', '2026-12-31'), '2026-13-01', '2026-02-30', '');
const reportedMonth = mostly(fc.constantFrom('2026-12', '2027-01'), '2026-13', '2026-1', '');
const writtenAt = mostly(fc.constant('2027-01-01T00:30:00Z'), '2027-01-01', '');
// `page` and `day` are spoilt against `pages` and `month` often enough; what is spoilt by itself is rare, or nothing would be left to accept.
const reportPage = fc.record(
  {
    ...{
      contract: label,
      month: mostly(fc.constant('2026-12'), '2027-01', '2026-13', ''),
      day: reportedDay,
      sha256: hash,
      writtenAt,
    },
    correction: mostly(fc.integer({ min: 1, max: 999 }), 0, 1000),
    page: mostly(fc.integer({ min: 1, max: 3 }), 0),
    pages: mostly(fc.constant(3), 2),
    lines: mostly<string[]>(
      fc.constant(['{"a":1}']),
      [],
      ['{\n}'],
      ['[]'],
      Array.from({ length: 501 }, () => '{}'),
    ),
  },
  { requiredKeys: ['contract', 'month', 'page', 'pages', 'sha256', 'writtenAt', 'lines'] },
);
const closedPart = { at: writtenAt, sha256: hash, pages: mostly(fc.integer({ min: 1, max: 9 }), 0) };
const reportDay = fc.record(
  { day: reportedDay, sha256: hash, pages: mostly(fc.constant(1), 0), last: mostly(fc.nat(9), -1), missing: fc.nat(3) },
  { requiredKeys: ['day', 'sha256', 'pages', 'last'] },
);
const serviceReport = fc.record(
  {
    contract: fc.record({ name: label, uid: mostly(fc.uuid(), '') }),
    ...{ month: reportedMonth, timeZone, since: reportedDay },
    before: fc.record({ sha256: hash, last: mostly(fc.nat(9), -1) }),
    days: fc.array(reportDay, { maxLength: 3 }),
    closed: fc.record(
      { ...closedPart, gaps: fc.array(reportedDay, { maxLength: 2 }) },
      { requiredKeys: ['at', 'sha256', 'pages'] },
    ),
    corrections: fc.array(fc.record({ ...closedPart, by: userName, reason: text }), { maxLength: 2 }),
    comment: fc.record({ text, by: userName }),
  },
  { requiredKeys: ['contract', 'month', 'timeZone', 'since', 'before'] },
);
const recordPage = fc
  .record(
    {
      stream: mostly(fc.constantFrom('contract-acme', 'cluster'), 'Acme', '-a', 'a'.repeat(201)),
      number: mostly(fc.integer({ min: 1, max: 999_999_999 }), 0, -1, 1_000_000_000),
      first: mostly(fc.integer({ min: 1, max: 1_000_000 }), 0),
      hash,
      key: hash,
      closed: fc.boolean(),
      entries: mostly(
        fc.array(
          mostly(
            fc.string().map(text => `{${JSON.stringify(text)}}`),
            '{}',
            '{\n}',
            '[]',
            `{${'x'.repeat(8_191)}}`,
          ),
          { minLength: 1, maxLength: 4 },
        ),
        [],
        Array.from({ length: 51 }, () => '{}'),
      ),
      off: mostly(fc.constant(0), 1, -1),
    },
    { requiredKeys: ['stream', 'number', 'first', 'hash', 'key', 'entries', 'off'] },
  )
  .map(({ hash, key, off, ...page }) => ({
    ...page,
    head: { sequence: page.first + page.entries.length - 1 + off, hash, key },
  }));

const seenAt = mostly(
  fc.constant('2026-11-24T03:00:00Z'),
  '2026-11-24',
  '2026-13-01T00:00:00Z',
  '2026-11-24T03:00:00.5Z',
);
const patchBaseline = fc.record({
  policy: fc.record({ name: mostly(fc.constant('standard'), 'Standard', ''), uid: mostly(fc.uuid(), '', 'a b') }),
  operatingSystem: mostly(fc.constant('debian-13'), 'Debian 13'),
  content: fc.record(
    {
      revision: mostly(fc.integer({ min: 1, max: 1_000 }), 0, -1),
      changedAt: seenAt,
      seen: mostly(fc.nat(), -1),
      proven: mostly(fc.nat(), -1),
      versions: fc.array(
        fc.record(
          {
            ...{ package: packageWord, version: packageWord, origin: packageWord, advisory: packageWord },
            ...{ security: fc.boolean(), severity: mostly(fc.constantFrom('Critical', 'Unknown'), 'High') },
            ...{ firstSeen: seenAt, comesAlong: mostly(fc.constant(true), false) },
            proven: fc.array(fc.record({ ring: mostly(fc.constant('canary'), 'Canary', 'a'.repeat(21)), at: seenAt }), {
              maxLength: 9,
            }),
          },
          { requiredKeys: ['package', 'version', 'severity', 'firstSeen'] },
        ),
        { maxLength: 3 },
      ),
      left: mostly(fc.integer({ min: 1, max: 9 }), 0),
    },
    { requiredKeys: ['revision', 'changedAt', 'seen', 'proven', 'versions'] },
  ),
});

/** In the order in which a window has them, nearly always. */
const runMoment = (clock: string) =>
  mostly(fc.constant(`2026-12-02T${clock}:00Z`), '2026-12-02T03:00:00Z', '2026-02-30T02:00:00Z', '02:00', '');
const severityTimes = fc.record({
  ...{ Critical: mostly(fc.constant('0s'), '', '1d'), Important: mostly(fc.constant('72h'), '-1h') },
  Other: mostly(fc.constant('168h'), 'x'),
});
const runPattern = mostly(fc.constantFrom('linux-image-*', '*'), 'a b', '', '-a');
const patchRun = fc.record(
  {
    managedVM: fc.record({ name: mostly(fc.constant('shop-db'), 'Shop', ''), uid: mostly(fc.uuid(), '', 'a b') }),
    packageManager: mostly(fc.constantFrom('apt', 'WindowsUpdate'), 'pacman'),
    policy: fc.record({
      ...{ kind: mostly(fc.constantFrom('PatchPolicy', 'ClusterPatchPolicy'), 'BackupPolicy') },
      ...{
        name: mostly(fc.constant('standard'), 'Standard'),
        uid: mostly(fc.uuid(), ''),
        generation: mostly(fc.nat(), -1),
      },
    }),
    occurrence: fc.record({
      ...{ window: mostly(fc.constant('nightly'), ''), date: mostly(fc.constant('2026-12-02'), '2. 12. 2026') },
      ...{ start: runMoment('02:00'), cutoff: runMoment('03:30'), end: runMoment('04:00') },
    }),
    ring: mostly(fc.constant('canary'), '', 'a'.repeat(64)),
    baseline: fc.record({ name: mostly(fc.constant('standard-debian-13'), 'A'), revision: mostly(fc.nat(), -1) }),
    terms: fc.record(
      {
        updates: mostly(fc.constantFrom('Security', 'All'), 'Some'),
        severities: fc.array(mostly(fc.constantFrom('Critical', 'Unknown'), 'High'), { maxLength: 6 }),
        ...{ minimumAge: severityTimes, deadlines: severityTimes },
        allow: fc.array(fc.array(runPattern, { maxLength: 2 }), { maxLength: 3 }),
        deny: fc.array(fc.record({ pattern: runPattern, by: mostly(fc.constant('Customer'), 'Anna') }), {
          maxLength: 2,
        }),
        exclude: fc.array(
          fc.record({
            ...{ package: runPattern, reason: mostly(fc.constant('CHG-4711'), '', 'a\nb'), until: seenAt },
            by: mostly(fc.constant('Provider'), ''),
          }),
          { maxLength: 2 },
        ),
        reboot: mostly(fc.constantFrom('Never', 'IfRequired', 'Always'), 'Sometimes'),
        rollback: mostly(fc.constantFrom('Never', 'Propose', 'Automatic'), ''),
        snapshot: fc.boolean(),
        soak: mostly(fc.constant('24h'), '', '1d'),
        before: stepsOf(fc.record({ stopService: stoppable })),
        after: stepsOf(),
      },
      { requiredKeys: ['updates', 'minimumAge', 'deadlines', 'allow', 'deny', 'exclude', 'reboot', 'rollback'] },
    ),
    proven: fc.record(
      {
        ring: mostly(fc.constant('canary'), ''),
        packages: fc.array(
          fc.record(
            { package: packageWord, version: packageWord, comesAlong: mostly(fc.constant(true), false) },
            { requiredKeys: ['package', 'version'] },
          ),
          { maxLength: 3 },
        ),
        askedAt: seenAt,
      },
      { requiredKeys: ['ring', 'packages'] },
    ),
    parallel: mostly(fc.integer({ min: 1, max: 10_000 }), 0),
    change: fc.record({ name: mostly(fc.constant('patch-nightly'), 'A'), uid: mostly(fc.uuid(), '') }),
    urgent,
    keep: mostly(fc.constant('9480h'), '0s', ''),
    askedBy: mostly(fc.constant('ClusterPatchPolicy standard'), '', 'a\u202eb'),
  },
  {
    requiredKeys: [
      'managedVM',
      'packageManager',
      'policy',
      'occurrence',
      'terms',
      'parallel',
      'change',
      'keep',
      'askedBy',
    ],
  },
);

/** By kind. Every case went through JSON once, so that both sides see the same value. */
export const specs: Readonly<Record<string, fc.Arbitrary<Json>>> = Object.fromEntries(
  Object.entries({
    ...{ ManagedVM: managedVM, OperatingSystem: operatingSystem, BackupPolicy: backupPolicy, GuestState: guestState },
    ...{ ServiceCalendar: serviceCalendar, ServicePlan: servicePlan, Contract: contract, RecordPage: recordPage },
    ...{ ServiceCalendar: serviceCalendar, PatchBaseline: patchBaseline, PatchRun: patchRun },
    ...{ MaintenanceWindow: maintenanceWindow, PatchPolicy: patchPolicy, ClusterPatchPolicy: clusterPatchPolicy },
    ...{ ClusterBackupPolicy: backupPolicy, Product: product, ManagedApplication: managedApplication },
    ...{ Problem: problem, ReportPage: reportPage, ServiceReport: serviceReport },
    ...{ ChangeRequest: changeRequest, Approval: approval, ServiceRequest: serviceRequest, Restore: restore },
    Notice: noticeCorpus({ objectName, timeZone }),
    Incident: incidentCorpus({ objectName, userName, text, duration, calendar: serviceCalendar }),
  }).map(([kind, spec]) => [
    kind,
    spoilt(spec as unknown as fc.Arbitrary<Json>).map(value => JSON.parse(JSON.stringify(value)) as Json),
  ]),
);
