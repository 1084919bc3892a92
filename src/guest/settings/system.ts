import type { SystemPart } from '../../domain/machine/firstboot/systemfiles.ts';
import type { Setting } from './setting.ts';
import { base64, sha256 } from './words.ts';

/** Proxy, certificates, time servers and sources of packages are as ordered, and gone where they are not ordered any more (MO-1). */
export function systemSetting({ name, files, places, effect }: SystemPart): Setting {
  const paths = files.map(({ path }) => path);
  const known = paths.join(' ');
  return {
    name,
    files,
    look: [
      ...files.map(({ path, content }) => `same ${path} ${sha256(content)} || differs "${path} is another"`),
      `look_others '${known}' '${places.join(' ')}'`,
    ].join('\n'),
    heal: [
      'settled=yes',
      ...files.map(file => `is_put ${file.path} ${file.permissions} '${base64(file.content)}' || settled=`),
      `others '${known}' '${places.join(' ')}'`,
      'if [ -n "$settled" ] && [ -z "$others" ]; then return; fi',
      `rm -f -- "$R${places.at(-1)}"`,
      ...files.slice(0, -1).map(put),
      'remove $others',
      ...(name === 'certificates' && files.length > 0
        ? ['installed ca-certificates || install_packages ca-certificates']
        : []),
      effect,
      'changed "in effect"',
      ...files.slice(-1).map(put),
    ].join('\n'),
  };
}

const put = ({ path, permissions, content }: SystemPart['files'][number]): string =>
  `put ${path} ${permissions} '${base64(content)}'`;

/** Sets `others`: what is at the places and is not ordered. Their names are of ours only, and so have nothing in them that a shell splits. */
export const OTHERS = `
# others ORDERED PLACES
others() {
  others=
  for pattern in $2; do
    for each in "$R"$pattern; do
      path=\${each#"$R"}
      if [ ! -e "$each" ] && [ ! -L "$each" ]; then continue; fi
      case "$path" in *[!A-Za-z0-9._/-]*) continue;; esac
      case " $1 " in *" $path "*) ;; *) others="\${others:+$others }$path";; esac
    done
  done
}
`;

export const LOOK_OTHERS = `${OTHERS}
look_others() {
  others "$1" "$2"
  for each in $others; do differs "$each is there, which is not ordered"; done
}
`;
