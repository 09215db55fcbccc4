/**
 * Command that keeps a sandbox running while it has no other process. It is a child of docker-init
 * (PID 1), and therefore exits on SIGTERM without a handler.
 */
export const initCommand = ['/bin/sh', '-c', 'while :; do sleep 86400; done'];

export interface ListedProcess {
  pid: number;
  parentPid: number;
  command: string;
}

/** Parses the table of ContainerTop, whose titles depend on the host's `ps`. */
export function parseProcesses(titles: string[], rows: string[][]): ListedProcess[] {
  const column = (...names: string[]) => titles.findIndex((title) => names.includes(title));
  const [pid, parentPid, command] = [
    column('PID'),
    column('PPID'),
    column('CMD', 'COMMAND', 'ARGS'),
  ];
  return rows.map((row) => ({
    pid: Number(row[pid]),
    parentPid: Number(row[parentPid]),
    command: row[command] ?? '',
  }));
}

/** Drops docker-init, the shell of `initCommand` and its `sleep`. */
export function withoutInitProcesses(all: ListedProcess[], initPid: number): ListedProcess[] {
  const shell = all.find(
    ({ parentPid, command }) =>
      parentPid === initPid && /while :; do sleep \d+; done/.test(command),
  );
  return all.filter(
    ({ pid, parentPid }) => pid !== initPid && pid !== shell?.pid && parentPid !== shell?.pid,
  );
}
