import { remedyScript } from './remedy/remedyscript.ts';
import { ROOT_SHELL } from './run/rootshell.ts';
import { shellSteps } from './run/scripts.ts';
import { healScript } from './settings/healscript.ts';
import { lookScript } from './settings/lookscript.ts';
import { readLook } from './settings/readlook.ts';
import { linux, settingsOf } from './settings/settings.ts';
import type { Tongue } from './tongue.ts';

/** How Linux guests are spoken to: POSIX sh, as root by sudo. */
export const shellTongue: Tongue = {
  command: ROOT_SHELL,
  steps: shellSteps(),
  settings: { namesOf: desired => settingsOf(desired).map(({ name }) => name), lookScript, readLook, healScript },
  remedyScript: (remedy, { packageManager }) => remedyScript(remedy, linux(packageManager)),
  // sudo and sh may say anything, in any language; what the record says is that no look came back.
  refusal: () => '',
};
