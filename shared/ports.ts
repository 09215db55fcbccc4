export interface WantedPort {
  containerPort: number;
  hostPort?: number;
}

/**
 * Parses ports as for `docker run`: `8000` or `8080:3000` (host:container), separated by commas or
 * spaces. Null if invalid.
 */
export function parsePorts(text: string): WantedPort[] | null {
  const words = text.split(/[\s,]+/).filter(Boolean);
  const ports = words.map((word) => {
    const [, host, container] = /^(?:(\d{1,5}):)?(\d{1,5})$/.exec(word) ?? [];
    const numbers = [Number(container), ...(host ? [Number(host)] : [])];
    if (!container || numbers.some((port) => port < 1 || port > 65_535)) return null;
    return { containerPort: Number(container), hostPort: host ? Number(host) : undefined };
  });
  return ports.includes(null) ? null : (ports as WantedPort[]);
}
