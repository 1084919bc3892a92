/**
 * The functions of a heal, after those of `accountrows.ts`. They need `R` (the folder below which the files are).
 */
export const HEAL_FUNCTIONS = `
wrong=0
owner=$(id -u)

# heal NAME FUNCTION: in a shell of its own, which ends at the first command that fails. No condition around it: set -e does not count in one.
heal() {
  ( set -eu; did=; read_accounts; "$2"; echo "$1: \${did:-as it was}" )
  if [ $? -ne 0 ]; then echo "$1: failed"; wrong=1; fi
}

# changed WORDS: what was done, for people.
changed() { did="\${did:+$did, }$1"; }
give_up() { echo "$1" >&2; exit 1; }
limit() { timeout -k 1 "$@"; }
as_user() { setpriv --reuid="$uid" --regid="$gid" --clear-groups -- "$@"; }

# is_put PATH MODE BASE64
is_put() {
  [ -f "$R$1" ] && [ ! -L "$R$1" ] && [ "$(base64 -w0 "$R$1")" = "$3" ] && [ "$(stat -c '%a %u' "$R$1")" = "\${2#0} $owner" ]
}

# put PATH MODE BASE64: whoever reads the file finds the old text or the new one.
put() {
  if is_put "$1" "$2" "$3"; then return; fi
  mkdir -p -- "$R\${1%/*}"
  temporary=$(mktemp -- "$R\${1%/*}/.steward.XXXXXX")
  if printf %s "$3" | base64 -d > "$temporary" && chmod "$2" "$temporary" && sync -- "$temporary" && mv -fT -- "$temporary" "$R$1"
  then :
  else rm -f -- "$temporary"; give_up "$1 could not be written"
  fi
  changed "$1 written"
}

remove() {
  for path in "$@"; do
    if [ -e "$R$path" ] || [ -L "$R$path" ]; then rm -f -- "$R$path"; changed "$path removed"; fi
  done
}

# state UNIT PROPERTY
state() { systemctl show --value --property="$2" -- "$1"; }

# start UNIT: enabled where it can be, not masked, and running, or it has failed: a program may end as soon as it is started.
start() {
  if [ "$(state "$1" LoadState)" = masked ]; then systemctl unmask --quiet "$1"; changed "$1 unmasked"; fi
  if [ "$(state "$1" UnitFileState)" = disabled ]; then systemctl enable --quiet "$1"; changed "$1 enabled"; fi
  if [ "$(state "$1" ActiveState)" != active ]; then systemctl start "$1"; changed "$1 started"; fi
  case "$(state "$1" ActiveState)" in active|activating) ;; *) give_up "$1 does not run, though it was started";; esac
}
`;
