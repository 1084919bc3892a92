import type { AlertReceiver } from '../alertreceiver.ts';
import type { Reporter } from '../report.ts';
import type { Settings } from '../settings.ts';
import type { ApplicationPrometheus } from './watch.ts';

/** What the controller of applications is made of. */
export type Parts = {
  readonly settings: Settings;
  readonly reporter: Reporter;
  readonly prometheus: ApplicationPrometheus;
  readonly alertReceiver: AlertReceiver;
};
