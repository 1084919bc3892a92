import type { GuestFile, Setting } from './setting.ts';
import { base64, sha256 } from './words.ts';

const FILE: GuestFile = {
  path: '/etc/systemd/journald.conf.d/90-steward.conf',
  content:
    '# By Steward (MO-12, MO-16): the journal outlives a restart, and does not fill the disk.\n[Journal]\nStorage=persistent\nSystemMaxUse=256M\n',
  permissions: '0644',
};

/** What of it must be in effect, whatever other files say: a later one wins (journald.conf(5)). */
const IN_EFFECT = 'Storage=persistent SystemMaxUse=256M';

/** The journal outlives a restart and is bounded. */
export const journalSetting: Setting = {
  name: 'journal',
  files: [FILE],
  look: `look_journal ${FILE.path} ${sha256(FILE.content)}`,
  heal: `heal_journal ${FILE.path} ${base64(FILE.content)}`,
};

export const LOOK_JOURNAL = `
look_journal() {
  if ! same "$1" "$2"; then differs "its bounds are not set in $1"; fi
  if [ ! -d "$R/var/log/journal" ]; then differs "it does not outlive a restart"; fi
  if [ "$standing" = kept ]; then look_overridden; fi
}

# Somebody's own file, which is not ours to change. Where systemd cannot tell what is in effect (before 239), ours is taken for it.
look_overridden() {
  for each in $(limit 5 systemd-analyze cat-config systemd/journald.conf < /dev/null | head -c 65536 | awk -v wanted='${IN_EFFECT}' '
    BEGIN { count = split(wanted, pair, " "); for (i = 1; i <= count; i++) { key = pair[i]; sub(/=.*/, "", key); want[key] = pair[i] } }
    /^# \\// { file = $2; next }
    { gsub(/[ \t]/, ""); key = $0; sub(/=.*/, "", key); if (key in want) { found[key] = $0; by[key] = file } }
    END { for (key in found) if (found[key] != want[key]) print key ":" by[key] }'); do
    failed "\${each%%:*} is overridden by \${each#*:}"
  done
}
`;

export const HEAL_JOURNAL = `
heal_journal() {
  before=$did
  put "$1" 0644 "$2"
  if [ ! -d "$R/var/log/journal" ]; then mkdir -p "$R/var/log/journal"; changed "/var/log/journal made"; fi
  if [ "$did" = "$before" ]; then return; fi
  systemctl restart systemd-journald.service
  journalctl --flush
}
`;
