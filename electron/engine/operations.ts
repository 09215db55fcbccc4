import { implement } from '@orpc/server';
import { contract } from '#shared/contract/index';
import { wireErrors } from './lib';

/** Implementer of the contract: each room makes the handlers of its own operations with it. */
export const os = implement(contract).use(wireErrors);
