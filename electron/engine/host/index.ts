export { copyOut } from './copyOut';
export { draftName } from './draftName';
export { ensureHome, homeIdentity } from './home';
export { HostDrafts } from './hostDrafts';
export { requireHostFolder } from './hostFolder';
