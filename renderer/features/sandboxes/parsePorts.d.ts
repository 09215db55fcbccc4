export interface WantedPort {
  containerPort: number;
  hostPort?: number;
}
/** Ports as for `docker run`: `8000` or `8080:3000` (here:inside), with commas or spaces between. */
export declare function parsePorts(text: string): WantedPort[] | null;
