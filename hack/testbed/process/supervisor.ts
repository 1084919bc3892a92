/** Programs that are started again when they end, as a node's are by systemd (Restart=always). */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Server, type ServerCommand, startServer } from './server.ts';

/** Milliseconds between an end and the next start. */
const PAUSE = 500;
/** Ends within a minute that no longer look like somebody's doing. */
const MOST_ENDS = 5;

/** Like {@link startServer}; `died` rejects only when the program ends again and again. */
export function superviseServer(command: ServerCommand): Server {
  const ends: number[] = [];
  const death = Promise.withResolvers<never>();
  death.promise.catch(() => {});
  let stopping = false;
  const start = () => {
    const started = startServer(command);
    started.died.catch(restart);
    return started;
  };
  const restart = async (error: unknown) => {
    const now = Date.now();
    ends.push(now);
    if (ends.filter(end => end > now - 60_000).length > MOST_ENDS) return death.reject(error);
    await sleep(PAUSE);
    if (!stopping) current = start();
  };
  let current = start();
  return {
    name: command.name,
    get pid() {
      return current.pid;
    },
    died: death.promise,
    async stop(patience) {
      stopping = true;
      await current.stop(patience);
    },
  };
}
