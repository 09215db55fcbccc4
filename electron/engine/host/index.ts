export { copyOut } from './copyOut';
export { ensureHome } from './home';
export { homeIdentity } from './homeIdentity';
export { requireHostFolder } from './hostFolder';
export { TempFiles } from './tempFiles';
export { tempName } from './tempName';
