import { KEYS_FOLDER } from './notes.ts';
import type { Setting } from './setting.ts';
import { loginName } from './words.ts';

/** An account that is not ordered any more keeps its home and nothing else: no way in, no key, no right, no process. */
export function formerSetting(name: string): Setting {
  const user = loginName(name);
  return { name: `former:${user}`, look: `look_former ${user}`, heal: `heal_former ${user}` };
}

export const LOOK_FORMER = `
look_former() {
  if ! row "$1"; then return; fi
  if [ "$uid" -lt 1000 ]; then failed "it is an account of the system (uid $uid)"; return; fi
  case "$expiry" in closed|expired) ;; *) differs "it is not closed";; esac
  if [ "$password" != locked ]; then differs "it has a password"; fi
  if opens "$shell"; then differs "its shell is $shell"; fi
  keys "$1"
  if [ -n "$keys" ]; then differs "it has keys"; fi
  no_rights "$1"
  limit 3 pgrep -u "$uid" > /dev/null < /dev/null
  case $? in 0) differs "it has processes";; 1) ;; *) failed "its processes could not be looked at";; esac
}
`;

export const HEAL_FORMER = `
heal_former() {
  if ! row "$1"; then return; fi
  if [ "$uid" -lt 1000 ]; then give_up "it is an account of the system (uid $uid)"; fi
  close "$1"
}

# bar NAME: nobody comes in by the account of the last row. Day 1 of 1970 is how we know that it was us.
bar() {
  case "$expiry" in closed|expired) ;; *) chage -E 1 "$1"; changed "closed";; esac
  lock_password "$1"
  if opens "$shell"; then usermod -s "$(command -v nologin || echo /bin/false)" "$1"; changed "shell taken"; fi
}

close() {
  # The door first, so that nobody comes back in while the rest is taken away.
  bar "$1"
  take_rights "$1"
  if awk -F: -v name="$1" '("," $4 ",") ~ ("," name ",") { found = 1 } END { exit !found }' "$R/etc/group"; then
    usermod -G '' "$1"
    changed "taken out of its groups"
  fi
  loginctl disable-linger "$1" > /dev/null 2>&1 || :
  if pgrep -u "$uid" > /dev/null; then
    loginctl terminate-user "$1" > /dev/null 2>&1 || :
    # All at once, so that none is left to make others.
    as_user /bin/sh -c 'kill -KILL -1' || :
    changed "sessions and processes ended"
  fi
  take_keys "$1"
}

# With the account's own rights, for its folders may be links to anywhere.
take_keys() {
  for file in authorized_keys authorized_keys2; do
    if [ ! -e "$R$home/.ssh/$file" ] && [ ! -L "$R$home/.ssh/$file" ]; then continue; fi
    as_user rm -rf -- "$R$home/.ssh/$file"
    changed "$file removed"
  done
  rm -f -- "$R${KEYS_FOLDER}/$1"
}
`;
