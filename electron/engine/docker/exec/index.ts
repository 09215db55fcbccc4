export { type OutputChunk, terminalOutput } from './demux';
export { type ExecSpec, execSpec, findShell } from './execSpec';
export { Ports } from './ports';
export {
  Processes,
  type ProcessSignal,
  type RunningCommand,
  type RunningTerminal,
} from './processes';
export type { PortConnection } from './relay';
