import type { Tongue } from '../tongue.ts';
import { POWERSHELL, refusalOf } from './powershell.ts';
import { windowsSettings } from './settings.ts';
import { windowsSteps } from './steps.ts';

/** How Windows guests are spoken to: PowerShell 5.1 over OpenSSH. Read against Microsoft's documentation, and never met by a real Windows. */
export const windowsTongue: Tongue = {
  command: POWERSHELL,
  steps: windowsSteps,
  settings: windowsSettings,
  remedyScript: () => undefined,
  refusal: refusalOf,
};
