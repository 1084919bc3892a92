/** A fake: what a guest says that reads the script of a look and answers as it likes, in the form that `readLook` takes for the script's own. */

const BOOT_ID = '11111111-1111-1111-1111-111111111111';

/** `standing`: the words of every setting, such as `kept -`. Applications have version 1, and work. `more`: lines of logins and of what is foreign. */
export function scriptedLook(script: string, standing = 'kept -', more: readonly string[] = []): string {
  const [, nonce = ''] = /^N=([0-9a-f]+)$/m.exec(script) ?? [];
  const settings = [...script.matchAll(/^setting (\S+) look_\d+$/gm)].map(([, name]) => `set ${name} ${standing}`);
  const versions = [...script.matchAll(/^tell_application (\S+) /gm)].map(([, name]) => `application ${name} 1 -`);
  const lines = [`boot ${BOOT_ID}`, ...settings, ...versions, ...more];
  return [...lines, `end ${lines.length}`].map(line => `${nonce} ${line}\n`).join('');
}
