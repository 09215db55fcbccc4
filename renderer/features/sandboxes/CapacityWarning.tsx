import { TriangleAlert } from 'lucide-react';
import { capacityWarning } from '#shared/capacity';
import type { Sandbox } from '#shared/contract/sandboxes';

/** Warning that a sandbox's disk is nearly full; hidden otherwise. */
export function CapacityWarning({ sandbox }: { sandbox: Sandbox }) {
  const warning = capacityWarning(sandbox);
  if (!warning) return null;
  return (
    <span className="capacity-warning" role="status">
      <TriangleAlert size={14} aria-hidden /> {warning}
    </span>
  );
}
