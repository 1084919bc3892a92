import type { GuestFile } from '../../domain/machine/firstboot/nodeexporter.ts';
import type { Setting } from './setting.ts';
import { base64, sha256 } from './words.ts';

const FILE: GuestFile = {
  path: '/etc/systemd/journald.conf.d/90-steward.conf',
  content:
    '# By Steward (MO-12, MO-16): the journal outlives a restart, and does not fill the disk.\n[Journal]\nStorage=persistent\nSystemMaxUse=256M\n',
  permissions: '0644',
};

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
