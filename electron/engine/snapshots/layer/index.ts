export { copyWithout, readWithout, withCopy } from './excludingCopy';
export { comparablePath, readTar } from './rawTar';
