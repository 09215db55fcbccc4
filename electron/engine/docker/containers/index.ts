export type { ContainerDetails } from './containerDetails';
export { Containers } from './containers';
export { Networks } from './networks';
export { PauseGate } from './pauseGate';
export { contradictsPause, retryOnStalePause } from './stalePause';
export { Volumes } from './volumes';
