/**
 * Takes systemd's place where a step runs on this machine: a session of its own, which the end of the connection does not reach, and a file that
 * says which, before anybody can ask.
 */
export const LAUNCHER = [
  'launch() { setsid /bin/sh -c \'. "$1"\' - "$2" 9>&- & echo $! > "$2.pid"; }',
  'runs() { kill -0 "$(cat "$id/run.pid" 2>/dev/null)" 2>/dev/null; }',
].join('\n');
