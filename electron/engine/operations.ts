import { implement } from '@orpc/server';
import { contract } from '#shared/contract/index';
import { wireErrors } from './lib';

/** Contract implementer, with which each room defines the handlers of its operations. */
export const os = implement(contract).use(wireErrors);
