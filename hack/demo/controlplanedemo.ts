/**
 * The whole path without a node: test bed, chart, operator, samples, and a table of what became of them.
 * `--once` exits 0 when every sample keeps the promises in its annotation and 1 with the reason otherwise;
 * without it the demo stays up and prints each change until Ctrl-C.
 */
import { join } from 'node:path';
import { playStorageLocation } from '../steward/playedvelero.ts';
import { installChart, startSteward } from '../steward/steward.ts';
import { startTestBed, type TestBed } from '../testbed/testbed.ts';
import { onInterruption } from './interruption.ts';
import { newObserver } from './observer.ts';
import { newSteps } from './steps.ts';

const SAMPLES = join(import.meta.dirname, '../../config/samples');
const KINDS =
  'managedvms,backuppolicies,maintenancewindows,patchpolicies,clusterpatchpolicies,operatingsystems,servicecalendars,serviceplans,contracts';
const LIMIT_SECONDS = 180;

/** Runs the demo on a control plane without a node; returns the exit code. */
export async function demonstrateControlPlane(once: boolean): Promise<number> {
  const interruption = onInterruption();
  const { say } = newSteps();
  say('starting the test bed: etcd, kube-apiserver, kube-controller-manager, KubeVirt');
  const bed = await startTestBed({ onProgress: say });
  const conditions = once ? { conditions: ['Ready'] } : {};
  const observer = newObserver({ bed, kinds: KINDS, interruption, say, ...conditions });
  try {
    if (interruption.signal.aborted) return 130;
    say('installing the chart with Helm; a storage location for backups is played, no Velero server runs');
    await Promise.all([installChart(bed), playStorageLocation(bed)]);
    return await withSteward(bed, say, async logFile => {
      say('applying config/samples');
      await observer.kubectl(['apply', '--server-side', '-k', SAMPLES]);
      const broken = await observer.untilKept(LIMIT_SECONDS);
      console.log(`\n${await observer.kubectl(['get', KINDS, '-A'])}`);
      for (const reason of broken) console.error(`not as promised: ${reason}`);
      if (!once && !interruption.signal.aborted) {
        console.log(
          `\nexport KUBECONFIG=${bed.adminKubeconfig}\n\nChanges are printed as they happen. Ctrl-C ends all.`,
        );
        await observer.untilInterrupted();
      }
      const unkept = `${broken.length} promises are not kept; the log is ${logFile}`;
      say(broken.length === 0 ? 'every sample has reached the state it promises' : unkept);
      return broken.length === 0 ? 0 : 1;
    });
  } finally {
    await bed.stop();
  }
}

async function withSteward(bed: TestBed, say: (line: string) => void, work: (logFile: string) => Promise<number>) {
  say('starting the operator from source under the ServiceAccount of the chart');
  const steward = await startSteward(bed);
  try {
    await steward.ready();
    return await work(steward.logFile);
  } finally {
    await steward.stop();
  }
}
