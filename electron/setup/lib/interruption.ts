const SIGNALS: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const PARENT_POLL_MS = 250;

/**
 * Registers a handler for termination signals, replacing the default of exiting immediately.
 * Returns a function that removes it.
 *
 * npm runs scripts in a shell, and a signal to npm kills the shell without reaching the script:
 * this is detected by a change of the parent process.
 */
export function onInterruption(listener: (signal: NodeJS.Signals) => void): () => void {
  for (const signal of SIGNALS) process.on(signal, listener);
  const parent = process.ppid;
  const isRunByNpm = process.env.npm_lifecycle_event !== undefined;
  const watch = setInterval(() => {
    if (!isRunByNpm || process.ppid === parent) return;
    clearInterval(watch);
    listener('SIGTERM');
  }, PARENT_POLL_MS);
  watch.unref();
  return () => {
    clearInterval(watch);
    for (const signal of SIGNALS) process.off(signal, listener);
  };
}
