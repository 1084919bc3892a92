/** Where cloud-init wrote the rules of first boot. */
export const CLOUD_INIT_RULES = '/etc/sudoers.d/90-cloud-init-users';

/** For awk, with `ours`: names between blanks. Of a rule (sudoers(5)) it tells whom it is for, if that is none of these. */
const STRANGE = `
  function strange(rule, word) {
    if (rule ~ /^[ \\t]*$/ || rule ~ /^[ \\t]*#([^i0-9]|i[^n]|$)/ || rule ~ /^[ \\t]*(Defaults|User_Alias|Runas_Alias|Host_Alias|Cmnd_Alias|Cmd_Alias)/) return ""
    if (rule ~ /^[ \\t]*[@#]include/) return rule ~ /^[@#]includedir[ \\t]+\\/etc\\/sudoers.d[ \\t]*$/ ? "" : "an include"
    split(rule, word)
    return index(ours, " " word[1] " ") ? "" : word[1]
  }
  { line = line $0; raw = raw $0 "\\n" }
  /\\\\$/ { sub(/\\\\$/, "", line); next }
  { told() }
  END { if (line != "") told() }`;

/** Files and rules of sudo that neither the distribution, nor Steward, nor first boot made for one whose name is given. For look and heal. */
export const SUDO_RULES = `
# strange_rules FILE NAMES: whether a file that sudo reads has rules for others; sets $path, $whose they are, and $ours, whose they may be.
strange_rules() {
  path=\${1#"$R"}; whose=
  if [ ! -f "$1" ]; then return 1; fi
  # Files that sudo does not read (sudoers(5), @includedir).
  case "\${path#/etc/sudoers.d/}" in *.*|*~) return 1;; esac
  case "$path" in
    /etc/sudoers) ours='root %sudo %wheel %admin';;
    ${CLOUD_INIT_RULES}) ours=$2;;
    /etc/sudoers.d/steward-*) ours=\${path#/etc/sudoers.d/steward-}; case " $2 " in *" $ours "*) ;; *) ours=;; esac;;
    *) ours=;;
  esac
  whose=$(limit 3 head -c 65536 -- "$1" < /dev/null | tr -d '\\000' | awk -v ours=" $ours " '${STRANGE}
  function told() { who = strange(line); line = raw = ""; if (who != "" && !seen[who]++ && n++ < 8) printf "%s%s", (n > 1 ? ", " : ""), substr(who, 1, 40) }')
  [ -n "$whose" ]
}

# rules_without FILE: the file without them.
rules_without() {
  awk -v ours=" $ours " '${STRANGE}
  function told() { if (strange(line) == "") printf "%s", raw; line = raw = "" }' "$1"
}
`;
