import { useEffect, useState } from 'react';

/** Whole seconds until a time in milliseconds since 1970; null without a time or once it has passed. */
export function useCountdown(until: number | null): number | null {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (until === null) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [until]);
  const seconds = until === null ? 0 : Math.ceil((until - now) / 1000);
  return seconds > 0 ? seconds : null;
}
