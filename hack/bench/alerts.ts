/**
 * A storm of alerts on a real Prometheus, a real Alertmanager and a real API server: each alert is in exactly one incident, though the receiver is killed and
 * Alertmanager started anew in the middle, and the receiver's memory is bounded (MO-14).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { managedVM } from '../../src/api/managedvm.ts';
import { PrometheusRule } from '../../src/api/upstream.ts';
import { alertsOf } from '../../src/domain/intake/merging.ts';
import { renderDefaultRules } from '../../src/domain/monitoring/prometheusrules.ts';
import { AlertPlace, PLAIN } from '../../test/integration/support/alertplace.ts';
import { machine } from '../../test/integration/support/orders.ts';
import { atMost, type Check, exactly } from './checks.ts';
import { memoryOf } from './process.ts';

const NAMESPACE = 'storm';
/** Full file systems of each VM; each is an alert. */
const EACH = 10;
const AT_ONCE = 50;
const LONGEST_MS = 40 * 60_000;
/** The chart's limit for the receiver, which Node keeps its heap three quarters of. */
const MOST_MB = 512;

export async function alerts(count: number, say: (line: string) => void): Promise<readonly Check[]> {
  const place = await AlertPlace.start();
  try {
    return await storm(place, Math.ceil(count / EACH), say);
  } finally {
    await place.stop();
  }
}

async function storm(place: AlertPlace, vms: number, say: (line: string) => void): Promise<readonly Check[]> {
  const names = Array.from({ length: vms }, (_, index) => `vm-${index}`);
  await place.api.namespace(NAMESPACE);
  await place.api.create(PrometheusRule, renderDefaultRules(NAMESPACE, PLAIN));
  for (let from = 0; from < vms; from += AT_ONCE)
    await Promise.all(
      names.slice(from, from + AT_ONCE).map(name => place.api.create(managedVM, machine(NAMESPACE, name))),
    );
  for (const name of names) place.sensors.full.set(`${NAMESPACE}/${name}`, EACH);
  await place.watch();
  await Promise.all([place.prometheus.start(), place.startAlertmanager()]);
  let receiver = await place.startReceiver();
  say(`${vms} VMs with ${EACH} full file systems each; their alerts wait 5 minutes`);

  const peaks: number[] = [];
  const told = async (least: number) => {
    const deadline = Date.now() + LONGEST_MS;
    for (let incidents = await place.incidents(NAMESPACE); ; incidents = await place.incidents(NAMESPACE)) {
      const all = incidents.flatMap(alertsOf);
      peaks.push((await memoryOf(receiver.pid)).peakMB);
      if (all.length >= least || Date.now() > deadline) return { incidents, all };
      await sleep(1_000);
    }
  };
  await told(1);
  const began = Date.now();
  const whole = vms * EACH;
  await told(whole / 4);
  await place.stopReceiver('SIGKILL');
  say(`the receiver is killed after ${seconds(began)} s`);
  receiver = await place.startReceiver();
  await told(whole / 2);
  await place.alertmanager.stop();
  say(`Alertmanager is started anew after ${seconds(began)} s`);
  await place.startAlertmanager();
  const { incidents, all } = await told(whole);
  const took = seconds(began);
  const peak = Math.max(...peaks);
  const single = new Set(all.map(({ fingerprint }) => fingerprint));
  say(`${all.length} alerts in ${incidents.length} incidents after ${took} s; the receiver took ${peak} MB at most`);
  return [
    exactly('alerts in incidents', all.length, whole),
    exactly('alerts that are in one more than once', all.length - single.size, 0),
    // Until it is a storm each opens one of its own.
    atMost('incidents', incidents.length, vms + 101),
    atMost('MB that the receiver took', peak, MOST_MB),
  ];
}

function seconds(since: number): number {
  return Math.round((Date.now() - since) / 1000);
}
