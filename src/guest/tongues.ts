import type { DesiredGuest } from '../domain/guest/desired.ts';
import { type Ground, shellSteps } from './run/scripts.ts';
import { shellTongue } from './shelltongue.ts';
import type { Tongue } from './tongue.ts';
import { windowsTongue } from './windows/tongue.ts';

/** How a guest with that package manager is spoken to. `ground`: where the steps of a Linux guest work; another than the usual only in tests. */
export function tongueOf({ packageManager }: Pick<DesiredGuest, 'packageManager'>, ground?: Ground): Tongue {
  if (packageManager === 'WindowsUpdate') return windowsTongue;
  return ground === undefined ? shellTongue : { ...shellTongue, steps: shellSteps(ground) };
}
