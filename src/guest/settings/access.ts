import { MOST_KEYS } from './lookfunctions.ts';
import { CLOUD_INIT_RULES } from './sudo.ts';

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

# look_login NAME ORDERED FORMER OURS
look_login() {
  row "$1" || return
  keys "$1"
  in=no
  if [ -z "$expiry" ] && opens "$shell" && { [ "$password" != locked ] || [ -n "$keys" ]; }; then in=yes; fi
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
    if [ ! -f "$file" ]; then continue; fi
    path=\${file#"$R"}
    # Files that sudo does not read (sudoers(5), @includedir).
    case "\${path#/etc/sudoers.d/}" in *.*|*~) continue;; esac
    case "$path" in
      /etc/sudoers) ours='root %sudo %wheel %admin';;
      ${CLOUD_INIT_RULES}) ours=$1;;
      /etc/sudoers.d/steward-*) ours=\${path#/etc/sudoers.d/steward-}; case " $1 " in *" $ours "*) ;; *) ours=;; esac;;
      *) ours=;;
    esac
    whose=$(limit 3 head -c 65536 -- "$file" < /dev/null | tr -d '\\000' | awk -v ours=" $ours " '
      { line = line $0 }
      /\\\\$/ { sub(/\\\\$/, "", line); next }
      { rule = line; line = "" }
      rule ~ /^[ \\t]*$/ || rule ~ /^[ \\t]*#([^i0-9]|i[^n]|$)/ || rule ~ /^[ \\t]*(Defaults|User_Alias|Runas_Alias|Host_Alias|Cmnd_Alias|Cmd_Alias)/ { next }
      rule ~ /^[ \\t]*[@#]include/ { if (rule !~ /^[@#]includedir[ \\t]+\\/etc\\/sudoers.d[ \\t]*$/) tell("an include"); next }
      { split(rule, word); if (!index(ours, " " word[1] " ")) tell(word[1]) }
      function tell(who) { if (!seen[who]++ && n++ < 8) printf "%s%s", (n > 1 ? ", " : ""), substr(who, 1, 40) }')
    if [ -z "$whose" ] || [ "$foreign_rules" -ge ${MOST_FOREIGN.SudoRule} ]; then continue; fi
    foreign_rules=$((foreign_rules + 1))
    changed_of "$file"
    foreign SudoRule "$path" "for $whose; the file belongs to $owner" "$changed"
  done
}
`;
