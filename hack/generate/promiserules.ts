import { stringify } from 'yaml';
import { promiseRules } from '../../src/domain/managedvm/promiserules.ts';

const banner = '# Generated from src/domain/managedvm/promisealerts.ts by `npm run generate`: do not edit.\n';

/** The rules on promises as the chart takes them: @RUNBOOKS@ and @NAMESPACE@ are filled in by its template, and Prometheus' own braces are none of Helm's. */
export function generatePromiseRules(): Map<string, string> {
  const rules = stringify(promiseRules({ runbookBaseURL: '@RUNBOOKS@' }), { lineWidth: 0 });
  return new Map([['charts/steward/files/promises.yaml', banner + rules]]);
}
