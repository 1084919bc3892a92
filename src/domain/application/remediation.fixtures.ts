const RESTART_FORBIDDEN = ['RunActive', 'EngineRecovering', 'RestoreInProgress', 'DiskFull'] as const;

/** Free space, restart the server thrice, then the VM, then call a person. */
export const LADDER = [
  {
    name: 'space',
    trigger: { alerts: ['ManagedVMFileSystemFull'] },
    action: 'FreeSpace',
    maxPer: { count: 1, hours: 6 },
    cooldownMinutes: 10,
    forbiddenWhen: ['RunActive'],
  },
  {
    name: 'restart',
    trigger: { probes: ['transaction'] },
    action: 'RestartUnit',
    unit: 'postgresql@{{ line }}-main.service',
    maxPer: { count: 3, hours: 1 },
    cooldownMinutes: 5,
    forbiddenWhen: RESTART_FORBIDDEN,
  },
  {
    name: 'reboot',
    trigger: { probes: ['transaction'] },
    action: 'RestartVM',
    maxPer: { count: 1, hours: 24 },
    cooldownMinutes: 10,
    forbiddenWhen: [...RESTART_FORBIDDEN, 'OtherApplicationHealthy'],
  },
  {
    name: 'person',
    trigger: { probes: ['transaction'], alerts: ['ManagedVMFileSystemFull'] },
    action: 'Human',
    maxPer: { count: 1, hours: 4 },
    cooldownMinutes: 240,
  },
] as const;

/** What a Product needs beside it. */
export const LADDERED = {
  steps: [
    { name: 'packages', package: { names: ['postgresql-{{ line }}'] } },
    { name: 'server', unit: { name: 'postgresql@{{ line }}-main.service' } },
  ],
} as const;
