export { Reconciler } from './reconcile';
