import { ExternalLink } from 'lucide-react';
import type { Sandbox } from '#shared/contract/sandboxes';
import { openDialog } from '../../stores/route';
import { Button, IconButton } from '../../ui/Button';
import { CopyButton } from '../../ui/CopyButton';
import { toastError } from '../../ui/toastError';

/** Published ports with their host addresses, and buttons to open them or any other port. */
export function SandboxPorts({ sandbox }: { sandbox: Sandbox }) {
  if (sandbox.status === 'provisioning' || sandbox.status === 'failed') return null;
  return (
    <ul className="sandbox-ports" aria-label="Ports">
      {sandbox.ports.map(({ containerPort, hostPort }) => (
        <li key={containerPort}>
          Port {containerPort}
          {hostPort === null ? (
            <span className="soft"> when running</span>
          ) : (
            <>
              {' '}
              <span className="mono selectable">127.0.0.1:{hostPort}</span>
              <IconButton
                label={`Open port ${containerPort} in browser`}
                onClick={() =>
                  void toastError(window.sandglass.openPort(sandbox.id, containerPort))
                }
              >
                <ExternalLink size={14} />
              </IconButton>
              <CopyButton
                label={`Copy address of port ${containerPort}`}
                text={`http://127.0.0.1:${hostPort}`}
              />
            </>
          )}
        </li>
      ))}
      <li>
        <Button onClick={() => openDialog({ kind: 'open-port', sandboxId: sandbox.id })}>
          Open a port…
        </Button>
      </li>
    </ul>
  );
}
