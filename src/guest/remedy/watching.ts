import { EXPORTER_PORTS } from '../../domain/machine/firstboot/exporters.ts';
import { EXPORTER_UNITS } from '../settings/nodeexporter.ts';

/** Finds the unit of the exporter, and asks it as Prometheus does. */
export const EXPORTER = `
unit=
for each in ${EXPORTER_UNITS.map(unit => `${unit}.service`).join(' ')}; do
  case "$(state "$each" LoadState)" in
    loaded) unit=$each; break;;
    masked) missing "$each is masked";;
  esac
done
if [ -z "$unit" ]; then missing "no exporter is installed: the settings of the guest bring it"; fi
answers() {
  [ "$(state "$unit" ActiveState)" = active ] || return 1
  if command -v curl > /dev/null; then
    limit 10 curl --silent --fail --max-time 8 --output /dev/null http://127.0.0.1:${EXPORTER_PORTS.Linux}/metrics
  else
    # A small guest has no curl.
    limit 10 bash -c 'exec 3<> /dev/tcp/127.0.0.1/${EXPORTER_PORTS.Linux} && printf "GET /metrics HTTP/1.0\\r\\n\\r\\n" >&3 && read -r line <&3 && case "$line" in *" 200 "*) ;; *) exit 1;; esac'
  fi
}
`;

/** An exporter that answers in the guest is not what is wrong. */
export const RESTART_EXPORTER = `
if answers; then healthy "$unit runs and answers in the guest: nothing was done"; fi
limit 10 systemctl reset-failed -- "$unit" > /dev/null 2>&1
limit 100 systemctl restart -- "$unit"
for each in 1 2 3 4 5; do
  if answers; then mended "$unit was started anew and answers"; fi
  sleep 1
done
failed "$unit was started anew and does not answer"
`;

const AGENT = 'qemu-guest-agent.service';

/** Whether the agent is heard is seen from outside of the guest alone, so one that runs is started anew too. */
export const RESTART_AGENT = `
case "$(state ${AGENT} LoadState)" in
  loaded) ;;
  masked) missing "${AGENT} is masked";;
  *) missing "${AGENT} is not installed: the settings of the guest bring it";;
esac
limit 10 systemctl reset-failed -- ${AGENT} > /dev/null 2>&1
limit 60 systemctl restart -- ${AGENT}
if [ "$(state ${AGENT} ActiveState)" != active ]; then failed "${AGENT} was started anew and does not run"; fi
mended "${AGENT} was started anew and runs"
`;
