/** What the sensor in a guest tells of its logs, and of what lets people in. */
import { clock, constant, type Situation, SPAN, series, windowsGuest } from './world.ts';

const { event, happened } = series;
/** Noticed at minute 20, and known from then on. */
const at20 = `_x20 1200x${SPAN}`;
const DAY_AND_MORE = 1700;

/** Events that happen once, each with the alert that tells it. */
const ONCE = [
  ['ManagedVMAccountAdded', 'account_added', { event: 'account_added' }],
  ['ManagedVMAccountAdded', 'administrator_added', { event: 'administrator_added' }],
  ['ManagedVMLogCleared', 'log_cleared', {}],
  ['ManagedVMKeyAdded', 'key_added', {}],
  ['ManagedVMSSHChanged', 'host_key_changed', { event: 'host_key_changed' }],
  ['ManagedVMSSHChanged', 'sshd_config_changed', { event: 'sshd_config_changed' }],
  ['ManagedVMKernelError', 'kernel_error', {}],
  ['ManagedVMOutOfMemory', 'oom_kill', {}],
  ['ManagedVMFileSystemError', 'file_system_error', { event: 'file_system_error' }],
  ['ManagedVMFileSystemError', 'file_system_read_only', { event: 'file_system_read_only' }],
  ['ManagedVMUnexpectedReboot', 'unexpected_reboot', {}],
] as const;

const once: readonly Situation[] = ONCE.flatMap(([alert, name, labels]) => [
  { name: `${name} noticed a minute ago`, alert, world: { [happened(name)]: at20 }, minute: 22, fires: [labels] },
  { name: `${name} noticed more than an hour ago`, alert, world: { [happened(name)]: at20 }, minute: 81, fires: [] },
]);

