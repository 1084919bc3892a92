/** How the interface of an application is closed while its packages are changed, so that no client writes to what may be taken back (AP-2). */
import { CLOSED_METRIC } from '../../domain/application/probemetrics.ts';
import { TEXTFILE_FOLDER } from '../settings/nodeexporter.ts';
import type { GuestFile } from '../settings/setting.ts';
import { base64 } from '../settings/words.ts';
import { port } from './planwords.ts';

/** Among the notes of an application: its being there closes the interface, at a boot too. */
export const CLOSED_RULES = 'closed.nft';
const rulesPath = (application: string): string => `/var/lib/steward/applications/${application}/${CLOSED_RULES}`;
const unitName = (application: string): string => `steward-closed-${application}.service`;

/** Names of nftables have no `-`, and those of applications no `_`. */
const tableOf = (application: string): string => `steward_closed_${application.replaceAll('-', '_')}`;

/**
 * Whoever knocks is told at once that nobody is there, and sessions end by the same answer. Root of the guest gets through over the loopback: probes do.
 * Replaced as a whole, by one transaction of the kernel.
 */
function rules(application: string, ports: readonly number[]): GuestFile {
  const table = `inet ${tableOf(application)}`;
  const knocks = `tcp dport { ${ports.map(port).join(', ')} }`;
  const content = `table ${table} {}
delete table ${table}
table ${table} {
  chain input {
    type filter hook input priority -200; policy accept;
    iif != "lo" ${knocks} reject with tcp reset
  }
  chain output {
    type filter hook output priority -200; policy accept;
    oif "lo" ${knocks} meta skuid != 0 reject with tcp reset
  }
}
`;
  return { path: rulesPath(application), permissions: '0600', content };
}

/** After the guest's own firewall, which may begin by emptying everything, and before any network is up. */
function unit(application: string): GuestFile {
  const content = `# By Steward.
[Unit]
Description=Keeps the interface of the managed application ${application} closed until its update has come to its end
ConditionPathExists=${rulesPath(application)}
DefaultDependencies=no
RequiresMountsFor=/var/lib/steward
After=local-fs.target nftables.service firewalld.service
Before=network-pre.target shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f ${rulesPath(application)}

[Install]
WantedBy=multi-user.target
`;
  return { path: `/etc/systemd/system/${unitName(application)}`, permissions: '0644', content };
}

/** For a heal: `close_interface` and `open_interface` of this application. Without ports there is nothing to close. */
export function closingOf(application: string, ports: readonly number[]): string {
  if (ports.length === 0) return 'closes=\nclose_interface() { :; }\nopen_interface() { :; }';
  const put = ({ path, permissions, content }: GuestFile) => `put ${path} ${permissions} ${base64(content)}`;
  const among = ports.map(each => `sport = :${port(each)}`).join(' or ');
  return `closes=yes
close_interface() {
  ${put(unit(application))} || return 1
  systemctl daemon-reload && systemctl enable --quiet ${unitName(application)} || return 1
  ${put(rules(application, ports))} || return 1
  nft -f "$R${rulesPath(application)}" || return 1
  closed_metric ${application} "$1" || return 1
  end_sessions '( ${among} )'
}
open_interface() {
  rm -f -- "$R${rulesPath(application)}"
  nft delete table inet ${tableOf(application)} 2> /dev/null || ! nft list table inet ${tableOf(application)} > /dev/null 2>&1 || give_up "the interface could not be opened"
  rm -f -- "$R${metricPath(application)}"
}`;
}

const metricPath = (application: string): string => `${TEXTFILE_FOLDER}/steward-closed-${application}.prom`;

/** What closing has left in a guest. */
export const closingLeaves = (application: string): readonly string[] => [
  `/etc/systemd/system/${unitName(application)}`,
  rulesPath(application),
  metricPath(application),
];

/** The interface of an application that is taken out is nobody's any more. */
export const unclosed = (application: string): string =>
  `if command -v nft > /dev/null && nft list table inet ${tableOf(application)} > /dev/null 2>&1; then nft delete table inet ${tableOf(application)}; fi`;

/** Seconds within which the sessions of clients are to be ended. */
const SESSIONS_END_WITHIN = 10;

export const HEAL_CLOSING = `
# can_close: has the programs by which an interface is closed; \`lacking\`: the package that is not to be had.
can_close() {
  for tool in nft:nftables ss:iproute2; do
    lacking=\${tool#*:}
    command -v "\${tool%%:*}" > /dev/null || install_packages "$lacking" || :
    command -v "\${tool%%:*}" > /dev/null || return 1
  done
}

# closed_metric APPLICATION SINCE
closed_metric() {
  mkdir -p -- "$R${TEXTFILE_FOLDER}" || return 1
  printf '# HELP ${CLOSED_METRIC} Since when its interface is closed to clients for an update.\\n# TYPE ${CLOSED_METRIC} gauge\\n${CLOSED_METRIC}{application="%s"} %s\\n' "$1" "$2" \\
    > "$R${TEXTFILE_FOLDER}/.steward-closed-$1" && chmod 0644 "$R${TEXTFILE_FOLDER}/.steward-closed-$1" &&
    mv -fT -- "$R${TEXTFILE_FOLDER}/.steward-closed-$1" "$R${TEXTFILE_FOLDER}/steward-closed-$1.prom"
}

# end_sessions FILTER: the server's ends of connections are taken from it; succeeds only where none is established any more.
end_sessions() {
  for i in $(seq ${SESSIONS_END_WITHIN * 2}); do
    ss -K -H -t -n state established "$1" > /dev/null 2>&1 || :
    established=$(ss -H -t -n state established "$1") || return 1
    if [ -z "$established" ]; then return; fi
    sleep 0.5
  done
  return 1
}
`;
