export { BackgroundJob } from './backgroundJob';
export { closeDatabase } from './closeDatabase';
export { JsonFile, writePrivateFile } from './jsonFile';
export { after } from './longTimer';
export { toWireError, wireErrors } from './operationErrors';
export { operationTimeout } from './operationTimeout';
export { rawHttpAnswer } from './rawHttpAnswer';
export { wholeCharacters } from './utf8Boundary';
