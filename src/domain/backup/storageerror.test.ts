import { describe, expect, it } from 'vitest';
import { causeIn } from './storageerror.ts';

const denied =
  'rpc error: code = Unknown desc = operation error S3: ListObjectsV2, https response error StatusCode: 403, RequestID: 17F, HostID: x1, api error AccessDenied: arn:aws:iam::999:user/globex is not authorized on arn:aws:s3:::globex-hr-backups';

describe('AP-6: of the words of a store', () => {
  it.each([
    ['the code and the kind of refusal', denied, 'StatusCode: 403, api error AccessDenied'],
    [
      'a name that does not resolve',
      'dial tcp: lookup s3.globex.internal on 10.0.0.10:53: no such host',
      'no such host',
    ],
    ['a timeout', 'Get "https://10.1.2.3/globex?list-type=2": context deadline exceeded', 'context deadline exceeded'],
  ])('%s is told', (_, text, cause) => {
    expect(causeIn(text)).toBe(cause);
  });

  it('nothing else is: no bucket, no account, no address', () => {
    expect(causeIn(denied)).not.toMatch(/globex|999|arn/);
    expect(causeIn('bucket globex-hr-backups: key AKIA123 is not yours')).toBeUndefined();
    expect(causeIn('')).toBeUndefined();
  });
});
