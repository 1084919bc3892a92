/** The words of a plan as they stand in scripts. The operator has held them to the schema of Product; what could be anything but such a word is refused once more. */
import type { PlanStep } from '../../domain/contract/applicationplan.ts';
import type { Setting } from '../settings/setting.ts';
import { shellWord } from '../shellword.ts';

/** Which step of which application: names its setting, its notes and its kept copies. */
export type Place = { readonly application: string; readonly step: string };

const pattern = (what: string, admitted: RegExp) => (text: string) => {
  if (admitted.test(text)) return text;
  throw new RangeError(`a plan has ${JSON.stringify(text.slice(0, 80))} for ${what}`);
};

export const applicationName = pattern('the name of an application', /^[a-z0-9]([-a-z0-9.]{0,38}[a-z0-9])?$/);
export const stepName = pattern('the name of a step', /^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$/);
/** No part of it is `.` or `..`. */
export const path = pattern('a path', /^(?=.{2,256}$)(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._@+-]+)+$/);
export const login = pattern('a user or group', /^[a-z_][a-z0-9_-]{0,31}$/);
export const mode = pattern('permissions', /^0[0-7]{3}$/);
export const unitName = pattern('a unit', /^[A-Za-z0-9._@:-]{1,128}\.(service|timer|socket)$/);
export const packageName = pattern('a package', /^[A-Za-z0-9][A-Za-z0-9+._-]{0,127}$/);
/** As Debian writes versions; what is refused here could be an option or a second word. */
export const exactVersion = pattern('a version', /^[0-9][A-Za-z0-9.+:~-]{0,63}$/);
export const versionLine = pattern('a version line', /^[0-9]{1,4}([.][0-9]{1,4}){0,3}$/);
export const changeUID = pattern('a change', /^[0-9a-f-]{1,64}$/);

export function instantWord(text: string): string {
  const instant = Date.parse(text);
  if (Number.isFinite(instant)) return String(Math.floor(instant / 1000));
  throw new RangeError('a plan has an instant that is none');
}

export const mariadbName = pattern('a name in MariaDB', /^(?!(root|mysql|mariadb\.sys)$)[a-z_][a-z0-9_]{0,62}$/);
/** Of `mysql_native_password`: what every client of the last twenty years can prove itself to. */
export const mariadbVerifier = pattern('the verifier of a password', /^\*[0-9A-F]{40}$/);

export const valkeyUser = pattern('a user of Valkey', /^[a-z][a-z0-9_]{0,31}$/);

export function port(number: number): string {
  if (Number.isInteger(number) && number > 0 && number < 65_536) return String(number);
  throw new RangeError('a plan has a port that is none');
}

export function seconds(number: number): string {
  if (Number.isInteger(number) && number > 0 && number <= 3600) return String(number);
  throw new RangeError('a plan has a time that is no number of seconds up to an hour');
}

export function whole(number: number, most: number): number {
  if (Number.isInteger(number) && number > 0 && number <= most) return number;
  throw new RangeError(`a plan has a number that is none from 1 to ${most}`);
}

/** A program and its arguments, each a word of the shell whatever is in it. */
export const command = (argv: readonly string[]): string => argv.map(shellWord).join(' ');

/** Where root notes what Steward did for a step, without an ending. */
export const noteOf = ({ application, step }: Place): string => `/var/lib/steward/applications/${application}/${step}`;

/** Where what was found changed is kept before it is put back, without an ending. */
export const keptOf = ({ application, step }: Place): string => `/var/lib/steward/kept/${application}/${step}`;

/** How something of a step is looked at and put right. */
export type Scripts = Pick<Setting, 'look' | 'heal'>;

/** A step of one type. */
export type StepOf<Type extends PlanStep['type']> = Extract<PlanStep, { readonly type: Type }>;
