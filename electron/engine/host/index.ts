export { copyOut } from './copyOut';
export { ensureHome, homeIdentity } from './home';
export { requireHostFolder } from './hostFolder';
export { TempFiles } from './tempFiles';
export { tempName } from './tempName';
