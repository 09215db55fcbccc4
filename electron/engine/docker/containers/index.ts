export type { ContainerDetails } from './containerDetails';
export { Containers } from './containers';
export { contradictsPause, despiteOldNews } from './latePauses';
export { Networks } from './networks';
export { PauseGate } from './pauseGate';
export { Volumes } from './volumes';
