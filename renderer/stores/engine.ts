import { create } from 'zustand';
import type { EngineStatus } from '#shared/contract/engine';

interface EngineState {
  status: EngineStatus | null;
  /** Whether Docker has been ready since the window opened. The lists then stay visible as stale. */
  wasReady: boolean;
}

export const useEngine = create<EngineState>(() => ({ status: null, wasReady: false }));

export function setEngineStatus(status: EngineStatus): void {
  useEngine.setState(({ wasReady }) => ({
    status,
    wasReady: wasReady || status.state === 'ready',
  }));
}

/** True while Docker is ready. Every action requires it. */
export function useEngineReady(): boolean {
  return useEngine(({ status }) => status?.state === 'ready');
}
