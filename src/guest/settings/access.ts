import { MOST_KEYS } from './lookfunctions.ts';

/** Most lines of each sort that a look tells: the order of a ManagedVM has 32 users. */
export const MOST_LOGINS = 64;
export const MOST_FOREIGN = { Account: 10, Key: 12, SudoRule: 10 } as const;

/**
 * Who can log in and who may become root, and what of it nobody ordered (MO-16). `look_access ORDERED FORMER OURS`: names that are ordered, names
 * that once were, and fingerprints that are ordered, each with its name before it and a colon.
 */
export const LOOK_ACCESS = `
foreign_accounts=0; foreign_keys=0; foreign_rules=0; logins=0

# foreign KIND NAME DETAIL CHANGED
foreign() { line foreign "$1" "$(encoded "$2")" "$(encoded "$3")" "\${4:--}"; }

# changed_of PATH: sets $owner and $changed, seconds.
changed_of() {
  set -- $(limit 2 stat -L -c '%U %Y' -- "$1" < /dev/null)
  owner=\${1:-nobody}; changed=\${2:--}
  case "$changed" in *[!0-9]*) changed=-;; esac
}

look_access() {
  IFS="$NL"; set -f
  for each in $accounts; do
    unset IFS; set +f
    look_login "\${each%%:*}" "$1" "$2" "$3"
  done
  unset IFS; set +f
  look_sshd
  look_rules "$1 $2"
}

# can_log_in NAME: sets $in, with the fields of the account and its keys; fails where there is no account of this name.
can_log_in() {
  row "$1" || return
  keys "$1"
  in=no
  if [ -z "$expiry" ] && opens "$shell" && { [ "$password" != locked ] || [ -n "$keys" ]; }; then in=yes; fi
}

# look_login NAME ORDERED FORMER OURS
look_login() {
  can_log_in "$1" || return
  known=no
  case " $2 $3 " in *" $1 "*) known=yes;; esac
  if [ "$known" = no ] && [ "$in" = no ] && [ "$uid" != 0 -o "$1" = root ]; then return; fi
  # A name that no order has is no argument of a program.
  case "$1" in *\\?*) admin=no;; *) rights "$1";; esac
  if [ "$logins" -lt ${MOST_LOGINS} ]; then
    logins=$((logins + 1))
    told=; count=0
    for key in $keys; do
      count=$((count + 1))
      if [ "$count" -le ${MOST_KEYS} ]; then told="\${told:+$told,}$key"; fi
    done
    line login "$1" "$in" "$admin" "\${told:--}"
  fi
  if [ "$known" = no ]; then foreign_account "$1"; fi
  case " $3 " in *" $1 "*) return;; esac
  for key in $keys; do
    case " $4 $left_keys " in *" $1:$key "*) ;; *) foreign_key "$1" "$key";; esac
  done
}

foreign_account() {
  if [ "$foreign_accounts" -ge ${MOST_FOREIGN.Account} ]; then return; fi
  foreign_accounts=$((foreign_accounts + 1))
  changed_of "$R$home"
  words="uid $uid, home $home"
  case "$password" in set) words="$words, password";; empty) words="$words, no password needed";; esac
  if [ "$admin" = yes ]; then words="$words, may become root"; fi
  foreign Account "$1" "$words" "$changed"
}

foreign_key() {
  if [ "$foreign_keys" -ge ${MOST_FOREIGN.Key} ]; then return; fi
  foreign_keys=$((foreign_keys + 1))
  file=
  if entry "$seen_keys" "$1:$2"; then file=$entry; fi
  owner=nobody; changed=-
  if [ -n "$file" ]; then changed_of "$file"; fi
  foreign Key "$1 $2" "in \${file#"$R"}, which belongs to $owner" "$changed"
}

# Ways in that no file of an account shows.
look_sshd() {
  for word in authorizedkeyscommand trustedusercakeys; do
    case "$NL$sshd" in *"$NL$word "*) ;; *) continue;; esac
    value="$NL$sshd"; value=\${value#*"$NL$word "}; value=\${value%%"$NL"*}
    if [ "$value" = none ] || [ "$foreign_keys" -ge ${MOST_FOREIGN.Key} ]; then continue; fi
    foreign_keys=$((foreign_keys + 1))
    foreign Key "sshd $word" "$value" -
  done
}

# look_rules OURS: files and rules of sudo that neither the distribution, nor Steward, nor first boot made for one who is or was ordered.
look_rules() {
  for file in "$R/etc/sudoers" "$R"/etc/sudoers.d/*; do
    if ! strange_rules "$file" "$1"; then continue; fi
    if [ "$foreign_rules" -ge ${MOST_FOREIGN.SudoRule} ]; then continue; fi
    foreign_rules=$((foreign_rules + 1))
    changed_of "$file"
    foreign SudoRule "$path" "for $whose; the file belongs to $owner" "$changed"
  done
}
`;
