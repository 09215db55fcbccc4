/** Bytes of `500`, `500 MB` or `1.5 GiB` (binary units, MiB without one); null where it is no size. */
export declare function parseSize(text: string): number | null;
