const SIGNALS: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const PARENT_POLL_MS = 250;

/**
 * Calls back when this process should end, instead of its ending at once. Returns the way to stop
 * listening.
 *
 * npm runs a script through a shell, and a signal to npm ends that shell without reaching the
 * script: then the script notices that its parent is another one.
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
