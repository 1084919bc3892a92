/** What a command of `steward billing` says. */
export type BillingAnswer = { readonly exitCode: 0 | 1 | 2; readonly text: string };
