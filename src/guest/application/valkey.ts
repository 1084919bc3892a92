/** Servers of keys and values, asked over their local socket by valkey-cli. */
import type { PlanProbe } from '../../domain/contract/applicationplan.ts';
import { path, valkeyUser } from './planwords.ts';

type KeyValueProbe = Extract<PlanProbe, { readonly type: 'keyValue' }>;

/** Belongs to the provider, and goes by itself where a probe is cut off. */
const KEY = 'steward:probe';

/**
 * A command that succeeds where the server does what it is for within that time: a key is set, read and deleted. Its answers alone say so: valkey-cli
 * ends with 0 where a password is asked for, and with -e too where its commands come from standard input.
 */
export function keyValueProbe({ socket, username, passwordFile }: KeyValueProbe, withinSeconds: string): string {
  const commands = `SET ${KEY} %s EX 60\\nGET ${KEY}\\nDEL ${KEY}\\n`;
  return `token=$(date +%s%N)
  answer=$(printf '${commands}' "$token" | REDISCLI_AUTH=$(cat ${path(passwordFile)}) limit ${withinSeconds} valkey-cli -s ${path(socket)} --user ${valkeyUser(username)} 2> /dev/null)
  [ "$answer" = "$(printf 'OK\\n%s\\n1' "$token")" ]`;
}
