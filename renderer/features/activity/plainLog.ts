/** Colours, moves of the cursor, titles and links, as programs send them to a terminal. */
const SEQUENCES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they begin and end with
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\^_])/g;

/** A log without what only a terminal understands; a line that is written over again is there once. */
export function plainLog(log: string): string {
  return log
    .replace(SEQUENCES, '')
    .replace(/\r+\n/g, '\n')
    .replace(/[^\n]*\r(?=[^\n])/g, '');
}
