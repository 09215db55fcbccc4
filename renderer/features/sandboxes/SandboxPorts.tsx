import { ExternalLink } from 'lucide-react';
import type { Sandbox } from '#shared/contract/sandboxes';
import { openDialog } from '../../stores/route';
import { Button, IconButton } from '../../ui/Button';
import { CopyButton } from '../../ui/CopyButton';
import { toastError } from '../../ui/toastError';

/** The published ports: where each is on this computer, and a way to open it or any other. */
export function SandboxPorts({ sandbox }: { sandbox: Sandbox }) {
  if (sandbox.status === 'provisioning' || sandbox.status === 'failed') return null;
  return (
    <ul className="sandbox-ports" aria-label="Ports">
      {sandbox.ports.map(({ containerPort, hostPort }) => (
        <li key={containerPort}>
          Port {containerPort}
          {hostPort === null ? (
            <span className="soft"> when it runs</span>
          ) : (
            <>
              {' '}
              <span className="mono selectable">127.0.0.1:{hostPort}</span>
              <IconButton
                label={`Open port ${containerPort} in the browser`}
                onClick={() =>
                  void toastError(window.sandglass.openPort(sandbox.id, containerPort))
                }
              >
                <ExternalLink size={14} />
              </IconButton>
              <CopyButton
                label={`Copy the address of port ${containerPort}`}
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
