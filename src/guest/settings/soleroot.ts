import type { Account } from '../../domain/guest/desired.ts';
import { fingerprintOfLine } from '../../domain/machine/sshkeys.ts';
import { shellWord } from '../shellword.ts';
import { KEY_FILE_BYTES } from './lookfunctions.ts';
import type { Setting } from './setting.ts';
import { CLOUD_INIT_RULES } from './sudorules.ts';
import { base64, loginName } from './words.ts';

/** Where root keeps the rules of sudo that were taken away, so that they can be looked at and given back. */
export const TAKEN_FOLDER = '/var/lib/steward/taken';

/** Groups whose members are root or can become it. */
const GROUPS = 'sudo wheel admin docker lxd incus-admin disk';

/**
 * Where the provider alone holds root (AP-9), nobody else comes in and nobody else has a right, whoever has ordered it: what is reported where
 * root is shared is taken away here. Accounts that Steward once set up are closed by settings of their own (`former.ts`), before these.
 */
export function soleRootSettings({ name, sshKeys }: Account): readonly Setting[] {
  const user = loginName(name);
  const ordered = shellWord(sshKeys.map(fingerprintOfLine).join(' '));
  const lines = base64(sshKeys.map(key => `${key}\n`).join(''));
  return [
    { name: 'sole-root:accounts', look: 'look_sole_accounts', heal: `heal_sole_accounts ${user}` },
    { name: 'sole-root:keys', look: `look_sole_keys ${user} ${ordered}`, heal: `heal_sole_keys ${user} ${lines}` },
    { name: 'sole-root:rights', look: `look_sole_rights ${user}`, heal: `heal_sole_rights ${user}` },
  ];
}

/** Accounts with a shell that are looked at, besides those that are or were ordered (`accountrows.ts`). */
const SHELLS_READ = 60;

export const LOOK_SOLE_ROOT = `
look_sole_accounts() {
  shells=$(limit 3 head -c 262145 -- "$R/etc/passwd" < /dev/null | awk -F: '
    { bytes += length($0) + 1 }
    $7 !~ /\\/(nologin|false|sync|halt|shutdown)$/ { n++ }
    END { print (bytes > 262144 ? 9999 : n + 0) }')
  if [ "\${shells:-9999}" -gt ${SHELLS_READ} ]; then failed "more than ${SHELLS_READ} accounts have a shell, so that not all of them are looked at"; fi
  IFS="$NL"; set -f
  for each in $accounts; do
    unset IFS; set +f
    who=\${each%%:*}
    case " $names " in *" $who "*) continue;; esac
    can_log_in "$who" || continue
    if [ "$uid" = 0 ] && [ "$who" != root ]; then differs "$who is another root (uid 0)"
    elif [ "$in" = yes ]; then differs "$who can log in"
    fi
  done
  unset IFS; set +f
}

# look_sole_keys NAME FINGERPRINTS
look_sole_keys() {
  row "$1" || return 0
  keys "$1"
  if [ -n "$unread" ]; then differs "$unread"; fi
  count=0
  for key in $keys; do
    case " $2 $left_keys " in *" $key "*|*" $1:$key "*) ;; *) count=$((count + 1));; esac
  done
  if [ "$count" -gt 0 ]; then differs "keys of $1 that nobody ordered: $count"; fi
  for word in authorizedkeyscommand trustedusercakeys; do
    if entry "$sshd" "$word" && [ "$entry" != none ]; then failed "sshd lets people in by $word $entry"; fi
  done
  set -f
  for pattern in $key_files; do
    case "\${pattern#%h/}" in .ssh/authorized_keys|.ssh/authorized_keys2) ;; *) failed "sshd reads keys from $pattern";; esac
  done
  set +f
}

look_sole_rights() {
  for file in "$R/etc/sudoers" "$R"/etc/sudoers.d/*; do
    # Those of who was ordered once are told by their own settings.
    if strange_rules "$file" "$names"; then differs "$path has rules for $whose"; fi
  done
  for each in ${GROUPS}; do
    members_of "$each"
    IFS=,; set -f
    for who in $members; do if [ "$who" != "$1" ] && [ "$who" != root ]; then differs "$who is a member of group $each"; fi; done
    unset IFS; set +f
  done
}
`;

/** For look and heal. */
export const SOLE_ROOT_GROUPS = `
# members_of GROUP: sets $members, with commas between them: those of whom it is the own group among them, as far as they have a shell.
members_of() {
  members=
  entry "$groups" "$1" || return 0
  members=\${entry#*:}; gid_of=\${entry%%:*}
  IFS="$NL"; set -f
  for row in $accounts; do
    unset IFS; set +f
    who=\${row%%:*}; row=\${row#*:*:}
    if [ "\${row%%:*}" = "$gid_of" ]; then members="$members\${members:+,}$who"; fi
  done
  unset IFS; set +f
}
`;

