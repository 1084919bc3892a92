/**
 * What Windows Update's results mean, from Microsoft's tables (OperationResultCode in wuapi.h; wuerror.h, winerror.h and cbs.h for HRESULTs). The words
 * are ours: those of the guest are in its own language.
 */

/** The number of an operation's result: 0 to 5, and no other. */
const RESULTS = ['NotStarted', 'InProgress', 'Succeeded', 'SucceededWithErrors', 'Failed', 'Aborted'] as const;
export type OperationResult = (typeof RESULTS)[number];

/** Undefined for what is none of the documented numbers. */
export function operationResult(word: string | undefined): OperationResult | undefined {
  return word !== undefined && /^[0-5]$/.test(word) ? RESULTS[Number(word)] : undefined;
}

const UNFINISHED: Readonly<Record<Exclude<OperationResult, 'Succeeded'>, string>> = {
  NotStarted: 'it was not begun',
  InProgress: 'it had not ended',
  SucceededWithErrors: 'it was installed with errors',
  Failed: 'it failed',
  Aborted: 'it was aborted',
};

const HRESULTS: ReadonlyMap<string, string> = new Map([
  ['80240009', 'another operation of Windows Update was under way'],
  ['8024000B', 'it was cancelled'],
  ['80240016', 'another installation was under way, or a restart has to come first'],
  ['80240017', 'it does not apply to this guest'],
  ['80240019', 'it can be installed by itself only'],
  ['8024001E', 'the Windows Update service was stopped, or the system went down'],
  ['8024001F', 'there was no network'],
  ['80240020', 'it asks for somebody who is logged in'],
  ['80240021', 'Windows Update took too long'],
  ['80240022', 'none of the updates could be installed'],
  ['80240023', 'its licence terms are not accepted'],
  ['80240024', 'the source does not have it any more'],
  ['80240025', 'a policy of the guest forbids Windows Update'],
  ['8024002E', 'a policy of the guest forbids sources that it does not manage'],
  ['80240032', 'the question was not understood'],
  ['80240044', 'the account may not install updates for the machine'],
  ['80240438', 'the source could not be reached'],
  ['80242014', 'a restart has to come first'],
  ['80244010', 'the source asked for too many round trips'],
  ['80244011', 'a policy names no server of updates'],
  ['80244022', 'the source was too busy (503)'],
  ['8024402C', "the source's name is not known"],
  ['80246007', 'it was not downloaded'],
  ['80070005', 'access was denied'],
  ['8007000E', 'there was too little memory'],
  ['80070070', 'the disk is full'],
  ['80070422', 'the Windows Update service is disabled'],
  ['8007045B', 'the system was going down'],
  ['80070BC9', 'a restart has to come first'],
  ['80072EE2', 'the source did not answer in time'],
  ['80072EFD', 'the source could not be reached'],
  ['80072EFE', 'the connection to the source broke'],
  ['80072F8F', "the source's certificate or the guest's clock is wrong"],
  ['80073712', 'the component store is damaged'],
  ['800F081F', 'the component store lacks its source'],
  ['800F0831', 'the component store lacks an earlier update'],
  ['800F0922', 'the servicing of components failed'],
]);

/** Words for eight hexadecimal digits; the digits where nobody has documented them here. */
export function meaningOfHresult(word: string): string {
  const meaning = HRESULTS.get(word);
  return meaning === undefined ? `error 0x${word}` : `${meaning} (0x${word})`;
}

/** Eight hexadecimal digits, as a script writes an HRESULT; undefined for anything else. */
export function hresultOf(word: string | undefined): string | undefined {
  return word !== undefined && /^[0-9A-F]{8}$/.test(word) ? word : undefined;
}

/** Why an update is not installed whole; undefined: it is. */
export function shortcoming(result: OperationResult, hresult: string): string | undefined {
  if (result === 'Succeeded') return undefined;
  return hresult === '00000000' ? UNFINISHED[result] : `${UNFINISHED[result]}: ${meaningOfHresult(hresult)}`;
}

/** The classifications of Microsoft Update, by the ids of their categories. */
export const CLASSIFICATIONS: ReadonlyMap<string, string> = new Map([
  ['0fa1201d-4330-4fa8-8ae9-b877473b6441', 'Security'],
  ['e6cf1350-c01b-414d-a61f-263d14d133b4', 'Critical'],
  ['28bc880e-0592-4cbf-8f95-c79b17911d5f', 'Rollup'],
  ['e0789628-ce08-4437-be74-2495b842f43b', 'Definition'],
  ['68c5b0a3-d1a6-4553-ae49-01d3a7827828', 'ServicePack'],
  ['b54e7d24-7add-428f-8b75-90a396fa584f', 'FeaturePack'],
  ['ebfc1fc5-71a4-4f7b-9aca-3b9a503104a0', 'Driver'],
  ['cd5ffd1e-e932-4e3a-bf74-18bf0b1bbd83', 'Update'],
  ['b4832bd8-e735-4761-8daf-37f882276dab', 'Tool'],
  ['3689bdc8-b205-4af4-8d4a-a63924c5e9d5', 'Upgrade'],
]);
