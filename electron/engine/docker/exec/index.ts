export type { OutputChunk } from './demux';
export { Ports } from './ports';
export {
  Processes,
  type ProcessSignal,
  type RunningCommand,
  type RunningTerminal,
} from './processes';
export type { PortConnection } from './relay';
