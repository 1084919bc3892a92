/** Which extensions there are in the databases of an application that nobody ordered (GE-10). */
import { type GuestModules, MOST_MODULES } from '../../api/guestmodules.ts';
import { hasModules, modulesOf } from '../../domain/contract/applicationmodules.ts';
import type { ApplicationPlan } from '../../domain/contract/applicationplan.ts';
import { excerpt } from '../../domain/contract/excerpt.ts';
import { shellWord } from '../shellword.ts';
import { applicationName } from './planwords.ts';
import { sqlText } from './sqlwords.ts';

/** Most databases that are asked: each takes a session. Where there are more, nothing is known. */
const MOST_DATABASES = 32;
/** What PostgreSQL itself brings into each database. */
const OWN = 'plpgsql';

/** In base64, for whoever makes a database chooses its name. */
const word = (column: string): string => `translate(encode(convert_to(${column}::text, 'UTF8'), 'base64'), E'\\n', '')`;

/** Commands of a look, one for each application that has extensions. */
export const tellModules = (plans: readonly ApplicationPlan[]): readonly string[] =>
  plans
    .filter(hasModules)
    .map(plan => `tell_modules ${applicationName(plan.application)} ${shellWord(question(plan))}`);

/** Its last line says that the answer is whole. */
function question(plan: ApplicationPlan): string {
  const ordered = modulesOf(plan).map(({ database, extension }) => `(${sqlText(database)}, ${sqlText(extension)})`);
  const others = ordered.length === 0 ? '' : ` and (current_database(), extname) not in (${ordered.join(', ')})`;
  return `select ${word('current_database()')} || ':' || ${word('extname')} from pg_catalog.pg_extension where extname <> '${OWN}'${others} order by extname; select 'end';`;
}

const DATABASES = `select ${word('datname')} from pg_catalog.pg_database where datallowconn order by datname limit ${MOST_DATABASES + 1}; select 'end';`;

export const TELL_MODULES = `
whole() { case "$NL$1" in *"\${NL}end") ;; *) return 1;; esac; }

# extensions QUESTION: sets $count and $listed; fails where not every database has answered.
extensions() {
  count=0; listed=; asked=0
  databases=$(printf '%s\\n' ${shellWord(DATABASES)} | ask_PostgreSQL '' 5 | head -c 8192)
  whole "$databases" || return 1
  for database in $databases; do
    if [ "$database" = end ]; then return 0; fi
    asked=$((asked + 1))
    if [ "$asked" -gt ${MOST_DATABASES} ]; then return 1; fi
    answer=$(printf '%s\\n' "$1" | ask_PostgreSQL "$(printf %s "$database" | base64 -d)" 3 | head -c 65536)
    whole "$answer" || return 1
    for each in $answer; do
      if [ "$each" = end ]; then break; fi
      count=$((count + 1))
      if [ "$count" -le ${MOST_MODULES} ]; then listed="$listed,$each"; fi
    done
  done
}

# tell_modules APPLICATION QUESTION: how many extensions nobody ordered and the first of them, or - where that is not known.
tell_modules() {
  if extensions "$2" 2> /dev/null; then line modules "$1" "$count" "\${listed:--}"; else line modules "$1" - -; fi
}
`;

/** A name of at most 63 bytes. */
const NAME = /^(?:[A-Za-z0-9+/]{4}){0,20}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/;

/** What a look says of each application that has extensions, by its name: undefined where it could not tell. Undefined at all where the guest says anything else. */
export function readModules(
  lines: readonly (readonly string[])[],
  plans: readonly ApplicationPlan[],
): ReadonlyMap<string, GuestModules | undefined> | undefined {
  const asked = plans.filter(hasModules);
  const read = asked.map(({ application }, index) => {
    const [kind, name, count = '', list = '', ...more] = lines[index] ?? [];
    if (kind !== 'modules' || name !== application || more.length > 0) return 'wrong';
    if (count === '-' && list === '-') return [application, undefined] as const;
    const named = list === '-' ? [] : list.split(',').slice(1).map(readModule);
    const isWhole = /^\d{1,5}$/.test(count) && named.length === Math.min(Number(count), MOST_MODULES);
    return isWhole && named.every(each => each !== undefined)
      ? ([application, { count: Number(count), named }] as const)
      : 'wrong';
  });
  return lines.length === asked.length && read.every(each => each !== 'wrong') ? new Map(read) : undefined;
}

function readModule(item: string): GuestModules['named'][number] | undefined {
  const [database = '', module = '', ...more] = item.split(':');
  if (more.length > 0 || !NAME.test(database) || !NAME.test(module)) return undefined;
  return { module: decoded(module), database: decoded(database) };
}

/** In one line that hides nothing. */
const decoded = (word64: string): string => excerpt(Buffer.from(word64, 'base64').toString('utf8'), 64) || '?';
