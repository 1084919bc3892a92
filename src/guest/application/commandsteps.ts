import type { Setting } from '../settings/setting.ts';
import { command, login, noteOf, type Place, port, type StepOf, seconds } from './planwords.ts';

type CommandStep = StepOf<'command'>;
type Scripts = Pick<Setting, 'look' | 'heal' | 'units'>;

/** Seconds that a check may take. */
const CHECK_SECONDS = 10;

/** The check alone says what is so: 100 that it is, 101 that it is not; anything else is an error, 0 too (OS policy of Google Cloud). */
export function commandThere(step: CommandStep, place: Place): Scripts {
  const check = `check() { limit ${CHECK_SECONDS} ${as(step.runAs)}${command(step.unless)} < /dev/null > /dev/null 2>&1; }`;
  const words = `${login(step.runAs)} ${noteOf(place)} ${step.safeToRepeat ? 'repeat' : 'once'}`;
  const run = `run() { timeout -k 10 ${seconds(step.timeoutSeconds)} ${as(step.runAs)}${command(step.run)} < /dev/null; }`;
  return { look: `${check}\nlook_command ${words}`, heal: `${check}\n${run}\nheal_command ${words}` };
}

function as(user: string): string {
  if (login(user) === 'root') return '';
  return `setpriv --reuid=${user} --regid="$(id -g ${user})" --init-groups -- `;
}

export function portThere(step: StepOf<'firewallPort'>): Scripts {
  return {
    units: ['firewalld.service'],
    look: `look_port ${port(step.port)}`,
    heal: `heal_port ${port(step.port)}`,
  };
}

export function portGone(step: StepOf<'firewallPort'>): Scripts {
  return {
    units: ['firewalld.service'],
    look: `look_no_port ${port(step.port)}`,
    heal: `heal_no_port ${port(step.port)}`,
  };
}

export const LOOK_COMMANDS = `
# look_command USER NOTE repeat|once
look_command() {
  if ! id -u "$1" > /dev/null 2>&1; then differs "there is no account $1"; return; fi
  shift
  check
  code=$?
  case "$code" in
    100) if [ "$2" = once ] && [ -e "$R$1.begun" ]; then differs "it came to its end, which was not noted"; fi;;
    101) if [ "$2" = once ] && [ -e "$R$1.begun" ]; then failed "it began once and did not come to its end: a person decides whether it may run again"
      else differs "its check says that it is not so"; fi;;
    127) differs "its check is not there";;
    124|137) failed "its check did not end";;
    *) failed "its check ended with $code, which says neither that it is so (100) nor that it is not (101)";;
  esac
}

look_port() {
  if filtered && ! limit 5 firewall-cmd --quiet --query-port="$1/tcp" < /dev/null; then differs "firewalld does not let port $1 in"; fi
}

look_no_port() {
  if filtered && limit 5 firewall-cmd --quiet --query-port="$1/tcp" < /dev/null; then differs "firewalld still lets port $1 in"; fi
}

filtered() { unit firewalld.service && [ "$active" = active ]; }
`;

export const HEAL_COMMANDS = `
# heal_command USER NOTE repeat|once
heal_command() {
  shift
  code=0; check || code=$?
  case "$code" in
    100) rm -f -- "$R$1.begun"; return;;
    101) ;;
    *) give_up "its check ended with $code";;
  esac
  if [ "$2" = once ] && [ -e "$R$1.begun" ]; then give_up "it began once and did not come to its end: a person decides whether it may run again"; fi
  mark "$1.begun" ''
  ended=0; run || ended=$?
  changed "it ran, and ended with $ended"
  code=0; check || code=$?
  if [ "$code" -ne 100 ]; then give_up "its check ends with $code after it ran, which ended with $ended"; fi
  rm -f -- "$R$1.begun"
}

heal_port() {
  if ! systemctl is-active --quiet firewalld.service || firewall-cmd --quiet --query-port="$1/tcp"; then return; fi
  firewall-cmd --quiet --permanent --add-port="$1/tcp"
  firewall-cmd --quiet --add-port="$1/tcp"
  changed "port $1 opened"
}

heal_no_port() {
  if ! systemctl is-active --quiet firewalld.service || ! firewall-cmd --quiet --query-port="$1/tcp"; then return; fi
  firewall-cmd --quiet --permanent --remove-port="$1/tcp"
  firewall-cmd --quiet --remove-port="$1/tcp"
  changed "port $1 closed"
}
`;
