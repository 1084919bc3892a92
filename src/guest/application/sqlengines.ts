import type { Engine } from '../../domain/contract/applicationplan.ts';
import { shellWord } from '../shellword.ts';
import type { Scripts } from './planwords.ts';

/** One thing inside of an engine: a query that says `so` or what is otherwise, and what makes it so. */
type Thing = { readonly database: string; readonly check: string; readonly apply: string };

/** How it is looked at and made so, by the engine's own function `ask_<engine> DATABASE SECONDS`, which runs the SQL of its standard input. */
export const thereIn =
  (engine: Engine) =>
  ({ database, check, apply }: Thing): Scripts => {
    const words = `${engine} ${shellWord(database)} ${shellWord(check)}`;
    return { look: `look_sql ${words}`, heal: `heal_sql ${words} ${shellWord(apply)}` };
  };

/** For both: `client ENGINE` says its program. */
const CLIENT = `
client() { case "$1" in PostgreSQL) echo psql;; *) echo mariadb;; esac; }
`;

export const LOOK_SQL = `${CLIENT}
# look_sql ENGINE DATABASE CHECK
look_sql() {
  if ! command -v "$(client "$1")" > /dev/null; then differs "$1 is not installed"; return; fi
  answer=$(printf '%s\\n' "$3" | "ask_$1" "$2" 5 2> /dev/null | head -c 200)
  case "$answer" in
    so) ;;
    '') failed "$1 does not answer";;
    *) differs "$answer";;
  esac
}
`;

/** Seconds in which a server that has just been started begins to answer. */
const STARTS_WITHIN = 60;

export const HEAL_SQL = `
# heal_sql ENGINE DATABASE CHECK APPLY
heal_sql() {
  for i in $(seq ${STARTS_WITHIN}); do
    if printf 'select 1;\\n' | "ask_$1" '' 5 > /dev/null 2>&1; then break; fi
    sleep 1
  done
  answer=$(printf '%s\\n' "$3" | "ask_$1" "$2" 10)
  if [ "$answer" = so ]; then return; fi
  printf '%s\\n' "$4" | "ask_$1" "$2" 300
  changed "made so, where it said: $answer"
  answer=$(printf '%s\\n' "$3" | "ask_$1" "$2" 10)
  if [ "$answer" != so ]; then give_up "$1 still says: $answer"; fi
}
`;
