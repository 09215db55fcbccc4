/** What the files of a folder are for; each has a hue in the pictures. */
export const contentKinds = ['system', 'runtime', 'packages', 'data', 'home'] as const;
export type ContentKind = (typeof contentKinds)[number];
