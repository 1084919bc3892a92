/** Steward's own controllers in this process, with everything that they send. */
import { pino } from 'pino';
import { controllersOf } from '../../../src/controllers/controllers.ts';
import { readSettings } from '../../../src/controllers/settings.ts';
import { connect } from '../../../src/runtime/http/connection.ts';
import type { CallInfo } from '../../../src/runtime/http/transport.ts';
import { OpenRegistry } from '../../../src/runtime/observe/registry.ts';
import { startOperator } from '../../../src/runtime/operator.ts';
import type { BenchBed } from '../bed.ts';

export type RecordedSteward = {
  /** Writes that took effect and reads of single objects, in the order in which they were answered. */
  readonly sent: readonly CallInfo[];
  stop(): Promise<void>;
};

/** Without leader election: nobody else writes on a bed of its own. */
export async function startRecordedSteward({ bed }: BenchBed): Promise<RecordedSteward> {
  const sent: CallInfo[] = [];
  const operator = await startOperator({
    connection: connect({ kubeconfig: bed.adminKubeconfig }),
    controllers: controllersOf(readSettings({}, 'bench'), new OpenRegistry()),
    ...{ name: 'steward', prefix: 'managed.systems', log: pino({ level: 'silent' }) },
    intercept: {
      call: async (info, send) => {
        const answer = await send();
        const read = info.method === 'GET';
        const counts = read ? !info.path.includes('?') : answer.status < 300 && !info.path.includes('dryRun=All');
        if (counts) sent.push(info);
        return answer;
      },
    },
  });
  return { sent, stop: () => operator.stop() };
}
