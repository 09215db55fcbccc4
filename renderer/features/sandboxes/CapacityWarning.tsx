import { TriangleAlert } from 'lucide-react';
import { capacityWarning } from '#shared/capacity';
import type { Sandbox } from '#shared/contract/sandboxes';

/** Says that the disk is getting full; nothing while it is not. */
export function CapacityWarning({ sandbox }: { sandbox: Sandbox }) {
  const warning = capacityWarning(sandbox);
  if (!warning) return null;
  return (
    <span className="capacity-warning" role="status">
      <TriangleAlert size={14} aria-hidden /> {warning}
    </span>
  );
}
