/** Words of object stores, clouds and Go's net package that name a cause and hold nothing else. */
const CAUSES: readonly RegExp[] = [
  /\bStatusCode: \d{3}\b/,
  /\bapi error [A-Z][A-Za-z]{2,40}\b/,
  /\bno such host\b/,
  /\bconnection refused\b/,
  /\bi\/o timeout\b/,
  /\bcontext deadline exceeded\b/,
  /\bcertificate (?:has expired|signed by unknown authority)/,
  /\bno space left on device\b/,
  /\bduring the server starting\b/,
];

/**
 * Why a store refused, as far as that can be said to a tenant: a store's own words name buckets, accounts and addresses that may be
 * another's, so only known causes are quoted. The whole is in the status of Velero's object, for the provider. Undefined: none is known.
 */
export function causeIn(text: string): string | undefined {
  const causes = CAUSES.flatMap(cause => cause.exec(text)?.[0] ?? []);
  return causes.length === 0 ? undefined : causes.join(', ');
}
