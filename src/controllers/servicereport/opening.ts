import { type Contract, ContractSpec, contract } from '../../api/contract.ts';
import { reportName, type ServiceReportSpec, serviceReport } from '../../api/servicereport.ts';
import { streamName } from '../../domain/record/streamname.ts';
import { NOTHING_BEFORE } from '../../domain/report/hash.ts';
import { spanOf } from '../../domain/report/nextday.ts';
import { lastBefore } from '../../domain/report/recordsofday.ts';
import { dayIn } from '../../domain/time/day.ts';
import { isAlreadyExists } from '../../runtime/api/errors.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { type ControllerDefinition, defineController, type Reader } from '../../runtime/pass/controller.ts';
import { readOnce } from '../contracts.ts';
import { made } from './controller.ts';
import { recordsIn } from './preparing.ts';

type Stored = Contract & KubeObject;

/** How far back the first day of a contract may lie: Prometheus keeps two weeks. */
const BACK_MS = 13 * 24 * 3_600_000;
const EVERY_MS = 30_000;
const REPORTS = 'reportsOf';

const agreedIn = readOnce(ContractSpec);

/** Opens the first report of each Contract, on the day on which the Contract was made; the next ones follow from it. */
export function reportOpeningController(recordNamespace: string): ControllerDefinition<Stored> {
  const firsts = new Map<string, ServiceReportSpec>();
  return defineController<Stored>({
    name: 'reportopening',
    kind: contract,
    owns: [],
    watches: [{ kind: serviceReport, indexes: { [REPORTS]: contractUid }, part: () => true, toKeys: () => [] }],
    polls: [
      {
        ...{ name: 'records before the first day', everyMs: EVERY_MS },
        ask: async (now, _signal, asked) => {
          const without = asked.read.list<Stored>(contract).filter(each => !hasReport(each, asked.read));
          for (const each of without) {
            const { name, uid = '', creationTimestamp } = each.metadata;
            const { spec } = agreedIn(each.spec);
            if (spec === undefined || firsts.has(uid)) continue;
            const begin = Math.max(Date.parse(creationTimestamp ?? now.toISOString()), now.getTime() - BACK_MS);
            const since = dayIn(spec.timeZone, new Date(begin));
            const pages = await recordsIn(
              streamName({ kind: contract.kind, name }, () => undefined),
              recordNamespace,
              asked,
            );
            firsts.set(uid, {
              contract: { name, uid },
              ...{ month: since.slice(0, 7), timeZone: spec.timeZone, since },
              before: { sha256: NOTHING_BEFORE, last: lastBefore(pages, spanOf(since, spec.timeZone).from) },
            });
          }
          return ({ metadata: { uid = '' } }) => firsts.has(uid);
        },
      },
    ],
    forget: uid => firsts.delete(uid),
    reconcile: async ({ object, read, create }) => {
      const spec = firsts.get(object.metadata.uid ?? '');
      if (spec === undefined || hasReport(object, read)) return;
      firsts.delete(object.metadata.uid ?? '');
      const name = reportName(spec.contract.name, spec.month);
      await create(serviceReport, made(serviceReport, name, spec)).catch((error: unknown) => {
        if (!isAlreadyExists(error)) throw error;
      });
    },
  });
}

function contractUid({ spec }: KubeObject): readonly string[] {
  const uid = (spec as Partial<ServiceReportSpec> | undefined)?.contract?.uid;
  return uid === undefined ? [] : [uid];
}

/** Where it cannot be read whether there is one, there may be. */
function hasReport({ metadata: { uid = '' } }: Stored, read: Reader): boolean {
  return read.state(serviceReport) !== 'served' || read.count(serviceReport, REPORTS, uid) > 0;
}
