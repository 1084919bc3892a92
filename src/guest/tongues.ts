import type { DesiredGuest } from '../domain/guest/desired.ts';
import { shellTongue } from './shelltongue.ts';
import type { Tongue } from './tongue.ts';
import { windowsTongue } from './windows/tongue.ts';

/** How a guest that shall be so is spoken to. */
export function tongueOf({ packageManager }: DesiredGuest): Tongue {
  return packageManager === 'WindowsUpdate' ? windowsTongue : shellTongue;
}
