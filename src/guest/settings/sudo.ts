import type { GuestUser } from '../../domain/machine/firstboot/users.ts';
import type { Setting } from './setting.ts';
import { CLOUD_INIT_RULES } from './sudorules.ts';
import { loginName } from './words.ts';

/** An administrator becomes root without a password, by a rule of Steward's own; anybody else has neither such a rule nor a group that gives it. */
export function sudoSetting({ name, administrator }: GuestUser): Setting {
  const user = loginName(name);
  const which = administrator ? 'administrator' : 'plain';
  return { name: `sudo:${user}`, look: `look_${which} ${user}`, heal: `heal_${which} ${user}` };
}

const GROUPS = 'sudo wheel admin';

export const LOOK_SUDO = `
look_administrator() {
  if ! row "$1"; then differs "there is no account of this name"; return; fi
  rule=$(limit 2 head -c 200 -- "$R/etc/sudoers.d/steward-$1" < /dev/null)
  if [ "$rule" != "$1 ALL=(ALL) NOPASSWD:ALL" ]; then differs "Steward's rule is not in /etc/sudoers.d"; return; fi
  rights "$1"
  if [ "$admin" != yes ]; then failed "sudo does not follow the rule in /etc/sudoers.d/steward-$1"; fi
}

look_plain() {
  if ! row "$1"; then return; fi
  no_rights "$1"
}

# no_rights NAME: no rule that Steward or first boot gave, no group of administrators.
no_rights() {
  if [ -e "$R/etc/sudoers.d/steward-$1" ] || cloud_init_rule "$1"; then differs "it has a rule of sudo that is not ordered"; fi
  if in_groups "$1" "${GROUPS}"; then differs "it is a member of a group of administrators"; fi
}

cloud_init_rule() {
  if [ ! -f "$R${CLOUD_INIT_RULES}" ]; then return 1; fi
  limit 2 head -c 65536 -- "$R${CLOUD_INIT_RULES}" < /dev/null | awk -v name="$1" '$1 == name { found = 1 } END { exit !found }'
}
`;

export const HEAL_SUDO = `
heal_administrator() {
  row "$1" || give_up "there is no account of this name"
  put_rules "/etc/sudoers.d/steward-$1" "$1 ALL=(ALL) NOPASSWD:ALL"
}

heal_plain() {
  if row "$1"; then take_rights "$1"; fi
}

take_rights() {
  if [ -e "$R/etc/sudoers.d/steward-$1" ]; then rm -f -- "$R/etc/sudoers.d/steward-$1"; changed "rule removed"; fi
  if [ -f "$R${CLOUD_INIT_RULES}" ]; then
    put_rules ${CLOUD_INIT_RULES} "$(awk -v name="$1" '$1 != name' "$R${CLOUD_INIT_RULES}")"
  fi
  for group in ${GROUPS}; do
    if ! entry "$groups" "$group"; then continue; fi
    case ",\${entry#*:}," in *",$1,"*) gpasswd -d "$1" "$group" > /dev/null; changed "taken out of group $group";; esac
    case "$entry" in "$gid:"*) usermod -g users "$1"; changed "group $group is not its own any more";; esac
  done
}

# put_rules PATH TEXT: sudo reads no file with a dot in its name, and this one only once visudo has found nothing wrong with it.
put_rules() {
  if [ -f "$R$1" ] && [ "$(cat "$R$1")" = "$2" ]; then return; fi
  mkdir -p -- "$R/etc/sudoers.d"
  temporary=$(mktemp -- "$R/etc/sudoers.d/.steward.XXXXXX")
  if printf '%s\\n' "$2" > "$temporary" && chmod 0440 "$temporary" && visudo -c -q -f "$temporary" > /dev/null && sync -- "$temporary" &&
    mv -fT -- "$temporary" "$R$1"
  then changed "$1 written"
  else rm -f -- "$temporary"; give_up "$1 could not be written, or visudo refuses it"
  fi
}
`;
