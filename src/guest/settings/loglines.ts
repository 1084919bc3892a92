import { LOG_LINE_LENGTH, MOST_LOG_LINES } from '../../api/loglines.ts';
import { cut } from '../../domain/contract/excerpt.ts';
import type { LogLineFound } from '../../domain/guest/look.ts';
import { GUEST_EVENTS } from '../../domain/monitoring/guestevents.ts';
import { EXCERPT_FILE } from './eventscript.ts';

/** Tells the last lines that matter, as the sensor keeps them: `told EPOCH EVENT TEXT` (MO-12). */
export const LOOK_LINES = `
look_lines() {
  told=$(limit 2 head -c 16384 -- "$R${EXCERPT_FILE}" < /dev/null); count=0
  IFS="$NL"; set -f
  for each in $told; do
    unset IFS
    at=\${each%% *}; each=\${each#* }
    case "$at:\${each%% *}" in *[!0-9a-z_:]*|:*|*:) continue;; esac
    count=$((count + 1)); [ "$count" -le ${MOST_LOG_LINES} ] || break
    line told "$at" "\${each%% *}" "$(encoded "\${each#* }")"
  done
  unset IFS; set +f
}
`;

/** Undefined where it is nothing that the script says. `decoded`: reads the words of a line. */
export function readLogLine(
  [kind, at = '', event = '', encoded = '', ...more]: readonly string[],
  decoded: (word: string) => string | undefined,
): LogLineFound | undefined {
  const text = decoded(encoded);
  if (kind !== 'told' || more.length > 0 || text === undefined) return undefined;
  // Later than the year 5138 is no time.
  if (!/^\d{1,11}$/.test(at) || !isGuestEvent(event)) return undefined;
  return { at: new Date(Number(at) * 1000), event, text: cut(text, LOG_LINE_LENGTH) };
}

const isGuestEvent = (word: string): boolean => GUEST_EVENTS.some(event => event === word);
