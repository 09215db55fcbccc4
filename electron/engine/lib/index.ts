export { closeDatabase } from './closeDatabase';
export { inTurns } from './inTurns';
export { JsonFile, writePrivateFile } from './jsonFile';
export { after, LONGEST_TIMER_MS } from './longTimer';
export { toWireError, wireErrors } from './operationErrors';
export { wholeCharacters } from './utf8Boundary';
export { within } from './within';
