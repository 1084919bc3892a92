const PREFIX = 'app:';

/** The name under which a step of an application is looked at in its guest, as a setting of it. */
export function settingName(application: string, step: string): string {
  return `${PREFIX}${application}:${step}`;
}

/** Whose step a setting is; undefined where it is none of an application. */
export function applicationOfSetting(setting: string): string | undefined {
  return setting.startsWith(PREFIX) ? setting.slice(PREFIX.length).split(':')[0] : undefined;
}

/** Which step a setting of an application is. */
export function stepOfSetting(setting: string): string {
  return setting.split(':').at(-1) ?? '';
}