export const HEAL_SOLE_ROOT = `
# One that cannot be shut out keeps none of the others in.
heal_sole_accounts() {
  row "$1" || give_up "there is no account of this name"
  our_uid=$uid; our_home=$home; stay=
  read_sshd
  IFS="$NL"; set -f
  for each in $accounts; do
    unset IFS; set +f
    who=\${each%%:*}
    if [ "$who" = "$1" ] || ! comes_in "$who"; then continue; fi
    set +e
    ( set -e; shut_out "$who" )
    code=$?
    set -e
    if [ "$code" -eq 0 ]; then changed "$who shut out"; else stay="$stay $who"; fi
  done
  unset IFS; set +f
  if [ -n "$stay" ]; then give_up "not shut out:$stay"; fi
}

# comes_in NAME: whether it can log in, or is another root; sets the fields of its row.
comes_in() {
  row "$1" || return 1
  if [ "$uid" = 0 ] && [ "$1" != root ]; then return 0; fi
  if [ -n "$expiry" ] || ! opens "$shell"; then return 1; fi
  if [ "$password" != locked ]; then return 0; fi
  for pattern in $key_files; do
    key_path "$pattern" "$1"
    if [ -f "$R$key_path" ] && as_user head -c ${KEY_FILE_BYTES + 1} -- "$R$key_path" < /dev/null 2>/dev/null | ssh-keygen -lf - > /dev/null 2>&1
    then return 0
    fi
  done
  return 1
}

# shut_out NAME: the account of the last row. Services run under those of the system, which keep their shells.
shut_out() {
  case "$1" in *\\?*) give_up "no program is given a name like $1";; esac
  if [ "$uid" = "$our_uid" ] || [ "$R$home/.ssh" -ef "$R$our_home/.ssh" ]; then
    # What it has is the provider's: only its own name goes.
    if [ "$1" = root ]; then give_up "the files of root are the provider's"; fi
    bar "$1"
  elif [ "$uid" -ge 1000 ]; then close "$1"
  elif [ "$uid" = 0 ] && [ "$1" != root ]; then bar "$1"
  else
    lock_password "$1"
    take_keys "$1"
  fi
}

# heal_sole_keys NAME KEYS: KEYS are lines of authorized_keys in base64, and all that there are to be.
heal_sole_keys() {
  row "$1" || give_up "there is no account of this name"
  wanted=$(printf %s "$2" | base64 -d)
  file="$R$home/.ssh/authorized_keys"
  text=
  if [ -f "$file" ]; then text=$(as_user head -c ${KEY_FILE_BYTES + 1} -- "$file" < /dev/null | tr -d '\\000'); fi
  if [ "$text" != "$wanted" ]; then
    result="$wanted$NL"
    write_keys authorized_keys
    changed "authorized_keys written"
  fi
  if [ -e "\${file}2" ] || [ -L "\${file}2" ]; then
    as_user rm -rf -- "\${file}2"
    changed "authorized_keys2 removed"
  fi
}

heal_sole_rights() {
  for file in "$R/etc/sudoers" "$R"/etc/sudoers.d/*; do
    if ! strange_rules "$file" "$1"; then continue; fi
    case "$path" in
      /etc/sudoers|${CLOUD_INIT_RULES}) keep_copy "$path"; put_rules "$path" "$(rules_without "$file")";;
      *) keep_copy "$path"; rm -f -- "$file"; changed "$path taken away";;
    esac
  done
  stay=
  for each in ${GROUPS}; do
    members_of "$each"
    IFS=,; set -f
    for who in $members; do
      unset IFS; set +f
      case "$who" in "$1"|root) continue;; -*|*[!A-Za-z0-9_.-]*) stay="$stay $each"; continue;; esac
      leave "$who" "$each"
    done
    unset IFS; set +f
  done
  if [ -n "$stay" ]; then give_up "members whose names no program is given, of:$stay"; fi
}

# leave USER GROUP
leave() {
  entry "$groups" "$2" || return 0
  case ",\${entry#*:}," in *",$1,"*) gpasswd -d "$1" "$2" > /dev/null; changed "$1 taken out of group $2";; esac
  if row "$1" && [ "$gid" = "\${entry%%:*}" ]; then usermod -g users "$1"; changed "group $2 is not that of $1 any more"; fi
}

keep_copy() {
  mkdir -p -m 0700 -- "$R${TAKEN_FOLDER}"
  cp -fT -- "$R$1" "$R${TAKEN_FOLDER}/\${1##*/}"
}
`;
