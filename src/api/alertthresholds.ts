import { z } from 'zod';
import { Duration, secondsOf } from './duration.ts';
import { withRules } from './rules.ts';

/** An alert fires above its threshold, and nothing is above 100 %. */
const Percent = z.int().min(1).max(99);

const longestPending = 24 * 3600;
const PendingFor = withRules(Duration, {
  rule: "duration(self) <= duration('24h')",
  message: 'must be at most 24h: an alert that waits longer would hardly ever fire (MO-12)',
  holds: value => secondsOf(value) <= longestPending,
});

/** Defaults of the service for file systems; a rule compares with them where only one of the two is overridden. */
const fileSystemDefaults = { warning: 80, critical: 90 } as const;

export const AlertThresholds = withRules(
  z.strictObject({
    cpuPercent: Percent.optional().describe('CPU in use, percent. Default 90.'),
    memoryPercent: Percent.optional().describe('Memory in use, percent. Default 90.'),
    fileSystemWarningPercent: Percent.optional().describe('File system in use, percent, warning. Default 80.'),
    fileSystemCriticalPercent: Percent.optional().describe('File system in use, percent, critical. Default 90.'),
    pendingFor: PendingFor.optional().describe(
      'How long CPU or memory must stay above before the alert fires. Default 15m.',
    ),
  }),
  {
    rule: `(has(self.fileSystemWarningPercent) ? self.fileSystemWarningPercent : ${fileSystemDefaults.warning}) < (has(self.fileSystemCriticalPercent) ? self.fileSystemCriticalPercent : ${fileSystemDefaults.critical})`,
    message: `fileSystemWarningPercent (default ${fileSystemDefaults.warning}) is less than fileSystemCriticalPercent (default ${fileSystemDefaults.critical}), or the warning comes too late (MO-12)`,
    holds: ({ fileSystemWarningPercent, fileSystemCriticalPercent }) =>
      (fileSystemWarningPercent ?? fileSystemDefaults.warning) <
      (fileSystemCriticalPercent ?? fileSystemDefaults.critical),
  },
).describe('Thresholds that differ from the service default (MO-12).');