export const eventSituations: readonly Situation[] = [
  ...once,
  {
    name: 'an account added while the guest could not be scraped for half an hour',
    alert: 'ManagedVMAccountAdded',
    world: { [happened('account_added')]: `_x50 1200x${SPAN}` },
    minute: 52,
    fires: [{ event: 'account_added' }],
  },

  // ManagedVMLoginAttack
  {
    name: '4 failed logins by ssh a minute',
    alert: 'ManagedVMLoginAttack',
    world: { [event('ssh_login_failed')]: `0x20 0+4x${SPAN}` },
    minute: 32,
    fires: [{ event: 'ssh_login_failed' }],
  },
  {
    name: '3 failed logins by ssh a minute',
    alert: 'ManagedVMLoginAttack',
    world: { [event('ssh_login_failed')]: `0+3x${SPAN}` },
    minute: 60,
    fires: [],
  },
  {
    name: '2 failures of sudo a minute',
    alert: 'ManagedVMLoginAttack',
    world: { [event('sudo_failed')]: `0+2x${SPAN}` },
    minute: 60,
    fires: [{ event: 'sudo_failed' }],
  },
  {
    name: '1 failure of su a minute',
    alert: 'ManagedVMLoginAttack',
    world: { [event('su_failed')]: `0+1x${SPAN}` },
    minute: 60,
    fires: [],
  },
  {
    name: 'a disk of before that was put back, with fewer failed logins',
    alert: 'ManagedVMLoginAttack',
    world: { [event('ssh_login_failed')]: `5000x30 4000x${SPAN}` },
    minute: 33,
    fires: [],
  },
  {
    name: '40 failed logins a minute after a disk of before was put back',
    alert: 'ManagedVMLoginAttack',
    world: { [event('ssh_login_failed')]: `5000x30 4000 4000 4040x${SPAN}` },
    minute: 35,
    fires: [{ event: 'ssh_login_failed' }],
  },
  {
    name: 'logins that succeed, however many',
    alert: 'ManagedVMLoginAttack',
    world: { [event('ssh_login_accepted')]: `0+100x${SPAN}` },
    minute: 60,
    fires: [],
  },

  {
    name: '4 failed logins a minute of a Windows guest',
    alert: 'ManagedVMLoginAttack',
    world: { [event('login_failed')]: `0+4x${SPAN}` },
    minute: 32,
    fires: [{ event: 'login_failed' }],
  },

  // ManagedVMPortUnordered
  {
    name: 'a port that somebody opened an hour ago',
    alert: 'ManagedVMPortUnordered',
    world: { [series.port('8080')]: `_x20 1200x${SPAN}` },
    minute: 80,
    fires: [{ port: '8080' }],
  },
  {
    name: 'a port that has been open for a day',
    alert: 'ManagedVMPortUnordered',
    world: { [series.port('8080')]: `1200x${DAY_AND_MORE}` },
    minute: 1461,
    fires: [],
  },
  {
    name: 'a port that was open at the first reading',
    alert: 'ManagedVMPortUnordered',
    world: { [series.port('8080')]: `0x${DAY_AND_MORE}` },
    minute: 1441,
    fires: [],
  },
  {
    name: 'a port that is closed again',
    alert: 'ManagedVMPortUnordered',
    world: { [series.port('8080')]: '_x20 1200x10' },
    minute: 45,
    fires: [],
  },

  // ManagedVMCertificateExpiring
  {
    name: 'a certificate with 20 days left',
    alert: 'ManagedVMCertificateExpiring',
    world: { [series.certificate('/etc/nginx/shop.crt')]: constant(20 * 86_400) },
    minute: 20,
    fires: [{ path: '/etc/nginx/shop.crt' }],
  },
  {
    name: 'a certificate with 22 days left, and one that ended long ago',
    alert: 'ManagedVMCertificateExpiring',
    world: {
      [series.certificate('/etc/nginx/shop.crt')]: constant(22 * 86_400),
      [series.certificate('/etc/nginx/old.crt')]: constant(-31 * 86_400),
    },
    minute: 30,
    fires: [],
  },

  // ManagedVMJournalErrors
  {
    name: 'an hour with 20 times the errors of the day before',
    alert: 'ManagedVMJournalErrors',
    world: { [event('journal_error')]: `0+1x1530 1530+20x${SPAN}` },
    minute: 1590,
    fires: [{}],
  },
  {
    name: 'an hour with 5 times the errors of the day before',
    alert: 'ManagedVMJournalErrors',
    world: { [event('journal_error')]: `0+4x1530 6120+20x${SPAN}` },
    minute: 1590,
    fires: [],
  },
  {
    name: '100 errors in an hour of a guest that has none otherwise',
    alert: 'ManagedVMJournalErrors',
    world: { [event('journal_error')]: `0x1530 0+1x90 90x${SPAN}` },
    minute: 1600,
    fires: [],
  },
  {
    name: 'a guest that is full of errors from the beginning, without a day of the past',
    alert: 'ManagedVMJournalErrors',
    world: { [event('journal_error')]: `0+100x${SPAN}` },
    minute: 300,
    fires: [],
  },

  // ManagedVMEventsSilent
  {
    name: 'one part of the sensor that was read 25 minutes ago',
    alert: 'ManagedVMEventsSilent',
    world: { [series.sensor('journal')]: `0+60x10 600x${SPAN}` },
    minute: 36,
    fires: [{}],
  },
  {
    name: 'a guest whose exporter answers and whose sensor was never there',
    alert: 'ManagedVMEventsSilent',
    world: Object.fromEntries(series.sensors.map(name => [name, undefined])),
    minute: 15,
    fires: [{}],
  },
  {
    name: 'one part of the sensor that was read 20 minutes ago',
    alert: 'ManagedVMEventsSilent',
    world: { [series.sensor('journal')]: `0+60x10 600x${SPAN}` },
    minute: 30,
    fires: [],
  },
  {
    name: 'a guest whose clock is an hour behind',
    alert: 'ManagedVMEventsSilent',
    world: {
      ...Object.fromEntries(series.sensors.map(name => [name, clock(-3600)])),
      [series.time]: clock(-3600),
    },
    minute: 100,
    fires: [],
  },
  {
    name: 'a guest that is not read at all, which another alert tells',
    alert: 'ManagedVMEventsSilent',
    world: {
      ...Object.fromEntries(series.sensors.map(name => [name, undefined])),
      [series.up]: constant(0),
    },
    minute: 30,
    fires: [],
  },
  {
    name: 'a Windows guest, of which nothing is proven',
    alert: 'ManagedVMEventsSilent',
    world: {
      ...windowsGuest,
      ...Object.fromEntries(series.sensors.map(name => [name, undefined])),
      [series.up]: undefined,
      [series.upOfWindows]: constant(1),
    },
    minute: 30,
    fires: [],
  },
];
