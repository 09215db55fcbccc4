/** Categories of a folder's content; each has a hue in the pictures. */
export const contentKinds = ['system', 'runtime', 'packages', 'data', 'home'] as const;
export type ContentKind = (typeof contentKinds)[number];
