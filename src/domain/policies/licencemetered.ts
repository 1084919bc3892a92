import type { ApplicationLicence } from '../../api/applicationlicence.ts';
import type { ManagedApplication } from '../../api/managedapplication.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { OperatingSystem } from '../../api/operatingsystem.ts';
import type { ProductSpec } from '../../api/product.ts';
import type { LicenceMetric } from '../../api/productlicence.ts';
import { instant } from '../contract/condition.ts';
import { unknown, type Verdict } from '../contract/finding.ts';
import { counted } from '../guest/words.ts';

type LicenceFacts = {
  readonly application: ManagedApplication;
  readonly product?: ProductSpec | undefined;
  readonly managedVM?: ManagedVM | undefined;
  readonly operatingSystem?: OperatingSystem | undefined;
  readonly now: Date;
};

/** What an application's licence is metered at. A powered-off VM holds its licence. */
type Metered = { readonly verdict: Verdict; readonly licence?: ApplicationLicence | undefined };

/** Meters the licence from the order on which all of it was installed (AP-1). What was metered stays where nothing can be counted. */
export function licenceMetered(facts: LicenceFacts): Metered {
  const { application, product, now } = facts;
  const before = application.status?.licence;
  if (product === undefined)
    return {
      verdict: unknown('ProductNotFound', 'Without a catalogue entry its licence is not known.'),
      licence: before,
    };
  const { licence } = product;
  if (licence?.commercial === undefined) return { verdict: unknown('NotIncluded', free(licence?.spdx)) };
  if (application.status?.installed === undefined)
    return { verdict: unknown('NotProvisioned', 'It is metered once all of it was installed.') };
  const { metric, billed } = licence.commercial;
  const amount = amountOf(metric, facts);
  if (amount === undefined)
    return {
      verdict: unknown(
        'NotCounted',
        'How many virtual CPUs its VM has is not known: it is ordered by an instance type, or not found.',
      ),
      licence: before,
    };
  const isSame = before?.metric === metric && before.amount === amount && before.billed === billed;
  const metered = isSame ? before : { metric, amount, billed, at: instant(now) };
  const message = `${counted(amount, UNIT[metric])} since ${metered.at}, ${billed ? '' : 'not '}billed beside the service.`;
  return { verdict: { status: 'True', reason: 'Metered', message }, licence: metered };
}

const UNIT: Readonly<Record<LicenceMetric, string>> = {
  PerVM: 'VM',
  PerVCPU: 'virtual CPU',
  PerInstance: 'installation',
};

function free(spdx: string | undefined): string {
  return spdx === undefined
    ? 'The Product names no licence that is metered.'
    : `Its licence is free (${spdx}), so nothing of it is metered.`;
}

function amountOf(metric: LicenceMetric, { managedVM, operatingSystem }: LicenceFacts): number | undefined {
  if (metric !== 'PerVCPU') return 1;
  const sizing = managedVM?.spec.sizing;
  if (managedVM === undefined || sizing?.instanceType !== undefined) return undefined;
  return sizing?.cpu ?? operatingSystem?.spec.defaults.cpu;
}
