import { useAnnouncement } from './announcements';

/** Live region that announces task outcomes to screen readers. */
export function Announcer() {
  const text = useAnnouncement((state) => state.text);
  return (
    <div className="visually-hidden" aria-live="polite">
      {text}
    </div>
  );
}
