export { DefaultRuntime } from './defaultRuntime';
export { DockerfileBuilder } from './dockerfileBuilder';
export { localImages } from './localImages';
export { SnapshotBuilder } from './snapshotBuilder';
