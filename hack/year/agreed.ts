/** What is agreed in the year, once in plain numbers for the invariants to hold it to. */
export const LEVELS = ['Admin', 'MonitoringAndPatching', 'AdvancedMonitoringAndPatching'] as const;
export type Level = (typeof LEVELS)[number];

/** Cents a month by level, until the end of June and from July on. */
export const FEES: Readonly<Record<Level, readonly [number, number]>> = {
  Admin: [1900, 2100],
  MonitoringAndPatching: [3300, 3550],
  AdvancedMonitoringAndPatching: [4900, 5333],
};
export const SECOND_PRICES_FROM = '07-01';
export const HOUR = [12_000, 12_500] as const;
export const PATCH_RUN = 2500;
/** Response and resolution in minutes. */
export const TIMES: Readonly<Record<string, readonly [number, number]>> = {
  P1: [30, 240],
  P2: [60, 480],
  P3: [240, 1440],
  P4: [480, 4320],
};
/** Most that a backup may be old. */
export const RECOVERY_POINT_HOURS = 26;
