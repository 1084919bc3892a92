import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { TellingSettings } from '../../api/tellingsettings.ts';
import { TEMPLATES } from '../../domain/telling/payload.ts';
import { templateProblem } from '../../domain/telling/template.ts';
import {
  type Environment,
  ProcessEnvironment,
  type ProcessSettings,
  parsed,
  processSettings,
} from '../processsettings.ts';

const TellEnvironment = ProcessEnvironment.extend({
  STEWARD_TELL_NAMESPACE: z.string().min(1).default('steward-telling'),
  STEWARD_TELL_SETTINGS: z.string().min(1).default('/settings/telling.json'),
  STEWARD_TELL_SECRETS: z.string().min(1).default('/credentials'),
});

/** What the teller reads from its environment. */
export type TellerSettings = ProcessSettings & {
  /** Namespace of the notices and of the teller's Lease. */
  readonly tellNamespace: string;
  /** Folder of the Secret that it alone reads, a file for each key. */
  readonly secretsFolder: string;
  readonly telling: TellingSettings;
  /** Forms of webhooks, by name. */
  readonly templates: ReadonlyMap<string, unknown>;
  /** Name of this replica in the Lease. */
  readonly identity: string;
};

/** Reads the settings and their file; throws an Error whose message names what is wrong and what it must be. */
export function readTellerSettings(environment: Environment, hostname: string): TellerSettings {
  const read = parsed(TellEnvironment, environment);
  const telling = tellingSettings(readFileSync(read.STEWARD_TELL_SETTINGS, 'utf8'));
  return {
    ...processSettings(read),
    tellNamespace: read.STEWARD_TELL_NAMESPACE,
    secretsFolder: read.STEWARD_TELL_SECRETS,
    telling,
    templates: new Map([...TEMPLATES, ...telling.templates.map(({ name, body }) => [name, body] as const)]),
    identity: read.POD_NAME ?? `${hostname}-${process.pid}`,
  };
}

/** Throws an Error that says what is wrong. */
export function tellingSettings(text: string): TellingSettings {
  const read = TellingSettings.safeParse(JSON.parse(text));
  if (!read.success)
    throw new Error(read.error.issues.map(({ path, message }) => `telling.${path.join('.')}: ${message}`).join('; '));
  const problem = problemOf(read.data);
  if (problem !== undefined) throw new Error(`telling.${problem}`);
  return read.data;
}

function problemOf({ mail, webhooks, templates, allowHTTP }: TellingSettings): string | undefined {
  if (mail.host !== '' && mail.from === '') return 'mail.from: mail has a sender';
  if ((mail.user === '') !== (mail.password === '')) return 'mail.user: a user and a password go together';
  if (mail.user !== '' && mail.security === 'None') return 'mail.security: a password is never sent unencrypted';
  const open = webhooks.find(({ url = '' }) => url.startsWith('http:'));
  if (open !== undefined && !allowHTTP)
    return `webhooks.${open.name}: it is not encrypted (https), and allowHTTP is not set`;
  const known = new Set(['standard', ...TEMPLATES.keys(), ...templates.map(({ name }) => name)]);
  const strange = webhooks.find(({ template }) => !known.has(template));
  if (strange !== undefined) return `webhooks.${strange.name}: there is no template ${strange.template}`;
  for (const { name, body } of templates) {
    if (name === 'standard' || TEMPLATES.has(name)) return `templates.${name}: Steward brings one of that name`;
    const wrong = templateProblem(body);
    if (wrong !== undefined) return `templates.${name}: ${wrong}`;
  }
  return undefined;
}
