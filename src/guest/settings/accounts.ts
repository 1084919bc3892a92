import type { Account } from '../../domain/guest/desired.ts';
import { fingerprintOfLine, isFingerprint } from '../../domain/machine/sshkeys.ts';
import { shellWord } from '../shellword.ts';
import { KEY_FILE_BYTES } from './lookfunctions.ts';
import { KEYS_FOLDER } from './notes.ts';
import type { Setting } from './setting.ts';
import { base64, loginName } from './words.ts';

/** The account exists, opens with the ordered keys and with no password, and with no key that Steward gave it and that is not ordered any more. */
export function accountSetting({ name, sshKeys, formerKeys }: Account): Setting {
  const user = loginName(name);
  const ordered = sshKeys.map(fingerprintOfLine);
  const former = formerKeys.filter(key => !ordered.includes(key)).filter(isFingerprint);
  return {
    name: `account:${user}`,
    look: `look_account ${user} ${shellWord(ordered.join(' '))} ${shellWord(former.join(' '))}`,
    heal: `heal_account ${user} ${base64(lines(sshKeys))} ${shellWord(ordered.join(' '))} ${shellWord(former.join(' '))}`,
  };
}

const lines = (texts: readonly string[]): string => texts.map(text => `${text}\n`).join('');

export const LOOK_ACCOUNT = `
# look_account NAME FINGERPRINTS FORMER
look_account() {
  if ! row "$1"; then differs "there is no account of this name"; return; fi
  if [ "$uid" -lt 1000 ]; then failed "it is an account of the system (uid $uid)"; return; fi
  if [ "$password" != locked ]; then differs "it has a password"; fi
  if ! opens "$shell" || [ ! -x "$R$shell" ]; then differs "its shell is $shell"; fi
  case "$expiry" in
    closed) differs "it was closed when it was not ordered";;
    expired) failed "it has expired (shadow(5), field 8), so that nobody gets in";;
    password) failed "its password has expired or must be changed (shadow(5), fields 3 and 5), so that nobody gets in";;
  esac
  if [ ! -d "$R$home" ]; then differs "its home $home is missing"; return; fi
  keys "$1"
  if [ -n "$unread" ]; then failed "$unread"; return; fi
  missing=0; left=0
  for key in $2; do case " $keys " in *" $key "*) ;; *) missing=$((missing + 1));; esac; done
  given=$(head -c 8192 "$R${KEYS_FOLDER}/$1" < /dev/null | tr '\\n' ' ')
  for key in $keys; do
    case " $2 " in *" $key "*) continue;; esac
    # Ours, so that it is no foreign key.
    case " $given $3 " in *" $key "*) left=$((left + 1)); left_keys="$left_keys $1:$key";; esac
  done
  if [ "$missing" -gt 0 ]; then differs "ordered keys that are missing: $missing"; fi
  if [ "$left" -gt 0 ]; then differs "keys that are not ordered any more: $left"; fi
  if [ "$missing" = 0 ] && [ "$left" = 0 ] && [ "\${given% }" != "$2" ]; then differs "its keys are not noted as given by Steward"; fi
  case " $key_files " in *" .ssh/authorized_keys "*|*" %h/.ssh/authorized_keys "*) ;; *) failed "sshd reads keys from $key_files only";; esac
  if [ -n "$2" ]; then strict "$home" && strict "$home/.ssh" && strict "$home/.ssh/authorized_keys" || :; fi
}

# strict PATH: sshd takes no key from what others may write (StrictModes in sshd_config(5)).
strict() {
  set -- "$1" $(limit 2 stat -L -c '%u %a' -- "$R$1" < /dev/null)
  if [ $# -ne 3 ]; then return; fi
  if [ "$2" != 0 ] && [ "$2" != "$uid" ]; then failed "$1 belongs to uid $2, so that sshd takes no key from it"; return 1; fi
  case "$3" in *[2367]?|*[2367]) differs "others may write to $1 (mode $3), so that sshd takes no key from it"; return 1;; esac
}
`;

