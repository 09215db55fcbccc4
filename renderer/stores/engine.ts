import { create } from 'zustand';
import type { EngineStatus } from '#shared/contract/engine';

interface EngineState {
  status: EngineStatus | null;
  /** Whether Docker was there at any time since the window opened: then lists are kept, as stale. */
  wasReady: boolean;
}

export const useEngine = create<EngineState>(() => ({ status: null, wasReady: false }));

export function setEngineStatus(status: EngineStatus): void {
  useEngine.setState(({ wasReady }) => ({
    status,
    wasReady: wasReady || status.state === 'ready',
  }));
}

/** True while Docker answers: the condition of every action. */
export function useEngineReady(): boolean {
  return useEngine(({ status }) => status?.state === 'ready');
}
