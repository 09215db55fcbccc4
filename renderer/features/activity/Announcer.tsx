import { useAnnouncement } from './announcements';

/** Outcomes for screen readers. */
export function Announcer() {
  const text = useAnnouncement((state) => state.text);
  return (
    <div className="visually-hidden" aria-live="polite">
      {text}
    </div>
  );
}