export const HEAL_ACCOUNT = `
# heal_account NAME KEYS FINGERPRINTS FORMER: KEYS are lines of authorized_keys in base64.
heal_account() {
  if ! row "$1"; then
    # Noted as ours before it is there, so that the sensor never takes it for one that nobody ordered.
    mkdir -p "$R${KEYS_FOLDER}"; touch "$R${KEYS_FOLDER}/$1"
    useradd -N -m -s /bin/bash "$1"
    changed "account made"
    read_accounts
    row "$1"
  fi
  if [ "$uid" -lt 1000 ]; then give_up "it is an account of the system (uid $uid)"; fi
  lock_password "$1"
  if ! opens "$shell" || [ ! -x "$R$shell" ]; then usermod -s /bin/bash "$1"; changed "shell set"; fi
  if [ "$expiry" = closed ]; then chage -E -1 "$1"; changed "opened again"; fi
  heal_keys "$@"
}

lock_password() {
  if [ "$password" != locked ]; then usermod -L "$1"; changed "password locked"; fi
  if [ "$password" = empty ]; then usermod -p '!' "$1"; fi
}

# Writes with the rights of the account itself: wherever its folders and links lead, nothing is written that it could not write.
heal_keys() {
  if [ ! -d "$R$home" ]; then
    if [ "$home" != "/home/$1" ]; then give_up "its home $home is missing"; fi
    install -d -m 0700 -o "$uid" -g "$gid" "$R$home"
    changed "home made"
  fi
  note="${KEYS_FOLDER}/$1"
  given=$(head -c 8192 "$R$note" 2>/dev/null | tr '\\n' ' ' || :)
  # First: whatever happens now, these are known to be ours.
  note_keys "$1" "$given $3"
  present=
  for file in authorized_keys authorized_keys2; do
    sift "$R$home/.ssh/$file" "$3" "$given $4"
    if [ "$file" = authorized_keys ]; then add_missing "$2" "$3"; fi
    if [ "$result" != "$text" ]; then
      write_keys "$file"
      changed "$file written"
    fi
  done
  as_user chmod go-w -- "$R$home" "$R$home/.ssh" "$R$home/.ssh/authorized_keys" 2>/dev/null || :
  note_keys "$1" "$3"
}

note_keys() { put "${KEYS_FOLDER}/$1" 0600 "$(printf '%s\\n' $2 | awk '$1 != "" && !seen[$1]++' | base64 -w0)"; }

# sift FILE ORDERED OURS: $text is the file without empty lines, $result what stays of it, $present which ordered keys are in it.
sift() {
  text=; result=
  if [ ! -f "$1" ]; then return; fi
  raw=$(as_user head -c ${KEY_FILE_BYTES + 1} -- "$1" < /dev/null | tr -d '\\000')
  if [ \${#raw} -gt ${KEY_FILE_BYTES} ]; then give_up "$1 is longer than ${KEY_FILE_BYTES} bytes"; fi
  count=0
  IFS="$NL"; set -f
  for entry in $raw; do
    unset IFS
    count=$((count + 1))
    if [ "$count" -gt 400 ]; then give_up "$1 has more than 400 lines"; fi
    text="$text$entry$NL"
    print=$(printf '%s\\n' "$entry" | ssh-keygen -lf - 2>/dev/null | awk 'NR == 1 { print $2 }' || :)
    case " $2 " in *" \${print:-none} "*) present="$present $print"; result="$result$entry$NL"; continue;; esac
    case " $3 " in *" \${print:-none} "*) continue;; esac
    result="$result$entry$NL"
  done
  unset IFS; set +f
}

# add_missing KEYS FINGERPRINTS: the lines of the ordered keys that are not there yet, in the same order.
add_missing() {
  wanted=$(printf %s "$1" | base64 -d)
  for print in $2; do
    entry=\${wanted%%"$NL"*}; wanted=\${wanted#*"$NL"}
    case " $present " in *" $print "*) ;; *) result="$result$entry$NL";; esac
  done
}

write_keys() {
  printf %s "$result" | as_user /bin/sh -c '
    umask 077
    mkdir -p -- "$1" && chmod 0700 -- "$1" || exit 1
    temporary=$(mktemp -- "$1/.steward.XXXXXX") || exit 1
    cat > "$temporary" && sync -- "$temporary" && mv -fT -- "$temporary" "$1/$2" && exit 0
    rm -f -- "$temporary"; exit 1' sh "$R$home/.ssh" "$1"
  if command -v restorecon > /dev/null; then restorecon -R -- "$R$home/.ssh" || :; fi
}
`;
